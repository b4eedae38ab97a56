# SPDX-License-Identifier: MIT
"""Folders of the host as folders of the virtual disk: which path leads into which, and what the engine calls an OSError."""

from __future__ import annotations

import errno
import os
from threading import Lock
from weakref import finalize

from esemu.vocabulary.errors import (
    JET_errDiskFull,
    JET_errDiskIO,
    JET_errFileAccessDenied,
    JET_errFileAlreadyExists,
    JET_errFileNotFound,
    JET_errInvalidPath,
    JET_errOutOfFileHandles,
    JET_errSuccess,
)
from esemu.world.host_folder import FILE, FOLDER, HostFolder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from esemu.world.content import Content

_ERRORS: Final = (
    (JET_errFileNotFound, {errno.ENOENT}),
    (JET_errInvalidPath, {errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL}),
    (JET_errFileAlreadyExists, {errno.EEXIST}),
    (JET_errDiskFull, {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}),
    (JET_errOutOfFileHandles, {errno.EMFILE, errno.ENFILE}),
    (
        JET_errFileAccessDenied,
        {errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR, errno.ELOOP, errno.EBUSY, errno.ETXTBSY},
    ),
)


def jet_error(error: OSError) -> int:
    """Return the error that the engine would make of what the host says (ErrOSErrFromWin32Err, error.cxx:2239)."""
    return next((code for code, numbers in _ERRORS if error.errno in numbers), JET_errDiskIO)


class HostFile:
    """The content of a file in a mounted folder: open from the start, so that it stays what it is even if it is removed."""

    __slots__ = ("__weakref__", "_file", "_lock", "place")

    def __init__(self, place: Place) -> None:
        self._lock = Lock()  # of the file, which has one position for all threads
        self._file = place.folder.open(place.names)
        finalize(self, self._file.close)  # before a collector may find the open file itself, and warn of it
        #: Where the file is.
        self.place = place

    @property
    def size(self) -> int:
        """Bytes in the file as it is now."""
        return os.fstat(self._file.fileno()).st_size

    def read(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes from `offset` on.  Raises OSError where the host cannot read them."""
        parts = []
        with self._lock:
            self._file.seek(offset)
            while count > 0 and (part := self._file.read(count)):
                parts.append(part)
                count -= len(part)
        return b"".join(parts)


class Place:
    """A path that leads into a mounted folder.  Methods that return int return a JET error, 0 for success."""

    __slots__ = ("_opened", "folder", "names")

    def __init__(self, folder: HostFolder, names: tuple[str, ...], opened: dict[tuple[str, ...], HostFile]) -> None:
        self.folder = folder
        self.names = names
        self._opened = opened  # the file that `error_opening` has found last

    def error_opening(self) -> int:
        """Return the error of opening a file for reading; one that is open stays so until `content` asks for it."""
        self._opened.clear()
        return self._tried(lambda: self._opened.update({self.names: HostFile(self)}))

    def content(self) -> HostFile:
        """Return what a file holds: of the file that was found, if somebody has removed it meanwhile.  Raises OSError."""
        return self._opened.pop(self.names, None) or HostFile(self)

    def exists(self) -> bool:
        """Return whether the path names anything."""
        return self._kind() is not None

    def is_folder(self) -> bool:
        """Return whether the path names a folder."""
        return self._kind() == FOLDER

    def read_only(self) -> bool:
        """Return whether the file is there and cannot be written."""
        try:
            return self.folder.read_only(self.names)
        except OSError:
            return False

    def listed(self) -> list[str]:
        """Return the names in the folder, none where there is no such folder."""
        try:
            return self.folder.listed(self.names)
        except OSError:
            return []

    def create(self, content: Content, *, overwrite: bool) -> int:
        """Make a file with this content."""
        if self.is_folder():
            return JET_errFileAccessDenied
        return self._tried(lambda: self.folder.write(self.names, content, overwrite=overwrite))

    def append(self, data: memoryview) -> int:
        """Write to the end of a file."""
        return self._tried(lambda: self.folder.append(self.names, data))

    def patch(self, offset: int, data: bytes | memoryview) -> int:
        """Write over bytes of a file."""
        return self._tried(lambda: self.folder.patch(self.names, offset, data))

    def remove(self) -> int:
        """Remove a file."""
        self._opened.clear()  # Windows removes and renames no file that is open
        return self._tried(lambda: self.folder.remove(self.names))

    def create_folder(self) -> int:
        """Make a folder."""
        return self._tried(lambda: self.folder.create_folder(self.names))

    def remove_folder(self) -> int:
        """Remove an empty folder; whatever is not there or no folder is no path."""
        if not self.is_folder():
            return JET_errInvalidPath
        return self._tried(lambda: self.folder.remove_folder(self.names))

    def walk(self, behind: str = "") -> Iterator[tuple[str, int | None]]:
        """Give all files in this folder by their paths behind it, with their sizes, and all folders with None; links are none."""
        for name in self.listed():
            inner = Place(self.folder, (*self.names, name), self._opened)
            kind, path = inner._kind(itself=True), f"{behind}\\{name}"
            if kind == FILE:
                yield path, inner._size()
            elif kind == FOLDER:
                yield path, None
                yield from inner.walk(path)

    def rename(self, new: Place) -> int:
        """Give a file or folder another path in the same folder of the host."""
        self._opened.clear()
        return self._tried(lambda: self.folder.rename(self.names, new.names))

    def _kind(self, *, itself: bool = False) -> str | None:
        try:
            return self.folder.kind(self.names, itself=itself)
        except OSError:
            return None

    def _size(self) -> int:
        try:
            return self.folder.size(self.names)
        except OSError:  # gone by now
            return 0

    @staticmethod
    def _tried(action: Callable[[], object]) -> int:
        try:
            action()
        except OSError as error:
            return jet_error(error)
        return JET_errSuccess


class Mounts:
    """The mounted folders of a disk, by the keys of their paths."""

    __slots__ = ("_folders", "_opened")

    def __init__(self) -> None:
        self._folders: dict[str, HostFolder] = {}
        self._opened: dict[tuple[str, ...], HostFile] = {}

    def add(self, key: str, folder: HostFolder) -> None:
        """Mount a folder."""
        self._folders[key] = folder

    def drop(self, key: str) -> bool:
        """Unmount a folder; return whether it was mounted."""
        folder = self._folders.pop(key, None)
        if folder is not None:
            folder.close()
        return folder is not None

    def place(self, key: str, full: str) -> Place | None:
        """Return where a path leads in a mounted folder, None where it leads into none; a key is as long as its path."""
        for root, folder in self._folders.items():
            if f"{key}\\".startswith(f"{root}\\"):
                return Place(folder, tuple(filter(None, full[len(root) :].split("\\"))), self._opened)
        return None

    def around(self, key: str) -> bool:
        """Return whether a folder is in a mounted one, or one itself."""
        return any(f"{key}\\".startswith(f"{root}\\") for root in self._folders)

    def below(self, key: str) -> bool:
        """Return whether a mounted folder is in this one, or this one itself."""
        return any(f"{root}\\".startswith(f"{key}\\") for root in self._folders)

    def walk(self) -> Iterator[tuple[str, int | None, str]]:
        """Give everything in the mounted folders: the key of the mount, the size, and the path behind that of the mount."""
        for root, folder in self._folders.items():
            for behind, size in Place(folder, (), self._opened).walk():
                yield root, size, behind
