# SPDX-License-Identifier: MIT
"""The end of a restore: the logs are gone through once more, and the databases are shut down.

Redo itself is not emulated: where a log holds records that would change a page, the world raises NotEmulated instead of
bringing a database up to date with less than the log says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine import lognames
from esemu.machine.effects.logs import report
from esemu.vocabulary import errors as err

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.machine.shapes.restore import RestoreCall
    from esemu.machine.state import Instance

BEGIN_STATUS, PROGRESS_STATUS, COMPLETE_STATUS = 5, 0, 6
"""JET_sntBegin, JET_sntProgress and JET_sntComplete (jethdr.w)."""

LOG_CORRUPTION: Final = frozenset(
    {
        err.JET_errLogFileCorrupt,
        err.JET_errLogCorruptDuringHardRestore,
        err.JET_errLogTornWriteDuringHardRestore,
    }
)
"""Errors after which no event 454 is reported: FErrIsLogCorruption."""


def tell_begin(instance: Instance, call: RestoreCall) -> None:
    """Call the status callback for the first time."""
    call.percent = 0
    _tell(instance, call, BEGIN_STATUS, 0)


def replay_order(instance: Instance, call: RestoreCall) -> Iterator[Instance]:
    """Go through all logs in the order of redo."""
    call.log = None
    for log in call.logs:
        call.previous, call.log = call.log, log
        call.generation, call.log_file = log.name_generation, log.path
        yield instance


def tell_progress(instance: Instance, call: RestoreCall) -> None:
    """Call the status callback after a log, with the share of logs that are replayed (logredo.cxx:12298)."""
    percent = 100 * (call.logs.index(call.log) + 1) // len(call.logs)
    if percent > call.percent:
        call.percent = percent
        _tell(instance, call, PROGRESS_STATUS, percent)


def report_damaged_log(instance: Instance, call: RestoreCall, error: int) -> None:
    """Tell of a log that redo cannot get through."""
    if error in LOG_CORRUPTION:
        report(instance, "LOG_CORRUPTION_DURING_HARD_RESTORE_ID", call.log_file, "", str(call.log.bad_segment))
    elif error == err.JET_errInvalidLogSequence:
        report(instance, "REDO_REQUIRED_LOG_CORRUPT", call.log_file, str(error))
    elif error == err.JET_errLogSequenceChecksumMismatch:
        sums = (f"{sum_:x}" for sum_ in (call.log.previous_checksum, call.previous.segments_checksum))
        report(instance, "LOG_LAST_SEGMENT_CHECKSUM_MISMATCH_ID", call.log_file, *sums)


def report_left_out(instance: Instance, call: RestoreCall, error: int) -> None:
    """Name the databases that the set does not have."""
    for name in call.skipped:
        report(instance, "ATTACHED_DB_MISMATCH_END_OF_RECOVERY_ID", str(error), name)


def finish(instance: Instance, call: RestoreCall) -> None:
    """Leave the databases shut down cleanly, and a log to go on with.  Raises NotEmulated where there is real redo."""
    world = instance.process.world
    for log in call.logs:
        log.refuse_redo(call.checked)
    for database in call.checked:
        database.shut_down()
    instance.log.generation = call.logs[-1].generation + 1
    current = lognames.current_log_name(instance)
    generation = world.open_log(instance, current, call.logs[-1].path, instance.log.generation)
    world.open_checkpoint(instance, lognames.checkpoint_name(instance), generation)


def tell_complete(instance: Instance, call: RestoreCall) -> None:
    """Call the status callback for the last time."""
    _tell(instance, call, COMPLETE_STATUS, 100)


def _tell(instance: Instance, call: RestoreCall, status: int, percent: int) -> None:
    """Call the status callback, which may call the engine; what it returns is ignored."""
    if (callback := call.status) is not None:
        instance.process.world.outside(instance, lambda: callback(status, percent))
