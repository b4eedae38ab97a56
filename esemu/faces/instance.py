# SPDX-License-Identifier: MIT
"""What `Engine.start` returns: an instance handle that also shows the instance and lets a test spoil its world.

To the API it is the number that JetInit would return.  Everything else on it is for tests: what a client could never
ask an engine for is an attribute here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from esemu.faces.checks import GENERATION_MAX, whole
from esemu.faces.faults import Faults, attached_database
from esemu.machine.backup_state import PHASE_NAMES
from esemu.machine.effects.logs import generations, roll_log
from esemu.machine.lognames import log_name
from esemu.vocabulary.exceptions import NotEmulated
from esemu.world.generated import GeneratedPages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Self

    from esemu.machine.database_state import Database
    from esemu.machine.state import Instance as State


class Instance(int):
    """An instance of an emulated engine: an int wherever the API wants one."""

    #: The machine's state of the instance, every variable of the engine in it: read it freely, change it at your own risk.
    state: State
    #: The session that the databases were attached in; JetAttachDatabase and its like take it.
    session: int

    def __new__(cls, state: State, session: int) -> Self:
        """Make the handle of an instance that runs."""
        made = int.__new__(cls, state.handle)
        made.state = state
        made.session = session
        return made

    @property
    def faults(self) -> Faults:
        """What is to go wrong: switches and methods."""
        return Faults(self.state)

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
        with self.state.process.lock:
            self.state.log.checkpoint = whole(generation, "checkpoint", 1, self.generation)
            for database in self.state.databases:  # what lies before the checkpoint no recovery needs
                database.required_low = max(database.required_low, generation)
            self.state.process.world.settle(self.state)
            self.state.changed()

    @property
    def phase(self) -> str:
        """The phase of the backup: "not started", "databases", "logs" or "done"."""
        return PHASE_NAMES[self.state.backup.phase]

    def roll_log(self, times: int = 1) -> None:
        """Fill the current log and go on with the next generation, `times` times."""
        with self.state.process.lock:
            whole(times, "times", 0, GENERATION_MAX - self.generation)
            for _ in range(times):
                roll_log(self.state)
            self.state.changed()

    def grow(self, path: str, pages: int) -> None:
        """Let a database own `pages` more pages.  Raises LookupError where none is attached under this path."""
        with self.state.process.lock:
            database = attached_database(self.state, path)
            last = database.last_page + whole(pages, "pages", 0, 2**32 - 1 - database.last_page)
            self.state.process.world.grow(database, last)
            database.last_page = last

    def write_page(self, path: str, pgno: int, page: bytes | bytearray | memoryview | None = None) -> None:
        """Let the server write page `pgno` of a database again: the same content, later, or with `page` these bytes.

        Whoever read it before keeps what was delivered, so that a backup may see the page old or new.  Raises LookupError
        where no database is attached under this path, ValueError where the page cannot be written, and `NotEmulated` for a
        database whose pages are somebody else's: a file, bytes, or an object of yours.
        """
        self._written(path)[1].write(whole(pgno, "pgno", 1, None), page)

    def insert_rows(self, path: str, table: str, rows: Iterable[Mapping[str, Any] | Sequence[Any]]) -> None:
        """Let the server put rows into a table of a database, as they are given to `esemu.Table`, one after the other.

        Pages are split and the database grows where there is no room; dbtimes rise, and the log says that rows were
        changed.  What was read before stays as it was delivered.  Raises ValueError for a row that cannot be, or whose
        key is there already; LookupError where no database is attached under this path, or it has no such table; and
        `NotEmulated` as `write_page` does.  Rows before a bad one are in.
        """
        self._change_rows(path, table, "insert", rows)

    def update_rows(self, path: str, table: str, rows: Iterable[Mapping[str, Any] | Sequence[Any]]) -> None:
        """Let the server put whole rows in the place of those with their keys.

        Raises LookupError for a row whose key is not there, and all that `insert_rows` does.
        """
        self._change_rows(path, table, "update", rows)

    def delete_rows(self, path: str, table: str, keys: Iterable[Any]) -> None:
        """Let the server delete the rows with these keys, values of the table's first column.  Raises as `update_rows`."""
        self._change_rows(path, table, "delete", keys)

    def _change_rows(self, path: str, table: str, how: str, rows: Iterable[Any]) -> None:
        """Change rows of a database, each with its record in the log."""
        with self.state.process.lock:
            database, source = self._written(path)
            before = source.dbtime
            try:
                source.change_rows(table, how, rows)
            finally:
                database.last_page = max(database.last_page, source.last_page)
                self._log_changes(database, source.dbtime - before, source.dbtime)

    def _log_changes(self, database: Database, count: int, dbtime: int) -> None:
        """Let the log tell of changes, the last of which was made at a dbtime."""
        log = self.state.log
        if count and log.sequence is not None:
            log.written += count
            log.sequence.note_change(log.tip, database.dbid, dbtime)
            self.state.changed()

    def _written(self, path: str) -> tuple[Database, GeneratedPages]:
        """Return an attached database that can be written, and its pages.  Raises LookupError and NotEmulated."""
        database = attached_database(self.state, path)
        if not isinstance(database.pages, GeneratedPages):
            raise NotEmulated(f"{path!r} has pages that esemu did not make, and cannot write")
        return database, database.pages

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
