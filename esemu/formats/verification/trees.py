# SPDX-License-Identifier: MIT
"""What holds between the pages of a saved database: it owns what the file has, and its trees reach only pages of their own.

A zeroed page passes every check of its own; only the tree that lacks it shows the loss. `tree_walk` says what is held
against pages that were changed while they were saved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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
from esemu.formats.page import Page
from esemu.formats.space import SYSTEM_ROOT, owned_extents, space_header
from esemu.formats.verification import checks
from esemu.formats.verification.findings import Place
from esemu.formats.verification.tree_walk import DAMAGE, TreeWalk

if TYPE_CHECKING:
    from esemu.formats.checksum import Buffer
    from esemu.formats.verification.databases import Database
    from esemu.formats.verification.findings import Findings

# The trees that no catalog has to name: of all space, and of the catalog itself (cat.hxx:159-169).
_DATABASE_TREE: Final = Tree(1, SYSTEM_ROOT, TABLE, "the database")
_CATALOG_TREE: Final = Tree(OBJID_CATALOG, CATALOG_ROOT, TABLE, CATALOG_NAME)
_WITH_TREES: Final = (TABLE, INDEX, LONG_VALUES)


class _Changed(Exception):
    """A page was read that may have been changed since the backup began."""


class Trees:
    """The trees of one database."""

    def __init__(self, database: Database, findings: Findings) -> None:
        self._database = database
        self._findings = findings
        self._walk = TreeWalk(database, findings)
        #: All pages of the catalog that were read are old.
        self._catalog_is_old = True

    def check(self, *, sound: bool) -> None:
        """Check what is owned, and the trees too if every page is sound and there. Raises OSError."""
        if self._check_owned() and sound:
            self._check_trees()

    def _check_owned(self) -> bool:
        """Check that the pages that the database owns are those of the file; return whether none of them is missing."""
        last = self._database.pages
        try:
            extents = sorted(owned_extents(self._read_old, SYSTEM_ROOT))
        except _Changed:
            return True
        except DAMAGE as damage:
            self._report(checks.OWNED_EXTENTS, f"The pages that it owns cannot be told: {damage}.")
            return False
        end = 0
        for extent in extents:
            if extent.first != end + 1:
                message = f"Pages {extent.first} to {extent.last} are owned behind page {end}."
                self._report(checks.OWNED_EXTENTS, message)
                return False
            end = extent.last
        if end > last:
            self._report(checks.OWNED_EXTENTS, f"The database owns {end} pages, and the file ends with page {last}.")
        elif self._database.has_old_page_behind(end):
            self._report(checks.PAGES_NOT_OWNED, f"The database owns {end} pages, and the file has {last - end} more.")
        return end <= last

    def _check_trees(self) -> None:
        """Check the trees of the database and of the catalog, then every tree that the catalog names. Raises OSError."""
        own = (_DATABASE_TREE, _CATALOG_TREE)
        if [tree for tree in own if not self._check_tree(tree, certain=True)]:
            return
        try:
            named = trees(list(catalog_entries(self._read_of_catalog, kinds=_WITH_TREES)))
        except _Changed:
            return
        except DAMAGE as damage:
            if self._catalog_is_old:
                self._report(checks.CATALOG, f"The catalog cannot be read: {damage}.")
            return
        for tree in named:
            if tree.root != _CATALOG_TREE.root:
                self._check_tree(tree, certain=self._catalog_is_old)

    def _check_tree(self, tree: Tree, *, certain: bool) -> bool:
        """Check a tree and its space trees; return whether nothing was found."""
        before = self._walk.found
        self._walk.walk(tree, tree.root, certain=certain)
        if certain and before == self._walk.found:
            self._check_space(tree)
        return before == self._walk.found

    def _check_space(self, tree: Tree) -> None:
        """Check the trees of owned and of free extents that a tree may have."""
        try:
            header = space_header(Page.parse(self._read_old(tree.root)))
        except _Changed:
            return
        except DAMAGE as damage:
            message = f"It is the root of {tree.name} without a space header: {damage}."
            self._findings.add(checks.TREE_PAGE, self._database.file.name, message, Place("page", tree.root, tree.root))
            return
        if header.has_trees:
            for name, root in (("owned", header.owned), ("free", header.available)):
                self._walk.walk(tree._replace(name=f"{name} extents of {tree.name}"), root, certain=True)

    def _report(self, check: checks.Check, message: str) -> None:
        """Note what is wrong with the database as a whole."""
        self._findings.add(check, self._database.file.name, message)

    def _read_old(self, pgno: int) -> Buffer:
        """Return a page. Raises _Changed if it may have been changed since the backup began, IndexError if there is none."""
        return self._read(pgno, self._database.dbtime_at_begin)[0]

    def _read_of_catalog(self, pgno: int) -> Buffer:
        """Return a page of the catalog, and note whether it is old. Raises as `_read_old`, but only for the newest."""
        page, dbtime = self._read(pgno, self._database.header.dbtime_dirtied)
        self._catalog_is_old &= dbtime <= self._database.dbtime_at_begin
        return page

    def _read(self, pgno: int, dbtime_most: int) -> tuple[Buffer, int]:
        """Return a page, and its dbtime."""
        if not 0 < pgno <= self._database.pages:
            raise IndexError(f"there is no page {pgno}")
        page = self._database.page(pgno, self._database.page_size)
        dbtime = int.from_bytes(page[8:16], "little")
        if dbtime > dbtime_most:
            raise _Changed
        return page, dbtime
