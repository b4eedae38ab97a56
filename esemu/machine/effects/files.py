# SPDX-License-Identifier: MIT
"""Opening and closing backup files (ErrBKOpenFile, ErrBKCloseFile)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esemu.machine import lognames
from esemu.machine.backup_state import DATABASES
from esemu.machine.database_state import BackupRecord, HeaderRecord
from esemu.machine.effects.backup import clean_up
from esemu.machine.effects.logs import report
from esemu.machine.rules.files import HEADER_PAGES, database_named

if TYPE_CHECKING:
    from esemu.machine.call import Call
    from esemu.machine.database_state import Database
    from esemu.machine.shapes.backup import CloseCall, OpenCall
    from esemu.machine.state import Instance


class OpenedFile:
    """What JetOpenFile returns: a handle, which is 0, and the size of what reads will deliver in bytes."""

    __slots__ = ("handle", "size")

    def __init__(self, handle: int, size: int) -> None:
        self.handle = handle
        self.size = size

    def __repr__(self) -> str:
        return f"OpenedFile(handle={self.handle}, size={self.size})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OpenedFile):
            return NotImplemented
        return (self.handle, self.size) == (other.handle, other.size)

    __hash__ = None  # type: ignore[assignment]


def complete_name(instance: Instance, call: OpenCall) -> None:
    """Work out the full path."""
    call.path = instance.process.world.disk.complete(call.name or "") or ""


def take_slot(instance: Instance, call: OpenCall) -> None:
    """Take the entry of the table before it is known what the file is."""
    slot = instance.backup.slot
    slot.in_use = True
    slot.database = None
    slot.is_log = False
    slot.file = slot.verifier = None
    slot.offset = call.offset
    slot.size = 0
    slot.generation = 0
    slot.name = call.path
    slot.header_record = None
    instance.changed()


def open_database(instance: Instance, call: OpenCall) -> None:
    """Open a database: its header and its size are those of this moment, whatever is written later."""
    database = database_named(instance, call.path)
    assert database is not None, call  # noqa: S101 - the rules before saw to it
    backup = instance.backup
    slot = backup.slot
    slot.database = database
    if call.make_patch_file:
        instance.process.world.disk.create(patch_name(database), None, overwrite=True)
    required = (database.required_low, database.required_high)
    dbtime = getattr(database.pages, "dbtime", None)
    slot.header_record = HeaderRecord(backup.copy_low, backup.full_mark, backup.full_mark_time, required, dbtime)
    slot.size = (database.last_page + HEADER_PAGES + 1) * database.page_size
    database.most = database.last_page
    database.trailer_copied = False
    if call.offset:
        database.copied_most = call.offset // database.page_size - HEADER_PAGES
    if database.trailer_record is None:
        database.trailer_record = BackupRecord()
    database.in_backup = True
    call.result = OpenedFile(0, slot.size)
    megabytes, kilobytes = slot.size // 2**20, slot.size // 2**10
    report(instance, "BACKUP_FILE_START", slot.name, f"{megabytes} Mb" if slot.size > 2**20 else f"{kilobytes} Kb")
    instance.changed()


def patch_name(database: Database) -> str:
    """Return the full path of the empty patch file that JetBackup leaves beside a database (BKIGetPatchName)."""
    return (
        database.name.rpartition(".")[0] + ".pat"
        if "." in database.name.rpartition("\\")[2]
        else (database.name + ".pat")
    )


def note_extension(instance: Instance, call: OpenCall) -> None:
    """A file is a log by its extension alone."""
    instance.backup.slot.is_log = lognames.has_log_extension(instance, call.path)


def open_other_file(instance: Instance, call: OpenCall) -> None:
    """Open a log or any other file."""
    slot = instance.backup.slot
    disk = instance.process.world.disk
    slot.file = disk.content(call.path)
    slot.size = slot.file.size
    if slot.is_log:
        slot.generation = lognames.generation_of(instance, call.path) or 0
        slot.verifier = instance.process.world.log_verifier(slot.file, slot.offset)
        slot.file = slot.verifier or slot.file
    call.result = OpenedFile(0, slot.size)
    instance.changed()


def report_missing_file(instance: Instance, call: OpenCall, error: int) -> None:  # noqa: ARG001 - as all refusals
    """Name the missing file in the event log."""
    report(instance, "BACKUP_LOG_FILE_MISSING_ERROR_ID", call.name or "")


def give_up_opening(instance: Instance, call: OpenCall, error: int) -> None:
    """Let go of the entry.  In the database phase the backup goes on without the file, later it ends (backup.cxx:2598)."""
    slot = instance.backup.slot
    slot.in_use = False
    if instance.backup.phase == DATABASES:
        report(instance, "BACKUP_ERROR_FOR_ONE_DATABASE", str(error), slot.name)
        instance.changed()
    else:
        clean_up(instance, call, error)


def close(instance: Instance, call: CloseCall | Call) -> None:  # noqa: ARG001 - an effect gets both
    """Close the file and note whether all of it was read."""
    backup = instance.backup
    slot = backup.slot
    database = slot.database
    if database is not None:
        database.most = database.copied_most = 0
        database.trailer_copied = False
    if slot.offset != slot.size:
        kind = "INTERNAL_COPY" if backup.internal else "BACKUP"
        report(instance, f"{kind}_FILE_STOP_BEFORE_END", slot.name, str(slot.offset), str(slot.size))
    elif database is not None:
        report(instance, "BACKUP_FILE_STOP_OK", slot.name)
        database.copied = True
    elif slot.is_log and backup.copy_low <= slot.generation < backup.copy_high:
        backup.generations_copied += slot.generation
    slot.in_use = False
    slot.database = None
    slot.is_log = False
    slot.file = slot.verifier = None
    slot.offset = slot.size = 0
    slot.name = ""
    slot.header_record = None
    instance.changed()
