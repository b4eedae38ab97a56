# SPDX-License-Identifier: MIT
"""The tables in memory of a process: which there are, who has them open, what changes them, and what a rollback undoes."""

from __future__ import annotations

from bisect import bisect_left
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.tables.model import FIRST, Catalog
from esemu.faces.abi.tables.row_log import RowLog
from esemu.faces.database_info import header_of
from esemu.vocabulary import errors as err

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.faces.abi.interface import Interface
    from esemu.faces.abi.tables.model import Entry, Row, Table
    from esemu.faces.abi.text import Text
    from esemu.machine.state import Process

    Handler = Callable[..., int]


class Cursor:
    """A table that a session has open: the index and the place in it, what is being prepared, the key, and the range."""

    __slots__ = (
        "catalog",
        "index",
        "key",
        "limit",
        "place",
        "prepared",
        "replaced",
        "session",
        "store",
        "table",
    )

    def __init__(self, store: Store, session: int, table: Table, catalog: Catalog | None) -> None:
        self.store = store
        self.catalog = catalog  # None: a temporary table, which belongs to no database
        self.session = session
        self.table = table
        self.index = table.primary
        self.place: Entry = FIRST
        self.prepared: Row | None = None
        self.replaced = 0  # number of the row that is replaced, 0: one is inserted
        self.key: list[bytes] = []
        self.limit: tuple[bytes, bool, bool] | None = None  # key, whether it belongs to it, whether it is the upper end
        self.first()

    def first(self) -> None:
        """Go to the first entry, if there is one."""
        self.limit = None
        entries = self.index.entries
        self.place = entries[0] if entries else FIRST

    def at(self) -> tuple[int, bool]:
        """Return where the place is in the index, and whether there is an entry there."""
        entries = self.index.entries
        if self.place is FIRST and entries:
            self.place = entries[0]
        at = bisect_left(entries, self.place[:2])
        return at, at < len(entries) and entries[at][:2] == self.place[:2]

    def row(self) -> Row | None:
        """Return the row on which the cursor stands."""
        return self.table.rows.get(self.number)

    @property
    def number(self) -> int:
        """The number of the row on which the cursor stands, 0 for none."""
        at, there = self.at()
        return self.index.entries[at].number if there else 0

    @property
    def no_row(self) -> int:
        """The error where there is no row: another one than where it was deleted."""
        return err.JET_errRecordDeleted if self.place.mark else err.JET_errNoCurrentRecord

    def go_to(self, number: int) -> bool:
        """Stand on a row, and return whether the index has an entry of it."""
        row = self.table.rows.get(number)
        entries = [] if row is None else self.table.entries(self.index, row, number)
        if entries:
            self.place = entries[0]
        return bool(entries)


class Store:
    """The tables of the databases of a process, cursors by JET_TABLEID, and what sessions may undo."""

    __slots__ = ("catalogs", "cursors", "log", "numbers", "process", "turn", "undo")

    def __init__(self, process: Process) -> None:
        self.process = process
        self.log = RowLog()
        self.turn = 0  # how many changes there were
        self.catalogs: dict[tuple[bytes, str], Catalog] = {}  # by signature and path of the database
        self.cursors: dict[int, Cursor] = {}
        self.numbers = count(0x1000, 0x10)
        self.undo: dict[int, list[list[Callable[[], Any]]]] = {}  # by session: of each transaction, the innermost last

    def catalog(self, signature: bytes, path: str) -> Catalog:
        """Return the tables of a database: where it is new, those of one with its signature, of which it is a copy."""
        found = self.catalogs.get((signature, path.lower()))
        if found is None:
            same = self._changed_last(signature)
            found = same.at_end_of(same.generation)
            self.catalogs[signature, path.lower()] = found
        return found

    def _changed_last(self, signature: bytes) -> Catalog:
        """Return the tables of that one of the databases with a signature which was changed last."""
        same = [each for key, each in self.catalogs.items() if key[0] == signature]
        return max(same, key=lambda each: each.turn, default=Catalog({}, 0, []))

    def restored(self, signature: bytes, path: str, new_path: str, generation: int) -> None:
        """Give a database that was restored the rows that its last log ends with."""
        found = self.catalogs.get((signature, path.lower())) or self._changed_last(signature)
        self.catalogs[signature, new_path.lower()] = found.at_end_of(generation)

    def copied(self, source: Any, target: Any) -> None:
        """Give a new database the tables of the one that it was made of."""
        found = self.catalog(signature_of(source), source.name)
        self.catalogs[signature_of(target), target.name.lower()] = found.at_end_of(found.generation)

    def open(self, session: int, table: Table, catalog: Catalog | None = None) -> int:
        """Return the number of a new cursor."""
        number = next(self.numbers)
        self.cursors[number] = Cursor(self, session, table, catalog)
        return number

    def changes(self, session: int, catalog: Catalog | None) -> None:
        """Note that a session is about to change tables."""
        if catalog is not None:
            self.turn = catalog.turn = self.turn + 1
            catalog.changes(self.process.sessions[session].instance.log.tip)

    def changed(self, session: int, back: Callable[[], Any], size: int = 0) -> None:
        """Log a change with `size` bytes of key and data, and note how it is undone, if it is made inside a transaction."""
        self.log.change(self.process.sessions[session].instance, size)
        if level := self.process.sessions[session].level:
            levels = self.undo.setdefault(session, [])
            levels.extend([] for _ in range(level - len(levels)))
            levels[-1].append(back)

    def roll_back(self, session: int) -> None:
        """Undo what the innermost transaction of a session has changed."""
        for back in reversed(self.undo[session].pop()):
            back()


def signature_of(database: Any) -> bytes:
    """Return what tells a database from others, and is the same in copies of its file."""
    return header_of(database).sign_db.to_bytes()


def store_of(interface: Interface) -> Store:
    """Return the tables of a process."""
    if interface.tables is None:
        interface.tables = Store(interface.process)
    return interface.tables  # type: ignore[no-any-return]


def of_cursor(handler: Handler, *, changes: bool = False) -> Handler:
    """Return a handler that gets the cursor in the place of session and table, and perhaps changes the table."""

    def found(interface: Interface, text: Text | None, session: int, tableid: int, *rest: int) -> int:
        if session not in interface.process.sessions:
            return err.JET_errInvalidSesid
        cursor = store_of(interface).cursors.get(tableid)
        if cursor is None or cursor.session != session:
            return err.JET_errInvalidTableId
        if changes:
            cursor.store.changes(session, cursor.catalog)
        return handler(text, cursor, *rest)

    return found


# Transactions: what happens after the machine has let a call through.


def _committed(store: Store, session: int) -> None:
    """Leave what was done to the transaction around the innermost one, or let it be."""
    levels = store.undo.get(session, [])
    if len(levels) > store.process.sessions[session].level:
        done = levels.pop()
        if levels:
            levels[-1].extend(done)


def _rolled_back(store: Store, session: int) -> None:
    """Undo transactions until there are as many as the session is in still."""
    while len(store.undo.get(session, [])) > store.process.sessions[session].level:
        store.roll_back(session)


def _ended(store: Store, number: int) -> None:
    """Undo what sessions that are no more have not committed, and forget their cursors."""
    sessions = store.process.sessions
    for session in store.undo.keys() - sessions.keys():
        while store.undo[session]:
            store.roll_back(session)
        del store.undo[session]
    for tableid in [each for each, cursor in store.cursors.items() if cursor.session not in sessions]:
        del store.cursors[tableid]


AFTER: Final[dict[str, Callable[[Store, int], None]]] = {
    "JetCommitTransaction": _committed,
    "JetCommitTransaction2": _committed,
    "JetRollback": _rolled_back,
    "JetEndSession": _ended,
    "JetTerm": _ended,
    "JetTerm2": _ended,
}
"""What the store does after a call has succeeded, by the name without A and W; the handle is its first argument."""
