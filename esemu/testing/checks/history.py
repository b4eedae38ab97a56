# SPDX-License-Identifier: MIT
"""What clients did, made of the calls of a trace: their backups, and their OS snapshots.

It is told by the calls alone, whichever face they came through, and after the fact: a call that is watched costs
nothing.  What the engine did of its own accord shows in the answers to later calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from esemu.machine.repeated_read import calls_of
from esemu.machine.shapes.backup import ListCall
from esemu.testing.checks.kinds import (
    ATTACH_INFO,
    BEGIN,
    END,
    KINDS,
    SNAPSHOT,
    SNAPSHOT_PREPARE,
    STREAMING,
    SURROGATE_BEGIN,
    SURROGATE_END,
)
from esemu.testing.checks.seen import SeenBackup, full_name, full_names, still_to_end
from esemu.testing.checks.seen_snapshot import SeenSnapshot

if TYPE_CHECKING:
    from esemu.machine.call import Call
    from esemu.machine.state import Instance, Process


class History:
    """The backups and snapshots of a process, in the order in which they began; `strays` are calls outside of any backup.

    `ignored` are the numbers of calls that no client made, but a test in the part of the server.  `reported_success`
    says whether the client takes its last backup for good, None where nobody knows.
    """

    def __init__(
        self, process: Process, *, ignored: frozenset[int] = frozenset(), reported_success: bool | None = None
    ) -> None:
        self.process = process
        self.ignored = ignored
        self.reported_success = reported_success
        self.calls: list[Call] = calls_of(process)
        self.whole = not self.calls or self.calls[0].number == 1  # whether the trace has its beginning
        self.backups: list[SeenBackup] = []
        self.snapshots: dict[int, SeenSnapshot] = {}
        self.strays: list[tuple[Call, SeenBackup | None]] = []  # call, and the last backup of its instance
        self.known_databases: set[str] = set()  # names that any list gave out
        self._last: dict[Instance, SeenBackup] = {}
        for call in self.calls:
            if not call.raised:  # the client had no answer
                self._take(call)

    def threads(self) -> dict[tuple[int, Instance], list[Call]]:
        """Return the calls about backups of each thread and instance, in order."""
        found: dict[tuple[int, Instance], list[Call]] = {}
        for call in self.calls:
            if call.instance is not None and KINDS.get(call.api.name) is not None and call.number not in self.ignored:
                found.setdefault((call.thread, call.instance), []).append(call)
        return found

    def _take(self, call: Call) -> None:
        """Put a call where it belongs."""
        kind = KINDS.get(call.api.name)
        if kind in {SNAPSHOT, SNAPSHOT_PREPARE}:
            self._take_snapshot_call(call, kind)
        if call.err >= 0:
            self._note_names(call)
        instance = call.instance
        if instance is None or kind is None:
            return
        backup = self._last.get(instance)
        running = backup is not None and not backup.over
        if kind in {BEGIN, SURROGATE_BEGIN}:
            if not call.err:
                self._begin(call, instance)
        elif backup is None or not running:
            if kind in STREAMING:
                self.strays.append((call, backup))
            elif backup is not None and kind in {END, SURROGATE_END} and not still_to_end(call):
                backup.end = backup.end or call  # type: ignore[assignment]
        else:
            backup.take(kind, call)

    def _begin(self, call: Any, instance: Instance) -> None:
        if instance in self._last:
            self._last[instance].is_last = False
        self._last[instance] = backup = SeenBackup(call, instance)
        self.backups.append(backup)

    def _take_snapshot_call(self, call: Any, kind: str) -> None:
        for backup in self._last.values():
            if not backup.over:
                backup.snapshot_call = call
        if kind == SNAPSHOT_PREPARE:
            if not call.err:
                self.snapshots[int(call.result)] = SeenSnapshot(call)
        elif call.snapshot_id in self.snapshots:
            self.snapshots[call.snapshot_id].take(call)

    def _note_names(self, call: Call) -> None:
        """Note names of databases that clients were told."""
        if isinstance(call, ListCall) and KINDS.get(call.api.name) == ATTACH_INFO:
            self.known_databases.update(full_names(call))
        elif isinstance(call.result, list):  # of JET_INSTANCE_INFO
            for each in call.result:
                names = getattr(each, "databases", None) or ()
                self.known_databases.update(full_name(None, name) for name in names)
