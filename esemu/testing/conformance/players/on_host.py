# SPDX-License-Identifier: MIT
"""A library that writes to the host, where the current folder stands for the drive C: of a case.

Files can be reached there: what no call brings about they may.
"""

from __future__ import annotations

from contextlib import chdir, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from esemu.faces.clib.settings import Settings, interface_from
from esemu.faces.library import Library
from esemu.scenario.arrangeable import Refused
from esemu.scenario.handles import HANDLES
from esemu.scenario.host_drive import HostDrive
from esemu.scenario.real import RealCaller
from esemu.testing.conformance.cases.saved_set import MAKING, SAVED
from esemu.testing.conformance.players.alone import Alone, Client
from esemu.testing.conformance.players.files import FILE_OPERATIONS, FilesOnHost
from esemu.testing.conformance.players.player import answers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.testing.conformance.players.alone import NewLibrary
    from esemu.testing.conformance.players.player import Answers, Case, Play


class OnHost(Alone):
    """A case without a world, which begins with nothing but folders."""

    def __init__(self, library: Any, case: Case) -> None:
        super().__init__(library)
        self._drive = HostDrive(Path.cwd())
        self._files = FilesOnHost(self._drive.into)
        for folder in ("C:\\data", "C:\\backup", *case.get("folders", ())):
            Path(self.into(folder)).mkdir(parents=True, exist_ok=True)
        for path in case.get("files", ()):
            self._files.write(path, b"")

    def into(self, path: str) -> str:
        """Return a path of the case as the library is told it."""
        return self._drive.into(path)

    def out(self, path: str) -> str:
        """Return a path of the library as the case has it."""
        return self._drive.out(path)

    def step(self, described: dict[str, Any]) -> dict[str, Any]:
        """Make one call, or do something with files, and return what a client sees of it."""
        if described["op"] not in FILE_OPERATIONS:
            return super().step(described)
        result = {"op": described["op"], "err": 0}
        FILE_OPERATIONS[described["op"]](self._files, described, result)
        return result


class InWorld(Client, RealCaller):
    """A case with a world, which is made as that of a scenario is for a recording."""

    def __init__(self, library: Any, case: Case) -> None:
        """Make the world.  Raises NotArranged."""
        world = case["world"]
        RealCaller.__init__(self, library, Path.cwd(), world.get("page_size", 4096), esent=True)
        self.names = dict(HANDLES)
        self.arrange(world)

    def instance(self, described: dict[str, Any]) -> int:
        """Return the handle that a call passes: of no instance where the world has none."""
        named = self.names.get(described.get("inst", "self"))
        if named is not None:
            return named
        return super().instance(described) if self._handles else HANDLES["bogus"]

    def session(self, described: dict[str, Any]) -> int:
        """Return the session that a call passes."""
        named = self.names.get(described.get("session", ""))
        if named is not None:
            return named
        return super().session(described) if self._sessions else HANDLES["bogus"]

    def step(self, described: dict[str, Any]) -> dict[str, Any]:
        """Make one call, or change the world, and return what a client sees of it."""
        return RealCaller.step(self, described) if described["op"] == "env" else super().step(described)


def played_on_host(new_library: NewLibrary, case: Case) -> Answers:
    """Return what a library answers that writes to the host.  Raises NotArranged for a world that cannot be made there."""
    run = (InWorld if "world" in case else OnHost)(new_library(), case)
    return list(answers(run, case))


def in_empty_folder(play: Play) -> Play:
    """Return what plays each case in an empty current folder of the host, or in one with the set that it begins with.

    The set is made once, by the same library.
    """

    @cache
    def saved() -> dict[str, bytes]:
        with _empty_folder():
            return _saved_by(play)

    def played(case: Case) -> Answers:
        files = saved() if case.get("saved") else {}
        with _empty_folder() as host:
            for path, data in files.items():
                host.write(path, data)
            return play(case)

    return played


@contextmanager
def _empty_folder() -> Iterator[FilesOnHost]:
    with TemporaryDirectory(prefix="esemu-", ignore_cleanup_errors=True) as folder, chdir(folder):
        yield FilesOnHost(HostDrive(Path.cwd()).into)


def _saved_by(play: Play) -> dict[str, bytes]:
    """Return the files of the set by their paths.  Raises Refused where a library does not make it."""
    for made in play({"calls": MAKING}):
        if made["err"]:
            raise Refused(f"there is no backup set: {made.get('op')} returns {made.get('name', made['err'])}")
    host = FilesOnHost(HostDrive(Path.cwd()).into)
    return {f"{SAVED}\\{name}": host.read(f"{SAVED}\\{name}") for name in host.names(SAVED)}


def emulated_on_host() -> Library:
    """Return esemu's own library with a process that writes to the host."""
    interface = interface_from(Settings({}))
    library = Library(interface.process)
    library.interface = interface
    return library
