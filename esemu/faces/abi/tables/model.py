# SPDX-License-Identifier: MIT
"""What the tables in memory are: columns, indexes, rows, and the tables of a database with what they were before."""

from __future__ import annotations

from bisect import bisect_left, insort
from copy import deepcopy
from typing import TYPE_CHECKING, Final, NamedTuple

from esemu.faces.abi.tables.keys import LAST, Segment, key_of_row, no_entry
from esemu.formats.columns import TAGGED_FIRST
from esemu.vocabulary import errors as err, table_numbers as bits
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from esemu.formats import columns as formats

    Values = tuple[bytes, ...]
    Row = dict[int, Values]
    """The values that were set, by the number of the column; none at all is NULL, and a column that is not there has its default."""
    Whole = dict[int, bytes | None]
    Version = tuple[int, dict[str, "Table"]]

DEFINITION: Final = {field.name: field.offset for field in STRUCTURES["JET_COLUMNDEF"].fields}
DEFINITION_SIZE: Final = STRUCTURES["JET_COLUMNDEF"].size


class Entry(NamedTuple):
    """A row in an index: its key, its bookmark, which orders rows with the same key, and its number."""

    key: bytes
    mark: bytes
    number: int


FIRST: Final = Entry(b"", b"", -2)
"""The place of the first entry, whichever that is when somebody looks: there was none yet."""

BEFORE_ALL: Final = Entry(b"", b"", -1)
"""The place before the first entry of an index."""

AFTER_ALL: Final = Entry(LAST, b"", 2**63)
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

    @property
    def is_tagged(self) -> bool:
        """Whether a row may have several values of it."""
        return self.id >= TAGGED_FIRST

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


class Condition(NamedTuple):
    """A column that must be NULL, or must not be, for an index to have an entry of a row."""

    column: Column
    is_null: bool


class Index:
    """An index: its segments, and its entries in order."""

    __slots__ = ("conditions", "counted", "entries", "grbit", "name", "segments")

    def __init__(
        self, name: str, segments: tuple[Segment, ...] = (), grbit: int = 0, conditions: tuple[Condition, ...] = ()
    ) -> None:
        self.name = name
        self.segments = segments
        self.grbit = grbit
        self.conditions = conditions
        self.entries: list[Entry] = []
        self.counted = (0, 0)  # keys and entries, when JetComputeStats last counted them

    @property
    def is_unique(self) -> bool:
        """Whether no two rows may have the same key."""
        return bool(self.grbit & (bits.JET_bitIndexUnique | bits.JET_bitIndexPrimary))

    def key(self, whole: Whole, number: int) -> bytes | None:
        """Return the key of a row, None if it has no entry: without segments it is the number, in the order of insertion."""
        if not self.segments:
            return number.to_bytes(4, "big")
        if any((whole[each.column.id] is None) != each.is_null for each in self.conditions):
            return None
        return None if no_entry(self.grbit, self.segments, whole) else key_of_row(self.segments, whole, self.grbit)

    def count(self) -> None:
        """Count keys and entries."""
        self.counted = len({entry.key for entry in self.entries}), len(self.entries)

    def place(self, key: bytes) -> int:
        """Return where the first entry with at least this key is."""
        return bisect_left(self.entries, (key,))

    def has(self, key: bytes) -> bool:
        """Return whether there is an entry with this key."""
        at = self.place(key)
        return at < len(self.entries) and self.entries[at].key == key


class Table:
    """Columns and indexes by name, in lower case, and rows by number; the first index is that of the table itself."""

    __slots__ = ("columns", "ids", "indexes", "last", "name", "numbered", "rows")

    def __init__(self, name: str) -> None:
        self.name = name
        self.columns: dict[str, Column] = {}
        self.ids: dict[int, Column] = {}
        self.numbered: dict[int, int] = {}  # the number of the last column of each kind, by the first there may be
        self.indexes: dict[str, Index] = {"": Index("")}
        self.rows: dict[int, Row] = {}
        self.last = 0  # number of the row that came last

    @property
    def primary(self) -> Index:
        """The index that is the table: the primary one, or the order of insertion."""
        return next((each for each in self.indexes.values() if each.grbit & bits.JET_bitIndexPrimary), self.indexes[""])

    def values(self, row: Row, column: Column) -> Values:
        """Return the values of a column in a row: those that were set, else its default."""
        default = () if column.default is None else (column.default,)
        return row.get(column.id, default)

    def value(self, row: Row, column: Column, number: int = 1) -> bytes | None:
        """Return a value of a column in a row, None where there is none; only tagged columns have a second."""
        values = self.values(row, column)
        place = number - 1 if column.is_tagged else 0
        return values[place] if 0 <= place < len(values) else None

    def whole(self, row: Row) -> Whole:
        """Return the first value of each column of a row."""
        return {each.id: self.value(row, each) for each in self.ids.values()}

    def mark(self, row: Row, number: int) -> bytes:
        """Return the bookmark of a row: its key in the index that is the table, and its number where that is not enough."""
        index = self.primary
        key = index.key(self.whole(row), number) or b""
        return key if index.is_unique or not index.segments else key + number.to_bytes(4, "big")

    def entries(self, index: Index, row: Row, number: int) -> list[Entry]:
        """Return the entries that an index has of a row: one for each value of its first column that has several."""
        whole, mark = self.whole(row), self.mark(row, number)
        several = next((each.column for each in index.segments if len(self.values(row, each.column)) > 1), None)
        wholes = [whole] if several is None else [whole | {several.id: each} for each in self.values(row, several)]
        keys = dict.fromkeys(index.key(each, number) for each in wholes)
        return [Entry(key, mark, number) for key in keys if key is not None]

    def enter(self, row: Row, number: int, old: Row | None = None) -> int:
        """Put a row into the table, in the place of an old one, and return a JET_ERR: then nothing has changed."""
        if any(each.grbit & bits.JET_bitColumnNotNULL and not self.values(row, each) for each in self.ids.values()):
            return err.JET_errNullInvalid
        for index in self.indexes.values():
            before = set() if old is None else {entry.key for entry in self.entries(index, old, number)}
            made = self.entries(index, row, number)
            if index.is_unique and any(index.has(entry.key) for entry in made if entry.key not in before):
                return err.JET_errKeyDuplicate
        if old is not None:
            self.leave(number)
        for index in self.indexes.values():
            for entry in self.entries(index, row, number):
                insort(index.entries, entry)
        self.rows[number] = row
        return err.JET_errSuccess

    def leave(self, number: int) -> None:
        """Take a row out of the table."""
        row = self.rows.pop(number)
        for index in self.indexes.values():
            for entry in self.entries(index, row, number):
                index.entries.remove(entry)

    def add_index(self, index: Index) -> int:
        """Build an index of the rows that there are, and return a JET_ERR."""
        for number, row in self.rows.items():
            for entry in self.entries(index, row, number):
                if index.is_unique and index.has(entry.key):
                    return err.JET_errKeyDuplicate
                insort(index.entries, entry)
        self.indexes[index.name.lower()] = index
        if index is self.primary:
            self._mark_anew()
        return err.JET_errSuccess

    def drop_index(self, index: Index) -> None:
        """Take an index away."""
        was_primary = index is self.primary
        del self.indexes[index.name.lower()]
        if was_primary:
            self._mark_anew()

    def _mark_anew(self) -> None:
        """Build all indexes anew, for every row has another bookmark."""
        for index in self.indexes.values():
            rows = self.rows.items()
            index.entries = sorted(entry for number, row in rows for entry in self.entries(index, row, number))


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
