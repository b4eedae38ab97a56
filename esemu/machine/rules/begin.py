# SPDX-License-Identifier: MIT
"""What stands in the way of a backup's beginning (ErrBKBeginExternalBackup and the two entry points before it)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine.database_state import NORMAL, OS_SNAPSHOT
from esemu.machine.rules.logs import CHECKPOINT_ERRORS, checkpoint_error
from esemu.machine.step import rule
from esemu.vocabulary import errors as err
from esemu.vocabulary.grbits import JET_bitBackupIncremental, JET_bitBackupSurrogate, JET_bitInternalCopy

if TYPE_CHECKING:
    from esemu.machine.call import GrbitCall
    from esemu.machine.database_state import Database
    from esemu.machine.shapes.backup import SurrogateCall
    from esemu.machine.state import Instance

BEGIN_BITS: Final = JET_bitBackupIncremental | JET_bitBackupSurrogate | JET_bitInternalCopy


@rule(err.JET_errBackupNotAllowedYet, source="jetapi.cxx:17454")
def backup_not_allowed_yet(instance: Instance, call: GrbitCall) -> bool:
    """The instance is not fully initialised, or a JetTerm2 that failed has barred backups until it is anew."""
    return not instance.backup_allowed and not (instance.recovering and call.grbit & JET_bitInternalCopy)


@rule(err.JET_errBackupNotAllowedYet, source="jetapi.cxx:18214")
def surrogate_not_allowed_yet(instance: Instance) -> bool:
    """The instance is not fully initialised, or a JetTerm2 that failed has barred backups until it is anew."""
    return not instance.backup_allowed


@rule(err.JET_errInvalidParameter, source="backup.cxx:1559")
def generations_reversed(instance: Instance, call: SurrogateCall) -> bool:  # noqa: ARG001 - a rule about the call
    """The first generation of the surrogate backup lies behind the last."""
    return call.first > call.last


@rule(err.JET_errInvalidParameter, source="backup.cxx:1566")
def generation_not_written_yet(instance: Instance, call: SurrogateCall) -> bool:
    """The last generation of the surrogate backup lies behind the current log."""
    return call.last > instance.log.generation


@rule(err.JET_errLoggingDisabled, source="backup.cxx:1644")
def logging_disabled(instance: Instance) -> bool:
    """JET_paramRecovery is off: there is no log to back up."""
    return instance.log.disabled


@rule(err.JET_errLogWriteFail, source="backup.cxx:1649")
def log_write_failed(instance: Instance) -> bool:
    """An earlier failure, or JET_bitStopServiceStopAndEmitLog, has ended the writing of the log."""
    return instance.log.write_failed


@rule(err.JET_errInvalidParameter, source="backup.cxx:1656")
def recovering_without_internal_copy(instance: Instance, call: GrbitCall) -> bool:
    """Recovery is under way, and this is no internal copy or those are not enabled during recovery."""
    return instance.recovering and not (call.grbit & JET_bitInternalCopy and instance.backup_during_recovery)


@rule(err.JET_errInvalidGrbit, source="backup.cxx:1666")
def unknown_begin_bit(instance: Instance, call: GrbitCall) -> bool:  # noqa: ARG001 - a rule about the call
    """A bit other than JET_bitBackupIncremental, JET_bitBackupSurrogate and JET_bitInternalCopy is set."""
    return bool(call.grbit & ~BEGIN_BITS)


@rule(err.JET_errInvalidBackup, source="backup.cxx:1673")
def incremental_with_circular_log(instance: Instance, call: GrbitCall) -> bool:
    """An incremental backup needs the logs that circular logging throws away."""
    return bool(call.grbit & JET_bitBackupIncremental) and instance.circular


@rule(err.JET_errInvalidBackup, source="backup.cxx:1678")
def surrogate_with_circular_log(instance: Instance, call: GrbitCall) -> bool:
    """A surrogate backup needs the logs that circular logging throws away."""
    return bool(call.grbit & JET_bitBackupSurrogate) and instance.circular


@rule(err.JET_errInvalidGrbit, source="backup.cxx:1683")
def internal_copy_with_another_kind(instance: Instance, call: GrbitCall) -> bool:  # noqa: ARG001 - about the call
    """An internal copy is neither incremental nor surrogate."""
    return bool(call.grbit & JET_bitInternalCopy and call.grbit & (JET_bitBackupIncremental | JET_bitBackupSurrogate))


@rule(err.JET_errLogDiskFull, source="logstream.cxx:1186")
def log_disk_full(instance: Instance) -> bool:
    """The disk of the logs is full: a backup would only write more of them."""
    return instance.log.disk_full


@rule(err.JET_errLogSequenceEnd, source="logstream.cxx:1194")
def log_sequence_end(instance: Instance) -> bool:
    """The log has used up its generation numbers."""
    return instance.log.sequence_end


@rule(err.JET_errBackupInProgress, source="backup.cxx:1701")
def backup_in_progress(instance: Instance) -> bool:
    """A streaming backup is running, or was stopped and not ended; a snapshot counts as one from freeze to end."""
    return instance.backup.in_progress and instance.backup.streaming


@rule(err.JET_errSurrogateBackupInProgress, source="backup.cxx:1711")
def surrogate_in_progress(instance: Instance) -> bool:
    """A surrogate backup is running."""
    return instance.backup.in_progress and not instance.backup.streaming


@rule(err.JET_errBackupNotAllowedYet, source="backup.cxx:1718")
def suspended_while_recovering(instance: Instance) -> bool:
    """Recovery has suspended backups for a moment."""
    return instance.recovering and instance.backup.suspended


@rule(err.JET_errMissingFullBackup, source="backup.cxx:827")
def full_backup_missing(instance: Instance, call: GrbitCall) -> bool:
    """An attached database has no full backup of the same family for the incremental one to build on."""
    return database_without_full_backup(instance, call.grbit) is not None


def database_without_full_backup(instance: Instance, grbit: int) -> Database | None:
    """Return the first database that an incremental backup cannot build on: ErrLGCheckIncrementalBackup."""
    if not grbit & JET_bitBackupIncremental:
        return None
    family = OS_SNAPSHOT if grbit & JET_bitBackupSurrogate else NORMAL
    for database in instance.databases:
        if database.attached and not database.attached_for_recovery:
            full = database.full_previous
            if full.low == 0 or full.family != family:
                return database
    return None


@rule(source="backup.cxx:1880", errors=CHECKPOINT_ERRORS)
def checkpoint_unreadable(instance: Instance) -> int:
    """A full backup begins, and the checkpoint file cannot be read: see `checkpoint_unreadable_now`."""
    return checkpoint_error(instance) if instance.backup.full else 0


@rule(err.JET_errLogWriteFail, source="backup.cxx:1892")
def surrogate_begin_not_logged(instance: Instance, call: GrbitCall) -> bool:
    """An incremental surrogate backup must be in the log, and the log can no longer be written."""
    both = JET_bitBackupIncremental | JET_bitBackupSurrogate
    return call.grbit & both == both and not instance.recovering and instance.log.write_failed
