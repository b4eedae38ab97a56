# SPDX-License-Identifier: MIT
"""B+ trees from their nodes: which node lies on which page is settled first, and a page is made when it is asked for."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from esemu.formats.nodes import Node, branch_node, common_size, node
from esemu.formats.page import (
    FLUSH_TYPE_SHIFT,
    LEAF,
    PARENT_OF_LEAF,
    ROOT,
    TAG_SIZE,
    Line,
    Page,
    header_class,
)
from esemu.formats.space import MULTIPLE_EXTENT, NON_UNIQUE, SPLIT_BUFFER, SpaceHeader

if TYPE_CHECKING:
    from collections.abc import Sequence

#: A node's size on its page beside key and data: the size of the key, and a tag.
NODE_OVERHEAD: Final = 2 + TAG_SIZE
#: What every page written here says of its writes: the first of the three types.
WRITTEN_ONCE: Final = 1 << FLUSH_TYPE_SHIFT


def room(page_size: int) -> int:
    """Return how many bytes the nodes of a root may take, `NODE_OVERHEAD` included; other pages share what is the header's."""
    return page_size - header_class(page_size).SIZE - TAG_SIZE - SpaceHeader.SIZE


def single_page(page_size: int, header: bytes, nodes: Sequence[Node], **fields: Any) -> Page:
    """Return a tree of one page, its root; `header` is its external header, `fields` are those of the page's header."""
    fields["flags"] = fields.get("flags", 0) | ROOT | LEAF | WRITTEN_ONCE
    return Page.new(page_size, [Line(header), *(each.line() for each in nodes)], **fields)


def root_header(pages: int, parent: int, owned: int = 0, *, non_unique: bool = False) -> bytes:
    """Return the space header of a root that began with an extent of `pages`; `owned` is the root of its space trees, if any."""
    flags = (MULTIPLE_EXTENT if owned else 0) | (NON_UNIQUE if non_unique else 0)
    return bytes(SpaceHeader(pages=pages, parent=parent, flags=flags, owned=owned).data)


def space_root(page_size: int, extents: Sequence[Node], **fields: Any) -> Page:
    """Return a space tree of one page with these extents."""
    return single_page(page_size, SPLIT_BUFFER, extents, **fields)


class NodeTree:
    """A tree of nodes that are given in the order of their keys: what is on each page below the root.

    Pages are numbered from 0 within the tree, leaves first, then the levels above them; the root is no one of them. A
    tree that fits on its root has no others.
    """

    __slots__ = ("_firsts", "_levels", "_nodes", "page_size")

    def __init__(self, nodes: Sequence[Node], page_size: int) -> None:
        self._nodes = nodes
        self.page_size = page_size
        # Level by level, leaves first, where the pages begin: among the nodes, or among the pages of the level below.
        self._levels: list[list[int]] = []
        most = room(page_size)
        sizes = [NODE_OVERHEAD + len(each.key) + len(each.data) for each in nodes]
        if (largest := max(sizes, default=0)) > most:
            raise ValueError(f"A node of {largest} bytes does not fit on a page of {page_size}")
        while sum(sizes) > most:
            starts = filled(sizes, most)
            self._levels.append(starts)
            sizes = [NODE_OVERHEAD + 4 + len(self._separator(len(self._levels) - 1, at)) for at in range(len(starts))]
        # The numbers of the first pages of the levels, and of the page behind the last.
        self._firsts = [0, *accumulate(len(level) for level in self._levels)]

    @property
    def pages(self) -> int:
        """How many pages the tree has below its root."""
        return self._firsts[-1]

    def _separator(self, level: int, index: int) -> bytes:
        """Return the key that all keys of a page are below, none for the last page of its level."""
        starts = self._levels[level]
        if index + 1 == len(starts):
            return b""
        at = starts[index + 1]
        for below in reversed(self._levels[:level]):
            at = below[at]
        before, key = self._nodes[at - 1].key, self._nodes[at].key
        return key[: common_size(before, key) + 1]  # no longer than it must be to tell them apart

    def root(self, header: bytes, first: int, **fields: Any) -> Page:
        """Return the root; `first` is the number of page 0 of the tree, `fields` are others of the page's header."""
        if not self._levels:
            return single_page(self.page_size, header, self._nodes, **fields)
        top = len(self._levels) - 1
        fields["flags"] = fields.get("flags", 0) | ROOT | WRITTEN_ONCE | (0 if top else PARENT_OF_LEAF)
        children = self._children(top, 0, len(self._levels[top]), first)
        return Page.new(self.page_size, [Line(header), *(each.line() for each in children)], **fields)

    def page(self, index: int, first: int, **fields: Any) -> Page:
        """Return a page below the root; `first` and `fields` are as for `root`."""
        level = next(at for at in range(len(self._levels)) if index < self._firsts[at + 1])
        index -= self._firsts[level]
        starts = self._levels[level]
        flags = fields.get("flags", 0) | WRITTEN_ONCE
        if level:
            end = starts[index + 1] if index + 1 < len(starts) else len(self._levels[level - 1])
            children = self._children(level - 1, starts[index], end, first)
            flags |= PARENT_OF_LEAF if level == 1 else 0
            lines = [Line(b""), *(each.line() for each in children)]
        else:
            end = starts[index + 1] if index + 1 < len(starts) else len(self._nodes)
            lines = leaf_lines(self._nodes[starts[index] : end])
            flags |= LEAF
            fields["previous"] = first + index - 1 if index else 0
            fields["next"] = first + index + 1 if index + 1 < len(starts) else 0
        return Page.new(self.page_size, lines, **fields | {"flags": flags})

    def _children(self, level: int, start: int, end: int, first: int) -> list[Node]:
        """Return the nodes for the pages `start` to `end` - 1 of a level; the last has no key."""
        number = first + self._firsts[level]
        keys = [self._separator(level, at) for at in range(start, end - 1)] + [b""]
        return [branch_node(key, number + at) for at, key in enumerate(keys, start)]


def filled(sizes: Sequence[int], most: int) -> list[int]:
    """Return where pages begin that are filled one after the other with things of these sizes."""
    starts, used = [0], 0
    for at, size in enumerate(sizes):
        if used + size > most:
            starts.append(at)
            used = 0
        used += size
    return starts


def leaf_lines(nodes: Sequence[Node]) -> list[Line]:
    """Return the lines of a leaf: what all keys have in common goes into line 0, if that saves anything."""
    shared = nodes[0].key[: common_size(nodes[0].key, nodes[-1].key)]
    shared = shared if len(nodes) * (len(shared) - 2) > len(shared) else b""
    return [Line(shared), *(node(each.key, each.data, shared, each.flags).line() for each in nodes)]
