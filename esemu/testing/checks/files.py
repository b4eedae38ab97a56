# SPDX-License-Identifier: MIT
"""Checks of how files of a backup are opened, read and closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.testing.checks.kinds import KINDS, OPEN, READ
from esemu.testing.checks.seen import refused_by
from esemu.testing.checks.table import check
from esemu.vocabulary import errors as err
from esemu.vocabulary.exception_classes import exception_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from esemu.machine.call import Call
    from esemu.machine.shapes.backup import ReadCall
    from esemu.testing.checks.history import History
    from esemu.testing.checks.seen import SeenBackup

RECOMMENDED: Final = 65536
"""The documentation of JetReadFileInstance wants buffers of at least so many bytes."""

ONE_MAY_TRY_AGAIN: Final = frozenset({err.JET_errInvalidParameter, err.JET_errBackupNotAllowedYet})
"""Errors of a read after which another one may do better: with a better buffer, or later."""


@check(
    "ESB102",
    "file-not-closed",
    "A file was read to its end and not closed: no other file can be opened, nor can the logs be listed.",
    source="backup.cxx:2206",
)
def file_not_closed(history: History) -> Iterator[tuple[Call, str]]:
    """A file was in the way of the next call, or still open at the end of a backup that is thought to be good."""
    for backup in history.backups:
        for file in backup.files:
            if file.closed is not None or not file.reads:
                continue
            blocked = next((call for call, open_file in backup.obstructed if open_file is file), None)
            if blocked is not None and file.read_to_the_end:
                yield file.open, f"Call #{blocked.number}, {blocked.api.name}, was refused for it."
            elif backup.file is file and backup.passed_for_good(history.reported_success):
                yield file.open, "The end of the backup closed it."


@check(
    "ESB103",
    "file-not-read",
    "A file was opened, and then neither read nor closed: its handle is 0, and 0 is a good handle.",
    source="daedef.hxx:4166",
)
def file_not_read(history: History) -> Iterator[tuple[Call, str]]:
    """A file was open when the next one was to be opened, the logs to be listed or the backup ended, and never used."""
    for backup in history.backups:
        for file in backup.files:
            blocks = any(open_file is file for _, open_file in backup.obstructed)
            ended = backup.file is file and backup.end is not None and backup.end.number not in history.ignored
            if not file.reads and file.closed is None and (blocks or ended):
                yield file.open, ""


@check(
    "ESB104",
    "read-after-refused-read",
    "A read failed, and the file was read on as if nothing had happened.",
    source="backup.cxx:2936",
)
def read_after_refused_read(history: History) -> Iterator[tuple[Call, str]]:
    """The next read of the same thread came without another open; after an I/O error it finds an empty file."""
    for calls in history.threads().values():
        refused: Call | None = None
        for call in calls:
            kind = KINDS[call.api.name]
            if kind == READ:
                if refused is not None:
                    yield call, f"Call #{refused.number} was answered with {exception_for(refused.err).name}."
                    break
                refused = call if call.err < 0 and call.err not in ONE_MAY_TRY_AGAIN else None
            elif kind == OPEN:
                refused = None


@check(
    "ESB106",
    "small-buffer",
    "Files are read in pieces of less than 64 KiB.",
    source="JetReadFileInstance (documentation)",
)
def small_buffer(history: History) -> Iterator[tuple[Call, str]]:
    """A read was refused for it, or two reads of a file that were not its last filled such a buffer."""
    for file in (file for backup in history.backups for file in backup.files):
        small = [read for read in file.reads if read.size < RECOMMENDED]
        filled = [read for read in small if not read.err and read.result.size == read.size]
        refused = [read for read in small if read.err == err.JET_errInvalidParameter and read.size and read.rule]
        if refused or len(filled) > 1:
            read = min(refused + filled[:1], key=lambda call: call.number)
            yield read, f"It has room for {read.size} bytes."
            return


@check(
    "ESB107",
    "misaligned-buffer",
    "A read was made into a buffer that does not begin at a page of memory.",
    source="backup.cxx:2736",
)
def misaligned_buffer(history: History) -> Iterator[tuple[Call, str]]:
    """The engine refused a buffer that does not begin at a multiple of 4096 bytes."""
    for read in _reads(history):
        if read.misaligned:
            yield read, ""
            return


@check(
    "ESB108",
    "partial-page-buffer",
    "A read was made into a buffer that is no multiple of the page size, or that has no room for the first pages.",
    source="backup.cxx:2745",
)
def partial_page_buffer(history: History) -> Iterator[tuple[Call, str]]:
    """The engine refused a buffer for its size."""
    for backup in history.backups:
        for read in _reads_of(backup, history):
            if refused_by(read, "buffer_not_whole_pages", "buffer_below_two_pages", "buffer_below_three_pages"):
                yield read, f"Pages have {backup.page_size} bytes."
                return


@check(
    "ESB115",
    "second-file",
    "A file was to be opened while another was open: the engine has room for one.",
    source="backup.cxx:2206",
)
def second_file(history: History) -> Iterator[tuple[Call, str]]:
    """The open was refused with JET_errOutOfMemory, and the file that was open was still in use."""
    for backup in history.backups:
        for call, file in backup.obstructed:
            in_use = file.closed_after(call) or (file.closed is None and file.reads and not file.read_to_the_end)
            if KINDS[call.api.name] == OPEN and in_use and call.number not in history.ignored:
                yield call, f"{file.open.name} had been opened by call #{file.open.number}."
                break


def _reads(history: History) -> Iterator[ReadCall]:
    for backup in history.backups:
        yield from _reads_of(backup, history)


def _reads_of(backup: SeenBackup, history: History) -> Iterator[ReadCall]:
    calls: list[Any] = backup.calls
    for call in calls:
        if KINDS[call.api.name] == READ and call.number not in history.ignored:
            yield call
