# SPDX-License-Identifier: MIT
"""The exported functions that tell of the engine, of errors and of databases, and that of their size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import put, put_ulong, signed, ulong_at
from esemu.faces.database_info import available_pages, miscellaneous
from esemu.machine.calls import CALLS
from esemu.machine.rules.information import FILE_SIZE, FILENAME, SIZE_ON_DISK, SPACE_AVAILABLE
from esemu.machine.shapes.databases import DatabaseInfoCall, FileInfoCall, ResizeCall, SessionCall
from esemu.vocabulary.errors import JET_errInvalidBufferSize, JET_errInvalidParameter, JET_errSuccess
from esemu.vocabulary.grbits import JET_bitResizeDatabaseOnlyGrow
from esemu.vocabulary.header_numbers import ENUMERATIONS, OTHERS
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from esemu.faces.abi.interface import Interface
    from esemu.faces.abi.text import Text

ULONG: Final = 4
QWORD: Final = 8
"""Bytes of a number."""

_ERROR: Final = STRUCTURES["JET_ERRINFOBASIC_W"]
_AT: Final = {field.name: field.offset for field in _ERROR.fields}


def version(interface: Interface, text: None, session: int, result: int) -> int:
    """JetGetVersion (jetapi.cxx:12225)."""
    call = SessionCall(CALLS["JetGetVersion"], session)
    error = interface.perform(call)
    if not error:
        put_ulong(result, call.result)
    return error


def error_info(interface: Interface, text: Text, error: int, result: int, size: int, level: int, grbit: int) -> int:
    """JetGetErrorInfoW (jetapi.cxx:23963): the categories of an error, from the widest to its own; no file and line of the engine."""
    from esemu.vocabulary.explain import explain  # noqa: PLC0415 - large tables

    if not error or grbit or level != OTHERS["JET_ErrorInfoSpecificErr"]:
        return JET_errInvalidParameter
    if size < _ERROR.size:
        return JET_errInvalidBufferSize
    value = ulong_at(error)
    put(result, bytes(_ERROR.size))
    put_ulong(result, _ERROR.size)
    put_ulong(result + _AT["errValue"], value)
    try:
        names = ("Error", *explain(signed(value)).categories)
    except LookupError:
        return JET_errInvalidParameter
    categories = [ENUMERATIONS["JET_ERRCAT"].index(f"JET_errcat{name}") for name in names]
    put_ulong(result + _AT["errcatMostSpecific"], categories[-1])
    put(result + _AT["rgCategoricalHierarchy"], bytes(categories))
    return JET_errSuccess


def resize(interface: Interface, text: None, session: int, dbid: int, pages: int, actual: int, grbit: int) -> int:
    """JetResizeDatabase (jetapi.cxx:20352); the engine takes the size for a long (db.cxx:6288)."""
    call = ResizeCall(CALLS["JetResizeDatabase"], session, dbid, signed(pages), grbit)
    error = interface.perform(call)
    put_ulong(actual, 0 if error else call.result)
    return error


def grow(interface: Interface, text: None, session: int, dbid: int, pages: int, actual: int) -> int:
    """JetGrowDatabase (jetapi.cxx:20279): the engine calls JetResizeDatabase's part."""
    return resize(interface, text, session, dbid, pages, actual, JET_bitResizeDatabaseOnlyGrow)


def database_info(interface: Interface, text: Text, session: int, dbid: int, result: int, size: int, level: int) -> int:
    """JetGetDatabaseInfo (jetapi.cxx:12893): numbers of 32 bits, strings, or a JET_DBINFOMISC."""
    level &= ~0x40000000  # JET_DbInfoUseCachedResult, which the engine takes off too
    room = size * 2 // text.width if level == FILENAME else size
    call = DatabaseInfoCall(CALLS["JetGetDatabaseInfo"], session, dbid, level, room)
    error = interface.perform(call)
    if not error:
        told = available_pages(call.result) if level == SPACE_AVAILABLE else call.result
        _store(interface, text, result, size, told, ULONG)
    return error


def file_info(interface: Interface, text: Text, name: int, result: int, size: int, level: int) -> int:
    """JetGetDatabaseFileInfo (jetapi.cxx:13567): sizes are of 64 bits here."""
    call = FileInfoCall(CALLS["JetGetDatabaseFileInfo"], 0, interface.path(text, name), level, size)
    error = interface.perform(call)
    if not error:
        _store(interface, text, result, size, call.result, QWORD if level in {FILE_SIZE, SIZE_ON_DISK} else ULONG)
    return error


def _store(interface: Interface, text: Text, address: int, size: int, told: Any, width: int) -> None:
    """Store what was told: a number of `width` bytes, a string, or what the header of a database says."""
    if isinstance(told, int):
        put(address, told.to_bytes(width, "little"))
    elif isinstance(told, str):
        put(address, text.encode(interface.paths.out(told)) if told else b"\0")
    else:
        put(address, miscellaneous(told, size))


HANDLERS: Final[dict[str, Any]] = {
    "JetGetVersion": version,
    "JetGetErrorInfo": error_info,
    "JetResizeDatabase": resize,
    "JetGrowDatabase": grow,
    "JetGetDatabaseInfo": database_info,
    "JetGetDatabaseFileInfo": file_info,
}
"""By the name without A and W."""
