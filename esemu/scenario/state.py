# SPDX-License-Identifier: MIT
"""The state of an instance as results show it, and what changed of it from call to call.

A view is asked after every call, and most calls change little.  So attributes are fetched in groups, and only for the
groups that are not what they were is it worked out what they are shown as.
"""

from __future__ import annotations

from itertools import compress
from operator import attrgetter, ne
from typing import TYPE_CHECKING, Any, Final

from esemu.machine.effects.logs import generations
from esemu.machine.rules.databases import named_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.machine.database_state import Database
    from esemu.machine.ports import Disk
    from esemu.machine.state import Instance

PHASES: Final = ("NotStarted", "Databases", "LogsAndPatchs", "Done")
"""The engine's names of the phases, as recordings have them."""

FLAGS: Final = {
    "any": "in_progress",
    "local": "streaming",
    "stop": "stop_requested",
    "full": "full",
    "internal": "internal",
    "newlog": "log_rolled",
    "trunc": "truncated",
}
"""The fields that show the flags of a backup, and the attributes that those are."""

INSTANCE: Final = ("initialized", "backup_allowed", "service_stopped", "term_in_progress", "freed")

DATABASE: Final = {
    "att": "attached",
    "insess": "in_backup",
    "done": "copied",
    "most": "most",
    "copymost": "copied_most",
    "trailer": "trailer_copied",
}
"""The same of a database."""

RECORDS: Final = {
    "fullprev": "full_previous",
    "incprev": "incremental_previous",
    "copyprev": "copy_previous",
    "diffprev": "differential_previous",
}
"""The same of its records of backups, which are replaced when they change."""

_held = attrgetter("checkpoint_lock", "write_lock", "paused", "rolls_put_off")
_flags = attrgetter(*FLAGS.values())
_progress = attrgetter("phase", "copy_low", "copy_high", "delete_low", "delete_high", "generations_copied")
_slot = attrgetter("in_use", "database", "is_log", "offset", "size", "generation")
_log = attrgetter("generation", "checkpoint")
_database = attrgetter(*DATABASE.values(), *RECORDS.values())
_instance = attrgetter(*INSTANCE)


def _show_snapshot(session: Any, lock: Any, checkpoint_lock: Any, write_lock: Any, *log: int) -> dict[str, Any]:
    shown: dict[str, Any] = {} if session is None else {"sess": session.id}
    held = [int(each is not None) for each in (lock, checkpoint_lock, write_lock)] + [int(each) for each in log]
    return shown | {"held": held} if any(held) else shown


def _show_flags(*flags: bool) -> dict[str, Any]:
    return dict(zip(FLAGS, map(int, flags), strict=True))


def _show_progress(phase: int, *numbers: int) -> dict[str, Any]:
    copy_low, copy_high, delete_low, delete_high, generations_copied = numbers
    return {
        "status": PHASES[phase],
        "copy": [copy_low, copy_high],
        "del": [delete_low, delete_high],
        "gencopydone": generations_copied,
    }


def _show_slot(in_use: bool, database: Any, is_log: bool, *numbers: int) -> dict[str, Any]:
    return {"slot": [int(in_use), int(database is not None), int(is_log), *numbers]}


def _show_generations(*runs: list[int]) -> dict[str, Any]:
    return {"gens": list(runs)}


def _show_log(generation: int, checkpoint: int) -> dict[str, Any]:
    return {"cur": generation, "ckpt": checkpoint}


def _show_databases(*databases: tuple[Any, ...]) -> dict[str, Any]:
    return {"dbs": [_show_database(*each) for each in databases]}


def _show_database(*values: Any) -> dict[str, Any]:
    shown: dict[str, Any] = dict(zip(DATABASE, map(int, values[: len(DATABASE)]), strict=True))
    for field, record in zip(RECORDS, values[len(DATABASE) :], strict=True):
        shown[field] = [record.low, record.high, record.family, record.mark >> 32]
    return shown


def _show_instance(*flags: bool) -> dict[str, Any]:
    *others, freed = map(int, flags)
    return {"inst": [*others, 0, freed]}


_GROUPS: Final[tuple[Callable[..., dict[str, Any]], ...]] = (
    _show_snapshot,
    _show_flags,
    _show_progress,
    _show_slot,
    _show_generations,
    _show_log,
    _show_databases,
    _show_instance,
)
"""How the groups are shown, in the order of `StateView._fetched`."""


class StateView:
    """Shows an instance; `changes` tells what is new since it was last asked."""

    __slots__ = ("_databases", "_disk_changes", "_gens", "_groups", "_seen", "_shown", "instance")

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._disk_changes = -1
        self._gens: tuple[list[int], ...] = ()
        self._groups: tuple[Any, ...] = (None,) * len(_GROUPS)  # as they were fetched last
        self._shown: list[dict[str, Any]] = [{} for _ in _GROUPS]  # what they were shown as
        self._seen: tuple[Any, ...] = ()
        self._databases: list[Database] = []  # detached ones too, in the order in which they came

    def whole(self) -> dict[str, Any]:
        """Return all of the state."""
        self._groups = self._fetched()
        self._shown = [show(*group) for show, group in zip(_GROUPS, self._groups, strict=True)]
        return {field: value for shown in self._shown for field, value in shown.items()}

    def changes(self) -> dict[str, Any]:
        """Return the fields whose value is not what it was.

        Every change of state replaces the instance's verdicts, but for what only reading moves on, and for files.
        """
        instance = self.instance
        seen = (instance.verdicts, instance.backup.slot.offset, instance.process.world.disk.changes)
        if self._seen and seen[0] is self._seen[0] and seen[1:] == self._seen[1:]:
            return {}
        self._seen = seen
        before, self._groups = self._groups, self._fetched()
        changes: dict[str, Any] = {}
        for number in compress(range(len(_GROUPS)), map(ne, self._groups, before)):
            old, new = self._shown[number], _GROUPS[number](*self._groups[number])
            self._shown[number] = new
            changes |= {field: value for field, value in new.items() if old.get(field) != value}
            if old.keys() != new.keys():
                changes |= {field: None for field in old if field not in new}
        return changes

    def _fetched(self) -> tuple[Any, ...]:
        """Return what is to be shown, in groups."""
        instance = self.instance
        backup, log, disk = instance.backup, instance.log, instance.process.world.disk
        return (
            (instance.snapshot, backup.lock, *_held(log)),
            _flags(backup),
            _progress(backup),
            _slot(backup.slot),
            self._gens if disk.changes == self._disk_changes else self._generations(disk),
            _log(log),
            tuple(map(_database, self._known_databases())),
            _instance(instance),
        )

    def _known_databases(self) -> list[Database]:
        """Return the databases of the instance with those that it had and no other instance has now."""
        known = self._databases
        here = [] if self.instance.freed else self.instance.databases
        if known == here:
            return known
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

    def _generations(self, disk: Disk) -> tuple[list[int], ...]:
        """Return the runs of archived generations on disk, and note as of when."""
        self._disk_changes = disk.changes
        self._gens = tuple(_runs(generations(self.instance)))
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
