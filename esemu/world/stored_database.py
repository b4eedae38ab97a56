# SPDX-License-Identifier: MIT
"""A database as a file on the virtual disk: header, header again, pages; and what a streamed copy of it looks like.

The header is made when somebody reads it: from that of the file where pages come from a real one, else from nothing.
It says where the log stands, which is why it asks for the instance that has the database attached.
"""

from __future__ import annotations

from esemu.world.clock import EPOCH
from esemu.world.generated import GeneratedPages
from esemu.world.pages import MadePages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from esemu.formats.database_header import DatabaseHeader
    from esemu.formats.structures import Bkinfo, Lgpos, Logtime, Signature
    from esemu.world.pages import PageSource

HEADER_PAGES = 2

RECORDS = (
    ("full_previous", "full_prev"),
    ("incremental_previous", "inc_prev"),
    ("copy_previous", "copy_prev"),
    ("differential_previous", "diff_prev"),
)
"""The records of earlier backups: the machine's name, and that of the header's fields without bkinfo and bkinfo_type."""


class Record:
    """A backup that a database header remembers, in the units of the machine's records."""

    __slots__ = ("family", "high", "low", "mark", "time")

    def __init__(self, info: Bkinfo, family: int) -> None:
        self.low = info.gen_low
        self.high = info.gen_high
        self.family = family
        self.mark = position(info.mark)
        self.time = milliseconds(info.mark_time)

    def says(self, other: Any) -> bool:
        """Return whether a record of the machine says the same."""
        return all(getattr(self, name) == getattr(other, name) for name in Record.__slots__)


class FormerDatabase:
    """What the header of a file says of the database before an instance attaches it: its earlier backups."""

    __slots__ = ("copy_previous", "differential_previous", "full_previous", "incremental_previous", "last_page")

    faults = None
    dbid = 0

    def __init__(self, header: DatabaseHeader, last_page: int) -> None:
        self.last_page = last_page
        for place, field in RECORDS:
            info = getattr(header, f"bkinfo_{field}")
            setattr(self, place, Record(info, getattr(header, f"bkinfo_type_{field}")))


class StoredDatabase:
    """The content of a database file: `last_page` pages from `pages`, behind two headers.

    `database` is the machine's state of it while an instance has it attached and afterwards: the records of backups in
    the header live there.  Before that it is what the header of a real file says, None for a file that never was one.
    `log` is that of the instance that attached it last, None where none has.
    """

    __slots__ = ("_last_page", "database", "log", "pages")

    def __init__(self, pages: PageSource, last_page: int, database: Any = None, log: Any = None) -> None:
        self.pages = pages
        self.log = log
        self._last_page = last_page
        self.database: Any = database
        if database is None and pages.header is not None:
            from esemu.formats.database_header import DatabaseHeader  # noqa: PLC0415 - few programs have real files

            self.database = FormerDatabase(DatabaseHeader.parse(pages.header), last_page)

    @property
    def last_page(self) -> int:
        """The number of the last page, which grows with the database."""
        return self._last_page if self.database is None else int(self.database.last_page)

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
        parts = [self.header().to_bytes(size) for _ in range(first, min(last + 1, HEADER_PAGES))]
        start = max(first, HEADER_PAGES)
        if start <= last:
            parts.append(bytes(self.pages.read(start - HEADER_PAGES + 1, last - start + 1)))
        whole = b"".join(parts)
        return whole[offset - first * size : end - first * size]

    def header(self) -> DatabaseHeader:
        """Return the header as it is now in memory, or as it was when the database was shut down."""
        from esemu.formats.database_header import DatabaseHeader  # noqa: PLC0415 - few programs look

        given = self.pages.header
        header = (
            DatabaseHeader.parse(given)
            if given is not None
            else DatabaseHeader.new(
                sign_db=_signature(self.pages.number if isinstance(self.pages, MadePages) else 0),
                sign_log=_signature(0x10000),
                page_size=self.page_size,
            )
        )
        if isinstance(self.pages, GeneratedPages):
            self.pages.stamp(header)
        if self.log is not None:
            self._attach(header)
        if self.database is not None:
            _write_records(header, self.database)
        return header

    def _attach(self, header: DatabaseHeader) -> None:
        """Let a header say what attaching, and detaching, have written into it."""
        from esemu.formats.database_header import CLEAN_SHUTDOWN, DIRTY_SHUTDOWN  # noqa: PLC0415 - few programs look
        from esemu.formats.structures import Bkinfo  # noqa: PLC0415 - likewise
        from esemu.world.log_bytes import created, sign_log  # noqa: PLC0415 - likewise

        database = self.database
        header.dbid = database.dbid
        header.bkinfo_full_cur = Bkinfo()
        if self.log.sequence is not None:
            header.sign_log = sign_log(self.log.sequence)
            header.logtime_gen_max_create = created(database.required_high)
        header.dbstate = CLEAN_SHUTDOWN if database.clean else DIRTY_SHUTDOWN
        required = (0, 0) if database.clean else (database.required_low, database.required_high)
        header.gen_min_required, header.gen_max_required = required
        header.gen_max_committed, header.gen_min_consistent = header.gen_max_required, header.gen_min_required
        header.checksum = 0

    @property
    def of_backup(self) -> bool:
        """Whether the header is that of a backup's copy which no restore has brought up to date."""
        from esemu.formats.database_header import CLEAN_SHUTDOWN  # noqa: PLC0415 - few programs have real files

        if self.pages.header is None or self.log is not None:
            return False
        header = self.header()
        return header.dbstate != CLEAN_SHUTDOWN and header.bkinfo_full_cur.gen_low != 0


def _write_records(header: DatabaseHeader, database: Any) -> None:
    """Put the records of earlier backups into a header; those that it has already stay as they are."""
    from esemu.formats.structures import Bkinfo  # noqa: PLC0415 - few programs look

    for place, field in RECORDS:
        record = getattr(database, place)
        if Record(getattr(header, f"bkinfo_{field}"), getattr(header, f"bkinfo_type_{field}")).says(record):
            continue
        info = Bkinfo()
        if record.high:
            info = Bkinfo(lgpos(record.mark), logtime(record.time), record.low, record.high)
        setattr(header, f"bkinfo_{field}", info)
        setattr(header, f"bkinfo_type_{field}", record.family)


def lgpos(position: int) -> Lgpos:
    """Return the machine's log position, generation << 32 | record, as the engine writes it: segments begin at 1."""
    from esemu.formats.structures import Lgpos  # noqa: PLC0415 - few programs look

    return Lgpos(position >> 32, 1 + (position >> 16 & 0xFFFF), position & 0xFFFF)


def position(stored: Lgpos) -> int:
    """Return a log position of a file as the machine has it, so that `lgpos` gives it back."""
    return stored.generation << 32 | max(0, stored.isec - 1) << 16 | stored.ib


def logtime(ms: int) -> Logtime:
    """Return a time of the engine's clock as the engine writes it."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415 - few programs look

    from esemu.formats.structures import Logtime  # noqa: PLC0415 - few programs look

    return Logtime.of(datetime.fromtimestamp(EPOCH, UTC) + timedelta(milliseconds=ms))


def milliseconds(stored: Logtime) -> int:
    """Return a time of a file on the engine's clock; one that is no time counts as the clock's beginning."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415 - few programs have real files

    second, minute, hour, day, month, year, millisecond = stored[:7]
    try:
        moment = datetime(1900 + year, month, day, hour, minute, second, 1000 * millisecond, UTC)
    except ValueError:
        return 0
    return (moment - datetime.fromtimestamp(EPOCH, UTC)) // timedelta(milliseconds=1)


def _signature(number: int) -> Signature:
    """Return the signature of the database or log stream with this number."""
    from esemu.formats.structures import Signature  # noqa: PLC0415 - few programs look

    return Signature(random=0x65736500 + number, created=logtime(0))
