# SPDX-License-Identifier: MIT
"""The logs of a set in the order of their generations, however many there are: of those whose names differ only in that, a bit each is kept."""

from __future__ import annotations

import os
from heapq import merge
from typing import TYPE_CHECKING, Final, NamedTuple

from esemu.formats.verification.bits import Bits
from esemu.formats.verification.files import FileOnDisk
from esemu.vocabulary.file_names import LOG_EXTENSION, LOG_EXTENSION_NEW, generation_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from esemu.formats.verification.files import SavedFile

_BASE_LENGTH: Final = 3  # of JET_paramBaseName
_EXTENSION_LENGTH: Final = len(LOG_EXTENSION)
_NAME_LENGTHS: Final = {_BASE_LENGTH + 5 + _EXTENSION_LENGTH, _BASE_LENGTH + 8 + _EXTENSION_LENGTH}


class SavedLog(NamedTuple):
    """A log of the set."""

    #: The generation that its name states; of a log under a foreign name, the one in its header.
    generation: int
    #: The first three characters of the name; "" for a foreign name.
    base: str
    file: SavedFile


class _Family(NamedTuple):
    """Logs of one folder of the host, the names of which differ in the generation alone."""

    #: What comes before the generation in a log's name in the set, and in its path.
    name: str
    path: str
    extension: str
    #: How the generation is written: "05X", or with eight digits, or in lower case.
    form: str

    @property
    def base(self) -> str:
        """The first three characters of the names, as they are in the whole set."""
        return self.name[-_BASE_LENGTH:].lower()

    def log(self, generation: int) -> SavedLog:
        """Return one of the logs."""
        ending = format(generation, self.form) + self.extension
        return SavedLog(generation, self.base, FileOnDisk(self.name + ending, self.path + ending))


class SavedLogs:
    """Logs, known by their names."""

    def __init__(self) -> None:
        self._families: dict[_Family, Bits] = {}
        #: Logs that are in memory, or whose names are written in a way of their own.
        self._others: list[SavedLog] = []
        #: How many were added.
        self.added = 0

    def add(self, log: SavedLog) -> None:
        """Add a log."""
        self.added += 1
        family = _family_of(log)
        if family is None:
            self._others.append(log)
        else:
            self._families.setdefault(family, Bits()).add(log.generation)

    def __iter__(self) -> Iterator[SavedLog]:
        """Give the logs in the order of their generations, those of one in that of their names."""
        return self._in_order(lambda _: True)

    @property
    def bases(self) -> set[str]:
        """What the names begin with."""
        return {family.base for family in self._families} | {log.base for log in self._others}

    def with_base(self, base: str) -> Iterator[SavedLog]:
        """Give the logs whose names begin so, in order."""
        return self._in_order(base.__eq__)

    def of(self, generation: int) -> list[SavedLog]:
        """Return the logs of one generation."""
        logs = [family.log(generation) for family, generations in self._families.items() if generation in generations]
        return logs + [log for log in self._others if log.generation == generation]

    def keep(self, bases: set[str]) -> int:
        """Take out all logs but those with these base names; return how many that were."""
        before = len(self)
        self._families = {family: found for family, found in self._families.items() if family.base in bases}
        self._others = [log for log in self._others if log.base in bases]
        return before - len(self)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._others) + sum(map(len, self._families.values()))

    def _in_order(self, wanted: Callable[[str], bool]) -> Iterator[SavedLog]:
        """Give the logs with wanted base names."""
        runs = [map(family.log, found) for family, found in self._families.items() if wanted(family.base)]
        return merge(sorted((log for log in self._others if wanted(log.base)), key=_order), *runs, key=_order)


def _order(log: SavedLog) -> tuple[int, str]:
    return log.generation, log.file.name


def named_log(file: SavedFile, name: str) -> SavedLog | None:
    """Return the log that a file is by its name: edb00001.log, E0000000001.log, or the same as .jtx."""
    stem = name[name.rfind("/") + 1 :]
    stem = stem[stem.rfind("\\") + 1 :]  # a mapping may have the engine's own names
    if len(stem) not in _NAME_LENGTHS:
        return None
    base = stem[:_BASE_LENGTH]
    for extension in (LOG_EXTENSION, LOG_EXTENSION_NEW):
        generation = generation_of(stem, base, extension)
        if generation is not None and generation > 0:
            return SavedLog(generation, base.lower(), file)
    return None


def _family_of(log: SavedLog) -> _Family | None:
    """Return which logs a file of the host belongs to, None if its name cannot be told from its generation."""
    if not isinstance(log.file, FileOnDisk):
        return None
    name, path = log.file.name, os.fspath(log.file.path)
    stem = name.rpartition("/")[2]
    digits, extension = len(stem) - _BASE_LENGTH - _EXTENSION_LENGTH, stem[-_EXTENSION_LENGTH:]
    for form in (f"0{digits}X", f"0{digits}x"):
        ending = format(log.generation, form) + extension
        if stem[_BASE_LENGTH:] == ending and path.endswith(ending):
            return _Family(name.removesuffix(ending), path.removesuffix(ending), extension, form)
    return None
