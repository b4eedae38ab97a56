# SPDX-License-Identifier: MIT
"""Pages of database files of the host: real ones, damaged ones, and what becomes of the open file."""

import gc
import gzip
import warnings
from pathlib import Path
from typing import Any

import pytest

from esemu.formats.checksum import page_error
from esemu.vocabulary.errors import JET_errReadVerifyFailure, JET_errSuccess
from esemu.world.database_file import FilePages

DATA = Path(__file__).resolve().parent.parent / "data"
REAL = {"basic.edb.gz": 4096, "large-first-12-pages.edb.gz": 32768}


@pytest.fixture(params=REAL)
def edb(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return the path of a database that Windows wrote."""
    path = tmp_path / "real.edb"
    path.write_bytes(gzip.decompress((DATA / request.param).read_bytes()))
    return path


@pytest.fixture
def page_size(edb: Path) -> int:
    """Return its page size."""
    return int.from_bytes(edb.read_bytes()[236:240], "little")


def written_page(edb: Path, page_size: int) -> int:
    """Return the number of a page that is not all zeros."""
    data = edb.read_bytes()
    return next(pgno for pgno in range(3, 99) if any(data[(pgno + 1) * page_size : (pgno + 2) * page_size]))


def flip(edb: Path, page_size: int, pgno: int, *bits: int) -> None:
    """Change bits of a page of the file."""
    data = bytearray(edb.read_bytes())
    for bit in bits:
        data[(pgno + 1) * page_size + bit // 8] ^= 1 << bit % 8
    edb.write_bytes(data)


def test_a_real_database_is_read(edb: Path, page_size: int) -> None:
    """Page size and header come from the file, and so does the last page: what the database owns of it, all good."""
    data = edb.read_bytes()
    with FilePages(edb) as pages:
        assert pages.page_size == page_size
        assert pages.header == data[:page_size]
        assert pages.last_page == len(data) // page_size - 2
        assert pages.check(1, pages.last_page) == JET_errSuccess
        assert bytes(pages.read(1, pages.last_page)) == data[2 * page_size :]
        assert bytes(pages.read(2, 1)) == data[3 * page_size : 4 * page_size]


def test_nothing_is_opened_before_it_is_needed(tmp_path: Path) -> None:
    """A missing file is noticed when something is asked of it."""
    pages = FilePages(tmp_path / "missing.edb")
    with pytest.raises(FileNotFoundError):
        pages.check(1, 1)


@pytest.mark.parametrize("content", [b"", b"short", bytes(8192)])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    """A file that does not start as a database does is none."""
    path = tmp_path / "other.edb"
    path.write_bytes(content)
    with FilePages(path) as pages, pytest.raises(ValueError, match="ESE database"):
        pages.read(1, 1)


def test_a_flipped_bit_is_repaired(edb: Path, page_size: int) -> None:
    """A page with one flipped bit is good, and delivered as it was before."""
    data = edb.read_bytes()
    pgno = written_page(edb, page_size)
    flip(edb, page_size, pgno, 1000)
    with FilePages(edb) as pages:
        assert pages.check(1, pgno + 1) == JET_errSuccess
        assert bytes(pages.read(1, pgno + 1)) == data[2 * page_size : (pgno + 3) * page_size]
    with FilePages(edb) as pages:
        assert bytes(pages.read(pgno, 1)) == data[(pgno + 1) * page_size : (pgno + 2) * page_size]


def test_worse_damage_is_an_error(edb: Path, page_size: int) -> None:
    """A page with two flipped bits fails every attempt that reads it, and is delivered as it is."""
    pgno = written_page(edb, page_size)
    flip(edb, page_size, pgno, 1000, 1001)
    data = edb.read_bytes()
    with FilePages(edb) as pages:
        assert pages.check(1, pgno - 1) == JET_errSuccess
        assert pages.check(pgno, 1) == JET_errReadVerifyFailure
        assert pages.check(1, pgno + 3) == JET_errReadVerifyFailure
        assert pages.check(pgno + 1, 1) == JET_errSuccess
        assert bytes(pages.read(pgno, 1)) == data[(pgno + 1) * page_size : (pgno + 2) * page_size]


def test_the_first_bad_page_names_the_error(edb: Path, page_size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several errors the first in order of pages is returned."""
    monkeypatch.setattr("esemu.world.page_verification.unsound_pages", lambda pages, first, size: [first, first + 1])
    monkeypatch.setattr("esemu.world.page_verification.page_error", lambda page, pgno, size: -pgno)
    monkeypatch.setattr("esemu.world.page_verification.repair", lambda page, pgno, size: None)
    with FilePages(edb) as pages:
        assert pages.check(3, 4) == -3


def test_a_repair_that_leaves_an_error_does_not_count(edb: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What repair returns is verified again."""
    monkeypatch.setattr("esemu.world.page_verification.unsound_pages", lambda pages, first, size: [first])
    monkeypatch.setattr("esemu.world.page_verification.page_error", lambda page, pgno, size: JET_errReadVerifyFailure)
    monkeypatch.setattr("esemu.world.page_verification.repair", lambda page, pgno, size: page)
    with FilePages(edb) as pages:
        assert pages.check(1, 1) == JET_errReadVerifyFailure


def test_what_was_checked_is_read_from_memory(edb: Path, page_size: int) -> None:
    """The read after a check delivers what was checked, even if the file changed meanwhile; a new check looks again."""
    before = edb.read_bytes()
    pgno = written_page(edb, page_size)
    with FilePages(edb) as pages:
        assert pages.check(pgno - 1, 2) == JET_errSuccess
        flip(edb, page_size, pgno, 1000, 1001)
        expected = before[pgno * page_size : (pgno + 2) * page_size]
        assert bytes(pages.read(pgno - 1, 2)) == expected
        assert bytes(pages.read(pgno, 1)) == expected[page_size:]
        assert pages.check(pgno, 1) == JET_errReadVerifyFailure
        flip(edb, page_size, pgno, 1000, 1001)
        assert pages.check(pgno, 1) == JET_errSuccess


def test_more_may_be_read_than_was_checked(edb: Path, page_size: int) -> None:
    """A read that begins before, or ends behind, what was checked is verified and delivered in full."""
    data = edb.read_bytes()[2 * page_size :]
    with FilePages(edb) as pages:
        assert pages.header == edb.read_bytes()[:page_size]
        assert pages.check(2, 2) == JET_errSuccess
        for first, count in ((1, 1), (1, 2), (2, 3), (3, 2), (4, 1), (2, 2)):
            assert bytes(pages.read(first, count)) == data[(first - 1) * page_size : (first - 1 + count) * page_size]


def test_pages_past_the_end_are_zeros(edb: Path, page_size: int) -> None:
    """The end is that of the file or the one that was given, and nothing behind it is verified."""
    with FilePages(edb) as pages:
        end = pages.last_page
        assert pages.check(end + 1, 2) == JET_errSuccess
        assert bytes(pages.read(end + 1, 2)) == bytes(2 * page_size)
    pgno = written_page(edb, page_size)
    with FilePages(edb, last_page=pgno - 1) as pages:
        assert pages.last_page == pgno - 1
        assert bytes(pages.read(pgno - 1, 2))[page_size:] == bytes(page_size)
    with FilePages(edb, last_page=pgno) as pages:
        assert any(bytes(pages.read(pgno - 1, 2))[page_size:])


def test_delivered_pages_cannot_be_changed(edb: Path) -> None:
    """Both ways to deliver give read-only views."""
    with FilePages(edb) as pages:
        assert pages.read(1, 1).readonly
        pages.check(1, 1)
        assert pages.read(1, 1).readonly


def open_files() -> set[str]:
    """Return the paths of the files that this process has open."""
    found = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            found.add(str(descriptor.readlink()))
        except FileNotFoundError:
            continue
    return found


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux lists a process's open files")
def test_the_file_is_closed(edb: Path) -> None:
    """By `with`, by `close` and by the garbage collector, without a warning; afterwards it may be opened again."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with FilePages(edb) as pages:
            assert pages.page_size in REAL.values()
            assert str(edb) in open_files()
        assert str(edb) not in open_files()
        assert pages.check(1, 1) == JET_errSuccess
        pages.close()
        pages.close()
        assert str(edb) not in open_files()
        assert any(FilePages(edb).read(1, 2))
        gc.collect()
        assert str(edb) not in open_files()


def test_the_file_is_closed_in_whichever_order_a_collector_finds_it(edb: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No warning of an open file comes out of garbage in which the file stands before its pages."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        file = edb.open("rb", buffering=0)
        pages = FilePages(edb)
        monkeypatch.setattr(FilePages, "_open_file", lambda _, file=file: file)
        assert pages.page_size in REAL.values()
        monkeypatch.undo()
        ring: list[Any] = [pages]
        ring.append(ring)
        del file, pages, ring
        gc.collect()
    assert not caught


def test_all_written_pages_of_the_test_data_are_good(edb: Path, page_size: int) -> None:
    """The files that these tests rely on are whole."""
    data = edb.read_bytes()
    for pgno in range(1, len(data) // page_size - 1):
        assert page_error(data[(pgno + 1) * page_size : (pgno + 2) * page_size], pgno, page_size) == JET_errSuccess


def test_a_file_may_be_longer_than_its_database(edb: Path, page_size: int) -> None:
    """What lies behind the last page that the database owns is not delivered; large.edb owns 510 of 766 pages."""
    with FilePages(edb) as pages:
        owned = pages.last_page
    with edb.open("ab") as file:
        file.truncate((owned + 2 + 500) * page_size)
    with FilePages(edb) as pages:
        assert pages.last_page == (510 if page_size == 32768 else owned)


def test_a_file_whose_root_is_damaged_is_as_long_as_it_is(edb: Path, page_size: int) -> None:
    """Where the owned extents cannot be read, the end of the file is the end of the database."""
    data = bytearray(edb.read_bytes())
    data[3 * page_size : 4 * page_size] = bytes(page_size)
    edb.write_bytes(data)
    with FilePages(edb) as pages:
        assert pages.last_page == len(data) // page_size - 2
