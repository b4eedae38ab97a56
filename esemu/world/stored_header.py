# SPDX-License-Identifier: MIT
"""What the header of a database file says at the moment, and how it writes what the machine knows in units of its own.

It is made when somebody reads it: from that of the file where pages come from a real one, else from nothing.
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


def header_of(pages: PageSource, database: Any, log: Any) -> DatabaseHeader:
    """Return the header of a file with these pages, as it is in memory or as the last shutdown left it.

    What is known of the database adds to it, one after the other:

    | known                          | the header says                                                |
    |--------------------------------|----------------------------------------------------------------|
    | pages of a real file           | what that of the file says                                     |
    | pages that are made up         | a signature, and the size of a page                            |
    | ... with tables in them        | how far objects and times were counted                         |
    | `log` of whoever attached it   | dirty, and the logs that it needs; clean after it was detached |
    | `database`, attached or not    | its earlier backups                                            |
    """
    from esemu.formats.database_header import DatabaseHeader  # noqa: PLC0415 - few programs look

    if pages.header is not None:
        header = DatabaseHeader.parse(pages.header)
    else:
        sign_db = signature(pages.number if isinstance(pages, MadePages) else 0)
        header = DatabaseHeader.new(sign_db=sign_db, sign_log=signature(0x10000), page_size=pages.page_size)
    if isinstance(pages, GeneratedPages):
        pages.stamp(header)
    if log is not None:
        _write_attachment(header, database, log)
    if database is not None:
        _write_records(header, database)
    return header


def _write_attachment(header: DatabaseHeader, database: Any, log: Any) -> None:
    """Let a header say what attaching, and detaching, have written into it."""
    from esemu.formats.database_header import CLEAN_SHUTDOWN, DIRTY_SHUTDOWN  # noqa: PLC0415 - few programs look
    from esemu.formats.structures import Bkinfo  # noqa: PLC0415 - likewise
    from esemu.world.log_bytes import created, sign_log  # noqa: PLC0415 - likewise

    header.dbid = database.dbid
    header.bkinfo_full_cur = Bkinfo()
    if log.sequence is not None:
        header.sign_log = sign_log(log.sequence)
        header.logtime_gen_max_create = created(database.required_high)
    header.dbstate = CLEAN_SHUTDOWN if database.clean else DIRTY_SHUTDOWN
    required = (0, 0) if database.clean else (database.required_low, database.required_high)
    header.gen_min_required, header.gen_max_required = required
    header.gen_max_committed, header.gen_min_consistent = header.gen_max_required, header.gen_min_required
    header.checksum = 0


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


def signature(number: int) -> Signature:
    """Return the signature of the database or log stream with this number."""
    from esemu.formats.structures import Signature  # noqa: PLC0415 - few programs look

    return Signature(random=0x65736500 + number, created=logtime(0))
