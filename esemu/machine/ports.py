# SPDX-License-Identifier: MIT
"""What the machine asks of the world around it, as protocols: disk, pages, faults, clock and event log.

The machine decides; the world has the bytes.  Whoever drives the machine hands it a `World`, so that the same table
runs over a virtual disk, over files of the host, or over next to nothing when its states are enumerated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Pages(Protocol):
    """Where the bytes of a database's pages come from; `sound` says that reading them never fails."""

    @property
    def sound(self) -> bool:
        """Whether `check` never finds anything."""
        ...

    def read(self, first: int, count: int, /) -> Any:
        """Return the bytes of pages."""
        ...

    def check(self, first: int, count: int, /) -> int:
        """Return JET_errSuccess, or the error that reading these pages ends with."""
        ...


class Faults(Protocol):
    """What was arranged to go wrong, or to happen, while pages of a database are read."""

    def check(self, first: int, last: int, /) -> int:
        """Return JET_errSuccess, or the error that this attempt to read pages `first` to `last` ends with."""
        ...


class Disk(Protocol):
    """A file system with Windows path rules. Methods that return int return a JET error, 0 for success."""

    changes: int

    def complete(self, path: str, /) -> str | None:
        """Return the full path, None where it is too long."""
        ...

    def error_opening(self, path: str, /) -> int:
        """Return the error that opening this file for reading ends with."""
        ...

    def content(self, path: str, /) -> Any:
        """Return what is in the file."""
        ...

    def size(self, path: str, /) -> int:
        """Return the size of the file in bytes."""
        ...

    def create(self, path: str, content: Any, /, *, overwrite: bool) -> int:
        """Create a file with this content."""
        ...

    def remove(self, path: str, /) -> int:
        """Delete a file."""
        ...

    def hold(self, path: str, /) -> None:
        """Open a file for exclusive use."""
        ...

    def release(self, path: str, /) -> None:
        """End the exclusive use of a file."""
        ...

    def create_folder(self, path: str, /) -> int:
        """Create one folder."""
        ...

    def create_folders(self, path: str, /) -> int:
        """Create a folder and those above it that are missing."""
        ...

    def remove_folder(self, path: str, /) -> int:
        """Remove an empty folder."""
        ...

    def move(self, source: str, target: str, /) -> int:
        """Move a file or a folder with all that is in it."""
        ...

    def names(self, folder: str, /) -> list[str]:
        """Return the full paths of the files and folders directly inside a folder."""
        ...

    def read_only(self, path: str, /) -> bool:
        """Return whether a file is there and must not be written."""
        ...

    def is_folder(self, path: str, /) -> bool:
        """Return whether the path names a folder."""
        ...

    def is_file(self, path: str, /) -> bool:
        """Return whether the path names a file."""
        ...

    def exists(self, path: str, /) -> bool:
        """Return whether a file or folder of this name exists."""
        ...


class Clock(Protocol):
    """The engine's clock."""

    now_ms: int

    def advance(self, ms: int, /) -> None:
        """Let time pass."""
        ...

    def call_at(self, ms: int, callback: Callable[[], object], /) -> Any:
        """Call `callback` when the clock reaches `ms`; what is returned has a method `cancel` to prevent that."""
        ...


class World(Protocol):
    """Everything that the machine acts on outside its own state."""

    @property
    def disk(self) -> Disk:
        """The file system."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock."""
        ...

    def report(self, instance: Any, name: str, strings: tuple[str, ...], category: int = 0, /) -> None:
        """Write an entry to the event log, about no instance where that is None; category 0 is the event's usual one."""
        ...

    def log_file(self, instance: Any, generation: int, /) -> Any:
        """Return the content of a new log file of this generation."""
        ...

    def open_log(self, instance: Any, path: str, archived: str, generation: int, /) -> int:
        """Return the generation in the current log file; where there is none, make one of `generation`.

        `archived` is the last archived log, empty where there is none: it says what the log goes on with.
        """
        ...

    def settle(self, instance: Any, /) -> None:
        """Bring files up to date that are more than what the instance knows: a generation has begun, or it ends."""
        ...

    def log_verifier(self, file: Any, offset: int, /) -> Any:
        """Return a log that is verified as it is read from `offset` on, None where nothing can be wrong with it.

        It is read as any content, once `check(offset, size)` has returned 0 for the next bytes and not a JET error.
        After that, `header_checksums` are the stored and the right one of a bad header, or None.
        """
        ...

    def open_checkpoint(self, instance: Any, path: str, generation: int, /) -> int:
        """Return the generation in the checkpoint file; where there is none make one that says `generation`."""
        ...

    def read_checkpoint(self, instance: Any, /) -> tuple[int, int]:
        """Read the checkpoint file again; return the error of that, 0 if there is none, and the generation in it."""
        ...

    def wait_for_calls(self, instance: Any, /, *, of_sessions: bool) -> None:
        """Wait until no other thread is inside a call of the instance, or of one of its sessions."""
        ...

    def waits_for_itself(self, instance: Any, /) -> bool:
        """Return whether a wait for the calls inside the instance would be one for this very thread."""
        ...

    def wait(self, process: Any, rule: Any, state: Any, call: Any, /) -> bool:
        """Wait until `rule.holds(state, call)` is over, and return True; return False if nobody can ever end it."""
        ...

    def wake(self, process: Any, /) -> None:
        """Let calls that wait look again: something was let go of."""
        ...

    def run_thread(self, process: Any, steps: Iterator[bool], /) -> None:
        """Run a thread of the engine's own.

        After each step a call may have got what it waits for; a step that yields True has the thread itself wait.
        """
        ...

    def saved_set(self, /) -> Any:
        """Return what reads the files of a backup set, for a restore: see `esemu.world.saved_set.SavedSet`."""
        ...

    def new_database(self, instance: Any, path: str, page_size: int, pages: int, /) -> Any:
        """Return the page source and the file content of a database that JetCreateDatabase makes."""
        ...

    def attached_database(self, instance: Any, path: str, page_size: int, /) -> Any:
        """Return the page source and last page of the database in a file that is attached, or None if it is none."""
        ...

    def grow(self, database: Any, last_page: int, /) -> None:
        """Let the pages of a database say that it owns those up to `last_page`."""
        ...

    def write_header(self, instance: Any, database: Any, /) -> int:
        """Write the header of a database; return the error of the disk, 0 for success."""
        ...

    def deliver(self, instance: Any, delivery: Any, target: memoryview, /) -> None:
        """Copy what a read delivers into a buffer."""
        ...

    def append(self, instance: Any, path: str, delivery: Any, /) -> int:
        """Append what a read delivered to a file; return the error of the disk, 0 for success."""
        ...

    def outside(self, instance: Any, hook: Callable[[], Any], /) -> Any:
        """Run something that may call back into the engine."""
        ...
