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
from esemu.faces.abi.text import Text
from esemu.scenario.buffers import Filled, Number
from esemu.scenario.calls import PLAIN
from esemu.scenario.functions import Caller, called, file_of, symbol_of
from esemu.scenario.shown_bytes import show_bytes
from esemu.scenario.snapshots import PLAIN_OF_SNAPSHOTS
from esemu.vocabulary.errors import JET_errBufferTooSmall, JET_errSuccess
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Callable

    Described = dict[str, Any]
    Result = dict[str, Any]
    Operation = Callable[["Caller", Described, Result], int]

_INFO: Final = STRUCTURES["JET_INSTANCE_INFO_W"]
_AT: Final = {field.name: field.offset for field in _INFO.fields}

ANSI: Final = Text("cp1252", 1)
WIDE: Final = Text("utf-16-le", 2)
"""The strings of the two forms of a function."""


def _ansi(op: str) -> bool:
    return EXPORTS[op].prototype.form == "A"


def _is_single(symbol: str) -> bool:
    """Return whether the call names no instance."""
    arguments = EXPORTS[symbol].prototype.arguments
    return not arguments or arguments[0].c_type != "JET_INSTANCE"


def _with_instance(caller: Caller, symbol: str, described: Described, *raw: int) -> int:
    return caller.functions(symbol, *(() if _is_single(symbol) else (caller.instance(described),)), *raw)


def plain(caller: Caller, described: Described, result: Result) -> int:  # noqa: ARG001 - nothing to show
    """Make a call that gives nothing back."""
    return called(caller, described)[0]


# Files.


def _open(caller: Caller, described: Described, result: Result) -> int:
    error, stored = called(caller, described)
    handle, low, high = (number.value or 0 for number in stored.values())
    if not error:
        caller.files[caller.number(described)] = result["h"] = handle
        result["size"] = high << 32 | low
    return error


def _read(caller: Caller, described: Described, result: Result) -> int:
    size, no_buffer = described["cb"], described.get("pv") == "null"
    buffer = Filled(0 if no_buffer else size, described.get("align", 0))
    actual = Number(4) if described.get("pcb", True) else None
    raw = (
        file_of(caller, described),
        0 if no_buffer else buffer.address,
        size,
        0 if actual is None else actual.address,
    )
    if actual is not None:
        result["cbActual"] = None  # which it stays where the engine does not return
    error = _with_instance(caller, described["op"], described, *raw)
    if actual is not None:
        result["cbActual"] = actual.value
    if not error and not no_buffer:
        data = buffer.written if actual is None else buffer.read(actual.value or 0)
        if data:
            show_bytes(data, caller.page_size, result)
    return error


# Lists of names.


def _list(caller: Caller, described: Described, result: Result) -> int:
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
    _show_list(caller, width, JET_errSuccess, actual, buffer, result)  # which stays where the engine does not return
    error = _with_instance(caller, symbol, described, *raw)
    _show_list(caller, width, error, actual, buffer, result)
    if "Instance2" in symbol and not error:
        result["loginfo"] = [0, 0, ""] if info is None else _log_info(info, width)
    return error


def _show_list(  # noqa: PLR0913 - all that a list gives
    caller: Caller, width: int, error: int, actual: Number | None, buffer: Filled | None, result: Result
) -> None:
    """Show what is behind the pointers of a list."""
    if actual is not None:
        result["cbActual"] = actual.value
    if buffer is not None:
        _show_names(caller, buffer.written, width, error, result)


def _log_info(info: Filled, width: int) -> list[Any]:
    data = info.read(info.size)
    low, high = struct.unpack_from("<II", data, 4)
    return [low, high, data[12:].decode("latin-1" if width == 1 else "utf-16-le").split("\0")[0]]


def _show_names(caller: Caller, data: bytes, width: int, error: int, result: Result) -> None:
    """Show what is in the buffer after the call: whole names, and one that was cut short."""
    text = data[: len(data) - len(data) % width].decode("cp1252" if width == 1 else "utf-16-le", "replace")
    result["cbWritten"] = len(data)
    whole = text == "\0" or text.endswith("\0\0")
    result["terminated"] = whole and len(data) % width == 0 and error != JET_errBufferTooSmall
    *shown, tail = text.split("\0")
    result["names"] = [caller.out(name) for name in shown if name]
    if tail:
        result["names"].append(f"{caller.out(tail)}|CUT")


# Instances and snapshots.


def _instances(caller: Caller, symbol: str, count: int, array: int) -> list[Any]:
    """Return the instances of an array of JET_INSTANCE_INFO."""
    return [_instance(caller, symbol, array + k * _INFO.size) for k in range(count)]


def _instance(caller: Caller, symbol: str, entry: int) -> list[Any]:
    names, count = pointer_at(entry + _AT["szDatabaseFileName"]), pointer_at(entry + _AT["cDatabases"])
    return [
        caller.number_of(pointer_at(entry + _AT["hInstanceId"])),
        _text_at(symbol, pointer_at(entry + _AT["szInstanceName"])),
        [caller.out(_text_at(symbol, pointer_at(names + 8 * k)) or "") for k in range(count)],
    ]


def _text_at(symbol: str, address: int) -> str | None:
    return (ANSI if _ansi(symbol) else WIDE).read(address)


def _prepare(caller: Caller, described: Described, result: Result) -> int:
    error, stored = called(caller, described)
    if not error:
        caller.last_snapshot = result["snap"] = stored["psnapId"].value or 0
    return error


def _infos(caller: Caller, described: Described, result: Result) -> int:
    """Make a call that stores an array of instances, and show what it has stored."""
    error, stored = called(caller, described)
    count, array = stored.get("pcInstanceInfo"), stored.get("paInstanceInfo")
    if count is not None:
        result["c"] = count.value
    if array is not None:
        shown: Any = "unwritten" if array.value is None else None
        if array.value:
            number = 0 if count is None else count.value or 0
            shown = _instances(caller, symbol_of(described["op"]), number, array.value)
            caller.functions("JetFreeBuffer", array.value)
        result["insts"] = shown
    return error


def _forms(*names: str) -> list[str]:
    return [f"{name}{form}" for name in names for form in ("", "W", "A")]


LIBRARY_OPERATIONS: Final[dict[str, Operation]] = {
    **dict.fromkeys(
        (
            *PLAIN,
            *PLAIN_OF_SNAPSHOTS,
            "JetCloseFileInstance",
            "JetCloseFile",
            "JetBackupInstance",
            "JetBackupInstanceW",
        ),
        plain,
    ),
    "JetReadFileInstance": _read,
    "JetReadFile": _read,
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
    "JetOSSnapshotPrepare": _prepare,
    **dict.fromkeys(_forms("JetGetInstanceInfo", "JetOSSnapshotFreeze", "JetOSSnapshotGetFreezeInfo"), _infos),
}
"""By the name that cases have."""
