# SPDX-License-Identifier: MIT
"""The world that cases run in: that of the recordings, with what it does otherwise than Windows, and as little as results need."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from esemu.scenario.pattern_log import PatternLog
from esemu.scenario.waiting import Waiting
from esemu.vocabulary.errors import JET_errInvalidPath, JET_errSuccess
from esemu.world.disk import VirtualDisk
from esemu.world.emulated import EmulatedWorld
from esemu.world.stored_database import StoredDatabase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.machine.call import Call
    from esemu.machine.state import Process
    from esemu.machine.step import Wait
    from esemu.world.content import Content


class CopiedContent:
    """A file that JetBackup wrote, as far as results tell of it: its size."""

    __slots__ = ("size",)

    def __init__(self) -> None:
        self.size = 0

    def read(self, offset: int, count: int) -> bytes:
        """Return zeros: nobody looks."""
        return bytes(max(0, min(count, self.size - offset)))


class ScenarioDisk(VirtualDisk):
    """A disk as in the recordings: the file of a database stays in use after the database was detached.

    A file that is not there counts as deleted, even if no file could have its name: Windows says JET_errInvalidPath to
    edb*.log, which JetTruncateLog deletes where a snapshot has left a range that begins with 0.
    """

    __slots__ = ()

    def release(self, path: str) -> None:
        """Do nothing."""

    def remove(self, path: str) -> int:
        """Delete a file."""
        error = super().remove(path)
        return JET_errSuccess if error == JET_errInvalidPath else error


class JournaledRecords(list[tuple[Any, ...]]):
    """The log records of an instance, each of which is noted in a list for all instances as well, in order."""

    def __init__(self, journal: list[tuple[int, tuple[Any, ...]]], number: int) -> None:
        super().__init__()
        self.journal = journal
        self.number = number

    def append(self, record: tuple[Any, ...]) -> None:
        """Add a record."""
        super().append(record)
        self.journal.append((self.number, record))


class ScenarioWorld(EmulatedWorld):
    """A world that keeps its events as they come and writes no bytes, for results show sizes only."""

    __slots__ = ("journal", "reports", "waits")

    def __init__(self, on_block: str) -> None:
        super().__init__(ScenarioDisk())
        self.reports: list[tuple[Any, str, tuple[str, ...], int]] = []
        self.journal: list[tuple[int, tuple[Any, ...]]] = []
        self.waits = Waiting(on_block)
        self.clock = self.waits.clock

    def wait(self, process: Process, rule: Wait, state: Any, call: Call) -> bool:
        """Do what the case says that a call does when it has to wait."""
        return self.waits.wait(process, rule, state, call)

    def run_thread(self, process: Process, steps: Iterator[bool]) -> None:  # noqa: ARG002 - the world's signature
        """Keep the thread of a snapshot that has timed out until it is its turn."""
        self.waits.thread = chain(steps, self.waits.thread or ())  # the one before may wait for a term

    def report(self, instance: Any, name: str, strings: tuple[str, ...], category: int = 0) -> None:
        """Keep an event."""
        self.reports.append((instance, name, strings, category))

    def log_file(self, instance: Any, generation: int) -> PatternLog:
        """Return the content of a log: a pattern that names instance and generation."""
        return PatternLog(instance.number, generation, instance.log_size)

    def open_log(self, instance: Any, path: str, archived: str, generation: int) -> int:  # noqa: ARG002 - likewise
        """Make a current log of this generation, and return it: logs in the recordings say nothing."""
        self.disk.create(path, self.log_file(instance, generation), overwrite=True)
        return generation

    def log_verifier(self, file: Any, offset: int) -> None:
        """Return None: a log is damaged if the case says so."""

    def attached_database(self, instance: Any, path: str, page_size: int) -> StoredDatabase | None:  # noqa: ARG002
        """Return the database in a file, whether that is in use or not: see `ScenarioDisk`."""
        content = self.disk.content(path)
        return content if isinstance(content, StoredDatabase) else None

    def append(self, instance: Any, path: str, delivery: Any) -> int:  # noqa: ARG002 - the world's signature
        """Let the file grow."""
        content: Content = self.disk.content(path)
        if not isinstance(content, CopiedContent):
            content = CopiedContent()
            self.disk.create(path, content, overwrite=True)
        content.size += delivery.size
        return JET_errSuccess
