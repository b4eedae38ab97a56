# SPDX-License-Identifier: MIT
"""Sessions, transactions and databases, as far as backups meet them (pib.cxx, tm.cxx, db.cxx)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.machine.database_state import BackupRecord, Database
from esemu.machine.effects.logs import report, roll_log
from esemu.machine.rules.databases import known_database, named_in
from esemu.machine.state import Session
from esemu.vocabulary.errors import JET_wrnDatabaseAttached, JET_wrnFileOpenReadOnly
from esemu.vocabulary.grbits import (
    JET_bitDbExclusive,
    JET_bitDbReadOnly,
    JET_bitDbRecoveryOff,
    JET_bitRollbackAll,
)
from esemu.vocabulary.parameters import JET_paramAggressiveLogRollover, JET_paramCreatePathIfNotExist

if TYPE_CHECKING:
    from esemu.machine.call import Call
    from esemu.machine.shapes.databases import DatabaseCall, OpenDatabaseCall, SessionCall
    from esemu.machine.state import Instance

NEW_DATABASE_PAGES: Final = 256
"""cpgDatabaseSizeDefault: pages of a new database (daeconst.hxx)."""


def begin_session(instance: Instance, call: Call) -> None:
    """Open a session."""
    session = Session(instance, next(instance.process.handles))
    instance.sessions[session.id] = session
    instance.process.sessions[session.id] = session
    instance.changed()
    call.result = session.id


def end_session(instance: Instance, call: SessionCall) -> None:
    """Close a session, rolling back its transactions and closing its databases."""
    for database in instance.databases:
        database.open_by = [session for session in database.open_by if session is not call.session]
        if database.exclusive_session is call.session:
            database.exclusive_session = None
    instance.sessions.pop(call.handle, None)
    instance.process.sessions.pop(call.handle, None)
    instance.changed()


def begin_transaction(instance: Instance, call: SessionCall) -> None:  # noqa: ARG001 - an effect gets both
    """Begin a transaction inside those that the session has begun."""
    assert call.session is not None, call  # noqa: S101 - the call was found by its session
    call.session.level += 1


def commit(instance: Instance, call: SessionCall) -> None:  # noqa: ARG001 - an effect gets both
    """Commit the innermost transaction."""
    assert call.session is not None, call  # noqa: S101 - the call was found by its session
    call.session.level -= 1


def roll_back(instance: Instance, call: SessionCall) -> None:  # noqa: ARG001 - an effect gets both
    """Roll back the innermost transaction, or all of them with JET_bitRollbackAll."""
    assert call.session is not None, call  # noqa: S101 - the call was found by its session
    call.session.level = 0 if call.grbit & JET_bitRollbackAll else call.session.level - 1


def force_new_log(instance: Instance, call: Call) -> None:  # noqa: ARG001 - an effect gets both
    """Roll the log, where there is one to roll (logapi.cxx:3069)."""
    if not instance.log.disabled and not instance.recovering:
        roll_log(instance)
        instance.changed()


def complete_path(instance: Instance, call: DatabaseCall) -> None:
    """Work out the full path, empty where there is none; `call.path` is as it was given."""
    call.full_path = (instance.process.world.disk.complete(call.path) or "") if call.path else ""


def find_database(instance: Instance, call: DatabaseCall) -> None:
    """Look whether the database is attached already."""
    call.database = named_in(instance, call.full_path)


def open_file(instance: Instance, call: DatabaseCall) -> None:
    """Read what database is in the file."""
    process = instance.process
    call.file = process.world.attached_database(instance, call.full_path, process.page_size)


def warn_attached(instance: Instance, call: DatabaseCall) -> None:  # noqa: ARG001 - an effect gets both
    """Attaching a database twice is a warning."""
    call.warning = JET_wrnDatabaseAttached
    call.result = call.database


def report_copy(instance: Instance, call: DatabaseCall, error: int) -> None:  # noqa: ARG001 - as all refusals
    """Tell that the database was restored from a backup without what has to follow."""
    report(instance, "ATTACH_TO_BACKUP_SET_DATABASE_ERROR_ID", call.full_path)
    call.file = None  # the trace keeps no file open


def attach(instance: Instance, call: DatabaseCall) -> None:
    """Attach a database; its header remembers the backups of its earlier life."""
    file, call.file = call.file, None
    _add(instance, call, file)


def make_folder(instance: Instance, call: DatabaseCall) -> None:
    """Make the folder of a new database if JET_paramCreatePathIfNotExist says so (db.cxx:1762)."""
    if instance.parameter(JET_paramCreatePathIfNotExist):
        disk = instance.process.world.disk
        folder, _, _ = (disk.complete(call.path or "") or "").rpartition("\\")
        disk.create_folders(f"{folder}\\")


def create(instance: Instance, call: DatabaseCall) -> None:
    """Create a database and attach it; no rule keeps this from happening during a backup."""
    world, path = instance.process.world, call.full_path
    pages = call.pages or NEW_DATABASE_PAGES
    file = call.file or world.new_database(instance, path, instance.process.page_size, pages)
    world.disk.create(path, file, overwrite=True)
    _add(instance, call, file)


def _add(instance: Instance, call: DatabaseCall, file: Any) -> None:
    """Give a database the lowest free dbid."""
    databases = instance.databases
    place = 0
    while place < len(databases) and databases[place].dbid == place + 1:
        place += 1
    database = Database(call.full_path, place + 1, file.last_page, instance.process.page_size, file.pages)
    database.read_only = bool(call.grbit & JET_bitDbReadOnly)
    database.logged = not (call.grbit & (JET_bitDbReadOnly | JET_bitDbRecoveryOff) or instance.log.disabled)
    database.required_low, database.required_high = instance.log.checkpoint, instance.log.generation
    earlier: Database | None = file.database
    if earlier is not None:
        for record in ("full_previous", "incremental_previous", "copy_previous", "differential_previous"):
            old: BackupRecord = getattr(earlier, record)
            setattr(database, record, BackupRecord(old.low, old.high, old.family, old.mark, old.time))
        database.faults = earlier.faults
    file.database = database
    file.log = instance.log
    databases.insert(place, database)
    instance.process.world.disk.hold(database.name)
    if database.logged and instance.parameters[JET_paramAggressiveLogRollover]:
        force_new_log(instance, call)
    call.result = database
    instance.changed()


def detach(instance: Instance, call: DatabaseCall) -> None:
    """Detach one database, or all of them."""
    wanted = known_database(instance, call)
    for database in list(instance.databases):
        if database.attached and wanted in {None, database}:
            database.attached = False
            database.clean = True
            instance.process.world.write_header(instance, database)
            instance.databases.remove(database)
            instance.process.world.disk.release(database.name)
            if instance.aggressive_rollover and database.logged:
                force_new_log(instance, call)
    instance.changed()


def open_database(instance: Instance, call: DatabaseCall) -> None:
    """Open a database in a session."""
    database = known_database(instance, call)
    assert database is not None and call.session is not None, call  # noqa: PT018, S101 - the rules before saw to it
    database.open_by.append(call.session)
    if call.grbit & JET_bitDbExclusive:
        database.exclusive_session = call.session
    if database.read_only and not call.grbit & JET_bitDbReadOnly:
        call.warning = JET_wrnFileOpenReadOnly
    call.result = database.dbid


def close_database(instance: Instance, call: OpenDatabaseCall) -> None:
    """Close one opening of a database."""
    for database in instance.databases:
        if database.dbid == call.dbid and call.session in database.open_by:
            database.open_by.remove(call.session)
            if database.exclusive_session is call.session:
                database.exclusive_session = None
