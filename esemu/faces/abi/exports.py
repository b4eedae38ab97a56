# SPDX-License-Identifier: MIT
"""Every exported function of the interface by its exported name: FooA, FooW and Foo, which is FooA.

What a function takes is data (`esemu.vocabulary.signatures`), and so is most of what it does: numbers go to the machine as
the call of their row, and functions with pointers are written out in `HANDLERS`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from esemu.faces.abi import (
    backup,
    compaction,
    databases,
    files,
    information,
    instances,
    parameters,
    process,
    restore,
    sessions,
    tables,
)
from esemu.faces.abi.numbers import HANDLES, NUMBERS
from esemu.machine.api import ApiCall
from esemu.machine.call import Call
from esemu.machine.calls import CALLS
from esemu.machine.step import rule
from esemu.vocabulary.errors import JET_errFeatureNotAvailable, JET_errInvalidParameter
from esemu.vocabulary.signatures import SIGNATURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.faces.abi.interface import Interface
    from esemu.vocabulary.declarations import Prototype

    Function = Callable[..., int]
    Handler = Callable[..., int]

HANDLERS: Final[dict[str, Handler]] = (
    backup.HANDLERS
    | compaction.HANDLERS
    | instances.HANDLERS
    | parameters.HANDLERS
    | databases.HANDLERS
    | information.HANDLERS
    | process.HANDLERS
    | restore.HANDLERS
    | tables.HANDLERS
    | sessions.HANDLERS
    | files.HANDLERS
)
"""The functions that look behind pointers, by the name without A and W: `handler(interface, text, *raw)`."""

JUDGED_BY_THE_MACHINE: Final = frozenset(
    {
        "JetReadFile",
        "JetReadFileInstance",
        "JetGetInstanceInfo",
        "JetOSSnapshotPrepare",
        "JetOSSnapshotFreeze",
        "JetOSSnapshotGetFreezeInfo",
        "JetExternalRestore2",
        "JetGetSessionParameter",
        "JetGetCursorInfo",
    }
)
"""Calls whose NULL pointers are conditions of the table, or may be, or are never used."""


class Export(NamedTuple):
    """An exported function: the name of the call without A and W, and the form that the export is."""

    name: str
    prototype: Prototype


def _exports() -> dict[str, Export]:
    """Return every exported function by its exported name."""
    found: dict[str, Export] = {}
    for name, signature in SIGNATURES.items():
        for prototype in signature.forms:
            found[prototype.symbol] = Export(name, prototype)
        if signature.forms[0].form != "W":
            found.setdefault(name, Export(name, signature.forms[0]))
    return found


def _types(prototype: Prototype) -> list[str]:
    """Return the C types of the arguments of a function."""
    return [argument.c_type.removeprefix("const ") for argument in prototype.arguments]


_READ: Final = "JetReadFileInstance"

EXPORTS: Final = _exports()
"""Every exported function by its exported name."""


def is_emulated(symbol: str) -> bool:
    """Return whether an exported function does anything; the others answer JET_errFeatureNotAvailable."""
    name, prototype = EXPORTS[symbol]
    return name in HANDLERS or name == _READ or (name in CALLS and NUMBERS.issuperset(_types(prototype)))


def function(interface: Interface, symbol: str) -> Function:
    """Return an exported function, which takes raw numbers and returns a JET_ERR.  Raises KeyError for no such name."""
    made, after = _function(interface, symbol), tables.AFTER.get(EXPORTS[symbol].name)
    if after is None:
        return made

    def followed(handle: int, *rest: int) -> int:
        error = made(handle, *rest)
        if error >= 0 and interface.tables is not None:
            with interface.process.lock:
                after(interface.tables, handle)
        return error

    return followed


def _function(interface: Interface, symbol: str) -> Function:
    """Return what the machine or a handler does of an exported function."""
    name, prototype = EXPORTS[symbol]
    if not is_emulated(symbol):
        return _not_emulated(interface, name)
    if name == _READ:
        return backup.reader(interface)
    handler = HANDLERS.get(name)
    if handler is None:
        return _plain(interface, name, _types(prototype))
    bound = partial(handler, interface, interface.text(prototype.form) if prototype.form else None)
    needed = () if name in JUDGED_BY_THE_MACHINE else required(prototype)
    if not needed:
        return bound

    def checked(*raw: int) -> int:
        for place in needed:
            if not raw[place]:
                return JET_errInvalidParameter
        return bound(*raw)

    return checked


def required(prototype: Prototype) -> tuple[int, ...]:
    """Return the places of the pointers through which the engine stores something without a test for NULL."""
    return tuple(
        place
        for place, argument in enumerate(prototype.arguments)
        if argument.direction in {"out", "inout"} and not argument.optional
    )


def _plain(interface: Interface, name: str, types: list[str]) -> Function:
    """Return a function that hands its numbers to the machine; what it does is what `Interface.perform` does."""
    api, process = CALLS[name], interface.process
    shape: Callable[..., Call] = api.shape
    place = next((place for place, each in enumerate(types) if each in HANDLES), None)
    if place is None:
        return lambda *raw: interface.perform(shape(api, 0, *raw))
    if place:
        return lambda *raw: interface.perform(shape(api, raw[place], *raw[:place], *raw[place + 1 :]))

    def of_handle(handle: int) -> int:  # an argument list of its own costs more than the argument
        call = shape(api, handle)
        error = api.perform(process, call)
        return error if error <= 0 else interface.returned(call)

    def plain(*raw: int) -> int:
        call = shape(api, *raw)
        error = api.perform(process, call)
        return error if error <= 0 else interface.returned(call)

    return of_handle if len(types) == 1 else plain


class NotEmulatedCall(Call):
    """A call of a function that esemu does not emulate, as the trace shows it."""

    def __repr__(self) -> str:
        return f"NotEmulated: {self.api.name}"


@rule(JET_errFeatureNotAvailable, source="none: esemu's own")
def NotEmulated(state: Any) -> bool:
    """Esemu does not emulate this function of the engine."""
    return True


def _not_emulated(interface: Interface, name: str) -> Function:
    """Return a function that is refused, and stands in the trace as one that is not emulated."""
    row = ApiCall(name, NotEmulated)
    return lambda *raw: interface.perform(NotEmulatedCall(row))
