# SPDX-License-Identifier: MIT
"""Rows of exported functions that the machine's table does not have, for they change nothing that a backup could see.

They enter the API as any call does, stand in the trace, and end as a function of the interface says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from esemu.machine.api import ApiCall, SessionForm
from esemu.machine.call import Call
from esemu.machine.calls import ENTER, ENTER_SESSION, FIND, FIND_SESSION
from esemu.machine.shapes.databases import SessionCall

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.machine.call import Fields
    from esemu.machine.step import Rule

    Action = Callable[[Any], int]
    """What a call does once it is let in: it gets the call, and returns a JET_ERR."""


class EnteredCall(Call):
    """A call of the process; `action` is what it does."""

    def __init__(self, api: ApiCall, handle: int, action: Action) -> None:
        super().__init__(api, handle)
        self.action: Action | None = action


class EnteredInstanceCall(EnteredCall):
    """A call of an instance."""

    shows_handle = True


class EnteredSessionCall(SessionCall):
    """A call of a session; `action` is what it does."""

    fields: ClassVar[Fields] = ()

    def __init__(self, api: ApiCall, handle: int, action: Action) -> None:
        super().__init__(api, handle)
        self.action: Action | None = action


def act(state: Any, call: EnteredCall | EnteredSessionCall) -> int:
    """Do what the call does; the trace does not keep it."""
    action, call.action = call.action, None
    assert action is not None, call  # noqa: S101 - a call is made once
    error = action(call)
    if error > 0:
        call.warning, error = error, 0
    return error


def of_session(name: str, gate: tuple[Rule, ...] = ENTER_SESSION) -> SessionForm:
    """Return the row of a call of a session."""
    return SessionForm(name, act, shape=EnteredSessionCall, find=FIND_SESSION, gate=gate)


def of_instance(name: str) -> ApiCall:
    """Return the row of a call of an instance."""
    return ApiCall(name, act, shape=EnteredInstanceCall, find=FIND, gate=ENTER)


def of_process(name: str) -> ApiCall:
    """Return the row of a call of no instance."""
    return ApiCall(name, act, shape=EnteredCall)
