# SPDX-License-Identifier: MIT
"""What the tables in memory are: tables, columns, indexes, rows and cursors of a process, and what a rollback undoes."""

from __future__ import annotations

from bisect import bisect_left, insort
from copy import deepcopy
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.tables.keys import LAST, Segment, key_of_row, no_entry
from esemu.faces.abi.tables.row_log import RowLog
from esemu.faces.database_info import header_of
from esemu.vocabulary import errors as err, table_numbers as bits
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.faces.abi.interface import Interface
    from esemu.faces.abi.text import Text
    from esemu.formats import columns as formats
    from esemu.machine.state import Process

    Handler = Callable[..., int]
    Row = dict[int, bytes | None]
    Version = tuple[int, dict[str, "Table"]]
    Place = tuple[bytes, int]

DEFINITION: Final = {field.name: field.offset for field in STRUCTURES["JET_COLUMNDEF"].fields}
DEFINITION_SIZE: Final = STRUCTURES["JET_COLUMNDEF"].size

BEFORE_ALL: Final = (b"", -1)
"""The place before the first entry of an index."""

AFTER_ALL: Final = (LAST, 2**63)
"""The place behind the last entry of an index."""


class Column:
    """A column: what its JET_COLUMNDEF says, its default, and how its values lie in keys."""

    __slots__ = ("coltyp", "counted", "default", "format", "grbit", "id", "name")

    def __init__(self, name: str, number: int, form: formats.Column, grbit: int, default: bytes | None) -> None:
        self.name = name
        self.id = number
        self.format = form
        self.coltyp = form.type.number
        self.grbit = grbit
        self.default = default
        self.counted = 0  # of an autoincrement column: the last number that was given

    def definition(self) -> bytes:
        """Return the JET_COLUMNDEF."""
        made = bytearray(DEFINITION_SIZE)
        size = self.format.type.size or self.format.size
        for name, width, value in (
            ("cbStruct", 4, DEFINITION_SIZE),
            ("columnid", 4, self.id),
            ("coltyp", 4, self.coltyp),
            ("cp", 2, self.format.code_page),
            ("cbMax", 4, size),
            ("grbit", 4, self.grbit),
        ):
            at = DEFINITION[name]
            made[at : at + width] = value.to_bytes(width, "little")
        return bytes(made)


class Index:
    """An index: its segments, and its entries in order: a key and the number of the row."""

    __slots__ = ("entries", "grbit", "name", "segments")

    def __init__(self, name: str, segments: tuple[Segment, ...] = (), grbit: int = 0) -> None:
        self.name = name
        self.segments = segments
        self.grbit = grbit
        self.entries: list[Place] = []

    @property
    def is_unique(self) -> bool:
        """Whether no two rows may have the same key."""
        return bool(self.grbit & (bits.JET_bitIndexUnique | bits.JET_bitIndexPrimary))

    def key(self, row: Row, number: int) -> bytes | None:
        """Return the key of a row, None if it has no entry: without segments it is the number, in the order of insertion."""
        if not self.segments:
            return number.to_bytes(4, "big")
        return None if no_entry(self.grbit, self.segments, row) else key_of_row(self.segments, row, self.grbit)

    def place(self, key: bytes) -> int:
        """Return where the first entry with at least this key is."""
        return bisect_left(self.entries, (key, -1))


class Table:
    """Columns and indexes by name, in lower case, and rows by number; the first index is that of the table itself."""

    __slots__ = ("columns", "ids", "indexes", "last", "name", "rows")

    def __init__(self, name: str) -> None:
        self.name = name
        self.columns: dict[str, Column] = {}
        self.ids: dict[int, Column] = {}
        self.indexes: dict[str, Index] = {"": Index("")}
        self.rows: dict[int, Row] = {}
        self.last = 0  # number of the row that came last

    @property
    def primary(self) -> Index:
        """The index that is the table: the primary one, or the order of insertion."""
        return next((each for each in self.indexes.values() if each.grbit & bits.JET_bitIndexPrimary), self.indexes[""])

    def value(self, row: Row, column: Column) -> bytes | None:
        """Return the value of a column in a row: what was set, else its default."""
        return row.get(column.id, column.default)

    def whole(self, row: Row) -> Row:
        """Return a row with the defaults of the columns that it has no value of."""
        return {each.id: self.value(row, each) for each in self.ids.values()}

    def enter(self, row: Row, number: int, old: Row | None = None) -> int:
        """Put a row into the table, in the place of an old one, and return a JET_ERR: then nothing has changed."""
        whole = self.whole(row)
        if any(each.grbit & bits.JET_bitColumnNotNULL and whole[each.id] is None for each in self.ids.values()):
            return err.JET_errNullInvalid
        keys = {name: index.key(whole, number) for name, index in self.indexes.items()}
        before = {} if old is None else self._keys(old, number)
        for name, key in keys.items():
            index = self.indexes[name]
            if key is None or key == before.get(name):
                continue
            at = index.place(key)
            if index.is_unique and at < len(index.entries) and index.entries[at][0] == key:
                return err.JET_errKeyDuplicate
        if old is not None:
            self.leave(number)
        for name, key in keys.items():
            if key is not None:
                insort(self.indexes[name].entries, (key, number))
        self.rows[number] = row
        return err.JET_errSuccess

    def leave(self, number: int) -> None:
        """Take a row out of the table."""
        for name, key in self._keys(self.rows.pop(number), number).items():
            if key is not None:
                self.indexes[name].entries.remove((key, number))

    def _keys(self, row: Row, number: int) -> dict[str, bytes | None]:
        whole = self.whole(row)
        return {name: index.key(whole, number) for name, index in self.indexes.items()}

    def add_index(self, index: Index) -> int:
        """Build an index of the rows that there are, and return a JET_ERR."""
        for number, row in self.rows.items():
            key = index.key(self.whole(row), number)
            if key is None:
                continue
            if index.is_unique and any(each == key for each, _ in index.entries):
                return err.JET_errKeyDuplicate
            insort(index.entries, (key, number))
        self.indexes[index.name.lower()] = index
        return err.JET_errSuccess


class Catalog:
    """The tables of a database by name, in lower case, and what they were at the end of earlier generations of the log."""

    __slots__ = ("generation", "tables", "turn", "versions")

    def __init__(self, tables: dict[str, Table], generation: int, versions: list[Version]) -> None:
        self.tables = tables
        self.generation = generation  # of the log to which the last change belongs
        self.versions = versions
        self.turn = 0  # of the last change, among those of all catalogs

    def changes(self, generation: int) -> None:
        """Keep what the tables are, if the first change of a later generation, or of new logs, is about to be made."""
        if generation < self.generation:
            self.versions = [(0, deepcopy(self.tables))]
        elif generation > self.generation:
            self.versions.append((self.generation, deepcopy(self.tables)))
        self.generation = generation

    def at_end_of(self, generation: int) -> Catalog:
        """Return a copy of what the tables were when a generation of the log ended."""
        earlier = [each for each in self.versions if each[0] <= generation]
        if self.generation <= generation:
            return Catalog(deepcopy(self.tables), self.generation, earlier)
        number, tables = earlier[-1] if earlier else (generation, {})
        return Catalog(deepcopy(tables), number, earlier)


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
        self.place: Place = BEFORE_ALL
        self.prepared: Row | None = None
        self.replaced = 0  # number of the row that is replaced, 0: one is inserted
        self.key: list[bytes] = []
        self.limit: tuple[bytes, bool, bool] | None = None  # key, whether it belongs to it, whether it is the upper end
        self.first()

    def first(self) -> None:
        """Go to the first entry, if there is one."""
        self.limit = None
        entries = self.index.entries
        self.place = entries[0] if entries else BEFORE_ALL

    def at(self) -> tuple[int, bool]:
        """Return where the place is in the index, and whether there is an entry there."""
        entries = self.index.entries
        at = bisect_left(entries, self.place)
        return at, at < len(entries) and entries[at] == self.place

    def row(self) -> Row | None:
        """Return the row on which the cursor stands."""
        return self.table.rows.get(self.place[1]) if self.at()[1] else None

    def go_to(self, number: int) -> bool:
        """Stand on a row, and return whether the index has an entry of it."""
        row = self.table.rows.get(number)
        key = None if row is None else self.index.key(self.table.whole(row), number)
        if key is not None:
            self.place = key, number
        return key is not None


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
