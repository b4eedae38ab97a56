# SPDX-License-Identifier: MIT
"""Sessions, transactions and databases, as far as backups meet them (pib.cxx, tm.cxx, db.cxx)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine.database_state import DATABASES_MAX, BackupRecord, Database
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
from esemu.vocabulary.parameters import JET_paramCreatePathIfNotExist

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


def warn_attached(instance: Instance, call: DatabaseCall) -> None:
    """Attaching a database twice is a warning."""
    call.warning = JET_wrnDatabaseAttached
    call.result = known_database(instance, call)


def report_copy(instance: Instance, call: DatabaseCall, error: int) -> None:  # noqa: ARG001 - as all refusals
    """Tell that the database was restored from a backup without what has to follow."""
    path = instance.process.world.disk.complete(call.path or "") or ""
    report(instance, "ATTACH_TO_BACKUP_SET_DATABASE_ERROR_ID", path)


def attach(instance: Instance, call: DatabaseCall) -> None:
    """Attach a database; its header remembers the backups of its earlier life."""
    world = instance.process.world
    path = world.disk.complete(call.path or "") or ""
    file = world.attached_database(instance, path, instance.process.page_size)
    _add(instance, call, path, file)


def make_folder(instance: Instance, call: DatabaseCall) -> None:
    """Make the folder of a new database if JET_paramCreatePathIfNotExist says so (db.cxx:1762)."""
    if instance.parameter(JET_paramCreatePathIfNotExist):
        disk = instance.process.world.disk
        folder, _, _ = (disk.complete(call.path or "") or "").rpartition("\\")
        disk.create_folders(f"{folder}\\")


def create(instance: Instance, call: DatabaseCall) -> None:
    """Create a database and attach it; no rule keeps this from happening during a backup."""
    world = instance.process.world
    path = world.disk.complete(call.path or "") or ""
    file = world.new_database(instance, path, instance.process.page_size, call.pages or NEW_DATABASE_PAGES)
    world.disk.create(path, file, overwrite=True)
    _add(instance, call, path, file)


def _add(instance: Instance, call: DatabaseCall, path: str, file: object) -> None:
    """Give a database the lowest free dbid."""
    taken = {database.dbid for database in instance.databases}
    dbid = next(number for number in range(1, DATABASES_MAX + 1) if number not in taken)
    database = Database(path, dbid, file.last_page, instance.process.page_size, file.pages)  # type: ignore[attr-defined]
    database.read_only = bool(call.grbit & JET_bitDbReadOnly)
    database.logged = not (call.grbit & (JET_bitDbReadOnly | JET_bitDbRecoveryOff) or instance.log.disabled)
    database.required_low, database.required_high = instance.log.checkpoint, instance.log.generation
    earlier: Database | None = file.database  # type: ignore[attr-defined]
    if earlier is not None:
        for place in ("full_previous", "incremental_previous", "copy_previous", "differential_previous"):
            old: BackupRecord = getattr(earlier, place)
            setattr(database, place, BackupRecord(old.low, old.high, old.family, old.mark, old.time))
        database.faults = earlier.faults
    file.database = database  # type: ignore[attr-defined]
    file.log = instance.log  # type: ignore[attr-defined]
    instance.databases.append(database)
    instance.databases.sort(key=lambda each: each.dbid)
    instance.process.world.disk.hold(path)
    if instance.aggressive_rollover and database.logged:
        force_new_log(instance, call)
    call.result = database
    instance.changed()


def detach(instance: Instance, call: DatabaseCall) -> None:
    """Detach one database, or all of them."""
    wanted = named_in(instance, instance.process.world.disk.complete(call.path) or "") if call.path else None
    for database in list(instance.databases):
        if database.attached and wanted in {None, database}:
            database.attached = False
            database.clean = True
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
