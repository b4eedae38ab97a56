# SPDX-License-Identifier: MIT
"""The files of a set, wherever they lie: in a folder of the host with its subfolders, or in memory under their names.

A file is read from the middle as easily as from the start and never as a whole. Links to folders are not followed, so no
loop is walked into; what is no ordinary file is not touched.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol

from esemu.formats.verification.checks import FILE_FORBIDDEN, FILE_UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from esemu.formats.checksum import Buffer
    from esemu.formats.verification.findings import Findings


SHORTER: Final = "The file became shorter while it was read"


class SavedFile(Protocol):
    """A file of a set."""

    #: Its name in the set, with / between folders.
    name: str

    @property
    def size(self) -> int:
        """Bytes in the file. Raises OSError."""
        ...

    def read(self, offset: int, count: int) -> Buffer:
        """Return up to `count` bytes from `offset` on; fewer, or none, at the end of the file. Raises OSError."""
        ...

    def data_from(self, offset: int) -> int:
        """Return where the file has bytes again that are not known to be zero, at `offset` or behind it."""
        ...

    def close(self) -> None:
        """Give back what was taken to read."""
        ...


class FileInMemory:
    """Bytes under a name."""

    __slots__ = ("_view", "name")

    def __init__(self, name: str, data: Buffer) -> None:
        self.name = name
        self._view = memoryview(data).cast("B")

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return self._view.nbytes

    def read(self, offset: int, count: int) -> Buffer:
        """Return up to `count` bytes from `offset` on, without copying them."""
        return self._view[offset : offset + count]

    def data_from(self, offset: int) -> int:
        """Return `offset`."""
        return offset

    def close(self) -> None:
        """Do nothing."""


class FileOnDisk:
    """A file of the host, opened when it is first read."""

    __slots__ = ("_file", "name", "path")

    def __init__(self, name: str, path: str | os.PathLike[str]) -> None:
        self.name = name
        self.path = path
        self._file: BinaryIO | None = None

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return os.stat(self.path).st_size  # noqa: PTH116 - no Path for each of a million files

    def read(self, offset: int, count: int) -> Buffer:
        """Return up to `count` bytes from `offset` on."""
        file = self._opened()
        file.seek(offset)
        return file.read(count)

    def data_from(self, offset: int) -> int:
        """Return the end of the hole that `offset` lies in, where the file system knows holes."""
        if not hasattr(os, "SEEK_DATA"):
            return offset
        try:
            return self._opened().seek(offset, os.SEEK_DATA)
        except OSError as error:
            return self.size if error.errno == errno.ENXIO else offset  # a hole up to the end, or no such question here

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _opened(self) -> BinaryIO:
        if self._file is None:
            self._file = open(self.path, "rb", buffering=0)  # noqa: PTH123, SIM115 - see `size` and `close`
        return self._file


def files_of(
    source: str | os.PathLike[str] | Mapping[str, Buffer | str | os.PathLike[str]], findings: Findings
) -> Iterator[SavedFile]:
    """Return the files of a set. Raises OSError if `source` is no folder, TypeError for what is neither bytes nor path."""
    if isinstance(source, (str, os.PathLike)):
        folder = Path(source)
        if not folder.is_dir():
            number = errno.ENOTDIR if folder.exists() else errno.ENOENT
            raise OSError(number, os.strerror(number), str(folder))
        return _files_below(folder, findings)
    return (_mapped(name, value) for name, value in source.items())


def _mapped(name: str, value: Buffer | str | os.PathLike[str]) -> SavedFile:
    if isinstance(value, (str, os.PathLike)):
        return FileOnDisk(name, value)
    return FileInMemory(name, value)


def _files_below(root: Path, findings: Findings) -> Iterator[FileOnDisk]:
    """Return the ordinary files in a folder and all folders in it."""
    folders = [("", os.fspath(root))]
    while folders:
        prefix, folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    name = prefix + readable(entry.name)
                    try:
                        if entry.is_dir(follow_symlinks=False):
                            folders.append((name + "/", entry.path))
                        elif entry.is_file():
                            yield FileOnDisk(name, entry.path)
                    except OSError as error:
                        report(error, name, findings)
        except OSError as error:
            report(error, prefix, findings)


def whole(part: Buffer, count: int) -> Buffer:
    """Return what was read if it has all of `count` bytes. Raises OSError if the file has ended before."""
    if len(part) != count:
        raise OSError(SHORTER)
    return part


def report(error: OSError, name: str, findings: Findings) -> None:
    """Note that a file or folder cannot be read."""
    check = FILE_FORBIDDEN if isinstance(error, PermissionError) else FILE_UNREADABLE
    findings.add(check, name, f"It cannot be read: {error.strerror or error}.")


def readable(name: str) -> str:
    """Return a name of the file system in characters that can be printed and sent, even if it is no text."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
