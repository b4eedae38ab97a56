# SPDX-License-Identifier: MIT
"""The tables that the engine makes in every new database beside the catalog: MSysObjids and MSysLocales.

MSysObjids says which table each tree belongs to (cat.cxx:13266), MSysLocales which versions of the schema and of locales
there are (cat.cxx:16164). Both are as in databases that Windows 8 and 10 made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.formats.catalog import (
    FIXED_COLUMNS,
    INDEX,
    NULLS,
    PRIMARY,
    SYSTEM_TABLE,
    UNIQUE,
    CatalogEntry,
    Tree,
    column_entry,
    index_entry,
    table_entry,
)
from esemu.formats.columns import NOT_NULL, TYPES, Column
from esemu.formats.nodes import Node
from esemu.formats.records import record_of

if TYPE_CHECKING:
    from collections.abc import Iterable

OBJIDS_ROOT: Final = 29
LOCALES_ROOT: Final = 30
OBJID_OBJIDS: Final = 6
OBJID_LOCALES: Final = 7

_OBJIDS_COLUMNS: Final = (
    Column("objid", 256, TYPES["Long"], 4),
    Column("objidTable", 257, TYPES["Long"], 4),
    Column("type", 258, TYPES["Short"], 2),
)
# iValue is an escrow column (0x20) with a default (0x10).
_LOCALES_COLUMNS: Final = (
    Column("Type", 1, TYPES["UnsignedByte"], 1, NOT_NULL, 0, 4),
    Column("iValue", 2, TYPES["Long"], 4, 0x30, 0, 5),
    Column("Key", 128, TYPES["Binary"], 255),
)
_LOCALES_ROWS: Final = (
    (r".Schema\External\Major", 1, 1),
    (r".Schema\External\Minor", 1, 0),
    (r".Schema\External\Update", 1, 0),
    (r".Schema\Internal\Major", 1, 1),
    (r".Schema\Internal\Minor", 1, 0),
    (r".Schema\Internal\Update", 1, 0),
    ("MSysLocalesConsistent", 2, 1),
)
_DERIVED_FLAGS: Final = 0x08000000  # of both tables, beside those of other system tables
_UNKNOWN_INDEX_FLAG: Final = 0x4000  # of the index of MSysLocales in every real database


def system_entries() -> list[CatalogEntry]:
    """Return the entries of the catalog for both tables."""
    value = column_entry(OBJID_LOCALES, _LOCALES_COLUMNS[1])
    value.values["DefaultValue"] = bytes(4)
    flags = PRIMARY | UNIQUE | NULLS
    made = [
        table_entry(OBJID_OBJIDS, "MSysObjids", OBJIDS_ROOT, SYSTEM_TABLE | FIXED_COLUMNS | _DERIVED_FLAGS, 0),
        *(column_entry(OBJID_OBJIDS, column) for column in _OBJIDS_COLUMNS),
        index_entry(OBJID_OBJIDS, Tree(OBJID_OBJIDS, OBJIDS_ROOT, INDEX, "primary"), _OBJIDS_COLUMNS[:1], flags),
        table_entry(OBJID_LOCALES, "MSysLocales", LOCALES_ROOT, SYSTEM_TABLE | _DERIVED_FLAGS, 0),
        column_entry(OBJID_LOCALES, _LOCALES_COLUMNS[0]),
        value,
        column_entry(OBJID_LOCALES, _LOCALES_COLUMNS[2]),
        index_entry(
            OBJID_LOCALES,
            Tree(OBJID_LOCALES, LOCALES_ROOT, INDEX, "KeyPrimary"),
            _LOCALES_COLUMNS[2:],
            flags | _UNKNOWN_INDEX_FLAG,
        ),
    ]
    for entry in made:
        if "LCMapFlags" in entry.values or "RootFlag" in entry.values:
            entry.values["SpaceUsage"] = 100 if entry.table == OBJID_OBJIDS else 92
    return made


def objids_nodes(entries: Iterable[CatalogEntry], page_size: int) -> list[Node]:
    """Return the rows of MSysObjids for the trees that these entries name, in order."""
    key = _OBJIDS_COLUMNS[0].key
    trees = {entry.id: entry for entry in entries if entry.kind != INDEX or entry.id != entry.table}
    rows = [{"objid": objid, "objidTable": entry.table, "type": entry.kind} for objid, entry in sorted(trees.items())]
    return [Node(key(row["objid"]), record_of(_OBJIDS_COLUMNS, row).to_bytes(page_size)) for row in rows]


def locales_nodes(page_size: int) -> list[Node]:
    """Return the rows of MSysLocales, in order."""
    key = _LOCALES_COLUMNS[2].key
    rows = []
    for name, kind, value in _LOCALES_ROWS:
        stored = name.encode("utf-16-le") + b"\0\0"
        record = record_of(_LOCALES_COLUMNS, {"Key": stored, "Type": kind, "iValue": value})
        rows.append(Node(key(stored), record.to_bytes(page_size)))
    return sorted(rows)
