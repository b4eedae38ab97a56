# SPDX-License-Identifier: MIT
"""Tables as a user writes them down, and what is no table."""

from typing import Any

import pytest

import esemu


def test_columns_are_numbered_by_how_they_are_stored() -> None:
    """Fixed columns count from 1, those of variable size from 128, long ones from 256; fixed ones have their places."""
    table = esemu.Table({"A": "Long", "B": "Text", "C": "LongText", "D": "Short", "E": "GUID", "F": "LongBinary"})
    assert [(column.name, column.number, column.offset) for column in table.columns] == [
        ("A", 1, 4),
        ("B", 128, 0),
        ("C", 256, 0),
        ("D", 2, 8),
        ("E", 3, 10),
        ("F", 257, 0),
    ]
    assert table.key.name == "A"


def test_rows_are_mappings_or_sequences() -> None:
    """Both give values by name; values at the end may be left out."""
    table = esemu.Table({"A": "Long", "B": "Text", "C": "Text"})
    assert table.values({"A": 1, "C": "x"}) == {"A": 1, "C": "x"}
    assert table.values((1, "y")) == {"A": 1, "B": "y"}
    with pytest.raises(TypeError, match="no row"):
        table.values("abc")


def test_numbered_rows_show_what_they_are() -> None:
    """The repr of numbered rows can be read."""
    assert repr(esemu.Numbered(5, A=1)) == "Numbered(5, **{'A': 1})"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((5,), TypeError, "must map names to types"),
        (({},), ValueError, "has a column at least"),
        (({"A": "Integer"},), ValueError, "of type 'Integer', and there are Bit"),
        (({"A": 4},), ValueError, "of type 4"),
        (({1: "Long"},), TypeError, "name of a column is 1"),
        (({"": "Long"},), ValueError, "no column can be named ''"),
        (({"A!": "Long"},), ValueError, "no column can be named"),
        (({"A" * 65: "Long"},), ValueError, "no column can be named"),
        (({"A": "Text"},), ValueError, "can be no key"),
        (({"A": "LongBinary"},), ValueError, "can be no key"),
        (({f"A{n}": "Long" for n in range(128)},), ValueError, "are the most"),
        (({"A": "Long"}, 5), TypeError, "rows is 5"),
        (({"A": "Long"}, "rows"), TypeError, "must be a sequence of rows"),
        (({"A": "Short"}, esemu.Numbered(3)), ValueError, "no integer"),
        (({"A": "Long"}, esemu.Numbered(3, B=1)), ValueError, "values for B"),
        (({"A": "Long"}, esemu.Numbered(3, A=1)), ValueError, "values for A"),
        (({"A": "Long", "B": "Binary"}, esemu.Numbered(3, B=bytes(300))), ValueError, "300 bytes do not fit"),
    ],
)
def test_what_is_no_table_is_refused(arguments: tuple[Any, ...], error: type[Exception], message: str) -> None:
    """A description that means nothing is a TypeError or a ValueError where it is written down."""
    with pytest.raises(error, match=message):
        esemu.Table(*arguments)


@pytest.mark.parametrize(("count", "error"), [(0, ValueError), (-1, ValueError), ("3", TypeError), (1.5, TypeError)])
def test_numbers_of_rows(count: Any, error: type[Exception]) -> None:
    """Numbered rows are at least one."""
    with pytest.raises(error):
        esemu.Numbered(count)


@pytest.mark.parametrize(
    ("tables", "error", "message"),
    [
        ([], TypeError, "must map names"),
        ({"a": 1}, TypeError, "must be an esemu.Table"),
        ({"a.b": esemu.Table({"A": "Long"})}, ValueError, "no table can be named"),
        ({"a": esemu.Table({"A": "Long"}), "A": esemu.Table({"A": "Long"})}, ValueError, "two tables 'A'"),
        ({n: esemu.Table({"A": "Long"}, esemu.Numbered()) for n in "ab"}, ValueError, "one table at most can fill"),
    ],
)
def test_databases_take_tables(tables: Any, error: type[Exception], message: str) -> None:
    """What a database is given as tables are tables, with names of their own."""
    with pytest.raises(error, match=message):
        esemu.Database(r"C:\a.edb", tables=tables)
    with pytest.raises(ValueError, match="not both"):
        esemu.Database(r"C:\a.edb", source=bytes(4096), tables={})
