# SPDX-License-Identifier: MIT
"""Rows as nodes: each row of a table becomes a node of its tree, and each long value that lies outside nodes of another."""

from __future__ import annotations

import itertools
import struct
from typing import TYPE_CHECKING, Any, Final

from esemu.formats.checksum import SMALL_PAGE_MOST
from esemu.formats.nodes import Node
from esemu.formats.page import header_class
from esemu.formats.records import record_of
from esemu.formats.tree import NODE_OVERHEAD, room

if TYPE_CHECKING:
    from esemu.world.tables import Table

#: Longer values never lie in their record (rec.hxx:610).
INTRINSIC_MOST: Final = 1023
_CHUNKS: Final = {16384: 4050, 32768: 8150}  # jetapi.cxx:6032
_CHUNK_OVERHEAD: Final = 42  # cpage.hxx:1132
_LONG_VALUE_ROOT: Final = struct.Struct(
    "<II"
)  # LVROOT: how many records refer to the value, and its size (rec.hxx:254)


def chunk_size(page_size: int) -> int:
    """Return into pieces of how many bytes long values are cut."""
    if page_size > SMALL_PAGE_MOST:
        return _CHUNKS[page_size]
    return page_size - header_class(page_size).SIZE - _CHUNK_OVERHEAD


def row_nodes(table: Table, page_size: int) -> tuple[list[Node], list[Node]]:
    """Return the nodes of a table whose rows are written down, and of its long values, both in order.

    ValueError: two rows have the same key, or a row is too large; and what `Column.stored` raises.
    """
    nodes: list[Node] = []
    long_values: list[bytes] = []
    for row in table.rows:  # type: ignore[union-attr] # Numbered rows are made elsewhere
        values = table.values(row)
        nodes.append(Node(table.key.key(values[table.key.name]), record_bytes(table, values, page_size, long_values)))
    nodes.sort()
    for before, each in itertools.pairwise(nodes):
        if before.key == each.key:
            raise ValueError(f"Two rows have the same value in their key, column {table.key.name!r}")
    return nodes, long_nodes(long_values, page_size)


def record_bytes(
    table: Table, values: dict[str, Any], page_size: int, long_values: list[bytes], first: int = 1
) -> bytes:
    """Return the record of a row; long values that have to lie outside are appended to `long_values`, numbered from `first` on.

    ValueError: it is too large; and what `Column.stored` raises.
    """
    stored = {
        column.name: column.stored(values[column.name])
        for column in table.columns
        if column.type.is_long and values.get(column.name) is not None
    }
    most = room(page_size) - NODE_OVERHEAD - len(table.key.key(values[table.key.name]))
    separated: dict[str, int] = {}
    by_size = sorted(stored, key=lambda name: len(stored[name]))
    while True:
        if by_size and len(stored[by_size[-1]]) > INTRINSIC_MOST:
            record = b""
        else:
            record = record_of(table.columns, values, separated).to_bytes(page_size)
            if len(record) <= most:
                return record
        if not by_size:
            raise ValueError(f"A row of {len(record)} bytes does not fit on a page of {page_size}")
        name = by_size.pop()
        separated[name] = first + len(long_values)
        long_values.append(stored[name])


def long_nodes(long_values: list[bytes], page_size: int, first: int = 1) -> list[Node]:
    """Return the nodes of long values: for each one that says how long it is, and its pieces (lv.cxx:47)."""
    size = chunk_size(page_size)
    nodes: list[Node] = []
    for number, data in enumerate(long_values, first):
        head = _LONG_VALUE_ROOT.pack(1, len(data))
        pieces = [head, *(data[at : at + size] for at in range(0, len(data), size))]
        nodes += map(Node, long_keys(number, head, page_size), pieces)
    return nodes


def long_key(number: int) -> bytes:
    """Return the key of the node that says how long a long value is."""
    return number.to_bytes(4, "big")


def long_keys(number: int, head: bytes, page_size: int) -> list[bytes]:
    """Return the keys of all nodes of a long value, of which the first has `head` as its data."""
    key, (_, length) = long_key(number), _LONG_VALUE_ROOT.unpack(head)
    return [key, *(key + at.to_bytes(4, "big") for at in range(0, length, chunk_size(page_size)))]
