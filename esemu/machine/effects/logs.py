# SPDX-License-Identifier: MIT
"""What backups do to the log: records, rolls, the ranges to copy and to delete, truncation.

A log record is kept as a tuple: phase, family, scope, first and last generation, dbid, and the generation that it went
to (LRLOGBACKUP, logapi.cxx:4598); a roll as ("ROLL", new generation).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine import lognames
from esemu.machine.backup_state import LOGS
from esemu.machine.database_state import NORMAL
from esemu.machine.rules.logs import missing_generation
from esemu.vocabulary.errors import JET_errFileNotFound as FILE_NOT_FOUND
from esemu.vocabulary.parameters import JET_paramLogFilePath

if TYPE_CHECKING:
    from esemu.machine.call import Call
    from esemu.machine.shapes.backup import ListCall
    from esemu.machine.state import Instance

EXTRA_LOGS: Final = 2
"""cExtraLogsToKeep: circular logging leaves this many logs before the checkpoint alone (logstream.cxx:1775)."""

FAMILY_NAMES: Final = ("Normal", "OSSnapshot", "Snapshot", "Surrogate")


def write_record(  # noqa: PLR0913 - the fields of the record
    instance: Instance,
    phase: str,
    scope: str,
    *,
    family: int = NORMAL,
    low: int = 0,
    high: int = 0,
    dbid: int = 0,
    roll: bool = False,
) -> bool:
    """Write a backup's record to the log, rolling first if asked to; return whether that worked (ErrLGLogBackup)."""
    log = instance.log
    if log.disabled or instance.recovering:
        return True  # "success" without a record (logapi.cxx:4624)
    if log.write_failed:
        return False
    if roll:
        roll_log(instance)
    log.records.append((phase, FAMILY_NAMES[family], scope, low, high & 0xFFFFFFFF, dbid, log.tip))
    log.written += 1
    return True


def scope_of(instance: Instance) -> str:
    """Return the scope that most records of a backup carry."""
    return "Full" if instance.backup.full else "Incremental"


def roll_log(instance: Instance) -> None:
    """Archive the current log and begin the next generation (ErrLGNewLogFile); a stopped log does it later."""
    log = instance.log
    if log.stopped:
        log.rolls_put_off += 1
        log.written = 0
        instance.changed()
        return
    archive_log(instance)
    begin_generation(instance)
    log.written = 0


def archive_log(instance: Instance) -> None:
    """Give the current log the name of its generation."""
    log = instance.log
    disk = instance.process.world.disk
    if instance.circular:
        _recycle_oldest(instance)
    disk.create(
        lognames.log_name(instance, log.generation),
        instance.process.world.log_file(instance, log.generation),
        overwrite=True,
    )


def begin_generation(instance: Instance) -> None:
    """Go on with the next generation."""
    log = instance.log
    log.generation += 1
    log.records.append(("ROLL", log.generation))
    for database in instance.databases:
        if database.attached and database.logged:
            database.required_high = log.generation
    instance.process.world.settle(instance)


def _recycle_oldest(instance: Instance) -> None:
    """Circular logging makes the next log of the oldest one, if neither recovery nor a backup needs it.

    It must lie before the checkpoint and, while a streaming backup runs, before its copy range; without a backup those
    after it go too, but for the last two before the checkpoint (logstream.cxx:1714-1810).
    """
    disk, backup, checkpoint = instance.process.world.disk, instance.backup, instance.log.checkpoint
    oldest = lowest_generation(instance)
    if not oldest or oldest >= checkpoint or (backup.streaming and oldest >= backup.copy_low):
        return
    last = oldest if backup.streaming else max(oldest, checkpoint - EXTRA_LOGS - 1)
    for generation in range(oldest, last + 1):
        disk.remove(lognames.log_name(instance, generation))


def generations(instance: Instance) -> list[int]:
    """Return the archived generations in the folder of the logs, in order (ErrLGGetGenerationRangeExt)."""
    names = instance.process.world.disk.names(instance.parameters[JET_paramLogFilePath])
    return sorted(lognames.generations_of(instance, names)) if names else []


def lowest_generation(instance: Instance) -> int:
    """Return the first archived generation on disk, 0 where there is none."""
    return min(generations(instance), default=0)


def force_rollover(instance: Instance) -> None:
    """Roll the log after a trailer was read, if JET_paramAggressiveLogRollover is set (backup.cxx:511)."""
    log = instance.log
    if instance.aggressive_rollover and not (log.disabled or log.write_failed or instance.recovering):
        roll_log(instance)
        log.records.append(("ForceRollover", log.generation))


def roll_for_backup(instance: Instance, call: ListCall) -> None:
    """Roll the log, so that everything up to now is in archived logs."""
    backup, log = instance.backup, instance.log
    now = instance.process.world.clock.now_ms
    write_record(instance, "PrepareLogs", scope_of(instance), roll=True)
    call.full = backup.full
    if backup.full:
        backup.full_position, backup.full_time = log.position, now
    else:
        backup.incremental_position, backup.incremental_time = log.position, now
    instance.changed()


def note_range(instance: Instance, call: Call) -> None:  # noqa: ARG001 - an effect gets both
    """Note where the copy range ends, and with which log the folder begins."""
    backup = instance.backup
    backup.log_rolled = True
    backup.copy_high = instance.log.generation
    backup.generations_copied = 0
    backup.delete_low = lowest_generation(instance)
    instance.changed()


def report_gap(instance: Instance, call: Call, error: int) -> None:  # noqa: ARG001 - called as all refusals are
    """Name the missing log in the event log."""
    report_missing(instance, missing_generation(instance, instance.backup.delete_low))


def report_missing(instance: Instance, missing: int | None) -> None:
    """Name a log that an incremental backup needed in the event log."""
    assert missing is not None, instance  # noqa: S101 - the rule that refused has found it
    report(instance, "BACKUP_LOG_FILE_MISSING_ERROR_ID", lognames.log_name(instance, missing))


def fix_ranges(instance: Instance, call: ListCall) -> None:
    """Fix which generations the backup copies and which it deletes (backup.cxx:690-759)."""
    backup = instance.backup
    _, checkpoint = instance.process.world.read_checkpoint(instance)
    backup.delete_high = min(checkpoint, backup.copy_high)
    if call.full:
        for database in instance.databases:
            if database.in_backup_list and not (database.in_backup and database.copied):
                backup.delete_high = min(backup.delete_high, database.full_previous.high)
        backup.delete_low = min(backup.delete_high, backup.delete_low)
    else:
        backup.copy_low = backup.delete_low
    first, last = lognames.log_name(instance, backup.copy_low), lognames.log_name(instance, backup.copy_high - 1)
    report(instance, "BACKUP_LOG_FILES_START", first, last)
    instance.changed()


def list_logs_to_copy(instance: Instance, call: ListCall) -> None:
    """Name the logs of the copy range; the backup is in its log phase from here on."""
    _list_range(instance, call, instance.backup.copy_low, instance.backup.copy_high)


def list_logs_to_delete(instance: Instance, call: ListCall) -> None:
    """Name the logs that truncation would delete; the backup is in its log phase from here on."""
    _list_range(instance, call, instance.backup.delete_low, instance.backup.delete_high)


def _list_range(instance: Instance, call: ListCall, low: int, high: int) -> None:
    call.result = list(lognames.log_names(instance, low, high))
    if instance.backup.phase != LOGS:
        instance.backup.phase = LOGS
        instance.changed()


def enter_log_phase(instance: Instance, call: Call) -> None:  # noqa: ARG001 - an effect gets both
    """JetTruncateLog ends the database phase, even if it then refuses."""
    if instance.backup.phase != LOGS:
        instance.backup.phase = LOGS
        instance.changed()


def report_logs_not_copied(instance: Instance, call: Call, error: int) -> None:  # noqa: ARG001 - as all refusals
    """Warn in the event log."""
    report(instance, "BACKUP_LOG_FILE_NOT_COPIED_ID")


def truncate(instance: Instance, call: Call) -> None:
    """Delete the logs of the delete range, in order; one that is missing counts as deleted (ErrLGTruncateLog)."""
    backup = instance.backup
    backup.truncated = True
    instance.changed()
    delete_logs(instance, call, backup.delete_low, backup.delete_high)


def delete_logs(  # noqa: PLR0913 - a snapshot tells of it as its own
    instance: Instance, call: Call, low: int, high: int, *, family: int = NORMAL, category: int = 0
) -> None:
    """Delete the logs `low` to `high` - 1; the error of the one that could not be is left in the call."""
    write_record(instance, "Truncate", scope_of(instance), family=family, low=low, high=high)
    call.result = 0
    if low >= high:
        report(instance, "BACKUP_NO_TRUNCATE_LOG_FILES", category=category)
        return
    first, last = lognames.log_name(instance, low), lognames.log_name(instance, high - 1)
    report(instance, "BACKUP_TRUNCATE_LOG_FILES", first, last, category=category)
    for path in lognames.log_names(instance, low, high):
        error = instance.process.world.disk.remove(path)
        if error and error != FILE_NOT_FOUND:
            call.result = error
            break


def report(instance: Instance, name: str, *strings: str, category: int = 0) -> None:
    """Write to the event log."""
    instance.process.world.report(instance, name, strings, category)
