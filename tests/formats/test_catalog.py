# SPDX-License-Identifier: MIT
"""Records, the catalog and space trees: real ones are taken apart, put together again, and agree with each other."""

from typing import TypeVar

import pytest

from esemu.formats.catalog import (
    CATALOG_COLUMNS,
    COLUMN,
    INDEX,
    LONG_VALUES,
    NAME_INDEX_ROOT,
    ROOT_OBJECTS_ROOT,
    SHADOW_ROOT,
    TABLE,
    CatalogEntry,
    Tree,
    catalog_entries,
    column_entry,
    index_entry,
    long_values_entry,
    own_entries,
    parse_entry,
    table_entry,
    trees,
)
from esemu.formats.columns import TYPES, Column
from esemu.formats.nodes import Node, records, walk
from esemu.formats.page import DELETED, Line, Page
from esemu.formats.records import Fixed, Record, Tagged, fixed_sizes
from esemu.formats.space import (
    MULTIPLE_EXTENT,
    Extent,
    SpaceHeader,
    available_extents,
    owned_extents,
    parse_extent,
    space_header,
)

pytestmark = pytest.mark.xdist_group("catalogs")  # of a large database it takes seconds to read

T = TypeVar("T")

SIZES = [*fixed_sizes(CATALOG_COLUMNS), 8]


def catalog_nodes(database, root: int = 4) -> list[Node]:
    """Return the catalog's nodes that are not deleted."""
    return [found for found in records(database.read, root) if not found.flags & DELETED]


@pytest.fixture(scope="session")
def real_entries(real_database) -> list[CatalogEntry]:
    """Return the entries of a real catalog."""
    return list(catalog_entries(real_database.read))


def sample(things: list[T]) -> list[T]:
    """Return some 500 of the things, evenly: one real catalog has 65,000 records of one kind."""
    return things[:: 1 + len(things) // 500]


@pytest.mark.untraced
def test_real_records_are_rebuilt_from_their_columns(real_database) -> None:
    """Every record of a real catalog is the same bytes again, from its columns and from the values in them."""
    for found in sample(catalog_nodes(real_database)):
        assert Record.parse(found.data, SIZES, real_database.page_size).to_bytes(real_database.page_size) == found.data
        assert parse_entry(found.data, real_database.page_size).node(real_database.page_size) == found._replace(
            flags=0, common=0
        )


@pytest.mark.untraced
def test_the_copy_of_the_catalog_says_the_same(real_database) -> None:
    """MSysObjectsShadow has the records of MSysObjects."""
    nodes, shadow = catalog_nodes(real_database), catalog_nodes(real_database, SHADOW_ROOT)
    assert [(found.key, found.data) for found in nodes] == [(found.key, found.data) for found in shadow]


def test_the_catalog_describes_itself_as_a_real_one_does(real_database, real_entries) -> None:
    """The entries by which a new catalog describes itself are those that Windows wrote."""
    real = [entry for entry in real_entries if entry.table <= 3]
    assert own_entries(real_database.page_size) == real


@pytest.mark.untraced
def test_the_other_indexes_of_the_catalog(real_database, real_entries) -> None:
    """The index of names has a key for each record, that of root objects one for each table, with the record's own key."""
    entries = real_entries
    names = {found.key: found.data for found in catalog_nodes(real_database, NAME_INDEX_ROOT)}
    assert len(names) == len(entries)
    assert all(names[entry.name_key] == entry.key for entry in sample(entries))
    roots = {found.key: found.data for found in catalog_nodes(real_database, ROOT_OBJECTS_ROOT)}
    assert roots == {entry.root_objects_key: entry.key for entry in entries if entry.kind == TABLE}


@pytest.mark.untraced
def test_every_tree_that_the_catalog_names_can_be_walked(real_database, real_entries) -> None:
    """Each begins at its page, belongs to its object, and owns all its pages; no page is in two of them."""
    seen: set[int] = set()
    for tree in trees(real_entries):
        owned = {
            pgno
            for extent in owned_extents(real_database.read, tree.root)
            for pgno in range(extent.first, extent.last + 1)
        }
        pages = dict(walk(real_database.read, tree.root))
        assert {page.header.objid for page in pages.values()} == {tree.objid}
        assert owned.issuperset(pages)
        assert seen.isdisjoint(pages)
        seen.update(pages)


def test_the_database_owns_all_its_pages(real_database) -> None:
    """The extents of page 1 follow each other up to the logical end, and what is available lies within them."""
    owned = owned_extents(real_database.read, 1)
    assert [extent.first for extent in owned] == [1, *(extent.last + 1 for extent in owned[:-1])]
    assert max(real_database.pages) <= owned[-1].last <= real_database.last_page
    for extent in available_extents(real_database.read, 1):
        assert 1 < extent.first <= extent.last <= owned[-1].last


def test_entries_that_are_made_are_read_back() -> None:
    """A table, a column, an index and long values keep what was said of them."""
    column = Column("Id", 1, TYPES["Long"], 4, 5, 0, 4)
    made = [
        table_entry(9, "mail", 40, flags=0x80000000),
        column_entry(9, column),
        index_entry(9, Tree(9, 40, INDEX, "Primary"), [column]),
        long_values_entry(9, 10, 41),
    ]
    for page_size in (4096, 32768):
        assert [parse_entry(entry.node(page_size).data, page_size) for entry in made] == made
    assert [entry.kind for entry in made] == [TABLE, COLUMN, INDEX, LONG_VALUES]
    assert made[1].column() == column
    assert [(tree.objid, tree.root, tree.name) for tree in trees(made)] == [(9, 40, "mail"), (10, 41, "mail.LV")]


@pytest.mark.parametrize("data", [b"", b"\1", b"\5\x7f\x20\0", bytes(40)[:4], b"\x0d\x7f" + b"\xff" * 60])
def test_other_bytes_are_no_entry(data: bytes) -> None:
    """A record that is cut short, or has not what every entry has, is refused."""
    with pytest.raises(ValueError, match="record"):
        parse_entry(data, 4096)


@pytest.mark.parametrize("page_size", [4096, 32768])
def test_a_record_of_every_kind_of_column(page_size: int) -> None:
    """NULLs in the middle, variable columns of no bytes, and tagged ones with and without a header are kept."""
    record = Record(
        (Fixed(b"ab"), Fixed(b"****", is_null=True), Fixed(b"c")),
        (None, b"", b"xyz", None),
        (Tagged(256, b"abc", 1), Tagged(300, b"", 0), Tagged(301, b"q", 5, flags=0x8000)),
    )
    assert Record.parse(record.to_bytes(page_size), [2, 4, 1], page_size) == record


def test_small_pages_have_tagged_columns_without_a_header() -> None:
    """Up to 8 KiB a tagged column needs its header byte only for what the byte says; above, it always has one."""
    record = Record((), (), (Tagged(256, b"abc"),))
    assert Record.parse(record.to_bytes(8192), [], 8192) == record
    assert Record.parse(record.to_bytes(16384), [], 16384) == Record((), (), (Tagged(256, b"abc", 0),))


def test_extents_are_read_back() -> None:
    """An extent is a node whose key is its last page, behind the number of its pool if it has one (space.cxx:1134)."""
    for extent in (Extent(254, 220), Extent(254, 0), Extent(9, 3, pool=2)):
        assert parse_extent(extent.node()) == extent
    assert (Extent(254, 220).first, Extent(254, 220).node()) == (35, Node(b"\0\0\0\xfe", b"\xdc\0\0\0"))
    with pytest.raises(ValueError, match="not 3 and 4"):
        parse_extent(Node(b"abc", b"abcd"))


def test_a_small_tree_has_a_bit_for_each_free_page() -> None:
    """A root without space trees owns a run that begins with it; bit 0 is the page behind it."""
    header = SpaceHeader(pages=4, parent=1, owned=0b110)
    page = Page.new(4096, [Line(bytes(header.data))], flags=3).to_bytes()
    assert owned_extents(lambda pgno: page, 31) == [Extent(34, 4)]
    assert available_extents(lambda pgno: page, 31) == [Extent(33, 1), Extent(34, 1)]


def test_the_space_header_may_be_one_part_of_several() -> None:
    """A longer external header of a root begins with a byte that says what is in it (node.cxx:2262)."""
    header = SpaceHeader(pages=4, flags=MULTIPLE_EXTENT, owned=8)
    root = Page.new(4096, [Line(b"\3" + bytes(header.data) + bytes(8))], flags=3)
    assert space_header(root) == header
    assert (header.has_trees, header.available) == (True, 9)
    with pytest.raises(ValueError, match="has no space header"):
        space_header(Page.new(4096, [Line(b"\2" + bytes(20))], flags=3))
