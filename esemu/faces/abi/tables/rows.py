# SPDX-License-Identifier: MIT
"""The exported functions that write rows: what is prepared, put into the table, deleted, or counted up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import bytes_at, put, put_ulong
from esemu.faces.abi.tables.store import of_cursor
from esemu.vocabulary import errors as err, table_numbers as bits

if TYPE_CHECKING:
    from esemu.faces.abi.tables.model import Row
    from esemu.faces.abi.tables.store import Cursor

REPLACES: Final = frozenset({bits.JET_prepReplace, bits.JET_prepReplaceNoLock})


def _prepare(text: None, cursor: Cursor, preparation: int) -> int:
    """JetPrepareUpdate: to insert a row, to replace the present one, or to think better of it."""
    if preparation == bits.JET_prepCancel:
        had, cursor.prepared = cursor.prepared, None
        return err.JET_errUpdateNotPrepared if had is None else err.JET_errSuccess
    if cursor.prepared is not None:
        return err.JET_errAlreadyPrepared
    cursor.replaced = 0
    if preparation == bits.JET_prepInsert:
        cursor.prepared = _counted(cursor, {})
        return err.JET_errSuccess
    if preparation not in REPLACES and preparation != bits.JET_prepInsertCopy:
        return err.JET_errInvalidParameter
    row = cursor.row()
    if row is None:
        return cursor.no_row
    if preparation == bits.JET_prepInsertCopy:
        cursor.prepared = _counted(cursor, dict(row))
    else:
        cursor.prepared = dict(row)
        cursor.replaced = cursor.number
    return err.JET_errSuccess


def _counted(cursor: Cursor, row: Row) -> Row:
    """Give a new row the next number of each column that counts."""
    for column in cursor.table.ids.values():
        if column.grbit & bits.JET_bitColumnAutoincrement:
            column.counted += 1
            row[column.id] = (column.counted.to_bytes(column.format.type.size, "little"),)
        elif column.grbit & bits.JET_bitColumnVersion:
            row[column.id] = (bytes(column.format.type.size),)
    return row


def _update(text: None, cursor: Cursor, bookmark: int, size: int, actual: int, grbit: int = 0) -> int:
    """JetUpdate: the row is in the table, and the cursor stays where it was, or moves with the row that it replaces."""
    if cursor.prepared is None:
        return err.JET_errUpdateNotPrepared
    table, row = cursor.table, cursor.prepared
    number = cursor.replaced or table.last + 1
    old = table.rows.get(number) if cursor.replaced else None
    if cursor.replaced and old is None:
        return err.JET_errRecordDeleted
    if old is not None:
        _next_version(cursor, row)
    stood = old is not None and cursor.number == number
    if error := table.enter(row, number, old):
        return error
    cursor.prepared, table.last = None, max(table.last, number)
    mark = table.mark(row, number)
    logged = len(mark) + sum(len(value) for values in row.values() for value in values)
    if old is None:
        cursor.store.changed(cursor.session, lambda: table.leave(number), logged)
    else:
        cursor.store.changed(cursor.session, lambda: table.enter(old, number, table.rows[number]), logged)
        if stood:
            cursor.go_to(number)
    if bookmark:
        put(bookmark, mark[:size])
    put_ulong(actual, len(mark))
    return err.JET_errSuccess


def _next_version(cursor: Cursor, row: Row) -> None:
    for column in cursor.table.ids.values():
        if column.grbit & bits.JET_bitColumnVersion:
            version = int.from_bytes(cursor.table.value(row, column) or b"", "little") + 1
            row[column.id] = (version.to_bytes(column.format.type.size, "little"),)


def _delete(text: None, cursor: Cursor) -> int:
    """JetDelete: the cursor stays where the row was."""
    table, number, row = cursor.table, cursor.number, cursor.row()
    if row is None:
        return cursor.no_row
    table.leave(number)
    cursor.store.changed(cursor.session, lambda: table.enter(row, number))
    return err.JET_errSuccess


def _escrow(
    text: None, cursor: Cursor, columnid: int, data: int, size: int, old: int, old_size: int, actual: int, grbit: int
) -> int:
    """JetEscrowUpdate: add a number to a column that was made for that."""
    column, number, row = cursor.table.ids.get(columnid), cursor.number, cursor.row()
    if column is None:
        return err.JET_errColumnNotFound
    if not column.grbit & bits.JET_bitColumnEscrowUpdate:
        return err.JET_errInvalidOperation
    width = column.format.type.size
    if size != width or not data:
        return err.JET_errInvalidBufferSize
    if row is None:
        return cursor.no_row
    before = cursor.table.value(row, column) or bytes(width)
    if old:
        put(old, before[:old_size])
    put_ulong(actual, width)
    total = int.from_bytes(before, "little") + int.from_bytes(bytes_at(data, size), "little")
    table, after = cursor.table, row | {columnid: ((total % (1 << 8 * width)).to_bytes(width, "little"),)}
    error = table.enter(after, number, row)
    cursor.store.changed(cursor.session, lambda: table.enter(row, number, table.rows[number]))
    return error


HANDLERS: Final[dict[str, Any]] = {
    "JetPrepareUpdate": of_cursor(_prepare),
    "JetUpdate": of_cursor(_update, changes=True),
    "JetUpdate2": of_cursor(_update, changes=True),
    "JetDelete": of_cursor(_delete, changes=True),
    "JetEscrowUpdate": of_cursor(_escrow, changes=True),
}
"""By the name without A and W."""
