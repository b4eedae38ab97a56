# SPDX-License-Identifier: MIT
"""What a server does so that a rule of the table holds: it stops the backup, ends the instance, fills a disk.

A condition that has a cause here is brought about by it rather than pretended, so that all that follows is the engine's.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from esemu.machine import lognames
from esemu.machine.call import Call, GrbitCall
from esemu.machine.calls import CALLS
from esemu.machine.database_state import BackupRecord
from esemu.machine.effects.logs import generations
from esemu.machine.state import TERMINATING
from esemu.vocabulary.errors import JET_errCheckpointCorrupt, JET_errDiskIO, JET_errLogDiskFull
from esemu.vocabulary.grbits import JET_bitBackupEndAbort, JET_bitTermAbrupt
from esemu.world.faults import ALWAYS, ReadFaults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from esemu.machine.state import Instance

    Deed = Callable[[Instance], None]


def _call(name: str, grbit: int | None = None) -> Deed:
    """Return a function that makes a call of the server's."""
    api = CALLS[name]

    def make(instance: Instance) -> None:
        call = Call(api, instance.handle) if grbit is None else GrbitCall(api, instance.handle, grbit)
        call.patient = False  # the client's own thread makes it, which cannot go on meanwhile and let it through
        api.perform(instance.process, call, told=True)

    return make


stop: Final = _call("JetStopBackupInstance")
"""Stop the backup."""


def _begin_term(instance: Instance) -> None:
    instance.api_lock |= TERMINATING


def _give_up(instance: Instance) -> None:
    instance.unavailable = JET_errDiskIO


def _give_up_without_disk(instance: Instance) -> None:
    instance.unavailable = JET_errLogDiskFull


def _lose_full_backup(instance: Instance) -> None:
    for database in instance.databases[:1]:
        database.full_previous = BackupRecord()


LASTING: Final[dict[str, Deed]] = {
    "backup_stopped": stop,
    "no_streaming_backup": _call("JetEndExternalBackupInstance2", JET_bitBackupEndAbort),
    "no_backup": _call("JetEndExternalBackupInstance2", JET_bitBackupEndAbort),
    "service_stopped": _call("JetStopServiceInstance"),
    "handle_of_no_instance": _call("JetTerm2", JET_bitTermAbrupt),
    "terminating": _begin_term,
    "terminating_sessions": _begin_term,
    "unavailable": _give_up,
    "unavailable_because_log_disk_full": _give_up_without_disk,
    "full_backup_missing": _lose_full_backup,
}
"""For rules by their names what makes them hold for good: nobody takes it back."""


@contextmanager
def _switch(instance: Instance, name: str) -> Iterator[None]:
    """Turn a switch of the log stream on."""
    setattr(instance.log, name, True)
    instance.changed()
    yield
    setattr(instance.log, name, False)
    instance.changed()


@contextmanager
def _damaged_log(instance: Instance) -> Iterator[None]:
    """Damage the log that is being read."""
    generation = instance.backup.slot.generation
    instance.log.corrupt_generations |= {generation}
    yield
    instance.log.corrupt_generations -= {generation}


@contextmanager
def _damaged_page(instance: Instance, error: int) -> Iterator[None]:
    """Damage the next page of the database that is being read."""
    database = instance.backup.slot.database
    if database is None:
        yield
        return
    page = database.copied_most + 1
    if database.faults is None:
        database.faults = ReadFaults()
    faults: Any = database.faults
    faults.fail(page, ALWAYS, error)
    instance.changed()
    yield
    faults.fail(page, 0)


@contextmanager
def _lost_logs(instance: Instance) -> Iterator[None]:
    """Lose the first log that an incremental backup needs, and those before it."""
    disk = instance.process.world.disk
    needed = max((database.full_previous.high + 1 for database in instance.databases), default=0)
    lost = [lognames.log_name(instance, each) for each in generations(instance) if each <= needed]
    contents = [(path, disk.content(path)) for path in lost]
    for path in lost:
        disk.remove(path)
    yield
    for path, content in contents:
        disk.create(path, content, overwrite=True)


def passing(instance: Instance, rule: str, error: int) -> Any:
    """Return a context in which a rule holds that need not for ever, None where there is no cause for it."""
    switch = _SWITCHES.get(rule)
    if switch == "checkpoint_unreadable" and error != JET_errCheckpointCorrupt:
        return None
    if switch is not None:
        return _switch(instance, switch)
    if rule == "log_damaged":
        return _damaged_log(instance)
    if rule == "generation_gap":
        return _lost_logs(instance)
    return _damaged_page(instance, error) if rule == "pages_unreadable" else None


_SWITCHES: Final = {
    "log_disk_full": "disk_full",
    "log_sequence_end": "sequence_end",
    "log_write_failed": "write_failed",
    "roll_not_logged": "write_failed",
    "checkpoint_unreadable": "checkpoint_unreadable",
    "checkpoint_unreadable_now": "checkpoint_unreadable",
}
"""Rules that a switch of the log stream makes hold."""
