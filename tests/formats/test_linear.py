# SPDX-License-Identifier: MIT
"""The linear update: what it makes is what would have been made page by page, at every page size."""

import random

import pytest
from hypothesis import given, settings, strategies as st

from esemu.formats.checksum import page_error, set_page_checksum, unsound_pages
from esemu.formats.linear import (
    ColumnPages,
    Number,
    WholePages,
    both,
    flipped,
    key_number,
    linear_pages,
    renumbered,
    stored_number,
)

PAGE_SIZES = [4096, 8192, 16384, 32768]


def random_page(page_size: int, pgno: int, seed: int = 1) -> bytearray:
    """Return a page of random bytes that is good as page `pgno`."""
    page = bytearray(random.Random(seed).randbytes(page_size))
    if page_size > 8192:
        page[64:68] = pgno.to_bytes(4, "little")
    set_page_checksum(page, pgno)
    return page


@pytest.mark.parametrize("page_size", PAGE_SIZES)
@settings(deadline=None)
@given(st.integers(1, 2**32 - 1), st.integers(1, 2**32 - 1))
def test_a_page_gets_another_number(page_size: int, old: int, new: int) -> None:
    """A page with another number is what it would be if its checksums were summed up anew."""
    assert renumbered(bytes(random_page(page_size, old)), old, new) == random_page(page_size, new)


@pytest.mark.parametrize("page_size", PAGE_SIZES)
@settings(deadline=None)
@given(st.data())
def test_flipped_bits_flip_bits_of_the_checksums(page_size: int, data: st.DataObject) -> None:
    """Bits anywhere behind the checksums, in one block or in several, change the checksums as summing up again does."""
    bits = data.draw(st.sets(st.integers(68 * 8, page_size * 8 - 1), max_size=40))
    change = data.draw(st.integers(0, 2**32 - 1))
    page = random_page(page_size, 7)
    page[37] |= 0x20
    made = bytearray(page)
    for bit in flipped(bits, change, page_size):
        made[bit // 8] ^= 1 << bit % 8
    for bit in bits:
        page[bit // 8] ^= 1 << bit % 8
    set_page_checksum(page, 7 ^ change)
    assert made == page


WAYS = [ColumnPages, WholePages]
Way = type[ColumnPages] | type[WholePages]


def numbered_pages(page_size: int, way: Way) -> ColumnPages | WholePages:
    """Return pages with their number, the next one, and in five places a number in a key, shifted by three bits."""
    page = bytearray(random.Random(page_size).randbytes(page_size))
    places = [100, 207, page_size // 2 - 3, page_size - 300, page_size - 9]
    for offset in (64, 20, *places):
        page[offset : offset + 5] = bytes(5)
    set_page_checksum(page, 0)
    pgno = stored_number(64) if page_size > 8192 else [[]] * 32
    keys = both(*(key_number(offset, 5, 3) for offset in places))
    return way(bytes(page), [Number(pgno, is_pgno=True), Number(stored_number(20)), Number(keys)])


@pytest.mark.parametrize("page_size", PAGE_SIZES)
@pytest.mark.parametrize("first", [1, 250, 65530, 2**24 - 3, 2**32 - 40])
@pytest.mark.parametrize("way", WAYS)
def test_runs_of_pages_are_what_each_page_is(page_size: int, first: int, way: Way) -> None:
    """Every page of a run verifies and has its numbers, also where these go over the end of a byte."""
    pages, constants = numbered_pages(page_size, way), (0, 1, -5)
    run = pages.pages(first, 30, constants)
    assert unsound_pages(run, first, page_size) == []
    for at in range(30):
        page = run[at * page_size : (at + 1) * page_size]
        pgno = first + at
        assert page == pages.pages(pgno, 1, constants)
        assert int.from_bytes(page[20:24], "little") == (pgno + 1) % 2**32
        assert int.from_bytes(page[207:212], "big") == (pgno - 5) % 2**32 << 3
        assert page_size <= 8192 or int.from_bytes(page[64:68], "little") == pgno


@pytest.mark.parametrize("way", WAYS)
def test_a_long_run_is_made_in_parts(way: Way) -> None:
    """A run of more than a part and more than 256 pages is the same bytes."""
    pages = numbered_pages(4096, way)
    run = pages.pages(200, 600, (0, 1, -5))
    assert len(run) == 600 * 4096
    assert unsound_pages(run, 200, 4096) == []
    assert run[400 * 4096 : 401 * 4096] == pages.pages(600, 1, (0, 1, -5))
    assert page_error(run[:4096], 200, 4096) == 0


def test_the_quicker_way_is_taken() -> None:
    """Few bytes that change are columns of a run; where every fourth does, each page is made from the one before."""
    few = [Number(stored_number(100))]
    many = [Number(both(*(stored_number(offset) for offset in range(100, 4000, 16))))]
    page = bytes(4096)
    assert isinstance(linear_pages(page, few), ColumnPages)
    assert isinstance(linear_pages(page, many), WholePages)
