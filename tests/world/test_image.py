# SPDX-License-Identifier: MIT
"""Pages of database files held in memory: what is taken of them, and how they are verified."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

import esemu
from esemu.vocabulary.errors import JET_errReadVerifyFailure, JET_errSuccess
from esemu.vocabulary.exceptions import ReadVerifyFailureError
from esemu.world.generated import GeneratedPages
from esemu.world.image import ImagePages

DATA = Path(__file__).resolve().parent.parent / "data"
REAL = gzip.decompress((DATA / "basic.edb.gz").read_bytes())
SIZE = 4096
WRITTEN = next(pgno for pgno in range(3, 99) if any(REAL[(pgno + 1) * SIZE : (pgno + 2) * SIZE]))
MAIL = r"C:\data\mail.edb"


def image(page_size: int) -> bytes:
    """Return a database file of three pages: a header that states the page size, and the header again."""
    header = bytearray(page_size)
    header[4:8] = (0x89ABCDEF).to_bytes(4, "little")
    header[236:240] = (0 if page_size == SIZE else page_size).to_bytes(4, "little")
    return bytes(header) * 2 + bytes(GeneratedPages(3, page_size).read(1, 3))


def flipped(*bits: int) -> bytes:
    """Return the real database with bits of a written page changed."""
    data = bytearray(REAL)
    for bit in bits:
        data[(WRITTEN + 1) * SIZE + bit // 8] ^= 1 << bit % 8
    return bytes(data)


@pytest.mark.parametrize("page_size", [4096, 8192, 16384, 32768])
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_a_whole_file_has_two_headers(page_size: int, kind: Callable[[bytes], bytes]) -> None:
    """The header states the page size, 0 for 4096, and page 1 is the third of the file."""
    whole = image(page_size)
    pages = ImagePages(kind(whole))
    assert pages.page_size == page_size
    assert pages.header == whole[:page_size]
    assert pages.last_page == 3
    assert bytes(pages.read(2, 1)) == bytes(GeneratedPages(3, page_size).read(2, 1))


def test_a_file_may_change_after_it_was_taken() -> None:
    """Pages are those of the moment at which they were handed over."""
    whole = bytearray(image(SIZE))
    pages = ImagePages(whole)
    whole[:] = bytes(len(whole))
    assert bytes(pages.read(1, 1)) == bytes(GeneratedPages(3, SIZE).read(1, 1))


@pytest.mark.parametrize("start", [b"", image(SIZE)[:239], bytes(240), image(SIZE)[:236] + b"\1\0\0\0"])
def test_other_bytes_are_no_databases(start: bytes) -> None:
    """Too few bytes, another magic number and an impossible page size are refused."""
    with pytest.raises(ValueError, match="ESE database"):
        ImagePages(start)


def test_a_real_database_is_good() -> None:
    """All pages of a database that Windows wrote pass, whatever the order in which they are read; behind them are zeros."""
    pages = ImagePages(REAL)
    last = pages.last_page
    assert last == len(REAL) // SIZE - 2
    assert pages.check(5, 10) == JET_errSuccess
    assert pages.check(1, last + 100) == JET_errSuccess
    assert bytes(pages.read(1, last)) == REAL[2 * SIZE :]
    assert bytes(pages.read(last, 2)) == REAL[-SIZE:] + bytes(SIZE)
    assert not pages.sound


def test_a_single_flipped_bit_is_repaired() -> None:
    """What is read of a page with one wrong bit is the good page, read with others or alone."""
    pages = ImagePages(flipped(8000))
    assert bytes(pages.read(1, pages.last_page)) == REAL[2 * SIZE :]
    assert pages.check(1, pages.last_page) == JET_errSuccess
    assert bytes(pages.read(WRITTEN, 1)) == REAL[(WRITTEN + 1) * SIZE : (WRITTEN + 2) * SIZE]


def test_more_damage_is_an_error_on_every_attempt() -> None:
    """A page with several wrong bits fails whenever it is read, and is delivered as it is; its neighbours are good."""
    damaged = flipped(8000, 8001, 9000)
    pages = ImagePages(damaged)
    for _ in range(2):
        assert pages.check(WRITTEN - 1, 3) == JET_errReadVerifyFailure
    assert pages.check(1, WRITTEN - 1) == JET_errSuccess
    assert pages.check(WRITTEN + 1, 50) == JET_errSuccess
    assert bytes(pages.read(WRITTEN, 1)) == damaged[(WRITTEN + 1) * SIZE : (WRITTEN + 2) * SIZE]


def test_a_page_is_good_in_its_place_only() -> None:
    """Its number is in its checksum: one that stands where another should is as bad as any damaged page."""
    whole = image(SIZE)
    assert ImagePages(whole).check(1, 3) == JET_errSuccess
    swapped = whole[: 2 * SIZE] + whole[3 * SIZE : 4 * SIZE] + whole[2 * SIZE : 3 * SIZE] + whole[4 * SIZE :]
    assert ImagePages(swapped).check(3, 1) == JET_errSuccess
    assert ImagePages(swapped).check(1, 1) == JET_errReadVerifyFailure
    assert ImagePages(swapped).check(2, 1) == JET_errReadVerifyFailure


def test_a_damaged_image_cannot_be_streamed() -> None:
    """The engine tries seventeen times and leaves the database out, as it does with a damaged file of the host."""
    engine = esemu.Engine()
    inst = engine.start(databases=[esemu.Database(MAIL, source=flipped(8000, 8001, 9000))])
    engine.jet.JetBeginExternalBackupInstance(inst)
    file = engine.jet.JetOpenFileInstance(inst, MAIL)
    with pytest.raises(ReadVerifyFailureError):
        engine.jet.JetReadFileInstance(inst, file.handle, bytearray(1 << 20))
    assert engine.clock.now_ms == 13_600


def test_a_copy_of_a_new_database_can_be_attached() -> None:
    """A file that JetBackup has written of a database that esemu made can be restored and streamed again."""
    engine = esemu.Engine()
    inst = engine.start(databases={MAIL: 20})
    engine.disk.create_folder("C:\\backup")
    engine.jet.JetBackupInstance(inst, "C:\\backup")
    copy = "C:\\backup\\mail.edb"
    engine.jet.JetExternalRestore("C:\\new", "C:\\new", [(MAIL, copy)], "C:\\backup", 1, 1)
    engine.jet.JetAttachDatabase(inst.session, copy)
    engine.jet.JetBeginExternalBackupInstance(inst)
    file = engine.jet.JetOpenFileInstance(inst, copy)
    assert engine.jet.JetReadFileInstance(inst, file.handle, bytearray(20 * SIZE)) == 20 * SIZE
