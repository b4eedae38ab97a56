# SPDX-License-Identifier: MIT
"""The exported functions that make and delete indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import bytes_at, put_ulong, ulong_at
from esemu.faces.abi.tables.catalogs import fields_at, is_name, offsets
from esemu.faces.abi.tables.keys import Segment
from esemu.faces.abi.tables.model import Condition, Index, Table
from esemu.faces.abi.tables.store import of_cursor
from esemu.vocabulary import errors as err, table_numbers as bits
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.faces.abi.tables.store import Cursor
    from esemu.faces.abi.text import Text

    Handler = Callable[..., int]

COLUMNS_MOST: Final = 16
"""JET_ccolKeyMost (jethdr.w)."""

_CONDITION_SIZE: Final = STRUCTURES["JET_CONDITIONALCOLUMN_A"].size
"""Bytes of a JET_CONDITIONALCOLUMN; both forms have the same fields."""


def _new_index(cursor: Cursor, name: str | None, grbit: int, key: str, conditions: tuple[Condition, ...] = ()) -> int:
    """Add an index to the table of a cursor: its key names columns, each with + or - before it, and ends with an empty one."""
    table = cursor.table
    if name is None or not is_name(name):
        return err.JET_errInvalidName
    if name.lower() in table.indexes:
        return err.JET_errIndexDuplicate
    if grbit & bits.JET_bitIndexPrimary and table.primary.segments:
        return err.JET_errIndexHasPrimary
    segments = []
    for part in key.partition("\0\0")[0].split("\0"):
        column = table.columns.get(part.lstrip("+-").lower())
        if not part:
            return err.JET_errIndexInvalidDef
        if column is None:
            return err.JET_errColumnNotFound
        segments.append(Segment(column, part[0] == "-"))
    index = Index(name, tuple(segments), grbit, conditions)
    numbers = [(each, each.number) for each in cursor.store.cursors.values() if each.table is table]
    error = table.add_index(index)
    if not error:
        cursor.store.changed(cursor.session, lambda: table.drop_index(index))
        if index is table.primary:
            _moved(numbers, table)
    return error


def _moved(numbers: list[tuple[Cursor, int]], table: Table) -> None:
    """Let cursors stay on their rows, which have other bookmarks, and those in the order of insertion read the primary index."""
    for cursor, number in numbers:
        if not cursor.index.segments:
            cursor.index = table.primary
        if not cursor.go_to(number):
            cursor.first()


def _create_index(text: Text, cursor: Cursor, name: int, grbit: int, key: int, size: int, density: int) -> int:
    """JetCreateIndex."""
    if not key or not size:
        return err.JET_errInvalidParameter
    return _new_index(cursor, text.read(name), grbit, _key_text(text, key, size))


def _key_text(text: Text, key: int, size: int) -> str:
    return bytes_at(key, size).decode(text.encoding, "replace")


def index_creator(number: str) -> Handler:
    """Return JetCreateIndex2, 3 or 4, which take arrays of JET_INDEXCREATE, 2 or 3."""

    def create(text: Text, cursor: Cursor, array: int, number_of: int) -> int:
        if not array or not number_of:
            return err.JET_errInvalidParameter
        return indexes_of(text, cursor, array, number_of, f"JET_INDEXCREATE{number}_A")[0]

    return create


def indexes_of(text: Text, cursor: Cursor, array: int, number: int, structure: str) -> tuple[int, int]:
    """Make indexes until one is refused, and return the error and how many were made; each structure says its own size."""
    for made in range(number):
        if error := _index_of(text, cursor, array, structure):
            return error, made
        array += ulong_at(array)
    return err.JET_errSuccess, number


def _index_of(text: Text, cursor: Cursor, address: int, structure: str) -> int:
    """Make the index that a structure describes, and store the error in it."""
    given, places = fields_at(address, structure), offsets(structure)
    if given["cbStruct"] not in {STRUCTURES[structure].size, places["cbKeyMost"]}:  # the older one ends before it
        return err.JET_errInvalidParameter
    key = _key_text(text, given["szKey"], given["cbKey"]) if given["szKey"] else ""
    conditions = _conditions(text, cursor, given["rgconditionalcolumn"], given["cConditionalColumn"])
    error = conditions if isinstance(conditions, int) else err.JET_errSuccess
    if not isinstance(conditions, int):
        error = _new_index(cursor, text.read(given["szIndexName"]), given["grbit"], key, conditions)
    put_ulong(address + places["err"], error & 0xFFFFFFFF)
    return error


def _conditions(text: Text, cursor: Cursor, array: int, number: int) -> tuple[Condition, ...] | int:
    """Return what an array of JET_CONDITIONALCOLUMN asks for, or an error (fcreate.cxx:6671)."""
    if number and not array:
        return err.JET_errInvalidParameter
    if number > COLUMNS_MOST:
        return err.JET_errIndexInvalidDef
    found = []
    for each in range(array, array + number * _CONDITION_SIZE, _CONDITION_SIZE):
        given = fields_at(each, "JET_CONDITIONALCOLUMN_A")
        if given["cbStruct"] != _CONDITION_SIZE:
            return err.JET_errIndexInvalidDef
        if given["grbit"] not in {bits.JET_bitIndexColumnMustBeNull, bits.JET_bitIndexColumnMustBeNonNull}:
            return err.JET_errInvalidGrbit
        column = cursor.table.columns.get((text.read(given["szColumnName"]) or "").lower())
        if column is None:
            return err.JET_errColumnNotFound
        found.append(Condition(column, given["grbit"] == bits.JET_bitIndexColumnMustBeNull))
    return tuple(found)


def _delete_index(text: Text, cursor: Cursor, name: int) -> int:
    """JetDeleteIndex: not the primary one, nor one that a cursor uses."""
    table, key = cursor.table, (text.read(name) or "").lower()
    index = table.indexes.get(key) if key else None
    if index is None:
        return err.JET_errIndexNotFound
    if index is table.primary:
        return err.JET_errIndexMustStay
    if any(each.index is index for each in cursor.store.cursors.values()):
        return err.JET_errIndexInUse
    table.drop_index(index)

    def back() -> None:
        index.entries.clear()
        table.add_index(index)

    cursor.store.changed(cursor.session, back)
    return err.JET_errSuccess


HANDLERS: Final[dict[str, Any]] = {
    "JetCreateIndex": of_cursor(_create_index, changes=True),
    "JetCreateIndex2": of_cursor(index_creator(""), changes=True),
    "JetCreateIndex3": of_cursor(index_creator("2"), changes=True),
    "JetCreateIndex4": of_cursor(index_creator("3"), changes=True),
    "JetDeleteIndex": of_cursor(_delete_index, changes=True),
}
"""By the name without A and W."""
