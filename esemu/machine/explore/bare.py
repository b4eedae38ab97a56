# SPDX-License-Identifier: MIT
"""A world of next to nothing: names of files and no bytes, so that a state costs little to copy.

It answers as the virtual disk does for the paths that an exploration uses: full ones, in any case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.machine.explore.twin import database_twin
from esemu.vocabulary.errors import (
    JET_errFileAccessDenied,
    JET_errFileAlreadyExists,
    JET_errFileNotFound,
    JET_errInvalidPath,
    JET_errSuccess,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from esemu.machine.database_state import Database
    from esemu.machine.log_state import LogStream
    from esemu.machine.state import Session

PATH_MAX: Final = 259
"""Characters in the longest path."""


class BarePages:
    """Pages that can always be read, which is all that anybody asks."""

    __slots__ = ()

    sound = True
    read = None  # nobody does: they have no bytes

    def check(self, first: int, count: int) -> int:  # noqa: ARG002 - they are all good
        """Return JET_errSuccess."""
        return JET_errSuccess


class BareFile:
    """A file: its size in bytes, and what is needed to attach it where it is a database."""

    __slots__ = ("database", "last_page", "log", "pages", "size")

    of_backup = False

    def __init__(self, size: int = 0, last_page: int = 0) -> None:
        self.size = size
        self.last_page = last_page
        self.pages = BarePages()
        self.database: Database | None = None
        self.log: LogStream | None = None


class BareDisk:
    """Files and folders by their names in lower case."""

    __slots__ = ("changes", "files", "folders", "held", "shown")

    def __init__(self, folders: tuple[str, ...]) -> None:
        self.files: dict[str, BareFile] = {}
        self.folders = {folder.lower() for folder in folders}
        self.held: list[str] = []
        self.shown: dict[str, str] = {}  # names as they were first written
        self.changes = 0

    def complete(self, path: str) -> str | None:
        """Return the path, None where it is too long."""
        return path if len(path) <= PATH_MAX else None

    def error_opening(self, path: str) -> int:
        """Return the error that opening this file for reading ends with."""
        name = path.lower()
        if name in self.files:
            return JET_errFileAccessDenied if name in self.held else JET_errSuccess
        if name in self.folders:
            return JET_errFileAccessDenied
        return JET_errFileNotFound if name.rpartition("\\")[0] in self.folders else JET_errInvalidPath

    def content(self, path: str) -> BareFile:
        """Return what is in the file."""
        return self.files[path.lower()]

    def size(self, path: str) -> int:
        """Return the size of the file in bytes."""
        return self.files[path.lower()].size

    def create(self, path: str, content: BareFile | None, *, overwrite: bool) -> int:
        """Create a file with this content."""
        if path.lower() in self.files and not overwrite:
            return JET_errFileAlreadyExists
        error = self.error_opening(path)
        if error not in {JET_errSuccess, JET_errFileNotFound}:
            return error
        self.files[path.lower()] = content or BareFile()
        self.shown.setdefault(path.lower(), path)
        return JET_errSuccess

    def remove(self, path: str) -> int:
        """Delete a file."""
        error = self.error_opening(path)
        if not error:
            del self.files[path.lower()]
        return error

    def hold(self, path: str) -> None:
        """Open a file for exclusive use."""
        self.held.append(path.lower())

    def release(self, path: str) -> None:
        """End the exclusive use of a file."""
        if path.lower() in self.held:
            self.held.remove(path.lower())

    def create_folder(self, path: str) -> int:
        """Create one folder."""
        folder = path.rstrip("\\")
        self.folders.add(folder.lower())
        self.shown.setdefault(folder.lower(), folder)
        return JET_errSuccess

    def create_folders(self, path: str) -> int:
        """Create a folder and those above it that are missing."""
        folder = path.rstrip("\\")
        while folder:
            self.create_folder(folder)
            folder = folder.rpartition("\\")[0]
        return JET_errSuccess

    def remove_folder(self, path: str) -> int:
        """Remove a folder; nobody asks for one with files in it."""
        self.folders.discard(path.rstrip("\\").lower())
        return JET_errSuccess

    def move(self, source: str, target: str) -> int:
        """Move a folder with all that is in it."""
        old, new = source.lower(), target.lower()
        self.folders = {new if folder == old else folder for folder in self.folders}
        for name in [name for name in self.files if name.startswith(old + "\\")]:
            moved = new + name[len(old) :]
            self.files[moved] = self.files.pop(name)
            self.shown[moved] = moved
        return JET_errSuccess

    def names(self, folder: str) -> list[str]:
        """Return the full paths of the files and folders directly inside a folder."""
        prefix = folder.rstrip("\\").lower() + "\\"
        inside = [name for name in (*self.files, *self.folders) if name.rpartition("\\")[0] + "\\" == prefix]
        return sorted(self.shown.get(name, name) for name in inside)

    def read_only(self, path: str) -> bool:  # noqa: ARG002 - the world's signature
        """Return False."""
        return False

    def is_folder(self, path: str) -> bool:
        """Return whether the path names a folder."""
        return path.rstrip("\\").lower() in self.folders

    def is_file(self, path: str) -> bool:
        """Return whether the path names a file."""
        return path.lower() in self.files

    def exists(self, path: str) -> bool:
        """Return whether a file or folder of this name exists."""
        return path.lower() in self.files or self.is_folder(path)

    def twin(self) -> BareDisk:
        """Return a disk that holds the same and changes alone; files that are no databases never change."""
        made = BareDisk(())
        made.files = self.files.copy()
        made.folders = self.folders.copy()
        made.held = self.held.copy()
        made.shown = self.shown.copy()
        return made


class BareClock:
    """A clock that stands still: no rule looks at the time."""

    __slots__ = ()

    now_ms = 0

    def advance(self, ms: int) -> None:
        """Do nothing."""

    def call_at(self, ms: int, callback: Callable[[], object]) -> BareClock:  # noqa: ARG002 - nothing comes due
        """Return something that can be cancelled."""
        return self

    def cancel(self) -> None:
        """Do nothing."""


class BareWorld:
    """What the machine acts on when its states are enumerated. Nobody reads its events or the bytes of its files."""

    __slots__ = ("clock", "disk", "log_size")

    def __init__(self, disk: BareDisk, log_size: int) -> None:
        self.disk = disk
        self.clock = BareClock()
        self.log_size = log_size

    def report(self, instance: Any, name: str, strings: tuple[str, ...], category: int = 0) -> None:
        """Do nothing."""

    def log_file(self, instance: Any, generation: int) -> BareFile:  # noqa: ARG002 - the world's signature
        """Return the content of a new log file."""
        return BareFile(self.log_size)

    def open_log(self, instance: Any, path: str, archived: str, generation: int) -> int:  # noqa: ARG002 - likewise
        """Make the current log, and return the generation: there is no file to say another."""
        self.disk.create(path, BareFile(self.log_size), overwrite=True)
        return generation

    def settle(self, instance: Any) -> None:
        """Do nothing: there are no bytes."""

    def log_verifier(self, file: Any, offset: int) -> None:
        """Return None: no log is damaged."""

    def open_checkpoint(self, instance: Any, path: str, generation: int) -> int:  # noqa: ARG002 - likewise
        """Return the generation: there is no checkpoint file to say another."""
        return generation

    def read_checkpoint(self, instance: Any) -> tuple[int, int]:
        """Return no error, and the generation."""
        return 0, instance.log.checkpoint

    def wait_for_calls(self, instance: Any, *, of_sessions: bool) -> None:
        """Do nothing: there is one thread."""

    def waits_for_itself(self, instance: Any) -> bool:  # noqa: ARG002 - the world's signature
        """Return False: there are no callbacks."""
        return False

    def wait(self, process: Any, rule: Any, state: Any, call: Any) -> bool:  # noqa: ARG002 - the world's signature
        """Return False: nobody else is there to end a wait."""
        return False

    def wake(self, process: Any) -> None:
        """Do nothing: nobody waits."""

    def run_thread(self, process: Any, steps: Iterator[bool]) -> None:  # noqa: ARG002 - likewise
        """Run the thread to its end."""
        for _ in steps:
            pass

    def saved_set(self) -> None:
        """Return None: nothing is restored here."""

    def new_database(self, instance: Any, path: str, page_size: int, pages: int) -> BareFile:  # noqa: ARG002
        """Return the file of a new database."""
        return BareFile((pages + 2) * page_size, pages)

    def grow(self, database: Any, last_page: int) -> None:
        """Do nothing: no page says what the database owns."""

    def attached_database(self, instance: Any, path: str, page_size: int) -> BareFile | None:  # noqa: ARG002
        """Return the database in a file, None where there is none in it."""
        found = self.disk.content(path)
        return found if found.last_page else None

    def deliver(self, instance: Any, delivery: Any, target: memoryview) -> None:
        """Do nothing."""

    def append(self, instance: Any, path: str, delivery: Any) -> int:  # noqa: ARG002 - the world's signature
        """Return 0: the disk has room."""
        return JET_errSuccess

    def write_header(self, instance: Any, database: Any) -> int:  # noqa: ARG002 - the world's signature
        """Return 0: headers can be written."""
        return JET_errSuccess

    def outside(self, instance: Any, hook: Callable[[], Any]) -> Any:  # noqa: ARG002 - the world's signature
        """Run the hook."""
        return hook()

    def twin(self, databases: dict[Database | None, Database | None]) -> BareWorld:
        """Return a world for a twin of the process; `databases` are those of its twin by those of the process."""
        disk = self.disk.twin()
        for name, file in self.disk.files.items():
            if file.last_page:
                own = disk.files[name] = BareFile(file.size, file.last_page)
                sessions: dict[Session | None, Session | None] = {}
                if file.database is not None:
                    own.database = databases.get(file.database) or database_twin(file.database, sessions, databases)
        return BareWorld(disk, self.log_size)
