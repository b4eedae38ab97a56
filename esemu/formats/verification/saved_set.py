# SPDX-License-Identifier: MIT
"""Which files of a set are databases, which are logs, and which are neither: by their names where names tell, else by content.

A log has its name from the engine, a database any name, so a database is known by its header. A file called .edb is one
even if nothing of its header is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import attrs

from esemu.formats.checksum import BLOCK_SIZE, HEADER_SEED, header_error
from esemu.formats.database_header import FILETYPE_DATABASE, FILETYPE_LOG
from esemu.formats.logs import SEGMENT_SIZE
from esemu.formats.verification.checks import FILE_PARTIAL
from esemu.formats.verification.files import report
from esemu.vocabulary.file_names import LOG_EXTENSION, LOG_EXTENSION_NEW, generation_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from esemu.formats.checksum import Buffer
    from esemu.formats.verification.files import SavedFile
    from esemu.formats.verification.findings import Findings

#: What the names of files end with that `python -m esemu backup` did not complete.
PARTIAL: Final = ".partial"
_DATABASE_EXTENSION: Final = ".edb"
_BASE_LENGTH: Final = 3  # of JET_paramBaseName
_LOG_NAME_LENGTHS: Final = {_BASE_LENGTH + 5 + len(LOG_EXTENSION), _BASE_LENGTH + 8 + len(LOG_EXTENSION)}

_MAGIC: Final = HEADER_SEED.to_bytes(4, "little")
_FILETYPE: Final = slice(667, 671)  # the same place in the headers of all files
_HEADER_READ: Final = 672


class SavedLog(NamedTuple):
    """A log of the set."""

    #: The generation that its name states; of a log under a foreign name, the one in its header.
    generation: int
    #: The first three characters of the name; "" for a foreign name.
    base: str
    file: SavedFile


@attrs.define
class SavedSet:
    """The files of a set, sorted out."""

    databases: list[SavedFile] = attrs.Factory(list)
    logs: list[SavedLog] = attrs.Factory(list)
    #: Logs under names by which no engine finds them, the current log among them.
    misnamed: list[SavedLog] = attrs.Factory(list)
    other_files: int = 0

    def add(self, file: SavedFile) -> None:
        """Put a file where it belongs. Raises OSError."""
        name = file.name.removesuffix(PARTIAL)
        log = _named_log(name, file)
        if log is not None:
            self.logs.append(log)
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
        by_base: dict[str, list[SavedLog]] = {}
        for log in self.logs:
            by_base.setdefault(log.base, []).append(log)
        if len(by_base) > 1:
            real = {base for base, logs in by_base.items() if any(map(_has_log_header, logs))}
            if real:
                self.other_files += sum(log.base not in real for log in self.logs)
                self.logs = [log for log in self.logs if log.base in real]


def sorted_out(files: Iterable[SavedFile], findings: Findings) -> SavedSet:
    """Return what a set consists of, databases in the order of their names, logs in that of their generations."""
    found = SavedSet()
    for file in files:
        known = len(found.databases) + len(found.logs)
        try:
            found.add(file)
        except OSError as error:
            report(error, file.name, findings)
        finally:
            file.close()
        if file.name.endswith(PARTIAL) and len(found.databases) + len(found.logs) > known:
            findings.add(FILE_PARTIAL, file.name, "The client never completed this file.")
    found.drop_foreign_logs()
    found.databases.sort(key=lambda database: database.name)
    found.logs.sort(key=lambda log: (log.generation, log.file.name))
    return found


def _named_log(name: str, file: SavedFile) -> SavedLog | None:
    """Return the log that a file is by its name: edb00001.log, E0000000001.log, or the same as .jtx."""
    stem = name[name.rfind("/") + 1 :]
    stem = stem[stem.rfind("\\") + 1 :]  # a mapping may have the engine's own names
    if len(stem) not in _LOG_NAME_LENGTHS:
        return None
    base = stem[:_BASE_LENGTH]
    for extension in (LOG_EXTENSION, LOG_EXTENSION_NEW):
        generation = generation_of(stem, base, extension)
        if generation is not None and generation > 0:
            return SavedLog(generation, base.lower(), file)
    return None


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
