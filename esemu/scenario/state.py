# SPDX-License-Identifier: MIT
"""The state of an instance as results show it, and what changed of it from call to call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.machine.effects.logs import generations
from esemu.machine.rules.databases import named_in

if TYPE_CHECKING:
    from esemu.machine.state import BackupRecord, Database, Instance

PHASES: Final = ("NotStarted", "Databases", "LogsAndPatchs", "Done")
"""The engine's names of the phases, as recordings have them."""


class StateView:
    """Shows an instance; `changes` tells what is new since it was last asked."""

    __slots__ = ("_databases", "_disk_changes", "_gens", "_seen", "_shown", "instance")

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._disk_changes = -1
        self._gens: list[list[int]] = []
        self._shown: dict[str, Any] = {}
        self._seen: tuple[Any, ...] = ()
        self._databases: list[Database] = []  # detached ones too, in the order in which they came

    def whole(self) -> dict[str, Any]:
        """Return all of the state."""
        self._shown = self._now()
        return self._shown

    def changes(self) -> dict[str, Any]:
        """Return the fields whose value is not what it was.

        Every change of state replaces the instance's verdicts, but for what only reading moves on, and for files.
        """
        instance = self.instance
        seen = (instance.verdicts, instance.backup.slot.offset, instance.process.world.disk.changes)
        if self._seen and seen[0] is self._seen[0] and seen[1:] == self._seen[1:]:
            return {}
        self._seen = seen
        shown, self._shown = self._shown, self._now()
        changes = {field: value for field, value in self._shown.items() if shown.get(field) != value}
        return changes | {field: None for field in shown if field not in self._shown}

    def _now(self) -> dict[str, Any]:
        instance = self.instance
        backup, log, slot = instance.backup, instance.log, instance.backup.slot
        snapshot: dict[str, Any] = {}
        if instance.snapshot is not None:
            snapshot["sess"] = instance.snapshot.id
        locks = (backup.lock, log.checkpoint_lock, log.write_lock)
        held = [*(int(lock is not None) for lock in locks), int(log.paused), log.rolls_put_off]
        if any(held):
            snapshot["held"] = held
        return snapshot | {
            "any": int(backup.in_progress),
            "local": int(backup.streaming),
            "stop": int(backup.stop_requested),
            "status": PHASES[backup.phase],
            "full": int(backup.full),
            "internal": int(backup.internal),
            "newlog": int(backup.log_rolled),
            "copy": [backup.copy_low, backup.copy_high],
            "del": [backup.delete_low, backup.delete_high],
            "gencopydone": backup.generations_copied,
            "trunc": int(backup.truncated),
            "slot": [
                int(slot.in_use),
                int(slot.database is not None),
                int(slot.is_log),
                slot.offset,
                slot.size,
                slot.generation,
            ],
            "gens": self._generations(),
            "cur": log.generation,
            "ckpt": log.checkpoint,
            "dbs": [_database(database) for database in self._known_databases()],
            "inst": [
                int(instance.initialized),
                int(instance.backup_allowed),
                int(instance.service_stopped),
                int(instance.term_in_progress),
                0,
                int(instance.freed),
            ],
        }

    def _known_databases(self) -> list[Database]:
        """Return the databases of the instance with those that it had and no other instance has now."""
        known = self._databases
        here = () if self.instance.freed else self.instance.databases
        if len(known) > len(here):
            others = [other for other in self.instance.process.live() if other is not self.instance]
            known[:] = [each for each in known if not any(named_in(other, each.name) for other in others)]
        for database in here:
            if database not in known:
                again = [place for place, other in enumerate(known) if other.name.upper() == database.name.upper()]
                if again:
                    known[again[0]] = database
                else:
                    known.append(database)
        return known

    def _generations(self) -> list[list[int]]:
        """Return the runs of archived generations on disk."""
        changes = self.instance.process.world.disk.changes
        if changes != self._disk_changes:
            self._disk_changes = changes
            self._gens = _runs(generations(self.instance))
        return self._gens


def _runs(numbers: list[int]) -> list[list[int]]:
    """Return ascending numbers as runs [first, last]."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return runs


def _database(database: Database) -> dict[str, Any]:
    return {
        "att": int(database.attached),
        "insess": int(database.in_backup),
        "done": int(database.copied),
        "most": database.most,
        "copymost": database.copied_most,
        "trailer": int(database.trailer_copied),
        "fullprev": _record(database.full_previous),
        "incprev": _record(database.incremental_previous),
        "copyprev": _record(database.copy_previous),
        "diffprev": _record(database.differential_previous),
    }


def _record(record: BackupRecord) -> list[int]:
    return [record.low, record.high, record.family, record.mark >> 32]
