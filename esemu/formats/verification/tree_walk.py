# SPDX-License-Identifier: MIT
"""The walk through the trees of a saved database: every page that one reaches is of it, of no other, and linked to its neighbours.

A database that is written to while it is saved is saved with pages of different moments, and redo makes them fit. So a
page is of one of three ages:

* An old one was last changed before the backup began. Old pages fit each other, and are held to it.
* A newer one was changed before the header was saved. Whether that was before the backup began, or while it ran and the
  header was read behind other pages, nobody can tell. It is followed, but where it leads is not blamed, with one
  exception: a page that an old leaf has for a neighbour was there.
* The newest, whose dbtime is beyond that of the header, were changed while the database was read, and are not followed.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from esemu.formats.nodes import nodes
from esemu.formats.page import LEAF, Page
from esemu.formats.verification import checks
from esemu.formats.verification.bits import Bits
from esemu.formats.verification.findings import Place

if TYPE_CHECKING:
    from esemu.formats.catalog import Tree
    from esemu.formats.verification.databases import Database
    from esemu.formats.verification.findings import Findings

_HEADER: Final = struct.Struct("<8xQIII6xHI")
#: What parsing a damaged page raises.
DAMAGE: Final = (ValueError, IndexError, KeyError, struct.error)


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


_ZERO: Final = _Head(0, 0, 0, 0, 0, 0)


class _Step(NamedTuple):
    """A page that a tree reaches: its number, that of its parent, 0 for a root, and whether all that leads to it is old."""

    pgno: int
    parent: int
    certain: bool


class _Leaf(NamedTuple):
    """The leaf that was passed last; one of zeros may have been lost."""

    step: _Step
    head: _Head


class TreeWalk:
    """Walks through the trees of one database, one after the other."""

    def __init__(self, database: Database, findings: Findings) -> None:
        self._database = database
        self._findings = findings
        self._old_most = database.dbtime_at_begin
        self._newer_most = database.header.dbtime_dirtied
        self._seen = Bits()
        #: Pages that were reached by way of newer ones.
        self._seen_newer = Bits()
        #: The page that a neighbour told of last; two of them may.
        self._lost = 0
        #: How many findings there were.
        self.found = 0

    def walk(self, tree: Tree, root: int, *, certain: bool) -> None:
        """Check the pages of one tree, parents before their children and those in the order of their keys.

        `certain`: what says that page `root` is its root is old. Raises OSError.
        """
        todo = [_Step(root, 0, certain)]
        left: _Leaf | None = None
        while todo:
            step = todo.pop()
            head = self._followed(step, tree)
            if head is None:
                left = None
            elif head is _ZERO or head.flags & LEAF:
                leaf = _Leaf(step, head)
                if left is not None:
                    self._check_neighbours(left, leaf, tree)
                left = leaf
            else:
                todo += reversed(self._children(step, tree, certain=step.certain and self._is_old(head)))

    def _is_old(self, head: _Head) -> bool:
        """Return whether a page was last changed before the backup began, as far as it says anything of that."""
        return head is not _ZERO and head.dbtime <= self._old_most

    def _followed(self, step: _Step, tree: Tree) -> _Head | None:
        """Return what a page that a tree reaches says of itself, None if it is wrong, or too new to tell."""
        head, problem = self._reached(step, tree)
        if problem is None:
            return head
        if step.certain:
            check, pgno, message = problem
            self._report(check, pgno, message)
        return head if head is _ZERO and not step.certain else None

    def _reached(self, step: _Step, tree: Tree) -> tuple[_Head | None, tuple[checks.Check, int, str] | None]:
        """Return what a page says of itself, and what is wrong with it if what leads to it is old."""
        pgno, parent, certain = step
        if not 0 < pgno <= self._database.pages:
            message = f"{tree.name} goes on with page {pgno}, which the file has not."
            return None, (checks.TREE_PAGE, parent, message)
        if (self._seen if certain else self._seen_newer).add(pgno):
            message = f"{tree.name} reaches the page ({_whence(parent)}), as something else has done."
            return None, (checks.TREE_PAGE, pgno, message)
        stored = self._database.page(pgno, _HEADER.size)
        head = _Head._make(_HEADER.unpack(stored))
        if head.dbtime > self._newer_most:
            return None, None
        if not head.flags and not any(stored):
            message = f"The page is all zeros, and belongs to {tree.name} ({_whence(parent)})."
            return _ZERO, (checks.TREE_ZERO_PAGE, pgno, message)
        if head.objid != tree.objid:
            message = f"The page is of object {head.objid}, and not {tree.objid}, {tree.name} ({_whence(parent)})."
            return None, (checks.TREE_PAGE, pgno, message)
        if parent and not head.has_nodes:
            return None, (checks.TREE_PAGE, pgno, f"The page of {tree.name} has no nodes ({_whence(parent)}).")
        return head, None

    def _children(self, step: _Step, tree: Tree, *, certain: bool) -> list[_Step]:
        """Return the pages below one that is no leaf."""
        pgno = step.pgno
        try:
            page = Page.parse(self._database.page(pgno, self._database.page_size))
            return [_Step(node.child, pgno, certain) for node in nodes(page)]
        except DAMAGE as damage:
            self._report(checks.TREE_PAGE, pgno, f"What is below the page in {tree.name} cannot be told: {damage}.")
            return []

    def _check_neighbours(self, left: _Leaf, right: _Leaf, tree: Tree) -> None:
        """Check two leaves that follow each other in the tree: old ones say so, and none of them was lost."""
        left_old, right_old = self._is_old(left.head), self._is_old(right.head)
        pgno, left_pgno = right.step.pgno, left.step.pgno
        if left_old and right_old and left.step.certain and right.step.certain:
            if (left.head.next, right.head.previous) != (pgno, left_pgno):
                message = (
                    f"In {tree.name} page {left_pgno} is to its left, but it says page {right.head.previous}, "
                    f"and to the right of that one is page {left.head.next}."
                )
                self._report(checks.TREE_LINK, pgno, message)
        elif left_old and right.head is _ZERO and left.head.next == pgno:
            self._report_lost(pgno, left_pgno, tree)
        elif right_old and left.head is _ZERO and right.head.previous == left_pgno:
            self._report_lost(left_pgno, pgno, tree)

    def _report_lost(self, pgno: int, neighbour: int, tree: Tree) -> None:
        """Report a page of zeros that was the neighbour of an old one."""
        if self._lost == pgno:
            return
        self._lost = pgno
        message = f"The page is all zeros, and belongs to {tree.name} (page {neighbour} has it for a neighbour)."
        self._report(checks.TREE_ZERO_PAGE, pgno, message)

    def _report(self, check: checks.Check, pgno: int, message: str) -> None:
        """Note what is wrong with a page."""
        self.found += 1
        self._findings.add(check, self._database.file.name, message, Place("page", pgno, pgno))


def _whence(parent: int) -> str:
    """Return what points to a page."""
    return f"page {parent} points to it" if parent else "it is the root"
