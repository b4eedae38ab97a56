# SPDX-License-Identifier: MIT
"""The exported functions that add and delete columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import bytes_at, put_ulong, ulong_at
from esemu.faces.abi.tables.catalogs import is_name
from esemu.faces.abi.tables.model import DEFINITION, DEFINITION_SIZE, Column, Table
from esemu.faces.abi.tables.store import of_cursor
from esemu.formats import columns as formats
from esemu.vocabulary import errors as err, table_numbers as bits

if TYPE_CHECKING:
    from esemu.faces.abi.tables.store import Cursor
    from esemu.faces.abi.text import Text


def new_column(
    table: Table, name: str, kind: int, code_page: int, size: int, grbit: int, default: bytes | None
) -> Column:
    """Add a column to a table.  KeyError: there is no such type.

    Types of one size are fixed, and what may be long is tagged, unless a bit says otherwise (fcreate.cxx).
    """
    type_ = formats.TYPE_OF_NUMBER[kind]
    if grbit & bits.JET_bitColumnTagged or type_.is_long:
        first = formats.TAGGED_FIRST
    elif grbit & bits.JET_bitColumnFixed or type_.code:
        first = formats.FIXED_FIRST
    else:
        first = formats.VARIABLE_FIRST
    number = table.numbered[first] = table.numbered.get(first, first - 1) + 1
    code_page = (code_page or formats.ASCII) if type_.is_text else 0
    form = formats.Column(name, number, type_, type_.size or size, code_page=code_page)
    column = table.columns[name.lower()] = table.ids[number] = Column(name, number, form, grbit, default)
    return column


def added(cursor: Cursor, name: str | None, *described: Any) -> Column | int:
    """Add a column to the table of a cursor, or return an error."""
    table = cursor.table
    if name is None or not is_name(name):
        return err.JET_errInvalidName
    if name.lower() in table.columns:
        return err.JET_errColumnDuplicate
    if described[0] not in formats.TYPE_OF_NUMBER:
        return err.JET_errInvalidColumnType
    column = new_column(table, name, *described)
    cursor.store.changed(cursor.session, lambda: _dropped(table, column))
    return column


def _dropped(table: Table, column: Column) -> None:
    del table.columns[column.name.lower()], table.ids[column.id]


def _add_column(text: Text, cursor: Cursor, name: int, definition: int, default: int, size: int, columnid: int) -> int:
    """JetAddColumn."""
    if not definition or ulong_at(definition) != DEFINITION_SIZE:
        return err.JET_errInvalidParameter
    kind, most, grbit = (ulong_at(definition + DEFINITION[each]) for each in ("coltyp", "cbMax", "grbit"))
    code_page = ulong_at(definition + DEFINITION["cp"]) & 0xFFFF
    value = bytes_at(default, size) if default and size else None
    column = added(cursor, text.read(name), kind, code_page, most, grbit, value)
    if isinstance(column, int):
        return column
    put_ulong(columnid, column.id)
    return err.JET_errSuccess


def _delete_column(text: Text, cursor: Cursor, name: int, grbit: int = 0) -> int:
    """JetDeleteColumn: not one of an index."""
    table = cursor.table
    column = table.columns.get((text.read(name) or "").lower())
    if column is None:
        return err.JET_errColumnNotFound
    if any(segment.column is column for index in table.indexes.values() for segment in index.segments):
        return err.JET_errColumnInUse
    _dropped(table, column)

    def back() -> None:
        table.columns[column.name.lower()] = table.ids[column.id] = column

    cursor.store.changed(cursor.session, back)
    return err.JET_errSuccess


def _rename_column(text: Text, cursor: Cursor, name: int, new: int, grbit: int) -> int:
    """JetRenameColumn."""
    table, after = cursor.table, text.read(new)
    column = table.columns.get((text.read(name) or "").lower())
    if grbit:
        return err.JET_errFeatureNotAvailable
    if column is None:
        return err.JET_errColumnNotFound
    if after is None or not is_name(after):
        return err.JET_errInvalidName
    if after.lower() in table.columns:
        return err.JET_errColumnDuplicate
    before = column.name
    _named(table, column, after)
    cursor.store.changed(cursor.session, lambda: _named(table, column, before))
    return err.JET_errSuccess


def _named(table: Table, column: Column, name: str) -> None:
    table.columns[name.lower()] = table.columns.pop(column.name.lower())
    column.name = name


HANDLERS: Final[dict[str, Any]] = {
    "JetAddColumn": of_cursor(_add_column, changes=True),
    "JetRenameColumn": of_cursor(_rename_column, changes=True),
    "JetDeleteColumn": of_cursor(_delete_column, changes=True),
    "JetDeleteColumn2": of_cursor(_delete_column, changes=True),
}
"""By the name without A and W."""
