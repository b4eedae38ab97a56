# SPDX-License-Identifier: MIT
"""What the bytes of a database say of it: JET_DBINFOMISC, which is its header (util.cxx:10), and the pages that are free."""

from __future__ import annotations

from typing import Any, Final

from esemu.formats.database_header import DatabaseHeader
from esemu.formats.space import SYSTEM_ROOT, available_extents
from esemu.vocabulary.structures import STRUCTURES
from esemu.world.stored_database import StoredDatabase

LARGEST: Final = STRUCTURES["JET_DBINFOMISC7"]
"""The structure of which all others are the beginning."""

RENAMED: Final = {
    "ulVersion": "le_ulVersion",
    "ulUpdate": "le_ulDaeUpdateMajor",
    "dbstate": "le_dbstate",
    "genMinRequired": "le_lGenMinRequired",
    "genMaxRequired": "le_lGenMaxRequired",
    "genCommitted": "le_lGenMaxCommitted",
    "cpgDatabaseChecked": "le_pgnoDbscanHighestContinuous",
    "logtimeChecksumPrev": "logtimeDbscanPrev",
    "logtimeChecksumStart": "logtimeDbscanStart",
}
"""Fields whose names in the header of the file say something else."""

SET_BY_NOBODY: Final = frozenset({"fShadowingDisabled", "fUpgradeDb"})
"""Fields that are 0."""


def header_of(told: Any) -> DatabaseHeader:
    """Return the header of a database: of an attached one as it is in memory, else of the file."""
    stored = told if isinstance(told, StoredDatabase) else StoredDatabase(told.pages, told.last_page, told)
    return stored.header()


def miscellaneous(told: Any, size: int) -> bytes:
    """Return the first `size` bytes of the JET_DBINFOMISC7 of a database."""
    data = header_of(told).to_bytes(told.page_size)
    made = bytearray(LARGEST.size)
    places = {field.engine_name.removeprefix("le_"): field.offset for field in _fields()}
    for field in LARGEST.fields:
        if field.name in SET_BY_NOBODY:
            continue
        at = places[RENAMED.get(field.name, field.name).removeprefix("le_")]
        made[field.offset : field.offset + field.size] = data[at : at + field.size]
    return bytes(made[:size])


def available_pages(database: Any) -> int:
    """Return how many pages no tree of a database uses (ErrSPGetInfo); 0 where its pages hold no trees at all."""
    try:
        free = available_extents(lambda page: bytes(database.pages.read(page, 1)), SYSTEM_ROOT)
    except ValueError:
        return 0
    return sum(extent.pages for extent in free)


def _fields() -> list[Any]:
    """Return the fields of the header."""
    return [each for each in vars(DatabaseHeader).values() if hasattr(each, "engine_name")]
