# SPDX-License-Identifier: MIT
"""The exported functions that tell of indexes: one structure, or a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.tables.lists import LONG, SHORT, TEXT, give, list_of
from esemu.faces.abi.tables.table_info import of_named, of_open
from esemu.vocabulary import errors as err, table_numbers as bits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from esemu.faces.abi.interface import Interface
    from esemu.faces.abi.tables.model import Index, Table
    from esemu.faces.abi.text import Text

_INDEX_LIST: Final = {
    "indexname": TEXT,
    "grbitIndex": LONG,
    "cKey": LONG,
    "cEntry": LONG,
    "cPage": LONG,
    "cColumn": LONG,
    "iColumn": LONG,
    "columnid": LONG,
    "coltyp": LONG,
    "Country": SHORT,
    "Langid": SHORT,
    "Cp": SHORT,
    "Collate": SHORT,
    "grbitColumn": LONG,
    "columnname": TEXT,
    "LCMapFlags": LONG,
}

OF_EVERY_INDEX: Final = {
    bits.JET_IdxInfoLCID: b"\x7f\0\0\0",
    bits.JET_IdxInfoVarSegMac: b"\xff\0",
    bits.JET_IdxInfoKeyMost: b"\xff\0",
    bits.JET_IdxInfoLocaleName: b"\0\0",
}
"""What is the same of all: no locale, and as many bytes in a key as there are without a bit that says more."""


def _index_rows(index: Index) -> Iterable[dict[str, int | str | bytes]]:
    """Yield a row for each segment of an index."""
    for place, segment in enumerate(index.segments):
        yield {
            "indexname": index.name,
            "grbitIndex": index.grbit,
            "cKey": index.counted[0],
            "cEntry": index.counted[1],
            "cPage": int(index.counted[1] > 0),
            "cColumn": len(index.segments),
            "iColumn": place,
            "columnid": segment.column.id,
            "coltyp": segment.column.coltyp,
            "Country": 0,
            "Langid": 0,
            "Cp": segment.column.format.code_page,
            "Collate": 0,
            "grbitColumn": int(segment.descending),
            "columnname": segment.column.name,
            "LCMapFlags": 0,
        }


def _indexes(interface: Interface, text: Text, session: int, table: Table, *raw: int) -> int:
    """Tell of the indexes of a table, or of one by name."""
    name, result, size, level = raw
    shown = (text.read(name) or "").lower()
    named = [each for key, each in table.indexes.items() if key and (not shown or key == shown)]
    if level == bits.JET_IdxInfoCount:
        return give(len(table.indexes).to_bytes(4, "little"), result, size)
    if shown and not named:
        return err.JET_errIndexNotFound
    if told := OF_EVERY_INDEX.get(level):
        return give(told, result, size)
    if level not in {bits.JET_IdxInfo, bits.JET_IdxInfoList}:
        return err.JET_errFeatureNotAvailable
    rows = (row for index in named for row in _index_rows(index))
    return give(list_of(interface, text, session, "JET_INDEXLIST", _INDEX_LIST, rows), result, size)


HANDLERS: Final[dict[str, Any]] = {
    "JetGetTableIndexInfo": of_open(_indexes),
    "JetGetIndexInfo": of_named(_indexes),
}
"""By the name without A and W."""
