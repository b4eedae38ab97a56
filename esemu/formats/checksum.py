# SPDX-License-Identifier: MIT
"""The two checksums of ESE: the XOR of headers, and XOR with ECC of database pages and log segments.

The ECC finds a flipped bit, and the XOR contains the page's number, so that a good page in the wrong place is an error.
A log segment is to both an ordinary page of 4 KiB whose number is its index in the file (checksumu.hxx:49).

Both are linear over GF(2). So a block is never walked: it is halved and its halves are added until 32 bits are left,
which are the XOR of all dwords. The parity of each upper half is one bit of the ECC (checksum_amd64.cxx:448-608
computes the same from the other end, dword by dword).
"""

from __future__ import annotations

from typing import Final, TypeAlias

from esemu.vocabulary.errors import (
    JET_errReadPgnoVerifyFailure,
    JET_errReadVerifyFailure,
    JET_errSuccess,
)

Buffer: TypeAlias = bytes | bytearray | memoryview

#: Bytes covered by one checksum, by page size (checksumu.cxx:243): 16 KiB pages have four blocks of 4 KiB.
BLOCK_SIZE: Final = {4096: 4096, 8192: 8192, 16384: 4096, 32768: 8192}
#: Larger pages have four blocks, three more checksums in the header, and their own number (daedef.hxx:5795).
SMALL_PAGE_MOST: Final = 8192
PGNO_OFFSET: Final = 64  # PGHDR2.pgno, cpage.hxx:1018
#: Where the checksums lie in a page, one per block (PGHDR.checksum, PGHDR2.rgChecksum).
CHECKSUM_FIELDS: Final = (0, 40, 48, 56)

HEADER_SEED: Final = 0x89ABCDEF  # checksum.cxx:184; also the database header's magic number
_FLAGS_BYTE: Final = 37  # the byte of PGHDR.fFlags that holds ...
_NEW_FORMAT: Final = 0x20  # ... fPageNewChecksumFormat, 0x2000 (checksumu.cxx:103)
_NEW_FORMAT_BIT: Final = 9 * 32 + 13

_M32: Final = 0xFFFFFFFF
# Slicing bytes is quicker than shifting large integers; from 2 KiB downwards it no longer is (measured).
_SLICE: Final = 2048
_FOLDS: Final = tuple((1 << k, (1 << (1 << k)) - 1) for k in range(13, 5, -1))
# Which of 64 bits have bit k of their position set, for k = 5 ... 0.
_POSITIONS: Final = tuple(sum(1 << bit for bit in range(64) if bit >> k & 1) for k in range(5, -1, -1))


def block_checksum(block: bytes, pgno: int, *, is_header: bool) -> int:
    """Return the 64-bit checksum of one block: the ECC in the upper dword, XOR ^ pgno in the lower.

    `block` has 4096 or 8192 bytes. In the header block, the first of a page, the first 8 bytes hold the checksum itself
    and count as zero. Source: checksum_amd64.cxx:349 and 448.
    """
    from_bytes = int.from_bytes
    first, second = from_bytes(block[:_SLICE], "little"), from_bytes(block[_SLICE : 2 * _SLICE], "little")
    position = 0  # the XOR of the positions of all set bits
    if len(block) > 2 * _SLICE:
        third, fourth = (from_bytes(block[at : at + _SLICE], "little") for at in (2 * _SLICE, 3 * _SLICE))
        position = (third ^ fourth).bit_count() & 1
        first, second = first ^ third, second ^ fourth
    position = position << 1 | second.bit_count() & 1
    rest = first ^ second
    for width, mask in _FOLDS:
        upper = rest >> width
        position = position << 1 | upper.bit_count() & 1
        rest = rest & mask ^ upper
    if is_header:
        rest ^= int.from_bytes(block[:8], "little")
    for mask in _POSITIONS:
        position = position << 1 | (rest & mask).bit_count() & 1
    # The ECC holds each parity and that of the opposite half; they differ exactly if the number of set bits is odd.
    opposite = position ^ (len(block) * 8 - 1) if rest.bit_count() & 1 else position
    return (opposite << 16 | position) << 32 | (rest ^ rest >> 32) & _M32 ^ pgno


def xor_checksum(page: Buffer) -> int:
    """Return the checksum of a header: the XOR of all dwords but the first with `HEADER_SEED` (checksum.cxx:165).

    `page` may lack trailing zeros, which change nothing.
    """
    rest = int.from_bytes(page, "little") >> 32
    while rest > _M32:
        width = 1 << (rest.bit_length() - 1).bit_length() - 1
        rest = rest >> width ^ rest & (1 << width) - 1
    return rest ^ HEADER_SEED


def header_error(page: Buffer) -> int:
    """Return 0 if the XOR checksum of a header fits, else JET_errReadVerifyFailure.

    `page` is a whole database header (one page), log header, checkpoint (4096 bytes each) or trailer.
    """
    stored = int.from_bytes(page[:4], "little")
    return JET_errSuccess if stored == xor_checksum(page) else JET_errReadVerifyFailure


def set_header_checksum(page: bytearray) -> None:
    """Write the XOR checksum into the first four bytes of a header (checksumu.cxx:666)."""
    page[:4] = xor_checksum(page).to_bytes(4, "little")


def page_number(page: Buffer, page_size: int) -> int | None:
    """Return the number of the page that this is: the only one for which its checksums hold.

    None if they hold for none, that is, if the page is damaged or all zeros. So two pages that were swapped name each
    other, as the engine's own dump does (checksumu.cxx:624).
    """
    data = bytes(page)
    size = _block_size(page_size, data)
    if not data[_FLAGS_BYTE] & _NEW_FORMAT:
        return _old_page_number(data)
    number = None
    for at, field in zip(range(0, page_size, size), CHECKSUM_FIELDS, strict=False):
        stored = int.from_bytes(data[field : field + 8], "little")
        difference = stored ^ block_checksum(data[at : at + size], 0, is_header=not at)
        if difference > _M32 or number not in {None, difference}:
            return None
        number = difference
    return number


def page_error(page: Buffer, pgno: int, page_size: int) -> int:
    """Return 0 if `page` is good as page `pgno`, else the error with which a read of it fails in a backup.

    JET_errReadVerifyFailure: a checksum does not fit. JET_errReadPgnoVerifyFailure: a page above 8 KiB stores another
    number than `pgno`. A page of zeros was never written and is no error (io.cxx:6833). Single flipped bits count as
    errors here; the engine repairs them first: see `repair`. Source: cpage.cxx:4216-4365.
    """
    data = bytes(page)
    if data == bytes(page_size):
        return JET_errSuccess
    if page_number(data, page_size) != pgno:
        return JET_errReadVerifyFailure
    if page_size > SMALL_PAGE_MOST and int.from_bytes(data[PGNO_OFFSET : PGNO_OFFSET + 4], "little") != pgno:
        return JET_errReadPgnoVerifyFailure
    return JET_errSuccess


def unsound_pages(pages: Buffer, first: int, page_size: int) -> list[int]:
    """Return the numbers of those pages in `pages`, of which the first is number `first`, that `page_error` would not pass.

    ValueError: these are no whole pages.
    """
    if page_size not in BLOCK_SIZE or len(pages) % page_size:
        raise ValueError(f"{len(pages)} bytes are no pages of {page_size}")
    view = memoryview(pages)
    zeros = bytes(page_size)
    block = BLOCK_SIZE[page_size]
    found = []
    for pgno, at in enumerate(range(0, len(pages), page_size), first):
        page = bytes(view[at : at + page_size])
        if page == zeros:
            continue
        if page_size == block and page[_FLAGS_BYTE] & _NEW_FORMAT:
            sound = block_checksum(page, pgno, is_header=True) == int.from_bytes(page[:8], "little")
        else:
            sound = not page_error(page, pgno, page_size)
        if not sound:
            found.append(pgno)
    return found


def repair(page: Buffer, pgno: int, page_size: int) -> bytes | None:
    """Return `page` with up to one flipped bit in each block set right, or None if the damage is worse.

    A good page comes back unchanged. Beyond repair are: two bits in one block, a bit in the page's own first 8 bytes,
    the bit that says which checksum the page has, and pages with the old checksum. Source: checksumu.cxx:340-505, checksum.cxx:347-420.
    The engine then also checks what the page says (cpage.cxx:4325), which this does not.
    """
    data = bytearray(page)
    size = _block_size(page_size, data)
    all_bits = size * 8 - 1
    if data[_FLAGS_BYTE] & _NEW_FORMAT:
        # The header block comes first: it may hold the flipped bit of another block's checksum.
        for at, field in zip(range(0, page_size, size), CHECKSUM_FIELDS, strict=False):
            stored = int.from_bytes(data[field : field + 8], "little")
            ecc = (stored ^ block_checksum(bytes(data[at : at + size]), pgno, is_header=not at)) >> 32
            bit = ecc & all_bits
            # One flipped bit changes one of each pair of opposite parities, and those say where it is.
            if (ecc >> 16 ^ ecc) & all_bits == all_bits and (at or bit != _NEW_FORMAT_BIT):
                data[at + bit // 8] ^= 1 << bit % 8
    # More damage than that may look like one flipped bit, but then the XOR does not fit afterwards.
    return bytes(data) if page_number(data, page_size) == pgno or not any(data) else None


def set_page_checksum(page: bytearray, pgno: int) -> None:
    """Mark a page as having the new checksum and write it; `len(page)` is the page size (checksumu.cxx:666).

    Log segments too: `page` then has 4096 bytes and `pgno` is the segment's index in its file.
    """
    size = _block_size(len(page), page)
    page[_FLAGS_BYTE] |= _NEW_FORMAT
    for index in reversed(range(len(page) // size)):  # the header block last: it covers the others' checksums
        at, field = index * size, CHECKSUM_FIELDS[index]
        checksum = block_checksum(bytes(page[at : at + size]), pgno, is_header=not at)
        page[field : field + 8] = checksum.to_bytes(8, "little")


def _block_size(page_size: int, page: bytes | bytearray) -> int:
    if page_size not in BLOCK_SIZE:
        raise ValueError(f"A page has 4096, 8192, 16384 or 32768 bytes, not {page_size}")
    if len(page) != page_size:
        raise ValueError(f"This page has {len(page)} bytes, not {page_size}")
    return BLOCK_SIZE[page_size]


def _old_page_number(page: bytes) -> int | None:
    """Return the number of a page with the old checksum, XOR and page number; a large one has no others then."""
    if len(page) > SMALL_PAGE_MOST and any(page[CHECKSUM_FIELDS[1] : PGNO_OFFSET]):
        return None
    return int.from_bytes(page[4:8], "little") if header_error(page) == JET_errSuccess else None
