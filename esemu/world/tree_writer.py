# SPDX-License-Identifier: MIT
"""Trees that change: nodes come and go, pages are split where they are full and given up where nothing is left, trees grow.

What is done to a page is what the engine leaves of it: its dbtime rises, both neighbours know each other, and each page is
owned by the tree that it is in. Deleted nodes are gone at once, where the engine waits until nobody may see them any more.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from esemu.formats.nodes import Node, branch_node, common_size, nodes
from esemu.formats.page import (
    COMPRESSED,
    EMPTY,
    FLUSH_TYPE_SHIFT,
    INDEX,
    LEAF,
    LONG_VALUE,
    PARENT_OF_LEAF,
    ROOT,
    SPACE_TREE,
    TAG_SIZE,
    Line,
    Page,
    header_class,
)
from esemu.formats.space import (
    MULTIPLE_EXTENT,
    SYSTEM_ROOT,
    Extent,
    SpaceHeader,
    available_extents,
    owned_extents,
    space_header,
)
from esemu.formats.tree import filled, leaf_lines, room, space_root
from esemu.vocabulary.failures import NotEmulated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from esemu.world.generated import GeneratedPages

_EXTENT_LEAST: Final = 8  # pages that a tree asks for at once, ...
_EXTENT_SHARE: Final = 8  # ... or this part of what it has, so that its extents stay few
_KIND: Final = INDEX | LONG_VALUE  # flags that a tree's space trees have too
_NOT_KEPT: Final = ROOT | 3 << FLUSH_TYPE_SHIFT  # flags that a page does not have from the one that was split


class _Step(NamedTuple):
    """A page on the way to a key: its nodes, and the index of the one that leads on, or before which the key belongs."""

    pgno: int
    page: Page
    nodes: list[Node]
    at: int


class TreeWriter:
    """The tree at page `root` of a database. Whoever calls keeps others from the pages meanwhile."""

    __slots__ = ("_source", "_space", "root")

    def __init__(self, source: GeneratedPages, root: int) -> None:
        self.root = root
        self._source = source
        self._space = _Space(source, root)

    def find(self, key: bytes) -> Node | None:
        """Return the node with a key, None if there is none."""
        return _found(self._path(key)[-1], key)

    def last(self) -> Node | None:
        """Return the last node, None in an empty tree."""
        leaf = self._path(None)[-1]
        return leaf.nodes[-1] if leaf.nodes else None

    def insert(self, node: Node) -> None:
        """Put in a node; there is none with its key."""
        path = self._path(node.key)
        leaf = path[-1]
        leaf.nodes.insert(leaf.at, node)
        self._store(path, leaf.at)

    def replace(self, node: Node) -> None:
        """Put in a node for the one with its key."""
        path = self._path(node.key)
        leaf = path[-1]
        leaf.nodes[leaf.at] = node
        self._store(path, leaf.at)

    def remove(self, key: bytes) -> None:
        """Take out the node with a key."""
        path = self._path(key)
        leaf = path[-1]
        del leaf.nodes[leaf.at]
        self._store_fewer(path)

    def take_page(self) -> int:
        """Return a page of the tree's for another tree."""
        return self._space.take()

    def _path(self, key: bytes | None) -> list[_Step]:
        """Return the pages from the root to the leaf where a key is, or belongs; None is behind all keys."""
        path, pgno = [], self.root
        while True:
            page = self._source.page(pgno)
            found = nodes(page)
            leaf = page.header.flags & LEAF
            keys = [each.key for each in (found if leaf else found[:-1])]
            at = len(keys) if key is None else bisect_left(keys, key) if leaf else bisect_right(keys, key)
            path.append(_Step(pgno, page, found, at))
            if leaf:
                return path
            pgno = found[at].child

    def _store(self, path: Sequence[_Step], newest: int) -> None:
        """Write the last page of a path with its nodes, of which the one with index `newest` is new; split it if need be."""
        *above, step = path
        if self._fits(step.page.header.flags, step.nodes):
            self._write(step.pgno, step.page.header, step.nodes)
            return
        parts = self._parts(step, newest)
        kept = [step.pgno] if above else []
        numbers = kept + [self._space.take() for _ in parts[len(kept) :]]
        children = self._write_parts(step, parts, numbers)
        if not above:  # the root stays where it is
            flags = step.page.header.flags & ~(LEAF | PARENT_OF_LEAF)
            if step.page.header.flags & LEAF:
                flags |= PARENT_OF_LEAF
            self._write(step.pgno, step.page.header, children, flags=flags)
            return
        parent = above[-1]
        children[-1] = branch_node(parent.nodes[parent.at].key, numbers[-1])
        parent.nodes[parent.at : parent.at + 1] = children
        self._store(above, parent.at + len(children) - 1)

    def _parts(self, step: _Step, newest: int) -> list[list[Node]]:
        """Return what is to be on each of the pages that a full one becomes; what comes last gets a page of its own."""
        found = step.nodes
        sizes = [len(each.key) + len(each.data) for each in found]
        half = bisect_left(list(accumulate(sizes)), sum(sizes) / 2) + 1
        middle = len(found) - 1 if newest == len(found) - 1 else min(half, len(found) - 1)
        parts = [found[:middle], found[middle:]]
        if all(self._fits(step.page.header.flags & ~ROOT, part) for part in parts):
            return parts
        starts = filled([size + 2 + TAG_SIZE for size in sizes], room(self._source.page_size))
        return [found[start:end] for start, end in pairwise([*starts, len(found)])]

    def _write_parts(self, step: _Step, parts: Sequence[list[Node]], numbers: Sequence[int]) -> list[Node]:
        """Write the pages that a full one becomes; return the nodes for them in the page above, of which the last has no key."""
        header = step.page.header
        is_leaf = header.flags & LEAF
        bounds = [
            _separator(left[-1].key, right[0].key) if is_leaf else left[-1].key for left, right in pairwise(parts)
        ]
        ends = (header.previous, header.next) if is_leaf else (0, 0)
        for index, (pgno, part) in enumerate(zip(numbers, parts, strict=True)):
            if not is_leaf and index < len(parts) - 1:
                part[-1] = branch_node(b"", part[-1].child)
            links = {}
            if is_leaf:
                links["previous"] = numbers[index - 1] if index else ends[0]
                links["next"] = numbers[index + 1] if index + 1 < len(parts) else ends[1]
            flags = header.flags if pgno == step.pgno else header.flags & ~_NOT_KEPT
            self._write(pgno, header, part, flags=flags, **links)
        self._link(ends[0], next=numbers[0])
        self._link(ends[1], previous=numbers[-1])
        return [branch_node(key, pgno) for key, pgno in zip([*bounds, b""], numbers, strict=True)]

    def _store_fewer(self, path: Sequence[_Step]) -> None:
        """Write the last page of a path, of which a node was taken out; give it up if that was its last."""
        *above, step = path
        header = step.page.header
        if step.nodes:
            if not header.flags & LEAF:
                step.nodes[-1] = branch_node(b"", step.nodes[-1].child)
            self._write(step.pgno, header, step.nodes)
        elif not above:
            self._write(step.pgno, header, (), flags=header.flags & ~PARENT_OF_LEAF | LEAF)
        else:
            if header.flags & LEAF:
                self._link(header.previous, next=header.next)
                self._link(header.next, previous=header.previous)
            self._write(step.pgno, header, (), flags=header.flags | EMPTY, previous=0, next=0)
            self._space.give_back(step.pgno)
            del above[-1].nodes[above[-1].at]
            self._store_fewer(above)

    def _link(self, pgno: int, **neighbours: int) -> None:
        """Let a leaf know another neighbour, where there is such a leaf."""
        if pgno:
            page = self._source.page(pgno)
            for name, neighbour in neighbours.items():
                setattr(page.header, name, neighbour)
            self._source.put(pgno, page)

    def _write(self, pgno: int, header: Any, found: Sequence[Node], **fields: int) -> None:
        """Write a page with these nodes; what `fields` does not say of its header is as in `header`."""
        fields = {name: getattr(header, name) for name in ("objid", "flags", "previous", "next")} | fields
        # The external header of the root may have changed since the root was read.
        external = self._source.page(pgno).external_header if fields["flags"] & ROOT else b""
        lines = _lines(fields["flags"], external, found)
        self._source.put(pgno, Page.new(self._source.page_size, lines, **fields))

    def _fits(self, flags: int, found: Sequence[Node]) -> bool:
        """Return whether nodes fit on a page with these flags."""
        size = self._source.page_size
        lines = _lines(flags, bytes(SpaceHeader.SIZE), found)
        return header_class(size).SIZE + sum(len(line.data) + TAG_SIZE for line in lines) <= size


class _Space:
    """Which pages the tree at page `root` owns, and which of them are free."""

    __slots__ = ("_root", "_source")

    def __init__(self, source: GeneratedPages, root: int) -> None:
        self._source = source
        self._root = root

    def take(self) -> int:
        """Return a page of the tree that was free; let the tree grow if there is none."""
        free = available_extents(self._source.page, self._root)
        if not free or not self._header().has_trees:
            owned = sum(extent.pages for extent in owned_extents(self._source.page, self._root))
            free.append(self._grow(max(_EXTENT_LEAST, owned // _EXTENT_SHARE)))
        first, *rest = free
        left = [first._replace(pages=first.pages - 1)] if first.pages > 1 else []
        self._write(self._header().available, left + rest)
        return first.first

    def give_back(self, pgno: int) -> None:
        """Let a page be free."""
        free = [*available_extents(self._source.page, self._root), Extent(pgno, 1)]
        self._write(self._header().available, _joined(free))

    def _grow(self, count: int) -> Extent:
        """Let the tree own `count` pages more; return those that it may use."""
        extent = self._from_parent(count)
        header, owned = self._header(), owned_extents(self._source.page, self._root)
        used = 0
        if not header.has_trees:  # both trees of its space begin with the new extent
            header.flags |= MULTIPLE_EXTENT
            header.owned = extent.first
            used = 2
            root = self._source.page(self._root)
            root.lines[0] = root.lines[0]._replace(data=bytes(header.data))
            self._source.put(self._root, root)
        self._write(header.owned, [*owned, extent])
        return extent._replace(pages=extent.pages - used)

    def _from_parent(self, count: int) -> Extent:
        """Return new pages, which every tree above this one owns too."""
        parent = self._header().parent
        if parent == SYSTEM_ROOT:
            return Extent(self._source.take(count) + count - 1, count)
        above = _Space(self._source, parent)
        return above._grow(count if above._header().has_trees else count + 2)

    def _header(self) -> SpaceHeader:
        return space_header(self._source.page(self._root))

    def _write(self, pgno: int, extents: Sequence[Extent]) -> None:
        """Write a space tree, which is one page."""
        root = self._source.page(self._root).header
        flags = root.flags & _KIND | SPACE_TREE
        try:
            page = space_root(self._source.page_size, [each.node() for each in extents], objid=root.objid, flags=flags)
        except ValueError:
            raise NotEmulated(f"the space of a tree in {len(extents)} pieces is too much for one page") from None
        self._source.put(pgno, page)


def _joined(extents: Sequence[Extent]) -> list[Extent]:
    """Return extents in order, those as one that follow each other."""
    joined: list[Extent] = []
    for extent in sorted(extents):
        if joined and joined[-1].last + 1 == extent.first:
            extent = Extent(extent.last, joined.pop().pages + extent.pages)  # noqa: PLW2901 - the sum
        joined.append(extent)
    return joined


def _found(leaf: _Step, key: bytes) -> Node | None:
    """Return the node with a key on the leaf where it would be."""
    found = leaf.nodes[leaf.at] if leaf.at < len(leaf.nodes) else None
    return found if found is not None and found.key == key else None


def _separator(left: bytes, right: bytes) -> bytes:
    """Return a key that is above `left` and not above `right`, no longer than it must be."""
    return right[: common_size(left, right) + 1]


def _lines(flags: int, external: bytes, found: Sequence[Node]) -> list[Line]:
    """Return the lines of a page; `external` is the external header of a root."""
    plain = [each._replace(flags=each.flags & ~COMPRESSED, common=0) for each in found]
    if plain and flags & LEAF and not flags & ROOT:
        return leaf_lines(plain)
    return [Line(external if flags & ROOT else b""), *(each.line() for each in plain)]
