# SPDX-License-Identifier: MIT
"""The control state of a process: what the verdicts of rules depend on, as a value that can be compared.

Two states with equal control states answer every call alike for ever after.  Numbers without end are cut where no rule
tells them apart any more: logs behind the checkpoint, sums of generations beyond what truncation asks for, and header
records beyond the checkpoint; of a session counts whether it is inside a transaction.  What the next backup sets anew before anybody looks at it is left out between backups.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from esemu.machine.rules.logs import INT_MAX
from esemu.vocabulary import file_names
from esemu.vocabulary.grbits import JET_bitEightDotThreeSoftCompat

if TYPE_CHECKING:
    from esemu.machine.backup_state import Backup
    from esemu.machine.database_state import Database
    from esemu.machine.state import Instance, Process

LOGS_TOLD_APART: Final = 0
"""Archived logs from the checkpoint on; an idle instance with more answers as one with so many."""

BACKUP_DEPTH: Final = 2
"""Backslashes in the path of a file that lies in the backup folder itself."""

Control = tuple[Any, ...]


def control_of(process: Process) -> Control:
    """Return the control state of a process."""
    disk = process.world.disk
    files, folders = disk.files, disk.folders  # type: ignore[attr-defined]
    copied = any(name.startswith("c:\\backup\\") and name.count("\\") == BACKUP_DEPTH for name in files)
    return (
        process.mode,
        copied,
        len(folders),
        "c:\\backup\\new" in folders,
        *[_instance(instance) for instance in process.live()],
    )


def _instance(instance: Instance) -> Control:
    log, backup = instance.log, instance.backup
    horizon = log.checkpoint + LOGS_TOLD_APART
    return (
        instance.initialized,
        instance.backup_allowed,
        instance.service_stopped,
        instance.stopped_services & 1,
        instance.unavailable,
        instance.api_lock,
        instance.recovering,
        instance.term_in_progress,
        min(log.generation, horizon),
        log.checkpoint,
        log.write_failed,
        _archived(instance, horizon),
        tuple([session.level > 0 for session in instance.sessions.values()]),
        backup.stop_requested,
        backup.suspended,
        _slot(instance),
        _progress(backup) if backup.in_progress else None,
        tuple([_database(instance, database) for database in instance.databases]),
    )


def _archived(instance: Instance, horizon: int) -> Control:
    """Return which logs are archived before a generation: those behind it always follow."""
    files = instance.process.world.disk.files  # type: ignore[attr-defined]
    return tuple([name in files for name in _log_names(instance.legacy_file_names, horizon)])


@cache
def _log_names(legacy_file_names: int, horizon: int) -> tuple[str, ...]:
    eight_digits = not legacy_file_names & JET_bitEightDotThreeSoftCompat
    names = [file_names.log_name("edb", generation, eight_digits=eight_digits) for generation in range(1, horizon)]
    return tuple(["c:\\logs\\" + name.lower() for name in names])


def _progress(backup: Backup) -> Control:
    first, last = backup.copy_low, backup.copy_high - 1
    wanted = (first + last) * (last - first + 1) // 2
    return (
        backup.phase,
        backup.streaming,
        backup.full,
        backup.internal,
        backup.log_rolled,
        backup.truncated,
        backup.copy_low,
        backup.copy_high,
        backup.delete_low,
        backup.delete_high,
        min(backup.generations_copied, wanted) if backup.log_rolled else 0,
    )


def _slot(instance: Instance) -> Control:
    slot = instance.backup.slot
    database = 0 if slot.database is None else slot.database.dbid
    return (
        slot.in_use,
        database,
        slot.is_log,
        slot.offset == 0,
        slot.offset == slot.size,
        slot.file is None,
        slot.generation if slot.in_use and slot.is_log else 0,
    )


def _database(instance: Instance, database: Database) -> Control:
    full, incremental = database.full_previous, database.incremental_previous
    checkpoint = instance.log.checkpoint
    in_backup = instance.backup.in_progress
    return (
        database.dbid,
        database.logged,
        database.attached_for_recovery,
        in_backup and database.in_backup,
        in_backup and database.copied,
        database.most,
        database.copied_most,
        database.trailer_copied,
        database.trailer_record is None,
        full.low == 0,
        full.family,
        min(full.high, checkpoint),
        incremental.high > INT_MAX or min(incremental.high, checkpoint),
        bool(database.open_by),
        database.exclusive_session is not None,
    )
