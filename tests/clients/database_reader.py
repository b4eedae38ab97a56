# SPDX-License-Identifier: MIT
"""A small reader of generated databases: every row of a table, and whether pages and space agree with each other."""

from typing import Any

from esemu.formats.catalog import Tree, catalog_entries, trees
from esemu.formats.checksum import unsound_pages
from esemu.formats.nodes import records, walk
from esemu.formats.page import Page
from esemu.formats.page_check import node_problem, page_problem
from esemu.formats.records import Record, Tagged, fixed_sizes, values_of
from esemu.formats.space import available_extents, owned_extents
from esemu.world.generated import GeneratedPages
from esemu.world.pages import BytesPages


class Reader:
    """A small reader of databases: what a reader that trusts every byte would find."""

    def __init__(self, source: GeneratedPages | BytesPages) -> None:
        self.size = source.page_size
        self.last = source.last_page
        self.data = bytes(source.read(1, self.last))
        self.entries = list(catalog_entries(self.page)) if self.last >= 30 else []

    def page(self, pgno: int) -> bytes:
        """Return a page."""
        if not 1 <= pgno <= self.last:
            raise IndexError(pgno)
        return self.data[(pgno - 1) * self.size : pgno * self.size]

    def trees(self) -> dict[str, Tree]:
        """Return the trees by name."""
        return {tree.name: tree for tree in trees(self.entries)}

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a table, long values put together again."""
        tree = self.trees()[name]
        columns = [entry.column() for entry in self.entries if entry.table == tree.objid and entry.kind == 2]
        sizes = fixed_sizes(columns)
        long_values = self.long_values(name)
        found = []
        for node in records(self.page, tree.root):
            values = values_of(Record.parse(node.data, sizes, self.size), columns)
            by_name = {column.name: column for column in columns}
            for column, value in values.items():
                if isinstance(value, Tagged):
                    values[column] = by_name[column].value(long_values[int.from_bytes(value.data, "little")])
            found.append({column.name: values.get(column.name) for column in columns})
        return found

    def long_values(self, name: str) -> dict[int, bytes]:
        """Return the long values of a table."""
        tree = self.trees().get(f"{name}.LV")
        found: dict[int, bytes] = {}
        for node in records(self.page, tree.root) if tree else ():
            number = int.from_bytes(node.key[:4], "big")
            found[number] = found.get(number, b"") + (node.data if len(node.key) == 8 else b"")
        return found


def check_space(reader: Reader) -> None:
    """Every page belongs to one tree at most, each tree owns its pages, and what is free belongs to none."""
    free = {page for extent in available_extents(reader.page, 1) for page in range(extent.first, extent.last + 1)}
    assert [extent.last for extent in owned_extents(reader.page, 1)] == [reader.last]
    seen: set[int] = set()
    for tree in reader.trees().values():
        owned = {
            page for extent in owned_extents(reader.page, tree.root) for page in range(extent.first, extent.last + 1)
        }
        unused = {
            page for each in available_extents(reader.page, tree.root) for page in range(each.first, each.last + 1)
        }
        pages = {pgno for pgno, _ in walk(reader.page, tree.root)}
        assert owned >= pages
        assert unused <= owned
        assert not pages & unused
        assert not owned & free
        assert not pages & seen
        seen |= pages


def check_pages(reader: Reader) -> None:
    """Every page verifies, and says nothing that contradicts itself."""
    assert unsound_pages(reader.data, 1, reader.size) == []
    for pgno in range(1, reader.last + 1):
        assert page_problem(reader.page(pgno)) is None
        assert node_problem(Page.parse(reader.page(pgno))) is None
