# SPDX-License-Identifier: MIT
"""What the catalog of a database that is made from its description says: its entries, and the trees that they stand in.

Every catalog tells of itself and of two more system tables; entries of the tables that a test wants come behind those.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from esemu.formats.catalog import (
    CATALOG_ROOT,
    INDEX,
    NAME_INDEX_ROOT,
    ROOT_OBJECTS_ROOT,
    SHADOW_ROOT,
    TABLE,
    CatalogEntry,
    Tree,
    column_entry,
    index_entry,
    long_values_entry,
    own_entries,
    table_entry,
)
from esemu.formats.nodes import Node
from esemu.formats.tree import NodeTree
from esemu.world.system_tables import system_entries
from esemu.world.tables import Numbered, Table

if TYPE_CHECKING:
    from collections.abc import Iterable


class Planned(NamedTuple):
    """A user's table before its pages are settled."""

    name: str
    table: Table
    objid: int
    nodes: list[Node]
    long_values: list[Node]

    @property
    def long_objid(self) -> int:
        """The object id of its long values, if it has any."""
        return self.objid + 1

    @property
    def last_objid(self) -> int:
        """The last object id that it takes."""
        return self.long_objid if self.long_values else self.objid

    @property
    def fills(self) -> bool:
        """Whether it takes what others leave."""
        return isinstance(self.table.rows, Numbered) and self.table.rows.count is None

    def entries(self, root: int = 0, long_root: int = 0) -> list[CatalogEntry]:
        """Return the entries of the catalog for it."""
        columns, objid = self.table.columns, self.objid
        made = [table_entry(objid, self.name, root), *(column_entry(objid, column) for column in columns)]
        made.append(index_entry(objid, Tree(objid, root, INDEX, "Primary"), columns[:1]))
        if self.long_values:
            made.append(long_values_entry(objid, self.long_objid, long_root))
        return made


@lru_cache(maxsize=4)
def built_in(page_size: int) -> tuple[tuple[CatalogEntry, ...], dict[int, list[Node]]]:
    """Return the entries of the catalog that every database has, and their nodes in the catalog's trees."""
    entries = (*own_entries(page_size), *system_entries())
    return entries, _entry_nodes(entries, page_size)


def _entry_nodes(entries: Iterable[CatalogEntry], page_size: int) -> dict[int, list[Node]]:
    """Return the nodes of entries in three of the catalog's trees, by the roots of these."""
    nodes: dict[int, list[Node]] = {CATALOG_ROOT: [], NAME_INDEX_ROOT: [], ROOT_OBJECTS_ROOT: []}
    for entry in entries:
        node = entry.node(page_size)
        nodes[CATALOG_ROOT].append(node)
        nodes[NAME_INDEX_ROOT].append(Node(entry.name_key, node.key))
        if entry.kind == TABLE:
            nodes[ROOT_OBJECTS_ROOT].append(Node(entry.root_objects_key or b"", node.key))
    return nodes


def catalog_trees(entries: Iterable[CatalogEntry], page_size: int) -> dict[int, NodeTree]:
    """Return the trees of the catalog that has these entries beside those that every catalog has, by their roots."""
    standing, own = built_in(page_size)[1], _entry_nodes(entries, page_size)
    trees = {root: NodeTree(sorted(standing[root] + own[root]), page_size) for root in own}
    return trees | {SHADOW_ROOT: trees[CATALOG_ROOT]}
