# SPDX-License-Identifier: MIT
"""One call of the API: its arguments, which rules and effects read by name, and then its outcome.

There is one class for each shape of argument list, and each row of the table names that of its calls.  A finished call
stays in the trace of its process, and an error that was raised for it asks it for the message.
"""

from __future__ import annotations

import threading
from itertools import starmap
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

if TYPE_CHECKING:
    from typing import Self

    from esemu.machine.api import ApiCall
    from esemu.machine.effects.headers import HeaderUpdate
    from esemu.machine.snapshot_state import SnapshotSession
    from esemu.machine.state import Instance, Process
    from esemu.machine.step import Rule

thread_id: Final = threading.get_ident


class Field(NamedTuple):
    """An argument of a call beside the handle: what it is called, and what it is where a description leaves it out."""

    name: str  # of the attribute that keeps it
    described: str  # in descriptions of calls, such as those of scenarios
    default: Any
    shown: str  # in messages, which leave it out where this is empty


def field(name: str, described: str = "", default: Any = 0, shown: str | None = None) -> Field:
    """Return a field that is called the same everywhere, but where something else is said."""
    return Field(name, described or name, default, name if shown is None else shown)


Fields = tuple[Field, ...]

GRBIT: Final = field("grbit")


class Call:
    """A call with no arguments but the handle of an instance; the fields of others are arguments in their order.

    What a call does not have from the start stands in the class until it is set: calls are made by the million, and
    each attribute that need not be set makes one of them cheaper.
    """

    fields: ClassVar[Fields] = ()
    looked_up: ClassVar[tuple[tuple[str, Any], ...]] = ()  # of each field what a description calls it, and its default
    shows_handle: ClassVar[bool] = False
    number = 0  # of all calls of the process, from 1
    instance: Instance | None = None
    err = 0
    warning = 0
    rule: Rule | None = None  # the one that refused it
    result: Any = None
    raised = ""  # what a function of a test raised on its way, or esemu's own NotEmulated: there was no answer then
    part_of: Any = None  # what made it, where that is no client: the start of an instance
    holder: SnapshotSession | Call | None = None  # who had what the call waited for
    gave_up_after_s = 0.0  # how long it waited for threads that might still have let it go on, if it gave up
    process: Process | None = None  # of a call about no instance
    patient = True  # it waits for other threads where it has to; else it is refused there as if nobody could ever come

    def __init_subclass__(cls) -> None:
        cls.looked_up = tuple((each.described, each.default) for each in cls.fields)

    def __init__(self, api: ApiCall, handle: int = 0) -> None:
        self.api = api
        self.handle = handle
        self.thread = thread_id()

    @classmethod
    def described(cls, api: ApiCall, handle: int, description: dict[str, Any]) -> Self:
        """Return the call that a description stands for: the fields that are not what they are by default."""
        return cls(api, handle, *starmap(description.get, cls.looked_up))

    def describe(self) -> str:
        """Return what happened, why, what is allowed instead and where the engine's source says so."""
        from esemu.machine.message import describe  # noqa: PLC0415 - most errors are caught and never read

        return describe(self)

    def shown_arguments(self) -> dict[str, Any]:
        """Return the arguments by the names under which messages show them."""
        handle = {"handle": self.handle} if self.shows_handle else {}
        return handle | {each.shown: getattr(self, each.name) for each in self.fields if each.shown}

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.shown_arguments().items())
        return f"{self.api.name}({shown})"


class GrbitCall(Call):
    """A call with a grbit."""

    fields: ClassVar[Fields] = (GRBIT,)
    grbit = 0
    outcome = 0  # of the backup that the call ends, as the event log and the headers show it
    update: HeaderUpdate | None = None  # of the header that is being written
    update_error = 0  # of the first header that could not be
    waited_for_snapshot = False  # a term did, and so leaves the backup alone

    def __init__(self, api: ApiCall, handle: int, grbit: int) -> None:
        self.api = api
        self.handle = handle
        self.thread = thread_id()
        self.grbit = grbit


class ImpliedGrbitCall(GrbitCall):
    """A call without a grbit that the engine makes with one."""

    fields: ClassVar[Fields] = ()

    def __init__(self, api: ApiCall, handle: int) -> None:
        self.api = api
        self.handle = handle
        self.thread = thread_id()
