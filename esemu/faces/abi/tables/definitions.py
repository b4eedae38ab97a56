# SPDX-License-Identifier: MIT
"""The exported functions that make and open tables, their columns and their indexes, whole ones and temporary ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import bytes_at, pointer_at, put_pointer, put_ulong, ulong_at
from esemu.faces.abi.tables.keys import Segment
from esemu.faces.abi.tables.store import (
    DEFINITION,
    DEFINITION_SIZE,
    Column,
    Index,
    Table,
    of_cursor,
    signature_of,
    store_of,
)
from esemu.formats import columns as formats
from esemu.vocabulary import errors as err, table_numbers as bits
from esemu.vocabulary.structures import STRUCTURES
from esemu.world.tables import NAME_MOST

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.faces.abi.interface import Interface
    from esemu.faces.abi.tables.store import Catalog, Cursor, Store
    from esemu.faces.abi.text import Text

    Handler = Callable[..., int]

NOT_HERE: Final = bits.JET_bitColumnMultiValued
"""Bits of columns that are taken, and do nothing: a column has one value."""

NO_GRBIT: Final = 0


def _places(structure: str) -> dict[str, int]:
    return {field.name: field.offset for field in STRUCTURES[structure].fields}


def fields_at(address: int, structure: str) -> dict[str, int]:
    """Return the numbers and pointers of a structure by the names of its fields."""
    return {
        field.name: (pointer_at if field.size == 8 else ulong_at)(address + field.offset)
        for field in STRUCTURES[structure].fields
    }


# Tables.


def catalog_of(interface: Interface, session: int, dbid: int) -> Catalog | int:
    """Return the tables of a database, or the error of a session or a database that is none."""
    found = interface.process.sessions.get(session)
    if found is None:
        return err.JET_errInvalidSesid
    database = next((each for each in found.instance.databases if each.dbid == dbid and each.open_by), None)
    if database is None:
        return err.JET_errInvalidDatabaseId
    return store_of(interface).catalog(signature_of(database), database.name)


def table_of(interface: Interface, session: int, dbid: int, name: str | None) -> tuple[Catalog, Table] | int:
    """Return a table by name, and those that it is one of, or an error."""
    catalog = catalog_of(interface, session, dbid)
    if isinstance(catalog, int):
        return catalog
    if not is_name(name):
        return err.JET_errInvalidName
    table = catalog.tables.get((name or "").lower())
    return err.JET_errObjectNotFound if table is None else (catalog, table)


def is_name(name: str | None) -> bool:
    """Return whether a table, a column or an index may have a name."""
    return bool(name) and len(name or "") <= NAME_MOST


def _new_table(interface: Interface, session: int, dbid: int, name: str | None) -> tuple[Catalog, Table] | int:
    catalog = catalog_of(interface, session, dbid)
    if isinstance(catalog, int):
        return catalog
    if name is None or not is_name(name):
        return err.JET_errInvalidName
    if name.lower() in catalog.tables:
        return err.JET_errTableDuplicate
    store_of(interface).changes(session, catalog)
    table = catalog.tables[name.lower()] = Table(name)
    store_of(interface).changed(session, lambda: catalog.tables.pop(name.lower(), None))
    return catalog, table


def create_table(
    interface: Interface, text: Text, session: int, dbid: int, name: int, pages: int, density: int, tableid: int
) -> int:
    """JetCreateTable: the table is open then."""
    made = _new_table(interface, session, dbid, text.read(name))
    if isinstance(made, int):
        return made
    catalog, table = made
    put_pointer(tableid, store_of(interface).open(session, table, catalog))
    return err.JET_errSuccess


def open_table(
    interface: Interface,
    text: Text,
    session: int,
    dbid: int,
    name: int,
    parameters: int,
    size: int,
    grbit: int,
    tableid: int,
) -> int:
    """JetOpenTable: the cursor stands on the first row."""
    found = table_of(interface, session, dbid, text.read(name))
    if isinstance(found, int):
        return found
    catalog, table = found
    put_pointer(tableid, store_of(interface).open(session, table, catalog))
    return err.JET_errSuccess


def delete_table(interface: Interface, text: Text, session: int, dbid: int, name: int, grbit: int = 0) -> int:
    """JetDeleteTable: nobody may have it open."""
    found = table_of(interface, session, dbid, text.read(name))
    if isinstance(found, int):
        return found
    catalog, table = found
    store = store_of(interface)
    if any(cursor.table is table for cursor in store.cursors.values()):
        return err.JET_errTableInUse
    store.changes(session, catalog)
    del catalog.tables[table.name.lower()]
    store.changed(session, lambda: catalog.tables.__setitem__(table.name.lower(), table))
    return err.JET_errSuccess


def rename_table(interface: Interface, text: Text, session: int, dbid: int, name: int, new: int) -> int:
    """JetRenameTable."""
    found, after = table_of(interface, session, dbid, text.read(name)), text.read(new)
    if isinstance(found, int):
        return found
    catalog, table = found
    if after is None or not is_name(after):
        return err.JET_errInvalidName
    if after.lower() in catalog.tables:
        return err.JET_errTableDuplicate
    before = table.name
    store_of(interface).changes(session, catalog)

    def named(old: str, name: str) -> None:
        catalog.tables[name.lower()] = catalog.tables.pop(old.lower())
        table.name = name

    named(before, after)
    store_of(interface).changed(session, lambda: named(after, before))
    return err.JET_errSuccess


def close_table(interface: Interface, text: None, session: int, tableid: int) -> int:
    """JetCloseTable: what was prepared is lost."""
    return of_cursor(lambda text, cursor: _closed(cursor.store, tableid))(interface, text, session, tableid)


def _closed(store: Store, tableid: int) -> int:
    del store.cursors[tableid]
    return err.JET_errSuccess


def _dup_cursor(text: None, cursor: Cursor, tableid: int, grbit: int) -> int:
    """JetDupCursor: another cursor of the table."""
    put_pointer(tableid, cursor.store.open(cursor.session, cursor.table, cursor.catalog))
    return err.JET_errSuccess


# Columns.


def new_column(
    table: Table, name: str, kind: int, code_page: int, size: int, grbit: int, default: bytes | None
) -> Column:
    """Add a column to a table.  KeyError: there is no such type.

    Types of one size are fixed, and what may be long is tagged, unless a bit says otherwise (fcreate.cxx).
    """
    type_ = formats.TYPE_OF_NUMBER[kind]
    if grbit & bits.JET_bitColumnTagged or type_.is_long:
        first, most = formats.TAGGED_FIRST, 1 << 16
    elif grbit & bits.JET_bitColumnFixed or type_.code:
        first, most = formats.FIXED_FIRST, formats.VARIABLE_FIRST
    else:
        first, most = formats.VARIABLE_FIRST, formats.TAGGED_FIRST
    number = first + sum(first <= each < most for each in table.ids)
    code_page = (code_page or formats.ASCII) if type_.is_text else 0
    form = formats.Column(name, number, type_, type_.size or size, code_page=code_page)
    column = table.columns[name.lower()] = table.ids[number] = Column(name, number, form, grbit, default)
    return column


def _added(cursor: Cursor, name: str | None, *described: Any) -> Column | int:
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
    column = _added(cursor, text.read(name), kind, code_page, most, grbit, value)
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


# Indexes.


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
        return _indexes_of(text, cursor, array, number_of, f"JET_INDEXCREATE{number}_A")[0]

    return create


def _indexes_of(text: Text, cursor: Cursor, array: int, number: int, structure: str) -> tuple[int, int]:
    """Make indexes until one is refused, and return the error and how many were made; each structure says its own size."""
    for made in range(number):
        if error := _index_of(text, cursor, array, structure):
            return error, made
        array += ulong_at(array)
    return err.JET_errSuccess, number


def _index_of(text: Text, cursor: Cursor, address: int, structure: str) -> int:
    """Make the index that a structure describes, and store the error in it."""
    given, places = fields_at(address, structure), _places(structure)
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


# Whole tables.


def table_creator(number: str, indexes: str) -> Handler:
    """Return JetCreateTableColumnIndex, 2 to 5, which take a JET_TABLECREATE, 2 to 5, with indexes in their own structure."""
    structure, index_structure = f"JET_TABLECREATE{number}_A", f"JET_INDEXCREATE{indexes}_A"
    places, size = _places(structure), STRUCTURES[structure].size
    column_size = STRUCTURES["JET_COLUMNCREATE_A"].size

    def create(interface: Interface, text: Text, session: int, dbid: int, address: int) -> int:
        if not address or ulong_at(address) != size:
            return err.JET_errInvalidParameter
        given = fields_at(address, structure)
        if (given["cColumns"] and not given["rgcolumncreate"]) or (given["cIndexes"] and not given["rgindexcreate"]):
            return err.JET_errInvalidParameter
        if given["szTemplateTableName"]:
            return err.JET_errFeatureNotAvailable
        made = _new_table(interface, session, dbid, text.read(given["szTableName"]))
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
            error, made_indexes = _indexes_of(text, cursor, given["rgindexcreate"], given["cIndexes"], index_structure)
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
    given, places = fields_at(address, "JET_COLUMNCREATE_A"), _places("JET_COLUMNCREATE_A")
    if given["cbStruct"] != STRUCTURES["JET_COLUMNCREATE_A"].size:
        return err.JET_errInvalidParameter
    default = bytes_at(given["pvDefault"], given["cbDefault"]) if given["pvDefault"] and given["cbDefault"] else None
    column = _added(
        cursor, text.read(given["szColumnName"]), given["coltyp"], given["cp"], given["cbMax"], given["grbit"], default
    )
    error = column if isinstance(column, int) else err.JET_errSuccess
    put_ulong(address + places["err"], error & 0xFFFFFFFF)
    if isinstance(column, Column):
        put_ulong(address + places["columnid"], column.id)
    return error


# Temporary tables.


def temporary_table(interface: Interface, session: int, columns: int, number: int, grbit: int, ids: int) -> int:
    """Make a table of no database, sorted by the columns that are its key, and return the number of a cursor, or an error."""
    if session not in interface.process.sessions:
        return err.JET_errInvalidSesid
    if not columns or not number or not ids:
        return err.JET_errInvalidParameter
    table, key = Table("temporary"), []
    for place in range(number):
        at = columns + place * DEFINITION_SIZE
        kind, most, given = (ulong_at(at + DEFINITION[each]) for each in ("coltyp", "cbMax", "grbit"))
        if kind not in formats.TYPE_OF_NUMBER:
            return err.JET_errInvalidColumnType
        code_page = ulong_at(at + DEFINITION["cp"]) & 0xFFFF
        column = new_column(table, f"{place}", kind, code_page, most, given & 0xFFFFFF3F, None)
        put_ulong(ids + 4 * place, column.id)
        if given & bits.JET_bitColumnTTKey:
            key.append(Segment(column, bool(given & bits.JET_bitColumnTTDescending)))
    if key:
        unique = bits.JET_bitIndexPrimary if grbit & bits.JET_bitTTUnique else NO_GRBIT
        table.indexes = {"": Index("", tuple(key), unique)}
    return store_of(interface).open(session, table)


def temporary_opener(grbit: int) -> Handler:
    """Return JetOpenTempTable, 2 or 3; the grbit is at this place of the arguments behind the session."""

    def opened(interface: Interface, text: None, session: int, columns: int, number: int, *rest: int) -> int:
        found = temporary_table(interface, session, columns, number, rest[grbit], rest[-1])
        if found < 0:
            return found
        put_pointer(rest[-2], found)
        return err.JET_errSuccess

    return opened


def structured_opener(structure: str) -> Handler:
    """Return JetOpenTemporaryTable or JetOpenTemporaryTable2."""
    places = _places(structure)

    def opened(interface: Interface, text: None, session: int, address: int) -> int:
        if not address or ulong_at(address) != STRUCTURES[structure].size:
            return err.JET_errInvalidParameter
        given = fields_at(address, structure)
        found = temporary_table(
            interface, session, given["prgcolumndef"], given["ccolumn"], given["grbit"], given["prgcolumnid"]
        )
        if found < 0:
            return found
        put_pointer(address + places["tableid"], found)
        return err.JET_errSuccess

    return opened


HANDLERS: Final[dict[str, Any]] = {
    "JetCreateTable": create_table,
    "JetOpenTable": open_table,
    "JetDeleteTable": delete_table,
    "JetDeleteTable2": delete_table,
    "JetRenameTable": rename_table,
    "JetCloseTable": close_table,
    "JetDupCursor": of_cursor(_dup_cursor),
    "JetAddColumn": of_cursor(_add_column, changes=True),
    "JetDeleteColumn": of_cursor(_delete_column, changes=True),
    "JetDeleteColumn2": of_cursor(_delete_column, changes=True),
    "JetCreateIndex": of_cursor(_create_index, changes=True),
    "JetCreateIndex2": of_cursor(index_creator(""), changes=True),
    "JetCreateIndex3": of_cursor(index_creator("2"), changes=True),
    "JetCreateIndex4": of_cursor(index_creator("3"), changes=True),
    "JetDeleteIndex": of_cursor(_delete_index, changes=True),
    "JetCreateTableColumnIndex": table_creator("", ""),
    "JetCreateTableColumnIndex2": table_creator("2", ""),
    "JetCreateTableColumnIndex3": table_creator("3", "2"),
    "JetCreateTableColumnIndex4": table_creator("4", "3"),
    "JetCreateTableColumnIndex5": table_creator("5", "3"),
    "JetOpenTempTable": temporary_opener(0),
    "JetOpenTempTable2": temporary_opener(1),
    "JetOpenTempTable3": temporary_opener(1),
    "JetOpenTemporaryTable": structured_opener("JET_OPENTEMPORARYTABLE"),
    "JetOpenTemporaryTable2": structured_opener("JET_OPENTEMPORARYTABLE2"),
}
"""By the name without A and W."""
