# SPDX-License-Identifier: MIT
"""Page sources: pages that are made by rule, and pages that are held in memory."""

import itertools
import struct

import pytest
from hypothesis import given, strategies as st

from esemu.vocabulary.errors import JET_errSuccess
from esemu.world.pages import BytesPages, PatternPages, stated_page_size

PAGE_SIZES = [4096, 8192, 16384, 32768]


def pattern(number: int, page_size: int, first: int, count: int) -> bytes:
    """Return pages of the pattern, value by value."""
    values = range(page_size // 8)
    return b"".join(
        struct.pack(f"<{len(values)}Q", *[number << 56 | pgno << 16 | i for i in values])
        for pgno in range(first, first + count)
    )


def image(page_size: int, pages: bytes) -> bytes:
    """Return a database file: a header that states the page size, the header again, and pages."""
    header = bytearray(page_size)
    header[4:8] = (0x89ABCDEF).to_bytes(4, "little")
    header[236:240] = (0 if page_size == 4096 else page_size).to_bytes(4, "little")
    return bytes(header) * 2 + pages


@pytest.mark.parametrize("page_size", PAGE_SIZES)
@pytest.mark.parametrize("number", [0, 1, 255])
@pytest.mark.parametrize("first", [1, 250, 65530, 0x00FFFFFE, 0xFFFFFFFB])
def test_a_pattern_page_names_database_and_page(page_size: int, number: int, first: int) -> None:
    """Every 8 bytes hold the database's number, the page's number and their place in the page."""
    pages = PatternPages(number, page_size)
    assert pages.page_size == page_size
    assert bytes(pages.read(first, 4)) == pattern(number, page_size, first, 4)


SIZE = 4096
KNOWN = pattern(7, SIZE, 1, 300)


@given(st.lists(st.tuples(st.integers(1, 250), st.integers(1, 50)), min_size=1, max_size=10))
def test_pattern_pages_may_be_read_in_any_order(reads: list[tuple[int, int]]) -> None:
    """A read delivers its pages whatever was read before, in one piece or across several that were made apart."""
    pages = PatternPages(7)
    for first, count in reads:
        assert bytes(pages.read(first, count)) == KNOWN[(first - 1) * SIZE : (first - 1 + count) * SIZE]


@given(st.integers(2, 70))
def test_pattern_pages_may_be_streamed(count: int) -> None:
    """A backup in reads of one size gets every page, in every backup."""
    pages = PatternPages(7)
    for _ in range(2):
        assert b"".join(pages.read(first, min(count, 301 - first)) for first in range(1, 301, count)) == KNOWN


def test_a_second_backup_copies_nothing() -> None:
    """Pages that were made are delivered again without a copy, and nobody can change them."""
    pages = PatternPages(7)
    first, second = ([memoryview(pages.read(at, 16)) for at in range(1, 600, 16)] for _ in range(2))
    assert all(one.obj is other.obj for one, other in zip(first, second, strict=True))
    assert all(view.readonly for view in first)


def test_a_small_database_is_cheap_and_a_large_one_is_not_kept() -> None:
    """Not more is made than is read at first, and of 20 MiB at most 8 stay in memory."""
    pages = PatternPages(7)
    pages.read(1, 6)
    assert sum(len(run[2]) for run in pages._runs.values()) == 6 * SIZE
    for first in range(7, 5000, 16):
        pages.read(first, 16)
    assert 4 << 20 < sum(len(run[2]) for run in pages._runs.values()) <= 8 << 20
    assert bytes(pages.read(1, 6)) == KNOWN[: 6 * SIZE]


@pytest.mark.parametrize("count", [1, 7, 16, 40, 64, 100])
def test_pages_are_made_in_few_runs(count: int) -> None:
    """While pages are read in order runs double, up to 256 KiB or the size of one read."""
    pages = PatternPages(7)
    for first in range(1, 1000, count):
        pages.read(first, count)
    sizes = [len(run[2]) // SIZE for run in pages._runs.values()]
    assert sizes[0] == count
    assert all(one <= other <= max(2 * one, count) for one, other in itertools.pairwise(sizes))
    assert 32 < sizes[-1] <= 64 or sizes[-1] == count > 32


def test_a_read_may_be_larger_than_what_is_kept() -> None:
    """A read of 12 MiB is delivered, and the next one too."""
    pages = PatternPages(7)
    assert bytes(pages.read(1, 3072)[-SIZE:]) == pattern(7, SIZE, 3072, 1)
    assert bytes(pages.read(3073, 1)) == pattern(7, SIZE, 3073, 1)


def test_pattern_pages_are_always_good() -> None:
    """Every attempt to read pattern pages succeeds, and the engine makes their header."""
    assert PatternPages(1).check(1, 1000) == JET_errSuccess
    assert PatternPages(1).header is None


@given(st.binary(max_size=3), st.integers(1, 5), st.integers(0, 4))
def test_pages_in_memory_end_in_zeros(marks: bytes, first: int, count: int) -> None:
    """Pages past the end are pages that were never written: zeros."""
    held = b"".join(bytes([mark]) * SIZE for mark in marks)
    pages = BytesPages(held)
    assert pages.last_page == len(marks)
    assert bytes(pages.read(first, count)) == (held + bytes(9 * SIZE))[(first - 1) * SIZE : (first - 1 + count) * SIZE]
    assert pages.check(first, count) == JET_errSuccess


def test_pages_may_come_without_a_header() -> None:
    """Then the engine makes one, and the page size is what is said: 4096 bytes, or another."""
    assert BytesPages(bytes(8192)).header is None
    assert BytesPages(bytes(8192)).page_size == 4096
    assert BytesPages(bytes(8192), 8192).last_page == 1
    assert BytesPages(bytes(8192), 8192, b"header").header == b"header"


@pytest.mark.parametrize("start", [b"", image(4096, b"")[:239], bytes(240), image(4096, b"")[:236] + b"\1\0\0\0"])
def test_other_files_are_no_databases(start: bytes) -> None:
    """A file that is too short, has another magic number or states an impossible page size is refused."""
    with pytest.raises(ValueError, match="ESE database"):
        stated_page_size(start)
