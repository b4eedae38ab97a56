# SPDX-License-Identifier: MIT
"""What `Engine.start` returns: an instance handle that also shows the instance and lets a test spoil its world.

To the API it is the number that JetInit would return.  Everything else on it is for tests: what a client could never
ask an engine for is an attribute here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from esemu.machine.effects.logs import generations, roll_log
from esemu.machine.lognames import log_name
from esemu.machine.state import PHASE_NAMES
from esemu.vocabulary.errors import JET_errReadVerifyFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.machine.state import Instance as State
    from esemu.world.faults import ReadFaults


class Instance(int):
    """An instance of an emulated engine: an int wherever the API wants one.

    `state` is the machine's state of it, with every variable of the engine that this emulator has; read it freely, and
    change it at your own risk.
    """

    state: State
    session: int
    faults: Faults

    def __new__(cls, state: State, session: int) -> Instance:
        """Make the handle of an instance that runs."""
        made = super().__new__(cls, state.handle)
        made.state = state
        made.session = session
        made.faults = Faults(state)
        return made

    @property
    def generation(self) -> int:
        """The log generation that is being written."""
        return self.state.log.generation

    @property
    def generations(self) -> list[int]:
        """The archived log generations on the disk, in order."""
        return generations(self.state)

    @property
    def checkpoint(self) -> int:
        """The generation of the checkpoint; set it to let it move on."""
        return self.state.log.checkpoint

    @checkpoint.setter
    def checkpoint(self, generation: int) -> None:
        self.state.log.checkpoint = generation

    @property
    def phase(self) -> str:
        """The phase of the backup: "not started", "databases", "logs" or "done"."""
        return PHASE_NAMES[self.state.backup.phase]

    def roll_log(self, times: int = 1) -> None:
        """Fill the current log and go on with the next generation, `times` times."""
        with self.state.process.lock:
            for _ in range(times):
                roll_log(self.state)
            self.state.changed()

    def grow(self, path: str, pages: int) -> None:
        """Let a database own `pages` more pages.  Raises KeyError where none is attached under this path."""
        _database(self.state, path).last_page += pages

    def delete_log(self, generation: int) -> None:
        """Delete an archived log from the disk, as a careless administrator might.  Raises FileNotFoundError."""
        path = log_name(self.state, generation)
        if self.state.process.world.disk.remove(path):
            raise FileNotFoundError(path)

    def __repr__(self) -> str:
        return f"<instance {self.state.number + 1} {self.state.name or ''} {self:#x}: {self.state.backup!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as the plain number: an engine stays where it is."""
        return int, (int(self),)


class Faults:
    """What is to go wrong with an instance: the attributes are switches, each method arranges one thing."""

    __slots__ = ("_state",)

    def __init__(self, state: State) -> None:
        self._state = state

    def page(self, path: str, pgno: int, *, times: int = -1, error: int = JET_errReadVerifyFailure) -> None:
        """Let the next `times` reads of a page fail, all of them with -1.  The engine tries 17 times (backup.cxx:289)."""
        _faults(self._state, path).fail(pgno, times, error)

    def on_page(self, path: str, pgno: int, callback: Callable[[], object]) -> None:
        """Call `callback` while the page is read next; it may call the engine, from this thread or another."""
        _faults(self._state, path).on_page(pgno, callback)

    def log(self, generation: int) -> None:
        """Damage a log: reading it gives JET_errLogReadVerifyFailure and ends the backup."""
        self._state.log.corrupt_generations.add(generation)

    @property
    def log_disk_full(self) -> bool:
        """The disk of the logs is full: no backup can begin (JET_errLogDiskFull)."""
        return self._state.log.disk_full

    @log_disk_full.setter
    def log_disk_full(self, value: bool) -> None:
        self._state.log.disk_full = value
        self._state.changed()

    @property
    def log_sequence_end(self) -> bool:
        """Generation numbers are used up: no backup can begin (JET_errLogSequenceEnd)."""
        return self._state.log.sequence_end

    @log_sequence_end.setter
    def log_sequence_end(self, value: bool) -> None:
        self._state.log.sequence_end = value
        self._state.changed()

    @property
    def log_write_failed(self) -> bool:
        """The log can no longer be written (JET_errLogWriteFail)."""
        return self._state.log.write_failed

    @log_write_failed.setter
    def log_write_failed(self, value: bool) -> None:
        self._state.log.write_failed = value
        self._state.changed()

    @property
    def header_write_fails(self) -> bool:
        """Database headers cannot be written at the end of a backup, which only the event log tells (event 219)."""
        return self._state.log.header_write_fails

    @header_write_fails.setter
    def header_write_fails(self, value: bool) -> None:
        self._state.log.header_write_fails = value

    @property
    def checkpoint_unreadable(self) -> bool:
        """The checkpoint file cannot be read (JET_errCheckpointCorrupt)."""
        return self._state.log.checkpoint_unreadable

    @checkpoint_unreadable.setter
    def checkpoint_unreadable(self, value: bool) -> None:
        self._state.log.checkpoint_unreadable = value
        self._state.changed()

    @property
    def unavailable(self) -> int:
        """The error after which the instance gave up, 0 while it runs: every call gives JET_errInstanceUnavailable."""
        return self._state.unavailable

    @unavailable.setter
    def unavailable(self, error: int) -> None:
        self._state.unavailable = error
        self._state.changed()


def _faults(state: State, path: str) -> ReadFaults:
    """Return the read faults of a database."""
    from esemu.world.faults import ReadFaults  # noqa: PLC0415 - most tests arrange none

    database = _database(state, path)
    if database.faults is None:
        database.faults = ReadFaults()
        state.changed()
    return database.faults  # type: ignore[no-any-return]


def _database(state: State, path: str) -> Any:
    full = (state.process.world.disk.complete(path) or path).upper()
    for database in state.databases:
        if database.name.upper() == full:
            return database
    raise KeyError(f"no database {path!r} is attached; there are {[database.name for database in state.databases]}")
