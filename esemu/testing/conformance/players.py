# SPDX-License-Identifier: MIT
"""Who plays a case: a library in front of an emulated process that is put into any world, or one that is left alone.

A library that stands in front of an emulated process (`library_of(process)`) can be put where no calls lead to, and shows
events and state beside what a client sees.  Any other is brought into its world by the calls of the case itself.
"""

from __future__ import annotations

from contextlib import chdir
from functools import cache
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.engine import Engine
from esemu.faces.library import Library
from esemu.machine.explore.starts import MAIN
from esemu.machine.step import FOR_EVER, UNDEFINED
from esemu.scenario.calls import NAMES
from esemu.scenario.functions import Caller, Functions
from esemu.scenario.handles import HANDLES
from esemu.scenario.through import CallOutcome, LibraryRun
from esemu.testing.conformance.calls import OPERATIONS
from esemu.testing.conformance.files import FILE_OPERATIONS, FilesOnDisk
from esemu.testing.conformance.saved_set import MAKING, SAVED
from esemu.testing.conformance.situations import CHANGES
from esemu.vocabulary.exceptions import UndefinedBehaviour, WouldBlockForever
from esemu.vocabulary.grbits import JET_bitBackupEndAbort, JET_bitTermAbrupt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from esemu.machine.state import Process
    from esemu.scenario.run import Outcome

    Case = dict[str, Any]
    LibraryOf = Callable[[Process], Any]
    NewLibrary = Callable[[], Any]
    Play = Callable[[Case], list[dict[str, Any]]]

BARE: Final[dict[str, Any]] = {**MAIN, "dbs": [], "runmode": "none"}
"""The world of a case that says none: a process before its first call."""

OF_THE_WRITER: Final = ("crc", "crc_pages")
"""Sums of bytes: files hold signatures made of the time and a random number (SIGNATURE, daedef.hxx:2298), so no two processes write the same.
That the pages read are the right ones, and undamaged, is in the layout."""


class Player(Caller):
    """What the calls of `calls.OPERATIONS` need."""

    names: dict[str, int]

    def name(self, described: dict[str, Any], handle: int | None, error: int) -> None:
        """Keep a handle under the name that the case gives it."""
        if not error and "as" in described:
            self.names[described["as"]] = handle or 0


class InFront(LibraryRun, Player):
    """One case while it is played through a library in front of an emulated process."""

    def __init__(self, case: Case, library_of: LibraryOf) -> None:
        super().__init__(case.get("world") or {**BARE, "esent": case.get("build") != "ese"}, library_of)
        self.names = dict(HANDLES)
        self._default = "self" if "world" in case else "zero"
        disk = self.case.world.disk
        for folder in case.get("folders", ()):
            disk.create_folders(folder)
        for path in case.get("files", ()):
            disk.create(path, None, overwrite=True)
        self.disk = FilesOnDisk(disk)
        for path, data in saved_files().items() if case.get("saved") else ():
            self.disk.write(path, data)

    def make(self, described: dict[str, Any], result: dict[str, Any]) -> Outcome | None:
        """Make the call through the library, or change what only the engine or the world can change."""
        op = described["op"]
        if op == "set":
            self._set(described)
            return None
        if op in {"hold", "release"}:
            getattr(self.case.world.disk, op)(described["path"])
            return None
        if op in FILE_OPERATIONS:
            FILE_OPERATIONS[op](self.disk, described, result)
            return None
        if op == "situation":
            CHANGES[described["is"]](self.case.process)
            return None
        if op not in OPERATIONS:
            return super().make(described, result)
        try:
            return CallOutcome(OPERATIONS[op](self, described, result))
        except UndefinedBehaviour:
            return CallOutcome(UNDEFINED)
        except WouldBlockForever:
            return CallOutcome(FOR_EVER)

    def instance(self, described: dict[str, Any]) -> int:
        """Return the handle that a call passes: 0 for an instance that could not be made."""
        given = described.get("inst", self._default)
        return super().instance(described) if isinstance(given, int) or given == "self" else self.names.get(given, 0)

    def session(self, described: dict[str, Any]) -> int:
        """Return the session that a call passes: one with a name, that of its instance, or the first that there is."""
        if "session" in described:
            return self.names[described["session"]]
        given = described.get("inst")
        if isinstance(given, int):
            return self.case.sessions[given]
        return next(iter(self.case.process.sessions), HANDLES["bogus"])

    def number_of(self, handle: int) -> int:
        """Return which instance has this handle, -1 for one that the case has made itself."""
        return self.known.get(handle, -1)

    def _set(self, described: dict[str, Any]) -> None:
        """Set attributes of an instance by their paths from it."""
        name = described["inst"]
        instance = self.case.instances[0] if name == "self" else self.case.process.found[self.names[name]]
        for number, value in described.get("parameters", {}).items():
            instance.parameters[int(number)] = value
        for path, value in described.items():
            if path not in {"op", "inst", "parameters"}:
                *owners, name = path.split(".")
                owner: Any = instance
                for step in owners:
                    owner = owner[int(step)] if step.isdigit() else getattr(owner, step)
                setattr(owner, name, value)
        instance.changed()


class Alone(Player):
    """One case while it is played through a library with a process of its own, which only calls can change."""

    def __init__(self, case: Case, library: Any) -> None:
        self.functions = Functions(library)
        self.names = dict(HANDLES)
        self.files = {0: 0}
        self.page_size = 4096
        self.last_snapshot = 0
        self._case = case

    def instance(self, described: dict[str, Any]) -> int:
        """Return the handle that a call passes."""
        given = described.get("inst", "self")
        return self.names.get(given, 0) if isinstance(given, str) else self.names.get(f"i{given}", 0)

    def session(self, described: dict[str, Any]) -> int:
        """Return the session that a call passes."""
        return self.names.get(described.get("session", "session"), HANDLES["bogus"])

    def number(self, described: dict[str, Any]) -> int:  # noqa: ARG002 - there is one
        """Return which of the instances a call is for."""
        return 0

    def number_of(self, handle: int) -> int:
        """Return which instance has this handle."""
        handles = [each for name, each in self.names.items() if name not in HANDLES and name != "session"]
        return handles.index(handle) if handle in handles else -1

    def snapshot(self, described: dict[str, Any]) -> int:
        """Return the number of the snapshot that a call is about."""
        return int(described.get("snap", self.last_snapshot))

    def end(self) -> None:
        """End the instances that the case has made, with whatever goes on in them."""
        for handle in {*self.names.values()} - {*HANDLES.values()}:
            self.functions("JetStopBackupInstance", handle)
            self.functions("JetEndExternalBackupInstance2", handle, JET_bitBackupEndAbort)
            self.functions("JetTerm2", handle, JET_bitTermAbrupt)

    def step(self, described: dict[str, Any]) -> dict[str, Any]:
        """Make one call and return what a client sees of it."""
        result: dict[str, Any] = {"op": described["op"]}
        try:
            error = OPERATIONS[described["op"]](self, described, result)
        except UndefinedBehaviour:
            return {"op": described["op"], "err": "UB"}
        except WouldBlockForever:
            return {"op": described["op"], "err": "BLOCKS"}
        for name in OF_THE_WRITER:
            result.pop(name, None)
        return result | {"err": error, "name": NAMES.get(error, f"JET_err? ({error})")}


@cache
def saved_files() -> dict[str, bytes]:
    """Return the files of the set that cases about restores begin with, by their paths."""
    engine = Engine()
    run = Alone({}, engine.library())
    assert not any(run.step(call)["err"] for call in MAKING)  # noqa: S101 - the emulated engine can do that
    return {path: engine.disk.read(path) for path in engine.disk.files_in(SAVED)}


def in_front(library_of: LibraryOf = Library) -> Play:
    """Return what plays cases through a library in front of an emulated process, by default esemu's own."""

    def play(case: Case) -> list[dict[str, Any]]:
        run = InFront(case, library_of)
        run.state()  # from here on changes are told
        return list(_played(run, case))

    return play


def alone(new_library: NewLibrary, *, ends: bool = False) -> Play:
    """Return what plays cases through libraries with a process of their own, a new one for each case.

    With `ends` the process is the same for all cases, and each ends the instances that it has made.
    """

    def play(case: Case) -> list[dict[str, Any]]:
        run = Alone(case, new_library())
        try:
            return list(_played(run, case))
        finally:
            if ends:
                run.end()

    return play


def in_empty_folder(play: Play) -> Play:
    """Return what plays each case in an empty current folder of the host: there a shared library leaves its files."""

    def played(case: Case) -> list[dict[str, Any]]:
        with TemporaryDirectory(prefix="esemu-", ignore_cleanup_errors=True) as folder, chdir(folder):
            return play(case)

    return played


def _played(run: InFront | Alone, case: Case) -> Iterator[dict[str, Any]]:
    for described in case["calls"]:
        for _ in range(described.get("times", 1)):
            made = run.step(described)
        yield made
        if made["err"] in {"UB", "BLOCKS"}:
            break
