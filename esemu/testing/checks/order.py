# SPDX-License-Identifier: MIT
"""Checks of the order of calls: each in its phase, and none that needs the success of one that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.machine.step import UNDEFINED
from esemu.testing.checks.kinds import (
    ATTACH_INFO,
    BEGIN,
    CLOSE,
    END,
    KINDS,
    LOG_INFO,
    OPEN,
    OWN,
    READ,
    SNAPSHOT_PREPARE,
    STREAMING,
    SURROGATE_BEGIN,
    TRUNCATE,
    TRUNCATE_INFO,
)
from esemu.testing.checks.table import check
from esemu.vocabulary import errors as err

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.machine.call import Call
    from esemu.testing.checks.history import History
    from esemu.testing.checks.seen import SeenBackup


@check(
    "ESB116",
    "wrong-phase",
    "A call came in a phase of the backup in which it makes no sense, or without a backup.",
    source="backup.cxx:2257",
)
def wrong_phase(history: History) -> Iterator[tuple[Call, str]]:
    """The rules of the engine that ask for the phase refused a call, or would have if a snapshot had not been frozen."""
    for backup in history.backups:
        for call in backup.calls:
            if call.number not in history.ignored and call.rule is not None and _is_out_of_order(backup, call):
                yield call, call.rule.text
        yield from _read_after_close(history, backup)
    for snapshot in history.snapshots.values():
        for call in snapshot.misplaced:
            if call.number not in history.ignored and call.rule is not None:
                yield call, call.rule.text
    excused = history.ignored | _after_failed_begin(history)  # ESB118 tells of the latter
    for call, before in history.strays:
        if call.number not in excused and history.whole and _is_without_backup(history, call, before):
            yield call, "No streaming backup had been begun." if before is None else "The backup was over."


def _read_after_close(history: History, backup: SeenBackup) -> Iterator[tuple[Call, str]]:
    """Find reads of a file that was closed, which the engine takes for the empty rest of it (backup.cxx:2745)."""
    for read in backup.read_without_file:
        opens = [call for call in backup.calls if KINDS[call.api.name] == OPEN and call.number < read.number]
        if not read.err and opens and not opens[-1].err and read.number not in history.ignored:
            yield read, f"The file that call #{opens[-1].number} opened had been closed."


OUT_OF_ORDER: Final = frozenset({"backup_is_incremental", "database_after_logs", "database_in_incremental_backup"})
"""Rules that refuse a call for its phase, and for nothing else."""


def _is_out_of_order(backup: SeenBackup, call: Any) -> bool:
    name = call.rule.name
    if name in OUT_OF_ORDER or (name == "no_streaming_backup" and backup.surrogate):
        return True
    if name == "a_file_is_open":
        return any(each is call and file.closed_after(call) and file.reads for each, file in backup.obstructed)
    if name == "not_a_database_in_database_phase":
        return bool((call.name or "").upper().endswith((".LOG", ".JTX")))
    return name == "handle_not_open" and not any(each.err < 0 and each is not call for each in backup.calls)


def _is_without_backup(history: History, call: Call, before: SeenBackup | None) -> bool:
    """Return whether a call outside of any backup is the fault of the thread that made it."""
    if call.err not in {0, err.JET_errNoBackup, UNDEFINED}:
        return False
    if before is None:
        return True
    ended = before.end
    if ended is not None and ended.number in history.ignored:
        return False
    return ended is not None and ended.thread == call.thread and ended.number < call.number and before.lost is None


def _after_failed_begin(history: History) -> set[int]:
    """Return the numbers of calls that a thread made although its begin had failed."""
    found = set()
    for calls in history.threads().values():
        failed = False
        for call in calls:
            kind = KINDS[call.api.name]
            if kind == BEGIN:
                failed = call.err < 0
            elif failed and kind in STREAMING:
                found.add(call.number)
    return found


NEEDED: Final = {
    ATTACH_INFO: (BEGIN,),
    OPEN: (BEGIN,),
    READ: (BEGIN, OPEN),
    CLOSE: (BEGIN, OPEN),
    LOG_INFO: (BEGIN, ATTACH_INFO),
    TRUNCATE_INFO: (BEGIN,),
    TRUNCATE: (BEGIN, LOG_INFO),
    END: (BEGIN,),
}
"""Which calls must have succeeded, where they were made, for a call to make sense."""


@check(
    "ESB118",
    "return-code-ignored",
    "A call failed, and the client went on as if it had succeeded.",
    source="JetBeginExternalBackupInstance, JetOpenFileInstance, JetGetLogInfoInstance (documentation)",
)
def return_code_ignored(history: History) -> Iterator[tuple[Call, str]]:
    """A thread went on as if the begin, the open or the list that failed had succeeded, or reported success after it."""
    for calls in history.threads().values():
        yield from _unheeded(calls)
    if history.reported_success:
        yield from _passed_over(history)


NECESSARY: Final = frozenset(
    {name for name, kind in KINDS.items() if kind in {BEGIN, SURROGATE_BEGIN, OWN, SNAPSHOT_PREPARE}}
    | {"JetOSSnapshotPrepareInstance", "JetOSSnapshotFreeze", "JetOSSnapshotFreezeA", "JetOSSnapshotThaw"}
)
"""Calls without whose success there is no backup."""

AS_A_GOOD_ONE: Final = "The client returned as after a good backup."


def _passed_over(history: History) -> Iterator[tuple[Call, str]]:
    """Find what has failed, with nothing to make up for it, of a client that takes its last backup for good."""
    calls = [call for call in history.calls if call.api.name in NECESSARY and not call.raised]
    made = [call for call in calls if call.number not in history.ignored]
    good = next((call for call in reversed(made) if call.err >= 0), None)
    if made and made[-1].err < 0 and (good is None or good.thread == made[-1].thread):
        yield made[-1], AS_A_GOOD_ONE
    for backup in history.backups:
        end = backup.end
        if end is None or end.err >= 0 or not backup.is_last or backup.aborted or backup.stopped is not None:
            continue
        if backup.lost is None or backup.snapshot_call is None:  # else ESB123 tells of it
            yield end, AS_A_GOOD_ONE


def _unheeded(calls: list[Call]) -> Iterator[tuple[Call, str]]:
    """Find calls of one thread that needed the success of one that failed; each failure is told once."""
    failed: dict[str, Call] = {}
    file_open = running = False
    for index, call in enumerate(calls):
        kind = KINDS[call.api.name]
        cause = next((failed[needed] for needed in NEEDED.get(kind, ()) if needed in failed), None)
        if cause is not None and not (kind == END and _clears_away(cause, call, calls[index + 1 :])):
            yield call, f"Call #{cause.number}, {cause.api.name}, had failed."
            failed.clear()
        if kind in {BEGIN, END}:
            failed.clear()
        file_open = (file_open and kind not in {CLOSE, BEGIN, END}) or (kind == OPEN and not call.err)
        running = (running and kind != END) or (kind == BEGIN and not call.err)
        if call.err >= 0:
            failed.pop(kind, None)
        elif not (kind == BEGIN and running) and not (kind == OPEN and file_open) and _matters(call, kind):
            failed[kind] = call


def _matters(call: Call, kind: str) -> bool:
    """Return whether what comes after a call needs its success; other checks tell of stops and of backups that are gone."""
    if call.err in {err.JET_errBackupAbortByServer, err.JET_errNoBackup}:
        return False
    return not (kind == ATTACH_INFO and call.err == err.JET_errInvalidBackupSequence)


def _clears_away(begin: Call, end: Call, later: list[Call]) -> bool:
    """Return whether an end was for a backup that somebody had left behind: another begin follows, or it was gone by then."""
    gone = begin.err == err.JET_errBackupInProgress and end.err == err.JET_errNoBackup
    return gone or (bool(later) and KINDS[later[0].api.name] == BEGIN)


@check(
    "ESB117",
    "undefined-behaviour",
    "The engine would have crashed, hung or read memory that is not its own.",
    source="backup.cxx:2741",
)
def undefined_behaviour(history: History) -> Iterator[tuple[Call, str]]:
    """A call for which the engine has no answer."""
    for call in history.calls:
        if call.err == UNDEFINED and call.number not in history.ignored:
            yield call, call.rule.text if call.rule is not None else ""
