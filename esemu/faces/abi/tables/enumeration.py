# SPDX-License-Identifier: MIT
"""JetEnumerateColumns: all values of a row in structures that the caller's own function has allocated (fldenum.cxx:1864, 2564)."""

from __future__ import annotations

from ctypes import CFUNCTYPE, c_uint32, c_void_p
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import pointer_at, put, put_pointer, put_ulong, ulong_at
from esemu.faces.abi.tables.catalogs import offsets
from esemu.faces.abi.tables.store import of_cursor
from esemu.vocabulary import errors as err, table_numbers as bits
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from esemu.faces.abi.tables.model import Column, Row, Values
    from esemu.faces.abi.tables.store import Cursor

    Asked = tuple[int, Sequence[int]]
    """A column, and the itagSequences of the values that are wanted; all where there are none."""

KNOWN: Final = (
    bits.JET_bitEnumerateCopy
    | bits.JET_bitEnumerateIgnoreDefault
    | bits.JET_bitEnumeratePresenceOnly
    | bits.JET_bitEnumerateTaggedOnly
    | bits.JET_bitEnumerateCompressOutput
    | bits.JET_bitEnumerateIgnoreUserDefinedDefault
    | bits.JET_bitEnumerateInRecordOnly
    | bits.JET_bitEnumerateAsRefIfNotInRecord
)
EXCLUSIVE: Final = bits.JET_bitEnumerateInRecordOnly | bits.JET_bitEnumerateAsRefIfNotInRecord

COLUMN_SIZE: Final = 24
"""Bytes of a JET_ENUMCOLUMN: columnid, err, a count, and a pointer to values or data (jethdr.w:5108)."""

_ASKED: Final = offsets("JET_ENUMCOLUMNID")
_ASKED_SIZE: Final = STRUCTURES["JET_ENUMCOLUMNID"].size
_VALUE: Final = offsets("JET_ENUMCOLUMNVALUE")
_VALUE_SIZE: Final = STRUCTURES["JET_ENUMCOLUMNVALUE"].size

_Realloc: Final = CFUNCTYPE(c_void_p, c_void_p, c_void_p, c_uint32)
"""JET_PFNREALLOC: the context, a block or NULL, and its new size in bytes."""


class OutOfMemory(Exception):
    """The caller's function has returned NULL."""


class Enumeration:
    """One enumeration: whose row, how much of it, and the caller's function that allocates."""

    def __init__(self, cursor: Cursor, row: Row, realloc: int, context: int, most: int, grbit: int) -> None:
        self.table = cursor.table
        self.row = row
        self.most = most  # bytes of a value
        self.grbit = grbit
        self._realloc, self._context = _Realloc(realloc), context

    def allocate(self, size: int) -> int:
        """Return a block of the caller's of so many zeros.  Raises OutOfMemory."""
        block = self._realloc(self._context, None, size)
        if not block:
            raise OutOfMemory
        put(block, bytes(size))
        return int(block)

    def values(self, column: Column) -> Values | None:
        """Return the values of a column, None where nothing was set and defaults are ignored, or there is none."""
        if column.id in self.row:
            return self.row[column.id]
        ignored = self.grbit & bits.JET_bitEnumerateIgnoreDefault or column.default is None
        return None if ignored else self.table.values(self.row, column)

    def all(self) -> list[Asked]:
        """Return the columns that have something to tell, in the order of their numbers."""
        tagged_only = self.grbit & bits.JET_bitEnumerateTaggedOnly
        columns = (self.table.ids[number] for number in sorted(self.table.ids))
        return [
            (each.id, ()) for each in columns if self.values(each) is not None and (each.is_tagged or not tagged_only)
        ]

    def store(self, asked: Sequence[Asked]) -> int:
        """Store a JET_ENUMCOLUMN for each column, and return where they are."""
        array = self.allocate(max(1, len(asked)) * COLUMN_SIZE)
        for place, each in enumerate(asked):
            self._store_column(array + place * COLUMN_SIZE, *each)
        return array

    def _store_column(self, at: int, columnid: int, wanted: Sequence[int]) -> None:
        """Store what there is of a column, or why there is nothing."""
        put_ulong(at, columnid)
        column = self.table.ids.get(columnid)
        if not columnid or column is None:
            put_ulong(at + 4, (err.JET_errColumnNotFound if columnid else err.JET_wrnColumnSkipped) & 0xFFFFFFFF)
            return
        values = self.values(column)
        if not wanted and (told := self._told(values)):
            put_ulong(at + 4, told)
            return
        values = values or ()
        if not wanted and len(values) == 1 and self.grbit & bits.JET_bitEnumerateCompressOutput:
            put_ulong(at + 4, err.JET_wrnColumnSingleValue)
            self._store_data(at + 8, at + 16, values[0])
            return
        numbers = wanted or range(1, len(values) + 1)
        array = self.allocate(len(numbers) * _VALUE_SIZE)
        put_ulong(at + 8, len(numbers))
        put_pointer(at + 16, array)
        for place, number in enumerate(numbers):
            self._store_value(array + place * _VALUE_SIZE, self.values(column), number)

    def _told(self, values: Values | None) -> int:
        """Return the warning that is all there is to tell of the values of a column, 0 where there is more."""
        if values is None and self.grbit & bits.JET_bitEnumerateIgnoreDefault:
            return err.JET_wrnColumnDefault
        if not values:
            return err.JET_wrnColumnNull
        return err.JET_wrnColumnPresent if self.grbit & bits.JET_bitEnumeratePresenceOnly else 0

    def _store_value(self, at: int, values: Values | None, number: int) -> None:
        """Store a value, or why there is none."""
        there = values is not None and 0 < number <= len(values)
        put_ulong(at + _VALUE["itagSequence"], number)
        warning = (
            err.JET_wrnColumnSkipped if not number else 0 if there else self._told(values if values is None else ())
        )
        if there and self.grbit & bits.JET_bitEnumeratePresenceOnly:
            warning = err.JET_wrnColumnPresent
        if not warning and values is not None:
            value = values[number - 1]
            if self.most and len(value) > self.most:
                value, warning = value[: self.most], err.JET_wrnColumnTruncated
            self._store_data(at + _VALUE["cbData"], at + _VALUE["pvData"], value)
        put_ulong(at + _VALUE["err"], warning)

    def _store_data(self, size: int, pointer: int, value: bytes) -> None:
        block = self.allocate(len(value))
        put(block, value)
        put_ulong(size, len(value))
        put_pointer(pointer, block)


def _asked(array: int, number: int) -> list[Asked]:
    """Return what an array of JET_ENUMCOLUMNID asks for."""
    found: list[Asked] = []
    for each in range(array, array + number * _ASKED_SIZE, _ASKED_SIZE):
        tags, count = pointer_at(each + _ASKED["rgtagSequence"]), ulong_at(each + _ASKED["ctagSequence"])
        numbers = [ulong_at(tags + 4 * place) for place in range(count)]
        found.append((ulong_at(each + _ASKED["columnid"]), numbers))
    return found


def _enumerate(
    text: None,
    cursor: Cursor,
    number: int,
    array: int,
    count: int,
    columns: int,
    realloc: int,
    context: int,
    most: int,
    grbit: int,
) -> int:
    """JetEnumerateColumns: of all columns that have a value, or of those that are asked for."""
    put_ulong(count, 0)
    put_pointer(columns, 0)
    if not realloc or (number and not array):
        return err.JET_errInvalidParameter
    if grbit & ~KNOWN or grbit & EXCLUSIVE == EXCLUSIVE or (number and grbit & bits.JET_bitEnumerateTaggedOnly):
        return err.JET_errInvalidGrbit
    row = cursor.prepared if grbit & bits.JET_bitEnumerateCopy else None
    if row is None:
        row = cursor.row()
    if row is None:
        return cursor.no_row
    enumeration = Enumeration(cursor, row, realloc, context, most, grbit)
    asked = _asked(array, number) if number else enumeration.all()
    try:
        stored = enumeration.store(asked)
    except OutOfMemory:
        return err.JET_errOutOfMemory
    put_ulong(count, len(asked))
    put_pointer(columns, stored)
    unknown = any(each and each not in cursor.table.ids for each, _ in asked)
    return err.JET_errColumnNotFound if unknown else err.JET_errSuccess


HANDLERS: Final[dict[str, Any]] = {"JetEnumerateColumns": of_cursor(_enumerate)}
"""By the name without A and W."""
