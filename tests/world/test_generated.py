# SPDX-License-Identifier: MIT
"""Databases that are made from a description: every page is sound, every tree leads to every row, and nothing is kept."""

import tracemalloc
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from database_reader import Reader, check_pages, check_space
from hypothesis import given, settings, strategies as st

import esemu
from esemu.formats.catalog import SHADOW_ROOT, catalog_entries
from esemu.formats.checksum import unsound_pages
from esemu.formats.columns import TYPES
from esemu.formats.nodes import Node, walk
from esemu.formats.page import Page
from esemu.formats.space import available_extents, owned_extents
from esemu.world.generated import GeneratedPages

PAGE_SIZES = [4096, 8192, 16384, 32768]

EVERY_TYPE = {
    "Id": "Long",
    "Bit": "Bit",
    "Byte": "UnsignedByte",
    "Short": "Short",
    "Money": "Currency",
    "Single": "IEEESingle",
    "Double": "IEEEDouble",
    "When": "DateTime",
    "Many": "UnsignedLong",
    "More": "LongLong",
    "Guid": "GUID",
    "Word": "UnsignedShort",
    "Raw": "Binary",
    "Name": "Text",
    "Body": "LongText",
    "Attachment": "LongBinary",
}


def row(number: int) -> dict[str, Any]:
    """Return a row with a value of every type, some of which are too long for their record, and some NULL."""
    return {
        "Id": number,
        "Bit": bool(number % 2),
        "Byte": number % 256,
        "Short": -number,
        "Money": number * 10_000,
        "Single": number / 2,
        "Double": number / 4,
        "When": 40_000.5 + number,
        "Many": 4_000_000_000 + number,
        "More": -(2**60) + number,
        "Guid": uuid.UUID(int=number),
        "Word": 65_000 + number % 500,
        "Raw": bytes(range(number % 200)) or None,
        "Name": f"Zeile {number} \u4e16" if number % 7 else None,
        "Body": "text \u00e9 " * (number % 300) or None,
        "Attachment": bytes([number % 256]) * (number * 37 % 20_000) or None,
    }


def mailbox(count: int = 120) -> dict[str, esemu.Table]:
    """Return tables of all kinds."""
    return {
        "mail": esemu.Table(EVERY_TYPE, [row(number) for number in range(count)]),
        "empty": esemu.Table({"Id": "GUID"}),
        "numbers": esemu.Table({"Id": "Long", "Name": "Text"}, esemu.Numbered(5000, Name="same")),
        "one": esemu.Table({"Key": "Short", "Long": "LongBinary"}, [(1, b"x" * 100_000)]),
    }


@pytest.mark.parametrize("page_size", PAGE_SIZES)
def test_every_row_is_found(page_size: int) -> None:
    """A database with values of every type, NULLs and long values gives them all back, from sound pages."""
    reader = Reader(GeneratedPages(None, page_size, mailbox()))
    check_pages(reader)
    check_space(reader)
    assert reader.rows("mail") == [row(number) for number in range(120)]
    assert reader.rows("numbers") == [{"Id": number, "Name": "same"} for number in range(5000)]
    assert reader.rows("empty") == []
    assert reader.rows("one") == [{"Key": 1, "Long": b"x" * 100_000}]
    assert [entry.values for entry in reader.entries] == [
        entry.values for entry in catalog_entries(reader.page, SHADOW_ROOT)
    ]


@pytest.mark.untraced
@pytest.mark.parametrize("page_size", PAGE_SIZES)
@pytest.mark.parametrize("pages", [1, 2, 3, 4, 23, 24, 29, 30, 31, 34, 35, 200])
def test_a_database_of_any_size(page_size: int, pages: int) -> None:
    """Without a word on tables, one fills all pages; fewer than 31 have no room for any, but they are sound."""
    source = GeneratedPages(pages, page_size)
    reader = Reader(source)
    check_pages(reader)
    assert sum(extent.pages for extent in owned_extents(reader.page, 1)) == pages
    if pages >= 30:
        check_space(reader)
    elif pages >= 24:
        assert [list(catalog_entries(reader.page, root)) for root in (4, SHADOW_ROOT)] == [[], []]
    if pages >= 31:
        rows = reader.rows("Numbers")
        assert [each["Number"] for each in rows] == list(range(len(rows)))
        assert len(rows) >= (pages - 45) * (page_size // 1024)


@pytest.mark.untraced
def test_a_database_of_three_levels() -> None:
    """The rows of a larger database are all found too."""
    reader = Reader(GeneratedPages(1200, 4096))
    check_space(reader)
    rows = reader.rows("Numbers")
    assert [each["Number"] for each in rows] == list(range(len(rows)))
    assert len(rows) >= (1200 - 175) * 4


@pytest.mark.untraced
@pytest.mark.parametrize("page_size", PAGE_SIZES)
def test_levels_of_numbered_trees_are_linear(page_size: int) -> None:
    """In trees of three levels each page made in a run is the page made by itself; page, row and child numbers go on."""
    from esemu.world.numbered import filling, shape_of

    table = esemu.Table({"Id": "LongLong"}, esemu.Numbered(None))
    for columns, values in ((table.columns, {}), (esemu.Table({"Id": "Long", "T": "Text"}).columns, {"T": "x" * 120})):
        shape = shape_of(columns, values, page_size, 8, 0x40)
        tree = filling(shape, 1000, 2**19)
        assert tree is not None
        for level in tree.levels[:2]:
            inner = range(level.first + 1, level.last)
            for first in inner[:: len(inner) // 3 + 1]:
                count = min(3, level.last - first)
                made = tree.pages(level, first, count)
                assert made == b"".join(tree.single(level, pgno) for pgno in range(first, first + count))
        assert len(tree.levels) >= 2


@pytest.mark.untraced
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_rows_of_any_number_and_size(data: st.DataObject) -> None:
    """However rows fall onto pages, all are found in the order of their keys."""
    page_size = data.draw(st.sampled_from(PAGE_SIZES))
    keys = data.draw(st.sets(st.binary(min_size=1, max_size=60), min_size=1, max_size=120))
    sizes = data.draw(st.lists(st.integers(0, 3000), min_size=len(keys), max_size=len(keys)))
    rows = [(key, b"v" * size or None) for key, size in zip(sorted(keys), sizes, strict=True)]
    table = esemu.Table({"Key": "Binary", "Value": "LongBinary"}, list(reversed(rows)))
    reader = Reader(GeneratedPages(None, page_size, {"t": table}))
    check_pages(reader)
    check_space(reader)
    assert [(each["Key"], each["Value"]) for each in reader.rows("t")] == rows


@pytest.mark.parametrize("kind", ["Short", "Long", "LongLong", "Currency", "UnsignedLong", "IEEEDouble", "DateTime"])
def test_keys_sort_as_numbers_do(kind: str) -> None:
    """Negative numbers come before positive ones, whatever the type of the key."""
    numbers = [0, 1, 255, 256, 30_000] + ([] if kind.startswith("Unsigned") else [-1, -256, -30_000])
    reader = Reader(GeneratedPages(None, 4096, {"t": esemu.Table({"Key": kind}, [[number] for number in numbers])}))
    assert [each["Key"] for each in reader.rows("t")] == sorted(numbers)


def test_many_tables_make_a_large_catalog() -> None:
    """A catalog that outgrows its first extent gets more pages, and so do its indexes and its copy."""
    columns = {f"Column{number}": "Long" for number in range(40)}
    reader = Reader(GeneratedPages(None, 4096, {f"Table{number}": esemu.Table(columns) for number in range(60)}))
    check_pages(reader)
    check_space(reader)
    assert len(reader.trees()) == 6 + 60
    assert len(list(walk(reader.page, 4))) > 30


@pytest.mark.untraced
def test_the_largest_database_costs_nothing() -> None:
    """16 TiB are laid out at once, a thousand random reads keep no more than a few MiB, and the last page is sound."""
    source = GeneratedPages(2**32 - 1, 4096)
    step = 4_294_967
    tracemalloc.start()
    try:
        kept = []
        for number in range(1000):
            pgno = number * step % (2**32 - 20) + 1
            pages = source.read(pgno, 1)
            assert number % 50 or unsound_pages(pages, pgno, 4096) == []
            kept.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert max(kept) < 12 << 20
    assert unsound_pages(source.read(2**32 - 3, 3), 2**32 - 3, 4096) == []
    assert any(source.read(2**32 - 1, 1))


def test_page_sizes_and_orders_of_reads_do_not_matter() -> None:
    """The same pages come out whatever is read before, and pages behind the end are zeros."""
    whole = bytes(GeneratedPages(900, 4096).read(1, 900))
    source = GeneratedPages(900, 4096)
    for first, count in ((890, 11), (1, 3), (128, 300), (127, 2), (500, 64), (31, 98)):
        assert bytes(source.read(first, count)) == whole[(first - 1) * 4096 : (first - 1 + count) * 4096]
    assert bytes(source.read(901, 2)) == bytes(8192)


def test_a_page_is_written_again() -> None:
    """A write changes dbtime, flush type and checksum of a page, and nothing that was read before."""
    source = GeneratedPages(200, 4096)
    before = source.read(50, 20)
    kept = bytes(before)
    source.write(60)
    after = bytes(source.read(50, 20))
    assert bytes(before) == kept != after
    assert after[: 10 * 4096] + after[11 * 4096 :] == kept[: 10 * 4096] + kept[11 * 4096 :]
    old, new = Page.parse(kept[40960:45056]), Page.parse(after[40960:45056])
    assert (new.header.dbtime, source.dbtime) == (0x41, 0x41)
    assert new.lines == old.lines
    assert [page.header.flags >> 15 & 3 for page in (old, new)] == [1, 2]
    check_pages(Reader(source))
    for _ in range(2):
        source.write(60)
    assert Page.parse(source.read(60, 1)).header.flags >> 15 & 3 == 1


def test_bytes_are_written_as_they_are() -> None:
    """A page may be written with any content, whole or not, as damage is."""
    source = GeneratedPages(200, 4096)
    source.write(60, b"x" * 4096)
    assert bytes(source.read(60, 1)) == b"x" * 4096
    assert unsound_pages(source.read(1, 200), 1, 4096) == [60]
    for pgno, page, message in (
        (0, None, "no page 0"),
        (201, None, "no page 201"),
        (60, b"x", "4096 bytes, not 1"),
        (28, bytes(4095), "4096 bytes"),
    ):
        with pytest.raises(ValueError, match=message):
            source.write(pgno, page)
    source.write(70, bytes(4096))
    with pytest.raises(ValueError, match="Page 70 was never written"):
        source.write(70)


@pytest.mark.parametrize("last_page", [2, 3, 40])
def test_a_database_of_one_page_grows(last_page: int) -> None:
    """It gets space trees as soon as there is room for both; every page is sound."""
    pages = GeneratedPages(1, 4096)
    pages.grow(last_page)
    pages.grow(41)
    assert not unsound_pages(pages.read(1, 41), 1, 4096)
    assert {extent.last for extent in owned_extents(lambda pgno: pages.read(pgno, 1), 1)} == {41}


@pytest.mark.parametrize("before", [1, 2, 3, 100])
def test_a_database_grows(before: int) -> None:
    """New pages belong to the root of the database and are free; the pages that say so are written anew."""
    source = GeneratedPages(before, 4096)
    source.read(1, before)
    source.grow(before + 50)
    assert source.last_page == before + 50
    if before < 30:  # it was too small for a catalog, and it does not get one
        pages = bytes(source.read(1, before + 50))
        assert unsound_pages(pages, 1, 4096) == []
        assert sum(extent.pages for extent in owned_extents(lambda pgno: source.read(pgno, 1), 1)) == before + 50
        return
    reader = Reader(source)
    assert sum(extent.pages for extent in owned_extents(reader.page, 1)) == before + 50
    check_pages(reader)
    check_space(reader)
    assert available_extents(reader.page, 1)[-1].last == 150


@pytest.mark.parametrize(
    ("tables", "pages", "message"),
    [
        (mailbox(), 40, "take more than the 40 pages"),
        (mailbox(), 29, "30 pages at least, not 29"),
        ({"t": esemu.Table({"A": "Long"}, [(1,), (1,)])}, None, "Two rows have the same value in their key"),
        ({"t": esemu.Table({"A": "Long"}, [{"B": 1}])}, None, "values for B"),
        ({"t": esemu.Table({"A": "Long"}, [(None,)])}, None, "without a value in its key"),
        ({"t": esemu.Table({"A": "Long"}, [(1, 2)])}, None, "A row of 2 values"),
        (
            {"t": esemu.Table({"A": "Long", "B": "Text"}, [(1, "x" * 200)])},
            None,
            "400 bytes do not fit into column 'B'",
        ),
        (
            {"t": esemu.Table({"A": "Long"} | {f"B{n}": "Binary" for n in range(20)}, [(1, *[b"x" * 255] * 20)])},
            None,
            "A row of",
        ),
    ],
)
def test_what_cannot_be_stored_is_refused(tables: Mapping[str, esemu.Table], pages: int | None, message: str) -> None:
    """Tables that do not fit and rows that are none are a ValueError when the first page is asked for."""
    with pytest.raises(ValueError, match=message):
        GeneratedPages(pages, 4096, tables).read(1, 1)


def test_types_are_those_of_the_engine() -> None:
    """Every type of columns can be used, with its number in the catalog."""
    assert {name: TYPES[name].number for name in EVERY_TYPE.values()} == {
        "Bit": 1,
        "UnsignedByte": 2,
        "Short": 3,
        "Long": 4,
        "Currency": 5,
        "IEEESingle": 6,
        "IEEEDouble": 7,
        "DateTime": 8,
        "Binary": 9,
        "Text": 10,
        "LongBinary": 11,
        "LongText": 12,
        "UnsignedLong": 14,
        "LongLong": 15,
        "GUID": 16,
        "UnsignedShort": 17,
    }


def test_a_node_that_is_too_large_is_refused() -> None:
    """A tree cannot have a node that fits on none of its pages."""
    from esemu.formats.tree import NodeTree

    with pytest.raises(ValueError, match="does not fit on a page of 4096"):
        NodeTree([Node(b"k", bytes(4096))], 4096)
