# SPDX-License-Identifier: MIT
"""What stands in the way of sessions, transactions and databases, as far as backups meet them (pib.cxx, tm.cxx, db.cxx)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine.database_state import DATABASES_MAX
from esemu.machine.step import rule
from esemu.vocabulary import errors as err
from esemu.vocabulary.grbits import (
    JET_bitCommitLazyFlush,
    JET_bitCommitRedoCallback,
    JET_bitDbExclusive,
    JET_bitDbOverwriteExisting,
    JET_bitDbReadOnly,
    JET_bitDbRecoveryOff,
    JET_bitDbVersioningOff,
    JET_bitForceDetach,
    JET_bitForceNewLog,
    JET_bitRollbackAll,
    JET_bitWaitAllLevel0Commit,
    JET_bitWaitLastLevel0Commit,
)
from esemu.vocabulary.parameters import JET_paramMaxSessions, JET_paramOneDatabasePerSession

if TYPE_CHECKING:
    from esemu.machine.database_state import Database
    from esemu.machine.shapes.databases import DatabaseCall, OpenDatabaseCall, SessionCall
    from esemu.machine.state import Instance

SYSTEM_SESSIONS: Final = 69
"""cpibSystem: sessions that the engine keeps beside JET_paramMaxSessions (pib.hxx)."""

LEVEL_MAX: Final = 7
"""levelUserMost: depth of nested transactions (tm.cxx:1715)."""

COMMIT_BITS: Final = (
    JET_bitCommitLazyFlush
    | JET_bitWaitLastLevel0Commit
    | JET_bitWaitAllLevel0Commit
    | JET_bitForceNewLog
    | JET_bitCommitRedoCallback
)
COMMIT_BITS_ALONE: Final = JET_bitForceNewLog | JET_bitWaitAllLevel0Commit | JET_bitWaitLastLevel0Commit
ROLLBACK_BITS: Final = JET_bitRollbackAll | JET_bitCommitRedoCallback

ATTACH_LIST_SIZE: Final = 2048
"""cbAttach: bytes for the list of logged databases in every log header (log.hxx:132)."""

ATTACH_ENTRY_SIZE: Final = 64
"""sizeof(ATTACHINFO) before the name, in bytes (log.hxx:86)."""

ATTACH_SURELY_FIT: Final = ATTACH_LIST_SIZE // (ATTACH_ENTRY_SIZE + 2 * 260)
"""So many databases are in the list whatever their paths are, which have 259 UTF-16 code units at most, and a NUL."""


@rule(err.JET_errOutOfSessions, source="pib.cxx:708")
def no_session_left(instance: Instance) -> bool:
    """As many sessions are open as JET_paramMaxSessions allows."""
    return len(instance.sessions) >= int(instance.parameters[JET_paramMaxSessions]) + SYSTEM_SESSIONS


@rule(err.JET_errTransTooDeep, source="tm.cxx:1715")
def transactions_too_deep(instance: Instance, call: SessionCall) -> bool:  # noqa: ARG001 - a rule about the session
    """The session has begun seven transactions inside each other."""
    return call.session is not None and call.session.level >= LEVEL_MAX


@rule(err.JET_errInvalidGrbit, source="tm.cxx:1765")
def unknown_commit_bit(instance: Instance, call: SessionCall) -> bool:  # noqa: ARG001 - a rule about the call
    """A bit is set that JetCommitTransaction does not know."""
    return bool(call.grbit & ~COMMIT_BITS)


@rule(err.JET_errInvalidGrbit, source="tm.cxx:1791")
def commit_bit_not_alone(instance: Instance, call: SessionCall) -> bool:  # noqa: ARG001 - a rule about the call
    """JET_bitForceNewLog, JET_bitWaitAllLevel0Commit and JET_bitWaitLastLevel0Commit stand alone.

    Each is tested in a place of its own (tm.cxx:1775, 1791, 1812), with the same error.
    """
    return bool(call.grbit & COMMIT_BITS_ALONE) and call.grbit not in {
        JET_bitForceNewLog,
        JET_bitWaitAllLevel0Commit,
        JET_bitWaitLastLevel0Commit,
    }


@rule(source="tm.cxx:1772")
def forces_new_log(instance: Instance, call: SessionCall) -> bool:  # noqa: ARG001 - a rule about the call
    """JET_bitForceNewLog: the call rolls the log and commits nothing."""
    return call.grbit == JET_bitForceNewLog


@rule(source="tm.cxx:1788")
def waits_for_all_commits(instance: Instance, call: SessionCall) -> bool:  # noqa: ARG001 - a rule about the call
    """JET_bitWaitAllLevel0Commit: the call waits for the log and commits nothing."""
    return call.grbit == JET_bitWaitAllLevel0Commit


@rule(source="tm.cxx:1832")
def commits(instance: Instance, call: SessionCall) -> bool:  # noqa: ARG001 - a rule about the call
    """The call commits a transaction.

    With JET_bitWaitLastLevel0Commit it does not: it waits for the last commit that was not waited for (tm.cxx:1804).
    There is none, because nothing here changes data.
    """
    return not call.grbit & COMMIT_BITS_ALONE


@rule(err.JET_errLogWriteFail, source="logapi.cxx:3108")
def log_cannot_roll(instance: Instance) -> bool:
    """The log can no longer be written, so it cannot be rolled; recovery does not roll it at all."""
    return instance.log.write_failed and not (instance.log.disabled or instance.recovering)


@rule(err.JET_errLogWriteFail, source="logapi.cxx:3061")
def log_cannot_be_flushed(instance: Instance) -> bool:
    """The log can no longer be written, so there is no end to wait for; recovery writes none at all."""
    return instance.log.write_failed and not (instance.log.disabled or instance.recovering)


@rule(err.JET_errInvalidGrbit, source="jetapi.cxx:9650")
def unknown_rollback_bit(instance: Instance, call: SessionCall) -> bool:  # noqa: ARG001 - a rule about the call
    """A bit is set that JetRollback does not know."""
    return bool(call.grbit & ~ROLLBACK_BITS)


@rule(err.JET_errNotInTransaction, source="tm.cxx:1832")
def not_in_transaction(instance: Instance, call: SessionCall) -> bool:  # noqa: ARG001 - a rule about the session
    """The session has begun no transaction."""
    return call.session is not None and call.session.level == 0


@rule(err.JET_errInTransaction, source="db.cxx:1698")
def in_transaction(instance: Instance, call: SessionCall) -> bool:  # noqa: ARG001 - a rule about the session
    """The session is inside a transaction."""
    return call.session is not None and call.session.level > 0


@rule(err.JET_errDatabaseInvalidPath, source="db.cxx:4086")
def database_path_invalid(instance: Instance, call: DatabaseCall) -> bool:  # noqa: ARG001 - a rule about the call
    """The path is NULL, empty or too long."""
    return not call.full_path


@rule(err.JET_errCannotDisableVersioning, source="db.cxx:1708")
def versioning_off_with_log(instance: Instance, call: DatabaseCall) -> bool:
    """Versioning can be switched off only for a database that is not logged."""
    return (
        bool(call.grbit & JET_bitDbVersioningOff)
        and not instance.log.disabled
        and not call.grbit & JET_bitDbRecoveryOff
    )


@rule(err.JET_errFileNotFound, source="db.cxx:4106")
def database_file_missing(instance: Instance, call: DatabaseCall) -> bool:
    """There is no such file, and no attached database of this name."""
    return not instance.process.world.disk.is_file(call.full_path) and known_database(instance, call) is None


def known_database(instance: Instance, call: DatabaseCall) -> Database | None:
    """Return the attached database of this instance that the call names."""
    return named_in(instance, call.full_path)


def named_in(instance: Instance, path: str) -> Database | None:
    """Return the attached database of an instance with this full path."""
    wanted = path.upper()
    for database in instance.databases:
        if database.attached and database.name.upper() == wanted:
            return database
    return None


@rule(err.JET_errDatabaseSharingViolation, source="fmp.cxx:1233")
def attached_elsewhere(instance: Instance, call: DatabaseCall) -> bool:
    """Another instance of the process has attached the database."""
    return len(instance.process.instances) > 1 and any(
        named_in(other, call.full_path) is not None for other in instance.process.live() if other is not instance
    )


@rule(source="fmp.cxx:1202")
def attached_already(instance: Instance, call: DatabaseCall) -> bool:  # noqa: ARG001 - a rule about the call
    """The database is attached to this instance: the call warns and changes nothing."""
    return call.database is not None


@rule(source="fmp.cxx:1196")
def not_attached_yet(instance: Instance, call: DatabaseCall) -> bool:  # noqa: ARG001 - a rule about the call
    """The database is not attached to this instance."""
    return call.database is None


@rule(err.JET_errTooManyAttachedDatabases, source="fmp.cxx:1276")
def too_many_databases(instance: Instance, call: DatabaseCall) -> bool:
    """Six databases are attached, or their names fill the list in the header of every log."""
    if len(instance.databases) >= DATABASES_MAX:
        return True
    if call.grbit & (JET_bitDbReadOnly | JET_bitDbRecoveryOff):
        return False
    if len(instance.databases) < ATTACH_SURELY_FIT:
        return False
    names = [*[database.name for database in instance.databases if database.logged], call.full_path]
    size = len("\0".join([*names, ""]).encode("utf-16-le", "surrogatepass"))
    return size + len(names) * ATTACH_ENTRY_SIZE > ATTACH_LIST_SIZE


@rule(err.JET_errDatabaseFileReadOnly, source="db.cxx:4111")
def database_file_read_only(instance: Instance, call: DatabaseCall) -> bool:
    """The file must not be written, and the database is not to be attached for reading only."""
    return not call.grbit & JET_bitDbReadOnly and instance.process.world.disk.read_only(call.full_path)


@rule(err.JET_errDatabaseCorrupted, source="db.cxx:2713")
def not_a_database_file(instance: Instance, call: DatabaseCall) -> bool:  # noqa: ARG001 - a rule about the call
    """The file has no header of a database."""
    return call.file is None


@rule(err.JET_errSoftRecoveryOnBackupDatabase, source="db.cxx:2837")
def copy_of_a_backup(instance: Instance, call: DatabaseCall) -> bool:  # noqa: ARG001 - a rule about the call
    """The file is a backup's copy of a database, and no restore has brought that up to date."""
    return bool(call.file.of_backup)


@rule(err.JET_errDatabaseDuplicate, source="db.cxx:1842")
def database_exists(instance: Instance, call: DatabaseCall) -> bool:
    """A database of this name is attached, or the file exists and is not to be overwritten."""
    if known_database(instance, call) is not None:
        return True
    return not call.grbit & JET_bitDbOverwriteExisting and instance.process.world.disk.is_file(call.full_path)


@rule(err.JET_errLogWriteFail, source="db.cxx:1951")
def creation_cannot_be_logged(instance: Instance, call: DatabaseCall) -> bool:
    """The log can no longer be written, and the new database would be in it."""
    log = instance.log
    return log.write_failed and not log.disabled and not call.grbit & JET_bitDbRecoveryOff


@rule(source="osfs.cxx:1745", errors=(err.JET_errInvalidPath, err.JET_errFileAccessDenied))
def database_cannot_be_made(instance: Instance, call: DatabaseCall) -> int:
    """The folder does not exist, no file can have this name, or a folder or a file that somebody keeps to himself has it."""
    error = instance.process.world.disk.error_opening(call.full_path)
    return 0 if error == err.JET_errFileNotFound else error


@rule(err.JET_errForceDetachNotAllowed, source="jetapi.cxx:16914")
def detach_by_force(instance: Instance, call: DatabaseCall) -> bool:  # noqa: ARG001 - a rule about the call
    """The engine knows no forced detach any more."""
    return bool(call.grbit & JET_bitForceDetach)


@rule(source="db.cxx:5397")
def names_one_database(instance: Instance, call: DatabaseCall) -> bool:  # noqa: ARG001 - a rule about the call
    """A database is named; without a name all of them are meant."""
    return bool(call.path)


@rule(source="db.cxx:5336")
def names_all_databases(instance: Instance, call: DatabaseCall) -> bool:
    """No database is named, and there are some."""
    return not call.path and any(database.attached for database in instance.databases)


@rule(err.JET_errDatabaseNotFound, source="db.cxx:5440")
def not_attached(instance: Instance, call: DatabaseCall) -> bool:
    """No database of this name is attached to the instance."""
    return known_database(instance, call) is None


@rule(err.JET_errDatabaseInUse, source="db.cxx:5493")
def database_open(instance: Instance, call: DatabaseCall) -> bool:
    """A session, or the backup, has the database open."""
    wanted = known_database(instance, call)
    return any(
        in_use(instance, database)
        for database in instance.databases
        if database.attached and wanted in {None, database}
    )


def in_use(instance: Instance, database: Database) -> bool:
    """Return whether a session or the backup has a database open."""
    slot = instance.backup.slot
    return bool(database.open_by) or (slot.in_use and slot.database is database)


@rule(err.JET_errDatabaseInUse, source="db.cxx:6078")
def exclusive_and_open(instance: Instance, call: DatabaseCall) -> bool:
    """The database is wanted for one session alone, and somebody has it open."""
    database = known_database(instance, call)
    return bool(call.grbit & JET_bitDbExclusive) and database is not None and in_use(instance, database)


@rule(err.JET_errDatabaseLocked, source="db.cxx:6071")
def locked_by_another_session(instance: Instance, call: DatabaseCall) -> bool:
    """Another session has the database for itself alone."""
    database = known_database(instance, call)
    return database is not None and database.exclusive_session not in {None, call.session}


@rule(err.JET_errOneDatabasePerSession, source="db.cxx:6048")
def one_database_per_session(instance: Instance, call: DatabaseCall) -> bool:
    """JET_paramOneDatabasePerSession is set, and the session has another database open."""
    if not instance.parameter(JET_paramOneDatabasePerSession):
        return False
    wanted = known_database(instance, call)
    return any(call.session in database.open_by for database in instance.databases if database is not wanted)


@rule(err.JET_errInvalidDatabaseId, source="dbapi.hxx:174")
def database_id_unknown(instance: Instance, call: OpenDatabaseCall) -> bool:
    """No attached database has this number."""
    return all(not database.attached or database.dbid != call.dbid for database in instance.databases)


@rule(err.JET_errDatabaseNotFound, source="db.cxx:6400")
def not_open_in_session(instance: Instance, call: OpenDatabaseCall) -> bool:
    """The session does not have the database open."""
    return all(call.session not in database.open_by for database in instance.databases if database.dbid == call.dbid)
