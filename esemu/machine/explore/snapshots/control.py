# SPDX-License-Identifier: MIT
"""The control state of two instances and a snapshot: that of the snapshot, and that of each instance.

Unlike between streaming backups, what a backup leaves behind counts here: the next freeze sets the flags of a backup
without its phase, its file and its marks, so that one that is long gone is alive again.  Numbers of generations are cut
where no rule tells them apart: the checkpoint stands still, and all that lies behind it is one.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from esemu.machine.rules.logs import logs_not_copied
from esemu.machine.snapshot_state import PREPARED, SnapshotSession

if TYPE_CHECKING:
    from esemu.machine.backup_state import Backup
    from esemu.machine.database_state import Database
    from esemu.machine.state import Instance, Process

Control = tuple[Any, ...]

NONE: Final[Control] = ()
"""The control state of a snapshot or an instance that is not there."""


def control_of(process: Process) -> tuple[Control, ...]:
    """Return the control states: of the only snapshot, and of both instances."""
    snapshot = next(iter(process.snapshots.values()), None)
    return (
        NONE if snapshot is None else session_control(snapshot),
        *[NONE if instance is None else member_control(instance) for instance in both(process)],
    )


def both(process: Process) -> list[Instance | None]:
    """Return the instances in their places, None where one is gone."""
    return [*process.instances, None, None][:2]


def session_control(snapshot: SnapshotSession) -> Control:
    """Return what the calls about a snapshot see of it."""
    return snapshot.state, snapshot.full, snapshot.copy, snapshot.continues_after_thaw


def member_control(instance: Instance) -> Control:
    """Return what all calls see of an instance, whether it is a member or not."""
    log, backup = instance.log, instance.backup
    return (
        log.checkpoint,
        instance.circular,
        instance.aggressive_rollover,
        log.disabled,
        log.write_failed,
        instance.initialized,
        instance.backup_allowed,
        instance.service_stopped,
        instance.stopped_services & 1,
        instance.api_lock,
        instance.term_in_progress,
        instance.snapshot is not None,
        backup.lock is not None,
        log.checkpoint_lock is not None,
        log.write_lock is not None,
        log.paused,
        log.rolls_put_off > 0,
        backup.in_progress,
        backup.streaming,
        backup.phase,
        backup.log_rolled,
        backup.truncated,
        backup.generations_copied > 0,  # no call that is followed reads a log to its end
        NONE if is_idle(instance) else _progress(instance),
        _archived(instance),
        _slot(instance),
        tuple([_database(instance, database) for database in instance.databases]),
    )


def _archived(instance: Instance) -> Control:
    """Return which logs before the checkpoint are archived: those behind it always follow."""
    files = instance.process.world.disk.files  # type: ignore[attr-defined]
    return tuple([name in files for name in _log_names(instance.number, instance.log.checkpoint)])


@cache
def _log_names(number: int, checkpoint: int) -> tuple[str, ...]:
    return tuple([f"c:\\logs{number or ''}\\edb{generation:05x}.log" for generation in range(1, checkpoint)])


def is_in_snapshot(instance: Instance) -> bool:
    """Return whether the instance is a member of a snapshot that was frozen, and whose end will stamp its headers."""
    return instance.snapshot is not None and instance.snapshot.state != PREPARED


def is_idle(instance: Instance) -> bool:
    """Return whether the next backup or freeze sets the ranges, the kind and the stop flag before anybody looks at them."""
    return not instance.backup.in_progress and not is_in_snapshot(instance)


def _progress(instance: Instance) -> Control:
    backup, checkpoint = instance.backup, instance.log.checkpoint
    return (
        backup.stop_requested,
        backup.full,
        backup.copy_low,
        min(backup.copy_high, checkpoint),
        logs_not_copied.test(instance),
        backup.delete_low,
        backup.delete_high,
        *[_newer_records(backup, database) for database in instance.databases if is_in_snapshot(instance)],
    )


def _newer_records(backup: Backup, database: Database) -> Control:
    """Return whether records stand in the header that are newer than the snapshot, whose end then leaves them alone."""
    return (
        database.full_previous.mark > backup.full_position,
        database.incremental_previous.mark > backup.incremental_position,
    )


def _slot(instance: Instance) -> Control:
    backup, slot = instance.backup, instance.backup.slot
    return (
        slot.in_use,
        0 if slot.database is None else slot.database.dbid,
        slot.is_log,
        slot.offset == 0,
        slot.offset == slot.size,
        slot.file is None,
        # Closing a log counts it as copied if it is in the range, which the next freeze may make larger.
        (min(slot.generation, instance.log.checkpoint), backup.copy_low <= slot.generation < backup.copy_high)
        if slot.in_use and slot.is_log
        else NONE,
    )


def _database(instance: Instance, database: Database) -> Control:
    checkpoint = instance.log.checkpoint
    full, incremental = database.full_previous, database.incremental_previous
    return (
        database.dbid,
        database.attached,
        database.in_backup,
        database.copied,
        database.most,
        database.copied_most,
        database.trailer_copied,
        database.trailer_record is None,
        full.low == 0,
        full.family,
        min(full.high, checkpoint),
        min(incremental.high, checkpoint),
        len(database.open_by),
    )
