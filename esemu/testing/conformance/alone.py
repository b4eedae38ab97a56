# SPDX-License-Identifier: MIT
"""A library with a process of its own: calls bring it into its world, and it shows what a client sees.

One that is shared with C programs writes to the host, where each case has an empty folder for its drive C:.
"""

from __future__ import annotations

from contextlib import chdir, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.clib.settings import Settings, interface_from
from esemu.faces.library import Library
from esemu.scenario.arrangeable import NotArranged
from esemu.scenario.calls import NAMES
from esemu.scenario.functions import Functions
from esemu.scenario.handles import HANDLES
from esemu.scenario.host_drive import HostDrive
from esemu.testing.conformance.calls import OPERATIONS
from esemu.testing.conformance.files import FILE_OPERATIONS, FilesOnHost
from esemu.testing.conformance.players import Player, answers
from esemu.testing.conformance.saved_set import MAKING, SAVED
from esemu.vocabulary.exceptions import UndefinedBehaviour, WouldBlockForever

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from esemu.testing.conformance.players import Answers, Case, Play

    NewLibrary = Callable[[], Any]

OF_THE_WRITER: Final = ("crc", "crc_pages")
"""Sums of bytes: files hold signatures made of the time and a random number (SIGNATURE, daedef.hxx:2298), so no two processes write the same.
That the pages read are the right ones, and undamaged, is in the layout."""


class Alone(Player):
    """One case while it is played through a library with a process of its own, which only calls can change."""

    def __init__(self, library: Any) -> None:
        self.functions = Functions(library)
        self.names = dict(HANDLES)
        self.files = {0: 0}
        self.page_size = 4096
        self.last_snapshot = 0

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


class OnHost(Alone):
    """The same, where the current folder of the host stands for the drive C: of the case."""

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


def alone(new_library: NewLibrary) -> Play:
    """Return what plays cases through libraries with a process of their own, a new one for each case."""
    return lambda case: list(answers(Alone(new_library()), case))


def played_on_host(new_library: NewLibrary, case: Case) -> Answers:
    """Return what a library answers that writes to the host, where the current folder is the drive C: of the case."""
    return list(answers(OnHost(new_library(), case), case))


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
    """Return the files of the set by their paths.  Raises NotArranged where a library does not make it."""
    for made in play({"calls": MAKING}):
        if made["err"]:
            raise NotArranged(f"there is no backup set: {made.get('op')} returns {made.get('name', made['err'])}")
    host = FilesOnHost(HostDrive(Path.cwd()).into)
    return {f"{SAVED}\\{name}": host.read(f"{SAVED}\\{name}") for name in host.names(SAVED)}


def emulated_on_host() -> Library:
    """Return esemu's own library with a process that writes to the host."""
    interface = interface_from(Settings({}))
    library = Library(interface.process)
    library.interface = interface
    return library
