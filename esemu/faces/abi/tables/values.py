# SPDX-License-Identifier: MIT
"""The exported functions that set the values of a row, and read them: a tagged column has several, by their itagSequence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import bytes_at, pointer_at, put, put_ulong, ulong_at
from esemu.faces.abi.tables.catalogs import offsets
from esemu.faces.abi.tables.keys import Segment, segment_key
from esemu.faces.abi.tables.store import of_cursor
from esemu.vocabulary import errors as err, table_numbers as bits
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from esemu.faces.abi.tables.model import Column, Values
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

UNIQUE: Final = bits.JET_bitSetUniqueMultiValues | bits.JET_bitSetUniqueNormalizedMultiValues
"""Bits of JetSetColumn that let no two values of a column be the same, or nearly the same."""

KNOWN: Final = STORAGE | PARTS | UNIQUE | bits.JET_bitSetZeroLength | bits.JET_bitSetRevertToDefaultValue


def _set_column(text: None, cursor: Cursor, columnid: int, data: int, size: int, grbit: int, info: int) -> int:
    """JetSetColumn: a value, or with NULL none; a JET_SETINFO may say which, and where in a long one it begins."""
    offset, number = (ulong_at(info + _SET[each]) for each in ("ibLongValue", "itagSequence")) if info else (0, 1)
    return _set(cursor, columnid, data, size, grbit, offset, number)


def _set(cursor: Cursor, columnid: int, data: int, size: int, grbit: int, offset: int, number: int) -> int:
    """Set a value of a column in the row that is being prepared; 0 stands for one behind all that there are."""
    row = cursor.prepared
    if row is None:
        return err.JET_errUpdateNotPrepared
    column = cursor.table.ids.get(columnid)
    if column is None:
        return err.JET_errColumnNotFound
    if grbit & ~KNOWN:
        return err.JET_errFeatureNotAvailable
    values = cursor.table.values(row, column)
    place = (min(number or len(values) + 1, len(values) + 1) if column.is_tagged else 1) - 1
    present = values[place] if place < len(values) else None
    value = (
        _part(column, present or b"", data, size, grbit, offset)
        if grbit & PARTS
        else _whole(column, data, size, grbit, offset)
    )
    if isinstance(value, int):
        return value
    others = values[:place] + values[place + 1 :]
    if value is not None and grbit & UNIQUE and _is_among(column, value, others, grbit):
        return err.JET_errMultiValuedDuplicate
    after = values[:place] + (() if value is None else (value,)) + values[place + 1 :]
    if not after and column.grbit & bits.JET_bitColumnNotNULL:
        return err.JET_errNullInvalid
    row[columnid] = after
    if not after and grbit & bits.JET_bitSetRevertToDefaultValue:
        del row[columnid]
    return err.JET_errSuccess


def _whole(column: Column, data: int, size: int, grbit: int, offset: int) -> bytes | int | None:
    """Return a value that is given as a whole, None for none, or an error."""
    if offset:
        return err.JET_errFeatureNotAvailable
    value = bytes_at(data, size) if data and size else b"" if grbit & bits.JET_bitSetZeroLength else None
    if value and column.format.type.size and len(value) != column.format.type.size:
        return err.JET_errInvalidBufferSize
    if value and not column.format.type.is_long and len(value) > (column.format.size or 255):
        return err.JET_errColumnTooBig
    return value


def _part(column: Column, present: bytes, data: int, size: int, grbit: int, offset: int) -> bytes | int:
    """Return a long value to which bytes were appended, over which some were written, or of another size, or an error."""
    if size and not data and not grbit & bits.JET_bitSetSizeLV:
        return err.JET_errInvalidParameter
    if not column.format.type.is_long:
        return err.JET_errInvalidGrbit
    if grbit & bits.JET_bitSetAppendLV:
        return present + bytes_at(data, size)
    if offset > len(present):
        return err.JET_errColumnNoChunk
    if grbit & bits.JET_bitSetOverwriteLV:
        return present[:offset] + bytes_at(data, size) + present[offset + size :]
    return present[:size].ljust(size, b"\0")


def _is_among(column: Column, value: bytes, others: Values, grbit: int) -> bool:
    """Return whether a column has a value already, or one that is the same in a key (fldmod.cxx:1384)."""
    if grbit & bits.JET_bitSetUniqueMultiValues:
        return value in others
    segment = Segment(column, descending=False)
    return segment_key(segment, value) in {segment_key(segment, each) for each in others}


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
    found = values_of(cursor, columnid, copy=bool(grbit & bits.JET_bitRetrieveCopy))
    if isinstance(found, int):
        return found
    column, values = found
    if not number and column.is_tagged:
        return err.JET_errBadItagSequence
    place = number - 1 if column.is_tagged else 0
    return values[place][offset:] if place < len(values) else None


def values_of(cursor: Cursor, columnid: int, *, copy: bool) -> tuple[Column, Values] | int:
    """Return a column and its values in the present row, or in that which is being prepared, or an error."""
    column = cursor.table.ids.get(columnid)
    if column is None:
        return err.JET_errColumnNotFound
    row = cursor.prepared if copy else None
    if row is None:
        row = cursor.row()
    return cursor.no_row if row is None else (column, cursor.table.values(row, column))


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
        found = values_of(cursor, columnid, copy=bool(grbit & bits.JET_bitRetrieveCopy))
        if isinstance(found, int):
            return found
        column, values = found
        put_ulong(each + at["columnidNextTagged"], columnid)
        if not place and column.is_tagged:  # how many there are (fldext.cxx:2620)
            put_ulong(each + at["itagSequence"], len(values))
            put_ulong(each + at["err"], err.JET_errSuccess)
            continue
        index = place - 1 if column.is_tagged else 0
        value = values[index][offset:] if index < len(values) else None
        own = _given(value, pointer_at(each + at["pvData"]), room, each + at["cbActual"])
        put_ulong(each + at["err"], own)
        if own == err.JET_wrnBufferTruncated:
            result = own
    return result


HANDLERS: Final[dict[str, Any]] = {
    "JetSetColumn": of_cursor(_set_column),
    "JetSetColumns": of_cursor(_set_columns),
    "JetRetrieveColumn": of_cursor(_retrieve_column),
    "JetRetrieveColumns": of_cursor(_retrieve_columns),
}
"""By the name without A and W."""
