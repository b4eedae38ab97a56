# SPDX-License-Identifier: MIT
"""What a C program asks about databases, and the tables in memory that the set-up of a backup test may use."""

import struct
from ctypes import byref, c_uint32, c_uint64, create_string_buffer
from typing import Any

import pytest

import esemu
from esemu.vocabulary import errors
from esemu.vocabulary.structures import STRUCTURES

MAIL = r"C:\data\mail.edb"


@pytest.fixture
def library(engine: esemu.Engine) -> Any:
    """Return the library of the emulated process."""
    return engine.library()


@pytest.fixture
def session(inst: esemu.Instance, library: Any) -> int:
    """Return a session that has the first database open."""
    assert library.JetOpenDatabase(inst.session, MAIL.encode(), None, byref(c_uint32()), 0) == 0
    return inst.session


def test_the_version(session: int, library: Any) -> None:
    """JetGetVersion gives major version and build in bits (jetapi.cxx:12174)."""
    version = c_uint32()
    assert library.JetGetVersion(session, byref(version)) == 0
    assert (version.value >> 28, version.value >> 8 & 0xFFFF) == (10, 19041)
    assert library.JetGetVersion(session + 1, byref(version)) == errors.JET_errInvalidSesid


def test_numbers_and_names_of_a_database(inst: esemu.Instance, session: int, library: Any) -> None:
    """JetGetDatabaseInfo counts in pages, JetGetDatabaseFileInfo in bytes; the A form has one byte a character."""
    pages, size, name = c_uint32(), c_uint64(), create_string_buffer(64)
    info, file_info = library.JetGetDatabaseInfo, library.JetGetDatabaseFileInfo
    assert info(session, 1, byref(pages), 4, 10) == info(session, 1, byref(pages), 4, 0x4000000A) == 0
    assert pages.value == inst.state.databases[0].last_page + 2
    assert file_info(MAIL.encode(), byref(size), 8, 10) == 0
    assert size.value == pages.value * 4096
    assert info(session, 1, name, len(MAIL) + 1, 0) == 0
    assert name.value == MAIL.encode()
    assert info(session, 1, name, len(MAIL), 0) == errors.JET_errBufferTooSmall
    assert library.JetGetDatabaseInfoW(session, 1, name, 64, 0) == 0
    assert name.raw.startswith(MAIL.encode("utf-16-le"))
    assert info(session, 1, name, 64, 1) == 0
    assert name.value == b""
    assert file_info(MAIL.encode(), byref(pages), 4, 17) == 0
    assert pages.value == 4096
    assert info(session, 1, byref(pages), 4, 12) == 0
    assert pages.value == 16  # the rows of a generated database leave as many
    assert library.JetCreateDatabase(session, b"C:\\data\\new.edb", None, byref(pages), 0) == 0
    assert info(session, pages, byref(pages), 4, 12) == 0
    assert 0 < pages.value < 256
    with pytest.raises(esemu.NotEmulated):
        file_info(MAIL.encode(), create_string_buffer(24), 24, 13)


@pytest.mark.parametrize("name", [f"JET_DBINFOMISC{number}" for number in ("", 2, 3, 4, 5, 6, 7)])
def test_what_the_header_says(
    engine: esemu.Engine, inst: esemu.Instance, session: int, library: Any, name: str
) -> None:
    """A JET_DBINFOMISC of any size tells of the last backups, attached or not."""
    engine.jet.JetBeginExternalBackupInstance(inst, 0)
    engine.jet.JetGetLogInfoInstance(inst)
    file = engine.jet.JetOpenFileInstance(inst, r"C:\logs\edb00003.log")
    engine.jet.JetCloseFileInstance(inst, file.handle)
    engine.jet.JetEndExternalBackupInstance(inst)
    layout = STRUCTURES[name]
    told, of_file = create_string_buffer(layout.size), create_string_buffer(layout.size)
    assert library.JetGetDatabaseInfo(session, 1, told, layout.size, 14) == 0
    assert library.JetGetDatabaseFileInfoA(MAIL.encode(), of_file, layout.size, 14) == 0
    assert told.raw == of_file.raw
    fields = {field.name: field for field in layout.fields}
    assert struct.unpack_from("<I", told, fields["ulVersion"].offset) == (0x620,)
    assert struct.unpack_from("<I", told, fields["cbPageSize"].offset) == (4096,)
    assert struct.unpack_from("<I", told, fields["dbstate"].offset) == (2,)
    assert library.JetGetDatabaseInfo(session, 1, told, layout.size - 1, 14) == errors.JET_errInvalidBufferSize
    engine.jet.JetCloseDatabase(session, 1)
    engine.jet.JetDetachDatabase(session, MAIL)
    assert library.JetGetDatabaseFileInfoA(MAIL.encode(), of_file, layout.size, 14) == 0


def test_a_database_grows(engine: esemu.Engine, session: int, library: Any) -> None:
    """JetResizeDatabase stores the size in pages that the file has then, 0 after an error (db.cxx:6247)."""
    actual = c_uint32(7)
    assert library.JetResizeDatabase(session, 1, 100, byref(actual), 0) == 0
    assert actual.value == 22 + 256
    assert library.JetResizeDatabase(session, 1, 1, byref(actual), 0) == errors.JET_errFeatureNotAvailable
    assert actual.value == 0
    assert library.JetResizeDatabase(session, 1, 0x7FFFFFFF, byref(actual), 0) == errors.JET_errOutOfDatabaseSpace
    assert library.JetResizeDatabase(session, 1, 0x80000000, byref(actual), 1) == 0  # less than nothing
    assert engine.jet.JetResizeDatabase(session, 1, 1, 1) == 22 + 256
    assert engine.jet.JetGetVersion(session) >> 28 == 10


def definition(coltyp: int, *, grbit: int = 0) -> Any:
    """Return a JET_COLUMNDEF."""
    return create_string_buffer(struct.pack("<IIIHHHHII", 28, 0, coltyp, 0, 0, 1252, 0, 255, grbit), 28)


def test_a_table(session: int, library: Any) -> None:
    """A table is made, gets columns and rows, is read in the order of insertion, and is deleted."""
    table, again, number, text, actual = c_uint64(), c_uint64(), c_uint32(), c_uint32(), c_uint32()
    make = library.JetCreateTable
    assert make(session, 1, b"T", 16, 100, byref(table)) == 0
    assert make(session, 1, b"t", 16, 100, byref(again)) == errors.JET_errTableDuplicate
    assert make(session, 1, b"", 16, 100, byref(again)) == errors.JET_errInvalidName
    assert make(session, 9, b"U", 16, 100, byref(again)) == errors.JET_errInvalidDatabaseId
    assert make(session + 1, 1, b"U", 16, 100, byref(again)) == errors.JET_errInvalidSesid
    add = library.JetAddColumn
    assert add(session, table, b"number", definition(4, grbit=1), struct.pack("<I", 7), 4, byref(number)) == 0
    assert library.JetAddColumnW(session, table, "text", definition(12), None, 0, byref(text)) == 0
    assert (number.value, text.value) == (1, 256)
    assert add(session, table, b"TEXT", definition(12), None, 0, None) == errors.JET_errColumnDuplicate
    assert add(session, table, b"", definition(12), None, 0, None) == errors.JET_errInvalidName
    assert add(session, table, b"x", None, None, 0, None) == errors.JET_errInvalidParameter
    assert library.JetMove(session, table, 0, 0) == errors.JET_errNoCurrentRecord
    for value in (b"one", b"two", b"three"):
        assert library.JetPrepareUpdate(session, table, 0) == 0
        assert library.JetPrepareUpdate(session, table, 0) == errors.JET_errAlreadyPrepared
        assert library.JetSetColumn(session, table, text, value, len(value), 0, None) == 0
        assert library.JetUpdate(session, table, None, 0, byref(actual)) == 0
    assert library.JetOpenTable(session, 1, b"t", None, 0, 0, byref(again)) == 0
    assert library.JetOpenTable(session, 1, b"none", None, 0, 0, byref(again)) == errors.JET_errObjectNotFound
    buffer, retrieve, found = create_string_buffer(8), library.JetRetrieveColumn, []
    error = library.JetMove(session, again, -(2**31), 0)
    while not error:
        assert retrieve(session, again, text, buffer, 8, byref(actual), 0, None) == 0
        found.append(buffer.raw[: actual.value])
        error = library.JetMove(session, again, 1, 0)
    assert (found, error) == ([b"one", b"two", b"three"], errors.JET_errNoCurrentRecord)
    assert library.JetMove(session, again, 2**31 - 1, 0) == library.JetMove(session, again, -1, 0) == 0
    assert retrieve(session, again, number, buffer, 2, byref(actual), 0, None) == errors.JET_wrnBufferTruncated
    assert (buffer.raw[:2], actual.value) == (b"\7\0", 4)
    assert library.JetDeleteTable(session, 1, b"T") == errors.JET_errTableInUse
    assert library.JetCloseTable(session, table) == library.JetCloseTable(session, again) == 0
    assert library.JetCloseTable(session, table) == errors.JET_errInvalidTableId
    assert library.JetDeleteTable(session, 1, b"T") == 0
    assert library.JetDeleteTable(session, 1, b"T") == errors.JET_errObjectNotFound


def test_a_row_is_replaced(session: int, library: Any) -> None:
    """What is set is there after JetUpdate only, or with JET_bitRetrieveCopy; a value that is no more is JET_wrnColumnNull."""
    table, text, actual, buffer, mark = (
        c_uint64(),
        c_uint32(),
        c_uint32(),
        create_string_buffer(8),
        create_string_buffer(8),
    )
    library.JetCreateTable(session, 1, b"T", 16, 100, byref(table))
    library.JetAddColumn(session, table, b"text", definition(12), None, 0, byref(text))
    update, prepare, move = library.JetUpdate, library.JetPrepareUpdate, library.JetMove
    put, retrieve = library.JetSetColumn, library.JetRetrieveColumn
    assert update(session, table, None, 0, None) == errors.JET_errUpdateNotPrepared
    assert put(session, table, text, b"x", 1, 0, None) == errors.JET_errUpdateNotPrepared
    assert prepare(session, table, 3) == errors.JET_errUpdateNotPrepared
    assert prepare(session, table, 2) == errors.JET_errNoCurrentRecord
    assert prepare(session, table, 8) == errors.JET_errInvalidParameter
    assert retrieve(session, table, text, buffer, 8, byref(actual), 0, None) == errors.JET_errNoCurrentRecord
    assert retrieve(session, table, 99, buffer, 8, byref(actual), 0, None) == errors.JET_errColumnNotFound
    assert prepare(session, table, 0) == 0
    assert put(session, table, 99, b"x", 1, 0, None) == errors.JET_errColumnNotFound
    assert put(session, table, text, b"x", 1, 0x800, None) == errors.JET_errFeatureNotAvailable
    assert put(session, table, text, b"x", 1, 0x400, struct.pack("<III", 12, 0, 1)) == 0
    assert put(session, table, text, None, 0, 0x20, None) == 0
    assert retrieve(session, table, text, buffer, 8, byref(actual), 1, None) == actual.value == 0
    assert put(session, table, text, b"", 0, 0, None) == 0
    assert retrieve(session, table, text, buffer, 8, byref(actual), 1, None) == errors.JET_wrnColumnNull
    assert put(session, table, text, b"old", 3, 0, None) == update(session, table, mark, 8, byref(actual)) == 0
    assert actual.value == 4
    assert move(session, table, -(2**31), 0) == prepare(session, table, 2) == 0
    assert put(session, table, text, b"new", 3, 0, None) == 0
    assert retrieve(session, table, text, buffer, 8, byref(actual), 1, None) == 0
    assert buffer.value == b"new"
    assert retrieve(session, table, text, buffer, 8, None, 0, None) == 0
    assert buffer.raw[:3] == b"old"
    assert prepare(session, table, 3) == prepare(session, table, 2) == 0
    assert put(session, table, text, None, 0, 0, None) == update(session, table, None, 0, None) == 0
    assert retrieve(session, table, text, buffer, 8, byref(actual), 0, None) == errors.JET_wrnColumnNull
    assert actual.value == 0


def test_a_column_is_told_of(session: int, library: Any) -> None:
    """JetGetTableColumnInfo gives the JET_COLUMNDEF with the number of the column in it."""
    table, text, told = c_uint64(), c_uint32(), create_string_buffer(28)
    library.JetCreateTable(session, 1, b"T", 16, 100, byref(table))
    library.JetAddColumn(session, table, b"Text", definition(12), None, 0, byref(text))
    info = library.JetGetTableColumnInfo
    assert info(session, table, b"text", told, 28, 0) == info(session, table, byref(text), told, 28, 6) == 0
    assert struct.unpack_from("<III", told) == (28, text.value, 12)
    assert info(session, table, b"none", told, 28, 0) == errors.JET_errColumnNotFound
    assert info(session, table, None, told, 28, 6) == errors.JET_errColumnNotFound
    assert info(session, table, b"text", told, 27, 0) == errors.JET_errInvalidParameter
    assert info(session, table, b"text", told, 28, 3) == errors.JET_errFeatureNotAvailable


def test_another_session_of_the_same_instance(session: int, library: Any) -> None:
    """JetDupSession asks for a session where the given one has its own (jetapi.cxx:12503)."""
    other = c_uint64()
    assert library.JetDupSession(session, byref(other)) == 0
    assert other.value not in {0, session}
    assert library.JetEndSession(other, 0) == 0
    assert library.JetDupSession(other, byref(other)) == errors.JET_errInvalidSesid


def test_a_database_only_grows(session: int, inst: esemu.Instance, library: Any) -> None:
    """JetGrowDatabase is JetResizeDatabase with JET_bitResizeDatabaseOnlyGrow (jetapi.cxx:20279)."""
    actual, before = c_uint32(), inst.state.databases[0].last_page + 2
    assert library.JetGrowDatabase(session, 1, 2, byref(actual)) == 0
    assert actual.value == before
    assert library.JetGrowDatabase(session, 1, before + 1, byref(actual)) == 0
    assert actual.value == inst.state.databases[0].last_page + 2 > before
    assert library.JetGrowDatabase(session, 9, 512, byref(actual)) < 0
    free = c_uint32()
    assert library.JetGetDatabaseInfo(session, 1, byref(free), 4, 12) == 0
    assert free.value > 256  # 16 were free, and pages of the trees that say so are taken from them
