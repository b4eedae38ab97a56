# SPDX-License-Identifier: MIT
"""What holds between the pages of a saved database: it owns what the file has, and its trees reach only pages of their own.

A zeroed page passes every check of its own; only the tree that lacks it shows the loss. A database that is written to
while it is saved may be saved with pages of different moments, and redo makes them fit. So nothing is held against a page
that was changed since the backup of the database began: its dbtime is beyond that of the saved header.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from esemu.formats.catalog import (
    CATALOG_NAME,
    CATALOG_ROOT,
    INDEX,
    LONG_VALUES,
    OBJID_CATALOG,
    TABLE,
    Tree,
    catalog_entries,
    trees,
)
from esemu.formats.nodes import nodes
from esemu.formats.page import LEAF, Page
from esemu.formats.space import SYSTEM_ROOT, owned_extents, space_header
from esemu.formats.verification import checks
from esemu.formats.verification.files import whole
from esemu.formats.verification.findings import Place

if TYPE_CHECKING:
    from esemu.formats.checksum import Buffer
    from esemu.formats.verification.databases import Database
    from esemu.formats.verification.findings import Findings

# The trees that no catalog has to name: of all space, and of the catalog itself (cat.hxx:159-169).
_DATABASE_TREE: Final = Tree(1, SYSTEM_ROOT, TABLE, "the database")
_CATALOG_TREE: Final = Tree(OBJID_CATALOG, CATALOG_ROOT, TABLE, CATALOG_NAME)
_HEADER: Final = struct.Struct("<8xQIII6xHI")
_SEEN_BITS: Final = 1 << 15
_WITH_TREES: Final = (TABLE, INDEX, LONG_VALUES)
# What parsing a damaged page raises.
_DAMAGE: Final = (ValueError, IndexError, KeyError, struct.error)


class _Changed(Exception):
    """A page was read that was changed since the backup began."""


class _Head(NamedTuple):
    """What of a page's header matters here; `esemu.formats.page.PageHeader` has all of it, field by field."""

    dbtime: int
    previous: int
    next: int
    objid: int
    tag_state: int
    flags: int

    @property
    def has_nodes(self) -> bool:
        """Whether there are more tags than reserved ones."""
        return self.tag_state & 0x0FFF > (self.tag_state >> 12 & 7 or 1)


class _Step(NamedTuple):
    """A page that a tree reaches: its number, and the number of its parent, 0 for a root."""

    pgno: int
    parent: int


class _Seen:
    """Page numbers, a bit for each, in pieces that are made when they are needed."""

    def __init__(self) -> None:
        self._pieces: dict[int, bytearray] = {}

    def add(self, pgno: int) -> bool:
        """Add a number; return whether it was in already."""
        piece = self._pieces.get(pgno // _SEEN_BITS)
        if piece is None:
            piece = self._pieces[pgno // _SEEN_BITS] = bytearray(_SEEN_BITS // 8)
        at, bit = pgno % _SEEN_BITS // 8, 1 << pgno % 8
        known = bool(piece[at] & bit)
        piece[at] |= bit
        return known


class Trees:
    """The trees of one database."""

    def __init__(self, database: Database, findings: Findings) -> None:
        self._database = database
        self._findings = findings
        self._name = database.file.name
        self._last = database.pages
        self._page_size = database.page_size
        self._unchanged_most = database.header.dbtime_dirtied
        self._seen = _Seen()
        self._found = 0

    def check(self, *, sound: bool) -> None:
        """Check what is owned, and the trees too if every page is sound and there. Raises OSError."""
        if self._check_owned() and sound:
            self._check_trees()

    def _check_owned(self) -> bool:
        """Check that the pages that the database owns are those of the file; return whether none of them is missing."""
        last = self._last
        try:
            extents = sorted(owned_extents(self._read_unchanged, SYSTEM_ROOT))
        except _Changed:
            return True
        except _DAMAGE as damage:
            self._report(checks.OWNED_EXTENTS, 0, f"The pages that it owns cannot be told: {damage}.")
            return False
        end = 0
        for extent in extents:
            if extent.first != end + 1:
                message = f"Pages {extent.first} to {extent.last} are owned behind page {end}."
                self._report(checks.OWNED_EXTENTS, 0, message)
                return False
            end = extent.last
        if end > last:
            self._report(checks.OWNED_EXTENTS, 0, f"The database owns {end} pages, and the file ends with page {last}.")
        elif end < last:
            self._report(
                checks.PAGES_NOT_OWNED, 0, f"The database owns {end} pages, and the file has {last - end} more."
            )
        return end <= last

    def _check_trees(self) -> None:
        """Check the trees of the database and of the catalog, then every tree that the catalog names. Raises OSError."""
        own = (_DATABASE_TREE, _CATALOG_TREE)
        if [tree for tree in own if not self._check_tree(tree)]:
            return
        try:
            named = trees(list(catalog_entries(self._read_unchanged, kinds=_WITH_TREES)))
        except _Changed:
            return
        except _DAMAGE as damage:
            self._findings.add(checks.CATALOG, self._name, f"The catalog cannot be read: {damage}.")
            return
        for tree in named:
            if tree.root != _CATALOG_TREE.root:
                self._check_tree(tree)

    def _check_tree(self, tree: Tree) -> bool:
        """Check a tree and its space trees; return whether nothing was found."""
        before = self._found
        self._walk(tree, tree.root)
        if before == self._found:
            self._walk_space(tree)
        return before == self._found

    def _walk_space(self, tree: Tree) -> None:
        """Check the trees of owned and of free extents that a tree may have."""
        try:
            header = space_header(Page.parse(self._read_unchanged(tree.root)))
        except _Changed:
            return
        except _DAMAGE as damage:
            self._report(
                checks.TREE_PAGE, tree.root, f"It is the root of {tree.name} without a space header: {damage}."
            )
            return
        if header.has_trees:
            self._walk(tree._replace(name=f"owned extents of {tree.name}"), header.owned)
            self._walk(tree._replace(name=f"free extents of {tree.name}"), header.available)

    def _walk(self, tree: Tree, root: int) -> None:
        """Check the pages of one tree, parents before their children and those in the order of their keys."""
        todo = [_Step(root, 0)]
        left: _Head | None = None
        left_pgno = 0
        while todo:
            step = todo.pop()
            header = self._checked(step, tree)
            if header is None:
                left = None
                continue
            if header.flags & LEAF:
                if left is not None and (left.next, header.previous) != (step.pgno, left_pgno):
                    self._link(tree, step.pgno, left_pgno, left, header)
                left, left_pgno = header, step.pgno
            else:
                todo += reversed(self._children(step.pgno, tree))

    def _checked(self, step: _Step, tree: Tree) -> _Head | None:
        """Return the header of a page that a tree reaches, None if it is not to be followed."""
        pgno, parent = step
        if not 0 < pgno <= self._last:
            self._report(checks.TREE_PAGE, parent, f"{tree.name} goes on with page {pgno}, which the file has not.")
            return None
        if self._seen.add(pgno):
            self._report(
                checks.TREE_PAGE, pgno, f"{tree.name} reaches the page ({_whence(parent)}), as something else has done."
            )
            return None
        stored = self._read(pgno, _HEADER.size)
        header = _Head._make(_HEADER.unpack(stored))
        if header.dbtime > self._unchanged_most:
            return None
        if not header.flags and not any(stored):
            self._report(
                checks.TREE_ZERO_PAGE, pgno, f"The page is all zeros, and belongs to {tree.name} ({_whence(parent)})."
            )
            return None
        if header.objid != tree.objid:
            message = f"The page is of object {header.objid}, and not {tree.objid}, {tree.name} ({_whence(parent)})."
            self._report(checks.TREE_PAGE, pgno, message)
            return None
        if parent and not header.has_nodes:
            self._report(checks.TREE_PAGE, pgno, f"The page of {tree.name} has no nodes ({_whence(parent)}).")
            return None
        return header

    def _children(self, pgno: int, tree: Tree) -> list[_Step]:
        """Return the pages below one that is no leaf."""
        try:
            return [_Step(node.child, pgno) for node in nodes(Page.parse(self._read(pgno, self._page_size)))]
        except _DAMAGE as damage:
            self._report(checks.TREE_PAGE, pgno, f"What is below the page in {tree.name} cannot be told: {damage}.")
            return []

    def _link(self, tree: Tree, pgno: int, left_pgno: int, left: _Head, header: _Head) -> None:
        """Report two leaves that follow each other in the tree and do not say so."""
        message = (
            f"In {tree.name} page {left_pgno} is to its left, but it says page {header.previous}, "
            f"and to the right of that one is page {left.next}."
        )
        self._report(checks.TREE_LINK, pgno, message)

    def _report(self, check: checks.Check, pgno: int, message: str) -> None:
        """Note what is wrong with a page, or, if its number is 0, with the database as a whole."""
        self._found += 1
        self._findings.add(check, self._name, message, Place("page", pgno, pgno) if pgno else None)

    def _read(self, pgno: int, count: int) -> Buffer:
        """Return the first `count` bytes of a page."""
        return whole(self._database.file.read((pgno + 1) * self._page_size, count), count)

    def _read_unchanged(self, pgno: int) -> Buffer:
        """Return a page. Raises _Changed if it was changed since the backup began, IndexError if there is none."""
        if not 0 < pgno <= self._last:
            raise IndexError(f"there is no page {pgno}")
        page = self._read(pgno, self._page_size)
        if int.from_bytes(page[8:16], "little") > self._unchanged_most:
            raise _Changed
        return page


def _whence(parent: int) -> str:
    """Return what points to a page."""
    return f"page {parent} points to it" if parent else "it is the root"
