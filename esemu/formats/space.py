# SPDX-License-Identifier: MIT
"""Space: which pages a tree owns and which of them are free, in two small trees beside it and in its root's header.

The tree at page 1 owns the database; all others got their extents, runs of pages, from a parent. A tree of few pages has no
space trees: its root's header has a bit for each page behind the root that is free.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from esemu.formats.layout import U32, Field, Layout
from esemu.formats.nodes import Node, page_of, records
from esemu.formats.page import DELETED, Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.formats.nodes import ReadPage

#: The root of the database, whose owned extents are all its pages.
SYSTEM_ROOT: Final = 1
#: Bits of `SpaceHeader.flags` (space.hxx:27).
MULTIPLE_EXTENT: Final = 1
NON_UNIQUE: Final = 2
LAST_ALLOCATION: Final = 4  # fSPHv2: `pages` is the size of the last extent, no longer of the first
#: The external header of a space tree's root: an empty buffer of pages for splits (fcb.hxx:73).
SPLIT_BUFFER: Final = bytes(16)
#: Pools of free extents (_space.hxx:9): the keys of all but the first begin with a byte that says which.
GENERAL_POOL: Final = 0
CONTINUOUS_POOL: Final = 1
SHELVED_POOL: Final = 2
#: The root's external header, if it is more than a space header, begins with a byte whose bit 0 says that it has one (node.cxx:2262).
_HAS_SPACE_HEADER: Final = 1


class SpaceHeader(Layout):
    """The external header of a tree's root, SPACE_HEADER: 16 bytes (space.hxx:32)."""

    __slots__ = ()

    pages = Field(0, U32, "m_cpgPrimary")
    parent = Field(4, U32, "m_pgnoParent")
    flags = Field(8, U32, "m_ulSPHFlags")
    owned = Field(12, U32, "m_pgnoOE")  # or, with one extent, a bit for each free page behind the root

    @property
    def has_trees(self) -> bool:
        """Whether the tree has space trees: `owned` is then the root of the one, and `available` of the other."""
        return bool(self.flags & MULTIPLE_EXTENT)

    @property
    def available(self) -> int:
        """The root of the tree of free extents: the page behind that of owned ones (space.hxx:122)."""
        return self.owned + 1


class Extent(NamedTuple):
    """A run of pages."""

    last: int
    pages: int
    pool: int = GENERAL_POOL

    @property
    def first(self) -> int:
        """The number of its first page."""
        return self.last - self.pages + 1

    def node(self) -> Node:
        """Return the extent as it is stored in a space tree: the last page is the key (space.cxx:1134)."""
        pool = bytes((self.pool,)) if self.pool else b""
        return Node(pool + self.last.to_bytes(4, "big"), self.pages.to_bytes(4, "little"))


def parse_extent(node: Node) -> Extent:
    """Return the extent in a node of a space tree. ValueError: it is none."""
    if len(node.key) not in {4, 5} or len(node.data) != 4:
        raise ValueError(
            f"An extent has a key of 4 or 5 bytes and 4 bytes of data, not {len(node.key)} and {len(node.data)}"
        )
    pool = node.key[0] if len(node.key) == 5 else GENERAL_POOL
    return Extent(int.from_bytes(node.key[-4:], "big"), int.from_bytes(node.data, "little"), pool)


def space_header(root: Page) -> SpaceHeader:
    """Return the space header of a tree's root. ValueError: it has none."""
    stored = root.external_header
    if len(stored) > SpaceHeader.SIZE:
        if not stored[0] & _HAS_SPACE_HEADER:
            raise ValueError("The root's external header has no space header")
        stored = stored[1:]
    return SpaceHeader.parse(stored)


def extents(read: ReadPage, root: int) -> Iterator[Extent]:
    """Give the extents of a space tree, in the order of their keys. ValueError: it is none."""
    for node in records(read, root):
        if not node.flags & DELETED:
            yield parse_extent(node)


def owned_extents(read: ReadPage, root: int) -> list[Extent]:
    """Return the extents that the tree at page `root` owns. ValueError: the trees are damaged."""
    header = space_header(page_of(read, root))
    if header.has_trees:
        return list(extents(read, header.owned))
    return [Extent(root + header.pages - 1, header.pages)]


def available_extents(read: ReadPage, root: int) -> list[Extent]:
    """Return those of its extents, or parts of them, that the tree at page `root` does not use. ValueError: as above."""
    header = space_header(page_of(read, root))
    if header.has_trees:
        return [extent for extent in extents(read, header.available) if extent.pages]
    return [Extent(root + 1 + bit, 1) for bit in range(32) if header.owned >> bit & 1]
