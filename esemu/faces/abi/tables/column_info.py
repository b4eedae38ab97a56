# SPDX-License-Identifier: MIT
"""The exported functions that tell of columns: one structure, or a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import ulong_at
from esemu.faces.abi.tables.lists import BINARY, LONG, SHORT, TEXT, give, list_of
from esemu.faces.abi.tables.table_info import of_named, of_open
from esemu.vocabulary import errors as err, table_numbers as bits
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from esemu.faces.abi.interface import Interface
    from esemu.faces.abi.tables.model import Column, Table
    from esemu.faces.abi.text import Text

_LEVEL: Final = 0x0FFFFFFF
"""The part of a level of information that is no option."""

_COLUMN_LIST: Final = {
    "PresentationOrder": LONG,
    "columnname": TEXT,
    "columnid": LONG,
    "coltyp": LONG,
    "Country": SHORT,
    "Langid": SHORT,
    "Cp": SHORT,
    "Collate": SHORT,
    "cbMax": LONG,
    "grbit": LONG,
    "Default": BINARY,
    "BaseTableName": TEXT,
    "BaseColumnName": TEXT,
    "DefinitionName": TEXT,
}


def _column_row(table: Table, column: Column) -> dict[str, int | str | bytes]:
    row: dict[str, int | str | bytes] = {
        "columnname": column.name,
        "columnid": column.id,
        "coltyp": column.coltyp,
        "Country": 0,
        "Langid": 0,
        "Cp": column.format.code_page,
        "Collate": 0,
        "cbMax": column.format.type.size or column.format.size,
        "grbit": column.grbit,
        "BaseTableName": table.name,
        "BaseColumnName": column.name,
    }
    return row | ({} if column.default is None else {"Default": column.default})


def _columns(interface: Interface, text: Text, session: int, table: Table, *raw: int) -> int:
    """Tell of the columns of a table, or of one by name or by number."""
    name, result, size, level = raw
    kind = level & _LEVEL
    if kind == bits.JET_ColInfoList:
        by = (lambda each: each.id) if level & bits.JET_ColInfoGrbitSortByColumnid else (lambda each: each.name.lower())
        columns = sorted(table.ids.values(), key=by)
        rows = (_column_row(table, each) for each in columns)
        return give(list_of(interface, text, session, "JET_COLUMNLIST", _COLUMN_LIST, rows), result, size)
    if kind == bits.JET_ColInfoByColid:
        column = table.ids.get(ulong_at(name) if name else 0)
    elif kind in {bits.JET_ColInfo, bits.JET_ColInfoBase}:
        column = table.columns.get((text.read(name) or "").lower())
    else:
        return err.JET_errFeatureNotAvailable
    if column is None:
        return err.JET_errColumnNotFound
    return give(_base(text, table, column) if kind == bits.JET_ColInfoBase else column.definition(), result, size)


def _base(text: Text, table: Table, column: Column) -> bytes:
    """Return the JET_COLUMNBASE of a column."""
    structure = STRUCTURES["JET_COLUMNBASE_W" if text.width == 2 else "JET_COLUMNBASE_A"]
    made = bytearray(column.definition().ljust(structure.size, b"\0"))
    made[:4] = structure.size.to_bytes(4, "little")
    names = {"szBaseTableName": table.name, "szBaseColumnName": column.name}
    for field in structure.fields:
        if field.name in names:
            data = text.encode(names[field.name])
            made[field.offset : field.offset + len(data)] = data
    return bytes(made)


HANDLERS: Final[dict[str, Any]] = {
    "JetGetTableColumnInfo": of_open(_columns),
    "JetGetColumnInfo": of_named(_columns),
}
"""By the name without A and W."""
