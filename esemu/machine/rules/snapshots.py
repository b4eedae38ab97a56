# SPDX-License-Identifier: MIT
"""What stands in the way of OS snapshots (CESESnapshotSession, io.cxx; ErrBKOSSnapshotStopLogging, backup.cxx).

Some calls name an instance and some do not, so the state that a rule gets is an instance or the process; a rule that
asks either looks at the call alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine.rules.begin import database_without_full_backup
from esemu.machine.rules.logs import missing_generation
from esemu.machine.snapshot_state import ABORTED, ENDED, FROZEN, LOG_TRUNCATED, PREPARED, TIMED_OUT
from esemu.machine.state import process_of
from esemu.machine.step import rule, wait
from esemu.vocabulary import errors as err
from esemu.vocabulary.grbits import (
    JET_bitAbortSnapshot,
    JET_bitAllDatabasesSnapshot,
    JET_bitBackupIncremental,
    JET_bitBackupSurrogate,
    JET_bitContinueAfterThaw,
    JET_bitCopySnapshot,
    JET_bitExplicitPrepare,
    JET_bitIncrementalSnapshot,
)

if TYPE_CHECKING:
    from esemu.machine.database_state import Database
    from esemu.machine.shapes.snapshots import SnapshotCall, SnapshotInfoCall, SnapshotPrepareCall
    from esemu.machine.snapshot_state import SnapshotSession
    from esemu.machine.state import Instance, Process

PREPARE_BITS: Final = (
    JET_bitIncrementalSnapshot | JET_bitCopySnapshot | JET_bitContinueAfterThaw | JET_bitExplicitPrepare
)


def session_of(state: Process | Instance, call: SnapshotCall) -> SnapshotSession | None:
    """Return the session that the call names."""
    return process_of(state).snapshots.get(call.snapshot_id)


def in_state(state: Process | Instance, call: SnapshotCall, *names: str) -> bool:
    """Return whether the session that the call names is in one of these states."""
    session = session_of(state, call)
    return session is not None and session.state in names


# Arguments.


@rule(err.JET_errInvalidGrbit, source="io.cxx:3474")
def unknown_prepare_bit(process: Process, call: SnapshotPrepareCall) -> bool:  # noqa: ARG001 - a rule about the call
    """A bit is set that JetOSSnapshotPrepare does not know."""
    return bool(call.grbit & ~PREPARE_BITS)


@rule(err.JET_errInvalidParameter, source="io.cxx:3479")
def no_room_for_snapshot_id(process: Process, call: SnapshotPrepareCall) -> bool:  # noqa: ARG001 - likewise
    """The pointer psnapId is NULL."""
    return call.no_pointer


@rule(err.JET_errInvalidGrbit, source="io.cxx:3579")
def reserved_grbit(state: Process | Instance, call: SnapshotCall) -> bool:  # noqa: ARG001 - likewise
    """The grbit is reserved and must be 0."""
    return call.grbit != 0


@rule(err.JET_errInvalidGrbit, source="io.cxx:3866")
def unknown_truncate_bit(state: Process | Instance, call: SnapshotCall) -> bool:  # noqa: ARG001 - likewise
    """A bit other than JET_bitAllDatabasesSnapshot is set."""
    return bool(call.grbit & ~JET_bitAllDatabasesSnapshot)


@rule(err.JET_errInvalidGrbit, source="io.cxx:4005")
def unknown_end_bit(process: Process, call: SnapshotCall) -> bool:  # noqa: ARG001 - likewise
    """A bit other than JET_bitAbortSnapshot is set."""
    return bool(call.grbit & ~JET_bitAbortSnapshot)


@rule(err.JET_errInvalidParameter, source="io.cxx:3637")
def no_room_for_instances(process: Process, call: SnapshotInfoCall) -> bool:  # noqa: ARG001 - likewise
    """One of the pointers pcInstanceInfo and paInstanceInfo is NULL."""
    return call.no_pointer


# The session.


@rule(err.JET_errNotInitialized, source="io.cxx:3488")
def no_instance_at_all(process: Process) -> bool:
    """No instance exists in the process; one that is not initialised would do."""
    return not process.live()


@rule(err.JET_errNotInitialized, source="io.cxx:2863")
def no_instance_left(process: Process) -> bool:
    """The last instance of the process is gone."""
    return not process.live()


@rule(err.JET_errOSSnapshotInvalidSnapId, source="io.cxx:2604")
def snapshot_unknown(state: Process | Instance, call: SnapshotCall) -> bool:
    """No snapshot has this number, or it was ended."""
    return session_of(state, call) is None


@rule(err.JET_errOSSnapshotInvalidSequence, source="io.cxx:3650")
def not_just_prepared(state: Process | Instance, call: SnapshotCall) -> bool:
    """The snapshot was frozen before."""
    return not in_state(state, call, PREPARED)


@rule(err.JET_errOSSnapshotNotAllowed, source="io.cxx:3603")
def instance_not_free(instance: Instance) -> bool:
    """The instance is in a snapshot, this or another, or a backup of any kind is running, or backups are barred."""
    return instance.snapshot is not None or instance.backup.in_progress or not instance.backup_allowed


@rule(err.JET_errOSSnapshotInvalidSequence, source="io.cxx:3709")
def not_frozen(process: Process, call: SnapshotCall) -> bool:
    """The snapshot is not frozen, and did not time out either."""
    return not in_state(process, call, FROZEN, TIMED_OUT)


@rule(err.JET_errOSSnapshotTimeOut, source="io.cxx:3737")
def timed_out(process: Process, call: SnapshotCall) -> bool:
    """The snapshot was frozen for longer than JET_paramOSSnapshotTimeout, and the engine has let go of everything."""
    return in_state(process, call, TIMED_OUT)


@rule(err.JET_errOSSnapshotTimeOut, source="io.cxx:4053")
def timed_out_while_aborted(process: Process, call: SnapshotCall) -> bool:
    """The time was over just when a frozen snapshot was aborted that would have ended with its thaw."""
    session = session_of(process, call)
    return session is not None and session.state == TIMED_OUT and not session.continues_after_thaw


@rule(err.JET_errOSSnapshotInvalidSequence, source="io.cxx:3880")
def logs_not_to_be_truncated(state: Process | Instance, call: SnapshotCall) -> bool:
    """Logs are truncated after a thaw, not before, and not after a time-out."""
    session = session_of(state, call)
    return session is not None and not session.can_become(LOG_TRUNCATED)


@rule(err.JET_errOSSnapshotInvalidSequence, source="io.cxx:3889")
def snapshot_is_copy(state: Process | Instance, call: SnapshotCall) -> bool:
    """A copy leaves the logs alone."""
    session = session_of(state, call)
    return session is not None and session.copy


@rule(err.JET_wrnNyi, source="io.cxx:3828")
def instance_not_in_snapshot(instance: Instance, call: SnapshotCall) -> bool:
    """The instance is no member of the snapshot; the engine returns the literal -1."""
    return instance.snapshot is not session_of(instance, call)


@rule(err.JET_errOSSnapshotInvalidSequence, source="io.cxx:4028")
def not_to_be_ended(process: Process, call: SnapshotCall) -> bool:
    """A snapshot that is frozen, or has timed out, can only be aborted."""
    session = session_of(process, call)
    wanted = ABORTED if call.grbit & JET_bitAbortSnapshot else ENDED
    return session is not None and not session.can_become(wanted)


@rule(source="io.cxx:4048")
def is_frozen(process: Process, call: SnapshotCall) -> bool:
    """The snapshot is frozen: before it can end, it thaws."""
    return in_state(process, call, FROZEN)


@rule(source="io.cxx:4107")
def is_open(process: Process, call: SnapshotCall) -> bool:
    """The thaw has not ended the snapshot already."""
    return session_of(process, call) is not None


@rule(source="io.cxx:3756")
def ends_with_thaw(process: Process, call: SnapshotCall) -> bool:
    """JET_bitContinueAfterThaw was not given: the snapshot ends when it thaws."""
    session = session_of(process, call)
    return session is not None and not session.continues_after_thaw


# Freezing one instance.


@rule(err.JET_errOSSnapshotNotAllowed, source="io.cxx:2879")
def member_in_backup(instance: Instance) -> bool:
    """A backup of any kind is running on a member, or backups are barred there."""
    return instance.backup.in_progress or not instance.backup_allowed


@rule(source="backup.cxx:3741")
def snapshot_is_incremental(instance: Instance) -> bool:
    """The snapshot is incremental."""
    return instance.snapshot is not None and not instance.snapshot.full


@rule(err.JET_errMissingFullBackup, source="backup.cxx:3745")
def full_snapshot_missing(instance: Instance) -> bool:
    """A database, logged or not, has no full snapshot or surrogate backup for an incremental one to build on."""
    return database_without_full_snapshot(instance) is not None


def database_without_full_snapshot(instance: Instance) -> Database | None:
    """Return the first database that an incremental snapshot cannot build on."""
    return database_without_full_backup(instance, JET_bitBackupIncremental | JET_bitBackupSurrogate)


@rule(err.JET_errInvalidBackup, source="backup.cxx:3749")
def incremental_snapshot_with_circular_log(instance: Instance) -> bool:
    """An incremental snapshot needs the logs that circular logging throws away."""
    return instance.circular


@rule(err.JET_errLogWriteFail, source="backup.cxx:3700")
def freeze_not_logged(instance: Instance) -> bool:
    """The log can no longer be written, so it cannot be stopped at a record."""
    return instance.log.write_failed and not instance.log.disabled and not instance.recovering


@rule(source="backup.cxx:3681")
def stops_on_new_generation(instance: Instance) -> bool:
    """The log is rolled and then stopped; with circular logging it is locked as it is."""
    return not instance.circular


@wait(source="backup.cxx:3715")
def log_not_stopped(instance: Instance) -> bool:
    """The log to stop on a new generation, which never happens where nothing is logged."""
    return not instance.log.paused


@rule(err.JET_errMissingFileToBackup, source="backup.cxx:3793")
def snapshot_generation_gap(instance: Instance) -> bool:
    """Logs are missing between the last snapshot of a database and the first log on disk."""
    return missing_generation(instance, instance.backup.copy_low) is not None


# Truncating the logs of one instance.


@rule(source="backup.cxx:3573")
def has_logs_to_delete(instance: Instance) -> bool:
    """The range to delete is there: the snapshot has fixed it, and no truncation has used it up."""
    return instance.backup.delete_high != 0


@rule(source="backup.cxx:3579")
def truncates(instance: Instance, call: SnapshotCall) -> bool:
    """All databases are in the snapshot, says the client, and logging is not circular."""
    return call.grbit == JET_bitAllDatabasesSnapshot and not instance.circular


@rule(source="backup.cxx:3591")
def truncates_nothing(instance: Instance, call: SnapshotCall) -> bool:
    """Not all databases are in the snapshot, says the client, or logging is circular."""
    return call.grbit != JET_bitAllDatabasesSnapshot or instance.circular


@rule(err.JET_errRequiredLogFilesMissing, source="backup.cxx:3583")
def logs_to_keep_missing(instance: Instance) -> bool:
    """The first log on disk lies behind the checkpoint that the snapshot was made with."""
    return instance.backup.delete_low > instance.backup.delete_high
