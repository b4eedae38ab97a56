# SPDX-License-Identifier: MIT
"""The tree of a table whose rows are numbered: any of its pages follows from its number, and all but a few from a template.

Each page has as many rows, or children, as there are in a power of two. So the numbers in a page are its own with bits
before and behind them, which is what `linear_pages` needs; the first and the last page of a level are made by themselves.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from esemu.formats.checksum import PGNO_OFFSET, SMALL_PAGE_MOST
from esemu.formats.linear import Number, both, key_number, linear_pages, stored_number
from esemu.formats.nodes import Node, branch_node, node
from esemu.formats.page import LEAF, PARENT_OF_LEAF, ROOT, Line, Page, PageHeader
from esemu.formats.records import record_of
from esemu.formats.tree import NODE_OVERHEAD, WRITTEN_ONCE, room

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from esemu.formats.columns import Column
    from esemu.formats.linear import ColumnPages, WholePages

_COMPRESSED_OVERHEAD: Final = 2 + NODE_OVERHEAD
_KEY_COLUMN_PLACE: Final = 4  # of the first fixed column in a record
_CHILD_SIZE: Final = 4
#: Levels of fewer pages than this many parents may have begin anywhere.
_FEW: Final = 8


class Shape(NamedTuple):
    """What the pages of a numbered table have in common, wherever they lie."""

    page_size: int
    objid: int
    dbtime: int
    columns: tuple[Column, ...]
    values: tuple[tuple[str, Any], ...]

    @property
    def key_size(self) -> int:
        """Bytes of the number in a key."""
        return self.columns[0].type.size

    def node(self, number: int) -> Node:
        """Return a row as a node."""
        values = dict(self.values) | {self.columns[0].name: number}
        record = record_of(self.columns, values).to_bytes(self.page_size)
        return Node(self.columns[0].key(number), record)

    @property
    def row_bits(self) -> int:
        """How many bits of a row's number say which of its page's rows it is. ValueError: a row is too large."""
        row = self.node(0)
        size = _COMPRESSED_OVERHEAD + len(row.key) + len(row.data)
        if size > room(self.page_size):
            raise ValueError(f"A row of {size} bytes does not fit on a page of {self.page_size}")
        return min(8, (room(self.page_size) // size).bit_length() - 1)

    @property
    def child_bits(self) -> int:
        """How many bits of a page's index say which of its parent's children it is."""
        size = NODE_OVERHEAD + 1 + self.key_size + _CHILD_SIZE
        return (room(self.page_size) // size).bit_length() - 1

    def leaf(self, index: int, rows: int, **fields: Any) -> Page:
        """Return the leaf with `rows` rows whose numbers begin with `index`."""
        first = index << self.row_bits
        nodes = [self.node(number) for number in range(first, first + rows)]
        shared = nodes[0].key[:-1]
        lines = [Line(shared), *(node(each.key, each.data, shared).line() for each in nodes)]
        return self.page(lines, LEAF, **fields)

    def branch(self, level: int, children: Sequence[tuple[int, int]], *, header: bytes = b"", flags: int = 0) -> Page:
        """Return a page above leaves: `children` are page numbers, and indexes in their level, `level` - 1."""
        shift = self.row_bits + self.child_bits * (level - 1)
        key = self.columns[0].key
        nodes = [branch_node(key(index + 1 << shift), pgno) for pgno, index in children[:-1]]
        nodes.append(branch_node(b"", children[-1][0]))
        return self.page(
            [Line(header), *(each.line() for each in nodes)], flags | (PARENT_OF_LEAF if level == 1 else 0)
        )

    def page(self, lines: Sequence[Line], flags: int, **fields: Any) -> Page:
        """Return a page of the table."""
        return Page.new(
            self.page_size, lines, objid=self.objid, dbtime=self.dbtime, flags=flags | WRITTEN_ONCE, **fields
        )


@lru_cache(maxsize=16)  # tests start many engines that have the same database
def leaf_template(shape: Shape) -> ColumnPages | WholePages:
    """Return leaves: their numbers are that of the page, of the ones before and behind it, and its index."""
    page = shape.leaf(0, 1 << shape.row_bits)
    size, shift, start = shape.key_size, shape.row_bits, page.header.SIZE
    suffixes = [start + line.offset + 4 for line in page.nodes]  # the last byte of each key
    in_keys = both(
        *([[[offset * 8 + bit] if bit < 8 else [] for bit in range(shift, shift + 32)] for offset in suffixes])
    )
    # The line of what they share has a byte, and then the number without its last byte.
    shared = [bits if bit + shift >= 8 else [] for bit, bits in enumerate(key_number(start + 1, size, shift))]
    in_records = [stored_number(offset + 1 + _KEY_COLUMN_PLACE, size, shift) for offset in suffixes]
    rows = both(in_keys, shared, *in_records)
    return linear_pages(
        page.written(0),
        (_pgno(shape.page_size), *_neighbours(), Number(rows)),
    )


@lru_cache(maxsize=16)
def branch_template(shape: Shape, level: int) -> ColumnPages | WholePages:
    """Return pages of a level above leaves: their numbers are that of the page, of its children as a whole, and its index."""
    bits = shape.child_bits
    page = shape.branch(level, [(index, index) for index in range(1 << bits)])
    start, size = page.header.SIZE, shape.key_size
    offsets = [start + line.offset for line in page.nodes]
    ends = [start + line.offset + len(line.data) for line in page.nodes]
    children = both(*(stored_number(end - _CHILD_SIZE, _CHILD_SIZE, bits) for end in ends))
    shift = shape.row_bits + bits * level
    keys = both(*(key_number(offset + 3, size, shift) for offset in offsets[:-1]))
    return linear_pages(page.written(0), (_pgno(shape.page_size), Number(children), Number(keys)))


def _pgno(page_size: int) -> Number:
    """Return the number of the page itself, which only large pages have in them."""
    return Number(stored_number(PGNO_OFFSET) if page_size > SMALL_PAGE_MOST else [[]] * 32, is_pgno=True)


def _neighbours() -> tuple[Number, Number]:
    return Number(stored_number(PageHeader.previous.offset)), Number(stored_number(PageHeader.next.offset))


class Level(NamedTuple):
    """A level of a tree: 0 are the leaves."""

    number: int
    first: int
    pages: int

    @property
    def last(self) -> int:
        """The number of its last page."""
        return self.first + self.pages - 1


class NumberedTree:
    """The tree of `rows` numbered rows, whose pages below the root lie from page `start` on."""

    __slots__ = ("levels", "rows", "shape")

    def __init__(self, shape: Shape, rows: int, start: int) -> None:
        self.shape = shape
        self.rows = rows
        per_leaf, fanout = 1 << shape.row_bits, 1 << shape.child_bits
        counts = [-(-rows // per_leaf)]
        while counts[-1] > fanout:
            counts.append(-(-counts[-1] // fanout))
        #: Its levels, leaves first; the highest ones come first in the file.
        self.levels: list[Level] = []
        for number in reversed(range(len(counts))):
            if counts[number] > _FEW * fanout:  # then the number of each page is its parent's with bits behind it
                start = -(-start // fanout) * fanout
            self.levels.insert(0, Level(number, start, counts[number]))
            start += counts[number]

    @property
    def end(self) -> int:
        """The number of the page behind the last."""
        return self.levels[0].last + 1

    def alone(self, level: Level) -> Iterable[int]:
        """Return the numbers of the pages of a level that `single` has to make: the first, the last, or all of a few."""
        below = self.levels[level.number - 1] if level.number else level
        if level.number and below.pages <= _FEW << self.shape.child_bits:
            return range(level.first, level.last + 1)
        return {level.first, level.last}

    @property
    def gaps(self) -> list[tuple[int, int]]:
        """The first and the last page of each run between the levels that no page of the tree is in."""
        down = list(reversed(self.levels))
        return [
            (above.last + 1, below.first - 1)
            for above, below in itertools.pairwise(down)
            if above.last + 1 < below.first
        ]

    def root(self, header: bytes) -> Page:
        """Return the root."""
        top = self.levels[-1]
        children = [(top.first + index, index) for index in range(top.pages)]
        return self.shape.branch(top.number + 1, children, header=header, flags=ROOT)

    def single(self, level: Level, pgno: int) -> bytes:
        """Return a page by itself, as the first and the last of a level must be made."""
        index = pgno - level.first
        shape = self.shape
        if level.number == 0:
            count = min(1 << shape.row_bits, self.rows - (index << shape.row_bits))
            page = shape.leaf(
                index,
                count,
                previous=pgno - 1 if index else 0,
                next=pgno + 1 if index + 1 < level.pages else 0,
            )
        else:
            below, bits = self.levels[level.number - 1], shape.child_bits
            children = range(index << bits, min((index + 1) << bits, below.pages))
            page = shape.branch(level.number, [(below.first + child, child) for child in children])
        return page.written(pgno)

    def pages(self, level: Level, first: int, count: int) -> bytes:
        """Return pages of a level, none of which is its first or last one."""
        if level.number == 0:
            constants = (0, -1, 1, -level.first)
            return leaf_template(self.shape).pages(first, count, constants)
        children = (self.levels[level.number - 1].first >> self.shape.child_bits) - level.first
        return branch_template(self.shape, level.number).pages(first, count, (0, children, -level.first))


def filling(shape: Shape, start: int, end: int) -> NumberedTree | None:
    """Return the tree with as many rows as fit into pages `start` to `end` - 1 below its root, None if none do."""
    fits, does_not = 0, end - start + 1
    while does_not - fits > 1:
        leaves = (fits + does_not) // 2
        if NumberedTree(shape, leaves << shape.row_bits, start).end <= end:
            fits = leaves
        else:
            does_not = leaves
    return NumberedTree(shape, fits << shape.row_bits, start) if fits else None


def shape_of(columns: tuple[Column, ...], values: Mapping[str, Any], page_size: int, objid: int, dbtime: int) -> Shape:
    """Return the shape of a table; `values` are what all its rows have in common."""
    plain = {
        name: bytes(value) if isinstance(value, bytearray | memoryview) else value for name, value in values.items()
    }
    return Shape(page_size, objid, dbtime, columns, tuple(sorted(plain.items())))
