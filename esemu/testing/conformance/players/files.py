# SPDX-License-Identifier: MIT
"""What a case does with files between its calls, as a client or a broken disk would: copy, remove, damage, and look."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from esemu.formats.checksum import set_header_checksum
from esemu.formats.database_header import DatabaseHeader
from esemu.formats.logs import SEGMENT_SIZE, LogHeader, segment
from esemu.formats.structures import Bkinfo, Logtime, Signature

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.world.disk import VirtualDisk

    Described = dict[str, Any]
    Result = dict[str, Any]

PAGE: Final = 4096
"""Bytes in a page of the databases that are damaged."""


class NoFile(LookupError):
    """A case wants a file that an implementation has not made."""


class Files(Protocol):
    """The files of an implementation; paths are those of the case."""

    def read(self, path: str) -> bytes:
        """Return the bytes of a file.  Raises OSError."""

    def write(self, path: str, data: bytes) -> None:
        """Make or replace a file, and the folders that it lies in."""

    def remove(self, path: str) -> None:
        """Delete a file."""

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder; of one that is not there, none."""


class FilesOnDisk:
    """The files of an emulated process."""

    def __init__(self, disk: VirtualDisk) -> None:
        self._disk = disk

    def read(self, path: str) -> bytes:
        """Return the bytes of a file.  Raises OSError."""
        return self._disk.read(path)

    def write(self, path: str, data: bytes) -> None:
        """Make or replace a file, and the folders that it lies in."""
        self._disk.create_folders(path.rpartition("\\")[0])
        self._disk.write(path, data)

    def remove(self, path: str) -> None:
        """Delete a file."""
        self._disk.remove(path)

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder."""
        return [path.rpartition("\\")[2] for path in self._disk.files_in(folder)]


class FilesOnHost:
    """The files of a library that writes to the host; `into` says where a path of a case is."""

    def __init__(self, into: Callable[[str], str]) -> None:
        self._path_of = into

    def _into(self, path: str) -> Path:
        return Path(self._path_of(path))

    def read(self, path: str) -> bytes:
        """Return the bytes of a file.  Raises OSError."""
        return self._into(path).read_bytes()

    def write(self, path: str, data: bytes) -> None:
        """Make or replace a file, and the folders that it lies in."""
        self._into(path).parent.mkdir(parents=True, exist_ok=True)
        self._into(path).write_bytes(data)

    def remove(self, path: str) -> None:
        """Delete a file."""
        self._into(path).unlink(missing_ok=True)

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder."""
        where = self._into(folder)
        return [path.name for path in where.iterdir() if path.is_file()] if where.is_dir() else []


# What is done with them.


def copy(files: Files, described: Described, result: Result) -> None:  # noqa: ARG001 - nothing to show
    """Copy a file."""
    files.write(described["to"], _read(files, described["path"]))


def remove(files: Files, described: Described, result: Result) -> None:  # noqa: ARG001 - likewise
    """Delete a file."""
    files.remove(described["path"])


def damage(files: Files, described: Described, result: Result) -> None:  # noqa: ARG001 - likewise
    """Change the bytes of a file so that it is what the case says."""
    files.write(described["path"], DAMAGES[described["is"]](_read(files, described["path"])))


def look(files: Files, described: Described, result: Result) -> None:
    """Show which files are in a folder, and what the headers of databases among them say of their state."""
    folder = described["path"]
    result["files"] = sorted(files.names(folder), key=str.lower)
    for name in result["files"]:
        if name.lower().endswith(".edb"):
            result[name] = _state_of(_read(files, f"{folder}\\{name}"))


def _read(files: Files, path: str) -> bytes:
    try:
        return files.read(path)
    except OSError:
        raise NoFile(f"there is no {path}") from None


def _state_of(data: bytes) -> dict[str, Any] | None:
    try:
        header = DatabaseHeader.parse(data)
    except ValueError:
        return None
    backup = header.bkinfo_full_cur
    return {
        "state": header.dbstate,
        "required": [header.gen_min_required, header.gen_max_required, header.gen_max_committed],
        "backup": [backup.gen_low, backup.gen_high],
    }


FILE_OPERATIONS: Final[dict[str, Callable[[Files, Described, Result], None]]] = {
    "copy": copy,
    "remove": remove,
    "damage": damage,
    "look": look,
}
"""By the name that cases have."""


# Damages.


def _with(header: Any, **fields: Any) -> Any:
    for name, value in fields.items():
        setattr(header, name, value)
    return header


def _log(**fields: Any) -> Callable[[bytes], bytes]:
    """Return what changes fields of the header of a log."""

    def change(log: bytes) -> bytes:
        header: bytes = _with(LogHeader.parse(log), **fields).to_bytes()
        return header + log[SEGMENT_SIZE:]

    return change


def _database(**fields: Any) -> Callable[[bytes], bytes]:
    """Return what changes fields of both headers of a database."""

    def change(data: bytes) -> bytes:
        header: bytes = _with(DatabaseHeader.parse(data), **fields).to_bytes(PAGE)
        return header * 2 + data[2 * PAGE :]

    return change


def _bits(*places: int) -> Callable[[bytes], bytes]:
    """Return what flips two bits in two bytes at each of some places, more than a checksum could repair; -1 is the last byte."""

    def change(data: bytes) -> bytes:
        changed = bytearray(data)
        for place in places:
            changed[place] ^= 1
            changed[place + 1] ^= 1
        return bytes(changed)

    return change


def _next_log(log: bytes) -> bytes:
    """Return a log without records that follows another."""
    header = LogHeader.parse(log)
    generation = header.generation + 1
    fields = {"previous_created": header.created, "created": Logtime(second=generation % 60), "generation": generation}
    new: bytes = _with(header, previous_segments_checksum=0, **fields).to_bytes()
    return new + bytes(len(log) - SEGMENT_SIZE)


def _foreign_segment(log: bytes) -> bytes:
    other = segment(b"\0other", generation=LogHeader.parse(log).generation, isec=2)
    return log[: 2 * SEGMENT_SIZE] + other + log[3 * SEGMENT_SIZE :]


def _foreign_trailer(data: bytes) -> bytes:
    page = bytearray(data[-PAGE:])
    page[40:44] = b"abcd"
    set_header_checksum(page)
    return data[:-PAGE] + bytes(page)


DAMAGES: Final[dict[str, Callable[[bytes], bytes]]] = {
    "the log that follows": _next_log,
    "a log with a damaged header": _bits(100),
    "a log with a damaged segment": _bits(3 * SEGMENT_SIZE + 500),
    "a log with another segment": _foreign_segment,
    "a log of another sequence": _log(sign_log=Signature(99)),
    "a log of other pages": _log(page_size=2 * PAGE),
    "a log that is too long": lambda log: log + bytes(SEGMENT_SIZE),
    "a log that follows another one": _log(previous_created=Logtime(9)),
    "a log of another generation": _log(generation=9),
    "a database with damaged headers": _bits(100, PAGE + 100),
    "a database that is something else": _database(attributes=5),
    "a database of no backup": _database(bkinfo_full_cur=Bkinfo()),
    "a database of two pages": lambda data: data[: 2 * PAGE],
    "a database with a damaged trailer": _bits(-4000),
    "a database with the trailer of another backup": _foreign_trailer,
    "a database that is being reseeded": _database(dbstate=6),
    "a database that is being reverted": _database(dbstate=8),
    "a database in no state": _database(dbstate=77),
    "a database that requires the first log": _database(gen_min_required=1),
    "a database that requires a later log": _database(gen_max_required=9),
    "a database with transactions in a later log": _database(gen_max_committed=9),
}
"""What a file can be made of, by the name that cases have."""
