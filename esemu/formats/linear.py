# SPDX-License-Identifier: MIT
"""Pages in bulk: many that differ in a few numbers are made from one template, checksums included, by adding what changes.

Over GF(2) the checksums of a page are linear in its bits and in its number. So a flipped bit of a number in the page flips
certain bits of the checksums, always the same ones, and no page of a run is ever summed up. This is what streams a
database of any size at the speed of a copy.
"""

from __future__ import annotations

from functools import reduce
from operator import xor
from typing import TYPE_CHECKING, Final, NamedTuple

from esemu.formats.checksum import BLOCK_SIZE, CHECKSUM_FIELDS, PGNO_OFFSET, SMALL_PAGE_MOST

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_M32: Final = 0xFFFFFFFF
#: For each byte, the table that adds it to every byte of a string.
_ADDING: Final = tuple(bytes(value ^ added for value in range(256)) for added in range(256))
#: Runs end where the second byte of a number that they count changes, so they have this many pages at most.
_RUN_MOST: Final = 256
#: Pages are made in parts of so many bytes, so that a part stays in the processor's cache while its bytes are changed.
_PART: Final = 1 << 18
#: If one byte in so many changes, each page is made as a whole: at one in 10 columns are half as quick again, at one in 4
#: they take several times as long (measured).
_MANY: Final = 6


def _block_change(bits: Iterable[int], block_bits: int) -> int:
    """Return how the checksum of a block changes, as one number of 64 bits, if these bits of it are flipped."""
    position = total = count = 0
    for bit in bits:
        position ^= bit
        total ^= 1 << bit % 32
        count += 1
    opposite = position ^ (block_bits - 1) if count % 2 else position
    return (opposite << 16 | position) << 32 | total


def flipped(bits: Iterable[int], pgno_change: int, page_size: int) -> set[int]:
    """Return all bits of a page that flip, those of its checksums too, if `bits` do and its number changes by `pgno_change`.

    Bits count from the beginning of the page; `bits` are behind its first checksum and in none of the others.
    `pgno_change` is the XOR of the old and the new number; a large page's own field of it is not looked after.
    """
    size = BLOCK_SIZE[page_size] * 8
    changed = set(bits)
    for index in reversed(range(page_size * 8 // size)):  # the first block covers the checksums of the others
        start, field = index * size, CHECKSUM_FIELDS[index] * 8
        change = _block_change([bit - start for bit in changed if start <= bit < start + size], size) ^ pgno_change
        changed ^= {field + bit for bit in _ones(change)}
    return changed


def renumbered(page: bytes, old: int, new: int) -> bytes:
    """Return a page that is good as page `old` as it is good as page `new`, by the linear update of its checksums.

    Up to 8 KiB that is one XOR, above also the page's number in its header changes. Source: checksum_amd64.cxx:349.
    """
    change = old ^ new
    if len(page) <= SMALL_PAGE_MOST:
        return (int.from_bytes(page[:4], "little") ^ change).to_bytes(4, "little") + page[4:]
    bits = flipped([PGNO_OFFSET * 8 + bit for bit in _ones(change)], change, len(page))
    mask = reduce(xor, (1 << bit for bit in bits), 0)
    return (int.from_bytes(page, "little") ^ mask).to_bytes(len(page), "little")


def _ones(number: int) -> list[int]:
    """Return which bits of a number are set."""
    return [bit for bit in range(number.bit_length()) if number >> bit & 1]


class Number(NamedTuple):
    """A number that differs between the pages of a run by as much as their own numbers do, modulo 2**32."""

    #: For each bit of it, the bits of the page that flip with it.
    places: Sequence[Sequence[int]]
    #: Whether it is the page's own number, on which the checksums depend.
    is_pgno: bool = False


def stored_number(offset: int, size: int = 4, shift: int = 0) -> list[list[int]]:
    """Return the `places` of a little-endian number of `size` bytes at `offset`, which holds the number << `shift`."""
    return [[offset * 8 + bit] if bit < size * 8 else [] for bit in range(shift, shift + 32)]


def key_number(offset: int, size: int, shift: int = 0) -> list[list[int]]:
    """Return the `places` of a number in a key, where the highest of its `size` bytes comes first, at `offset`."""
    return [
        [(offset + size - 1 - bit // 8) * 8 + bit % 8] if bit < size * 8 else [] for bit in range(shift, shift + 32)
    ]


def both(*places: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the places of a number that is stored in several."""
    return [[bit for place in bits for bit in place] for bits in zip(*places, strict=True)]


def linear_pages(template: bytes, numbers: Sequence[Number]) -> ColumnPages | WholePages:
    """Return what makes pages of a template, the page for which all numbers are 0, by adding what their bits change."""
    changing = {bit // 8 for number in numbers for bits in number.places for bit in bits}
    return (WholePages if len(changing) > len(template) // _MANY else ColumnPages)(template, numbers)


class WholePages:
    """Pages that differ in many bytes, branches of a tree or leaves with small rows: each is the one before plus some bits.

    A page is an integer here. A number that goes on by one flips its lowest bits, up to the first that is 0.
    """

    __slots__ = ("_flips", "_numbers", "_steps", "_template")

    def __init__(self, template: bytes, numbers: Sequence[Number]) -> None:
        self._template = template
        self._numbers = numbers
        # Number and bit -> all that flips with that; made when needed; any thread makes the same.
        self._flips: dict[tuple[int, int], int] = {}
        # For each number how many bits flip -> what they flip all together.
        self._steps: dict[tuple[int, ...], int] = {}

    def _flip(self, which: int, bit: int) -> int:
        """Return the bits of the page that flip with a bit of a number."""
        flip = self._flips.get((which, bit))
        if flip is None:
            number, page = self._numbers[which], bytearray(len(self._template))
            for place in flipped(number.places[bit], 1 << bit if number.is_pgno else 0, len(page)):
                page[place // 8] ^= 1 << place % 8
            flip = self._flips[which, bit] = int.from_bytes(page, "little")
        return flip

    def _added(self, values: Iterable[int]) -> int:
        """Return what the numbers, or changes of them, flip all together."""
        return reduce(xor, (self._flip(which, bit) for which, value in enumerate(values) for bit in _ones(value)), 0)

    def pages(self, first: int, count: int, constants: Sequence[int]) -> bytes:
        """Return the bytes of `count` pages from number `first` on; each number is the page's own plus its constant."""
        size = len(self._template)
        values = [first + constant & _M32 for constant in constants]
        page = int.from_bytes(self._template, "little") ^ self._added(values)
        made = [page.to_bytes(size, "little")]
        for _ in range(count - 1):
            following = [value + 1 & _M32 for value in values]
            changes = tuple(map(xor, values, following))
            step = self._steps.get(changes)
            if step is None:
                step = self._steps[changes] = self._added(changes)
            page ^= step
            made.append(page.to_bytes(size, "little"))
            values = following
        return b"".join(made)


class ColumnPages:
    """Pages that differ in few bytes: a byte of all of them is one column, and the columns are laid over copies of the template."""

    __slots__ = ("_changes", "_index", "_low", "_numbers", "_offsets", "_template")

    def __init__(self, template: bytes, numbers: Sequence[Number]) -> None:
        self._template = template
        self._numbers = numbers
        size = len(template)
        # Bytes of the page that may change; all that follows has one byte for each of them.
        offsets = {bit // 8 for number in numbers for bits in number.places for bit in bits}
        for field in CHECKSUM_FIELDS[: size // BLOCK_SIZE[size]]:
            offsets.update(range(field, field + 8))
        self._offsets = sorted(offsets)
        self._index = {offset: index for index, offset in enumerate(self._offsets)}
        # Number and bit -> the change of these bytes, as one integer; made when needed; any thread makes the same.
        self._changes: dict[tuple[int, int], int] = {}
        # The bytes that change with the lowest bytes of numbers: where, and for each such number its values, 256 bytes.
        self._low: dict[int, list[tuple[int, bytes]]] = {}
        for which in range(len(numbers)):
            self._add_low_columns(which)

    def _change(self, which: int, bit: int) -> int:
        """Return which of the changing bytes' bits flip with a bit of a number."""
        change = self._changes.get((which, bit))
        if change is None:
            number = self._numbers[which]
            flips = flipped(number.places[bit], 1 << bit if number.is_pgno else 0, len(self._template))
            change = sum(1 << self._index[flip // 8] * 8 + flip % 8 for flip in flips)
            self._changes[which, bit] = change
        return change

    def _add_low_columns(self, which: int) -> None:
        """Take down which bytes change with the lowest byte of a number, and how."""
        width = len(self._offsets)
        values, touched = [0], 0
        for bit in range(8):
            change = self._change(which, bit)
            values += [value ^ change for value in values]
            touched |= change
        table = b"".join([value.to_bytes(width, "little") for value in values])
        for index, byte in enumerate(touched.to_bytes(width, "little")):
            if byte:
                self._low.setdefault(self._offsets[index], []).append((which, table[index::width]))

    def pages(self, first: int, count: int, constants: Sequence[int]) -> bytes:
        """Return the bytes of `count` pages from number `first` on; each number is the page's own plus its constant."""
        runs = []
        while count > 0:
            length = min(count, *(_RUN_MOST - (first + constant) % _RUN_MOST for constant in constants))
            runs += self._run(length, [first + constant & _M32 for constant in constants])
            first += length
            count -= length
        return bytes(runs[0]) if len(runs) == 1 else b"".join(runs)

    def _run(self, count: int, values: Sequence[int]) -> list[bytearray]:
        """Return pages in which no number goes over the end of its lowest byte; `values` are those of the first page."""
        constant = 0  # what changes in the same way in all of them
        for which, value in enumerate(values):
            for bit in _ones(value >> 8):
                constant ^= self._change(which, bit + 8)
        page = bytearray(self._template)
        for offset, byte in zip(self._offsets, constant.to_bytes(len(self._offsets), "little"), strict=True):
            if byte:
                page[offset] ^= byte
        size = len(page)
        low = [value & 0xFF for value in values]
        changing = []
        for offset, columns in self._low.items():
            if len(columns) == 1:
                which, column = columns[0]
                total = column[low[which] : low[which] + count]
            else:
                total = _sum([column[low[which] : low[which] + count] for which, column in columns])
            changing.append((offset, total.translate(_ADDING[page[offset]])))
        parts = []
        step = max(1, _PART // size)
        for at in range(0, count, step):
            part = page * min(step, count - at)
            for offset, column in changing:
                part[offset::size] = column[at : at + step]
            parts.append(part)
        return parts


def _sum(columns: list[bytes]) -> bytes:
    """Return the sum of strings of one length over GF(2)."""
    return reduce(xor, (int.from_bytes(column, "little") for column in columns)).to_bytes(len(columns[0]), "little")
