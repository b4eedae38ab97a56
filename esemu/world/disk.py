# SPDX-License-Identifier: MIT
r"""The file system of one emulated process: files, folders, and which files are in exclusive use.

What the machine asks is answered with the JET error that the engine would make of Windows' own (ErrOSErrFromWin32Err,
error.cxx:2238-2299), or 0; nothing that an engine can meet is raised.  Users of esemu may look in and write with
`read`, `write` and `tree`, which raise what Python's own functions raise.
"""

from __future__ import annotations

from esemu.vocabulary.errors import (
    JET_errDiskIO,
    JET_errFileAccessDenied,
    JET_errFileAlreadyExists,
    JET_errFileNotFound,
    JET_errInvalidPath,
    JET_errSuccess,
)
from esemu.world import paths
from esemu.world.content import BytesContent
from esemu.world.file_table import FileTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from esemu.world.content import Content


class VirtualDisk(FileTable):
    r"""Files and folders in memory.

    Paths are completed against the folder `current`, compared without regard to case, and shown as they were first
    written.  `C:\` and the current folder exist from the start; other folders are made explicitly.
    """

    __slots__ = ()

    def __init__(self, current: str = "C:\\app") -> None:
        super().__init__(current)
        self.create_folders(current)

    def complete(self, path: str) -> str | None:
        """Return the full path of `path`, or None if it is too long: see `paths.complete`."""
        return paths.complete(path, self._current)

    # Files, as the engine sees them.

    def error_opening(self, path: str) -> int:
        """Return the error of opening a file for reading, 0 if there is none.  Nothing is opened: see `hold`.

        JET_errInvalidPath: a missing folder or an impossible name; JET_errFileNotFound: no such file in the folder;
        JET_errFileAccessDenied: a folder, or a file in exclusive use.  Source: ErrFileOpen, osfs.cxx:1973-1997.
        """
        name = self._key(path)
        if name in self._files:
            return JET_errFileAccessDenied if name in self._held else JET_errSuccess
        return self._error_without_file(name)

    def exists(self, path: str) -> bool:
        """Tell whether a file or a folder has this path."""
        return self._key(path) in self._files or self.is_folder(path)

    def is_folder(self, path: str) -> bool:
        """Tell whether a folder has this path, with or without a trailing separator."""
        return self._folder_key(path) in self._folders

    def content(self, path: str) -> Content:
        """Return what a file holds.  Raises FileNotFoundError: ask `error_opening` first."""
        return self._file(path)[1]

    def size(self, path: str) -> int:
        """Return the size of a file in bytes.  Raises FileNotFoundError: ask `error_opening` first."""
        return self._file(path)[1].size

    def create(self, path: str, content: Content | None, *, overwrite: bool) -> int:
        """Make a file, or replace one with `overwrite`, and return the error, 0 if there is none; None makes it empty.

        JET_errInvalidPath: a missing folder, an impossible name; JET_errFileAlreadyExists; JET_errFileAccessDenied: a
        folder, or a file in exclusive use.  Source: ErrFileCreate, osfs.cxx:1734-1761, with CREATE_NEW or CREATE_ALWAYS
        (osfs.cxx:3563-3569).
        """
        name = self._key(path)
        if name in self._files:
            if not overwrite:
                return JET_errFileAlreadyExists
            if name in self._held:
                return JET_errFileAccessDenied
            full = self._files[name][0]
        else:
            error = self._error_without_file(name)
            if error != JET_errFileNotFound:
                return error
            full = self._full(path)
        self._files[name] = (full, BytesContent(b"") if content is None else content)
        self.changes += 1
        return JET_errSuccess

    def remove(self, path: str) -> int:
        """Remove a file and return the error of `error_opening`, 0 if there is none.

        The engine takes JET_errFileNotFound for success afterwards.  Source: ErrFileDelete, osfs.cxx:1518-1561.
        """
        error = self.error_opening(path)
        if not error:
            del self._files[self._key(path)]
            self.changes += 1
        return error

    def hold(self, path: str) -> None:
        """Take a file into exclusive use, as the engine does with databases and the current log (osfs.cxx:3510-3561).

        May be done several times.  Raises FileNotFoundError: ask `error_opening` first.
        """
        self._file(path)
        name = self._key(path)
        self._held[name] = self._held.get(name, 0) + 1

    def release(self, path: str) -> None:
        """Give up one exclusive use of a file; nothing happens if there is none."""
        name = self._key(path)
        uses = self._held.pop(name, 0)
        if uses > 1:
            self._held[name] = uses - 1

    def move(self, source: str, target: str, *, overwrite: bool = False) -> int:
        """Give a file or a folder a new path and return the error, 0 if there is none.

        For the source the errors of `error_opening`; for the target JET_errInvalidPath: a missing folder, an impossible
        name; JET_errFileAlreadyExists; JET_errFileAccessDenied: a file in exclusive use, a folder to be replaced, a
        folder into itself or onto another drive.  Source: ErrFileMove, osfs.cxx:1563-1619; MoveFileExW.
        """
        old, new = self._key(source), self._key(target)
        if self.is_folder(source):
            old, new = old.rstrip("\\"), new.rstrip("\\")
            error = self._error_moving_folder(old, new)
        else:
            error = self.error_opening(source)
        if not error and new != old:
            error = self._error_moving_to(new, overwrite=overwrite and old in self._files)
        if not error:
            self._rename(old, new, self._full(target).rstrip("\\"))
            self.changes += 1
        return error

    def _error_moving_folder(self, old: str, new: str) -> int:
        """Return the error of moving a folder that does not depend on what is at the target."""
        if self._fixed(old) or any(name.startswith(f"{old}\\") for name in self._held):
            return JET_errFileAccessDenied
        if new.startswith(f"{old}\\") or (new and new[:2] != old[:2]):
            return JET_errFileAccessDenied
        return JET_errSuccess

    def _error_moving_to(self, new: str, *, overwrite: bool) -> int:
        """Return the error of moving something to a path that is not its own."""
        if new in self._files:
            if not overwrite:
                return JET_errFileAlreadyExists
            return JET_errFileAccessDenied if new in self._held else JET_errSuccess
        if new in self._folders and not overwrite:
            return JET_errFileAlreadyExists
        error = self._error_without_file(new)
        return JET_errSuccess if error == JET_errFileNotFound else error

    # Folders, as the engine sees them.

    def create_folder(self, path: str) -> int:
        """Make one folder and return the error, 0 if there is none.

        JET_errFileAlreadyExists: a folder or a file has that path; JET_errInvalidPath: the folder that should hold it is
        missing, an impossible name.  Source: ErrFolderCreate, osfs.cxx:1422-1450.
        """
        name = self._folder_key(path)
        if name in self._folders or name in self._files:
            return JET_errFileAlreadyExists
        error = self._error_without_file(name)
        if error != JET_errFileNotFound:
            return error
        self._folders[name] = self._full(path).rstrip("\\")
        self.changes += 1
        return JET_errSuccess

    def create_folders(self, path: str) -> int:
        """Make a folder, the folders that should hold it and its drive; return the error.  Existing ones are fine.

        JET_errInvalidPath: an impossible name, or a file in the place of a folder.
        """
        name = self._folder_key(path)
        if name in self._folders:
            return JET_errSuccess
        if not name or name in self._files:
            return JET_errInvalidPath
        full = self._full(path).rstrip("\\")
        if name.rpartition("\\")[0] not in self._folders:
            top = paths.root(f"{full}\\")
            if len(full) < len(top):
                full = top
            else:
                error = self.create_folders(paths.folder(full))
                if error:
                    return error
        self._folders[name] = full
        self.changes += 1
        return JET_errSuccess

    def remove_folder(self, path: str) -> int:
        """Remove an empty folder and return the error, 0 if there is none.

        JET_errInvalidPath: no such folder, or a file; JET_errDiskIO: not empty, for which the engine has no number of
        its own; JET_errFileAccessDenied: a drive, or the current folder.  Source: ErrFolderRemove, osfs.cxx:1452-1486.
        """
        name = self._folder_key(path)
        if name not in self._folders:
            return JET_errInvalidPath
        if self._fixed(name):
            return JET_errFileAccessDenied
        if self.names(path):
            return JET_errDiskIO
        del self._folders[name]
        self.changes += 1
        return JET_errSuccess

    def names(self, folder: str) -> list[str]:
        """Return the full paths of the files and folders directly in a folder, as NTFS orders them."""
        return self._inside(folder, [*self._files, *self._folders])

    def files_in(self, folder: str) -> list[str]:
        """Return the full paths of the files directly in a folder, as NTFS orders them."""
        return self._inside(folder, self._files)

    # For those who test with the disk.

    def read(self, path: str) -> bytes:
        """Return the bytes of a file, in use or not.  Raises FileNotFoundError, IsADirectoryError."""
        content = self._file(path)[1]
        return bytes(content.read(0, content.size))

    def write(self, path: str, data: bytes | bytearray | memoryview) -> None:
        """Make or replace a file.  Raises FileNotFoundError, IsADirectoryError, PermissionError if it is in use."""
        if self.is_folder(path):
            raise IsADirectoryError(path)
        error = self.create(path, BytesContent(bytes(data)), overwrite=True)
        if error:
            raise PermissionError(path) if error == JET_errFileAccessDenied else FileNotFoundError(path)

    def tree(self) -> dict[str, int | None]:
        """Return every full path with the size of the file in bytes, or None for a folder, in order."""
        sizes: dict[str, int | None] = dict.fromkeys(self._folders)
        sizes.update((name, file[1].size) for name, file in self._files.items())
        return {self._shown(name): sizes[name] for name in sorted(sizes)}
