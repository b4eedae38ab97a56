# SPDX-License-Identifier: MIT
"""What is to go wrong with an instance: `inst.faults`, whose attributes are switches and whose methods arrange one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from esemu.faces.arguments import ULONG_MAX
from esemu.faces.checks import whole
from esemu.machine.rules.databases import named_in
from esemu.vocabulary.errors import JET_errReadVerifyFailure
from esemu.world.faults import ALWAYS, ReadFaults

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from esemu.machine.database_state import Database
    from esemu.machine.state import Instance as State


class Switch:
    """An attribute of `Faults` that turns a flag of the instance's log stream on and off."""

    def __init__(self, name: str, doc: str) -> None:
        self._name = name
        self.__doc__ = doc

    @overload
    def __get__(self, faults: None, owner: type[Faults]) -> Self: ...

    @overload
    def __get__(self, faults: Faults, owner: type[Faults]) -> bool: ...

    def __get__(self, faults: Faults | None, owner: type[Faults]) -> bool | Self:
        """Return whether it is on."""
        return self if faults is None else bool(getattr(faults.state.log, self._name))

    def __set__(self, faults: Faults, value: bool) -> None:
        """Turn it on or off.  Raises TypeError for anything but a bool."""
        if not isinstance(value, bool):
            raise TypeError(f"{self._name} is on or off, True or False, not {value!r}")
        setattr(faults.state.log, self._name, value)
        faults.state.changed()


class Faults:
    """What is to go wrong with an instance.  Nothing does at first, and what was arranged stays until it is undone."""

    __slots__ = ("state",)

    log_disk_full = Switch("disk_full", "The disk of the logs is full: no backup can begin (JET_errLogDiskFull).")
    log_sequence_end = Switch(
        "sequence_end", "Generation numbers are used up: no backup can begin (JET_errLogSequenceEnd)."
    )
    log_write_failed = Switch("write_failed", "The log can no longer be written (JET_errLogWriteFail).")
    header_write_fails = Switch(
        "header_write_fails",
        "Headers cannot be written at the end of a backup, which only the event log tells (event 219).",
    )
    checkpoint_unreadable = Switch(
        "checkpoint_unreadable", "Both copies in the checkpoint file are damaged (JET_errCheckpointCorrupt)."
    )

    def __init__(self, state: State) -> None:
        self.state = state

    @property
    def unavailable(self) -> int:
        """The error after which the instance gave up, 0 while it runs: every call gives JET_errInstanceUnavailable."""
        return self.state.unavailable

    @unavailable.setter
    def unavailable(self, error: int) -> None:
        self.state.unavailable = whole(error, "unavailable", -(2**31), 0)
        self.state.changed()

    def page(self, path: str, pgno: int, *, times: int = ALWAYS, error: int = JET_errReadVerifyFailure) -> None:
        """Let the next `times` reads of a page fail, all of them with -1, none any more with 0.

        The engine tries 17 times before it gives up (backup.cxx:289).  Raises LookupError where no database is attached
        under this path.
        """
        whole(pgno, "pgno", 1, ULONG_MAX)
        whole(times, "times", ALWAYS, None)
        whole(error, "error", -(2**31), -1)
        self._of(path).fail(pgno, times, error)
        self.state.changed()

    def on_page(self, path: str, pgno: int, callback: Callable[[], object], *, times: int = 1) -> None:
        """Call `callback` during the next `times` reads of a page, during each with -1; it may call the engine.

        So may other threads meanwhile.  An attempt of the engine that fails and is repeated counts as one more read.
        Raises LookupError where no database is attached under this path.
        """
        whole(pgno, "pgno", 1, ULONG_MAX)
        whole(times, "times", ALWAYS, None)
        if not callable(callback):
            raise TypeError(f"callback is {callback!r}, which cannot be called")
        if times:
            self._of(path).on_page(pgno, callback, times=times)
            self.state.changed()

    def log(self, generation: int) -> None:
        """Damage a log: reading it gives JET_errLogReadVerifyFailure and ends the backup."""
        self.state.log.corrupt_generations |= {whole(generation, "generation", 1, ULONG_MAX)}
        self.state.changed()

    def _of(self, path: str) -> ReadFaults:
        """Return the read faults of a database."""
        database = attached_database(self.state, path)
        if database.faults is None:
            database.faults = ReadFaults()
        return database.faults  # type: ignore[return-value]


def attached_database(state: State, path: str) -> Database:
    """Return the database that an instance has attached under this path.  Raises LookupError where there is none."""
    if not isinstance(path, str):
        raise TypeError(f"path is {path!r}; it must be a str")
    full = (state.process.world.disk.complete(path) if path else None) or path
    database = named_in(state, full)
    if database is None:
        raise LookupError(f"no database {path!r} is attached; there are {[each.name for each in state.databases]}")
    return database
