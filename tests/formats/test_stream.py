# SPDX-License-Identifier: MIT
"""The streamed header and trailer: what they take from the database, what from the backup, and how they belong together."""

from typing import Any

import pytest

from esemu.formats.checksum import header_error
from esemu.formats.database_header import VERSION_LOWER_MIN_REQUIRED, DatabaseHeader
from esemu.formats.stream import Trailer, header_copy, parse_trailer, trailer, trailer_error
from esemu.formats.structures import NEVER, Bkinfo, Lgpos, Logtime, Signature
from esemu.vocabulary.errors import JET_errBadPatchPage, JET_errDatabasePatchFileMismatch

MARK = Lgpos(7, 8, 9)
MARK_TIME = Logtime(1, 2, 3, 4, 5, 126, is_utc=True)
TIMES = [Logtime(1, 2, 3, 4, 5, 125), Logtime(2, 2, 3, 4, 5, 125)]


def new_header(**fields: Any) -> DatabaseHeader:
    """Return the header of a database that requires generations 4 to 5, of 6 that exist."""
    defaults: dict[str, Any] = {
        "gen_min_required": 4,
        "gen_max_required": 5,
        "gen_max_committed": 6,
        "logtime_gen_max_required": TIMES[0],
        "logtime_gen_max_create": TIMES[1],
    }
    return DatabaseHeader.new(sign_db=Signature(1), sign_log=Signature(2), **defaults | fields)


def new_trailer(header: DatabaseHeader, gen_current: int = 6) -> bytes:
    """Return the trailer of the backup of these tests."""
    return trailer(header, mark=MARK, mark_time=MARK_TIME, gen_low=3, gen_current=gen_current)


def streamed(header: DatabaseHeader) -> DatabaseHeader:
    """Return the header as a client gets it."""
    page = header_copy(header, mark=MARK, mark_time=MARK_TIME, gen_low=3, page_size=header.page_size)
    return DatabaseHeader.parse(page)


def test_a_real_header_is_changed_in_one_place(real_file: bytes, real_page_size: int) -> None:
    """The streamed header is the database's with the mark of the backup, no last generation and a new checksum."""
    page = real_file[:real_page_size]
    copy = header_copy(page, mark=MARK, mark_time=MARK_TIME, gen_low=3, page_size=real_page_size)
    assert header_error(copy) == 0
    assert DatabaseHeader.parse(copy).bkinfo_full_cur == Bkinfo(MARK, MARK_TIME, 3, 0)
    assert copy[4:184] + copy[208:] == page[4:184] + page[208:]


@pytest.mark.parametrize("page_size", [4096, 32768])
def test_the_header_is_a_snapshot(page_size: int) -> None:
    """Neither does the copy change the database's header, nor a later change of that the copy."""
    header = new_header(page_size=page_size)
    before = header.copy()
    copy = header_copy(header, mark=MARK, mark_time=MARK_TIME, gen_low=3, page_size=page_size)
    assert len(copy) == page_size
    assert header == before
    header.gen_max_committed = 9
    assert DatabaseHeader.parse(copy).gen_max_committed == 6


def test_the_trailer_of_an_old_format() -> None:
    """Before format 1568.160.360 a trailer holds the backup and the signatures, and no required generations."""
    page = new_trailer(new_header())
    found = parse_trailer(page)
    assert found.bkinfo == Bkinfo(MARK, MARK_TIME, 3, 6)
    assert (found.sign_db, found.sign_log) == (Signature(1), Signature(2))
    assert (found.gen_min_required, found.gen_max_required, found.gen_max_committed) == (0, 0, 0)
    assert (found.logtime_gen_max_required, found.logtime_gen_max_committed) == (NEVER, NEVER)
    assert header_error(page) == 0
    assert not any(page[4:40])
    assert not any(page[148:])


def test_the_trailer_of_a_new_format() -> None:
    """From format 1568.160.360 on it also holds what the database requires at the end of the backup."""
    found = parse_trailer(new_trailer(new_header(format_version=VERSION_LOWER_MIN_REQUIRED)))
    assert (found.gen_min_required, found.gen_max_required, found.gen_max_committed) == (4, 5, 6)
    assert (found.logtime_gen_max_required, found.logtime_gen_max_committed) == (TIMES[0], TIMES[1])


@pytest.mark.parametrize(("version", "expected"), [((1568, 160, 359), 5), ((1568, 160, 360), 6), ((1568, 170, 0), 6)])
def test_a_log_that_is_being_started_counts(version: tuple[int, int, int], expected: int) -> None:
    """A generation that the header knows before the log stream does is part of the set (backup.cxx:4680)."""
    found = parse_trailer(new_trailer(new_header(format_version=version), gen_current=5))
    assert found.bkinfo.gen_high == expected


def test_the_trailer_covers_every_byte() -> None:
    """The fields follow each other without gap or overlap, 148 bytes in all (cpage.hxx:1680)."""
    ends = [field.offset + field.size for field in Trailer.FIELDS]
    assert [0, *ends[:-1]] == [field.offset for field in Trailer.FIELDS]
    assert Trailer.SIZE == 148


@pytest.mark.parametrize("page_size", [4096, 8192, 16384, 32768])
def test_a_trailer_belongs_to_its_header(page_size: int) -> None:
    """The trailer fills a page and is accepted by what restore asks of it."""
    header = new_header(page_size=page_size)
    page = new_trailer(header)
    assert len(page) == page_size
    assert trailer_error(page, streamed(header)) == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("sign_db", Signature(9)), ("sign_log", Signature(9)), ("bkinfo_full_cur", Bkinfo(Lgpos(7, 8, 8)))],
)
def test_a_trailer_of_something_else_is_a_mismatch(name: str, value: object) -> None:
    """Another database, log stream or backup has another trailer (db.cxx:3685)."""
    header = streamed(new_header())
    setattr(header, name, value)
    assert trailer_error(new_trailer(new_header()), header) == JET_errDatabasePatchFileMismatch


def test_a_trailer_without_an_end_is_a_mismatch() -> None:
    """A trailer must say with which generation the backup ends."""
    header = new_header()
    assert trailer_error(new_trailer(header, gen_current=0), streamed(header)) == JET_errDatabasePatchFileMismatch


def test_a_damaged_trailer_is_bad() -> None:
    """One flipped bit, or a page of the database instead of the trailer, is found by the checksum."""
    header = new_header()
    page = bytearray(new_trailer(header))
    page[3000] ^= 1
    assert trailer_error(page, streamed(header)) == JET_errBadPatchPage
    assert trailer_error(bytes(4096), streamed(header)) == JET_errBadPatchPage
