# SPDX-License-Identifier: MIT
"""A twin of an emulated process: the same state, sharing nothing that either of them can change but its numbering.

States are enumerated by making a twin for each call that may change something, so a twin has to be cheap: attributes
are copied class by class, and only those that hold other state are looked at.
"""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any

from esemu.machine.backup_state import Backup, FileSlot
from esemu.machine.database_state import BackupRecord, Database
from esemu.machine.log_state import LogStream
from esemu.machine.snapshot_state import SnapshotSession
from esemu.machine.state import Instance, Process, Session

if TYPE_CHECKING:
    from collections.abc import Callable


def _copier(kind: type) -> Callable[[Any], Any]:
    """Return a function that makes an object with the same attributes; one assignment each is what costs least."""
    names: dict[str, Any] = {"new": object.__new__, "kind": kind}
    lines = ["def copied(original):", " made = new(kind)"]
    lines += [f" made.{name} = original.{name}" for name in kind.__slots__]  # type: ignore[attr-defined]
    exec("\n".join([*lines, " return made"]), names)  # noqa: S102 - the text is made of names of attributes alone
    return names["copied"]  # type: ignore[no-any-return]


_process = _copier(Process)
_instance = _copier(Instance)
_backup = _copier(Backup)
_slot = _copier(FileSlot)
_log = _copier(LogStream)
_database = _copier(Database)
_record = _copier(BackupRecord)
_session = _copier(Session)
_snapshot = _copier(SnapshotSession)


def twin(process: Process) -> Process:
    """Return a process in the same state; its world has to be a `BareWorld`, which knows how to make its own twin.

    Handles and numbers of calls are drawn from the same source, and calls are traced together.
    """
    made: Process = _process(process)
    made.lock = RLock()
    made.last_read = None
    sessions: dict[Session | None, Session | None] = {None: None}
    databases: dict[Database | None, Database | None] = {None: None}
    instances: dict[Instance | None, Instance | None] = {None: None}
    for old in process.live():
        instances[old] = _instance_twin(old, made, sessions, databases)
    made.instances = [instances[old] for old in process.instances]
    made.found = {handle: instances[old] for handle, old in process.found.items()}  # type: ignore[misc]
    made.sessions = {number: sessions[old] for number, old in process.sessions.items()}  # type: ignore[misc]
    made.world = process.world.twin(databases)  # type: ignore[attr-defined]
    made.snapshots = {}
    if process.snapshots:
        _add_snapshots(process, made)
    return made


def _add_snapshots(process: Process, made: Process) -> None:
    """Give the twin snapshots of its own, with the locks that those hold."""
    snapshots: dict[SnapshotSession | None, SnapshotSession | None] = {None: None}
    for number, old in process.snapshots.items():
        snapshots[old] = made.snapshots[number] = _snapshot(old)
    for instance in made.live():
        instance.snapshot = snapshots[instance.snapshot]
        instance.backup.lock = snapshots[instance.backup.lock]
        instance.log.checkpoint_lock = snapshots[instance.log.checkpoint_lock]
        instance.log.write_lock = snapshots[instance.log.write_lock]


def _instance_twin(
    original: Instance,
    process: Process,
    sessions: dict[Session | None, Session | None],
    databases: dict[Database | None, Database | None],
) -> Instance:
    made: Instance = _instance(original)
    made.process = process
    made.parameters = original.parameters.copy()
    made.causes = original.causes.copy()
    made.verdicts = {}
    made.log = _log(original.log)
    made.log.records = original.log.records.copy()
    made.sessions = {}
    for number, old in original.sessions.items():
        session = sessions[old] = made.sessions[number] = _session(old)
        session.instance = made
    made.databases = [database_twin(database, sessions, databases) for database in original.databases]
    made.backup = _backup(original.backup)
    slot = made.backup.slot = _slot(original.backup.slot)
    if slot.database is not None:
        slot.database = databases.get(slot.database) or database_twin(slot.database, sessions, databases)
    return made


def database_twin(
    original: Database,
    sessions: dict[Session | None, Session | None],
    databases: dict[Database | None, Database | None],
) -> Database:
    """Return the same database for a twin of its process, and note it among those made."""
    made: Database = _database(original)
    if original.trailer_record is not None:
        made.trailer_record = _record(original.trailer_record)  # the others are replaced, never changed
    made.open_by = [sessions.get(session, session) for session in original.open_by]  # type: ignore[misc]
    made.exclusive_session = sessions.get(original.exclusive_session)
    databases[original] = made
    return made
