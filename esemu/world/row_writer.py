# SPDX-License-Identifier: MIT
"""Rows that come, change and go in a table of a generated database: each becomes nodes of the table's tree and of its long values'.

A table gets its tree of long values when a row needs it first, as in the engine, and the catalog says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from esemu.formats.catalog import (
    CATALOG_ROOT,
    LONG_VALUES,
    NAME_INDEX_ROOT,
    SHADOW_ROOT,
    TABLE,
    catalog_entries,
    long_values_entry,
)
from esemu.formats.nodes import Node
from esemu.formats.page import LONG_VALUE
from esemu.formats.records import Record, Tagged, fixed_sizes, values_of
from esemu.formats.tree import root_header, single_page
from esemu.world.rows import long_key, long_keys, long_nodes, record_bytes
from esemu.world.system_tables import OBJIDS_ROOT, objids_nodes
from esemu.world.tree_writer import TreeWriter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from esemu.world.generated import GeneratedPages


class RowWriter:
    """The rows of the table `name`.  LookupError: there is no such table."""

    def __init__(self, source: GeneratedPages, name: str) -> None:
        self._source = source
        layout = source.layout  # which says what tables there are
        entries = list(catalog_entries(source.page, kinds=(TABLE, LONG_VALUES)))
        own = next((entry for entry in entries if entry.kind == TABLE and entry.name == name), None)
        if own is None or source.tables is None or name not in source.tables:
            raise LookupError(f"The database has no table {name!r} of a test's")
        self._layout = layout
        self._objid = own.id
        self._table = source.tables[name]
        self._tree = TreeWriter(source, own.root)
        longs = next((entry for entry in entries if entry.kind == LONG_VALUES and entry.table == own.id), None)
        self._long_tree = None if longs is None else TreeWriter(source, longs.root)

    def insert(self, row: Mapping[str, Any] | Sequence[Any]) -> None:
        """Put in a row.  ValueError: there is one with its key, or it is none; and what `Column.stored` raises."""
        values = self._table.values(row)
        key = self._key(values[self._table.key.name])
        if self._tree.find(key) is not None:
            raise ValueError(
                f"There is a row already with the value in its key, column {self._table.key.name!r}: {row!r}"
            )
        self._tree.insert(Node(key, self._record(values)))

    def update(self, row: Mapping[str, Any] | Sequence[Any]) -> None:
        """Put in a row for the one with its key.  LookupError: there is none; ValueError as above."""
        values = self._table.values(row)
        key = self._key(values[self._table.key.name])
        before = self._found(key, row)
        self._tree.replace(Node(key, self._record(values)))
        self._forget_long_values(before)

    def delete(self, value: Any) -> None:
        """Take out the row with this value in its key.  LookupError: there is none; and what `Column.stored` raises."""
        key = self._key(value)
        before = self._found(key, value)
        self._tree.remove(key)
        self._forget_long_values(before)

    def _key(self, value: Any) -> bytes:
        return self._table.key.key(value)

    def _found(self, key: bytes, row: Any) -> Node:
        found = self._tree.find(key)
        if found is None:
            raise LookupError(f"There is no row with the value in its key, column {self._table.key.name!r}: {row!r}")
        return found

    def _record(self, values: dict[str, Any]) -> bytes:
        """Return the record of a row, when its long values have been put into their tree."""
        size, long_values = self._source.page_size, list[bytes]()
        last = self._long_tree.last() if self._long_tree else None
        first = int.from_bytes(last.key[:4], "big") + 1 if last else 1
        record = record_bytes(self._table, values, size, long_values, first)
        for node in long_nodes(long_values, size, first):
            self._long_values().insert(node)
        return record

    def _forget_long_values(self, node: Node) -> None:
        """Take out the long values of a row that is gone."""
        columns = self._table.columns
        values = values_of(Record.parse(node.data, fixed_sizes(columns), self._source.page_size), columns)
        for value in values.values():
            if isinstance(value, Tagged):
                number, tree = int.from_bytes(value.data, "little"), self._long_values()
                head = tree.find(long_key(number))
                if head is not None:
                    for key in long_keys(number, head.data, self._source.page_size):
                        tree.remove(key)

    def _long_values(self) -> TreeWriter:
        """Return the tree of long values, which is made if there is none yet (lv.cxx, ErrFILECreateLVRoot)."""
        if self._long_tree is None:
            source, layout = self._source, self._layout
            root = self._tree.take_page()
            layout.objid_last += 1
            objid = layout.objid_last
            header = root_header(1, self._tree.root)
            source.put(root, single_page(source.page_size, header, (), objid=objid, flags=LONG_VALUE))
            entry = long_values_entry(self._objid, objid, root)
            node = entry.node(source.page_size)
            for tree in (CATALOG_ROOT, SHADOW_ROOT):
                TreeWriter(source, tree).insert(node)
            TreeWriter(source, NAME_INDEX_ROOT).insert(Node(entry.name_key, node.key))
            TreeWriter(source, OBJIDS_ROOT).insert(*objids_nodes([entry], source.page_size))
            self._long_tree = TreeWriter(source, root)
        return self._long_tree
