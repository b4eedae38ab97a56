# SPDX-License-Identifier: MIT
"""Checks of what a backup copies: every file of the lists, whole, and before the logs are deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esemu.testing.checks.kinds import CLOSE, END, KINDS, OPEN, TRUNCATE
from esemu.testing.checks.seen import full_name
from esemu.testing.checks.table import check
from esemu.vocabulary.exception_classes import exception_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from esemu.machine.call import Call
    from esemu.testing.checks.history import History
    from esemu.testing.checks.seen import SeenBackup


@check(
    "ESB109",
    "database-not-copied",
    "A backup is taken for a good one, and a database of the list was not copied as a whole.",
    source="backup.cxx:4207",
)
def database_not_copied(history: History) -> Iterator[tuple[Call, str]]:
    """Bytes of a database were never delivered, although the engine would have."""
    for backup, end in _good(history):
        for name in backup.missing_databases():
            left = backup.left_of(name)
            if not backup.only_trailer_left_of(name):
                missing = f"{left} bytes are" if _was_opened(backup, name) else "all of it is"
                yield end, f"{name}: {missing} missing.{_reason(backup)}"
        if backup.no_database_touched and not backup.internal_copy:
            yield end, f"The databases were not even listed.{_reason(backup)}"


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
    "A backup is taken for a good one, and a log of the list was not copied as a whole.",
    source="backup.cxx:3541",
)
def log_not_copied(history: History) -> Iterator[tuple[Call, str]]:
    """Without every log from the checkpoint on the databases cannot be restored."""
    for backup, end in _good(history):
        if backup.internal_copy:
            continue
        if backup.logs is None:
            instead = " JetGetTruncateLogInfo lists those that are to be deleted." if backup.logs_to_delete else ""
            yield end, f"The logs were not even listed.{instead}{_reason(backup)}"
        elif missing := backup.missing_logs():
            yield end, f"{_some(missing)} is missing.{_reason(backup)}"


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
    """Databases or logs were missing when JetTruncateLog was called, or the snapshot was not thawed."""
    for backup in history.backups:
        for call, copied, missing in backup.truncations:
            if copied and missing and call.number not in history.ignored:
                yield call, f"Missing were {_some(missing)}."
                break
    for snapshot in history.snapshots.values():
        yield from [each for each in snapshot.truncated_early if each[0].number not in history.ignored][:1]


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
    """Return the backups that their client took for good ones, each with the call that says so.

    That is their end, or a truncation that was refused, if the client had copied logs before and gave up for that.
    """
    for backup in history.backups:
        if backup.end is None or backup.stopped is not None:  # which other checks tell of
            continue
        if backup.passed_for_good(history.reported_success):
            yield backup, backup.end
        elif refused := _refused_truncation(backup):
            yield backup, refused


def _refused_truncation(backup: SeenBackup) -> Call | None:
    call = backup.truncations[-1][0] if backup.truncations else None
    if call is None or not call.err:
        return None
    logs = [file for file in backup.files if file.delivered and file.name not in (backup.databases or ())]
    return call if logs and logs[-1].open.number < call.number else None


def _reason(backup: SeenBackup) -> str:
    """Return which call had failed last, if one had, as a sentence behind another."""
    failed = [call for call in backup.calls if call.err < 0 and KINDS[call.api.name] not in {CLOSE, TRUNCATE, END}]
    if not failed:
        return ""
    call = failed[-1]
    return f" Call #{call.number}, {call.api.name}, had failed with {exception_for(call.err).name}."


def _some(names: list[str]) -> str:
    """Return the first few of some names."""
    return f"{', '.join(names[:3])}{' and more' if len(names) > 3 else ''}"


def _was_opened(backup: SeenBackup, name: str) -> bool:
    return any(file.name == name for file in backup.files)
