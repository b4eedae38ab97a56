# SPDX-License-Identifier: MIT
"""The exported functions that tell a little of an instance or a thread, or let a session pass from thread to thread."""

from __future__ import annotations

from threading import get_ident
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import put, put_ulong
from esemu.vocabulary import errors as err
from esemu.vocabulary.structures import STRUCTURES
from esemu.world.log_bytes import created, sign_log

if TYPE_CHECKING:
    from esemu.faces.abi.interface import Interface

LOG_SIGNATURE: Final = 0
CHECKPOINT: Final = 1
"""JET_InstanceMiscInfoLogSignature and JET_InstanceMiscInfoCheckpoint (jethdr.w:5653)."""

DUMP_BITS: Final = 0x800000FF
"""What a crash may leave behind: JET_bitDumpMinimum to JET_bitDumpUnitTest (jethdr.w:11566)."""

NO_CONTEXTS: Final = frozenset({0, 2**64 - 1})
"""Numbers that no session context may have (pib.cxx:947)."""


def instance_info(interface: Interface, text: None, instance: int, result: int, size: int, level: int) -> int:
    """JetGetInstanceMiscInfo (jetapi.cxx:22004): the signature of the logs, or which generations recovery begins and ends with."""
    found = next((each for each in interface.process.live() if each.handle == instance), None)
    if found is None:
        return err.JET_errInvalidParameter
    if not found.initialized:
        return err.JET_errNotInitialized
    log = found.log
    if level == LOG_SIGNATURE:
        told = bytes(STRUCTURES["JET_SIGNATURE"].size) if log.sequence is None else sign_log(log.sequence).to_bytes()
    elif level == CHECKPOINT:
        numbers = log.checkpoint.to_bytes(4, "little") + log.generation.to_bytes(4, "little")
        told = bytes(STRUCTURES["JET_CHECKPOINTINFO"].size)
        if not log.disabled:
            told = (numbers + created(log.generation).to_bytes()).ljust(len(told), b"\0")
    else:
        return err.JET_errInvalidParameter
    if size < len(told):
        return err.JET_errBufferTooSmall
    put(result, told)
    return err.JET_errSuccess


def thread_stats(interface: Interface, text: None, result: int, size: int) -> int:
    """JetGetThreadStats (jetapi.cxx:19018): nothing is counted, so that a difference of two is always 0."""
    if size < STRUCTURES["JET_THREADSTATS"].size:
        return err.JET_errBufferTooSmall
    told = min(size, STRUCTURES["JET_THREADSTATS4"].size)
    put(result, bytes(told))
    put_ulong(result, told)
    return err.JET_errSuccess


def crash_dump(interface: Interface, text: None, grbit: int) -> int:
    """JetConfigureProcessForCrashDump (jetapi.cxx:23214): there is no memory of the engine to be dumped."""
    return err.JET_errSuccess if grbit and not grbit & ~DUMP_BITS else err.JET_errInvalidGrbit


def set_session_context(interface: Interface, text: None, session: int, context: int) -> int:
    """JetSetSessionContext (pib.cxx:942): the session may be used by any thread that sets the same number, one at a time."""
    if session not in interface.process.sessions:
        return err.JET_errInvalidSesid
    if context in NO_CONTEXTS:
        return err.JET_errInvalidParameter
    if session in interface.contexts:
        return err.JET_errSessionContextAlreadySet
    interface.contexts[session] = get_ident()
    return err.JET_errSuccess


def reset_session_context(interface: Interface, text: None, session: int) -> int:
    """JetResetSessionContext (pib.cxx:954): by the thread that has set it."""
    if session not in interface.process.sessions:
        return err.JET_errInvalidSesid
    if interface.contexts.get(session) != get_ident():
        return err.JET_errSessionContextNotSetByThisThread
    del interface.contexts[session]
    return err.JET_errSuccess


HANDLERS: Final[dict[str, Any]] = {
    "JetGetInstanceMiscInfo": instance_info,
    "JetGetThreadStats": thread_stats,
    "JetConfigureProcessForCrashDump": crash_dump,
    "JetSetSessionContext": set_session_context,
    "JetResetSessionContext": reset_session_context,
}
"""By the name without A and W."""
