# SPDX-License-Identifier: MIT
"""Which files of a set are databases, which are logs, and which are neither: by their names where names tell, else by content.

A log has its name from the engine, a database any name, so a database is known by its header. A file called .edb is one
even if nothing of its header is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from esemu.formats.checksum import BLOCK_SIZE, HEADER_SEED, header_error
from esemu.formats.database_header import FILETYPE_DATABASE, FILETYPE_LOG
from esemu.formats.logs import SEGMENT_SIZE
from esemu.formats.verification.checks import FILE_PARTIAL
from esemu.formats.verification.files import report
from esemu.formats.verification.saved_logs import SavedLog, SavedLogs, named_log

if TYPE_CHECKING:
    from collections.abc import Iterable

    from esemu.formats.checksum import Buffer
    from esemu.formats.verification.files import SavedFile
    from esemu.formats.verification.findings import Findings

#: What the names of files end with that `python -m esemu backup` did not complete.
PARTIAL: Final = ".partial"
_DATABASE_EXTENSION: Final = ".edb"

_MAGIC: Final = HEADER_SEED.to_bytes(4, "little")
_FILETYPE: Final = slice(667, 671)  # the same place in the headers of all files
_HEADER_READ: Final = 672


@attrs.define
class SavedSet:
    """The files of a set, sorted out."""

    databases: list[SavedFile] = attrs.Factory(list)
    logs: SavedLogs = attrs.Factory(SavedLogs)
    #: Logs under names by which no engine finds them, the current log among them.
    misnamed: list[SavedLog] = attrs.Factory(list)
    other_files: int = 0

    def add(self, file: SavedFile) -> None:
        """Put a file where it belongs. Raises OSError."""
        name = file.name.removesuffix(PARTIAL)
        log = named_log(file, name)
        if log is not None:
            self.logs.add(log)
            return
        start = file.read(0, SEGMENT_SIZE)
        if _is_log(start):
            self.misnamed.append(SavedLog(int.from_bytes(start[4:8], "little", signed=True), "", file))
        elif _is_database(start, file) or name.lower().endswith(_DATABASE_EXTENSION):
            self.databases.append(file)
        else:
            self.other_files += 1

    def drop_foreign_logs(self) -> None:
        """Take files that only have the name of a log for foreign ones, if others with another base name are logs."""
        bases = self.logs.bases
        if len(bases) > 1:
            real = {base for base in bases if any(map(_has_log_header, self.logs.with_base(base)))}
            if real:
                self.other_files += self.logs.keep(real)


def sorted_out(files: Iterable[SavedFile], findings: Findings) -> SavedSet:
    """Return what a set consists of, databases in the order of their names, logs in that of their generations."""
    found = SavedSet()
    for file in files:
        known = len(found.databases) + found.logs.added
        try:
            found.add(file)
        except OSError as error:
            report(error, file.name, findings)
        finally:
            file.close()
        if file.name.endswith(PARTIAL) and len(found.databases) + found.logs.added > known:
            findings.add(FILE_PARTIAL, file.name, "The client never completed this file.")
    found.drop_foreign_logs()
    found.databases.sort(key=lambda database: database.name)
    return found


def _is_log(start: Buffer) -> bool:
    """Return whether a file begins with the good header of a log."""
    if int.from_bytes(start[_FILETYPE], "little") != FILETYPE_LOG or len(start) < SEGMENT_SIZE:
        return False
    return header_error(start) == 0


def _has_log_header(log: SavedLog) -> bool:
    """Return whether the content of a log is that of one."""
    try:
        return _is_log(log.file.read(0, SEGMENT_SIZE))
    except OSError:
        return False
    finally:
        log.file.close()


def _is_database(start: Buffer, file: SavedFile) -> bool:
    """Return whether one of the first two pages of a file, whatever their size, is the header of a database."""
    if start[4:8] == _MAGIC:
        return True
    for page_size in BLOCK_SIZE:
        second = file.read(page_size, _HEADER_READ) if len(start) == SEGMENT_SIZE else b""
        if not second:
            return False
        if second[4:8] == _MAGIC and int.from_bytes(second[_FILETYPE], "little") == FILETYPE_DATABASE:
            return True
    return False
