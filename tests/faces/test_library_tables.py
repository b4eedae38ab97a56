# SPDX-License-Identifier: MIT
"""Tables in memory have indexes, keys, ranges and bookmarks, tell of themselves, and forget what is rolled back."""

import struct
import sys
import threading
from collections.abc import Callable, Iterator
from ctypes import addressof, byref, c_uint32, c_uint64, create_string_buffer
from typing import Any

import pytest

import esemu
from esemu.vocabulary import errors, table_numbers as bits
from esemu.vocabulary.structures import STRUCTURES

MAIL = b"C:\\data\\mail.edb"
LONG, TEXT, LONG_TEXT = 4, 10, 12


@pytest.fixture
def library(engine: esemu.Engine) -> Any:
    """Return the library of the emulated process."""
    return engine.library()


@pytest.fixture
def session(inst: esemu.Instance, library: Any) -> int:
    """Return a session that has the first database open."""
    assert library.JetOpenDatabase(inst.session, MAIL, None, byref(c_uint32()), 0) == 0
    return inst.session


def definition(coltyp: int, grbit: int = 0, code_page: int = 1252) -> bytes:
    """Return a JET_COLUMNDEF."""
    return struct.pack("<IIIHHHHII", 28, 0, coltyp, 0, 0, code_page, 0, 0, grbit)


class Rows:
    """A table of numbers and names, with what a program does to it."""

    def __init__(self, library: Any, session: int, name: bytes = b"T", number_bits: int = 0) -> None:
        self.library, self.session = library, session
        table, columns = c_uint64(), (c_uint32(), c_uint32())
        assert library.JetCreateTable(session, 1, name, 16, 100, byref(table)) == 0
        add = library.JetAddColumn
        assert add(session, table, b"number", definition(LONG, number_bits), None, 0, byref(columns[0])) == 0
        assert add(session, table, b"name", definition(TEXT), None, 0, byref(columns[1])) == 0
        self.table = table.value
        self.number, self.name = (each.value for each in columns)

    def __call__(self, name: str, *arguments: Any) -> int:
        """Call a function of a session and a table."""
        return int(getattr(self.library, name)(self.session, self.table, *arguments))

    def set(self, column: int, value: bytes | None) -> int:
        """Set a column."""
        return self("JetSetColumn", column, value, len(value or b""), 0, None)

    def insert(self, number: int | None, name: bytes | None = None) -> int:
        """Insert a row, and return what JetUpdate does; nothing is prepared then."""
        assert self("JetPrepareUpdate", 0) == 0
        if number is not None:
            assert self.set(self.number, struct.pack("<i", number)) == 0
        assert self.set(self.name, name) == 0
        error = self("JetUpdate", None, 0, None)
        if error:
            self("JetPrepareUpdate", 3)
        return error

    def index(self, name: bytes, key: bytes, grbit: int = 0) -> int:
        """Create an index."""
        return self("JetCreateIndex", name, grbit, key, len(key), 100)

    def value(self, column: int) -> bytes:
        """Return a value of the present row."""
        buffer, actual = create_string_buffer(64), c_uint32()
        assert self("JetRetrieveColumn", column, buffer, 64, byref(actual), 0, None) >= 0
        return buffer.raw[: actual.value]

    def numbers(self) -> Iterator[int]:
        """Yield the numbers from the present row on."""
        error = 0
        while not error:
            yield int.from_bytes(self.value(self.number), "little", signed=True)
            error = self("JetMove", 1, 0)

    def all(self) -> list[int]:
        """Return the numbers of all rows in the order of the index."""
        return [] if self("JetMove", bits.JET_MoveFirst, 0) else list(self.numbers())

    def seek(self, number: int, grbit: int) -> int:
        """Make a key of one number, and seek it."""
        assert self("JetMakeKey", struct.pack("<i", number), 4, bits.JET_bitNewKey) == 0
        return self("JetSeek", grbit)


@pytest.fixture
def rows(library: Any, session: int) -> Rows:
    """Return a table that is sorted by its numbers."""
    made = Rows(library, session)
    assert made.index(b"primary", b"+number\0\0", bits.JET_bitIndexPrimary) == 0
    for number in (30, -10, 20):
        assert made.insert(number, b"row %d" % number) == 0
    return made


def test_rows_are_read_in_the_order_of_an_index(rows: Rows) -> None:
    """The primary index is that of the table; another one, of falling values, is read once it is the current one."""
    assert rows.all() == [-10, 20, 30]
    assert rows.insert(20) == errors.JET_errKeyDuplicate
    assert rows.index(b"falling", b"-number\0\0") == 0
    assert rows.index(b"FALLING", b"-number\0\0") == errors.JET_errIndexDuplicate
    assert rows.index(b"none", b"+none\0\0") == errors.JET_errColumnNotFound
    assert rows.index(b"empty", b"\0\0") == errors.JET_errIndexInvalidDef
    assert rows.index(b"other", b"+number\0\0", bits.JET_bitIndexPrimary) == errors.JET_errIndexHasPrimary
    assert rows("JetMove", bits.JET_MoveFirst, 0) == 0
    assert rows("JetSetCurrentIndex2", b"falling", bits.JET_bitNoMove) == 0
    assert list(rows.numbers()) == [-10]
    assert rows("JetSetCurrentIndex", b"Falling") == 0
    assert list(rows.numbers()) == [30, 20, -10]
    name = create_string_buffer(16)
    assert rows("JetGetCurrentIndex", name, 16) == 0
    assert name.value == b"falling"
    assert rows("JetGetCurrentIndex", name, 4) == errors.JET_wrnBufferTruncated
    assert name.value == b"fal"
    assert rows("JetGetCurrentIndex", name, 0) == errors.JET_wrnBufferTruncated
    assert name.value == b"fal"  # there was no room for a NUL (rec.cxx:4755)
    assert rows("JetSetCurrentIndex2", b"falling", bits.JET_bitSeekEQ) == errors.JET_errInvalidGrbit
    assert rows("JetSetCurrentIndex4", None, name, 0, 1) == errors.JET_errInvalidIndexId
    assert rows("JetSetCurrentIndex4", b"falling", None, 0, 1) == 0
    assert rows("JetDeleteIndex", b"falling") == errors.JET_errIndexInUse
    assert rows("JetSetCurrentIndex", None) == rows("JetDeleteIndex", b"falling") == 0
    assert rows("JetSetCurrentIndex", b"falling") == errors.JET_errIndexNotFound
    assert rows("JetDeleteIndex", b"falling") == errors.JET_errIndexNotFound
    assert rows("JetDeleteIndex", b"primary") == errors.JET_errIndexMustStay
    assert rows("JetDeleteColumn", b"number") == errors.JET_errColumnInUse


@pytest.mark.parametrize(
    ("number", "grbit", "error", "found"),
    [
        (20, bits.JET_bitSeekEQ, 0, 20),
        (20, bits.JET_bitSeekGE, 0, 20),
        (20, bits.JET_bitSeekLE, 0, 20),
        (20, bits.JET_bitSeekGT, 0, 30),
        (20, bits.JET_bitSeekLT, 0, -10),
        (21, bits.JET_bitSeekGE, errors.JET_wrnSeekNotEqual, 30),
        (21, bits.JET_bitSeekLE, errors.JET_wrnSeekNotEqual, 20),
        (21, bits.JET_bitSeekEQ, errors.JET_errRecordNotFound, None),
        (30, bits.JET_bitSeekGT, errors.JET_errRecordNotFound, None),
        (-10, bits.JET_bitSeekLT, errors.JET_errRecordNotFound, None),
        (20, 0, errors.JET_errInvalidGrbit, None),
    ],
)
def test_a_row_is_sought(rows: Rows, number: int, grbit: int, error: int, found: int | None) -> None:
    """JetSeek stands on the row with the key, or on the nearest one beside it, with a warning where either would do."""
    assert rows.seek(number, grbit) == error
    if found is not None:
        assert next(rows.numbers()) == found
    elif error == errors.JET_errRecordNotFound:
        assert rows("JetGetLock", 1) == errors.JET_errNoCurrentRecord


def test_rows_with_the_same_key_lie_in_the_order_of_their_bookmarks(rows: Rows) -> None:
    """In which order they were inserted does not matter, nor that the primary index came later."""
    assert rows.insert(2, b"same") == rows.insert(5, b"same") == rows.insert(3, b"same") == 0
    assert rows.index(b"by name", b"+name\0\0") == 0
    assert rows("JetSetCurrentIndex", b"by name") == 0
    assert list(rows.numbers())[-3:] == [2, 3, 5]


def test_a_cursor_that_nobody_has_used_stands_on_the_first_row(library: Any, session: int) -> None:
    """Which that is, is looked up when somebody reads; and then the cursor stays there."""
    empty = Rows(library, session)
    assert empty.index(b"primary", b"+number\0\0", bits.JET_bitIndexPrimary) == 0
    assert empty("JetMove", 0, 0) == errors.JET_errNoCurrentRecord
    assert empty.insert(3) == empty.insert(1) == 0
    assert empty("JetMove", 0, 0) == 0
    assert empty.insert(0) == 0
    assert next(empty.numbers()) == 1


def test_an_index_of_some_rows(rows: Rows) -> None:
    """A column that must be NULL, or must not be, decides whether an index has an entry of a row."""
    assert rows.insert(40) == rows.insert(50) == 0
    name, column, key = (create_string_buffer(each) for each in (b"none", b"name", b"+number\0\0"))
    condition = create_string_buffer(struct.pack("<I4xQI4x", 24, addressof(column), bits.JET_bitIndexColumnMustBeNull))
    layout = STRUCTURES["JET_INDEXCREATE_A"]
    fields = bytearray(layout.size)
    given = {"cbStruct": layout.size, "szIndexName": addressof(name), "szKey": addressof(key), "cbKey": 9}
    given |= {"rgconditionalcolumn": addressof(condition), "cConditionalColumn": 1}
    for field in layout.fields:
        fields[field.offset : field.offset + field.size] = given.get(field.name, 0).to_bytes(field.size, "little")
    made = create_string_buffer(bytes(fields))
    assert rows("JetCreateIndex2", made, 1) == 0
    assert rows("JetSetCurrentIndex", b"none") == 0
    assert rows.all() == [40, 50]
    condition[16] = b"\3"
    assert rows("JetCreateIndex2", made, 1) == errors.JET_errInvalidGrbit


def test_a_column_gets_another_name(rows: Rows) -> None:
    """The values stay, until a rollback the name too."""
    assert rows("JetRenameColumn", b"name", b"NUMBER", 0) == errors.JET_errColumnDuplicate
    assert rows("JetRenameColumn", b"none", b"new", 0) == errors.JET_errColumnNotFound
    assert rows("JetRenameColumn", b"name", b"", 0) == errors.JET_errInvalidName
    assert rows.library.JetBeginTransaction(rows.session) == rows("JetRenameColumn", b"name", b"new", 0) == 0
    assert rows("JetRenameColumn", b"name", b"other", 0) == errors.JET_errColumnNotFound
    assert rows.library.JetRollback(rows.session, 0) == 0
    assert rows("JetRenameColumn", b"name", b"other", 0) == 0


def test_a_call_about_a_table_is_a_call_of_the_api(engine: esemu.Engine, inst: esemu.Instance, rows: Rows) -> None:
    """It stands in the trace with its error, and is not let in once the services were stopped; a table can be closed then."""
    assert rows("JetMove", 100, 0) == errors.JET_errNoCurrentRecord
    told = engine.trace.as_dicts()[-1]
    assert (told["call"], told["arguments"]) == ("JetMove", {"handle": rows.session})
    assert told["error"] == "JET_errNoCurrentRecord"
    assert rows.library.JetStopServiceInstance(int(inst)) == 0
    assert rows("JetMove", 0, 0) == errors.JET_errClientRequestToStopJetService
    assert rows("JetCloseTable") == 0


def test_a_key_is_made_first(rows: Rows) -> None:
    """A key is begun with JET_bitNewKey, has no more columns than the index, and is used once."""
    make = rows("JetMakeKey", b"", 0, 0), rows("JetSeek", 1), rows("JetSetIndexRange", 0)
    assert set(make) == {errors.JET_errKeyNotMade}
    assert rows("JetMakeKey", b"\0", 1, bits.JET_bitNewKey) == errors.JET_errInvalidBufferSize
    assert rows.seek(20, bits.JET_bitSeekEQ) == 0
    assert rows("JetSeek", bits.JET_bitSeekEQ) == errors.JET_errKeyNotMade
    key, actual = create_string_buffer(16), c_uint32()
    assert rows("JetRetrieveKey", key, 16, byref(actual), bits.JET_bitRetrieveCopy) == errors.JET_errKeyNotMade
    assert rows("JetRetrieveKey", key, 16, byref(actual), 0) == 0
    normal = key.raw[: actual.value]
    assert rows("JetMakeKey", normal, len(normal), bits.JET_bitNormalizedKey) == 0
    assert rows("JetRetrieveKey", key, 16, None, bits.JET_bitRetrieveCopy) == 0
    assert rows("JetMakeKey", b"\0\0\0\0", 4, 0) == errors.JET_errKeyIsMade
    assert rows("JetSeek", bits.JET_bitSeekEQ) == 0


def test_a_range_ends_where_its_key_is(rows: Rows) -> None:
    """Beyond the limit there is no row; JetIndexRecordCount counts up to it, and the first move beyond it removes it."""
    assert rows.seek(-10, bits.JET_bitSeekEQ) == 0
    assert rows("JetMakeKey", struct.pack("<i", 20), 4, bits.JET_bitNewKey) == 0
    assert rows("JetSetIndexRange", bits.JET_bitRangeUpperLimit | bits.JET_bitRangeInclusive) == 0
    counted = c_uint32()
    assert rows("JetIndexRecordCount", byref(counted), 0) == 0
    assert (counted.value, list(rows.numbers())) == (2, [-10, 20])
    assert rows("JetIndexRecordCount", byref(counted), 0) == errors.JET_errNoCurrentRecord
    assert rows("JetSetIndexRange", bits.JET_bitRangeRemove) == errors.JET_errInvalidOperation
    assert rows.seek(30, bits.JET_bitSeekEQ | bits.JET_bitSetIndexRange) == 0
    assert list(rows.numbers()) == [30]
    assert rows.seek(30, bits.JET_bitSeekEQ) == 0
    assert rows("JetMakeKey", struct.pack("<i", 20), 4, bits.JET_bitNewKey) == 0
    assert rows("JetSetIndexRange", bits.JET_bitRangeUpperLimit) == errors.JET_errNoCurrentRecord


def test_text_is_found_by_its_beginning(rows: Rows) -> None:
    """With JET_bitPartialColumnEndLimit a key stands behind all that begins with the text, in upper and lower case."""
    assert rows.index(b"name", b"+name\0\0") == rows.insert(40, b"ROW 2") == rows.insert(50, b"x") == 0
    assert rows("JetSetCurrentIndex", b"name") == 0
    for column, grbit in ((b"row 2", bits.JET_bitPartialColumnStartLimit), (b"row 2", bits.JET_bitSubStrLimit)):
        assert rows("JetMakeKey", column, len(column), bits.JET_bitNewKey | grbit) == 0
        if grbit == bits.JET_bitPartialColumnStartLimit:
            assert rows("JetSeek", bits.JET_bitSeekGE) == errors.JET_wrnSeekNotEqual
        else:
            assert rows("JetSetIndexRange", bits.JET_bitRangeUpperLimit) == 0
    assert list(rows.numbers()) == [40, 20]


def test_a_bookmark_finds_its_row(rows: Rows) -> None:
    """A bookmark is the primary key, and leads to the row in any index, as long as there is one."""
    mark, actual = create_string_buffer(16), c_uint32()
    assert rows.seek(20, bits.JET_bitSeekEQ) == 0
    assert rows("JetGetBookmark", mark, 2, byref(actual)) == errors.JET_errBufferTooSmall
    assert rows("JetGetBookmark", mark, 16, byref(actual)) == 0
    assert rows("JetMove", bits.JET_MoveLast, 0) == rows("JetGotoBookmark", mark, actual) == 0
    assert next(rows.numbers()) == 20
    assert rows.seek(20, bits.JET_bitSeekEQ) == rows("JetDelete") == 0
    assert rows("JetGotoBookmark", mark, actual) == errors.JET_errRecordDeleted
    assert rows("JetDelete") == rows("JetGetBookmark", mark, 16, None) == errors.JET_errRecordDeleted
    assert rows("JetMove", 0, 0) == rows("JetGetLock", 0) == errors.JET_errRecordDeleted
    assert rows.insert(20) == rows("JetMove", 0, 0) == 0  # the place is the same
    assert rows("JetDelete") == 0
    assert rows("JetMove", 1, 0) == 0  # from where the row was
    assert next(rows.numbers()) == 30
    assert rows.all() == [-10, 30]


def test_a_transaction_takes_back_what_it_has_done(library: Any, session: int, rows: Rows) -> None:
    """A rollback takes back rows, columns, indexes and tables; what is committed inside it goes with it."""
    assert library.JetBeginTransaction(session) == 0
    assert rows.insert(40) == rows.seek(20, 1) == rows("JetDelete") == rows.seek(30, 1) == 0
    assert rows("JetPrepareUpdate", bits.JET_prepReplace) == rows.set(rows.number, struct.pack("<i", 31)) == 0
    assert rows("JetUpdate", None, 0, None) == 0
    assert library.JetBeginTransaction(session) == 0
    Rows(library, session, b"U")
    assert rows.index(b"name", b"+name\0\0") == 0
    assert rows("JetAddColumn", b"more", definition(LONG), None, 0, None) == 0
    assert library.JetCommitTransaction(session, 0) == 0
    assert rows.all() == [-10, 31, 40]
    assert library.JetRollback(session, 0) == 0
    assert rows.all() == [-10, 20, 30]
    assert rows("JetSetCurrentIndex", b"name") == errors.JET_errIndexNotFound
    assert library.JetOpenTable(session, 1, b"U", None, 0, 0, byref(c_uint64())) == errors.JET_errObjectNotFound
    assert rows("JetDeleteColumn", b"more") == errors.JET_errColumnNotFound


def test_what_a_session_leaves_undone_is_rolled_back(
    engine: esemu.Engine, inst: esemu.Instance, library: Any, rows: Rows
) -> None:
    """A session that ends takes back what it has not committed, and its cursors are closed."""
    other, table = c_uint64(), c_uint64()
    assert library.JetBeginSession(inst, byref(other), None, None) == 0
    assert library.JetOpenDatabase(other, MAIL, None, byref(c_uint32()), 0) == 0
    assert library.JetBeginTransaction(other) == 0
    assert library.JetOpenTable(other, 1, b"t", None, 0, 0, byref(table)) == library.JetDelete(other, table) == 0
    assert rows.all() == [20, 30]
    assert library.JetEndSession(other, 0) == 0
    assert rows.all() == [-10, 20, 30]
    assert library.JetMove(inst.session, table, 0, 0) == errors.JET_errInvalidTableId


def test_columns_that_must_count_or_have_a_value(library: Any, session: int) -> None:
    """Columns count rows, add numbers to what they have, and refuse to be without a value or with one of another size."""
    rows = Rows(library, session, number_bits=bits.JET_bitColumnAutoincrement | bits.JET_bitColumnNotNULL)
    needed, total = c_uint32(), c_uint32()
    assert rows.insert(None) == rows.insert(None) == 0
    assert rows.all() == [1, 2]
    escrow = bits.JET_bitColumnEscrowUpdate
    assert rows("JetAddColumn", b"total", definition(LONG, escrow), b"\5\0\0\0", 4, byref(total)) == 0
    old, actual, step = create_string_buffer(4), c_uint32(), struct.pack("<i", -1)
    assert rows("JetMove", bits.JET_MoveFirst, 0) == 0
    assert rows("JetEscrowUpdate", total, step, 4, old, 4, byref(actual), 0) == 0
    assert (old.raw, rows.value(total.value), actual.value) == (b"\5\0\0\0", b"\4\0\0\0", 4)
    assert rows("JetEscrowUpdate", total, step, 3, None, 0, None, 0) == errors.JET_errInvalidBufferSize
    assert rows("JetEscrowUpdate", rows.number, step, 4, None, 0, None, 0) == errors.JET_errInvalidOperation
    assert rows("JetAddColumn", b"needed", definition(TEXT, bits.JET_bitColumnNotNULL), None, 0, byref(needed)) == 0
    assert rows("JetAddColumn", b"odd", definition(99), None, 0, None) == errors.JET_errInvalidColumnType
    assert rows("JetPrepareUpdate", bits.JET_prepInsertCopy) == 0
    assert rows.set(needed.value, None) == rows("JetUpdate", None, 0, None) == errors.JET_errNullInvalid
    assert rows.set(rows.number, b"\0") == errors.JET_errInvalidBufferSize
    assert rows.set(needed.value, b"x" * 256) == errors.JET_errColumnTooBig
    assert rows.set(needed.value, b"here") == rows("JetUpdate", None, 0, None) == 0
    assert rows.all() == [1, 2, 3]


def test_a_long_value_is_written_in_pieces(rows: Rows) -> None:
    """Bytes are appended, written over, and cut off; they are read from anywhere."""
    column, buffer, actual = c_uint32(), create_string_buffer(8), c_uint32()
    assert rows("JetAddColumn", b"long", definition(LONG_TEXT), None, 0, byref(column)) == 0
    assert rows("JetMove", bits.JET_MoveFirst, 0) == rows("JetPrepareUpdate", bits.JET_prepReplace) == 0
    piece = [
        (b"abcdef", bits.JET_bitSetAppendLV, 0),
        (b"XY", bits.JET_bitSetOverwriteLV, 1),
        (None, bits.JET_bitSetSizeLV, 0),
    ]
    for data, grbit, offset in piece:
        size = len(data) if data else 5
        info = struct.pack("<III", 12, offset, 1)
        assert rows("JetSetColumn", column, data, size, grbit, info) == 0
    beyond = struct.pack("<III", 12, 9, 1)
    assert rows("JetSetColumn", column, b"x", 1, bits.JET_bitSetOverwriteLV, beyond) == errors.JET_errColumnNoChunk
    assert rows("JetSetColumn", rows.name, b"x", 1, bits.JET_bitSetAppendLV, None) == errors.JET_errInvalidGrbit
    assert rows("JetUpdate", None, 0, None) == 0
    where = create_string_buffer(struct.pack("<IIII", 16, 2, 1, 0), 16)
    assert rows("JetRetrieveColumn", column, buffer, 8, byref(actual), 0, where) == 0
    assert (buffer.raw[: actual.value], struct.unpack_from("<I", where, 12)[0]) == (b"Yde", column.value)


def test_no_column_gets_the_number_of_one_that_was_deleted(rows: Rows) -> None:
    """A new column has a number that none had before: old rows may have values under it."""
    deleted, made = rows.name, c_uint32()
    assert rows("JetDeleteColumn", b"name") == 0
    assert rows("JetAddColumn", b"new", definition(TEXT), None, 0, byref(made)) == 0
    assert made.value == deleted + 1


def test_several_columns_at_once(rows: Rows) -> None:
    """JetSetColumns and JetRetrieveColumns do the same for each of their structures, and store what came of it."""
    number, name = struct.pack("<i", 7), b"seven"
    held = [create_string_buffer(each, len(each)) for each in (number, name)]
    array = b"".join(
        struct.pack("<IxxxxQIIIIii", column, addressof(each), len(each), 0, 0, 1, 9, 0)
        for column, each in zip((rows.number, rows.name), held, strict=True)
    )
    given = create_string_buffer(array, len(array))
    assert rows("JetPrepareUpdate", 0) == rows("JetSetColumns", given, 2) == rows("JetUpdate", None, 0, None) == 0
    assert [struct.unpack_from("<i", given, at + 32)[0] for at in (0, 40)] == [0, 0]
    assert rows.seek(7, bits.JET_bitSeekEQ) == 0
    into = [create_string_buffer(4), create_string_buffer(3)]
    array = b"".join(
        struct.pack("<IxxxxQIIIIIIii", column, addressof(each), len(each), 0, 0, 0, 1, 0, 9, 0)
        for column, each in zip((rows.number, rows.name), into, strict=True)
    )
    told = create_string_buffer(array, len(array))
    assert rows("JetRetrieveColumns", told, 2) == errors.JET_wrnBufferTruncated
    assert [each.raw for each in into] == [number, b"sev"]
    assert [struct.unpack_from("<I", told, at + 20)[0] for at in (0, 48)] == [4, 5]


def fields_of(structure: str, data: Any) -> dict[str, int]:
    """Return the numbers of a structure by the names of its fields."""
    return {
        field.name: int.from_bytes(data.raw[field.offset : field.offset + field.size], "little")
        for field in STRUCTURES[structure].fields
    }


@pytest.mark.parametrize(
    ("structure", "name", "ask", "names"),
    [
        (
            "JET_COLUMNLIST",
            "columnname",
            lambda rows, *told: rows("JetGetTableColumnInfo", None, *told, 1),
            [b"name", b"number"],
        ),
        (
            "JET_COLUMNLIST",
            "columnname",
            lambda rows, *told: rows.library.JetGetColumnInfo(rows.session, 1, b"t", None, *told, 0x20000001),
            [b"number", b"name"],
        ),
        ("JET_INDEXLIST", "indexname", lambda rows, *told: rows("JetGetTableIndexInfo", None, *told, 1), [b"primary"]),
        (
            "JET_INDEXLIST",
            "indexname",
            lambda rows, *told: rows.library.JetGetIndexInfo(rows.session, 1, b"t", b"PRIMARY", *told, 0),
            [b"primary"],
        ),
        (
            "JET_OBJECTLIST",
            "objectname",
            lambda rows, *told: rows.library.JetGetObjectInfo(rows.session, 1, 1, None, None, *told, 2),
            [b"T"],
        ),
    ],
)
def test_a_list_is_a_table(rows: Rows, structure: str, name: str, ask: Callable[..., int], names: list[bytes]) -> None:
    """Lists of columns, indexes and tables are temporary tables, whose columns a structure names."""
    told = create_string_buffer(STRUCTURES[structure].size)
    assert ask(rows, told, len(told) - 1) == errors.JET_errInvalidParameter
    assert ask(rows, told, len(told)) == 0
    fields = fields_of(structure, told)
    assert fields["cRecord"] == len(names)
    rows.table = fields["tableid"]
    column = next(value for field, value in fields.items() if field.endswith(name))
    found = [rows.value(column)]
    while rows("JetMove", 1, 0) == 0:
        found.append(rows.value(column))
    assert found == names
    assert rows("JetCloseTable") == 0


def test_an_index_knows_how_many_keys_it_had(rows: Rows) -> None:
    """JetComputeStats counts keys and entries; who is not asked again does not know what came later (stats.cxx:76)."""
    assert rows.index(b"by name", b"+name\0\0") == rows.insert(40, b"row 20") == 0
    structure = "JET_INDEXLIST"

    def counted() -> list[int]:
        told = create_string_buffer(STRUCTURES[structure].size)
        assert rows("JetGetTableIndexInfo", b"by name", told, len(told), bits.JET_IdxInfoList) == 0
        table, fields = rows.table, fields_of(structure, told)
        rows.table = fields["tableid"]
        found = [
            int.from_bytes(rows.value(fields[f"columnid{name}"]), "little") for name in ("cKey", "cEntry", "cPage")
        ]
        assert rows("JetCloseTable") == 0
        rows.table = table
        return found

    assert counted() == [0, 0, 0]
    assert rows("JetComputeStats") == rows.insert(50) == 0
    assert counted() == [3, 4, 1]


def test_a_table_tells_of_itself(rows: Rows) -> None:
    """JetGetTableInfo gives the name and how many rows there are, JetGetObjectInfo the same by name."""
    told, name = create_string_buffer(STRUCTURES["JET_OBJECTINFO"].size), create_string_buffer(8)
    assert rows("JetGetTableInfo", told, len(told), 0) == 0
    assert fields_of("JET_OBJECTINFO", told)["cRecord"] == 3
    assert rows("JetGetTableInfo", name, 8, 1) == 0
    assert name.value == b"T"
    assert rows("JetGetTableInfo", name, 8, 9) == errors.JET_errFeatureNotAvailable
    of_object = rows.library.JetGetObjectInfo
    assert of_object(rows.session, 1, 1, None, b"t", told, len(told), 0) == 0
    assert of_object(rows.session, 1, 1, None, b"x", told, len(told), 0) == errors.JET_errObjectNotFound
    assert of_object(rows.session, 1, 8, None, None, told, len(told), 0) == errors.JET_errInvalidParameter
    base = create_string_buffer(STRUCTURES["JET_COLUMNBASE_A"].size)
    assert rows("JetGetTableColumnInfo", b"NAME", base, len(base), 4) == 0
    assert (base.raw[28:30], base.raw[284:289]) == (b"T\0", b"name\0")
    index = "JetGetTableIndexInfo", b"primary", told
    assert rows("JetGetTableIndexInfo", b"none", told, len(told), 1) == errors.JET_errIndexNotFound
    assert (rows(*index, 2, 14), told.raw[:2]) == (0, b"\0\0")  # no locale
    assert (rows(*index, 2, 10), told.raw[:2]) == (0, b"\xff\0")  # bytes of a key
    assert (rows(*index, 4, 7), told.raw[:4]) == (0, b"\2\0\0\0")  # indexes, with the order of insertion
    assert rows(*index, 4, 5) == errors.JET_errFeatureNotAvailable


@pytest.mark.parametrize(("number", "index"), [("", ""), ("2", ""), ("3", "2"), ("4", "3"), ("5", "3")])
def test_a_table_is_made_in_one_call(library: Any, session: int, number: str, index: str) -> None:
    """JetCreateTableColumnIndex makes a table with its columns and indexes, or, if one of them is refused, nothing."""
    name, key = create_string_buffer(b"whole"), create_string_buffer(b"+a\0\0", 4)

    def made(structure: str, **fields: Any) -> Any:
        data = bytearray(STRUCTURES[structure].size)
        for field in STRUCTURES[structure].fields:
            value = len(data) if field.name == "cbStruct" else fields.get(field.name, 0)
            value = value if isinstance(value, int) else addressof(value)
            data[field.offset : field.offset + field.size] = value.to_bytes(field.size, "little")
        return create_string_buffer(bytes(data), len(data))

    column = made("JET_COLUMNCREATE_A", szColumnName=(held := create_string_buffer(b"a")), coltyp=LONG)
    spelled = made(f"JET_INDEXCREATE{index}_A", szIndexName=name, szKey=key, cbKey=4, grbit=bits.JET_bitIndexPrimary)
    structure = f"JET_TABLECREATE{number}_A"
    table = made(structure, szTableName=name, rgcolumncreate=column, cColumns=1, rgindexcreate=spelled, cIndexes=1)
    create = getattr(library, f"JetCreateTableColumnIndex{number}")
    assert create(session, 1, table) == 0
    assert fields_of(structure, table)["cCreated"] == 3
    assert fields_of("JET_COLUMNCREATE_A", column)["columnid"] == 1
    assert library.JetSetCurrentIndex(session, fields_of(structure, table)["tableid"], b"whole") == 0
    assert create(session, 1, table) == errors.JET_errTableDuplicate
    name.value, held.value = b"other", b"b"  # which no index has
    assert create(session, 1, table) == errors.JET_errColumnNotFound
    assert library.JetOpenTable(session, 1, b"other", None, 0, 0, byref(c_uint64())) == errors.JET_errObjectNotFound


def test_a_temporary_table_is_sorted(library: Any, session: int) -> None:
    """JetOpenTempTable makes a table of no database, with the columns that are its key as index."""
    columns = definition(LONG, bits.JET_bitColumnTTKey) + definition(TEXT)
    table, ids = c_uint64(), (c_uint32 * 2)()
    assert library.JetOpenTempTable(session, columns, 2, bits.JET_bitTTUnique, byref(table), ids) == 0
    for number in (3, 1, 2):
        assert library.JetPrepareUpdate(session, table, 0) == 0
        assert library.JetSetColumn(session, table, ids[0], struct.pack("<i", number), 4, 0, None) == 0
        assert library.JetUpdate(session, table, None, 0, None) == 0
    value, found = c_uint32(), []
    error = library.JetMove(session, table, bits.JET_MoveFirst, 0)
    while not error:
        assert library.JetRetrieveColumn(session, table, ids[0], byref(value), 4, None, 0, None) == 0
        found.append(value.value)
        error = library.JetMove(session, table, 1, 0)
    assert found == [1, 2, 3]
    assert library.JetOpenTempTable(session, definition(99), 1, 0, byref(table), ids) == errors.JET_errInvalidColumnType


def test_no_address_is_no_crash(library: Any, session: int, rows: Rows) -> None:
    """Where values, columns or structures should be, NULL is refused."""
    table, ids = c_uint64(), (c_uint32 * 1)()
    assert rows("JetPrepareUpdate", 0) == 0
    refused = (
        rows("JetSetColumns", None, 1),
        rows("JetRetrieveColumns", None, 1),
        rows("JetMakeKey", None, 0, bits.JET_bitNewKey | bits.JET_bitNormalizedKey),
        rows("JetCreateIndex", b"name", 0, None, 0, 100),
        rows("JetCreateIndex2", None, 1),
        library.JetOpenTempTable(session, None, 1, 0, byref(table), ids),
        library.JetCreateTableColumnIndex(session, 1, None),
        library.JetOpenTemporaryTable(session, None),
    )
    assert set(refused) == {errors.JET_errInvalidParameter}
    assert rows("JetGotoBookmark", None, 4) == errors.JET_errInvalidBookmark
    assert library.JetRenameTable(session, 1, b"T", None) == errors.JET_errInvalidName


def test_a_table_gets_another_name(library: Any, session: int, rows: Rows) -> None:
    """JetRenameTable takes a name that no table has, and a rollback gives the old one back."""
    assert library.JetRenameTable(session, 1, b"T", b"t") == errors.JET_errTableDuplicate
    assert library.JetRenameTable(session, 1, b"none", b"x") == errors.JET_errObjectNotFound
    assert library.JetBeginTransaction(session) == library.JetRenameTable(session, 1, b"T", b"U") == 0
    table = c_uint64()
    assert library.JetOpenTable(session, 1, b"u", None, 0, 0, byref(table)) == 0
    assert library.JetRollback(session, 0) == 0
    assert library.JetOpenTable(session, 1, b"U", None, 0, 0, byref(table)) == errors.JET_errObjectNotFound
    assert library.JetOpenTable(session, 1, b"T", None, 0, 0, byref(table)) == 0
    assert library.JetDupCursor(session, table, byref(table), 0) == 0


def test_threads_write_into_one_table(library: Any, inst: esemu.Instance, rows: Rows) -> None:
    """Sessions of several threads insert rows at the same time, and none is lost."""
    begin, switches = threading.Barrier(4), sys.getswitchinterval()

    def write(first: int) -> None:
        session, table = c_uint64(), c_uint64()
        library.JetBeginSession(inst, byref(session), None, None)
        library.JetOpenDatabase(session, MAIL, None, byref(c_uint32()), 0)
        library.JetOpenTable(session, 1, b"T", None, 0, 0, byref(table))
        begin.wait()
        for number in range(first, first + 100):
            library.JetPrepareUpdate(session, table, 0)
            library.JetSetColumn(session, table, rows.number, struct.pack("<i", number), 4, 0, None)
            library.JetUpdate(session, table, None, 0, None)

    threads = [threading.Thread(target=write, args=(first,)) for first in range(100, 500, 100)]
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(switches)
    assert rows.all() == [-10, 20, 30, *(first + place for first in range(100, 500, 100) for place in range(100))]
