# SPDX-License-Identifier: MIT
"""The file system that an engine meets (IFileSystemAPI): files, folders, and which files are in exclusive use.

What the machine asks is answered with the JET error that the engine would make of Windows' own (ErrOSErrFromWin32Err,
error.cxx:2238-2299), or 0; nothing that an engine can meet is raised.
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
from esemu.world.content import EMPTY, PatchedContent, PieceContent
from esemu.world.file_table import FileTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from esemu.world.content import Content

_LONGEST_ENDING: Final = "res00001.jrs"
"""What stands for the end of a planned file's path: no file of an engine has a longer one behind its base name."""


class FileSystem(FileTable):
    """Files and folders in memory, and those of the host that are mounted among them."""

    __slots__ = ()

    def complete(self, path: str) -> str | None:
        """Return the full path of `path`, or None if it is too long: see `paths.complete`."""
        try:
            return paths.complete(path, self._current)
        except TypeError:
            raise TypeError(f"path is {path!r}; it must be a str") from None

    # Files, as the engine sees them.

    def error_opening(self, path: str) -> int:
        """Return the error of opening a file for reading, 0 if there is none.  Nothing is opened: see `hold`.

        JET_errInvalidPath: a missing folder or an impossible name; JET_errFileNotFound: no such file in the folder;
        JET_errFileAccessDenied: a folder, or a file in exclusive use.  Source: ErrFileOpen, osfs.cxx:1973-1997.
        """
        keys, file = self._look(path)
        if file is not None:
            return JET_errFileAccessDenied if keys.key in self._held else JET_errSuccess
        if self._mounts is not None and keys.key[-1:] != "\\" and (place := self._mounted(path)) is not None:
            return JET_errFileAccessDenied if keys.key in self._held else place.error_opening()
        return self._error_without_file(keys.key, keys.inside)

    def exists(self, path: str) -> bool:
        """Tell whether a file or a folder has this path."""
        keys, file = self._look(path)
        if file is not None or keys.folder in self._folders:
            return True
        if self._mounts is None or (place := self._mounted(path)) is None:
            return False
        return place.is_folder() or (keys.key[-1:] != "\\" and place.exists())

    def is_folder(self, path: str) -> bool:
        """Tell whether a folder has this path, with or without a trailing separator."""
        if self._keys(path).folder in self._folders:
            return True
        return self._mounts is not None and (place := self._mounted(path)) is not None and place.is_folder()

    def is_file(self, path: str) -> bool:
        """Tell whether a file has this path."""
        if self._look(path)[1] is not None:
            return True
        return self._mounts is not None and self.exists(path) and not self.is_folder(path)

    def behind_a_file(self, path: str) -> bool:
        """Tell whether a file lies where this path would have a folder, so that nothing can lie there."""
        folder = self._keys(path).inside
        while folder and folder not in self._folders:
            parent, _, name = folder.rpartition("\\")
            if name in self._files_in(parent) or (self._mounts is not None and self.is_file(folder)):
                return True
            folder = parent
        return False

    def opened(self, path: str) -> Content | None:
        """Return what a file holds, None where it cannot be opened: see `error_opening`."""
        keys, file = self._look(path)
        if file is not None:
            return None if keys.key in self._held else file[1]
        return None if self._mounts is None or self.error_opening(path) else self.content(path)

    def read_only(self, path: str) -> bool:
        """Tell whether a file is there and must not be written: only files of the host can be so."""
        return self._mounts is not None and (place := self._mounted(path)) is not None and place.read_only()

    def on_host(self, path: str) -> bool:
        """Tell whether a path leads into a mounted folder of the host."""
        return self._mounts is not None and self._mounted(path) is not None

    def patch(self, path: str, offset: int, data: bytes | memoryview) -> int:
        """Write bytes over others in a file, and return the error of that, 0 if there is none."""
        place = self._mounted(path)
        if place is not None:
            return place.patch(offset, data)
        full, content = self._file(path)
        self._put(self._key(path), full, PatchedContent(content, offset, data))
        self.changes += 1
        return JET_errSuccess

    def content(self, path: str) -> Content:
        """Return what a file holds.  Raises FileNotFoundError: ask `error_opening` first."""
        place = None if self._mounts is None else self._mounted(path)
        return self._file(path)[1] if place is None or path[-1:] in "\\/" else place.content()

    def size(self, path: str) -> int:
        """Return the size of a file in bytes.  Raises FileNotFoundError: ask `error_opening` first."""
        return self.content(path).size

    def create(self, path: str, content: Content | None, *, overwrite: bool) -> int:
        """Make a file, or replace one with `overwrite`, and return the error, 0 if there is none; None makes it empty.

        JET_errInvalidPath: a missing folder, an impossible name; JET_errFileAlreadyExists; JET_errFileAccessDenied: a
        folder, or a file in exclusive use.  Source: ErrFileCreate, osfs.cxx:1734-1761, with CREATE_NEW or CREATE_ALWAYS
        (osfs.cxx:3563-3569).
        """
        keys, file = self._look(path)
        if file is not None:
            if not overwrite:
                return JET_errFileAlreadyExists
            if keys.key in self._held:
                return JET_errFileAccessDenied
            full = file[0]
        elif self._mounts is not None and keys.key[-1:] != "\\" and (place := self._mounted(path)) is not None:
            self.changes += 1
            held = keys.key in self._held
            return JET_errFileAccessDenied if held else place.create(content or EMPTY, overwrite=overwrite)
        elif keys.name and keys.inside in self._folders and keys.key not in self._folders:
            full = keys.full
        else:
            return self._error_without_file(keys.key, keys.inside)
        self._files.setdefault(keys.inside, {})[keys.name] = (full, content or EMPTY)
        self.changes += 1
        return JET_errSuccess

    def plan(self, start: str, files: Iterator[tuple[str, Content]]) -> None:
        """Let files be in a folder whose paths begin with `start`: `files` gives how they end, in ASCII, and their contents.

        They replace those that can be replaced.  Into a folder where no file is yet they come when somebody looks into it;
        until then they cost nothing, however many they are.
        """
        longest = self._keys(start + _LONGEST_ENDING)
        full_start = longest.full[: -len(_LONGEST_ENDING)]
        if (self._mounts is not None and self.on_host(longest.full)) or not self._plan(
            longest.inside, full_start, files
        ):
            for ending, content in files:
                self.create(start + ending, content, overwrite=True)

    def append(self, path: str, data: memoryview) -> int:
        """Write bytes to the end of a file, and return the error of that, 0 if there is none."""
        place = self._mounted(path)
        if place is not None:
            return place.append(data)
        full, content = self._file(path)
        if not isinstance(content, PieceContent):
            made = PieceContent()
            made.append(content.read(0, content.size))
            content = made
            self._put(self._key(path), full, made)
        content.append(data)
        return JET_errSuccess

    def remove(self, path: str) -> int:
        """Remove a file and return the error of `error_opening`, 0 if there is none.

        The engine takes JET_errFileNotFound for success afterwards.  Source: ErrFileDelete, osfs.cxx:1518-1561.
        """
        error = self.error_opening(path)
        if not error:
            place = self._mounted(path)
            if place is not None:
                error = place.remove()
            else:
                self._drop(self._key(path))
            self.changes += 1
        return error

    def hold(self, path: str) -> None:
        """Take a file into exclusive use, as the engine does with databases and the current log (osfs.cxx:3510-3561).

        May be done several times.  Whether it is there nobody looks: ask `error_opening` first.
        """
        key = self._keys(path).key
        self._held[key] = self._held.get(key, 0) + 1

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
        if self._mounted(source) is not None or self._mounted(target) is not None:
            return self._move_mounted(source, target, overwrite=overwrite)
        old, new = self._key(source), self._key(target)
        if self.is_folder(source):
            old, new = old.rstrip("\\"), new.rstrip("\\")
            error = self._error_moving_folder(old, new)
        else:
            error = self.error_opening(source)
        if not error and new != old:
            error = self._error_moving_to(new, overwrite=overwrite and self._found(old) is not None)
        if not error:
            self._rename(old, new, self._keys(target).folder_path)
            self.changes += 1
        return error

    def _move_mounted(self, source: str, target: str, *, overwrite: bool) -> int:
        """Move a file or a folder from, to or within a folder of the host: to the others it is another drive."""
        old, new = self._mounted(source), self._mounted(target)
        is_folder = self.is_folder(source)
        if is_folder and (old is None or new is None or self._fixed(self._folder_key(source))):
            return JET_errFileAccessDenied
        error = JET_errSuccess if is_folder else self.error_opening(source)
        if not error and self.exists(target):
            error = JET_errFileAlreadyExists if not overwrite or is_folder else self.remove(target)
        if error:
            return error
        self.changes += 1
        if old is not None and new is not None and old.folder is new.folder:
            return old.rename(new)
        if is_folder:
            return JET_errFileAccessDenied
        return self.create(target, self.content(source), overwrite=False) or self.remove(source)

    def _error_moving_folder(self, old: str, new: str) -> int:
        """Return the error of moving a folder that does not depend on what is at the target."""
        if self._fixed(old) or any(name.startswith(f"{old}\\") for name in self._held):
            return JET_errFileAccessDenied
        if new.startswith(f"{old}\\") or (new and new[:2] != old[:2]):
            return JET_errFileAccessDenied
        return JET_errSuccess

    def _error_moving_to(self, new: str, *, overwrite: bool) -> int:
        """Return the error of moving something to a path that is not its own."""
        if self._found(new) is not None:
            if not overwrite:
                return JET_errFileAlreadyExists
            return JET_errFileAccessDenied if new in self._held else JET_errSuccess
        if new in self._folders and not overwrite:
            return JET_errFileAlreadyExists
        error = self._error_without_file(new, new.rpartition("\\")[0])
        return JET_errSuccess if error == JET_errFileNotFound else error

    # Folders, as the engine sees them.

    def create_folder(self, path: str) -> int:
        """Make one folder and return the error, 0 if there is none.

        JET_errFileAlreadyExists: a folder or a file has that path; JET_errInvalidPath: the folder that should hold it is
        missing, an impossible name.  Source: ErrFolderCreate, osfs.cxx:1422-1450.
        """
        keys = self._keys(path)
        if keys.folder in self._folders or keys.last in self._files_in(keys.outside):
            return JET_errFileAlreadyExists
        if (place := self._mounted(path)) is not None:
            self.changes += 1
            return place.create_folder()
        error = self._error_without_file(keys.folder, keys.outside)
        if error != JET_errFileNotFound:
            return error
        self._folders[keys.folder] = keys.folder_path
        self.changes += 1
        return JET_errSuccess

    def create_folders(self, path: str, made: list[str] | None = None) -> int:
        """Make a folder, the folders that should hold it and its drive; return the error.  Existing ones are fine.

        The full paths of those that were not there are added to `made`.
        JET_errInvalidPath: an impossible name, or a file in the place of a folder.
        """
        keys = self._keys(path)
        folder, full, outside = keys.folder, keys.folder_path, keys.outside
        mounted = self._mounts is not None
        if folder in self._folders or (mounted and self.is_folder(path)):
            return JET_errSuccess
        if not folder or (mounted and self.is_file(folder)):
            return JET_errInvalidPath
        if (outside in self._files or outside in self._planned) and keys.last in self._files_in(outside):
            return JET_errInvalidPath
        if outside not in self._folders:
            top = paths.root(f"{full}\\")
            if len(full) < len(top):
                full = top
            elif error := self.create_folders(paths.folder(full), made):
                return error
        if mounted and self._mounted(path) is not None:
            if error := self.create_folder(path):
                return error
        else:
            self._folders[folder] = full
            self.changes += 1
        if made is not None:
            made.append(full)
        return JET_errSuccess

    def remove_folder(self, path: str) -> int:
        """Remove an empty folder and return the error, 0 if there is none.

        JET_errInvalidPath: no such folder, or a file; JET_errDiskIO: not empty, for which the engine has no number of
        its own; JET_errFileAccessDenied: a drive, or the current folder.  Source: ErrFolderRemove, osfs.cxx:1452-1486.
        """
        name = self._folder_key(path)
        if name not in self._folders:
            place = self._mounted(path)
            return JET_errInvalidPath if place is None else place.remove_folder()
        if self._fixed(name):
            return JET_errFileAccessDenied
        if self.names(path):
            return JET_errDiskIO
        del self._folders[name]
        self._files.pop(name, None)
        self.changes += 1
        return JET_errSuccess

    def names(self, folder: str) -> list[str]:
        """Return the full paths of the files and folders directly in a folder, as NTFS orders them."""
        if self._mounts is not None and (place := self._mounted(folder)) is not None:
            full = self._keys(folder).folder_path
            return [f"{full}\\{name}" for name in sorted(place.listed(), key=paths.key)]
        return self._inside(self._keys(folder).folder)

    def files_in(self, folder: str) -> list[str]:
        """Return the full paths of the files directly in a folder, as NTFS orders them."""
        return [name for name in self.names(folder) if not self.is_folder(name)]
