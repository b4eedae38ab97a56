# SPDX-License-Identifier: MIT
"""Every exported function of the interface by its exported name: FooA, FooW and Foo, which is FooA.

What a function takes is data (`esemu.vocabulary.signatures`), and so is most of what it does: a call that only hands
numbers to the machine stands in `PLAIN` with the shape of its arguments.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from esemu.faces.abi import backup, databases, information, instances, parameters, tables
from esemu.machine.api import ApiCall
from esemu.machine.call import (
    Call,
    CloseCall,
    GrbitCall,
    ImpliedGrbitCall,
    SnapshotCall,
    SurrogateCall,
)
from esemu.machine.calls import CALLS
from esemu.machine.step import rule
from esemu.vocabulary.errors import JET_errFeatureNotAvailable, JET_errInvalidParameter
from esemu.vocabulary.grbits import JET_bitBackupEndNormal, JET_bitTermAbrupt
from esemu.vocabulary.signatures import SIGNATURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.faces.abi.interface import Interface
    from esemu.vocabulary.declarations import Prototype

    Function = Callable[..., int]
    Handler = Callable[..., int]

PLAIN: Final[dict[str, Callable[..., Call]]] = {
    "JetBeginExternalBackupInstance": GrbitCall,
    "JetBeginExternalBackup": GrbitCall,
    "JetEndExternalBackupInstance": lambda api, handle: ImpliedGrbitCall(api, handle, JET_bitBackupEndNormal),
    "JetEndExternalBackup": lambda api, handle: ImpliedGrbitCall(api, handle, JET_bitBackupEndNormal),
    "JetEndExternalBackupInstance2": GrbitCall,
    "JetBeginSurrogateBackup": SurrogateCall,
    "JetEndSurrogateBackup": GrbitCall,
    "JetStopBackupInstance": Call,
    "JetStopBackup": Call,
    "JetCloseFileInstance": CloseCall,
    "JetCloseFile": CloseCall,
    "JetTruncateLogInstance": Call,
    "JetTruncateLog": Call,
    "JetStopServiceInstance": Call,
    "JetStopServiceInstance2": GrbitCall,
    "JetStopService": Call,
    "JetTerm": lambda api, handle: ImpliedGrbitCall(api, handle, JET_bitTermAbrupt),
    "JetTerm2": GrbitCall,
    "JetOSSnapshotThaw": SnapshotCall,
    "JetOSSnapshotAbort": SnapshotCall,
    "JetOSSnapshotEnd": SnapshotCall,
    "JetOSSnapshotTruncateLog": SnapshotCall,
    "JetOSSnapshotPrepareInstance": lambda api, snapshot, handle, grbit: SnapshotCall(api, snapshot, grbit, handle),
    "JetOSSnapshotTruncateLogInstance": lambda api, snapshot, handle, grbit: SnapshotCall(api, snapshot, grbit, handle),
}
"""The calls that take numbers and give nothing back: what makes the machine's call of the row and those numbers."""

HANDLERS: Final[dict[str, Handler]] = (
    backup.HANDLERS
    | instances.HANDLERS
    | parameters.HANDLERS
    | databases.HANDLERS
    | information.HANDLERS
    | tables.HANDLERS
)
"""The functions of all other calls that are emulated: `handler(interface, text, *raw)`."""

JUDGED_BY_THE_MACHINE: Final = frozenset(
    {"JetReadFile", "JetReadFileInstance", "JetOSSnapshotPrepare", "JetOSSnapshotFreeze", "JetOSSnapshotGetFreezeInfo"}
)
"""Calls whose NULL pointers are conditions of the table."""


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
        found.setdefault(name, Export(name, signature.forms[0]))
    return found


EXPORTS: Final = _exports()
"""Every exported function by its exported name."""


def function(interface: Interface, symbol: str) -> Function:
    """Return an exported function, which takes raw numbers and returns a JET_ERR.  Raises KeyError for no such name."""
    name, prototype = EXPORTS[symbol]
    if name == "JetReadFileInstance":
        return backup.reader(interface)
    if name in PLAIN:
        return _plain(interface, name, prototype)
    handler = HANDLERS.get(name)
    if handler is None:
        return _not_emulated(interface, name)
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


def _plain(interface: Interface, name: str, prototype: Prototype) -> Function:
    """Return a function that hands its numbers to the machine; what it does is what `Interface.perform` does."""
    api, make, process = CALLS[name], PLAIN[name], interface.process
    first = prototype.arguments[0].c_type.removeprefix("const ") if prototype.arguments else ""
    if first not in {"JET_INSTANCE", "JET_OSSNAPID"}:
        return lambda *raw: interface.perform(make(api, 0, *raw))

    def of_handle(handle: int) -> int:  # an argument list of its own costs more than the argument
        call = make(api, handle)
        error = api.perform(process, call)
        return error if error <= 0 else interface.returned(call)

    def plain(*raw: int) -> int:
        call = make(api, *raw)
        error = api.perform(process, call)
        return error if error <= 0 else interface.returned(call)

    return of_handle if len(prototype.arguments) == 1 else plain


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
