# SPDX-License-Identifier: MIT
"""Tables in memory, just enough of them for the set-up of a test of backups: rows are inserted, and read in that order.

They are no part of the emulated engine: nothing of them is in the pages of a database, no transaction takes anything back,
there is one index, that of insertion, and what a program does beyond that is not emulated.  They belong to the signature of a
database, so that they are there again when it is attached again, and in a copy of it that was restored.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import bytes_at, put, put_pointer, put_ulong, signed, ulong_at
from esemu.faces.database_info import header_of
from esemu.vocabulary import errors as err
from esemu.vocabulary.choices import COLUMN_INFO, MOVES, UPDATES
from esemu.vocabulary.structures import STRUCTURES
from esemu.world.tables import NAME_MOST

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.faces.abi.interface import Interface
    from esemu.faces.abi.text import Text

    Handler = Callable[..., int]

_DEFINITION: Final = {field.name: field.offset for field in STRUCTURES["JET_COLUMNDEF"].fields}
_DEFINITION_SIZE: Final = STRUCTURES["JET_COLUMNDEF"].size

_SETINFO: Final = {field.name: field.offset for field in STRUCTURES["JET_SETINFO"].fields}

FIXED_BIT: Final = 0x1
"""JET_bitColumnFixed (jethdr.w:4550)."""

ZERO_LENGTH: Final = 0x20
"""JET_bitSetZeroLength: a value of no bytes, where NULL alone stands for no value (jethdr.w:4849)."""

STORAGE_BITS: Final = 0x40 | 0x400 | 0x10000 | 0x20000 | 0x40000
"""Bits of JetSetColumn that say how a value is stored: separate or in the record, compressed or not, contiguous."""

RETRIEVE_COPY: Final = 0x1
"""JET_bitRetrieveCopy: what was set and is not in the table yet (jethdr.w)."""


class Column:
    """A column: its JET_COLUMNDEF as the program gave it, with its number in it."""

    __slots__ = ("default", "definition", "id", "name")

    def __init__(self, name: str, number: int, definition: bytes, default: bytes | None) -> None:
        self.name = name
        self.id = number
        at = _DEFINITION["columnid"]
        self.definition = definition[:at] + number.to_bytes(4, "little") + definition[at + 4 :]
        self.default = default


class Table:
    """Columns by name, in lower case, and rows: values by number of the column."""

    __slots__ = ("columns", "rows")

    def __init__(self) -> None:
        self.columns: dict[str, Column] = {}
        self.rows: list[dict[int, bytes]] = []


class Cursor:
    """A table that a session has open: where it stands, -1 before the first row, and the row that is being prepared."""

    __slots__ = ("place", "prepared", "replaces", "session", "table")

    def __init__(self, session: int, table: Table) -> None:
        self.session = session
        self.table = table
        self.place = 0
        self.prepared: dict[int, bytes] | None = None
        self.replaces = False


class Store:
    """The tables of a process, by signature of the database and name, and the cursors by their JET_TABLEID."""

    __slots__ = ("cursors", "numbers", "tables")

    def __init__(self) -> None:
        self.tables: dict[tuple[bytes, str], Table] = {}
        self.cursors: dict[int, Cursor] = {}
        self.numbers = count(0x1000, 0x10)

    def open(self, session: int, table: Table) -> int:
        """Return the number of a new cursor."""
        number = next(self.numbers)
        self.cursors[number] = Cursor(session, table)
        return number


def store_of(interface: Interface) -> Store:
    """Return the tables of a process."""
    if interface.tables is None:
        interface.tables = Store()
    return interface.tables  # type: ignore[no-any-return]


# Tables.


def _key(interface: Interface, session: int, dbid: int, name: str | None) -> tuple[bytes, str] | int:
    """Return where a table is kept, or the error of a session, a database or a name that is none."""
    found = interface.process.sessions.get(session)
    if found is None:
        return err.JET_errInvalidSesid
    database = next((each for each in found.instance.databases if each.dbid == dbid and each.open_by), None)
    if database is None:
        return err.JET_errInvalidDatabaseId
    if not name or len(name) > NAME_MOST:
        return err.JET_errInvalidName
    return header_of(database).sign_db.to_bytes(), name.lower()


def create_table(
    interface: Interface, text: Text, session: int, dbid: int, name: int, pages: int, density: int, tableid: int
) -> int:
    """JetCreateTable: the table is open then."""
    key = _key(interface, session, dbid, text.read(name))
    if isinstance(key, int):
        return key
    store = store_of(interface)
    if key in store.tables:
        return err.JET_errTableDuplicate
    table = store.tables[key] = Table()
    put_pointer(tableid, store.open(session, table))
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
    key = _key(interface, session, dbid, text.read(name))
    if isinstance(key, int):
        return key
    table = store_of(interface).tables.get(key)
    if table is None:
        return err.JET_errObjectNotFound
    put_pointer(tableid, store_of(interface).open(session, table))
    return err.JET_errSuccess


def delete_table(interface: Interface, text: Text, session: int, dbid: int, name: int) -> int:
    """JetDeleteTable: nobody may have it open."""
    key = _key(interface, session, dbid, text.read(name))
    if isinstance(key, int):
        return key
    store = store_of(interface)
    table = store.tables.get(key)
    if table is None:
        return err.JET_errObjectNotFound
    if any(cursor.table is table for cursor in store.cursors.values()):
        return err.JET_errTableInUse
    del store.tables[key]
    return err.JET_errSuccess


def _cursor(interface: Interface, session: int, tableid: int) -> Cursor | int:
    """Return the cursor, or the error of a session or a number that is none."""
    if session not in interface.process.sessions:
        return err.JET_errInvalidSesid
    cursor = store_of(interface).cursors.get(tableid)
    return err.JET_errInvalidTableId if cursor is None or cursor.session != session else cursor


def of_cursor(handler: Handler) -> Handler:
    """Return a handler that gets the cursor in the place of session and table."""

    def found(interface: Interface, text: Text | None, session: int, tableid: int, *rest: int) -> int:
        cursor = _cursor(interface, session, tableid)
        return cursor if isinstance(cursor, int) else handler(text, cursor, *rest)

    return found


def close_table(interface: Interface, text: None, session: int, tableid: int) -> int:
    """JetCloseTable: what was prepared is lost."""
    cursor = _cursor(interface, session, tableid)
    if isinstance(cursor, int):
        return cursor
    del store_of(interface).cursors[tableid]
    return err.JET_errSuccess


# Columns.


def _add_column(text: Text, cursor: Cursor, name: int, definition: int, default: int, size: int, columnid: int) -> int:
    """JetAddColumn."""
    shown, table = text.read(name), cursor.table
    if not shown:
        return err.JET_errInvalidName
    if not definition or ulong_at(definition) != _DEFINITION_SIZE:
        return err.JET_errInvalidParameter
    if shown.lower() in table.columns:
        return err.JET_errColumnDuplicate
    given = bytes_at(definition, _DEFINITION_SIZE)
    fixed = ulong_at(definition + _DEFINITION["grbit"]) & FIXED_BIT
    first = 1 if fixed else 256  # fixed columns have numbers from 1 on, tagged ones from 256 on
    number = first + sum(each.id >= 256 if not fixed else each.id < 256 for each in table.columns.values())
    value = bytes_at(default, size) if default and size else None
    table.columns[shown.lower()] = Column(shown, number, given, value)
    put_ulong(columnid, number)
    return err.JET_errSuccess


def _column_info(text: Text, cursor: Cursor, name: int, result: int, size: int, level: int) -> int:
    """JetGetTableColumnInfo: a JET_COLUMNDEF, of a column by name or by number."""
    columns = cursor.table.columns
    if level == COLUMN_INFO["JET_ColInfoByColid"]:
        number = ulong_at(name) if name else 0
        column = next((each for each in columns.values() if each.id == number), None)
    elif level == COLUMN_INFO["JET_ColInfo"]:
        column = columns.get((text.read(name) or "").lower())
    else:
        return err.JET_errFeatureNotAvailable
    if column is None:
        return err.JET_errColumnNotFound
    if size < _DEFINITION_SIZE:
        return err.JET_errInvalidParameter
    put(result, column.definition)
    return err.JET_errSuccess


# Rows.


def _prepare(text: None, cursor: Cursor, preparation: int) -> int:
    """JetPrepareUpdate: to insert a row, to replace the present one, or to think better of it."""
    if preparation == UPDATES["JET_prepCancel"]:
        had, cursor.prepared = cursor.prepared, None
        return err.JET_errUpdateNotPrepared if had is None else err.JET_errSuccess
    if cursor.prepared is not None:
        return err.JET_errAlreadyPrepared
    rows = cursor.table.rows
    if preparation == UPDATES["JET_prepInsert"]:
        cursor.replaces = False
        cursor.prepared = {each.id: each.default for each in cursor.table.columns.values() if each.default is not None}
    elif preparation in {UPDATES["JET_prepReplace"], UPDATES["JET_prepReplaceNoLock"]}:
        if not 0 <= cursor.place < len(rows):
            return err.JET_errNoCurrentRecord
        cursor.replaces = True
        cursor.prepared = dict(rows[cursor.place])
    else:
        return err.JET_errInvalidParameter
    return err.JET_errSuccess


def _set_column(text: None, cursor: Cursor, columnid: int, data: int, size: int, grbit: int, info: int) -> int:
    """JetSetColumn: a value, or with NULL none; a JET_SETINFO may say that it is the first, and whole."""
    if cursor.prepared is None:
        return err.JET_errUpdateNotPrepared
    if all(each.id != columnid for each in cursor.table.columns.values()):
        return err.JET_errColumnNotFound
    if grbit & ~(STORAGE_BITS | ZERO_LENGTH) or (info and not _whole(info, columnid in cursor.prepared)):
        return err.JET_errFeatureNotAvailable
    cursor.prepared.pop(columnid, None)
    if (data and size) or grbit & ZERO_LENGTH:
        cursor.prepared[columnid] = bytes_at(data, size) if data else b""
    return err.JET_errSuccess


def _whole(info: int, has_value: bool) -> bool:
    """Return whether a JET_SETINFO means all of the only value of a column: 0 stands for a further one."""
    number = ulong_at(info + _SETINFO["itagSequence"])
    return not ulong_at(info + _SETINFO["ibLongValue"]) and (number == 1 or (number == 0 and not has_value))


def _update(text: None, cursor: Cursor, bookmark: int, size: int, actual: int) -> int:
    """JetUpdate: the row is in the table, and the cursor stays where it was."""
    if cursor.prepared is None:
        return err.JET_errUpdateNotPrepared
    place = cursor.place
    if cursor.replaces:
        cursor.table.rows[place] = cursor.prepared
    else:
        cursor.table.rows.append(cursor.prepared)
        place = len(cursor.table.rows) - 1
    cursor.prepared = None
    mark = place.to_bytes(4, "big")
    if bookmark:
        put(bookmark, mark[:size])
    put_ulong(actual, len(mark))
    return err.JET_errSuccess


def _move(text: None, cursor: Cursor, rows: int, grbit: int) -> int:
    """JetMove: to the first or the last row, or some rows on or back."""
    cursor.prepared = None
    rows = signed(rows)
    last = len(cursor.table.rows) - 1
    if rows == MOVES["JET_MoveFirst"]:
        cursor.place = 0
    elif rows == MOVES["JET_MoveLast"]:
        cursor.place = last
    else:
        cursor.place = max(-1, min(cursor.place + rows, last + 1))
    return err.JET_errSuccess if 0 <= cursor.place <= last else err.JET_errNoCurrentRecord


def _retrieve_column(
    text: None, cursor: Cursor, columnid: int, data: int, size: int, actual: int, grbit: int, info: int
) -> int:
    """JetRetrieveColumn: as much of the value as there is room for."""
    if all(each.id != columnid for each in cursor.table.columns.values()):
        return err.JET_errColumnNotFound
    row = cursor.prepared if grbit & RETRIEVE_COPY else None
    if row is None:
        if not 0 <= cursor.place < len(cursor.table.rows):
            return err.JET_errNoCurrentRecord
        row = cursor.table.rows[cursor.place]
    value = row.get(columnid)
    if value is None:
        put_ulong(actual, 0)
        return err.JET_wrnColumnNull
    if data:
        put(data, value[:size])
    put_ulong(actual, len(value))
    return err.JET_wrnBufferTruncated if len(value) > size else err.JET_errSuccess


HANDLERS: Final[dict[str, Any]] = {
    "JetCreateTable": create_table,
    "JetOpenTable": open_table,
    "JetDeleteTable": delete_table,
    "JetCloseTable": close_table,
    "JetAddColumn": of_cursor(_add_column),
    "JetGetTableColumnInfo": of_cursor(_column_info),
    "JetPrepareUpdate": of_cursor(_prepare),
    "JetSetColumn": of_cursor(_set_column),
    "JetUpdate": of_cursor(_update),
    "JetMove": of_cursor(_move),
    "JetRetrieveColumn": of_cursor(_retrieve_column),
}
"""By the name without A and W."""
