# SPDX-License-Identifier: MIT
"""Checks of how backups begin and end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.testing.checks.kinds import BEGIN, CLOSE, END, KINDS, TERM
from esemu.testing.checks.table import check
from esemu.vocabulary import errors as err
from esemu.vocabulary.grbits import JET_bitTermStopBackup

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from esemu.machine.call import Call
    from esemu.testing.checks.history import History

BEGINS_MAX: Final = 200
"""So many refused begins in a row, with nothing in between, are no retry any more."""

CALLS_AFTER_STOP: Final = 2
"""So many calls of a thread may be answered with JET_errBackupAbortByServer: it may look twice."""


@check(
    "ESB101",
    "backup-not-ended",
    "A backup was begun and never ended: no other can begin until somebody ends it.",
    source="backup.cxx:1701",
)
def backup_not_ended(history: History) -> Iterator[tuple[Call, str]]:
    """The engine still has the backup, and nobody has tried to end it."""
    for backup in history.backups:
        left = backup.is_last and not backup.over and backup.begin.number not in history.ignored
        if left and backup.instance.backup.in_progress and not backup.instance.freed:
            yield backup.begin, ""


@check(
    "ESB105",
    "abort-ended-as-success",
    "The server stopped the backup, and it was ended or reported as a good one.",
    source="backup.cxx:4167",
)
def abort_ended_as_success(history: History) -> Iterator[tuple[Call, str]]:
    """A call was answered with JET_errBackupAbortByServer, so the backup is void, whatever its end returns."""
    for backup in history.backups:
        stopped = backup.stopped
        if stopped is None:
            continue
        if backup.end is not None and backup.said_normal and backup.end.number > stopped.number:
            yield backup.end, f"Call #{stopped.number} had said JET_errBackupAbortByServer."
        elif backup.is_last and history.reported_success:
            yield stopped, "The client returned as after a good backup."


@check(
    "ESB119",
    "terminated-under-backup",
    "An instance was terminated while a backup of it was running.",
    source="jetapi.cxx:20943",
)
def terminated_under_backup(history: History) -> Iterator[tuple[Call, str]]:
    """JetTerm aborts the backup, JetTerm2 is refused and bars all later backups; JET_bitTermStopBackup says it is meant."""
    for backup in history.backups:
        calls: list[Any] = [call for call in backup.calls if KINDS.get(call.api.name) == TERM]
        for call in calls:
            if call.number in history.ignored:
                continue
            refused = call.err in {err.JET_errBackupInProgress, err.JET_errSurrogateBackupInProgress}
            if (not call.err or refused) and not call.grbit & JET_bitTermStopBackup:
                yield call, f"The backup was begun by call #{backup.begin.number}."
                break


@check(
    "ESB120",
    "stop-ignored",
    "The server stopped the backup, and the client went on with it.",
    source="backup.cxx:2706",
)
def stop_ignored(history: History) -> Iterator[tuple[Call, str]]:
    """A thread got JET_errBackupAbortByServer more often than it takes to see it; closing and ending do not count."""
    for backup in history.backups:
        counts: dict[int, int] = {}
        for call in backup.calls:
            if (
                call.err != err.JET_errBackupAbortByServer
                or call.number in history.ignored
                or KINDS[call.api.name] in {CLOSE, END}
            ):
                continue
            counts[call.thread] = counts.get(call.thread, 0) + 1
            if counts[call.thread] == CALLS_AFTER_STOP + 1:
                yield call, f"{CALLS_AFTER_STOP} calls of the thread had said so before."


@check(
    "ESB121",
    "begin-retried-for-ever",
    "The begin of a backup was tried again and again although it is refused each time.",
    source="backup.cxx:1701",
)
def begin_retried_for_ever(history: History) -> Iterator[tuple[Call, str]]:
    """A thread made so many refused begins of one instance in a row that it will go on for ever."""
    for calls in history.threads().values():
        refused = 0
        for call in calls:
            refused = refused + 1 if KINDS[call.api.name] == BEGIN and call.err < 0 else 0
            if refused == BEGINS_MAX:
                yield call, f"It was refused {BEGINS_MAX} times."
