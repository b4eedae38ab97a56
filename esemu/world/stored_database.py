# SPDX-License-Identifier: MIT
"""A database as a file on the virtual disk: header, header again, pages; and what a streamed copy of it looks like.

The header is made when somebody reads it: from that of the file where pages come from a real one, else from nothing.
It says where the log stands, which is why it asks for the instance that has the database attached.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from esemu.formats.database_header import DatabaseHeader
    from esemu.formats.structures import Lgpos, Logtime, Signature
    from esemu.world.pages import PageSource

HEADER_PAGES = 2


class StoredDatabase:
    """The content of a database file: `last_page` pages from `pages`, behind two headers.

    `database` is the machine's state of it while an instance has it attached and afterwards: the records of backups in
    the header live there.
    """

    __slots__ = ("database", "last_page", "pages")

    def __init__(self, pages: PageSource, last_page: int) -> None:
        self.pages = pages
        self.last_page = last_page
        self.database: Any = None

    @property
    def page_size(self) -> int:
        """Bytes in a page."""
        return self.pages.page_size

    @property
    def size(self) -> int:
        """Size of the file in bytes."""
        return (self.last_page + HEADER_PAGES) * self.page_size

    def read(self, offset: int, count: int) -> bytes:
        """Return `count` bytes from `offset`, fewer at the end of the file."""
        size = self.page_size
        end = min(offset + count, self.size)
        if offset >= end:
            return b""
        first, last = offset // size, (end - 1) // size
        parts = [self.header(None).to_bytes(size) for _ in range(first, min(last + 1, HEADER_PAGES))]
        start = max(first, HEADER_PAGES)
        if start <= last:
            parts.append(bytes(self.pages.read(start - HEADER_PAGES + 1, last - start + 1)))
        whole = b"".join(parts)
        return whole[offset - first * size : end - first * size]

    def header(self, instance: Any) -> DatabaseHeader:
        """Return the header as it is now in memory; with an instance, as of a database that is attached to it."""
        from esemu.formats.database_header import DIRTY_SHUTDOWN, DatabaseHeader  # noqa: PLC0415 - few programs look

        given = self.pages.header
        header = (
            DatabaseHeader.parse(given)
            if given is not None
            else DatabaseHeader.new(
                sign_db=_signature(self.database.dbid if self.database else 0),
                sign_log=_signature(0x10000),
                page_size=self.page_size,
            )
        )
        if instance is not None:
            header.dbstate = DIRTY_SHUTDOWN
            header.dbid = self.database.dbid
            header.sign_log = _signature(0x10000 + instance.number)
            header.gen_min_required = self.database.required_low
            header.gen_max_required = header.gen_max_committed = self.database.required_high
            header.checksum = 0
        if self.database is not None:
            _write_records(header, self.database)
        return header


def _write_records(header: DatabaseHeader, database: Any) -> None:
    """Put the records of earlier backups into a header."""
    from esemu.formats.structures import Bkinfo  # noqa: PLC0415 - few programs look

    for place, field in (
        ("full_previous", "full_prev"),
        ("incremental_previous", "inc_prev"),
        ("copy_previous", "copy_prev"),
        ("differential_previous", "diff_prev"),
    ):
        record = getattr(database, place)
        if record.high:
            setattr(header, f"bkinfo_{field}", Bkinfo(lgpos(record.mark), logtime(record.time), record.low, record.high))
            setattr(header, f"bkinfo_type_{field}", record.family)


def lgpos(position: int) -> Lgpos:
    """Return the machine's log position as the engine writes it."""
    from esemu.formats.structures import Lgpos  # noqa: PLC0415 - few programs look

    return Lgpos(generation=position >> 32, isec=1 + (position & 0xFFFF), ib=0)


def logtime(ms: int) -> Logtime:
    """Return a time of the engine's clock as the engine writes it."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415 - few programs look

    from esemu.formats.structures import Logtime  # noqa: PLC0415 - few programs look
    from esemu.world.clock import EPOCH  # noqa: PLC0415 - few programs look

    return Logtime.of(datetime.fromtimestamp(EPOCH, UTC) + timedelta(milliseconds=ms))


def _signature(number: int) -> Signature:
    """Return the signature of the database or log stream with this number."""
    from esemu.formats.structures import Signature  # noqa: PLC0415 - few programs look

    return Signature(random=0x65736500 + number, created=logtime(0))
