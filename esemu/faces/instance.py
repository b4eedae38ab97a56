# SPDX-License-Identifier: MIT
"""What `Engine.start` returns: an instance handle that also shows the instance and lets a test spoil its world.

To the API it is the number that JetInit would return.  Everything else on it is for tests: what a client could never
ask an engine for is an attribute here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from esemu.faces.checks import GENERATION_MAX, whole
from esemu.faces.faults import Faults, attached_database
from esemu.machine.effects.logs import generations, roll_log
from esemu.machine.lognames import log_name
from esemu.machine.state import PHASE_NAMES
from esemu.vocabulary.exceptions import NotEmulated
from esemu.world.generated import GeneratedPages

if TYPE_CHECKING:
    from typing import Self

    from esemu.machine.state import Instance as State


class Instance(int):
    """An instance of an emulated engine: an int wherever the API wants one."""

    #: The machine's state of the instance, every variable of the engine in it: read it freely, change it at your own risk.
    state: State
    #: The session that the databases were attached in; JetAttachDatabase and its like take it.
    session: int
    #: What is to go wrong: switches and methods.
    faults: Faults

    def __new__(cls, state: State, session: int) -> Self:
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
        """The generation of the checkpoint, from 1 to `generation`; set it to let it move on."""
        return self.state.log.checkpoint

    @checkpoint.setter
    def checkpoint(self, generation: int) -> None:
        self.state.log.checkpoint = whole(generation, "checkpoint", 1, self.generation)
        for database in self.state.databases:  # what lies before the checkpoint no recovery needs
            database.required_low = max(database.required_low, generation)
        self.state.changed()

    @property
    def phase(self) -> str:
        """The phase of the backup: "not started", "databases", "logs" or "done"."""
        return PHASE_NAMES[self.state.backup.phase]

    def roll_log(self, times: int = 1) -> None:
        """Fill the current log and go on with the next generation, `times` times."""
        whole(times, "times", 0, GENERATION_MAX - self.generation)
        with self.state.process.lock:
            for _ in range(times):
                roll_log(self.state)
            self.state.changed()

    def grow(self, path: str, pages: int) -> None:
        """Let a database own `pages` more pages.  Raises LookupError where none is attached under this path."""
        database = attached_database(self.state, path)
        last = database.last_page + whole(pages, "pages", 0, 2**32 - 1 - database.last_page)
        if isinstance(database.pages, GeneratedPages):
            database.pages.grow(last)
        database.last_page = last

    def write_page(self, path: str, pgno: int, page: bytes | bytearray | memoryview | None = None) -> None:
        """Let the server write page `pgno` of a database again: the same content, later, or with `page` these bytes.

        Whoever read it before keeps what was delivered, so that a backup may see the page old or new.  Raises LookupError
        where no database is attached under this path, ValueError where the page cannot be written, and `NotEmulated` for a
        database whose pages are somebody else's: a file, bytes, or an object of yours.
        """
        source = attached_database(self.state, path).pages
        if not isinstance(source, GeneratedPages):
            raise NotEmulated(f"{path!r} has pages that esemu did not make, and cannot write")
        source.write(pgno, page)

    def delete_log(self, generation: int) -> None:
        """Delete an archived log from the disk, as a careless administrator might.  Raises FileNotFoundError."""
        path = log_name(self.state, whole(generation, "generation", 1, GENERATION_MAX))
        if self.state.process.world.disk.remove(path):
            raise FileNotFoundError(path)

    def __repr__(self) -> str:
        """Show name, handle and backup."""
        return f"<instance {self.state.number + 1} {self.state.name or ''} {int(self):#x}: {self.state.backup!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as the plain number: an engine stays where it is."""
        return int, (int(self),)
