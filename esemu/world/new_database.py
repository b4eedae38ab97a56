# SPDX-License-Identifier: MIT
"""Where everything lies in a database that is made from its description: each tree gets its pages, in one run of them.

Roots and space trees of the catalog lie where the engine puts them (cat.hxx:156). No page is made here; what is kept
says how to.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from esemu.formats.catalog import (
    CATALOG_ROOT,
    COLUMN,
    NAME_INDEX_ROOT,
    OBJID_CATALOG,
    OBJID_NAME_INDEX,
    OBJID_ROOT_OBJECTS,
    OBJID_SHADOW,
    OBJID_SYSTEM,
    ROOT_OBJECTS_ROOT,
    SHADOW_ROOT,
    CatalogEntry,
)
from esemu.formats.page import INDEX, LONG_VALUE, SPACE_TREE
from esemu.formats.space import SYSTEM_ROOT, Extent
from esemu.formats.tree import NodeTree, root_header, single_page, space_root
from esemu.world.catalog_trees import Planned, built_in, catalog_trees
from esemu.world.generated import DBTIME_START
from esemu.world.numbered import NumberedTree, filling, shape_of
from esemu.world.rows import row_nodes
from esemu.world.system_tables import (
    LOCALES_ROOT,
    OBJID_LOCALES,
    OBJID_OBJIDS,
    OBJIDS_ROOT,
    locales_nodes,
    objids_nodes,
)
from esemu.world.tables import Numbered, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from esemu.formats.page import Page

#: The first page that a user's table may have.
TABLES_START: Final = LOCALES_ROOT + 1
#: Fewer pages have no room for catalog and copy.
LEAST_PAGES: Final = TABLES_START - 1
SPACE_PAGES: Final = frozenset({SYSTEM_ROOT, SYSTEM_ROOT + 1, SYSTEM_ROOT + 2})
"""The root of the database and those of its space trees: what changes when it grows."""
_FIRST_OBJID: Final = OBJID_LOCALES + 1
# The first extents of the catalog and of its copy begin at their roots (cat.hxx:156); roots of three trees are in the one.
_CATALOG_EXTENT: Final = Extent(23, 20)
_SHADOW_EXTENT: Final = Extent(28, 5)
_CATALOG_FREE: Final = 13  # the first page in it that no root or space tree has
_SHADOW_FREE: Final = 27
_EXTENSION: Final = 256  # pages by which a database grows, JET_paramDbExtensionSize (sysparamtable.g.cxx:29)
_PAGES_MOST: Final = (1 << 32) - 1


class NewDatabase:
    """The layout of a database of `pages` pages; with None it has as many as the tables take.

    ValueError: the tables do not fit, or a row cannot be stored.
    """

    def __init__(self, page_size: int, tables: Mapping[str, Table], pages: int | None) -> None:
        self.page_size = page_size
        #: The last object id that is in use.
        self.objid_last = _FIRST_OBJID - 1
        #: How to make the pages that are like no other: page number -> what gives its bytes.
        self.single: dict[int, Callable[[], bytes]] = {}
        #: Runs of pages that are made together: the first and the last of them, and what makes some of them.
        self.runs: list[tuple[int, int, Callable[[int, int], bytes]]] = []
        self._next = TABLES_START
        self._pages = pages
        if pages is not None and pages < LEAST_PAGES:
            if tables:
                raise ValueError(f"A database with tables has {LEAST_PAGES} pages at least, not {pages}")
            self._add_empty_catalog(pages)
        else:
            self._add_everything(tables)
        self._add_root()

    @property
    def pages(self) -> int:
        """The number of the last page."""
        return self._next - 1 if self._pages is None else self._pages

    def _add_empty_catalog(self, pages: int) -> None:
        """Settle the roots of a catalog without a record, and of its copy, as far as there are such pages."""
        self._next = min(CATALOG_ROOT + 1, pages + 1)
        for root, objid in ((CATALOG_ROOT, OBJID_CATALOG), (SHADOW_ROOT, OBJID_SHADOW)):
            if root <= pages:
                self._add_tree(root, NodeTree((), self.page_size), root_header(1, SYSTEM_ROOT), objid=objid)

    def _take(self, count: int) -> int:
        """Return the first of `count` pages that nobody has yet."""
        first = self._next
        self._next += count
        if self._pages is not None and self._next - 1 > self._pages:
            raise ValueError(f"The tables take more than the {self._pages} pages that the database has")
        return first

    def _put(self, pgno: int, page: Callable[[], Page]) -> None:
        """Settle how a page is made."""
        self.single[pgno] = lambda: page().written(pgno)

    def _add_everything(self, tables: Mapping[str, Table]) -> None:
        """Settle the pages of catalog and tables."""
        planned = []
        for name, table in tables.items():
            rows = ([], []) if isinstance(table.rows, Numbered) else row_nodes(table, self.page_size)
            planned.append(Planned(name, table, self.objid_last + 1, *rows))
            self.objid_last = planned[-1].last_objid
        # The catalog's pages come first. What it says of where the tables lie changes nothing in its size.
        places = self._catalog_places([entry for each in planned for entry in each.entries()])
        entries: list[CatalogEntry] = []
        for each in sorted(planned, key=lambda each: each.fills):
            roots = self._add_numbered(each) if isinstance(each.table.rows, Numbered) else self._add_written(each)
            entries += each.entries(*roots)
        self._add_catalog(entries, places)

    def _catalog_places(self, entries: Sequence[CatalogEntry]) -> dict[int, int]:
        """Return where the pages below the roots of the catalog's trees begin, by root."""
        places = {}
        free = {CATALOG_ROOT: _CATALOG_FREE, SHADOW_ROOT: _SHADOW_FREE}
        last = {CATALOG_ROOT: _CATALOG_EXTENT.last, SHADOW_ROOT: _SHADOW_EXTENT.last}
        for root, tree in catalog_trees(entries, self.page_size).items():
            owner = SHADOW_ROOT if root == SHADOW_ROOT else CATALOG_ROOT
            count = tree.pages
            if free[owner] + count - 1 <= last[owner]:
                places[root] = free[owner]
                free[owner] += count
            else:
                places[root] = self._take(count)
        return places

    def _add_catalog(self, entries: Sequence[CatalogEntry], places: Mapping[int, int]) -> None:
        """Settle the pages of the catalog, its indexes and its copy, and of the two other system tables."""
        owned = {CATALOG_ROOT: [_CATALOG_EXTENT], SHADOW_ROOT: [_SHADOW_EXTENT]}
        used = {CATALOG_ROOT: _CATALOG_FREE, SHADOW_ROOT: _SHADOW_FREE}
        objids = {CATALOG_ROOT: OBJID_CATALOG, SHADOW_ROOT: OBJID_SHADOW}
        objids |= {NAME_INDEX_ROOT: OBJID_NAME_INDEX, ROOT_OBJECTS_ROOT: OBJID_ROOT_OBJECTS}
        for root, tree in catalog_trees(entries, self.page_size).items():
            owner = SHADOW_ROOT if root == SHADOW_ROOT else CATALOG_ROOT
            flags = 0 if root in owned else INDEX
            mine = owned[root] if root in owned else [Extent(root + 2, 3)]
            if tree.pages:
                extent = Extent(places[root] + tree.pages - 1, tree.pages)
                if extent.first > owned[owner][0].last:
                    owned[owner].append(extent)
                else:
                    used[owner] = extent.last + 1
                if mine is not owned[owner]:
                    mine.append(extent)
            header = root_header(mine[0].pages, SYSTEM_ROOT if root in owned else CATALOG_ROOT, root + 1)
            self._add_tree(root, tree, header, places[root], objid=objids[root], flags=flags)
            self._put(root + 1, partial(self._space_root, mine, objids[root], flags))
            if root not in owned:
                self._put(root + 2, partial(self._space_root, [], objids[root], flags))
        for root, extents in owned.items():
            free = Extent(extents[0].last, extents[0].last - used[root] + 1)
            self._put(root + 2, partial(self._space_root, [free] if free.pages else [], objids[root], 0))
        every = (*built_in(self.page_size)[0], *entries)
        rows = objids_nodes([entry for entry in every if entry.kind != COLUMN], self.page_size)
        for root, objid, nodes in (
            (OBJIDS_ROOT, OBJID_OBJIDS, rows),
            (LOCALES_ROOT, OBJID_LOCALES, locales_nodes(self.page_size)),
        ):
            self._add_tree(root, NodeTree(nodes, self.page_size), root_header(1, SYSTEM_ROOT), objid=objid)

    def _space_root(self, extents: Iterable[Extent], objid: int, flags: int) -> Page:
        """Return a space tree of one page."""
        nodes = [extent.node() for extent in extents]
        return space_root(self.page_size, nodes, objid=objid, flags=flags | SPACE_TREE, dbtime=DBTIME_START)

    def _add_tree(self, root: int, tree: NodeTree, header: bytes, first: int = 0, **fields: int) -> None:
        """Settle the pages of a tree whose nodes are there: its root, and those below it from page `first` on."""
        fields["dbtime"] = DBTIME_START
        self._put(root, lambda: tree.root(header, first, **fields))
        for index in range(tree.pages):
            self._put(first + index, lambda index=index: tree.page(index, first, **fields))  # type: ignore[misc]

    def _add_written(self, planned: Planned) -> tuple[int, int]:
        """Settle the pages of a table whose rows are written down; return its root and that of its long values."""
        tree = NodeTree(planned.nodes, self.page_size)
        long_tree = NodeTree(planned.long_values, self.page_size)
        own = tree.pages + 3 if tree.pages or planned.long_values else 1
        longs = (long_tree.pages + 3 if long_tree.pages else 1) if planned.long_values else 0
        root = self._take(own + longs)
        self._add_with_space(root, planned.objid, tree, Extent(root + own + longs - 1, own + longs), 0)
        if longs:
            extent = Extent(root + own + longs - 1, longs)
            self._add_with_space(extent.first, planned.long_objid, long_tree, extent, root)
        return root, root + own

    def _add_with_space(self, root: int, objid: int, tree: NodeTree, extent: Extent, table: int) -> None:
        """Settle the pages of a tree and, if its extent is more than the root, of its space trees, which come behind that.

        `table` is the root of the table whose long values these are, 0 for a table.
        """
        owned = root + 1 if extent.pages > 1 else 0
        flags = LONG_VALUE if table else 0
        header = root_header(extent.pages, table or SYSTEM_ROOT, owned)
        self._add_tree(root, tree, header, root + 3, objid=objid, flags=flags)
        if owned:
            self._put(owned, partial(self._space_root, [extent], objid, flags))
            self._put(owned + 1, partial(self._space_root, [], objid, flags))

    def _add_numbered(self, planned: Planned) -> tuple[int, int]:
        """Settle the pages of a table whose rows are numbered; return its root."""
        rows = planned.table.rows
        assert isinstance(rows, Numbered)  # noqa: S101 - for the type checker
        shape = shape_of(planned.table.columns, rows.values, self.page_size, planned.objid, DBTIME_START)
        start = self._next + 3
        if rows.count is None:
            tree = filling(shape, start, self.pages + 1) if self._pages is not None else NumberedTree(shape, 1, start)
            if tree is None:
                return self._add_written(planned)
        else:
            tree = NumberedTree(shape, rows.count, start)
        root = self._take(tree.end - self._next)
        extent = Extent(tree.end - 1, tree.end - root)
        self._put(root, lambda: tree.root(root_header(extent.pages, SYSTEM_ROOT, root + 1)))
        self._put(root + 1, partial(self._space_root, [extent], planned.objid, 0))
        free = [Extent(last, last - first + 1) for first, last in tree.gaps]
        self._put(root + 2, partial(self._space_root, free, planned.objid, 0))
        for level in tree.levels:
            alone = tree.alone(level)
            for pgno in alone:
                self.single[pgno] = partial(tree.single, level, pgno)
            if level.first + 1 not in alone:
                self.runs.append((level.first + 1, level.last - 1, partial(tree.pages, level)))
        return root, 0

    def grow(self, pages: int) -> list[int]:
        """Let the database have so many pages; return the numbers of those that say so, which are made anew."""
        self._pages = pages
        self._add_root()
        trees = [SYSTEM_ROOT + 1, SYSTEM_ROOT + 2] if pages > SYSTEM_ROOT + 1 else []  # two pages have no room for them
        return [SYSTEM_ROOT, *trees]

    def give(self, count: int) -> tuple[int, list[int]]:
        """Take `count` pages for a tree that grows, of a database that grows if it must; return the first, and as `grow` does.

        ValueError: no database has so many pages.
        """
        lack = self._next + count - 1 - self.pages
        pages = self.pages + max(0, -(-lack // _EXTENSION) * _EXTENSION)
        self._pages = min(pages, _PAGES_MOST)
        first = self._take(count)
        return first, self.grow(self._pages)

    def _add_root(self) -> None:
        """Settle the root of the database and its space trees: all pages are its own, and those behind `_next` are free."""
        has_trees = self.pages > SYSTEM_ROOT + 1
        header = root_header(self.pages, 0, SYSTEM_ROOT + 1 if has_trees else 0)
        fields = {"objid": OBJID_SYSTEM, "dbtime": DBTIME_START}
        self._put(SYSTEM_ROOT, lambda: single_page(self.page_size, header, (), **fields))
        if has_trees:
            free = [Extent(self.pages, self.pages - self._next + 1)]
            if self._next <= SHADOW_ROOT <= self.pages:  # the copy of an empty catalog lies in the middle
                free = [Extent(SHADOW_ROOT - 1, SHADOW_ROOT - self._next), Extent(self.pages, self.pages - SHADOW_ROOT)]
            free = [extent for extent in free if extent.pages]
            self._put(SYSTEM_ROOT + 1, partial(self._space_root, [Extent(self.pages, self.pages)], OBJID_SYSTEM, 0))
            self._put(SYSTEM_ROOT + 2, partial(self._space_root, free, OBJID_SYSTEM, 0))
