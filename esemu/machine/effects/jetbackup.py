# SPDX-License-Identifier: MIT
"""JetBackup: the engine makes the backup itself and writes it to a folder (ErrBKBackup, backup.cxx:1345).

It calls the same parts that a client calls.  An atomic backup is written to `temp`, which then becomes `new`, while the
backup before it is moved to `old` and removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine import lognames, parts
from esemu.machine.call import GrbitCall
from esemu.machine.effects.backup import ABORT_BY_CALLER, clean_up
from esemu.machine.effects.files import patch_name
from esemu.machine.effects.logs import list_logs_to_copy
from esemu.machine.rules import jetbackup as rules
from esemu.machine.shapes.backup import CloseCall, ListCall, OpenCall, ReadCall
from esemu.machine.step import Part, running
from esemu.vocabulary.errors import (
    JET_errDeleteBackupFileFail,
    JET_errFileNotFound,
    JET_errInvalidPath,
)
from esemu.vocabulary.grbits import JET_bitBackupAtomic, JET_bitBackupIncremental
from esemu.vocabulary.parameters import JET_paramCreatePathIfNotExist

if TYPE_CHECKING:
    from esemu.machine.call import Call
    from esemu.machine.ports import Disk
    from esemu.machine.shapes.backup import BackupCall
    from esemu.machine.state import Instance

BUFFER_PAGES: Final = 256
"""cpageBackupBufferMost: a file is copied in pieces of this many pages (backup.cxx:966)."""

BEGIN_STATUS, COMPLETE_STATUS = 5, 6
"""JET_sntBegin and JET_sntComplete (jethdr.w)."""


LIST_LOGS = Part("ErrBKGetLogInfo", parts.PREPARE_LOGS, list_logs_to_copy)
END = Part("ErrIsamEndExternalBackup", parts.BACKUP_TO_END, parts.END_BACKUP)
COPY_CREATED = Part("the copy is created", rules.copy_not_created)
COPY_PIECE = Part("before each piece", rules.term_during_copy)
COPY_WRITTEN = Part("after each piece", rules.copy_not_written)
_COPY_FILE = (parts.OPEN_FILE, COPY_CREATED, COPY_PIECE, parts.READ_FILE, COPY_WRITTEN, parts.CLOSE_FILE)


def run_inside(part: Part, instance: Instance, call: Call, inner: Call) -> int:
    """Run a part of the engine inside another call; a refusal becomes that call's."""
    inner.instance = instance
    inner.number = call.number
    error = part.run(instance, inner)
    if error:
        call.rule = inner.rule
        call.holder = inner.holder
    return error


@running(parts.BEGIN)
def begin(instance: Instance, call: BackupCall) -> int:
    """Begin an ordinary backup: of the grbits only JET_bitBackupIncremental gets this far."""
    call.destination = instance.process.world.disk.complete(call.path or "") or ""
    inner = GrbitCall(call.api, call.handle, call.grbit & JET_bitBackupIncremental)
    return run_inside(parts.BEGIN, instance, call, inner)


def remove_left_overs(instance: Instance, call: BackupCall) -> None:
    """Remove what an earlier atomic backup that failed left in `temp`."""
    disk = instance.process.world.disk
    call.destination = lognames.as_folder(call.destination)
    if instance.parameter(JET_paramCreatePathIfNotExist):
        disk.create_folders(call.destination)
    call.copy_error = _empty_and_remove(disk, call.destination + "temp")


def make_room(instance: Instance, call: BackupCall) -> None:
    """Move the last atomic backup out of the way and make a folder for this one."""
    if not call.grbit & JET_bitBackupAtomic:
        return
    disk = instance.process.world.disk
    new, old, temp = (call.destination + name for name in ("new", "old", "temp"))
    if disk.exists(new):
        _empty_and_remove(disk, old)
        disk.move(new, old)
    if call.grbit & JET_bitBackupIncremental:
        # The engine puts the bare name "old" in place of the whole path (backup.cxx:1194).
        call.destination = "old\\"
        return
    call.copy_error = disk.create_folder(temp)
    call.destination = temp + "\\"


@running(*_COPY_FILE)
def copy_databases(instance: Instance, call: BackupCall) -> int:
    """Copy every attached, logged database; an incremental backup has none to copy."""
    if call.grbit & JET_bitBackupIncremental:
        return 0
    _tell(instance, call, BEGIN_STATUS, 0)
    for database in list(instance.databases):
        if database.attached and database.logged:
            error = _copy_file(instance, call, database.name, overwrite=False)
            if error:
                return error
    return 0


@running(LIST_LOGS, *_COPY_FILE)
def copy_logs(instance: Instance, call: BackupCall) -> int:
    """Copy the logs and, in a full backup, the empty patch files."""
    inner = ListCall(call.api, call.handle)
    error = run_inside(LIST_LOGS, instance, call, inner)
    if error:
        return error
    names: list[str] = inner.result
    if instance.backup.full:
        names += [
            patch_name(database)
            for database in instance.databases
            if database.attached and not database.attached_for_recovery and database.in_backup and database.copied
        ]
    for name in names:
        error = _copy_file(instance, call, name, overwrite=True)
        if error:
            return error
    return 0


def _copy_file(instance: Instance, call: BackupCall, name: str, *, overwrite: bool) -> int:
    """Copy one file through the backup calls; what was copied when it fails stays (ErrBKICopyFile)."""
    opening = OpenCall(call.api, call.handle, name)
    opening.make_patch_file = instance.backup.full
    error = run_inside(parts.OPEN_FILE, instance, call, opening)
    if error:
        return error
    size = opening.result.size
    closing = CloseCall(call.api, call.handle, 0)
    call.target = call.destination + name.rpartition("\\")[2]
    call.copy_error = instance.process.world.disk.create(call.target, None, overwrite=overwrite)
    buffer_size = min(BUFFER_PAGES * instance.process.page_size, size)
    error = COPY_CREATED.run(instance, call)
    while size and not error:
        error = COPY_PIECE.run(instance, call)
        if not error:
            reading = ReadCall(call.api, call.handle, 0, buffer_size)
            error = run_inside(parts.READ_FILE, instance, call, reading)
        if not error:
            size -= reading.result.size
            call.copy_error = instance.process.world.append(instance, call.target, reading.result)
            error = COPY_WRITTEN.run(instance, call)
    closed = run_inside(parts.CLOSE_FILE, instance, closing, closing)
    return error or closed


def promote(instance: Instance, call: BackupCall) -> None:
    """Make the finished atomic backup the new one, and remove the one before it (ErrBKIPromoteDirectory)."""
    if not call.grbit & JET_bitBackupAtomic or call.grbit & JET_bitBackupIncremental:
        return
    disk = instance.process.world.disk
    folder = call.destination.removesuffix("temp\\")
    disk.move(folder + "temp", folder + "new")
    _empty_and_remove(disk, folder + "old")


@running(parts.TRUNCATE_LOG)
def truncate(instance: Instance, call: BackupCall) -> int:
    """Delete the logs that are not needed any more."""
    inner = GrbitCall(call.api, call.handle, 0)
    error = run_inside(parts.TRUNCATE_LOG, instance, call, inner)
    if not error and not call.grbit & JET_bitBackupIncremental:
        _tell(instance, call, COMPLETE_STATUS, 100)
    return error


def _tell(instance: Instance, call: BackupCall, status: int, percent: int) -> None:
    """Call the status callback, which may call the engine, as may other threads meanwhile."""
    if (callback := call.status) is not None:
        instance.process.world.outside(instance, lambda: callback(status, percent))


@running(END)
def end_normally(instance: Instance, call: BackupCall) -> int:
    """End the backup; a stop that came after the last test makes it an abort, and still a success to the caller."""
    error = run_inside(END, instance, call, GrbitCall(call.api, call.handle, 0))
    if not error:
        _tidy(instance, call)
    return error


def abort(instance: Instance, call: BackupCall, error: int) -> None:  # noqa: ARG001 - called as all refusals are
    """End the backup as its caller would; the files copied so far stay."""
    if instance.backup.in_progress:
        clean_up(instance, call, ABORT_BY_CALLER)
    else:
        instance.backup.stop_requested = False
        instance.changed()
    _tidy(instance, call)


def _tidy(instance: Instance, call: BackupCall) -> None:
    """Remove `temp`, whatever happened (ErrBKICleanupDirectory)."""
    disk = instance.process.world.disk
    folder = lognames.as_folder(disk.complete(call.path or "") or "")
    _empty_and_remove(disk, folder + "temp")


def _empty_and_remove(disk: Disk, folder: str) -> int:
    """Delete the files in a folder and then the folder; one that does not exist is fine (ErrLGIRemoveTempDir)."""
    for name in disk.names(folder):
        if name.rpartition("\\")[2].lower() != "temp" and disk.remove(name):
            return JET_errDeleteBackupFileFail
    error = disk.remove_folder(folder)
    return 0 if error in {JET_errInvalidPath, JET_errFileNotFound} else error
