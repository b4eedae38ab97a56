# SPDX-License-Identifier: MIT
"""The catalog, MSysObjects: a table of all tables, their columns, indexes and long values, which describes itself too.

It lies at page 4, its two other indexes at pages 7 and 10, and a copy of it, MSysObjectsShadow, at page 24 (cat.hxx:156).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from esemu.formats.columns import (
    ASCII,
    FIXED_FIRST,
    NOT_NULL,
    TAGGED_FIRST,
    TYPE_OF_NUMBER,
    TYPES,
    VARIABLE_FIRST,
    Column,
)
from esemu.formats.nodes import Node, page_of, records
from esemu.formats.page import DELETED
from esemu.formats.records import Record, fixed_sizes, record_of, values_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from esemu.formats.nodes import ReadPage

#: Where the catalog's trees begin, and their object ids (cat.hxx:136 and 159).
CATALOG_ROOT: Final = 4
NAME_INDEX_ROOT: Final = 7
ROOT_OBJECTS_ROOT: Final = 10
SHADOW_ROOT: Final = 24
OBJID_SYSTEM: Final = 1
OBJID_CATALOG: Final = 2
OBJID_SHADOW: Final = 3
OBJID_NAME_INDEX: Final = 4
OBJID_ROOT_OBJECTS: Final = 5

CATALOG_NAME: Final = "MSysObjects"
SHADOW_NAME: Final = "MSysObjectsShadow"

#: What a record of the catalog describes (cat.hxx:34).
TABLE: Final = 1
COLUMN: Final = 2
INDEX: Final = 3
LONG_VALUES: Final = 4
CALLBACK: Final = 5
KINDS: Final = range(TABLE, CALLBACK + 1)

#: Flags of a table: one of the engine's own, whose columns stay as they are (jethdr.w, JET_bitObjectSystem and its like).
SYSTEM_TABLE: Final = 0x80000000
FIXED_COLUMNS: Final = 0x40000000
#: Flags of an index (idb.hxx:7 and 71). All three null flags: records without a value are in it too.
UNIQUE: Final = 0x0001
NULLS: Final = 0x0002 | 0x0004 | 0x0008
SOME_NULLS: Final = 0x0008
NO_NULL: Final = 0x0010
PRIMARY: Final = 0x0020
EXTENDED_COLUMNS: Final = 0x10000  # key columns are stored as numbers with flags: always

_DENSITY: Final = 80  # per cent
_LONG_VALUES_NAME: Final = "LV"
_LOCALE: Final = "en-US"  # of every index, also over no text (cat.cxx, wszLocaleNameDefault)
_MAP_FLAGS: Final = 0x30401  # likewise how text is compared (dwLCMapFlagsDefault)


def _columns(kind: str, first: int, text: str, needed: int = 0) -> list[Column]:
    """Return columns of a table below: their names and types, and how many of them must have a value."""
    made = []
    for number, pair in enumerate(text.split(), first):
        name, type_name = pair.split(":")
        column_type = TYPES[type_name]
        size = column_type.size or (255 if kind == "variable" else 0)
        flags = NOT_NULL if number - first < needed else 0
        made.append(Column(name, number, column_type, size, flags, ASCII))
    return made


#: The columns of the catalog, in order of their numbers (_cat.cxx:83; the later ones of newer formats are left out).
CATALOG_COLUMNS: Final = (
    *_columns(
        "fixed",
        FIXED_FIRST,
        "ObjidTable:Long Type:Short Id:Long ColtypOrPgnoFDP:Long SpaceUsage:Long Flags:Long PagesOrLocale:Long "
        "RootFlag:Bit RecordOffset:Short LCMapFlags:Long KeyMost:UnsignedShort LVChunkMax:Long",
        needed=7,
    ),
    *_columns(
        "variable",
        VARIABLE_FIRST,
        "Name:Text Stats:Binary TemplateTable:Text DefaultValue:Binary KeyFldIDs:Binary VarSegMac:Binary "
        "ConditionalColumns:Binary TupleLimits:Binary Version:Binary SortID:Binary",
        needed=1,
    ),
    *_columns(
        "tagged",
        TAGGED_FIRST,
        "CallbackData:LongBinary CallbackDependencies:LongBinary SeparateLV:LongBinary SpaceHints:LongBinary "
        "SpaceDeferredLVHints:LongBinary LocaleName:LongBinary",
    ),
)
_BY_NAME: Final = {column.name: column for column in CATALOG_COLUMNS}
# A database of a newer format has a thirteenth fixed column, PgnoFDPLastSetTime.
_SIZES: Final = [*fixed_sizes(CATALOG_COLUMNS), 8]


class Tree(NamedTuple):
    """A tree of the database: whose it is, where it begins, and what is in it."""

    objid: int
    root: int
    kind: int
    #: Of a table the table's name, else table and index, or table and LV.
    name: str


class CatalogEntry(NamedTuple):
    """A record of the catalog: what it describes, and all its values by the names of the catalog's columns."""

    #: Object id of the table that it belongs to.
    table: int
    #: `TABLE`, `COLUMN`, `INDEX` or `LONG_VALUES`.
    kind: int
    #: Object id of the tree, or number of the column.
    id: int
    name: str
    values: dict[str, Any]

    @property
    def root(self) -> int:
        """The root page of its tree; of a column the number of its type."""
        return int(self.values["ColtypOrPgnoFDP"])

    @property
    def key(self) -> bytes:
        """Its key in the catalog."""
        return _key(self, "ObjidTable", "Type", "Id")

    @property
    def name_key(self) -> bytes:
        """Its key in the catalog's index of names."""
        return _key(self, "ObjidTable", "Type", "Name")

    @property
    def root_objects_key(self) -> bytes | None:
        """Its key in the index of tables, None for what is no table."""
        return _key(self, "RootFlag", "Name") if self.kind == TABLE else None

    def node(self, page_size: int) -> Node:
        """Return the entry as it lies in the catalog."""
        return Node(self.key, record_of(CATALOG_COLUMNS, self.values).to_bytes(page_size))

    def column(self) -> Column:
        """Return the column that it describes."""
        kind = TYPE_OF_NUMBER[self.root]
        values = self.values
        offset = values.get("RecordOffset", 0)
        return Column(self.name, self.id, kind, values["SpaceUsage"], values["Flags"], values["PagesOrLocale"], offset)


def _key(entry: CatalogEntry, *names: str) -> bytes:
    return b"".join(_BY_NAME[name].key(entry.values[name]) for name in names)


def parse_entry(data: bytes, page_size: int) -> CatalogEntry:
    """Return the entry in a record of the catalog. ValueError: it is none."""
    values = values_of(Record.parse(data, _SIZES, page_size), CATALOG_COLUMNS)
    if missing := [column.name for column in CATALOG_COLUMNS if column.flags & NOT_NULL and column.name not in values]:
        raise ValueError(f"A record of the catalog without {', '.join(missing)}")
    return CatalogEntry(values["ObjidTable"], values["Type"], values["Id"], values["Name"], values)


def catalog_entries(read: ReadPage, root: int = CATALOG_ROOT, kinds: Container[int] = KINDS) -> Iterator[CatalogEntry]:
    """Give the entries of these kinds in the catalog, or in its copy at `SHADOW_ROOT`.

    ValueError: its tree or a record is damaged.
    """
    page_size = page_of(read, root).size
    for node in records(read, root):
        # The kind is the second part of the key, a Short behind the five bytes of a Long.
        if not node.flags & DELETED and int.from_bytes(node.key[6:8], "big") ^ 0x8000 in kinds:
            yield parse_entry(node.data, page_size)


def _entry(table: int, kind: int, number: int, name: str, **values: Any) -> CatalogEntry:
    values |= {"ObjidTable": table, "Type": kind, "Id": number, "Name": name}
    return CatalogEntry(table, kind, number, name, values)


def table_entry(objid: int, name: str, root: int, flags: int = 0, pages: int = 1) -> CatalogEntry:
    """Return the entry of a table whose tree begins at page `root` and had `pages` pages at first (cat.cxx:2458)."""
    flags = flags - (1 << 32) if flags >> 31 else flags
    return _entry(
        objid,
        TABLE,
        objid,
        name,
        ColtypOrPgnoFDP=root,
        SpaceUsage=_DENSITY,
        Flags=flags,
        PagesOrLocale=pages,
        RootFlag=True,
    )


def column_entry(objid: int, column: Column) -> CatalogEntry:
    """Return the entry of a column of table `objid` (cat.cxx:2610)."""
    offset = {"RecordOffset": column.offset} if column.is_fixed else {}
    return _entry(
        objid,
        COLUMN,
        column.number,
        column.name,
        ColtypOrPgnoFDP=column.type.number,
        SpaceUsage=column.size,
        Flags=column.flags,
        PagesOrLocale=column.code_page,
        **offset,
    )


def index_entry(table: int, tree: Tree, key: Sequence[Column], flags: int = PRIMARY | UNIQUE | NULLS) -> CatalogEntry:
    """Return the entry of an index of a table over columns, all ascending; that of the primary one is the table's tree.

    Source: cat.cxx:2699.
    """
    return _entry(
        table,
        INDEX,
        tree.objid,
        tree.name,
        ColtypOrPgnoFDP=tree.root,
        SpaceUsage=_DENSITY,
        Flags=flags | EXTENDED_COLUMNS,
        PagesOrLocale=0,
        LCMapFlags=_MAP_FLAGS,
        KeyFldIDs=b"".join(_key_column(column) for column in key),
        LocaleName=_LOCALE.encode("utf-16-le"),
    )


def _key_column(column: Column) -> bytes:
    """Return a column of a key as stored: flags (none: ascending), a byte of nothing, its number (daedef.hxx:784)."""
    return b"\0\0" + column.number.to_bytes(2, "little")


def long_values_entry(table: int, objid: int, root: int, pages: int = 1) -> CatalogEntry:
    """Return the entry of a table's tree of long values (cat.cxx, ErrCATAddTableLV)."""
    return _entry(
        table,
        LONG_VALUES,
        objid,
        _LONG_VALUES_NAME,
        ColtypOrPgnoFDP=root,
        SpaceUsage=_DENSITY,
        Flags=0,
        PagesOrLocale=pages,
    )


def own_entries(page_size: int) -> list[CatalogEntry]:
    """Return the entries by which catalog and copy describe themselves (cat.cxx:2247)."""
    shadow_pages = 5 if page_size >= 4096 else 6
    key = [_BY_NAME[name] for name in ("ObjidTable", "Type", "Id")]
    name_key = [_BY_NAME[name] for name in ("ObjidTable", "Type", "Name")]
    root_key = [_BY_NAME[name] for name in ("RootFlag", "Name")]
    flags = PRIMARY | UNIQUE | NO_NULL
    made = []
    for objid, name, root, pages in (
        (OBJID_CATALOG, CATALOG_NAME, CATALOG_ROOT, 20),
        (OBJID_SHADOW, SHADOW_NAME, SHADOW_ROOT, shadow_pages),
    ):
        made.append(table_entry(objid, name, root, SYSTEM_TABLE | FIXED_COLUMNS, pages))
        made += [column_entry(objid, column._replace(offset=4 if column.is_fixed else 0)) for column in CATALOG_COLUMNS]
        made.append(index_entry(objid, Tree(objid, root, INDEX, "Id"), key, flags))
    name_index = Tree(OBJID_NAME_INDEX, NAME_INDEX_ROOT, INDEX, "Name")
    root_objects = Tree(OBJID_ROOT_OBJECTS, ROOT_OBJECTS_ROOT, INDEX, "RootObjects")
    made.append(index_entry(OBJID_CATALOG, name_index, name_key, UNIQUE | NO_NULL))
    made.append(index_entry(OBJID_CATALOG, root_objects, root_key, UNIQUE | SOME_NULLS))
    return sorted(made, key=lambda entry: entry.key)


def trees(entries: Sequence[CatalogEntry]) -> list[Tree]:
    """Return all trees that the catalog names, those of tables once (their primary index is the same tree)."""
    names = {entry.table: entry.name for entry in entries if entry.kind == TABLE}
    found = []
    for entry in entries:
        if entry.kind == TABLE:
            found.append(Tree(entry.id, entry.root, TABLE, entry.name))
        elif entry.kind in {INDEX, LONG_VALUES} and entry.id != entry.table:
            name = f"{names.get(entry.table, entry.table)}.{entry.name}"
            found.append(Tree(entry.id, entry.root, entry.kind, name))
    return found
