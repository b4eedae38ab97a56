# SPDX-License-Identifier: MIT
"""Checks of what a backup copies: every file of the lists, whole, and before the logs are deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esemu.testing.checks.kinds import KINDS, OPEN
from esemu.testing.checks.seen import full_name
from esemu.testing.checks.table import check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from esemu.machine.call import Call
    from esemu.testing.checks.history import History
    from esemu.testing.checks.seen import SeenBackup


@check(
    "ESB109",
    "database-not-copied",
    "A backup was ended as a good one, and a database of the list was not copied as a whole.",
    source="backup.cxx:4207",
)
def database_not_copied(history: History) -> Iterator[tuple[Call, str]]:
    """Bytes of a database were never delivered, although the engine would have."""
    for backup, end in _good(history):
        for name in backup.missing_databases():
            left = backup.left_of(name)
            if not backup.only_trailer_left_of(name):
                yield end, f"{name}: {left if _was_opened(backup, name) else 'all'} bytes are missing."
        if backup.no_database_touched and not backup.internal_copy:
            yield end, "The databases were not even listed."


@check(
    "ESB110",
    "trailer-not-copied",
    "A database was read to its last page, and not to the trailer behind that.",
    source="backup.cxx:2921",
)
def trailer_not_copied(history: History) -> Iterator[tuple[Call, str]]:
    """The last page of what is delivered tells a restore which logs the database needs."""
    for backup, end in _good(history):
        for name in backup.missing_databases():
            if backup.only_trailer_left_of(name):
                yield end, f"{name} has one page more."


@check(
    "ESB111",
    "log-not-copied",
    "A backup was ended as a good one, and a log of the list was not copied as a whole.",
    source="backup.cxx:3541",
)
def log_not_copied(history: History) -> Iterator[tuple[Call, str]]:
    """Without every log from the checkpoint on the databases cannot be restored."""
    for backup, end in _good(history):
        if backup.internal_copy:
            continue
        if backup.logs is None:
            yield end, "The logs were not even listed."
        elif missing := backup.missing_logs():
            yield end, f"{', '.join(missing[:3])}{' and more' if len(missing) > 3 else ''}."


@check(
    "ESB112",
    "truncated-without-copy",
    "Logs were to be deleted in a backup that had copied nothing.",
    source="backup.cxx:3551",
)
def truncated_without_copy(history: History) -> Iterator[tuple[Call, str]]:
    """Not a byte had been read when JetTruncateLog was called."""
    for backup in history.backups:
        for call, copied, _ in backup.truncations:
            if not copied and call.number not in history.ignored:
                yield call, ""
                break


@check(
    "ESB113",
    "truncated-too-early",
    "Logs were to be deleted before everything was copied that the backup lists.",
    source="backup.cxx:3551",
)
def truncated_too_early(history: History) -> Iterator[tuple[Call, str]]:
    """Databases or logs were missing when JetTruncateLog was called, or the snapshot was still frozen."""
    for backup in history.backups:
        for call, copied, missing in backup.truncations:
            if copied and missing and call.number not in history.ignored:
                yield call, f"Missing were {', '.join(missing[:3])}{' and more' if len(missing) > 3 else ''}."
                break
    for snapshot in history.snapshots.values():
        frozen = False
        for call in snapshot.calls:
            if call.api.name.startswith("JetOSSnapshotFreeze") and not call.err:
                frozen = True
            elif call.api.name == "JetOSSnapshotThaw" and not call.err:
                frozen = False
            elif call.api.name.startswith("JetOSSnapshotTruncateLog") and frozen and call.number not in history.ignored:
                yield call, "The snapshot was frozen."
                break


@check(
    "ESB114",
    "unlisted-name",
    "A file was opened under a name that no list of the engine gave out.",
    source="JetOpenFileInstance (documentation)",
)
def unlisted_name(history: History) -> Iterator[tuple[Call, str]]:
    """Databases come from JetGetAttachInfo or JetGetInstanceInfo, logs from the lists of the same backup."""
    for backup in history.backups:
        calls: list[Any] = [call for call in backup.calls if KINDS[call.api.name] == OPEN]
        listed = {*(backup.logs or ()), *backup.logs_to_delete}
        for call in calls:
            name = full_name(backup.instance, call.name or "")
            known = name in listed or name in history.known_databases
            if name and not known and call.number not in history.ignored:
                yield call, ""
                break


def _good(history: History) -> Iterator[tuple[SeenBackup, Call]]:
    """Return the backups that their client took for good ones, each with the call that ended it."""
    for backup in history.backups:
        stopped = backup.stopped is not None  # which other checks tell of
        if backup.end is not None and not stopped and backup.passed_for_good(history.reported_success):
            yield backup, backup.end


def _was_opened(backup: SeenBackup, name: str) -> bool:
    return any(file.name == name for file in backup.files)
