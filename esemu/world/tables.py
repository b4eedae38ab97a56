# SPDX-License-Identifier: MIT
"""What a user says of a table: its columns and its rows, written down one by one, or numbered without end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.formats.columns import (
    FIXED_FIRST,
    NOT_NULL,
    TAGGED_FIRST,
    TYPES,
    UNICODE,
    VARIABLE_FIRST,
    Column,
)
from esemu.formats.records import record_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: How long a name may be (jethdr.w, JET_cbNameMost), and what may not be in it (utils.cxx).
NAME_MOST: Final = 64
_NOT_IN_NAMES: Final = frozenset("!.[]")
_RECORD_START: Final = 4  # fixed columns begin behind the record's header
_FIXED_MOST: Final = 127
_VARIABLE_MOST: Final = 128


class Numbered:
    """Rows whose key is 0, 1, 2 and so on, `count` of them, and which all have the same `values` in other columns.

    They are made when a page of them is read, so that there may be as many as a database of 16 TiB has room for.
    Without `count` they fill what room there is; one table of a database may do that.
    """

    __slots__ = ("count", "values")

    def __init__(self, count: int | None = None, /, **values: Any) -> None:
        if count is not None:
            if not isinstance(count, int):
                raise TypeError(f"count is {count!r}; it must be an int or None")
            if count < 1:
                raise ValueError(f"count is {count}; it must be at least 1")
        self.count = count
        self.values = values

    def __repr__(self) -> str:
        """Show the number and the values."""
        return f"Numbered({self.count}, **{self.values!r})"


class Table:
    """A table: `columns` maps names to types, `rows` are mappings from those names, or sequences in their order.

    The types are those of the engine: Bit, UnsignedByte, Short, UnsignedShort, Long, UnsignedLong, LongLong,
    UnsignedLongLong, Currency, IEEESingle, IEEEDouble, DateTime, GUID, Binary and Text up to 255 bytes, LongBinary and
    LongText. Text is Unicode. The first column is the key of the primary index, by which the rows are sorted: it is of
    another type than Text and the long ones, and has a value of its own in every row. Values of long types beyond 1023
    bytes lie outside their row. None, or no value, is NULL.

    Raises TypeError and ValueError for what is no table; for values that their column cannot have when the rows are
    first needed.
    """

    __slots__ = ("columns", "rows")

    def __init__(
        self, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any] | Sequence[Any]] | Numbered = ()
    ) -> None:
        #: The columns as the catalog has them, in the order in which they were given.
        self.columns = _columns(columns)
        self.rows = rows
        if isinstance(rows, Numbered):
            if not self.key.type.is_integer:
                raise ValueError(f"rows are numbered, and column {self.key.name!r} is no integer")
            if unknown := rows.values.keys() - {column.name for column in self.columns[1:]}:
                raise ValueError(
                    f"rows have values for {', '.join(sorted(unknown))}, which are no columns but the first"
                )
            record_of(self.columns, rows.values | {self.key.name: 0})
        elif not hasattr(rows, "__len__") or isinstance(rows, str | bytes):
            raise TypeError(f"rows is {rows!r}; it must be a sequence of rows, or Numbered")

    @property
    def key(self) -> Column:
        """The column of the primary index."""
        return self.columns[0]

    def values(self, row: Mapping[str, Any] | Sequence[Any]) -> dict[str, Any]:
        """Return the values of a row by the names of their columns. ValueError: it has others, or no key."""
        if isinstance(row, str | bytes):
            raise TypeError(f"{row!r} is no row")
        names = [column.name for column in self.columns]
        items: Iterable[tuple[str, Any]]
        if hasattr(row, "items"):
            items = row.items()
        elif len(row) > len(names):
            raise ValueError(f"A row of {len(row)} values in a table of {len(names)} columns")
        else:
            items = zip(names, row, strict=False)
        values = dict(items)
        if unknown := values.keys() - set(names):
            raise ValueError(f"A row has values for {', '.join(sorted(unknown))}, which are no columns")
        if values.get(self.key.name) is None:
            raise ValueError(f"A row without a value in its key, column {self.key.name!r}: {row!r}")
        return values


def check_name(name: Any, what: str) -> str:
    """Return a name that a table or a column can have; raises TypeError or ValueError for others."""
    if not isinstance(name, str):
        raise TypeError(f"the name of a {what} is {name!r}; it must be a str")
    if not 0 < len(name) <= NAME_MOST or not name.isascii() or not name.isprintable() or _NOT_IN_NAMES & set(name):
        raise ValueError(f"no {what} can be named {name!r}")
    return name


def _columns(described: Any) -> tuple[Column, ...]:
    """Return the columns with their numbers and places."""
    if not hasattr(described, "items"):
        raise TypeError(f"columns is {described!r}; it must map names to types")
    made: list[Column] = []
    counts = {FIXED_FIRST: 0, VARIABLE_FIRST: 0, TAGGED_FIRST: 0}
    at = _RECORD_START
    for name, type_name in described.items():
        kind = TYPES.get(type_name) if isinstance(type_name, str) else None
        if kind is None:
            raise ValueError(
                f"column {check_name(name, 'column')!r} is of type {type_name!r}, and there are {', '.join(TYPES)}"
            )
        first = FIXED_FIRST if kind.code else TAGGED_FIRST if kind.is_long else VARIABLE_FIRST
        column = Column(
            check_name(name, "column"),
            first + counts[first],
            kind,
            kind.size or (0 if kind.is_long else 255),
            flags=0 if made else NOT_NULL,
            code_page=UNICODE if kind.is_text else 0,
            offset=at if kind.code else 0,
        )
        counts[first] += 1
        at += kind.size
        made.append(column)
    if not made:
        raise ValueError("a table has a column at least")
    if made[0].type.is_long or made[0].type.is_text:
        raise ValueError(f"column {made[0].name!r} of type {made[0].type.name} is first and can be no key")
    if counts[FIXED_FIRST] > _FIXED_MOST or counts[VARIABLE_FIRST] > _VARIABLE_MOST:
        raise ValueError(f"{_FIXED_MOST} columns of fixed and {_VARIABLE_MOST} of variable size are the most")
    return tuple(made)
