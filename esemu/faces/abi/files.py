# SPDX-License-Identifier: MIT
"""The exported functions about files that nobody has attached: what the header of a log says, and the size of a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.entered import EnteredCall, of_process
from esemu.faces.abi.memory import put, put_ulong
from esemu.machine.api import SessionForm
from esemu.machine.calls import ENTER_SESSION, FIND_SESSION
from esemu.machine.shapes.databases import DatabaseCall
from esemu.machine.step import rule
from esemu.vocabulary import errors as err
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from esemu.faces.abi.interface import Interface
    from esemu.faces.abi.text import Text
    from esemu.formats.logs import LogHeader
    from esemu.machine.state import Instance

LOG_INFO: Final = {0: STRUCTURES["JET_LOGINFOMISC"], 1: STRUCTURES["JET_LOGINFOMISC2"]}
"""What JET_LogInfoMisc and JET_LogInfoMisc2 store (jethdr.w:5388); the second begins as the first."""

HEADER: Final = 4096
"""Bytes of the header of a log."""

PAGES_LEAST: Final = 32
"""cpgDatabaseApiMinReserved (db.cxx:447)."""

HEADER_PAGES: Final = 2

ROOM: Final = 1 << 28
"""Bytes by which a file may grow: on a disk that is memory, or the host's own, a slip of the pen shall not take all there is."""


LOG_FILE_INFO: Final = of_process("JetGetLogFileInfo")
REMOVE_LOG: Final = of_process("JetRemoveLogfile")


def log_info(interface: Interface, text: Text, path: int, result: int, size: int, level: int) -> int:
    """JetGetLogFileInfo (jetapi.cxx:13588, log.cxx:924): the file is opened before anybody looks at the level."""
    return interface.perform(
        EnteredCall(LOG_FILE_INFO, 0, lambda call: _log_info(interface, text, path, result, size, level))
    )


def _log_info(interface: Interface, text: Text, path: int, result: int, size: int, level: int) -> int:
    from esemu.formats.checksum import header_error  # noqa: PLC0415 - few programs ask
    from esemu.formats.database_header import FILETYPE_LOG  # noqa: PLC0415 - likewise
    from esemu.formats.logs import LogHeader  # noqa: PLC0415 - likewise

    disk = interface.process.world.disk
    name = interface.path(text, path) or ""
    error = disk.error_opening(name) if name else err.JET_errInvalidPath
    if error and not (error == err.JET_errFileAccessDenied and disk.is_file(name)):  # whose writer shares it
        return error
    if level not in LOG_INFO:
        return err.JET_errInvalidParameter
    page = bytes(disk.content(name).read(0, HEADER))
    if len(page) < HEADER or header_error(page):
        return err.JET_errLogFileCorrupt
    header = LogHeader.parse(page)
    if header.filetype not in {0, FILETYPE_LOG}:  # old logs say nothing
        return err.JET_errFileInvalidType
    if size != LOG_INFO[level].size:
        return err.JET_errInvalidBufferSize
    put(result, _told(header, level))
    return err.JET_errSuccess


def _told(header: LogHeader, level: int) -> bytes:
    """Return the structure; its sizes are those that the header has, of the file in segments (jetapi.cxx:8784-8836)."""
    numbers = {
        "ulGeneration": header.generation,
        "ulFlags": header.flags,
        "ulVersionMajor": header.major,
        "ulVersionMinor": header.minor,
        "ulVersionUpdate": header.update_major,
        "cbSectorSize": header.segment_size,
        "cbHeader": header.header_segments,
        "cbFile": header.segments,
        "cbDatabasePageSize": header.page_size,
    }
    data = header.to_bytes()
    copied = {"signLog": 44, "logtimeCreate": 16, "logtimePreviousGeneration": 24, "lgposCheckpoint": 640}
    pieces = []
    for field in LOG_INFO[level].fields:
        at = copied.get(field.name)
        pieces.append(numbers[field.name].to_bytes(4, "little") if at is None else data[at : at + field.size])
    return b"".join(pieces)


@rule(err.JET_errDatabaseInvalidPath, source="db.cxx:6166")
def no_database_named(instance: Instance, call: DatabaseCall) -> bool:
    """No database is named."""
    return not call.path


@rule(err.JET_errInvalidParameter, source="db.cxx:6169")
def too_few_pages(instance: Instance, call: DatabaseCall) -> bool:
    """No database has so few pages."""
    return call.pages < PAGES_LEAST


@rule(
    source="db.cxx:6177",
    errors=(err.JET_errInvalidPath, err.JET_errFileNotFound, err.JET_errFileAccessDenied),
)
def database_not_opened(instance: Instance, call: DatabaseCall) -> int:
    """The file cannot be opened: somebody has attached it, or it is not there."""
    return instance.process.world.disk.error_opening(call.path or "")


@rule(err.JET_errReadVerifyFailure, source="db.cxx:6185")
def no_header(instance: Instance, call: DatabaseCall) -> bool:
    """The file has no header of a database."""
    process = instance.process
    call.file = process.world.attached_database(instance, call.path or "", process.page_size)
    return call.file is None


@rule(err.JET_errDatabaseDirtyShutdown, source="db.cxx:6202")
def not_shut_down(instance: Instance, call: DatabaseCall) -> bool:
    """The database was not shut down."""
    from esemu.formats.database_header import CLEAN_SHUTDOWN  # noqa: PLC0415 - few programs ask

    return bool(call.file.header().dbstate != CLEAN_SHUTDOWN)


def enlarge(instance: Instance, call: DatabaseCall) -> int:
    """Append pages that hold nothing; a database that is larger stays as it is (db.cxx:6212)."""
    path, page_size = call.path or "", instance.process.page_size
    disk: Any = instance.process.world.disk  # of a library: one that can append
    call.result = max(call.pages, disk.size(path) // page_size - HEADER_PAGES)
    missing = (call.result + HEADER_PAGES) * page_size - disk.size(path)
    if missing > ROOM:
        return err.JET_errDiskFull
    return disk.append(path, memoryview(bytes(missing))) if missing > 0 else err.JET_errSuccess


JetSetDatabaseSize: Final = SessionForm(
    "JetSetDatabaseSize",
    no_database_named,
    too_few_pages,
    database_not_opened,
    no_header,
    not_shut_down,
    enlarge,
    shape=DatabaseCall,
    find=FIND_SESSION,
    gate=ENTER_SESSION,
)


def set_size(interface: Interface, text: Text, session: int, path: int, pages: int, actual: int) -> int:
    """JetSetDatabaseSize (jetapi.cxx:20213)."""
    call = DatabaseCall(JetSetDatabaseSize, session, interface.path(text, path), pages=pages)
    error = interface.perform(call)
    if not error:
        put_ulong(actual, call.result)
    return error


def remove_log(interface: Interface, text: Text, database: int, log: int, grbit: int) -> int:
    """JetRemoveLogfile (io.cxx:6432): its refusals alone; the required logs of a database are not changed."""
    refused = grbit or not text.read(database) or not text.read(log)
    error = err.JET_errInvalidParameter if refused else err.JET_errFeatureNotAvailable
    return interface.perform(EnteredCall(REMOVE_LOG, 0, lambda call: error))


HANDLERS: Final[dict[str, Any]] = {
    "JetGetLogFileInfo": log_info,
    "JetRemoveLogfile": remove_log,
    "JetSetDatabaseSize": set_size,
}
"""By the name without A and W."""
