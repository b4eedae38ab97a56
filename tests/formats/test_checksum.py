# SPDX-License-Identifier: MIT
"""Checksums: real pages have them, damage is found, one flipped bit is repaired, and swapped pages name each other."""

import random
from collections.abc import Iterable

import pytest
from hypothesis import given, strategies as st

from esemu.formats.checksum import (
    BLOCK_SIZE,
    block_checksum,
    header_error,
    page_error,
    page_number,
    repair,
    set_header_checksum,
    set_page_checksum,
    unsound_pages,
    xor_checksum,
)
from esemu.vocabulary.errors import JET_errReadPgnoVerifyFailure, JET_errReadVerifyFailure

PAGE_SIZES = sorted(BLOCK_SIZE)
NEW_FORMAT_BIT = 9 * 32 + 13


def random_page(page_size: int, pgno: int) -> bytes:
    """Return a page of random bytes with the right checksums and, on large pages, the right number."""
    page = bytearray(random.Random(pgno).randbytes(page_size))
    if page_size > 8192:
        page[64:68] = pgno.to_bytes(4, "little")
    set_page_checksum(page, pgno)
    return bytes(page)


def old_page(page_size: int, pgno: int) -> bytes:
    """Return a page with the checksum that was used before 2004: XOR and page number."""
    page = bytearray(page_size)
    page[4:8] = pgno.to_bytes(4, "little")
    page[8:16] = (403).to_bytes(8, "little")
    page[64:68] = pgno.to_bytes(4, "little")
    set_header_checksum(page)
    return bytes(page)


def flip(page: bytes, bits: Iterable[int]) -> bytes:
    """Return the page with these bits the other way round."""
    damaged = bytearray(page)
    for bit in bits:
        damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def slow_checksum(bits: set[int], size: int) -> int:
    """Return XOR and ECC as they are defined, bit by bit."""
    position = total = 0
    for bit in bits:
        position ^= bit
        total ^= 1 << bit % 32
    opposite = position ^ (size * 8 - 1) if len(bits) % 2 else position
    return opposite << 48 | position << 32 | total


def test_real_headers_have_the_checksum(real_file: bytes, real_page_size: int) -> None:
    """Header and shadow header of every real database verify, and are no pages."""
    for at in (0, real_page_size):
        header = real_file[at : at + real_page_size]
        assert header_error(header) == 0
        assert all(page_error(header, pgno, real_page_size) for pgno in (-1 % 2**32, 0, 1))


def test_real_pages_have_the_checksum(real_pages: dict[int, bytes], real_page_size: int) -> None:
    """Every real page verifies as itself, and as no other page, which is an error of the checksum at every page size."""
    assert len(real_pages) >= 10
    for pgno, page in real_pages.items():
        assert page_error(page, pgno, real_page_size) == 0
        for other in (pgno + 1, pgno ^ 1 << 31):
            assert page_error(page, other, real_page_size) == JET_errReadVerifyFailure


def test_real_pages_say_which_they_are(real_pages: dict[int, bytes], real_page_size: int) -> None:
    """The number of a page follows from its bytes, so that swapped pages can be named."""
    assert [page_number(page, real_page_size) for page in real_pages.values()] == list(real_pages)


def test_checksums_are_set_as_windows_set_them(real_pages: dict[int, bytes], real_page_size: int) -> None:
    """A real page that loses its checksums gets the same ones back."""
    for pgno, page in real_pages.items():
        rebuilt = bytearray(page)
        rebuilt[:8] = bytes(8)
        if real_page_size > 8192:
            rebuilt[40:64] = bytes(24)
        set_page_checksum(rebuilt, pgno)
        assert rebuilt == page


def test_real_pages_are_repaired(real_pages: dict[int, bytes], real_page_size: int) -> None:
    """One flipped bit anywhere behind the checksum of a real page is set right."""
    for pgno, page in real_pages.items():
        bit = 64 + pgno * 7919 % (real_page_size * 8 - 64)
        if bit != NEW_FORMAT_BIT:
            assert repair(flip(page, [bit]), pgno, real_page_size) == page


@given(st.sampled_from(sorted(set(BLOCK_SIZE.values()))), st.data())
def test_the_checksum_is_what_its_definition_says(size: int, data: st.DataObject) -> None:
    """Folding large integers gives the XOR of positions and dwords that the format defines."""
    bits = data.draw(st.sets(st.integers(0, size * 8 - 1), max_size=50))
    block = flip(bytes(size), bits)
    assert block_checksum(block, 0, is_header=False) == slow_checksum(bits, size)
    assert block_checksum(block, 5, is_header=True) == slow_checksum({bit for bit in bits if bit >= 64}, size) ^ 5


@given(st.sampled_from(sorted(set(BLOCK_SIZE.values()))), st.integers(), st.integers(), st.booleans())
def test_the_checksum_is_linear(size: int, first: int, second: int, is_header: bool) -> None:
    """The checksum of the sum of two blocks is the sum of their checksums."""
    blocks = [random.Random(seed).randbytes(size) for seed in (first, second)]
    total = bytes(a ^ b for a, b in zip(*blocks, strict=True))
    parts = [block_checksum(block, 0, is_header=is_header) for block in blocks]
    assert block_checksum(total, 0, is_header=is_header) == parts[0] ^ parts[1]


@pytest.mark.parametrize("page_size", PAGE_SIZES)
@given(st.integers(1, 2**32 - 1))
def test_a_page_verifies_as_itself_only(page_size: int, pgno: int) -> None:
    """A page that was given the checksums of a number has that number and no other."""
    page = random_page(page_size, pgno)
    assert page_error(page, pgno, page_size) == 0
    assert page_number(page, page_size) == pgno
    assert page_error(page, pgno ^ 1, page_size) == JET_errReadVerifyFailure


@pytest.mark.parametrize("page_size", PAGE_SIZES)
def test_swapped_pages_name_each_other(page_size: int) -> None:
    """Of two swapped pages each is an error in its new place and says where it belongs."""
    pages = {7: random_page(page_size, 8), 8: random_page(page_size, 7)}
    assert [page_error(page, pgno, page_size) for pgno, page in pages.items()] == [JET_errReadVerifyFailure] * 2
    assert [page_number(page, page_size) for page in pages.values()] == [8, 7]


@pytest.mark.parametrize("page_size", PAGE_SIZES)
@given(st.data())
def test_one_bit_in_each_block_is_repaired(page_size: int, data: st.DataObject) -> None:
    """Up to one flipped bit per block is an error that repair undoes, also in the checksums of other blocks."""
    page, size = random_page(page_size, 9), BLOCK_SIZE[page_size] * 8
    bits = {at + data.draw(st.integers(64, size - 1)) for at in range(0, page_size * 8, size)} - {NEW_FORMAT_BIT}
    damaged = flip(page, bits)
    assert page_error(damaged, 9, page_size) == (JET_errReadVerifyFailure if bits else 0)
    assert repair(damaged, 9, page_size) == page


@pytest.mark.parametrize("page_size", PAGE_SIZES)
def test_every_bit_of_a_dword_in_every_block_is_repaired(page_size: int) -> None:
    """No bit of a block is out of reach of the repair, wherever its block begins."""
    page, size = random_page(page_size, 9), BLOCK_SIZE[page_size] * 8
    for at in range(0, page_size * 8, size):
        for bit in (*range(at + 512, at + 544), at + size - 1):
            assert repair(flip(page, [bit]), 9, page_size) == page


@pytest.mark.parametrize("page_size", PAGE_SIZES)
@given(st.data())
def test_two_bits_in_one_block_are_beyond_repair(page_size: int, data: st.DataObject) -> None:
    """The damage to model for JET_errReadVerifyFailure is two flipped bits in one block."""
    size = BLOCK_SIZE[page_size] * 8
    at = data.draw(st.sampled_from(range(0, page_size * 8, size)))
    bits = data.draw(st.sets(st.integers(at + 64, at + size - 1), min_size=2, max_size=2)) - {NEW_FORMAT_BIT}
    damaged = flip(random_page(page_size, 9), bits)
    if len(bits) == 2:
        assert page_error(damaged, 9, page_size) == JET_errReadVerifyFailure
        assert repair(damaged, 9, page_size) is None


@pytest.mark.parametrize("page_size", PAGE_SIZES)
@pytest.mark.parametrize("bit", [*range(0, 64, 7), NEW_FORMAT_BIT])
def test_the_checksum_itself_is_beyond_repair(page_size: int, bit: int) -> None:
    """A flipped bit in the first checksum, or in the flag that says which checksum it is, is not repaired."""
    damaged = flip(random_page(page_size, 9), [bit])
    assert page_error(damaged, 9, page_size) == JET_errReadVerifyFailure
    assert repair(damaged, 9, page_size) is None


@pytest.mark.parametrize("page_size", PAGE_SIZES)
def test_another_page_is_not_repaired_into_this_one(page_size: int) -> None:
    """A good page in the wrong place stays an error, even if only one bit of the numbers differs."""
    assert repair(random_page(page_size, 8), 9, page_size) is None


@pytest.mark.parametrize("page_size", PAGE_SIZES)
def test_a_page_of_zeros_was_never_written(page_size: int) -> None:
    """A page of zeros is no error, has no number, and one bit in it cannot be told from damage to a page."""
    zeros = bytes(page_size)
    assert page_error(zeros, 9, page_size) == 0
    assert page_number(zeros, page_size) is None
    assert repair(zeros, 9, page_size) == zeros
    for bit in (0, 64, NEW_FORMAT_BIT, page_size * 8 - 1):
        assert page_error(flip(zeros, [bit]), 9, page_size) == JET_errReadVerifyFailure
        assert repair(flip(zeros, [bit]), 9, page_size) is None


@pytest.mark.parametrize("page_size", PAGE_SIZES)
def test_old_pages_verify_and_are_never_repaired(page_size: int) -> None:
    """A page without the flag of the new checksum has XOR and number, which find an error but not where it is."""
    page = old_page(page_size, 9)
    assert page_error(page, 9, page_size) == 0
    assert page_number(page, page_size) == 9
    assert repair(page, 9, page_size) == page
    assert page_error(page, 8, page_size) == JET_errReadVerifyFailure
    assert repair(flip(page, [1000]), 9, page_size) is None


@pytest.mark.parametrize("exponent", range(32))
def test_the_flag_is_not_repaired_into_an_unwritten_page(exponent: int) -> None:
    """Where the flag alone is set in a page of zeros, it stays, whatever the page's number (checksumu.cxx:357)."""
    pgno = 1 << 13 ^ 1 << exponent
    assert repair(flip(bytes(4096), [NEW_FORMAT_BIT]), pgno, 4096) is None


def test_old_small_pages_have_data_behind_their_header() -> None:
    """Up to 8 KiB there are records where large pages have more checksums."""
    page = bytearray(old_page(8192, 9))
    page[40:64] = b"x" * 24
    set_header_checksum(page)
    assert page_error(page, 9, 8192) == 0


def test_old_large_pages_have_no_more_checksums() -> None:
    """Above 8 KiB the checksums of the other blocks are zero on a page with the old checksum (checksumu.hxx:37)."""
    page = bytearray(old_page(16384, 9))
    page[40] = 1
    set_header_checksum(page)
    assert page_error(page, 9, 16384) == JET_errReadVerifyFailure


@pytest.mark.parametrize("page_size", [16384, 32768])
def test_large_pages_store_their_number(page_size: int) -> None:
    """A large page that stores another number than its checksums contain has an error of its own (cpage.cxx:4351)."""
    page = bytearray(random_page(page_size, 9))
    page[64] = 8
    set_page_checksum(page, 9)
    assert page_error(page, 9, page_size) == JET_errReadPgnoVerifyFailure


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_will_do(kind: type) -> None:
    """A page may be bytes, a bytearray or a view of a buffer."""
    page = random_page(8192, 9)
    assert page_error(kind(page), 9, 8192) == 0
    assert page_number(kind(page), 8192) == 9
    assert repair(kind(page), 9, 8192) == page


def test_sizes_are_checked() -> None:
    """Page sizes that the engine does not have, and buffers of another size, are refused."""
    with pytest.raises(ValueError, match="not 2048"):
        page_number(bytes(2048), 2048)
    with pytest.raises(ValueError, match="This page has 4096 bytes, not 8192"):
        page_number(bytes(4096), 8192)
    with pytest.raises(ValueError, match="not 12288"):
        set_page_checksum(bytearray(12288), 1)


@given(st.integers(1, 1100).map(lambda dwords: random.Random(dwords).randbytes(4 * dwords)))
def test_the_header_checksum_is_the_sum_of_dwords(page: bytes) -> None:
    """The checksum of a header is the XOR of all dwords but the first with the magic number; zeros add nothing."""
    total = 0x89ABCDEF
    for at in range(4, len(page), 4):
        total ^= int.from_bytes(page[at : at + 4], "little")
    assert xor_checksum(page) == xor_checksum(page + bytes(400)) == total


def test_the_header_checksum_of_all_ones() -> None:
    """A sum with all 32 bits set is not added up any further."""
    assert xor_checksum(bytes(4) + b"\xff" * 4) == 0x89ABCDEF ^ 0xFFFFFFFF


@given(st.integers(0, 4096 * 8 - 1))
def test_any_bit_of_a_header_counts(bit: int) -> None:
    """One flipped bit in a header is found; set_header_checksum makes it good again, as fault injection may want."""
    page = bytearray(random.Random(1).randbytes(4096))
    set_header_checksum(page)
    damaged = bytearray(flip(bytes(page), [bit]))
    assert header_error(page) == 0
    assert header_error(damaged) == JET_errReadVerifyFailure
    set_header_checksum(damaged)
    assert header_error(damaged) == 0


def test_unsound_pages_are_named(real_database) -> None:
    """Of a run of pages those are named that are not good as themselves; pages of zeros and the rest are not."""
    size = real_database.page_size
    numbers = range(1, min(60, real_database.last_page) + 1)
    run = bytearray(b"".join(real_database.pages.get(pgno, bytes(size)) for pgno in numbers))
    assert unsound_pages(run, 1, size) == []
    assert unsound_pages(run, 2, size) == [pgno + 1 for pgno in numbers if pgno in real_database.pages]
    run[3 * size + 1000] ^= 1
    run[size : 3 * size] = run[2 * size : 3 * size] + run[size : 2 * size]
    assert unsound_pages(memoryview(run), 1, size) == [2, 3, 4]
    with pytest.raises(ValueError, match="are no pages of"):
        unsound_pages(run[:-1], 1, size)


@pytest.mark.parametrize("page_size", PAGE_SIZES)
def test_pages_of_every_size_and_age_are_told_apart(page_size: int) -> None:
    """Good ones with the new and the old checksum pass, damaged ones of both do not."""
    good = [random_page(page_size, 1), old_page(page_size, 2), bytes(page_size)]
    assert unsound_pages(b"".join(good), 1, page_size) == []
    assert unsound_pages(b"".join(flip(page, [70]) for page in good), 1, page_size) == [1, 2, 3]
