# SPDX-License-Identifier: MIT
"""The exported functions that write rows and read their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import bytes_at, pointer_at, put, put_ulong, ulong_at
from esemu.faces.abi.tables.catalogs import offsets
from esemu.faces.abi.tables.store import of_cursor
from esemu.vocabulary import errors as err, table_numbers as bits
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from esemu.faces.abi.tables.model import Column, Row
    from esemu.faces.abi.tables.store import Cursor

_SET: Final = offsets("JET_SETINFO")
_SET_COLUMN: Final = offsets("JET_SETCOLUMN")
_RETRIEVE: Final = offsets("JET_RETINFO")
_RETRIEVE_COLUMN: Final = offsets("JET_RETRIEVECOLUMN")

STORAGE: Final = (
    bits.JET_bitSetSeparateLV
    | bits.JET_bitSetIntrinsicLV
    | bits.JET_bitSetUncompressed
    | bits.JET_bitSetCompressed
    | bits.JET_bitSetContiguousLV
)
"""Bits of JetSetColumn that say how a value is stored."""

PARTS: Final = bits.JET_bitSetAppendLV | bits.JET_bitSetOverwriteLV | bits.JET_bitSetSizeLV
"""Bits of JetSetColumn for a part of a long value."""

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
        return err.JET_errNoCurrentRecord
    if preparation == bits.JET_prepInsertCopy:
        cursor.prepared = _counted(cursor, dict(row))
    else:
        cursor.prepared = dict(row)
        cursor.replaced = cursor.place[1]
    return err.JET_errSuccess


def _counted(cursor: Cursor, row: Row) -> Row:
    """Give a new row the next number of each column that counts."""
    for column in cursor.table.ids.values():
        if column.grbit & bits.JET_bitColumnAutoincrement:
            column.counted += 1
            row[column.id] = column.counted.to_bytes(column.format.type.size, "little")
        elif column.grbit & bits.JET_bitColumnVersion:
            row[column.id] = bytes(column.format.type.size)
    return row


def _set_column(text: None, cursor: Cursor, columnid: int, data: int, size: int, grbit: int, info: int) -> int:
    """JetSetColumn: a value, or with NULL none; a JET_SETINFO may say which, and where in a long one it begins."""
    offset, number = (ulong_at(info + _SET[each]) for each in ("ibLongValue", "itagSequence")) if info else (0, 1)
    return _set(cursor, columnid, data, size, grbit, offset, number)


def _set(cursor: Cursor, columnid: int, data: int, size: int, grbit: int, offset: int, number: int) -> int:
    """Set the value of a column in the row that is being prepared; 0 stands for one behind all that there are."""
    if cursor.prepared is None:
        return err.JET_errUpdateNotPrepared
    column = cursor.table.ids.get(columnid)
    if column is None:
        return err.JET_errColumnNotFound
    present = cursor.prepared.get(columnid)
    if grbit & ~(STORAGE | PARTS | bits.JET_bitSetZeroLength) or number > 1 or (number == 0 and present is not None):
        return err.JET_errFeatureNotAvailable
    if grbit & PARTS:
        if size and not data and not grbit & bits.JET_bitSetSizeLV:
            return err.JET_errInvalidParameter
        return _set_part(cursor.prepared, column, data, size, grbit, offset)
    if offset:
        return err.JET_errFeatureNotAvailable
    value = bytes_at(data, size) if data and size else b"" if grbit & bits.JET_bitSetZeroLength else None
    if value and column.format.type.size and len(value) != column.format.type.size:
        return err.JET_errInvalidBufferSize
    if value is None and column.grbit & bits.JET_bitColumnNotNULL:
        return err.JET_errNullInvalid
    if value and not column.format.type.is_long and len(value) > (column.format.size or 255):
        return err.JET_errColumnTooBig
    cursor.prepared[columnid] = value
    return err.JET_errSuccess


def _set_part(row: Row, column: Column, data: int, size: int, grbit: int, offset: int) -> int:
    """Append to a long value, write over bytes of it, or give it another size."""
    if not column.format.type.is_long:
        return err.JET_errInvalidGrbit
    value = bytearray(row.get(column.id) or b"")
    if grbit & bits.JET_bitSetAppendLV:
        value += bytes_at(data, size)
    elif offset > len(value):
        return err.JET_errColumnNoChunk
    elif grbit & bits.JET_bitSetOverwriteLV:
        value[offset : offset + size] = bytes_at(data, size)
    else:
        value = value[:size].ljust(size, b"\0")
    row[column.id] = bytes(value)
    return err.JET_errSuccess


def _asked(structure: str, at: Mapping[str, int], array: int, number: int) -> Iterator[tuple[int, list[int]]]:
    """Give the address of each structure of an array, and which column it is about, how much of it, how, from where on, which value."""
    size = STRUCTURES[structure].size
    for each in range(array, array + number * size, size):
        names = ("columnid", "cbData", "grbit", "ibLongValue", "itagSequence")
        yield each, [ulong_at(each + at[name]) for name in names]


def _set_columns(text: None, cursor: Cursor, array: int, number: int) -> int:
    """JetSetColumns: the error of each is in its JET_SETCOLUMN, and the first is returned."""
    at, error = _SET_COLUMN, 0
    if number and not array:
        return err.JET_errInvalidParameter
    for each, (columnid, length, grbit, offset, place) in _asked("JET_SETCOLUMN", at, array, number):
        own = _set(cursor, columnid, pointer_at(each + at["pvData"]), length, grbit, offset, place)
        put_ulong(each + at["err"], own & 0xFFFFFFFF)
        error = error or own
    return error


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
    if error := table.enter(row, number, old):
        return error
    cursor.prepared, table.last = None, max(table.last, number)
    mark = table.primary.key(table.whole(row), number) or b""
    logged = len(mark) + sum(map(len, filter(None, row.values())))
    if old is None:
        cursor.store.changed(cursor.session, lambda: table.leave(number), logged)
    else:
        cursor.store.changed(cursor.session, lambda: table.enter(old, number, table.rows[number]), logged)
        if cursor.place[1] == number:
            cursor.go_to(number)
    if bookmark:
        put(bookmark, mark[:size])
    put_ulong(actual, len(mark))
    return err.JET_errSuccess


def _next_version(cursor: Cursor, row: Row) -> None:
    for column in cursor.table.ids.values():
        if column.grbit & bits.JET_bitColumnVersion:
            version = int.from_bytes(row.get(column.id) or b"", "little") + 1
            row[column.id] = version.to_bytes(column.format.type.size, "little")


def _delete(text: None, cursor: Cursor) -> int:
    """JetDelete: the cursor stays where the row was."""
    table, number, row = cursor.table, cursor.place[1], cursor.row()
    if row is None:
        return err.JET_errNoCurrentRecord
    table.leave(number)
    cursor.store.changed(cursor.session, lambda: table.enter(row, number))
    return err.JET_errSuccess


def _escrow(
    text: None, cursor: Cursor, columnid: int, data: int, size: int, old: int, old_size: int, actual: int, grbit: int
) -> int:
    """JetEscrowUpdate: add a number to a column that was made for that."""
    column, number, row = cursor.table.ids.get(columnid), cursor.place[1], cursor.row()
    if column is None:
        return err.JET_errColumnNotFound
    if not column.grbit & bits.JET_bitColumnEscrowUpdate:
        return err.JET_errInvalidOperation
    width = column.format.type.size
    if size != width or not data:
        return err.JET_errInvalidBufferSize
    if row is None:
        return err.JET_errNoCurrentRecord
    before = cursor.table.value(row, column) or bytes(width)
    if old:
        put(old, before[:old_size])
    put_ulong(actual, width)
    total = int.from_bytes(before, "little") + int.from_bytes(bytes_at(data, size), "little")
    table, after = cursor.table, row | {columnid: (total % (1 << 8 * width)).to_bytes(width, "little")}
    error = table.enter(after, number, row)
    cursor.store.changed(cursor.session, lambda: table.enter(row, number, table.rows[number]))
    return error


def _retrieve_column(
    text: None, cursor: Cursor, columnid: int, data: int, size: int, actual: int, grbit: int, info: int
) -> int:
    """JetRetrieveColumn: as much of the value as there is room for; a JET_RETINFO may say which, and from where on."""
    offset, number = (ulong_at(info + _RETRIEVE[each]) for each in ("ibLongValue", "itagSequence")) if info else (0, 1)
    value = _value(cursor, columnid, grbit, offset, number)
    if isinstance(value, int):
        return value
    if info:
        put_ulong(info + _RETRIEVE["columnidNextTagged"], columnid)
    return _given(value, data, size, actual)


def _value(cursor: Cursor, columnid: int, grbit: int, offset: int, number: int) -> bytes | int | None:
    """Return the rest of a value, None if there is none, or an error."""
    column = cursor.table.ids.get(columnid)
    if column is None:
        return err.JET_errColumnNotFound
    row = cursor.prepared if grbit & bits.JET_bitRetrieveCopy else None
    if row is None:
        row = cursor.row()
    if row is None:
        return err.JET_errNoCurrentRecord
    value = cursor.table.value(row, column) if number == 1 else None
    return None if value is None else value[offset:]


def _given(value: bytes | None, data: int, size: int, actual: int) -> int:
    """Store as much of a value as there is room for, and its size."""
    put_ulong(actual, len(value or b""))
    if value is None:
        return err.JET_wrnColumnNull
    if data and size:
        put(data, value[:size])
    return err.JET_wrnBufferTruncated if len(value) > size else err.JET_errSuccess


def _retrieve_columns(text: None, cursor: Cursor, array: int, number: int) -> int:
    """JetRetrieveColumns: what came of each is in its JET_RETRIEVECOLUMN; errors are returned, and a value that was cut."""
    at, result = _RETRIEVE_COLUMN, 0
    if number and not array:
        return err.JET_errInvalidParameter
    for each, (columnid, room, grbit, offset, place) in _asked("JET_RETRIEVECOLUMN", at, array, number):
        value = _value(cursor, columnid, grbit, offset, place or 1)
        if isinstance(value, int):
            return value
        own = _given(value, pointer_at(each + at["pvData"]), room, each + at["cbActual"])
        put_ulong(each + at["columnidNextTagged"], columnid)
        put_ulong(each + at["err"], own)
        if own == err.JET_wrnBufferTruncated:
            result = own
    return result


HANDLERS: Final[dict[str, Any]] = {
    "JetPrepareUpdate": of_cursor(_prepare),
    "JetSetColumn": of_cursor(_set_column),
    "JetSetColumns": of_cursor(_set_columns),
    "JetUpdate": of_cursor(_update, changes=True),
    "JetUpdate2": of_cursor(_update, changes=True),
    "JetDelete": of_cursor(_delete, changes=True),
    "JetEscrowUpdate": of_cursor(_escrow, changes=True),
    "JetRetrieveColumn": of_cursor(_retrieve_column),
    "JetRetrieveColumns": of_cursor(_retrieve_columns),
}
"""By the name without A and W."""
