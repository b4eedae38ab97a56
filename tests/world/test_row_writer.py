# SPDX-License-Identifier: MIT
"""Rows that come, change and go: whatever is done, every page is sound, space adds up, and the rows are those of a dictionary."""

import random
from typing import Any

import pytest
from database_reader import Reader, check_pages, check_space
from hypothesis import given, settings, strategies as st

import esemu
from esemu.formats.catalog import SHADOW_ROOT, catalog_entries
from esemu.formats.nodes import walk
from esemu.formats.page import Page
from esemu.world.generated import DBTIME_START, GeneratedPages

pytestmark = pytest.mark.untraced  # it goes through very many pages

PAGE_SIZES = [4096, 8192, 16384, 32768]
COLUMNS = {"Id": "Long", "Name": "Text", "Body": "LongBinary"}


def row(key: int, size: int) -> dict[str, Any]:
    """Return a row whose body has this size."""
    return {"Id": key, "Name": f"Row {key}" if key % 3 else None, "Body": bytes([key % 256]) * size or None}


def database(page_size: int, keys: range = range(0), size: int = 0) -> GeneratedPages:
    """Return a database with a table of rows with these keys, one that is empty, and one of numbered rows."""
    return GeneratedPages(
        None,
        page_size,
        {
            "mail": esemu.Table(COLUMNS, [row(key, size) for key in keys]),
            "empty": esemu.Table({"Key": "Binary", "Body": "LongBinary"}),
            "numbers": esemu.Table({"Id": "Long", "Text": "Text"}, esemu.Numbered(3000, Text="same")),
        },
    )


def sound(source: GeneratedPages) -> Reader:
    """Return a reader of a database in which everything fits together."""
    reader = Reader(source)
    check_pages(reader)
    check_space(reader)
    assert [entry.values for entry in reader.entries] == [
        entry.values for entry in catalog_entries(reader.page, SHADOW_ROOT)
    ]
    return reader


KEYS = st.integers(-40, 40)
SIZES = st.one_of(st.integers(0, 200), st.integers(0, 1100), st.sampled_from([1023, 1024, 5000, 20_000]))
CHANGES = st.lists(st.tuples(st.sampled_from(["insert", "insert", "update", "delete"]), KEYS, SIZES), max_size=25)


@given(st.sampled_from(PAGE_SIZES), st.integers(0, 60), CHANGES)
@settings(max_examples=25, deadline=None, derandomize=True)
def test_rows_are_those_of_a_dictionary(page_size: int, count: int, changes: list[tuple[str, int, int]]) -> None:
    """Rows go in, change and go out in any order; what cannot be done is refused, and changes nothing."""
    source = database(page_size, range(1, 1 + 2 * count, 2), 600)
    expected = {key: row(key, 600) for key in range(1, 1 + 2 * count, 2)}
    for how, key, size in changes:
        if (key in expected) == (how == "insert"):
            with pytest.raises(ValueError if how == "insert" else LookupError, match=r"row .*key, column 'Id'"):
                source.change_rows("mail", how, [key if how == "delete" else row(key, size)])
        elif how == "delete":
            source.change_rows("mail", how, [key])
            del expected[key]
        else:
            source.change_rows("mail", how, [row(key, size)])
            expected[key] = row(key, size)
    assert sound(source).rows("mail") == [expected[key] for key in sorted(expected)]


@pytest.mark.parametrize("page_size", PAGE_SIZES)
def test_trees_grow_and_shrink(page_size: int) -> None:
    """An empty table gets levels, and loses every page but its root when all rows are gone; free pages are used again."""
    source = database(page_size)
    keys = [number.to_bytes(2, "big") * 110 for number in range(max(80, page_size // 125))]
    random.Random(1).shuffle(keys)
    rows = [(key, b"body" * 200) for key in keys]
    source.change_rows("empty", "insert", rows)
    reader = sound(source)
    assert [each["Key"] for each in reader.rows("empty")] == sorted(keys)
    assert len(list(walk(reader.page, reader.trees()["empty"].root))) > 8
    source.change_rows("empty", "delete", keys)
    reader = sound(source)
    assert reader.rows("empty") == []
    assert len(list(walk(reader.page, reader.trees()["empty"].root))) == 1
    source.change_rows("empty", "insert", rows)
    assert sound(source).last == reader.last


def test_rows_of_numbered_tables_change_too() -> None:
    """Rows before, behind and in place of numbered ones make a tree like any other; all others stay as they are."""
    source = database(4096)
    source.change_rows(
        "numbers", "insert", [(number, f"new {number}") for number in [*range(-100, 0), *range(3000, 3400)]]
    )
    source.change_rows("numbers", "delete", range(1000, 1500))
    source.change_rows("numbers", "update", [(number, "changed" * 15) for number in range(2000, 2050)])
    expected = dict.fromkeys(range(3000), "same")
    expected |= {number: f"new {number}" for number in [*range(-100, 0), *range(3000, 3400)]}
    expected |= dict.fromkeys(range(2000, 2050), "changed" * 15)
    rows = {each["Id"]: each["Text"] for each in sound(source).rows("numbers")}
    assert rows == {number: text for number, text in expected.items() if not 1000 <= number < 1500}


def test_a_row_in_the_largest_database() -> None:
    """It takes a handful of pages, however large the table: those that are written again are all that is kept."""
    source = GeneratedPages(2**32 - 1, 8192)
    source.change_rows("Numbers", "insert", [(-1, b"first"), (2**40, b"last")])
    assert len(source._written) < 20


def test_a_full_database_takes_no_more() -> None:
    """No database has more pages than there are numbers; up to there it grows by 256 at a time."""
    source = GeneratedPages(2**32 - 300, 8192)
    assert source.take(200) > 2**32 - 600
    assert source.last_page == 2**32 - 300 + 256
    with pytest.raises(ValueError, match="more than the 4294967295 pages"):
        source.take(1000)


def test_only_pages_that_change_have_a_new_dbtime() -> None:
    """A row that fits changes its page alone, in place; one that does not changes those around it, all at one dbtime."""
    source = database(4096, range(0, 100, 2), 900)
    before = bytes(source.read(1, source.last_page))
    source.change_rows("mail", "update", [row(50, 899)])
    [(_, page)] = changed(source, before)
    assert (page.header.dbtime, source.dbtime) == (DBTIME_START + 1, DBTIME_START + 1)
    before = bytes(source.read(1, source.last_page))
    source.change_rows("mail", "insert", [row(51, 900)])
    assert {page.header.dbtime for _, page in changed(source, before)} == {DBTIME_START + 2}


def changed(source: GeneratedPages, before: bytes) -> list[tuple[int, Page]]:
    """Return the pages that are not as they were."""
    after = bytes(source.read(1, source.last_page))
    numbers = [
        n
        for n in range(1, len(after) // 4096 + 1)
        if after[(n - 1) * 4096 : n * 4096] != before[(n - 1) * 4096 : n * 4096]
    ]
    return [(n, Page.parse(page)) for n in numbers if any(page := after[(n - 1) * 4096 : n * 4096])]


def test_what_cannot_be_is_refused() -> None:
    """There has to be such a table, and a row has to be one of it."""
    source = database(4096)
    for table in ("none", "MSysObjects"):
        with pytest.raises(LookupError, match="no table"):
            source.change_rows(table, "insert", [(1,)])
    for bad, message in ((({"Id": 1, "X": 2}), "values for X"), ((None,), "without a value in its key")):
        with pytest.raises(ValueError, match=message):
            source.change_rows("mail", "insert", [bad])
    with pytest.raises(LookupError, match="no table"):
        GeneratedPages(20, 4096).change_rows("Numbers", "insert", [(1, b"")])
