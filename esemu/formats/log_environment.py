# SPDX-License-Identifier: MIT
"""What log headers and the checkpoint file say about the instance: its parameters and its attached databases.

The parameters are there for people to read; the list of attachments is what recovery starts from.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from esemu.formats.layout import Structure
from esemu.formats.structures import Lgpos, Signature

if TYPE_CHECKING:
    from collections.abc import Iterable

    from esemu.formats.checksum import Buffer

#: Bytes for the list of attachments (log.hxx:132).
ATTACHMENTS_SIZE: Final = 2048

_DBMS_PARAM: Final = struct.Struct("<261s261sB7I16s")
_ATTACHINFO: Final = struct.Struct("<BBHQII8s8s28s")
_UNICODE_NAMES: Final = 0x20  # fATCHINFOUnicodeNames, log.hxx:82


class DbmsParam(NamedTuple):
    """Parameters of an instance: DBMS_PARAM, 567 bytes (daedef.hxx:3835)."""

    #: JET_paramSystemPath and JET_paramLogFilePath in the ANSI code page, "?" for what it lacks, at most 260 bytes.
    system_path: bytes = b""
    log_path: bytes = b""
    #: 1: circular logging.
    flags: int = 0
    sessions: int = 0
    open_tables: int = 0
    ver_pages: int = 0
    cursors: int = 0
    #: In units of 512 bytes.
    log_buffers: int = 0
    #: Segments of a log file.
    log_segments: int = 0
    cache_size_max: int = 0
    reserved: bytes = bytes(16)

    @classmethod
    def parse(cls, data: Buffer, offset: int = 0) -> Self:
        """Return the parameters stored at `offset`."""
        system_path, log_path, *rest = _DBMS_PARAM.unpack_from(data, offset)
        return cls(system_path.rstrip(b"\0"), log_path.rstrip(b"\0"), *rest)

    def to_bytes(self) -> bytes:
        """Return the 567 bytes as stored."""
        return _DBMS_PARAM.pack(*self)


DBMS_PARAM: Final = Structure(DbmsParam, _DBMS_PARAM.size)


class Attachment(NamedTuple):
    """An attached database: ATTACHINFO, 64 bytes and the path (log.hxx:85-103)."""

    dbid: int
    path: str
    dbtime: int = 0
    objid_last: int = 0
    pages_max: int = 0
    lgpos_attach: Lgpos = Lgpos()
    lgpos_consistent: Lgpos = Lgpos()
    sign_db: Signature = Signature()
    #: 0x20: the path is UTF-16 (always); 0x40: the file can be trimmed.
    flags: int = _UNICODE_NAMES

    def to_bytes(self) -> bytes:
        """Return the entry as stored, the terminated path included."""
        path = (self.path + "\0").encode(self.encoding, "surrogatepass")
        return (
            _ATTACHINFO.pack(
                self.dbid,
                self.flags,
                len(path),
                self.dbtime,
                self.objid_last,
                self.pages_max,
                self.lgpos_attach.to_bytes(),
                self.lgpos_consistent.to_bytes(),
                self.sign_db.to_bytes(),
            )
            + path
        )

    @property
    def encoding(self) -> str:
        """The encoding of the stored path: before 2005 it was that of the machine."""
        return "utf-16-le" if self.flags & _UNICODE_NAMES else "latin-1"


def attachments_to_bytes(attachments: Iterable[Attachment]) -> bytes:
    """Return the list of attachments as stored: 2048 bytes, ended by a zero if any is left. ValueError: they do not fit.

    Source: log.cxx:2276-2406; the engine stops the process where they do not fit.
    """
    stored = b"".join(attachment.to_bytes() for attachment in attachments)
    if len(stored) > ATTACHMENTS_SIZE:
        raise ValueError(f"The attachments need {len(stored)} bytes of {ATTACHMENTS_SIZE}")
    return stored.ljust(ATTACHMENTS_SIZE, b"\0")


def parse_attachments(data: Buffer) -> list[Attachment]:
    """Return the attachments in a list as stored; a dbid of 0 ends it (log.cxx:2423)."""
    found, offset = [], 0
    while offset < len(data) and data[offset]:
        dbid, flags, size, dbtime, objid_last, pages_max, *rest = _ATTACHINFO.unpack_from(data, offset)
        attach, consistent, sign_db = Lgpos.parse(rest[0]), Lgpos.parse(rest[1]), Signature.parse(rest[2])
        offset += _ATTACHINFO.size
        entry = Attachment(dbid, "", dbtime, objid_last, pages_max, attach, consistent, sign_db, flags)
        path = bytes(data[offset : offset + size]).decode(entry.encoding)
        found.append(entry._replace(path=path.removesuffix("\0")))
        offset += size
    return found
