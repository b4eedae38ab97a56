# SPDX-License-Identifier: MIT
"""The exported functions that make and delete indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import bytes_at, put_ulong, ulong_at
from esemu.faces.abi.tables.catalogs import fields_at, is_name, offsets
from esemu.faces.abi.tables.keys import Segment
from esemu.faces.abi.tables.model import Index, Table
from esemu.faces.abi.tables.store import of_cursor
from esemu.vocabulary import errors as err, table_numbers as bits
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.faces.abi.tables.store import Cursor, Store
    from esemu.faces.abi.text import Text

    Handler = Callable[..., int]


def _new_index(cursor: Cursor, name: str | None, grbit: int, key: str) -> int:
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
    error = table.add_index(Index(name, tuple(segments), grbit))
    if not error:
        cursor.store.changed(cursor.session, lambda: table.indexes.pop(name.lower()))
        if grbit & bits.JET_bitIndexPrimary:
            _moved(cursor.store, table)
    return error


def _moved(store: Store, table: Table) -> None:
    """Let the cursors that have read the order of insertion read the primary index."""
    for cursor in store.cursors.values():
        if cursor.table is table and not cursor.index.segments:
            number = cursor.place[1]
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
    error = _new_index(cursor, text.read(given["szIndexName"]), given["grbit"], key)
    put_ulong(address + places["err"], error & 0xFFFFFFFF)
    return error


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
    del table.indexes[key]

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
