# SPDX-License-Identifier: MIT
"""What stands in the way of asking about instances (ErrIsamGetInstanceInfo) and databases, and of resizing one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine.rules.databases import named_in
from esemu.machine.step import rule
from esemu.vocabulary import errors as err
from esemu.vocabulary.grbits import JET_bitResizeDatabaseOnlyGrow, JET_bitResizeDatabaseOnlyShrink
from esemu.vocabulary.parameters import JET_paramEnableShrinkDatabase

if TYPE_CHECKING:
    from esemu.machine.database_state import Database
    from esemu.machine.shapes.databases import DatabaseInfoCall, FileInfoCall, ResizeCall
    from esemu.machine.shapes.instances import InstanceInfoCall
    from esemu.machine.state import Instance, Process

RESIZE_BITS: Final = JET_bitResizeDatabaseOnlyGrow | JET_bitResizeDatabaseOnlyShrink

HEADER_PAGES: Final = 2
"""cpgDBReserved: pages of the file that are none of the database's numbers."""

EXTENSION: Final = 256
"""The default of JET_paramDbExtensionSize, in pages (sysparamtable.g.cxx:29)."""

PAGES_MOST: Final = 0x7FEFFFFF
"""pgnoSysMax: no page has a higher number (space.hxx:446)."""

FILENAME, CONNECT, COUNTRY, LCID, CODE_PAGE, COLLATE, OPTIONS, TRANSACTIONS, VERSION, ISAM = range(10)
FILE_SIZE, SPACE_OWNED, SPACE_AVAILABLE, UPGRADE, MISC, IN_USE = range(10, 16)
PAGE_SIZE, FILE_TYPE, SIZE_ON_DISK = 17, 19, 21
"""Levels of information, JET_DbInfoFilename and so on (jethdr.w:5345)."""

MISC_SIZES: Final = frozenset({216, 296, 300, 348, 380, 400, 416})
"""sizeof(JET_DBINFOMISC) to sizeof(JET_DBINFOMISC7), in bytes (jethdr.w)."""

NUMBER: Final = frozenset({4})
QWORD: Final = frozenset({8})

EXACT: Final = {
    COUNTRY: NUMBER,
    LCID: NUMBER,
    CODE_PAGE: NUMBER,
    COLLATE: NUMBER,
    OPTIONS: NUMBER,
    TRANSACTIONS: NUMBER,
    VERSION: NUMBER,
    SPACE_OWNED: NUMBER,
    MISC: MISC_SIZES,
}
"""Sizes of the buffer that JetGetDatabaseInfo takes, in bytes."""

OF_A_FILE: Final = {
    FILE_SIZE: QWORD,
    SIZE_ON_DISK: QWORD,
    UPGRADE: frozenset({24}),
    MISC: MISC_SIZES,
    PAGE_SIZE: NUMBER,
    FILE_TYPE: NUMBER,
    IN_USE: NUMBER,
}
"""What JetGetDatabaseFileInfo tells, and the sizes of the buffer that it takes, in bytes."""

OF_THE_HEADER: Final = (MISC, PAGE_SIZE, FILE_TYPE)
"""What is read from the header of the file."""

TOLD: Final = frozenset({*EXACT, FILENAME, CONNECT, ISAM, PAGE_SIZE, FILE_SIZE, SIZE_ON_DISK, SPACE_AVAILABLE})
"""What JetGetDatabaseInfo tells."""


def numbered(instance: Instance, dbid: int) -> Database | None:
    """Return the attached database of an instance with this number."""
    return next((each for each in instance.databases if each.attached and each.dbid == dbid), None)


@rule(err.JET_errInvalidParameter, source="io.cxx:2144")
def no_room_for_instances(process: Process, call: InstanceInfoCall) -> bool:  # noqa: ARG001 - a rule about the call
    """One of the pointers pcInstanceInfo and paInstanceInfo is NULL."""
    return call.no_pointer


@rule(err.JET_errInvalidParameter, source="jetapi.cxx:22725")
def no_room_for_ansi_instances(process: Process, call: InstanceInfoCall) -> bool:  # noqa: ARG001 - likewise
    """One of the pointers pcInstanceInfo and paInstanceInfo is NULL, which the A form finds when it has the list."""
    return call.no_pointer


@rule(err.JET_errInvalidParameter, source="info.cxx:4298")
def information_unknown(instance: Instance, call: DatabaseInfoCall) -> bool:  # noqa: ARG001 - a rule about the call
    """JetGetDatabaseInfo has no such information."""
    return call.level not in TOLD


@rule(err.JET_errFeatureNotAvailable, source="info.cxx:4179")
def information_given_up(instance: Instance, call: DatabaseInfoCall) -> bool:  # noqa: ARG001 - a rule about the call
    """JET_DbInfoIsam: the engine does not tell that any more."""
    return call.level == ISAM


@rule(err.JET_errInvalidBufferSize, source="info.cxx:4125")
def information_of_another_size(instance: Instance, call: DatabaseInfoCall) -> bool:  # noqa: ARG001 - likewise
    """The buffer has not the size of the information."""
    return call.level in EXACT and call.size_max not in EXACT[call.level]


@rule(err.JET_errBufferTooSmall, source="info.cxx:4098")
def information_does_not_fit(instance: Instance, call: DatabaseInfoCall) -> bool:
    """The buffer is too small for the path with its NUL, for an empty string, or is no number for the size of a page."""
    if call.level == PAGE_SIZE:
        return call.size_max != 4
    if call.level == CONNECT:
        return call.size_max < 1
    database = numbered(instance, call.dbid)
    return call.level == FILENAME and database is not None and 2 * (len(database.name) + 1) > call.size_max


def attached_anywhere(process: Process, path: str) -> Database | None:
    """Return the database with this full path, whichever instance has attached it."""
    found = (named_in(instance, path) for instance in process.live())
    return next((database for database in found if database is not None), None)


def full_path(process: Process, call: FileInfoCall) -> str:
    """Return the full path of the file."""
    return process.world.disk.complete(call.path or "") or ""


@rule(err.JET_errFileNotFound, source="jetapi.cxx:12945")
def described_file_missing(process: Process, call: FileInfoCall) -> bool:
    """There is no such file."""
    disk, path = process.world.disk, full_path(process, call)
    return not call.path or not disk.is_file(path)


@rule(err.JET_errInvalidParameter, source="jetapi.cxx:13205")
def file_information_unknown(process: Process, call: FileInfoCall) -> bool:  # noqa: ARG001 - a rule about the call
    """JetGetDatabaseFileInfo has no such information."""
    return call.level not in OF_A_FILE


@rule(err.JET_errInvalidBufferSize, source="jetapi.cxx:12959")
def file_information_of_another_size(process: Process, call: FileInfoCall) -> bool:  # noqa: ARG001 - likewise
    """The buffer has not the size of the information."""
    return call.size_max not in OF_A_FILE[call.level]


@rule(err.JET_errReadVerifyFailure, source="jetapi.cxx:13138")
def described_file_has_no_header(process: Process, call: FileInfoCall) -> bool:
    """The file has no header of a database, and nobody has attached it."""
    if call.level not in OF_THE_HEADER or attached_anywhere(process, full_path(process, call)) is not None:
        return False
    return process.world.attached_database(None, full_path(process, call), process.page_size) is None


@rule(err.JET_errInvalidGrbit, source="db.cxx:6275")
def resize_bits_wrong(instance: Instance, call: ResizeCall) -> bool:  # noqa: ARG001 - a rule about the call
    """A bit is set that JetResizeDatabase does not know, or the database shall only grow and only shrink."""
    return bool(call.grbit & ~RESIZE_BITS) or call.grbit == RESIZE_BITS


def grown(database: Database, call: ResizeCall) -> int:
    """Return the last page of a database that has grown to the wanted size: by whole extensions, and not at all if it is so large."""
    missing = call.pages - (database.last_page + HEADER_PAGES)
    if missing <= 0 or call.grbit & JET_bitResizeDatabaseOnlyShrink:
        return database.last_page
    return database.last_page + -(-missing // EXTENSION) * EXTENSION


@rule(err.JET_errFeatureNotAvailable, source="db.cxx:6307")
def shrinking_disabled(instance: Instance, call: ResizeCall) -> bool:
    """The database would have to shrink, and JET_paramEnableShrinkDatabase is off."""
    database = numbered(instance, call.dbid)
    smaller = database is not None and call.pages < database.last_page + HEADER_PAGES
    wanted = smaller and not call.grbit & JET_bitResizeDatabaseOnlyGrow
    return wanted and not int(instance.parameter(JET_paramEnableShrinkDatabase)) & 1


@rule(err.JET_errOutOfDatabaseSpace, source="space.cxx:11990")
def page_numbers_used_up(instance: Instance, call: ResizeCall) -> bool:
    """The database would have pages with higher numbers than there are."""
    database = numbered(instance, call.dbid)
    return database is not None and grown(database, call) > PAGES_MOST
