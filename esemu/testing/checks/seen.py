# SPDX-License-Identifier: MIT
"""A backup as the calls tell of it: its lists, its files with the bytes that came out of them, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine.call import ImpliedGrbitCall
from esemu.testing.checks.kinds import (
    ATTACH_INFO,
    CLOSE,
    END,
    KINDS,
    LOG_INFO,
    OPEN,
    READ,
    SURROGATE_END,
    TERM,
    TRUNCATE,
    TRUNCATE_INFO,
)
from esemu.vocabulary import errors as err
from esemu.vocabulary.grbits import (
    JET_bitBackupEndAbort,
    JET_bitBackupEndNormal,
    JET_bitBackupIncremental,
    JET_bitBackupSurrogate,
    JET_bitInternalCopy,
)

if TYPE_CHECKING:
    from typing import Any

    from esemu.machine.call import Call, GrbitCall
    from esemu.machine.shapes.backup import CloseCall, OpenCall, ReadCall
    from esemu.machine.state import Instance

CLIENTS_FAULT: Final = frozenset(
    {err.JET_errInvalidParameter, err.JET_errOutOfMemory, err.JET_errInvalidBackupSequence}
)
"""Errors of an open or a read that say nothing about the file: the call was wrong."""

STILL_TO_END: Final = frozenset({err.JET_errInvalidParameter, err.JET_errInvalidGrbit})
"""Errors of an end that did not reach the backup, if a rule gave them."""


def still_to_end(call: Call) -> bool:
    """Return whether an end was refused for its arguments, so that the backup must be ended again."""
    return call.err in STILL_TO_END and call.rule is not None


class CopiedFile:
    """A file of a backup from its open to its close, with the bytes that came out of it."""

    __slots__ = ("closed", "delivered", "name", "offset", "open", "reads", "refused", "size", "total")

    def __init__(self, call: OpenCall) -> None:
        self.open = call
        self.name = full_name(call.instance, call.name or "")
        self.offset = call.offset  # where the first read begins, in bytes of the stream
        self.total: int = call.result.size  # bytes of the whole stream
        self.delivered = 0
        self.reads: list[ReadCall] = []  # those that were refused too
        self.refused: ReadCall | None = None  # the last one that was
        self.closed: CloseCall | None = None

    @property
    def read_to_the_end(self) -> bool:
        """Whether the last byte was delivered."""
        return self.offset + self.delivered >= self.total

    def closed_after(self, call: Call) -> bool:
        """Whether the client closed it, and only after this call."""
        return self.closed is not None and self.closed.number > call.number


class SeenBackup:
    """A backup from its begin to its end."""

    def __init__(self, call: GrbitCall, instance: Instance) -> None:
        self.begin = call
        self.instance = instance
        self.page_size = instance.process.page_size
        self.surrogate = bool(call.grbit & JET_bitBackupSurrogate)
        self.full = not call.grbit & JET_bitBackupIncremental
        self.internal_copy = bool(call.grbit & JET_bitInternalCopy)
        self.calls: list[Call] = []
        self.databases: list[str] | None = None  # the attach list, once it was asked for
        self.logs: list[str] | None = None
        self.logs_to_delete: list[str] = []
        self.files: list[CopiedFile] = []
        self.file: CopiedFile | None = None  # the open one
        self.read_without_file: list[ReadCall] = []
        self.obstructed: list[tuple[Call, CopiedFile]] = []  # calls that were refused because this file was open
        self.excused: set[str] = set()  # files that the engine could not open or read
        self.truncations: list[tuple[Call, bool, list[str]]] = []  # call, anything copied before, files missing then
        self.end: GrbitCall | None = None  # the call that ended it, or tried to and could not do better
        self.ended_by_term: Call | None = None
        self.lost: Call | None = None  # the first call that found no backup although nobody had ended it
        self.snapshot_call: Call | None = None  # the last call about a snapshot while it ran
        self.is_last = True  # of its instance

    @property
    def over(self) -> bool:
        """Whether somebody ended it, or tried to."""
        return self.end is not None or self.ended_by_term is not None or self.lost is not None

    @property
    def aborted(self) -> bool:
        """Whether the client ended it as one that failed."""
        return self.end is not None and bool(self.end.grbit & JET_bitBackupEndAbort)

    @property
    def said_normal(self) -> bool:
        """Whether the client chose the end of a good backup; the forms without a grbit leave no choice."""
        if self.end is None or isinstance(self.end, ImpliedGrbitCall):
            return False
        return bool(self.end.grbit & JET_bitBackupEndNormal)

    @property
    def stopped(self) -> Call | None:
        """The first call that was answered with JET_errBackupAbortByServer."""
        return next((call for call in self.calls if call.err == err.JET_errBackupAbortByServer), None)

    @property
    def no_database_touched(self) -> bool:
        """Whether a full backup neither listed databases nor opened one."""
        logs = {*(self.logs or ()), *self.logs_to_delete}
        return self.full and self.databases is None and all(file.name in logs for file in self.files)

    def take(self, kind: str, call: Call) -> None:
        """Note a call that was made while the backup ran."""
        self.calls.append(call)
        if call.err == err.JET_errNoBackup and call.rule is not None:
            self.lost = call
        if kind in _RECORD:
            _RECORD[kind](self, call)

    def passed_for_good(self, reported_success: bool | None) -> bool:
        """Whether the client took the backup for a good one when it ended it.

        One that ends the backup as aborted did not; one that ends it without a choice did not either where a call had
        failed and nothing but closing followed, or where databases were still missing and no log was asked for, which
        the engine counts as an abort too (backup.cxx:4172).
        """
        if self.end is None or self.aborted or self.surrogate:
            return False
        if self.said_normal:
            return True
        if self.is_last and reported_success is not None:
            return reported_success
        for call in reversed(self.calls):
            kind = KINDS.get(call.api.name)
            if call.err < 0 and kind != END:
                return False
            if kind not in {CLOSE, END}:
                break
        return not (self.logs is None and self.missing_databases())

    def missing_databases(self) -> list[str]:
        """Return the databases of the list that were not copied as a whole, but for those that the engine could not read."""
        if not self.full or self.surrogate:
            return []
        return [name for name in self.databases or () if self.left_of(name) and name not in self.excused]

    def missing_logs(self) -> list[str]:
        """Return the logs of the list that were not copied as a whole."""
        return [name for name in self.logs or () if self.left_of(name) and name not in self.excused]

    def left_of(self, name: str) -> int:
        """Return how many bytes of a file were not delivered; a file may have been read in several sections."""
        parts = sorted(
            (file.offset, file.offset + file.delivered, file.total)
            for file in self.files
            if file.name == name and file.delivered
        )
        if not parts:
            return max((file.total for file in self.files if file.name == name), default=0) or 1
        reached = covered = 0
        for start, end, _ in parts:
            covered += max(0, end - max(start, reached))
            reached = max(reached, end)
        return max(0, max(total for *_, total in parts) - covered)

    def only_trailer_left_of(self, name: str) -> bool:
        """Return whether what was not delivered of a database is its last page, and nothing before that."""
        files = [file for file in self.files if file.name == name]
        reached = max((file.offset + file.delivered for file in files), default=0)
        total = max((file.total for file in files), default=0)
        return 0 < self.left_of(name) <= self.page_size and reached == total - self.page_size


def full_name(instance: Instance | None, name: str) -> str:
    """Return the full name of a file, in upper case: names are compared without it."""
    disk = None if instance is None else instance.process.world.disk
    return ((disk.complete(name) if disk is not None and name else None) or name).upper()


def full_names(call: Call) -> list[str]:
    """Return the names of a list in full."""
    return [full_name(call.instance, name) for name in call.result or ()]


def _open(backup: SeenBackup, call: Any) -> None:
    if not call.err:
        backup.file = CopiedFile(call)
        backup.files.append(backup.file)
    elif refused_by(call, "a_file_is_open_already") and backup.file is not None:
        backup.obstructed.append((call, backup.file))
    elif call.err not in CLIENTS_FAULT:
        backup.excused.add(full_name(backup.instance, call.name or ""))


def _read(backup: SeenBackup, call: Any) -> None:
    file = backup.file
    if file is None:
        backup.read_without_file.append(call)
        return
    file.reads.append(call)
    if not call.err:
        file.delivered += call.result.size
    elif call.err < 0 and call.err != err.JET_errInvalidParameter:
        file.refused = call
        backup.excused.add(file.name)


def _close(backup: SeenBackup, call: Any) -> None:
    file = backup.file
    if file is None or (refused_by(call, "handle_not_open") and not file.refused):
        return
    file.closed = call  # whatever came of it: the client has done its part
    if not call.err or file.refused:
        backup.file = None


def _list_databases(backup: SeenBackup, call: Any) -> None:
    if not call.err:
        backup.databases = full_names(call)


def _list_logs(backup: SeenBackup, call: Any) -> None:
    if not call.err:
        backup.logs = full_names(call)
    else:
        _obstruct(backup, call)


def _list_logs_to_delete(backup: SeenBackup, call: Any) -> None:
    if not call.err:
        backup.logs_to_delete += full_names(call)
    else:
        _obstruct(backup, call)


def _obstruct(backup: SeenBackup, call: Call) -> None:
    if refused_by(call, "a_file_is_open") and backup.file is not None:
        backup.obstructed.append((call, backup.file))


def _truncate(backup: SeenBackup, call: Call) -> None:
    _obstruct(backup, call)
    if not call.err or refused_by(call, "logs_not_copied", "no_range_of_logs"):
        copied = any(file.delivered for file in backup.files)
        missing = [name for name in backup.missing_databases() if not backup.only_trailer_left_of(name)]
        missing += backup.missing_logs() if backup.logs is not None else ["its logs"]
        if backup.no_database_touched:
            missing.append("its databases")
        backup.truncations.append((call, copied, missing))


def _end(backup: SeenBackup, call: Any) -> None:
    if not still_to_end(call):
        backup.end = call


def _term(backup: SeenBackup, call: Call) -> None:
    if not call.err:
        backup.ended_by_term = call


_RECORD: Final = {
    ATTACH_INFO: _list_databases,
    OPEN: _open,
    READ: _read,
    CLOSE: _close,
    LOG_INFO: _list_logs,
    TRUNCATE_INFO: _list_logs_to_delete,
    TRUNCATE: _truncate,
    END: _end,
    SURROGATE_END: _end,
    TERM: _term,
}
"""What calls tell of the backup that they are made in, by their kind."""


def refused_by(call: Call, *names: str) -> bool:
    """Return whether one of these rules refused the call."""
    return call.rule is not None and call.rule.name in names
