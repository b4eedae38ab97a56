# SPDX-License-Identifier: MIT
"""What can go wrong while JetBackup writes a folder itself (ErrBKBackup, ErrBKIPrepareDirectory, ErrBKICopyFile)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine.step import rule
from esemu.vocabulary import errors as err
from esemu.vocabulary.grbits import JET_bitBackupAtomic, JET_bitBackupIncremental

if TYPE_CHECKING:
    from esemu.machine.shapes.backup import BackupCall
    from esemu.machine.state import Instance

PATH_MAX: Final = 260
"""IFileSystemAPI::cchPathMax: characters of a path with its NUL."""


@rule(err.JET_errInvalidPath, source="backup.cxx:937")
def backup_path_too_long(instance: Instance, call: BackupCall) -> bool:
    """The full path of the folder has more characters than the engine has room for."""
    return instance.process.world.disk.complete(call.path or "") is None


@rule(err.JET_errInvalidPath, source="backup.cxx:1419")
def no_room_for_delimiter(instance: Instance, call: BackupCall) -> bool:  # noqa: ARG001 - a rule about the call
    """Not even a backslash could be put behind the full path of the folder."""
    return len(call.destination.encode("utf-16-le", "surrogatepass")) // 2 >= PATH_MAX - 1


@rule(source="backup.cxx:1150", errors=(err.JET_errDeleteBackupFileFail, err.JET_errFileAccessDenied))
def left_over_not_removed(instance: Instance, call: BackupCall) -> int:  # noqa: ARG001 - left in the call
    """What an earlier atomic backup left behind could not be removed."""
    return call.copy_error


@rule(err.JET_errMakeBackupDirectoryFail, source="backup.cxx:1214")
def folder_not_made(instance: Instance, call: BackupCall) -> bool:  # noqa: ARG001 - left in the call
    """The folder that an atomic backup is written to could not be made."""
    return bool(call.copy_error)


@rule(err.JET_errBackupDirectoryNotEmpty, source="backup.cxx:1237")
def folder_in_use(instance: Instance, call: BackupCall) -> bool:
    """A full backup wants an empty folder, an incremental one a folder without the results of atomic ones."""
    if call.grbit & JET_bitBackupAtomic:
        return False
    names = [name.rpartition("\\")[2].lower() for name in instance.process.world.disk.names(call.destination)]
    return bool({"new", "old"}.intersection(names)) if call.grbit & JET_bitBackupIncremental else bool(names)


@rule(err.JET_errTermInProgress, source="backup.cxx:1076")
def term_during_copy(instance: Instance) -> bool:
    """The instance is being terminated, and JetBackup gives way to that."""
    return instance.term_in_progress


@rule(
    source="backup.cxx:1060",
    errors=(err.JET_errInvalidPath, err.JET_errFileAlreadyExists, err.JET_errFileAccessDenied),
)
def copy_not_created(instance: Instance, call: BackupCall) -> int:  # noqa: ARG001 - left in the call
    """The file to copy to could not be created."""
    return call.copy_error


@rule(
    source="backup.cxx:1083",
    errors=(err.JET_errDiskFull, err.JET_errDiskIO, err.JET_errFileAccessDenied, err.JET_errFileNotFound),
)
def copy_not_written(instance: Instance, call: BackupCall) -> int:  # noqa: ARG001 - left in the call
    """A piece could not be written to the copy."""
    return call.copy_error
