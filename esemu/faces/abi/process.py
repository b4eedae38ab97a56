# SPDX-License-Identifier: MIT
"""The exported functions that tell a little of an instance, of a thread, or of the process when it crashes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.entered import EnteredCall, EnteredInstanceCall, of_instance, of_process
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

INSTANCE_INFO: Final = of_instance("JetGetInstanceMiscInfo")
THREAD_STATS: Final = of_process("JetGetThreadStats")
CRASH_DUMP: Final = of_process("JetConfigureProcessForCrashDump")


def instance_info(interface: Interface, text: None, instance: int, result: int, size: int, level: int) -> int:
    """JetGetInstanceMiscInfo (jetapi.cxx:22004): the signature of the logs, or which generations recovery begins and ends with."""

    def tell(call: EnteredCall) -> int:
        assert call.instance is not None, call  # noqa: S101 - the row has found it
        log = call.instance.log
        if level == LOG_SIGNATURE:
            told = (
                bytes(STRUCTURES["JET_SIGNATURE"].size) if log.sequence is None else sign_log(log.sequence).to_bytes()
            )
        elif level == CHECKPOINT:
            told = _checkpoint(log)
        else:
            return err.JET_errInvalidParameter
        if size < len(told):
            return err.JET_errBufferTooSmall
        put(result, told)
        return err.JET_errSuccess

    return interface.perform(EnteredInstanceCall(INSTANCE_INFO, instance, tell))


def _checkpoint(log: Any) -> bytes:
    """Return the JET_CHECKPOINTINFO of a log."""
    size = STRUCTURES["JET_CHECKPOINTINFO"].size
    if log.disabled:
        return bytes(size)
    numbers = log.checkpoint.to_bytes(4, "little") + log.generation.to_bytes(4, "little")
    return bytes(numbers + created(log.generation).to_bytes()).ljust(size, b"\0")


def thread_stats(interface: Interface, text: None, result: int, size: int) -> int:
    """JetGetThreadStats (jetapi.cxx:19018): nothing is counted, so that a difference of two is always 0."""

    def tell(call: EnteredCall) -> int:
        if size < STRUCTURES["JET_THREADSTATS"].size:
            return err.JET_errBufferTooSmall
        told = min(size, STRUCTURES["JET_THREADSTATS4"].size)
        put(result, bytes(told))
        put_ulong(result, told)
        return err.JET_errSuccess

    return interface.perform(EnteredCall(THREAD_STATS, 0, tell))


def crash_dump(interface: Interface, text: None, grbit: int) -> int:
    """JetConfigureProcessForCrashDump (jetapi.cxx:23214): there is no memory of the engine to be dumped."""
    known = grbit and not grbit & ~DUMP_BITS
    return interface.perform(
        EnteredCall(CRASH_DUMP, 0, lambda call: err.JET_errSuccess if known else err.JET_errInvalidGrbit)
    )


HANDLERS: Final[dict[str, Any]] = {
    "JetGetInstanceMiscInfo": instance_info,
    "JetGetThreadStats": thread_stats,
    "JetConfigureProcessForCrashDump": crash_dump,
}
"""By the name without A and W."""
