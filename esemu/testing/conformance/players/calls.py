# SPDX-License-Identifier: MIT
"""The calls about instances, parameters, sessions and databases, made through a library.

`esemu.scenario.library_calls` has those of the recordings; these are the others, in the same form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import put, put_pointer, put_ulong
from esemu.scenario.buffers import Filled, Number, String
from esemu.scenario.functions import called
from esemu.scenario.library_calls import LIBRARY_OPERATIONS, plain
from esemu.testing.conformance.players.restore_calls import RESTORES
from esemu.vocabulary import parameters
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.testing.conformance.players.player import Player

    Described = dict[str, Any]
    Result = dict[str, Any]
    Operation = Callable[[Player, Described, Result], int]

_SETTING: Final = STRUCTURES["JET_SETSYSPARAM_W"]
_AT: Final = {field.name: field.offset for field in _SETTING.fields}

ROOM: Final = 1024
"""Bytes of room for the value of a parameter that is a string."""


def _named(player: Player, described: Described, result: Result) -> int:  # noqa: ARG001 - handles differ
    """Make a call that gives a handle, which the case may give a name."""
    error, stored = called(player, described)
    player.name(described, next((number.value for number in stored.values()), None), error)
    return error


def _giving(parameter: str, shown: str) -> Operation:
    """Return a call that gives a number."""

    def operation(player: Player, described: Described, result: Result) -> int:
        error, stored = called(player, described)
        result[shown] = stored[parameter].value
        return error

    return operation


def _detach(player: Player, described: Described, result: Result) -> int:  # noqa: ARG001 - nothing to show
    return called(player, described, "JetDetachDatabase2W" if described.get("grbit") else "")[0]


def _number(paramid: int | str) -> int:
    return paramid if isinstance(paramid, int) else int(getattr(parameters, paramid))


def _setting(player: Player, value: Any) -> tuple[int, String]:
    """Return the two values of a parameter, of which the engine looks at one."""
    if isinstance(value, str):
        return 0, String(player.into(value) if "\\" in value else value, "W")
    return int(value or 0), String(None, "W")


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


OPERATIONS: Final[dict[str, Operation]] = LIBRARY_OPERATIONS | {
    **dict.fromkeys(
        (
            "JetEndSession",
            "JetBeginTransaction",
            "JetCommitTransaction",
            "JetRollback",
            "JetAttachDatabase",
            "JetCloseDatabase",
            "JetGetVersion",
            "JetGetDatabaseInfo",
            "JetGetDatabaseFileInfo",
            "JetBackup",
        ),
        plain,
    ),
    **dict.fromkeys(
        ("JetCreateInstance", "JetCreateInstance2", "JetInit", "JetInit2", "JetInit3", "JetBeginSession"), _named
    ),
    **RESTORES,
    "JetCreateDatabase": _giving("pdbid", "dbid"),
    "JetOpenDatabase": _giving("pdbid", "dbid"),
    "JetResizeDatabase": _giving("pcpgActual", "pages"),
    "JetDetachDatabase": _detach,
    "JetSetSystemParameter": _set_parameter,
    "JetGetSystemParameter": _get_parameter,
    "JetEnableMultiInstance": _enable,
}
"""Every call that a case can make of a library, by its name."""
