# SPDX-License-Identifier: MIT
"""Nodes, the lines of a B+ tree's pages: a key whose beginning the whole page may share, and data.

In a leaf the data is a record, an extent or a long value; in the pages above it is the number of a child page, whose
keys are all below the node's; the last node of such a page has no key.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from esemu.formats.page import COMPRESSED, LEAF, ROOT, SPACE_TREE, Line, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from esemu.formats.checksum import Buffer

    #: What reads the page of a number: all its bytes, or what they say.
    ReadPage = Callable[[int], Buffer | Page]

_U16: Final = struct.Struct("<H")
_U16_U16: Final = struct.Struct("<HH")
_U32: Final = struct.Struct("<I")

#: A key shorter than this is not worth the two bytes that say how much of it is shared (node.hxx:408).
LEAST_COMMON: Final = 3


class Node(NamedTuple):
    """A node: its whole key, its data, the flags of its line, and how many bytes of the key the page shares."""

    key: bytes
    data: bytes
    flags: int = 0
    common: int = 0

    @property
    def child(self) -> int:
        """The number of the page below, for a node that is in no leaf."""
        return int.from_bytes(self.data, "little")

    def line(self) -> Line:
        """Return the node as it lies on its page."""
        suffix = self.key[self.common :]
        if self.flags & COMPRESSED:
            return Line(_U16_U16.pack(self.common, len(suffix)) + suffix + self.data, self.flags)
        return Line(_U16.pack(len(suffix)) + suffix + self.data, self.flags)


def prefix(page: Page) -> bytes:
    """Return the bytes that keys of the page may begin with: none on roots and in space trees (cpage.cxx:4811)."""
    return b"" if page.header.flags & (ROOT | SPACE_TREE) else page.external_header


def nodes(page: Page) -> list[Node]:
    """Return the nodes of a page, in order. ValueError: one has a key that is longer than it (node.cxx:373)."""
    shared = prefix(page)
    return [_node(line, shared) for line in page.nodes]


def _node(line: Line, shared: bytes) -> Node:
    data, at, common = line.data, 2, 0
    compressed = line.flags & COMPRESSED
    if compressed:
        at = 4
    if len(data) < at:
        raise ValueError(f"A node has at least {at} bytes, not {len(data)}")
    if compressed:
        common, size = _U16_U16.unpack_from(data)
    else:
        (size,) = _U16.unpack_from(data)
    if common > len(shared) or at + size > len(data):
        raise ValueError(
            f"A key of {common} + {size} bytes, where {len(shared)} are shared and the node has {len(data)}"
        )
    return Node(shared[:common] + data[at : at + size], data[at + size :], line.flags, common)


def common_size(one: bytes, other: bytes) -> int:
    """Return with how many equal bytes two keys begin."""
    at = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        at += 1
    return at


def node(key: bytes, data: bytes, shared: bytes = b"", flags: int = 0) -> Node:
    """Return a node whose key takes as much as it can of what its page shares."""
    common = common_size(key, shared)
    if common < LEAST_COMMON:
        return Node(key, data, flags)
    return Node(key, data, flags | COMPRESSED, common)


def branch_node(key: bytes, child: int, shared: bytes = b"") -> Node:
    """Return the node for a page below: of the keys in it all are less than `key`; the last node has none."""
    return node(key, _U32.pack(child), shared)


def page_of(read: ReadPage, pgno: int) -> Page:
    """Return what a page says. ValueError: it is none."""
    found = read(pgno)
    return found if isinstance(found, Page) else Page.parse(found)


def walk(read: ReadPage, root: int) -> Iterator[tuple[int, Page]]:
    """Give number and content of every page of a tree, parents before their children, and those in the order of their keys.

    ValueError: a page is reached twice, or is no page of a tree; IndexError or whatever else `read` raises.
    """
    seen: set[int] = set()
    todo = [root]
    while todo:
        pgno = todo.pop()
        if pgno in seen:
            raise ValueError(f"Page {pgno} is reached twice in the tree of page {root}")
        seen.add(pgno)
        page = page_of(read, pgno)
        if not page.lines:
            raise ValueError(f"Page {pgno} of the tree of page {root} has no lines")
        yield pgno, page
        if not page.header.flags & LEAF:
            todo += [node.child for node in reversed(nodes(page))]


def records(read: ReadPage, root: int) -> Iterator[Node]:
    """Give all nodes of a tree's leaves in the order of their keys, also deleted ones. Raises what `walk` raises."""
    for _, page in walk(read, root):
        if page.header.flags & LEAF:
            yield from nodes(page)
