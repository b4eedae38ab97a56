# SPDX-License-Identifier: MIT
"""What database headers remember of backups: one record a kind, logged first and written then (ErrBKUpdateHdrBackupInfo)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine.database_state import NO_BACKUP, NORMAL, OS_SNAPSHOT, SURROGATE, BackupRecord
from esemu.machine.effects.logs import write_record
from esemu.vocabulary.errors import JET_errLogWriteFail, JET_errSuccess
from esemu.vocabulary.grbits import JET_bitBackupNoDbHeaderUpdate, JET_bitBackupSurrogate, JET_bitBackupTruncateDone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.machine.call import GrbitCall
    from esemu.machine.database_state import Database
    from esemu.machine.state import Instance

PLACES: Final = {
    (False, True): ("Full", "full_previous"),
    (False, False): ("Copy", "copy_previous"),
    (True, True): ("Incremental", "incremental_previous"),
    (True, False): ("Differential", "differential_previous"),
}
"""Logs only, logs truncated -> the scope in the log record, and the place in the header (backup.cxx:4057)."""


class HeaderUpdate:
    """What one header is to remember, and where."""

    __slots__ = ("database", "place", "record", "scope")

    def __init__(self, database: Database, record: BackupRecord, *, log_only: bool, truncated: bool) -> None:
        self.database = database
        self.record = record
        self.scope, self.place = PLACES[log_only, truncated]

    def log(self, instance: Instance) -> bool:
        """Write the log record; return whether that worked."""
        record = self.record
        return write_record(
            instance,
            "Update",
            self.scope,
            family=record.family,
            low=record.low,
            high=record.high,
            dbid=self.database.dbid,
        )

    def write(self) -> None:
        """Put the record in its place, unless a newer one stands there."""
        database, record = self.database, self.record
        if record.family == SURROGATE:
            record.family = OS_SNAPSHOT  # a snapshot on another machine, to the header (backup.cxx:4046)
        if getattr(database, self.place).mark > record.mark:
            return
        setattr(database, self.place, record)
        if self.scope == "Full":
            database.incremental_previous = database.differential_previous = NO_BACKUP


def in_session(instance: Instance) -> list[Database]:
    """Return the databases that the streaming or surrogate backup concerns."""
    return [database for database in instance.databases if database.logged and database.attached and database.in_backup]


def updates_at_end(instance: Instance, call: GrbitCall) -> Iterator[Instance]:
    """Go through the headers that the end of a backup changes (backup.cxx:4229-4298)."""
    backup = instance.backup
    if call.outcome != JET_errSuccess or call.grbit & JET_bitBackupNoDbHeaderUpdate:
        return
    surrogate = bool(call.grbit & JET_bitBackupSurrogate)
    truncated = bool(call.grbit & JET_bitBackupTruncateDone) or (backup.truncated and not surrogate)
    for database in in_session(instance):
        record = None if database.attached_for_recovery else _record_at_end(instance, database, surrogate=surrogate)
        if record is not None:
            call.update = HeaderUpdate(database, record, log_only=not backup.full, truncated=truncated)
            yield instance


def _record_at_end(instance: Instance, database: Database, *, surrogate: bool) -> BackupRecord | None:
    """Return what the header remembers, None for a database that was not copied completely."""
    backup = instance.backup
    if surrogate:
        mark = backup.full_position if backup.full else backup.incremental_position
        time = backup.full_time if backup.full else backup.incremental_time
        return BackupRecord(backup.copy_low, backup.copy_high, SURROGATE, mark, time)
    if not backup.full:
        mark, time = backup.incremental_position, backup.incremental_time
        return BackupRecord(backup.copy_low, (backup.copy_high - 1) & 0xFFFFFFFF, NORMAL, mark, time)
    if not database.copied:
        return None
    trailer = database.trailer_record or BackupRecord()
    return BackupRecord(trailer.low, backup.copy_high - 1, NORMAL, trailer.mark, trailer.time)


def log_update(instance: Instance, call: GrbitCall) -> None:
    """Log what the header will remember; without that it stays as it is, and only the event log tells (event 219)."""
    assert call.update is not None, call  # noqa: S101 - it was just made
    if not call.update.log(instance):
        call.update_error = call.update_error or JET_errLogWriteFail
        call.update = None


def write_update(instance: Instance, call: GrbitCall) -> None:
    """Write the record into the header; where the disk refuses, only the event log tells (event 219)."""
    assert call.update is not None, call  # noqa: S101 - a rule looked
    call.update.write()
    error = instance.process.world.write_header(instance, call.update.database)
    call.update_error = call.update_error or error
