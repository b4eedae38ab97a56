# SPDX-License-Identifier: MIT
"""The exported functions of a session that change nothing a backup could see: idle work, defragmentation, its parameters, its thread.

Programs call them around a backup.
"""

from __future__ import annotations

from threading import get_ident
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.entered import EnteredSessionCall, of_session
from esemu.faces.abi.memory import bytes_at, put, put_ulong
from esemu.machine.api import SessionForm
from esemu.machine.calls import ENTER_EXEMPT, ENTER_SESSION, FIND_SESSION
from esemu.machine.rules.databases import database_id_unknown
from esemu.machine.rules.information import numbered
from esemu.machine.shapes.databases import OpenDatabaseCall, SessionCall
from esemu.machine.step import rule
from esemu.vocabulary import errors as err
from esemu.vocabulary.header_numbers import OTHERS
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.faces.abi.interface import Interface
    from esemu.machine.state import Instance

    Handler = Callable[..., int]

FLUSH_BUFFERS: Final = OTHERS["JET_bitIdleFlushBuffers"]
COMPACT: Final = OTHERS["JET_bitIdleCompact"]
STATUS: Final = OTHERS["JET_bitIdleStatus"]
COMPACT_ASYNC: Final = 0x10
"""JET_bitIdleCompactAsync (jethdr.w:4412)."""

BATCH_STOP: Final = OTHERS["JET_bitDefragmentBatchStop"]

_INFO: Final = STRUCTURES["JET_SESSIONINFO"]
_LEVEL: Final = next(field.offset for field in _INFO.fields if field.name == "ulTrxLevel")

SIZES: Final = {
    OTHERS["JET_sesparamCommitDefault"]: 4,
    OTHERS["JET_sesparamTransactionLevel"]: 4,
    OTHERS["JET_sesparamOperationContext"]: 8,
    OTHERS["JET_sesparamCorrelationID"]: 4,
}
"""The public parameters of sessions, and the bytes of each (tm.cxx:1309-1556)."""

FIRST: Final = {OTHERS["JET_sesparamOperationContext"]: b"\0\0\0\x80\0\0\0\0"}
"""What parameters begin as that do not begin as zeros: nobody is the user yet (pib.hxx:183)."""

NO_CONTEXTS: Final = frozenset({0, 2**64 - 1})
"""Numbers that no session context may have (pib.cxx:947)."""

TRANSACTION_LEVEL: Final = OTHERS["JET_sesparamTransactionLevel"]


@rule(err.JET_errInvalidGrbit, source="tm.cxx:258, 340")
def idle_bits_wrong(instance: Instance, call: SessionCall) -> bool:
    """JetIdle shall flush buffers, which it does no more, or clean up later and not clean up."""
    cleans = not call.grbit or call.grbit & (COMPACT | STATUS)
    return bool(call.grbit & FLUSH_BUFFERS or (call.grbit & COMPACT_ASYNC and not cleans))


def clean_up(instance: Instance, call: SessionCall) -> None:
    """There is nothing to clean up (tm.cxx:250)."""
    if not call.grbit & STATUS and (not call.grbit or call.grbit & COMPACT):
        call.warning = err.JET_wrnNoIdleActivity


def defragment(instance: Instance, call: OpenDatabaseCall) -> None:
    """Tables are defragmented the moment they are told to be, so there is nothing to stop."""
    if call.grbit & BATCH_STOP:
        call.warning = err.JET_wrnDefragNotRunning


def enter(instance: Instance, call: SessionCall) -> None:
    """Enter the API, and no more."""


JetIdle: Final = SessionForm(
    "JetIdle", idle_bits_wrong, clean_up, shape=SessionCall, find=FIND_SESSION, gate=ENTER_SESSION
)


def _of_database(name: str, effect: Any = enter) -> SessionForm:
    """Return the row of a call of a session about an attached database by its number."""
    return SessionForm(name, database_id_unknown, effect, shape=OpenDatabaseCall, find=FIND_SESSION, gate=ENTER_SESSION)


GET_INFO: Final = of_session("JetGetSessionInfo", ENTER_EXEMPT)
SET_PARAMETER: Final = of_session("JetSetSessionParameter")
GET_PARAMETER: Final = of_session("JetGetSessionParameter")
SET_CONTEXT: Final = of_session("JetSetSessionContext")
RESET_CONTEXT: Final = of_session("JetResetSessionContext", ENTER_EXEMPT)
SET_MAXIMUM: Final = _of_database("JetSetMaxDatabaseSize")
GET_MAXIMUM: Final = _of_database("JetGetMaxDatabaseSize")


def idle(interface: Interface, text: None, session: int, grbit: int) -> int:
    """JetIdle (jetapi.cxx:8898)."""
    return interface.perform(SessionCall(JetIdle, session, grbit))


def defragmenter(name: str) -> Handler:
    """Return JetDefragment or JetDefragment2 (jetapi.cxx:19946): the grbit comes last."""
    row = _of_database(name, defragment)
    return lambda interface, text, session, dbid, *rest: interface.perform(
        OpenDatabaseCall(row, session, dbid, rest[-1])
    )


def session_info(interface: Interface, text: None, session: int, result: int, size: int, level: int) -> int:
    """JetGetSessionInfo (tm.cxx:197): the only level is a JET_SESSIONINFO."""

    def tell(call: EnteredSessionCall) -> int:
        assert call.session is not None, call  # noqa: S101 - the row has found it
        if level:
            return err.JET_errInvalidParameter
        if size < _INFO.size:
            return err.JET_errBufferTooSmall
        put(result, bytes(_INFO.size))
        put_ulong(result + _LEVEL, call.session.level)
        return err.JET_errSuccess

    return interface.perform(EnteredSessionCall(GET_INFO, session, tell))


def set_parameter(interface: Interface, text: None, session: int, number: int, value: int, size: int) -> int:
    """JetSetSessionParameter (tm.cxx:1309)."""

    def store(call: EnteredSessionCall) -> int:
        if not value and size:
            return err.JET_errInvalidParameter
        if number not in SIZES:
            return err.JET_errInvalidSesparamId
        if number == TRANSACTION_LEVEL:
            return err.JET_errFeatureNotAvailable  # it can be read only
        if size != SIZES[number]:
            return err.JET_errInvalidBufferSize
        interface.session_parameters[session, number] = bytes_at(value, size)
        return err.JET_errSuccess

    return interface.perform(EnteredSessionCall(SET_PARAMETER, session, store))


def get_parameter(
    interface: Interface, text: None, session: int, number: int, value: int, size: int, actual: int
) -> int:
    """JetGetSessionParameter (tm.cxx:1401): the size is stored even where there is no room."""

    def tell(call: EnteredSessionCall) -> int:
        assert call.session is not None, call  # noqa: S101 - the row has found it
        if not value and not actual:
            return err.JET_errInvalidParameter
        if number not in SIZES:
            return err.JET_errInvalidSesparamId
        put_ulong(actual, SIZES[number])
        if value and size != SIZES[number]:
            return err.JET_errInvalidBufferSize
        if value:
            first = FIRST.get(number, bytes(SIZES[number]))
            told = interface.session_parameters.get((session, number), first)
            put(value, call.session.level.to_bytes(4, "little") if number == TRANSACTION_LEVEL else told)
        return err.JET_errSuccess

    return interface.perform(EnteredSessionCall(GET_PARAMETER, session, tell))


def set_context(interface: Interface, text: None, session: int, context: int) -> int:
    """JetSetSessionContext (pib.cxx:942): the session may be used by any thread that sets the same number, one at a time."""

    def take(call: EnteredSessionCall) -> int:
        if context in NO_CONTEXTS:
            return err.JET_errInvalidParameter
        if session in interface.contexts:
            return err.JET_errSessionContextAlreadySet
        interface.contexts[session] = get_ident()
        return err.JET_errSuccess

    return interface.perform(EnteredSessionCall(SET_CONTEXT, session, take))


def reset_context(interface: Interface, text: None, session: int) -> int:
    """JetResetSessionContext (pib.cxx:954): by the thread that has set it."""

    def give_back(call: EnteredSessionCall) -> int:
        if interface.contexts.get(session) != get_ident():
            return err.JET_errSessionContextNotSetByThisThread
        del interface.contexts[session]
        return err.JET_errSuccess

    return interface.perform(EnteredSessionCall(RESET_CONTEXT, session, give_back))


def _attached(call: OpenDatabaseCall) -> Any:
    """Return the database that a call is about."""
    assert call.instance is not None, call  # noqa: S101 - the row has found it
    return numbered(call.instance, call.dbid)


def set_maximum(interface: Interface, text: None, session: int, dbid: int, pages: int, grbit: int) -> int:
    """JetSetMaxDatabaseSize (db.cxx:6123): kept as long as the database is attached, and no database is refused for it here."""
    call = OpenDatabaseCall(SET_MAXIMUM, session, dbid, grbit)
    error = interface.perform(call)
    if not error:
        interface.size_limits[dbid] = _attached(call), pages
    return error


def get_maximum(interface: Interface, text: None, session: int, dbid: int, pages: int, grbit: int) -> int:
    """JetGetMaxDatabaseSize (db.cxx:6140): 0 where there is none."""
    call = OpenDatabaseCall(GET_MAXIMUM, session, dbid, grbit)
    error = interface.perform(call)
    if not error:
        database, limit = interface.size_limits.get(dbid, (None, 0))
        put_ulong(pages, limit if database is _attached(call) else 0)
    return error


HANDLERS: Final[dict[str, Any]] = {
    "JetIdle": idle,
    **{name: defragmenter(name) for name in ("JetDefragment", "JetDefragment2")},
    "JetGetSessionInfo": session_info,
    "JetSetSessionParameter": set_parameter,
    "JetGetSessionParameter": get_parameter,
    "JetSetSessionContext": set_context,
    "JetResetSessionContext": reset_context,
    "JetSetMaxDatabaseSize": set_maximum,
    "JetGetMaxDatabaseSize": get_maximum,
}
"""By the name without A and W."""
