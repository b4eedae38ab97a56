# SPDX-License-Identifier: MIT
"""The functions of a library, called with what a case says of their arguments.

Which arguments a function has is what its prototype says; everything that it is told or gives back lies at real addresses,
as in a C program.
"""

from __future__ import annotations

import ctypes
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.exports import EXPORTS
from esemu.faces.abi.passing import declare
from esemu.faces.fields import field_of
from esemu.machine.calls import CALLS
from esemu.scenario.buffers import Filled, Number, String

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from esemu.machine.api import ApiCall
    from esemu.vocabulary.declarations import Argument

Described = dict[str, Any]

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


class Caller:
    """Who calls a library for a case: it knows who is who there, and how paths are written."""

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

    def session(self, described: Described) -> int:
        """Return the session that a call passes."""
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


def symbol_of(op: str) -> str:
    """Return the exported function that a call of a case is: in cases the plain names stand for the W forms."""
    return f"{op}W" if f"{op}W" in EXPORTS else op


NULL: Final = {"psnapId": "psnap", "pcInstanceInfo": "pc", "paInstanceInfo": "pa"}
"""The fields with which a case says that there is no pointer, by the parameter."""

STRINGS: Final = frozenset({"JET_PCSTR", "JET_PSTR", "JET_PCWSTR", "JET_PWSTR"})
NO_PATHS: Final = frozenset({"szInstanceName", "szDisplayName"})
"""Types of strings, which are paths but for these."""

NONE: Final[Mapping[str, int]] = MappingProxyType({})

ULONGS: Final = frozenset({"unsigned long *", "long *", "JET_DBID *"})
"""Pointers to numbers of four bytes; all others have eight."""


def called(
    caller: Caller, described: Described, symbol: str = "", own: Mapping[str, int] = NONE
) -> tuple[int, dict[str, Number]]:
    """Call a function with what a case says; return its error, and the numbers that it may have stored, by the parameter.

    The function is that of the call unless it is named.  `own` are arguments that are not made here, by the parameter.
    """
    symbol = symbol or symbol_of(described["op"])
    arguments = EXPORTS[symbol].prototype.arguments
    memory = [own[each.name] if each.name in own else _argument(caller, described, symbol, each) for each in arguments]
    error = caller.functions(symbol, *(each if isinstance(each, int) else each.address for each in memory))
    stored = zip(arguments, memory, strict=True)
    return error, {argument.name: number for argument, number in stored if isinstance(number, Number)}


def _argument(caller: Caller, described: Described, symbol: str, argument: Argument) -> int | Number | Filled | String:
    """Return what is passed for an argument: a number, or memory."""
    c_type = argument.c_type.removeprefix("const ")
    if c_type in OWN:
        return OWN[c_type](caller, described)
    if not described.get(NULL.get(argument.name, ""), True):
        return 0
    if argument.direction == "inout":
        return 0 if described.get("no_pointer") else Number(8, caller.instance(described))
    api = CALLS[EXPORTS[symbol_of(described["op"])].name]
    field = field_of(api, argument.name)
    if argument.direction == "out":
        return Filled(_room(api, described)) if c_type == "void *" else Number(4 if c_type in ULONGS else 8)
    value = None if field is None else described.get(field.described, field.default)
    if c_type in STRINGS:
        told = value if value is None or argument.name in NO_PATHS else caller.into(value)
        return String(told, EXPORTS[symbol].prototype.form)
    return int(value or 0)


def _room(api: ApiCall, described: Described) -> int:
    """Return the size of the buffer of a call that tells of something."""
    field = field_of(api, "cbMax")
    return int(described.get(field.described, field.default)) if field is not None else 0


def file_of(caller: Caller, described: Described) -> int:
    """Return the handle of the file that a call passes: of the one opened last where the case names none."""
    file = described.get("h", "last")
    return caller.files[caller.number(described)] if file == "last" else int(file) & 2**64 - 1


OWN: Final[dict[str, Callable[[Caller, Described], int]]] = {
    "JET_INSTANCE": lambda caller, described: caller.instance(described),
    "JET_SESID": lambda caller, described: caller.session(described),
    "JET_OSSNAPID": lambda caller, described: caller.snapshot(described),
    "JET_HANDLE": file_of,
}
"""Types of handles, which the case has under names of its own."""
