# SPDX-License-Identifier: MIT
"""The exported functions about sessions, transactions and databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import put_pointer, put_ulong
from esemu.machine.call import Call
from esemu.machine.calls import CALLS
from esemu.machine.shapes.databases import DatabaseCall, SessionCall
from esemu.vocabulary.errors import JET_errInvalidSesid

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.faces.abi.interface import Interface
    from esemu.faces.abi.text import Text

    Handler = Callable[..., int]


def begin_session(
    interface: Interface,
    text: Text,
    instance: int,
    session: int,
    user: int,
    password: int,
) -> int:
    """JetBeginSession (jetapi.cxx:12434)."""
    call = Call(CALLS["JetBeginSession"], instance)
    error = interface.perform(call)
    if not error:
        put_pointer(session, call.result)
    return error


def dup_session(interface: Interface, text: None, session: int, new: int) -> int:
    """JetDupSession (jetapi.cxx:12503): another session of the same instance."""
    found = interface.process.sessions.get(session)
    if found is None:
        return JET_errInvalidSesid
    call = Call(CALLS["JetBeginSession"], found.instance.handle)
    error = interface.perform(call)
    if not error:
        put_pointer(new, call.result)
    return error


def of_session(name: str, grbit: int) -> Handler:
    """Return a call of a session whose only further argument that matters is the grbit, at this place of them."""
    api = CALLS[name]
    return lambda interface, text, *raw: interface.perform(SessionCall(api, raw[0], raw[grbit]))


def of_database(name: str, *, path: int = 1, dbid: int | None = None, grbit: int | None = None) -> Handler:
    """Return a call of a session about a database; the numbers are places among the arguments."""
    api = CALLS[name]

    def call(interface: Interface, text: Text, *raw: int) -> int:
        bits = 0 if grbit is None else raw[grbit]
        made = DatabaseCall(api, raw[0], interface.path(text, raw[path]), bits)
        error = interface.perform(made)
        if dbid is not None and error >= 0:
            put_ulong(raw[dbid], made.result)
        return error

    return call


HANDLERS: Final[dict[str, Any]] = {
    "JetBeginSession": begin_session,
    "JetDupSession": dup_session,
    "JetBeginTransaction2": of_session("JetBeginTransaction", 1),
    "JetBeginTransaction3": of_session("JetBeginTransaction", 2),
    "JetCommitTransaction2": of_session("JetCommitTransaction", 1),
    "JetCreateDatabase": of_database("JetCreateDatabase", dbid=3, grbit=4),
    "JetCreateDatabase2": of_database("JetCreateDatabase", dbid=3, grbit=4),
    "JetCreateDatabase3": of_database("JetCreateDatabase", dbid=2, grbit=5),
    "JetAttachDatabase": of_database("JetAttachDatabase", grbit=2),
    "JetAttachDatabase2": of_database("JetAttachDatabase", grbit=3),
    "JetAttachDatabase3": of_database("JetAttachDatabase", grbit=4),
    "JetDetachDatabase": of_database("JetDetachDatabase"),
    "JetDetachDatabase2": of_database("JetDetachDatabase", grbit=2),
    "JetOpenDatabase": of_database("JetOpenDatabase", dbid=3, grbit=4),
}
"""By the name without A and W."""
