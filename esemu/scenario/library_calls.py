# SPDX-License-Identifier: MIT
"""The calls of a case made through a library: any object with the exported functions, as ctypes has them.

What a client can see goes into the result: errors, handles, sizes, names, bytes.  Everything a call is told or gives back
lies at real addresses, as in a C program.
"""

from __future__ import annotations

import ctypes
import struct
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.exports import EXPORTS
from esemu.faces.abi.memory import pointer_at
from esemu.faces.abi.passing import declare
from esemu.faces.abi.text import Text
from esemu.scenario.buffers import Filled, Number
from esemu.scenario.shown_bytes import show_bytes
from esemu.vocabulary.errors import JET_errBufferTooSmall, JET_errSuccess
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Callable

    Described = dict[str, Any]
    Result = dict[str, Any]
    Operation = Callable[["Session", Described, Result], int]

_INFO: Final = STRUCTURES["JET_INSTANCE_INFO_W"]
_AT: Final = {field.name: field.offset for field in _INFO.fields}

ANSI: Final = Text("cp1252", 1)
WIDE: Final = Text("utf-16-le", 2)
"""The strings of the two forms of a function."""

_REAL: Final = (ctypes.CDLL, getattr(ctypes, "WinDLL", ctypes.CDLL))


class Functions:
    """The functions of a library, called with raw numbers: with what the prototypes say where that has to be said."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self._found: dict[str, Any] = {}

    def __call__(self, symbol: str, *raw: int) -> int:
        """Call a function and return its JET_ERR."""
        function = self._found.get(symbol)
        if function is None:
            function = self._found[symbol] = getattr(self._library, symbol)
            if type(self._library) in _REAL:  # ctypes would pass ints of 32 bits
                declare(function, symbol)
        return int(function(*raw))


class Session:
    """What a case needs while it is played through a library: who is who, and how paths are written there."""

    functions: Functions
    page_size: int
    files: dict[int, int]  # by instance: the handle that its last successful open returned
    last_snapshot: int

    def instance(self, described: Described) -> int:
        """Return the handle that a call passes."""
        raise NotImplementedError

    def number(self, described: Described) -> int:
        """Return which of the instances a call is for."""
        raise NotImplementedError

    def number_of(self, handle: int) -> int:
        """Return which instance has this handle."""
        raise NotImplementedError

    def snapshot(self, described: Described) -> int:
        """Return the number of the snapshot that a call is about."""
        raise NotImplementedError

    def into(self, path: str) -> str:
        """Return a path of the case as the library is told it."""
        return path

    def out(self, path: str) -> str:
        """Return a path of the library as the case has it."""
        return path


def _ansi(op: str) -> bool:
    return EXPORTS[op].prototype.form == "A"


def symbol_of(op: str) -> str:
    """Return the exported function that a call of a case is: in cases the plain names stand for the W forms."""
    return f"{op}W" if f"{op}W" in EXPORTS else op


def _string(session: Session, symbol: str, path: str | None) -> Any:
    """Return a path as a string of the form, kept in a block of memory; None for NULL."""
    if path is None:
        return None
    told = session.into(path)
    return ctypes.create_string_buffer(
        told.encode("cp1252", "replace") + b"\0"
        if _ansi(symbol)
        else told.encode("utf-16-le", "surrogatepass") + b"\0\0"
    )


def _address(block: Any) -> int:
    return 0 if block is None else ctypes.addressof(block)


def _is_single(symbol: str) -> bool:
    """Return whether the call names no instance."""
    arguments = EXPORTS[symbol].prototype.arguments
    return not arguments or arguments[0].c_type != "JET_INSTANCE"


def _with_instance(session: Session, symbol: str, described: Described, *raw: int) -> int:
    return session.functions(symbol, *(() if _is_single(symbol) else (session.instance(described),)), *raw)


# Calls that give nothing back.


def _plain(*fields: str) -> Operation:
    def operation(session: Session, described: Described, result: Result) -> int:  # noqa: ARG001 - nothing to show
        numbers = (described.get(field, 0) for field in fields)
        return _with_instance(session, symbol_of(described["op"]), described, *numbers)

    return operation


def _close(session: Session, described: Described, result: Result) -> int:  # noqa: ARG001 - nothing to show
    return _with_instance(session, described["op"], described, _file(session, described))


def _file(session: Session, described: Described) -> int:
    file = described.get("h", "last")
    return session.files[session.number(described)] if file == "last" else int(file) & 2**64 - 1


def _backup(session: Session, described: Described, result: Result) -> int:  # noqa: ARG001 - nothing to show
    symbol = symbol_of(described["op"])
    path = _string(session, symbol, described.get("path"))
    return _with_instance(session, symbol, described, _address(path), described.get("grbit", 0), 0)


# Files.


def _open(session: Session, described: Described, result: Result) -> int:
    symbol = symbol_of(described["op"])
    name = _string(session, symbol, described["name"])
    handle, low, high = Number(8), Number(4), Number(4)
    where = (described.get("cSections", 1), described.get("ib", 0)) if "Section" in symbol else ()
    section = (0, *where) if where else ()
    raw = (_address(name), handle.address, *section, low.address, high.address)
    error = _with_instance(session, symbol, described, *raw)
    if not error:
        session.files[session.number(described)] = result["h"] = handle.value or 0
        result["size"] = (high.value or 0) << 32 | (low.value or 0)
    return error


def _read(session: Session, described: Described, result: Result) -> int:
    size, no_buffer = described["cb"], described.get("pv") == "null"
    buffer = Filled(0 if no_buffer else size, described.get("align", 0))
    actual = Number(4) if described.get("pcb", True) else None
    raw = (
        _file(session, described),
        0 if no_buffer else buffer.address,
        size,
        0 if actual is None else actual.address,
    )
    if actual is not None:
        result["cbActual"] = None  # which it stays where the engine does not return
    error = _with_instance(session, described["op"], described, *raw)
    if actual is not None:
        result["cbActual"] = actual.value
    if not error and not no_buffer:
        data = buffer.written if actual is None else buffer.read(actual.value or 0)
        if data:
            show_bytes(data, session.page_size, result)
    return error


# Lists of names.


def _list(session: Session, described: Described, result: Result) -> int:
    symbol = symbol_of(described["op"])
    width = 1 if _ansi(symbol) else 2
    size = described.get("cbMax", 65536)
    buffer = Filled(size) if described.get("buf", True) else None
    actual = Number(4) if described.get("pcb", True) else None
    raw = [0 if buffer is None else buffer.address, size, 0 if actual is None else actual.address]
    info: Filled | None = None
    if "Instance2" in symbol:
        if described.get("info", True):
            layout = STRUCTURES["JET_LOGINFO_A" if width == 1 else "JET_LOGINFO_W"]
            info = Filled(layout.size)
            ctypes.memset(info.address, 0, layout.size)
            ctypes.memmove(info.address, described.get("cbSize", layout.size).to_bytes(4, "little"), 4)
        raw.append(0 if info is None else info.address)
    _show_list(session, width, JET_errSuccess, actual, buffer, result)  # which stays where the engine does not return
    error = _with_instance(session, symbol, described, *raw)
    _show_list(session, width, error, actual, buffer, result)
    if "Instance2" in symbol and not error:
        result["loginfo"] = [0, 0, ""] if info is None else _log_info(info, width)
    return error


def _show_list(  # noqa: PLR0913 - all that a list gives
    session: Session, width: int, error: int, actual: Number | None, buffer: Filled | None, result: Result
) -> None:
    """Show what is behind the pointers of a list."""
    if actual is not None:
        result["cbActual"] = actual.value
    if buffer is not None:
        _show_names(session, buffer.written, width, error, result)


def _log_info(info: Filled, width: int) -> list[Any]:
    data = info.read(info.size)
    low, high = struct.unpack_from("<II", data, 4)
    return [low, high, data[12:].decode("latin-1" if width == 1 else "utf-16-le").split("\0")[0]]


def _show_names(session: Session, data: bytes, width: int, error: int, result: Result) -> None:
    """Show what is in the buffer after the call: whole names, and one that was cut short."""
    text = data[: len(data) - len(data) % width].decode("cp1252" if width == 1 else "utf-16-le", "replace")
    result["cbWritten"] = len(data)
    whole = text == "\0" or text.endswith("\0\0")
    result["terminated"] = whole and len(data) % width == 0 and error != JET_errBufferTooSmall
    *shown, tail = text.split("\0")
    result["names"] = [session.out(name) for name in shown if name]
    if tail:
        result["names"].append(f"{session.out(tail)}|CUT")


# Instances and snapshots.


def _instances(session: Session, symbol: str, count: int, array: int) -> list[Any]:
    """Return the instances of an array of JET_INSTANCE_INFO."""
    return [_instance(session, symbol, array + k * _INFO.size) for k in range(count)]


def _instance(session: Session, symbol: str, entry: int) -> list[Any]:
    names, count = pointer_at(entry + _AT["szDatabaseFileName"]), pointer_at(entry + _AT["cDatabases"])
    return [
        session.number_of(pointer_at(entry + _AT["hInstanceId"])),
        _text_at(symbol, pointer_at(entry + _AT["szInstanceName"])),
        [session.out(_text_at(symbol, pointer_at(names + 8 * k)) or "") for k in range(count)],
    ]


def _text_at(symbol: str, address: int) -> str | None:
    return (ANSI if _ansi(symbol) else WIDE).read(address)


def _instance_info(session: Session, described: Described, result: Result) -> int:
    symbol = symbol_of(described["op"])
    return _told(session, described, result, lambda *pointers: session.functions(symbol, *pointers))


def _prepare(session: Session, described: Described, result: Result) -> int:
    number = Number(8)
    address = number.address if described.get("psnap", True) else 0
    error = session.functions("JetOSSnapshotPrepare", address, described.get("grbit", 0))
    if not error:
        session.last_snapshot = result["snap"] = number.value or 0
    return error


def _snapshot(session: Session, described: Described, result: Result) -> int:  # noqa: ARG001 - nothing to show
    symbol, number = described["op"], session.snapshot(described)
    instance = (session.instance(described),) if "Instance" in symbol else ()
    return session.functions(symbol, number, *instance, described.get("grbit", 0))


def _members(session: Session, described: Described, result: Result) -> int:
    symbol, number, grbit = symbol_of(described["op"]), session.snapshot(described), described.get("grbit", 0)
    return _told(session, described, result, lambda *pointers: session.functions(symbol, number, *pointers, grbit))


def _told(session: Session, described: Described, result: Result, function: Callable[[int, int], int]) -> int:
    """Make a call that stores an array of instances, and show what it has stored."""
    has_count, has_array = described.get("pc", True), described.get("pa", True)
    count, array = Number(4), Number(8)
    error = function(count.address if has_count else 0, array.address if has_array else 0)
    if has_count:
        result["c"] = count.value
    if has_array:
        stored: Any = "unwritten" if array.value is None else None
        if array.value:
            stored = _instances(session, symbol_of(described["op"]), count.value or 0, array.value)
            session.functions("JetFreeBuffer", array.value)
        result["insts"] = stored
    return error


def _forms(*names: str) -> list[str]:
    return [f"{name}{form}" for name in names for form in ("", "W", "A")]


LIBRARY_OPERATIONS: Final[dict[str, Operation]] = {
    **dict.fromkeys(
        (
            "JetTruncateLogInstance",
            "JetTruncateLog",
            "JetStopBackupInstance",
            "JetStopBackup",
            "JetStopServiceInstance",
            "JetStopService",
            "JetEndExternalBackupInstance",
            "JetEndExternalBackup",
            "JetTerm",
        ),
        _plain(),
    ),
    **dict.fromkeys(
        (
            "JetBeginExternalBackupInstance",
            "JetBeginExternalBackup",
            "JetEndExternalBackupInstance2",
            "JetEndSurrogateBackup",
            "JetTerm2",
            "JetStopServiceInstance2",
        ),
        _plain("grbit"),
    ),
    "JetBeginSurrogateBackup": _plain("first", "last", "grbit"),
    "JetReadFileInstance": _read,
    "JetReadFile": _read,
    "JetCloseFileInstance": _close,
    "JetCloseFile": _close,
    "JetBackupInstance": _backup,
    "JetBackupInstanceW": _backup,
    **dict.fromkeys(_forms("JetOpenFileInstance", "JetOpenFile", "JetOpenFileSectionInstance"), _open),
    **dict.fromkeys(
        _forms(
            "JetGetAttachInfoInstance",
            "JetGetAttachInfo",
            "JetGetLogInfoInstance",
            "JetGetLogInfo",
            "JetGetLogInfoInstance2",
            "JetGetTruncateLogInfoInstance",
        ),
        _list,
    ),
    **dict.fromkeys(_forms("JetGetInstanceInfo"), _instance_info),
    "JetOSSnapshotPrepare": _prepare,
    **dict.fromkeys(
        (
            "JetOSSnapshotPrepareInstance",
            "JetOSSnapshotThaw",
            "JetOSSnapshotAbort",
            "JetOSSnapshotTruncateLog",
            "JetOSSnapshotTruncateLogInstance",
            "JetOSSnapshotEnd",
        ),
        _snapshot,
    ),
    **dict.fromkeys(_forms("JetOSSnapshotFreeze", "JetOSSnapshotGetFreezeInfo"), _members),
}
"""By the name that cases have."""
