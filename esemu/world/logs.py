# SPDX-License-Identifier: MIT
"""Log files as contents of the virtual disk: which sequence and which generation one belongs to, and nothing else.

Their bytes are made by `log_bytes` when somebody reads them, so a million logs cost next to nothing until then.
"""

from __future__ import annotations

from bisect import bisect_right

from esemu.vocabulary.parameters import (
    JET_paramCircularLog,
    JET_paramLogFilePath,
    JET_paramLogFileSize,
    JET_paramSystemPath,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from esemu.formats.structures import Logtime, Signature
    from esemu.world.disk import VirtualDisk


class LogSequence:
    """What the log files of an instance have in common, from generation `first` on.

    `number` is the sequence's in its process; its signature is made of that, unless `sign_log` is another.  `previous` is
    what log `first` repeats of the one before it, where that one is not of this object: when it was created, and the
    sum of its segments' checksums.
    """

    __slots__ = ("_dbtimes", "changes", "first", "number", "previous", "segment_kept", "settings", "sign_log")

    def __init__(
        self,
        number: int,
        settings: Settings,
        first: int = 1,
        sign_log: Signature | None = None,
        previous: tuple[Logtime, int] | None = None,
    ) -> None:
        self.number = number
        self.settings = settings
        self.first = first
        self.sign_log = sign_log
        self.previous = previous
        self.segment_kept = (b"", b"")  # the words of the log that was read last, and what its segments consist of
        # Of generations in which rows were changed: the dbtime of the last change, by dbid.
        self.changes: dict[int, dict[int, int]] | None = None
        # Generations before which a database was changed, and how far dbtimes had been counted when they began, by dbid.
        self._dbtimes: list[tuple[int, dict[int, int]]] = []

    def note_change(self, generation: int, dbid: int, dbtime: int) -> None:
        """Let the log of a generation say that rows of a database were changed."""
        if self.changes is None:
            self.changes = {}
        self.changes.setdefault(generation, {})[dbid] = dbtime

    def note_beginning(self, generation: int, databases: Iterable[Any]) -> None:
        """Let the log of a generation, which begins now, say how far the dbtimes of databases have been counted."""
        now = {database.dbid: dbtime for database in databases if (dbtime := getattr(database.pages, "dbtime", 0))}
        if now and (not self._dbtimes or self._dbtimes[-1][1] != now):
            self._dbtimes.append((generation, now))

    def dbtime_at(self, generation: int, dbid: int, otherwise: int) -> int:
        """Return how far the dbtimes of a database had been counted when a generation began, `otherwise` if nobody noted it."""
        noted = bisect_right(self._dbtimes, generation, key=lambda note: note[0])
        return self._dbtimes[noted - 1][1].get(dbid, otherwise) if noted else otherwise


class Settings:
    """What log files say of the instance that wrote them, and how large they are."""

    __slots__ = ("circular", "log_path", "page_size", "size", "system_path")

    def __init__(self, instance: Any) -> None:
        parameters = instance.parameters
        self.size: int = parameters[JET_paramLogFileSize] * 1024
        self.page_size: int = instance.process.page_size
        self.circular: bool = parameters[JET_paramCircularLog] != 0
        self.log_path: str = parameters[JET_paramLogFilePath]
        self.system_path: str = parameters[JET_paramSystemPath]

    def __eq__(self, other: object) -> bool:
        """Compare everything."""
        return all(getattr(self, name) == getattr(other, name) for name in Settings.__slots__)

    __hash__ = None  # type: ignore[assignment] # nobody looks one up


class AnyLog:
    """A log file as content of the virtual disk."""

    __slots__ = ()

    generation: int
    sequence: LogSequence
    attached: tuple[Any, ...]
    full: bool

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return self.sequence.settings.size

    def read(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes from `offset` on; fewer, or none, at the end of the file."""
        from esemu.world.log_bytes import part_of_log  # noqa: PLC0415 - few programs look

        return part_of_log(self, offset, count)


class LogFile(AnyLog):
    """An archived log: every segment is used.  `attached` are the databases that its header lists."""

    __slots__ = ("attached", "generation", "sequence")

    full = True

    def __init__(self, sequence: LogSequence, generation: int, attached: tuple[Any, ...]) -> None:
        self.sequence = sequence
        self.generation = generation
        self.attached = attached


class CurrentLog(AnyLog):
    """The log that is being written, which follows its instance's log: a header, one segment, and its shadow."""

    __slots__ = ("_databases", "log", "sequence")

    full = False

    def __init__(self, sequence: LogSequence, instance: Any) -> None:
        self.sequence = sequence
        self.log = instance.log
        self._databases = instance.databases

    @property
    def generation(self) -> int:  # type: ignore[override] # it is the log that changes it
        """The generation that is being written."""
        return int(self.log.generation)

    @property
    def attached(self) -> tuple[Any, ...]:  # type: ignore[override] # likewise
        """The databases that are attached now."""
        return logged(self._databases)


class CheckpointFile:
    """The checkpoint of an instance, which follows its log."""

    __slots__ = ("_databases", "backup", "log")

    size = 8192  # two copies of 4096 bytes

    def __init__(self, instance: Any) -> None:
        self.log = instance.log
        self.backup = instance.backup
        self._databases = instance.databases

    @property
    def attached(self) -> tuple[Any, ...]:
        """The databases that are attached now."""
        return logged(self._databases)

    def read(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes of the file as it is now."""
        from esemu.world.log_bytes import checkpoint  # noqa: PLC0415 - few programs look

        return checkpoint(self)[offset : offset + count]


def logged(databases: list[Any]) -> tuple[Any, ...]:
    """Return those databases that log headers and checkpoints list."""
    return tuple([database for database in databases if database.attached and database.logged])


def opened_sequence(disk: VirtualDisk, instance: Any, paths: tuple[str, str], number: int) -> tuple[LogSequence, int]:
    """Return the sequence that an instance goes on with, and the generation that it goes on with, 0 in a new sequence.

    `paths` are those of the current log and of the last archived one, empty where there is none: whoever wrote them, the
    sequence is theirs.  `number` is that of a new one.
    """
    settings = Settings(instance)
    for behind, path in enumerate(paths):
        found: Any = disk.opened(path) if path else None
        if found is None:
            continue
        if isinstance(found, CurrentLog | LogFile) and found.sequence.settings == settings:
            return found.sequence, found.generation + behind
        from esemu.world.log_bytes import continued  # noqa: PLC0415 - logs that others wrote are few

        if (sequence := continued(found, settings, number, behind=behind)) is not None:
            return sequence, sequence.first
    return LogSequence(number, settings), 0
