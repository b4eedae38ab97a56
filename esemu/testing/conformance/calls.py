# SPDX-License-Identifier: MIT
"""The calls about instances, parameters, sessions and databases, made through a library.

`esemu.scenario.library_calls` has those of the recordings; these are the others, in the same form.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import put, put_pointer, put_ulong
from esemu.scenario.buffers import Filled, Number
from esemu.scenario.library_calls import LIBRARY_OPERATIONS
from esemu.vocabulary import parameters
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.testing.conformance.players import Player

    Described = dict[str, Any]
    Result = dict[str, Any]
    Operation = Callable[[Player, Described, Result], int]

_SETTING: Final = STRUCTURES["JET_SETSYSPARAM_W"]
_AT: Final = {field.name: field.offset for field in _SETTING.fields}

ROOM: Final = 1024
"""Bytes of room for the value of a parameter that is a string."""


class Text:
    """A string in UTF-16 at `address`, which is 0 for None."""

    def __init__(self, value: str | None) -> None:
        self._block = None if value is None else ctypes.create_string_buffer(value.encode("utf-16-le") + b"\0\0")
        self.address = 0 if self._block is None else ctypes.addressof(self._block)


def _begin_session(player: Player, described: Described, result: Result) -> int:  # noqa: ARG001 - nothing to show
    number = Number(8)
    error = player.functions("JetBeginSessionW", player.instance(described), number.address, 0, 0)
    player.name(described, number.value, error)
    return error


def _of_session(symbol: str, *fields: str) -> Operation:
    def operation(player: Player, described: Described, result: Result) -> int:  # noqa: ARG001 - nothing to show
        return player.functions(symbol, player.session(described), *(described.get(field, 0) for field in fields))

    return operation


def _attach(player: Player, described: Described, result: Result) -> int:  # noqa: ARG001 - nothing to show
    name = Text(player.path(described.get("name")))
    return player.functions("JetAttachDatabaseW", player.session(described), name.address, described.get("grbit", 0))


def _detach(player: Player, described: Described, result: Result) -> int:  # noqa: ARG001 - nothing to show
    name = Text(player.path(described.get("name")))
    grbit = described.get("grbit", 0)
    if grbit:
        return player.functions("JetDetachDatabase2W", player.session(described), name.address, grbit)
    return player.functions("JetDetachDatabaseW", player.session(described), name.address)


def _with_dbid(symbol: str) -> Operation:
    def operation(player: Player, described: Described, result: Result) -> int:
        name, number = Text(player.path(described.get("name"))), Number(4)
        raw = (name.address, 0, number.address, described.get("grbit", 0))
        error = player.functions(symbol, player.session(described), *raw)
        if error >= 0:
            result["dbid"] = number.value
        return error

    return operation


def _create(player: Player, described: Described, result: Result) -> int:  # noqa: ARG001 - nothing to show
    number, name = Number(8), Text(described.get("name"))
    if described["op"] == "JetCreateInstance":
        error = player.functions("JetCreateInstanceW", number.address, name.address)
    else:
        shown = Text(described.get("display"))
        error = player.functions("JetCreateInstance2W", number.address, name.address, shown.address, 0)
    player.name(described, number.value, error)
    return error


def _init(player: Player, described: Described, result: Result) -> int:  # noqa: ARG001 - nothing to show
    number = Number(8, player.instance(described))
    address = 0 if described.get("no_pointer") else number.address
    symbol = {"JetInit": "JetInit", "JetInit2": "JetInit2", "JetInit3": "JetInit3W"}[described["op"]]
    further = {"JetInit": (), "JetInit2": (0,), "JetInit3W": (0, 0)}[symbol]
    error = player.functions(symbol, address, *further)
    player.name(described, number.value, error)
    return error


def _number(paramid: int | str) -> int:
    return paramid if isinstance(paramid, int) else int(getattr(parameters, paramid))


def _setting(player: Player, value: Any) -> tuple[int, Text]:
    """Return the two values of a parameter, of which the engine looks at one."""
    if isinstance(value, str):
        return 0, Text(player.path(value) if "\\" in value else value)
    return int(value or 0), Text(None)


def _set_parameter(player: Player, described: Described, result: Result) -> int:  # noqa: ARG001 - nothing to show
    handle = Number(8, player.instance(described))
    number, string = _setting(player, described.get("value"))
    session = player.session(described) if "session" in described else 0
    return player.functions(
        "JetSetSystemParameterW", handle.address, session, _number(described["paramid"]), number, string.address
    )


def _get_parameter(player: Player, described: Described, result: Result) -> int:
    number, room = Number(8), Filled(described.get("size", ROOM))
    session = player.session(described) if "session" in described else 0
    raw = (_number(described["paramid"]), number.address, room.address, room.size)
    error = player.functions("JetGetSystemParameterW", player.instance(described), session, *raw)
    if not error:
        text = room.written.decode("utf-16-le", "replace").split("\0")[0]
        result["value"] = number.value if number.value is not None else player.out(text)
    return error


def _enable(player: Player, described: Described, result: Result) -> int:
    settings = described["settings"]
    block = Filled(max(1, len(settings) * _SETTING.size))
    strings = []
    for place, (name, value) in enumerate(settings):
        entry = block.address + place * _SETTING.size
        put(entry, bytes(_SETTING.size))
        number, string = _setting(player, value)
        strings.append(string)
        put_ulong(entry + _AT["paramid"], _number(name))
        put_pointer(entry + _AT["lParam"], number)
        put_pointer(entry + _AT["sz"], string.address)
    done = Number(4)
    error = player.functions("JetEnableMultiInstanceW", block.address, len(settings), done.address)
    result["succeeded"] = done.value
    return error


def _single_backup(player: Player, described: Described, result: Result) -> int:  # noqa: ARG001 - nothing to show
    path = Text(player.path(described.get("path")))
    return player.functions("JetBackupW", path.address, described.get("grbit", 0), 0)


def _resize(player: Player, described: Described, result: Result) -> int:
    actual = Number(4)
    dbid, pages, grbit = described.get("dbid", 1), described.get("pages", 0), described.get("grbit", 0)
    error = player.functions("JetResizeDatabase", player.session(described), dbid, pages, actual.address, grbit)
    result["pages"] = actual.value
    return error


def _version(player: Player, described: Described, result: Result) -> int:  # noqa: ARG001 - versions differ
    version = Number(4)
    return player.functions("JetGetVersion", player.session(described), version.address)


def _database_info(player: Player, described: Described, result: Result) -> int:  # noqa: ARG001 - headers differ
    size = described.get("cbMax", 4)
    told = Filled(size)
    raw = (described.get("dbid", 1), told.address, size, described.get("level", 8))
    return player.functions("JetGetDatabaseInfoW", player.session(described), *raw)


def _file_info(player: Player, described: Described, result: Result) -> int:  # noqa: ARG001 - likewise
    name, size = Text(player.path(described["path"])), described["size"]
    told = Filled(size)
    return player.functions("JetGetDatabaseFileInfoW", name.address, told.address, size, described["level"])


OPERATIONS: Final[dict[str, Operation]] = LIBRARY_OPERATIONS | {
    "JetResizeDatabase": _resize,
    "JetGetVersion": _version,
    "JetGetDatabaseInfo": _database_info,
    "JetGetDatabaseFileInfo": _file_info,
    "JetBeginSession": _begin_session,
    "JetEndSession": _of_session("JetEndSession", "grbit"),
    "JetBeginTransaction": _of_session("JetBeginTransaction"),
    "JetCommitTransaction": _of_session("JetCommitTransaction", "grbit"),
    "JetRollback": _of_session("JetRollback", "grbit"),
    "JetAttachDatabase": _attach,
    "JetDetachDatabase": _detach,
    "JetCreateDatabase": _with_dbid("JetCreateDatabaseW"),
    "JetOpenDatabase": _with_dbid("JetOpenDatabaseW"),
    "JetCloseDatabase": _of_session("JetCloseDatabase", "dbid", "grbit"),
    "JetCreateInstance": _create,
    "JetCreateInstance2": _create,
    "JetInit": _init,
    "JetInit2": _init,
    "JetInit3": _init,
    "JetSetSystemParameter": _set_parameter,
    "JetGetSystemParameter": _get_parameter,
    "JetEnableMultiInstance": _enable,
    "JetBackup": _single_backup,
}
"""Every call that a case can make of a library, by its name."""
