# SPDX-License-Identifier: MIT
"""A library in front of an emulated process, which can be put where no calls lead to, and shows events and state too."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.engine import Engine
from esemu.faces.library import Library
from esemu.machine.explore.starts import MAIN
from esemu.machine.step import FOR_EVER, UNDEFINED
from esemu.scenario.handles import HANDLES
from esemu.scenario.through import CallOutcome, LibraryRun
from esemu.testing.conformance.cases.saved_set import MAKING, SAVED
from esemu.testing.conformance.cases.situations import CHANGES, set_state
from esemu.testing.conformance.players.alone import Alone
from esemu.testing.conformance.players.arranged import IN_FRONT_ONLY
from esemu.testing.conformance.players.calls import OPERATIONS
from esemu.testing.conformance.players.files import FILE_OPERATIONS, FilesOnDisk
from esemu.testing.conformance.players.player import Player, answers
from esemu.vocabulary.exceptions import UndefinedBehaviour, WouldBlockForever

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.machine.state import Process
    from esemu.scenario.run import Outcome
    from esemu.testing.conformance.players.player import Case, Play

    LibraryOf = Callable[[Process], Any]

BARE: Final[dict[str, Any]] = {**MAIN, "dbs": [], "runmode": "none"}
"""The world of a case that says none: a process before its first call."""


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
        """Make the call through the library, do something with files, or change what only the engine or the world can change."""
        op = described["op"]
        if op in FILE_OPERATIONS:
            FILE_OPERATIONS[op](self.disk, described, result)
            return None
        if op in IN_FRONT_ONLY:
            self._change(described)
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

    def _change(self, described: dict[str, Any]) -> None:
        """Change the state of an instance, use a file or let go of it, or bring the process into a situation."""
        process = self.case.process
        if described["op"] == "set":
            inst = described["inst"]
            set_state(self.case.instances[0] if inst == "self" else process.found[self.names[inst]], described)
        elif described["op"] == "situation":
            CHANGES[described["is"]](process)
        else:
            getattr(process.world.disk, described["op"])(described["path"])


def in_front(library_of: LibraryOf = Library) -> Play:
    """Return what plays cases through a library in front of an emulated process, by default esemu's own."""

    def play(case: Case) -> list[dict[str, Any]]:
        run = InFront(case, library_of)
        run.state()  # from here on changes are told
        return list(answers(run, case))

    return play


@cache
def saved_files() -> dict[str, bytes]:
    """Return the files of the set that cases about restores begin with, by their paths."""
    engine = Engine()
    run = Alone(engine.library())
    assert not any(run.step(call)["err"] for call in MAKING)  # noqa: S101 - the emulated engine can do that
    return {path: engine.disk.read(path) for path in engine.disk.files_in(SAVED)}
