# SPDX-License-Identifier: MIT
"""A tagged column of a table in memory has several values: they are set, read, indexed and enumerated."""

import struct
from collections.abc import Iterator
from ctypes import CFUNCTYPE, addressof, byref, c_uint32, c_uint64, c_void_p, create_string_buffer, string_at
from typing import Any

import pytest

import esemu
from esemu.vocabulary import errors, table_numbers as bits
from esemu.vocabulary.structures import STRUCTURES

LONG, LONG_BINARY = 4, 11
Realloc = CFUNCTYPE(c_void_p, c_void_p, c_void_p, c_uint32)


class Row:
    """A table with a fixed column, two tagged ones, one with a default, and a row that is being prepared."""

    def __init__(self, engine: esemu.Engine, inst: esemu.Instance) -> None:
        self.library, self.session, table = engine.library(), inst.session, c_uint64()
        assert self.library.JetOpenDatabase(self.session, b"C:\\data\\mail.edb", None, byref(c_uint32()), 0) == 0
        assert self.library.JetCreateTable(self.session, 1, b"t", 0, 0, byref(table)) == 0
        self.table = table.value
        tagged = bits.JET_bitColumnTagged | bits.JET_bitColumnMultiValued
        self.fixed = self.column(b"fixed", 0)
        self.number = self.column(b"number", tagged)
        self.default = self.column(b"default", tagged, struct.pack("<i", 7))
        assert self("JetPrepareUpdate", bits.JET_prepInsert) == 0
        self.blocks: list[Any] = []

    def column(self, name: bytes, grbit: int, default: bytes | None = None) -> int:
        """Add a column of numbers."""
        definition = struct.pack("<IIIHHHHII", 28, 0, LONG, 0, 0, 0, 0, 0, grbit)
        made = c_uint32()
        assert self("JetAddColumn", name, definition, default, len(default or b""), byref(made)) == 0
        return made.value

    def __call__(self, name: str, *arguments: Any) -> int:
        """Call a function of the session and the table."""
        return int(getattr(self.library, name)(self.session, self.table, *arguments))

    def set(self, value: int | None, tag: int = 0, grbit: int = 0, column: int | None = None) -> int:
        """Set a value of the tagged column, or of another one."""
        data = None if value is None else struct.pack("<i", value)
        info = struct.pack("<III", 12, 0, tag)
        return self("JetSetColumn", column or self.number, data, len(data or b""), grbit, info)

    def get(self, tag: int, column: int | None = None) -> int | None:
        """Return a value of the row that is being prepared, None for NULL."""
        data, info = c_uint32(), struct.pack("<IIII", 16, 0, tag, 0)
        error = self("JetRetrieveColumn", column or self.number, byref(data), 4, None, bits.JET_bitRetrieveCopy, info)
        assert error in {0, errors.JET_wrnColumnNull}
        return None if error else data.value

    def all(self) -> list[int | None]:
        """Return the values of the tagged column, and what is behind them."""
        return [self.get(tag) for tag in range(1, 5)]

    def allocate(self, context: int, block: int | None, size: int) -> int:
        """Give the enumeration memory."""
        self.blocks.append(create_string_buffer(max(1, size)))
        return addressof(self.blocks[-1])

    def enumerate(self, grbit: int = 0, asked: bytes | None = None, most: int = 0) -> Iterator[tuple[int, int, Any]]:
        """Give column, error, and values with their tags, or the only one."""
        count, array = c_uint32(), c_uint64()
        allocate = Realloc(self.allocate)
        arguments = len(asked or b"") // 16, asked, byref(count), byref(array), allocate, None, most
        assert self("JetEnumerateColumns", *arguments, bits.JET_bitEnumerateCopy | grbit) == 0
        for at in range(array.value, array.value + 24 * count.value, 24):
            column, error, number, pointer = struct.unpack("<IiI4xQ", string_at(at, 24))
            told: Any = string_at(pointer, number) if error == errors.JET_wrnColumnSingleValue else []
            if not error:
                told = [struct.unpack("<IiI4xQ", string_at(pointer + 24 * place, 24)) for place in range(number)]
                told = [(tag, err, string_at(data, size) if data else None) for tag, err, size, data in told]
            yield column, error, told


@pytest.fixture
def row(engine: esemu.Engine, inst: esemu.Instance) -> Row:
    """Make the table, and prepare a row."""
    return Row(engine, inst)


def test_a_value_is_appended_replaced_and_taken_away(row: Row) -> None:
    """0 and any number behind the last one append; NULL lets those behind it move up."""
    assert row.set(10) == row.set(20) == row.set(30, tag=9) == 0
    assert row.all() == [10, 20, 30, None]
    assert row.set(25, tag=2) == 0
    assert row.all() == [10, 25, 30, None]
    assert row.set(None, tag=1) == 0
    assert row.all() == [25, 30, None, None]


def test_a_column_that_is_not_tagged_has_one_value(row: Row) -> None:
    """Its itagSequence is not looked at."""
    assert row.set(1, tag=3, column=row.fixed) == row.set(2, tag=0, column=row.fixed) == 0
    assert row.get(5, row.fixed) == 2


def test_no_two_values_are_the_same(row: Row) -> None:
    """JET_bitSetUniqueMultiValues compares a value with the others, not with that which it replaces (fldmod.cxx:1384)."""
    assert row.set(10, grbit=bits.JET_bitSetUniqueMultiValues) == 0
    assert row.set(10, grbit=bits.JET_bitSetUniqueMultiValues) == errors.JET_errMultiValuedDuplicate
    assert row.set(10, grbit=bits.JET_bitSetUniqueNormalizedMultiValues) == errors.JET_errMultiValuedDuplicate
    assert row.set(10, tag=1, grbit=bits.JET_bitSetUniqueMultiValues) == 0
    assert row.all() == [10, None, None, None]


def test_the_last_value_that_goes_leaves_null_or_the_default(row: Row) -> None:
    """A column with a default is NULL when NULL was set, unless JET_bitSetRevertToDefaultValue says otherwise."""
    assert row.get(1, row.default) == 7
    assert row.set(None, tag=1, column=row.default) == 0
    assert row.get(1, row.default) is None
    assert row.set(8, column=row.default) == 0
    assert row.set(None, tag=1, grbit=bits.JET_bitSetRevertToDefaultValue, column=row.default) == 0
    assert row.get(1, row.default) == 7


def test_values_are_counted(row: Row) -> None:
    """JetRetrieveColumns stores in an itagSequence of 0 how many values there are (fldext.cxx:2620)."""
    assert row.set(10) == row.set(20) == 0
    layout = STRUCTURES["JET_RETRIEVECOLUMN"]
    at = {field.name: field.offset for field in layout.fields}
    asked = create_string_buffer(layout.size)
    struct.pack_into("<I", asked, at["columnid"], row.number)
    struct.pack_into("<I", asked, at["grbit"], bits.JET_bitRetrieveCopy)
    assert row("JetRetrieveColumns", asked, 1) == 0
    assert struct.unpack_from("<I", asked, at["itagSequence"]) == (2,)
    info = struct.pack("<IIII", 16, 0, 0, 0)
    copy = bits.JET_bitRetrieveCopy
    assert row("JetRetrieveColumn", row.number, None, 0, None, copy, info) == errors.JET_errBadItagSequence


def test_an_index_has_an_entry_of_each_value(row: Row) -> None:
    """A row is found by each of its values, until it is deleted; equal ones make one entry."""
    assert row("JetCreateIndex", b"i", 0, b"+number\0\0", 9, 100) == 0
    assert row.set(10) == row.set(20) == row.set(20) == 0
    assert row("JetUpdate", None, 0, None) == 0
    assert row("JetSetCurrentIndex", b"i") == 0
    count = c_uint32()
    assert row("JetIndexRecordCount", byref(count), 0) == 0
    assert count.value == 2
    for value in (10, 20):
        assert row("JetMakeKey", struct.pack("<i", value), 4, bits.JET_bitNewKey) == 0
        assert row("JetSeek", bits.JET_bitSeekEQ) == 0
    assert row("JetDelete") == 0
    assert row("JetMove", bits.JET_MoveFirst, 0) == errors.JET_errNoCurrentRecord


def test_all_columns_are_enumerated(row: Row) -> None:
    """Those with a value or a default, in the order of their numbers, and those that were set to NULL."""
    assert row.set(10) == row.set(20) == 0
    ten, twenty, seven = (struct.pack("<i", each) for each in (10, 20, 7))
    assert list(row.enumerate()) == [
        (row.number, 0, [(1, 0, ten), (2, 0, twenty)]),
        (row.default, 0, [(1, 0, seven)]),
    ]
    assert list(row.enumerate(bits.JET_bitEnumerateCompressOutput))[1] == (
        row.default,
        errors.JET_wrnColumnSingleValue,
        seven,
    )
    assert [column for column, *_ in row.enumerate(bits.JET_bitEnumerateIgnoreDefault)] == [row.number]
    assert row.set(None, tag=1, column=row.default) == row.set(3, column=row.fixed) == 0
    presence = bits.JET_bitEnumeratePresenceOnly
    assert [told[:2] for told in row.enumerate(presence)] == [
        (row.fixed, errors.JET_wrnColumnPresent),
        (row.number, errors.JET_wrnColumnPresent),
        (row.default, errors.JET_wrnColumnNull),
    ]
    assert [column for column, *_ in row.enumerate(bits.JET_bitEnumerateTaggedOnly)] == [row.number, row.default]


def test_chosen_values_are_enumerated(row: Row) -> None:
    """Columns and values that are asked for are told of in that order, be there some or not."""
    assert row.set(10) == row.set(20) == 0
    tags = (c_uint32 * 3)(2, 0, 9)
    asked = struct.pack("<IIQIIQ", row.number, 3, addressof(tags), 0, 0, 0)
    skipped, null = errors.JET_wrnColumnSkipped, errors.JET_wrnColumnNull
    twenty = struct.pack("<i", 20)
    assert list(row.enumerate(asked=asked)) == [
        (row.number, 0, [(2, 0, twenty), (0, skipped, None), (9, null, None)]),
        (0, skipped, []),
    ]
    cut = (2, errors.JET_wrnColumnTruncated, twenty[:2])
    assert next(row.enumerate(asked=asked, most=2))[2][0] == cut


def test_what_no_enumeration_takes(row: Row) -> None:
    """No function, bits that exclude each other or are none, unknown columns, and no memory."""
    count, array, allocate = c_uint32(), c_uint64(), Realloc(row.allocate)
    asked = struct.pack("<IIQ", 999, 0, 0)

    def call(function: Any = allocate, grbit: int = 0, asked: bytes | None = None) -> int:
        number, copy = len(asked or b"") // 16, bits.JET_bitEnumerateCopy
        return row("JetEnumerateColumns", number, asked, byref(count), byref(array), function, None, 0, copy | grbit)

    assert call(None) == errors.JET_errInvalidParameter
    assert call(grbit=bits.JET_bitEnumerateLocal) == errors.JET_errInvalidGrbit
    assert call(grbit=bits.JET_bitEnumerateInRecordOnly | bits.JET_bitEnumerateAsRefIfNotInRecord) < 0
    assert call(grbit=bits.JET_bitEnumerateTaggedOnly, asked=asked) == errors.JET_errInvalidGrbit
    assert call(asked=asked) == errors.JET_errColumnNotFound
    assert call(Realloc(lambda *_: None)) == errors.JET_errOutOfMemory
    assert row("JetPrepareUpdate", bits.JET_prepCancel) == 0
    assert call() == errors.JET_errNoCurrentRecord
