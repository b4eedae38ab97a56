# SPDX-License-Identifier: MIT
"""The exported functions that make a table with its columns and indexes from one structure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import bytes_at, put_pointer, put_ulong, ulong_at
from esemu.faces.abi.tables.catalogs import fields_at, new_table, offsets
from esemu.faces.abi.tables.columns import added
from esemu.faces.abi.tables.indexes import indexes_of
from esemu.faces.abi.tables.model import Column
from esemu.faces.abi.tables.store import store_of
from esemu.vocabulary import errors as err
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.faces.abi.interface import Interface
    from esemu.faces.abi.tables.store import Cursor
    from esemu.faces.abi.text import Text

    Handler = Callable[..., int]


def table_creator(number: str, indexes: str) -> Handler:
    """Return JetCreateTableColumnIndex, 2 to 5, which take a JET_TABLECREATE, 2 to 5, with indexes in their own structure."""
    structure, index_structure = f"JET_TABLECREATE{number}_A", f"JET_INDEXCREATE{indexes}_A"
    places, size = offsets(structure), STRUCTURES[structure].size
    column_size = STRUCTURES["JET_COLUMNCREATE_A"].size

    def create(interface: Interface, text: Text, session: int, dbid: int, address: int) -> int:
        if not address or ulong_at(address) != size:
            return err.JET_errInvalidParameter
        given = fields_at(address, structure)
        if (given["cColumns"] and not given["rgcolumncreate"]) or (given["cIndexes"] and not given["rgindexcreate"]):
            return err.JET_errInvalidParameter
        if given["szTemplateTableName"]:
            return err.JET_errFeatureNotAvailable
        made = new_table(interface, session, dbid, text.read(given["szTableName"]))
        if isinstance(made, int):
            return made
        catalog, table = made
        store = store_of(interface)
        tableid = store.open(session, table, catalog)
        cursor, created, error = store.cursors[tableid], 1, 0
        columns = given["rgcolumncreate"]
        for each in range(columns, columns + given["cColumns"] * column_size, column_size):
            error = error or _column_of(text, cursor, each)
            created += not error
        if not error:
            error, made_indexes = indexes_of(text, cursor, given["rgindexcreate"], given["cIndexes"], index_structure)
            created += made_indexes
        if error:
            del store.cursors[tableid], catalog.tables[table.name.lower()]
            return error
        put_pointer(address + places["tableid"], tableid)
        put_ulong(address + places["cCreated"], created)
        return err.JET_errSuccess

    return create


def _column_of(text: Text, cursor: Cursor, address: int) -> int:
    """Make the column that a JET_COLUMNCREATE describes, and store its number and the error in it."""
    given, places = fields_at(address, "JET_COLUMNCREATE_A"), offsets("JET_COLUMNCREATE_A")
    if given["cbStruct"] != STRUCTURES["JET_COLUMNCREATE_A"].size:
        return err.JET_errInvalidParameter
    default = bytes_at(given["pvDefault"], given["cbDefault"]) if given["pvDefault"] and given["cbDefault"] else None
    column = added(
        cursor, text.read(given["szColumnName"]), given["coltyp"], given["cp"], given["cbMax"], given["grbit"], default
    )
    error = column if isinstance(column, int) else err.JET_errSuccess
    put_ulong(address + places["err"], error & 0xFFFFFFFF)
    if isinstance(column, Column):
        put_ulong(address + places["columnid"], column.id)
    return error


HANDLERS: Final[dict[str, Any]] = {
    "JetCreateTableColumnIndex": table_creator("", ""),
    "JetCreateTableColumnIndex2": table_creator("2", ""),
    "JetCreateTableColumnIndex3": table_creator("3", "2"),
    "JetCreateTableColumnIndex4": table_creator("4", "3"),
    "JetCreateTableColumnIndex5": table_creator("5", "3"),
}
"""By the name without A and W."""
