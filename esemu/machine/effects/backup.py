# SPDX-License-Identifier: MIT
"""How a backup begins and how it ends, well or badly (ErrBKBeginExternalBackup, ErrBKExternalBackupCleanUp)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine.backup_state import DATABASES, DONE, LOGS, NOT_STARTED
from esemu.machine.database_state import NORMAL, SURROGATE
from esemu.machine.effects.headers import in_session
from esemu.machine.effects.logs import report, scope_of, write_record
from esemu.machine.rules.begin import database_without_full_backup
from esemu.vocabulary.errors import (
    JET_errBackupAbortByServer,
    JET_errBackupInProgress,
    JET_errDiskIO,
    JET_errSuccess,
    JET_errSurrogateBackupInProgress,
)
from esemu.vocabulary.grbits import (
    JET_bitBackupEndAbort,
    JET_bitBackupIncremental,
    JET_bitBackupSurrogate,
    JET_bitInternalCopy,
)

if TYPE_CHECKING:
    from esemu.machine.call import Call, GrbitCall
    from esemu.machine.shapes.backup import ListCall, SurrogateCall
    from esemu.machine.state import Instance

ABORT_BY_CALLER: Final = -800
"""errBackupAbortByCaller: the engine uses it inside and never returns it (jethdr.w has no such constant)."""


def mark_surrogate(instance: Instance, call: SurrogateCall) -> None:  # noqa: ARG001 - an effect gets both
    """JetBeginSurrogateBackup is JetBeginExternalBackup with one more bit (backup.cxx:1573)."""
    call.grbit |= JET_bitBackupSurrogate


def start(instance: Instance, call: GrbitCall) -> None:
    """Take the instance: from here on no other backup can begin, and a stop that came before is forgotten."""
    backup = instance.backup
    backup.copy_low = backup.copy_high = backup.delete_low = backup.delete_high = 0
    backup.truncated = False
    backup.stop_requested = False
    backup.in_progress = True
    surrogate = bool(call.grbit & JET_bitBackupSurrogate)
    incremental = bool(call.grbit & JET_bitBackupIncremental)
    backup.streaming = not surrogate
    backup.internal = bool(call.grbit & JET_bitInternalCopy)
    backup.phase = LOGS if incremental else DATABASES
    for database in instance.databases:
        database.in_backup = incremental or surrogate
        if not database.in_backup:
            database.copied = False
    instance.changed()


def give_up_beginning(instance: Instance, call: Call, error: int) -> None:  # noqa: ARG001 - called as all refusals are
    """Let the instance go again; databases stay marked as part of a backup that never was (backup.cxx:1921)."""
    backup = instance.backup
    backup.in_progress = backup.streaming = backup.stop_requested = False
    backup.phase = NOT_STARTED
    instance.changed()


def report_missing_full_backup(instance: Instance, call: GrbitCall, error: int) -> None:  # noqa: ARG001 - likewise
    """Name the database in the event log."""
    database = database_without_full_backup(instance, call.grbit)
    assert database is not None, call  # noqa: S101 - the rule that refused has found it
    report(instance, "DATABASE_MISS_FULL_BACKUP_ERROR_ID", database.name)


def announce(instance: Instance, call: GrbitCall) -> None:
    """Note where the log stands and what kind of backup it is, and say so in the event log."""
    backup = instance.backup
    now = instance.process.world.clock.now_ms
    surrogate = bool(call.grbit & JET_bitBackupSurrogate)
    incremental = bool(call.grbit & JET_bitBackupIncremental)
    if not incremental:
        if surrogate:
            backup.full_position, backup.full_time = instance.log.position, now
        else:
            backup.full_mark, backup.full_mark_time = instance.log.position, now
    elif surrogate:
        backup.incremental_time = now
    backup.log_rolled = False
    backup.full = not incremental
    if incremental:
        event = "START_INCREMENTAL_BACKUP_INSTANCE_ID"
    else:
        event = "START_INTERNAL_COPY_INSTANCE_ID" if backup.internal else "START_FULL_BACKUP_INSTANCE_ID"
    report(instance, event)
    instance.changed()


def log_beginning(instance: Instance, call: GrbitCall) -> None:
    """Fix where the copy range begins, and write the Begin record, whose failure hardly ever matters."""
    backup = instance.backup
    if backup.full:
        _, backup.copy_low = instance.process.world.read_checkpoint(instance)
    surrogate = bool(call.grbit & JET_bitBackupSurrogate)
    write_record(instance, "Begin", scope_of(instance), family=SURROGATE if surrogate else NORMAL)
    if surrogate:
        if not backup.full and not instance.recovering:
            backup.incremental_position = instance.log.position
        backup.copy_low = getattr(call, "first", 0)
        backup.copy_high = getattr(call, "last", 0)
    instance.changed()


def list_databases(instance: Instance, call: ListCall) -> None:
    """Name the databases that a full backup copies."""
    call.result = [database.name for database in instance.databases if database.in_backup_list]


def skip_to_done(instance: Instance, call: GrbitCall) -> None:
    """A surrogate backup that ends well needs no phases: the copying was done elsewhere (backup.cxx:1608)."""
    if not call.grbit & JET_bitBackupEndAbort:
        instance.backup.phase = DONE
        instance.changed()


def forget_stop(instance: Instance, call: Call, error: int) -> None:  # noqa: ARG001 - called as all refusals are
    """Ending a backup that there is none of still clears the stop flag (backup.cxx:4138)."""
    instance.backup.stop_requested = False
    instance.backup.phase = NOT_STARTED
    instance.changed()


def settle_end(instance: Instance, call: GrbitCall) -> None:
    """Settle how the backup ends: as the grbit says, or worse."""
    outcome = ABORT_BY_CALLER if call.grbit & JET_bitBackupEndAbort else JET_errSuccess
    call.outcome = _settled(instance, outcome, surrogate=bool(call.grbit & JET_bitBackupSurrogate))


def conclude_end(instance: Instance, call: GrbitCall) -> None:
    """Let go of databases and files, and say in the event log how the backup ended."""
    _conclude(instance, call.outcome, SURROGATE if call.grbit & JET_bitBackupSurrogate else NORMAL)


def report_header_error(instance: Instance, call: GrbitCall) -> None:
    """Warn in the event log of headers that were not updated; to the caller the backup is good (backup.cxx:4428)."""
    error = call.update_error or (JET_errDiskIO if instance.log.header_write_fails else 0)
    if error:
        report(instance, "BACKUP_ERROR_INFO_UPDATE", str(error))


def finish_end(instance: Instance, call: GrbitCall) -> None:
    """Clear the flags and write the last record of the backup."""
    _finish(instance, call, SURROGATE if call.grbit & JET_bitBackupSurrogate else NORMAL)


def clean_up(instance: Instance, call: Call, outcome: int) -> None:
    """End the streaming backup badly (ErrBKExternalBackupCleanUp): what ends well is `parts.END_BACKUP`."""
    _conclude(instance, _settled(instance, outcome, surrogate=False), NORMAL)
    _finish(instance, call, NORMAL)


def _settled(instance: Instance, outcome: int, *, surrogate: bool) -> int:
    """Close the file and forget how far databases were read; return the final outcome."""
    backup = instance.backup
    outcome = _final_outcome(instance, outcome, surrogate=surrogate)
    if backup.slot.in_use:
        backup.slot.file = None
    for database in in_session(instance):
        if backup.full:
            database.most = database.copied_most = 0
            database.trailer_copied = False
    return outcome


def _conclude(instance: Instance, outcome: int, family: int) -> None:
    if outcome != JET_errSuccess:
        write_record(instance, "Abort", scope_of(instance), family=family)
    for database in in_session(instance):
        database.trailer_record = None
        database.in_backup = database.copied = False
    instance.backup.slot.in_use = False
    _report_end(instance, outcome)
    instance.changed()


def _finish(instance: Instance, call: Call, family: int) -> None:
    backup = instance.backup
    backup.truncated = backup.in_progress = backup.streaming = backup.internal = backup.stop_requested = False
    backup.phase = NOT_STARTED
    write_record(instance, "Stop", scope_of(instance), family=family, roll=instance.aggressive_rollover)
    instance.causes["end"] = call
    instance.changed()


def _final_outcome(instance: Instance, outcome: int, *, surrogate: bool) -> int:
    """Return the outcome that the event log and the headers will show (backup.cxx:4145-4180)."""
    backup = instance.backup
    if surrogate == backup.streaming:
        # Ended with the function of the other kind.
        return JET_errBackupInProgress if backup.streaming else JET_errSurrogateBackupInProgress
    if outcome == JET_errSuccess:
        if backup.stop_requested:
            return JET_errBackupAbortByServer
        if backup.phase == DATABASES:
            return ABORT_BY_CALLER
    return outcome


def _report_end(instance: Instance, outcome: int) -> None:
    """Write the event that tells how the backup ended; nothing else tells a client that stopped."""
    kind = "INTERNAL_COPY" if instance.backup.internal else "BACKUP"
    if outcome == JET_errSuccess:
        report(instance, f"STOP_{kind}_INSTANCE_ID")
    elif outcome == ABORT_BY_CALLER:
        report(instance, f"STOP_{kind}_ERROR_ABORT_BY_CALLER_INSTANCE_ID")
    elif outcome == JET_errBackupAbortByServer:
        report(instance, f"STOP_{kind}_ERROR_ABORT_BY_SERVER_INSTANCE_ID")
    else:
        report(instance, f"STOP_{kind}_ERROR_INSTANCE_ID", str(outcome))


def request_stop(instance: Instance, call: Call) -> None:
    """Set the stop flag: no lock, no wait, and no word to anybody (BKSetStopBackup)."""
    instance.causes["stop"] = call
    instance.backup.stop_requested = True
    instance.changed()
