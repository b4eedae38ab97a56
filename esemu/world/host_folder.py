# SPDX-License-Identifier: MIT
"""A folder of the host and nothing outside it: names are looked up as Windows does, and links lead nowhere.

Every path is walked down from the folder, name by name, and where the platform can, from one open folder to the next
without following links, so that nobody gains anything by changing the tree meanwhile.  Only where the folder is the root
of the host, and nothing is outside it, links are followed as the host does.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from pathlib import Path

from esemu.world import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, BinaryIO, Final

    from esemu.world.content import Content

FILE, FOLDER, OTHER = "file", "folder", "other"
"""What a name can stand for: other are links, devices, sockets and pipes, which are there and never opened."""

_WALKS_OPEN_FOLDERS: Final = os.open in os.supports_dir_fd and os.listdir in os.supports_fd
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT: Final = getattr(os, "O_NONBLOCK", 0)  # whoever opens a pipe would wait for its other end
_BINARY: Final = getattr(os, "O_BINARY", 0)
_REPARSE_POINT: Final = 0x400  # FILE_ATTRIBUTE_REPARSE_POINT: Windows' links, junctions among them
_PIECE: Final = 1 << 20  # bytes that are written at once


class HostFolder:
    """The folder `root` of the host; `names` are the parts of a path below it.

    Methods raise OSError as Python's own functions do: FileNotFoundError where the last name is that of nothing,
    NotADirectoryError where one before it is, PermissionError for what must not be touched.
    """

    __slots__ = ("_links", "_root", "path", "writable")

    def __init__(self, root: str | os.PathLike[str], *, writable: bool) -> None:
        #: The folder on the host, without links in its path.
        self.path = Path(root).resolve(strict=True)
        if not self.path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "not a folder", str(root))
        #: Whether files may be made, changed and removed.
        self.writable = writable
        self._links = self.path == Path("/") and _WALKS_OPEN_FOLDERS  # a drive of Windows is not the whole host
        # What names are looked up in: an open folder, or where the platform has no such thing, a path.
        self._root: Any = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY) if _WALKS_OPEN_FOLDERS else str(self.path)

    def close(self) -> None:
        """Let go of the folder; nothing in it can be reached any more."""
        root, self._root = self._root, None
        if isinstance(root, int):
            os.close(root)

    def __del__(self) -> None:
        """Let go of the folder."""
        if hasattr(self, "_root"):
            self.close()

    # Looking.

    def kind(self, names: Sequence[str], *, itself: bool = False) -> str:
        """Return what a path names; where it names a link, with `itself` that, and not what it leads to."""
        return _kind(self._status(names, links=self._links and not itself)) if names else FOLDER

    def size(self, names: Sequence[str]) -> int:
        """Return the size of a file in bytes."""
        return self._status(names, links=self._links).st_size

    def read_only(self, names: Sequence[str]) -> bool:
        """Return whether nobody may write to a file."""
        return not self.writable or not self._status(names, links=self._links).st_mode & 0o222

    def listed(self, names: Sequence[str]) -> list[str]:
        """Return the names in a folder, but for those that Windows cannot have."""
        with self._folder(names) as folder:
            return _listed(folder)

    def open(self, names: Sequence[str], *, writing: bool = False) -> BinaryIO:
        """Open a file, for reading or for both."""
        self._allow(writing=writing)
        with self._parent(names) as (folder, name):
            return _opened(folder, _spelled(folder, name), writing=writing, links=self._links)

    # Changing.

    def write(self, names: Sequence[str], content: Content, *, overwrite: bool) -> None:
        """Make a file with this content, or give it to one that is there."""
        self._allow(writing=True)
        with self._parent(names) as (folder, name):
            try:
                spelled = _spelled(folder, name)
            except FileNotFoundError:
                made = os.O_RDWR | os.O_CREAT | os.O_EXCL | _NO_LINK | _BINARY
                place, within = _at(folder, name)
                file: BinaryIO = os.fdopen(os.open(place, made, 0o666, **within), "r+b", buffering=0)
            else:
                if not overwrite:
                    raise FileExistsError(errno.EEXIST, "there already", spelled)
                file = _opened(folder, spelled, writing=True, links=self._links)
        with file:
            file.truncate(0)
            for offset in range(0, content.size, _PIECE):
                _write(file, content.read(offset, _PIECE))

    def append(self, names: Sequence[str], data: memoryview) -> None:
        """Write bytes to the end of a file."""
        with self.open(names, writing=True) as file:
            file.seek(0, os.SEEK_END)
            _write(file, data)

    def patch(self, names: Sequence[str], offset: int, data: bytes | memoryview) -> None:
        """Write bytes over others in a file."""
        with self.open(names, writing=True) as file:
            file.seek(offset)
            _write(file, data)

    def remove(self, names: Sequence[str]) -> None:
        """Remove a file."""
        self._allow(writing=True)
        with self._parent(names) as (folder, name):
            spelled = _spelled(folder, name)
            if _kind(_stat(folder, spelled, links=self._links)) != FILE:
                raise PermissionError(errno.EACCES, "no file", spelled)
            place, within = _at(folder, spelled)
            os.unlink(place, **within)

    def create_folder(self, names: Sequence[str]) -> None:
        """Make a folder."""
        self._allow(writing=True)
        with self._parent(names) as (folder, name):
            try:
                spelled = _spelled(folder, name)
            except FileNotFoundError:
                place, within = _at(folder, name)
                os.mkdir(place, **within)  # noqa: PTH102 - pathlib knows no open folders
            else:
                raise FileExistsError(errno.EEXIST, "there already", spelled)

    def remove_folder(self, names: Sequence[str]) -> None:
        """Remove an empty folder."""
        self._allow(writing=True)
        with self._parent(names) as (folder, name):
            place, within = _at(folder, _spelled(folder, name))
            os.rmdir(place, **within)

    def rename(self, names: Sequence[str], new: Sequence[str]) -> None:
        """Give a file or a folder another path, at which nothing is."""
        self._allow(writing=True)
        with self._parent(names) as (folder, name), self._parent(new) as (target, new_name):
            spelled = _spelled(folder, name)
            if _kind(_stat(folder, spelled, links=self._links)) == OTHER:
                raise PermissionError(errno.EACCES, "a link or a device", spelled)
            (place, source), (new_place, within) = _at(folder, spelled), _at(target, new_name)
            folders = {"src_dir_fd": source["dir_fd"], "dst_dir_fd": within["dir_fd"]} if source else {}
            os.rename(place, new_place, **folders)  # noqa: PTH104 - pathlib knows no open folders

    # Walking.

    def _allow(self, *, writing: bool) -> None:
        if writing and not self.writable:
            raise PermissionError(errno.EROFS, "mounted for reading only", str(self.path))

    def _status(self, names: Sequence[str], *, links: bool) -> os.stat_result:
        with self._parent(names) as (folder, name):
            return _stat(folder, _spelled(folder, name), links=links)

    @contextmanager
    def _parent(self, names: Sequence[str]) -> Iterator[tuple[Any, str]]:
        """Give the folder that the last name is in, and that name."""
        if not names:
            raise PermissionError(errno.EACCES, "the mounted folder itself", str(self.path))
        with self._folder(names[:-1]) as folder:
            yield folder, names[-1]

    @contextmanager
    def _folder(self, names: Sequence[str]) -> Iterator[Any]:
        """Give a folder, open as long as it is needed."""
        folder = self._root
        if folder is None:
            raise NotADirectoryError(errno.ENOTDIR, "not mounted any more", str(self.path))
        try:
            for name in names:
                outer, folder = folder, _entered(folder, name, links=self._links)
                self._leave(outer)
            yield folder
        finally:
            self._leave(folder)

    def _leave(self, folder: Any) -> None:
        if isinstance(folder, int) and folder != self._root:
            os.close(folder)


def _at(folder: Any, name: str) -> tuple[str, dict[str, Any]]:
    """Return how functions of `os` are told of a name in a folder."""
    return (name, {"dir_fd": folder}) if isinstance(folder, int) else (str(Path(folder, name)), {})


def _stat(folder: Any, name: str, *, links: bool = False) -> os.stat_result:
    """Return what the host knows of a name; with `links` of what a link leads to."""
    place, within = _at(folder, name)
    return os.stat(place, follow_symlinks=links, **within)  # noqa: PTH116 - pathlib knows no open folders


def _kind(status: os.stat_result) -> str:
    if getattr(status, "st_file_attributes", 0) & _REPARSE_POINT:
        return OTHER
    if stat.S_ISREG(status.st_mode):
        return FILE
    return FOLDER if stat.S_ISDIR(status.st_mode) else OTHER


def _entered(folder: Any, name: str, *, links: bool) -> Any:
    """Return a folder in a folder; a link is none without `links`.  Raises NotADirectoryError."""
    try:
        spelled = _spelled(folder, name)
        if _kind(_stat(folder, spelled, links=links)) != FOLDER:
            raise NotADirectoryError(errno.ENOTDIR, "no folder", spelled)
        place, within = _at(folder, spelled)
        if within:
            return os.open(place, os.O_RDONLY | os.O_DIRECTORY | (0 if links else _NO_LINK), **within)
    except FileNotFoundError as error:
        raise NotADirectoryError(errno.ENOTDIR, "no such folder", name) from error
    if os.path.realpath(place) != place:
        raise NotADirectoryError(errno.ENOTDIR, "a link by now", place)
    return place


def _opened(folder: Any, name: str, *, writing: bool, links: bool) -> BinaryIO:
    """Open a file in a folder.  Raises PermissionError for anything else."""
    found = _stat(folder, name, links=links)
    if _kind(found) != FILE:
        raise PermissionError(errno.EACCES, "no file", name)
    place, within = _at(folder, name)
    flags = (os.O_RDWR if writing else os.O_RDONLY) | (0 if links else _NO_LINK) | _NO_WAIT | _BINARY
    file: BinaryIO = os.fdopen(os.open(place, flags, **within), "r+b" if writing else "rb", buffering=0)
    status = os.fstat(file.fileno())
    if _kind(status) != FILE or not (_NO_LINK or os.path.samestat(status, found)):
        file.close()
        raise PermissionError(errno.EACCES, "another file by now", name)
    return file


def _spelled(folder: Any, name: str) -> str:
    """Return how the host spells a name: exactly so, or else the first that differs in case alone.

    Programs for Windows write the path of a folder with a backslash at its end; where that means nothing the folder that
    they have made has it in its name.
    """
    if not _is_possible(name):
        raise OSError(errno.EINVAL, "no name for a file", name)
    try:
        _stat(folder, name)
    except FileNotFoundError:
        key = paths.key(name)
        for other in sorted(_listed(folder)):
            if paths.key(other) == key:
                return other
        made = f"{name}\\"
        try:
            if _kind(_stat(folder, made)) == FOLDER:
                return made
        except FileNotFoundError:
            pass
        raise
    return name


def _listed(folder: Any) -> list[str]:
    return [name for name in os.listdir(folder) if _is_possible(name)]  # noqa: PTH208 - pathlib knows no open folders


def _is_possible(name: str) -> bool:
    """Return whether a file on Windows could have this name: one name, without anything that means more than itself."""
    try:
        name.encode()
        os.fsencode(name)
    except UnicodeEncodeError:  # bytes on the host that are no text, half of a character, one that the host has not
        return False
    return not {"\\", "/"} & set(name) and name.rstrip(" .") == name != "" and paths.is_possible(f"C:\\{name}")


def _write(file: BinaryIO, data: bytes | memoryview) -> None:
    """Write all of the bytes: one call may write a part."""
    rest = memoryview(data)
    while rest.nbytes:
        rest = rest[file.write(rest) :]
