# SPDX-License-Identifier: MIT
"""The exported functions that tell of tables, columns and indexes: one structure, or a list, which is a temporary table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import put, ulong_at
from esemu.faces.abi.tables.catalogs import catalog_of, table_of
from esemu.faces.abi.tables.columns import new_column
from esemu.faces.abi.tables.model import Table
from esemu.faces.abi.tables.store import store_of
from esemu.formats import columns as formats
from esemu.vocabulary import errors as err, table_numbers as bits
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from esemu.faces.abi.interface import Interface
    from esemu.faces.abi.tables.model import Column, Index, Row
    from esemu.faces.abi.text import Text

LONG: Final = 4
SHORT: Final = 3
BINARY: Final = 11
TEXT: Final = 10
"""Types of the columns of a list (info.cxx)."""

_LEVEL: Final = 0x0FFFFFFF
"""The part of a level of information that is no option."""


def _list(
    interface: Interface,
    text: Text,
    session: int,
    structure: str,
    kinds: Mapping[str, int],
    rows: Iterable[Mapping[str, int | str | bytes]],
) -> bytes:
    """Make a list, and return the structure that tells its cursor, how many rows it has, and its columns by name."""
    table = Table("list")
    page = formats.UNICODE if text.width == 2 else formats.ASCII
    ids = {name: new_column(table, name, kind, page, 0, 0, None).id for name, kind in kinds.items()}
    number = 0
    for number, row in enumerate(rows, 1):
        values: Row = {ids[name]: (_value(text, kinds[name], value),) for name, value in row.items()}
        table.enter(values, number)
    made = bytearray(STRUCTURES[structure].size)
    told = {"cbStruct": len(made), "tableid": store_of(interface).open(session, table), "cRecord": number}
    for field in STRUCTURES[structure].fields:
        value = told.get(field.name, ids.get(field.name.removeprefix("columnid")) or 0)
        made[field.offset : field.offset + field.size] = value.to_bytes(field.size, "little")
    return bytes(made)


def _value(text: Text, kind: int, value: float | str | bytes) -> bytes:
    if isinstance(value, str):
        return text.encode(value)[: -text.width]
    return value if isinstance(value, bytes) else int(value).to_bytes(2 if kind == SHORT else 4, "little")


def _give(made: bytes, result: int, size: int) -> int:
    """Store a structure where there is room for all of it."""
    if size < len(made):
        return err.JET_errInvalidParameter
    put(result, made)
    return err.JET_errSuccess


# Columns.

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
        return _give(_list(interface, text, session, "JET_COLUMNLIST", _COLUMN_LIST, rows), result, size)
    if kind == bits.JET_ColInfoByColid:
        column = table.ids.get(ulong_at(name) if name else 0)
    elif kind in {bits.JET_ColInfo, bits.JET_ColInfoBase}:
        column = table.columns.get((text.read(name) or "").lower())
    else:
        return err.JET_errFeatureNotAvailable
    if column is None:
        return err.JET_errColumnNotFound
    return _give(_base(text, table, column) if kind == bits.JET_ColInfoBase else column.definition(), result, size)


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


# Indexes.

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
        return _give(len(table.indexes).to_bytes(4, "little"), result, size)
    if shown and not named:
        return err.JET_errIndexNotFound
    if told := OF_EVERY_INDEX.get(level):
        return _give(told, result, size)
    if level not in {bits.JET_IdxInfo, bits.JET_IdxInfoList}:
        return err.JET_errFeatureNotAvailable
    rows = (row for index in named for row in _index_rows(index))
    return _give(_list(interface, text, session, "JET_INDEXLIST", _INDEX_LIST, rows), result, size)


# Tables.

_OBJECT_LIST: Final = {
    "containername": TEXT,
    "objectname": TEXT,
    "objtyp": LONG,
    "grbit": LONG,
    "flags": LONG,
    "cRecord": LONG,
    "cPage": LONG,
}


def _object(table: Table) -> dict[str, int]:
    return {"objtyp": bits.JET_objtypTable, "grbit": 7, "flags": 0, "cRecord": len(table.rows), "cPage": 1}


def _object_info(table: Table) -> bytes:
    """Return the JET_OBJECTINFO of a table."""
    structure = STRUCTURES["JET_OBJECTINFO"]
    made = bytearray(structure.size)
    told = _object(table) | {"cbStruct": structure.size}
    for field in structure.fields:
        made[field.offset : field.offset + field.size] = told.get(field.name, 0).to_bytes(field.size, "little")
    return bytes(made)


def object_info(
    interface: Interface,
    text: Text,
    session: int,
    dbid: int,
    kind: int,
    container: int,
    name: int,
    result: int,
    size: int,
    level: int,
) -> int:
    """JetGetObjectInfo: of the tables of a database, or of one."""
    catalog = catalog_of(interface, session, dbid)
    if isinstance(catalog, int):
        return catalog
    tables = catalog.tables
    if kind not in {bits.JET_objtypNil, bits.JET_objtypTable}:
        return err.JET_errInvalidParameter
    if level in {bits.JET_ObjInfoList, bits.JET_ObjInfoListNoStats}:
        rows = [
            {"containername": "Tables", "objectname": tables[each].name} | _object(tables[each])
            for each in sorted(tables)
        ]
        return _give(_list(interface, text, session, "JET_OBJECTLIST", _OBJECT_LIST, rows), result, size)
    if level not in {bits.JET_ObjInfo, bits.JET_ObjInfoNoStats}:
        return err.JET_errFeatureNotAvailable
    table = tables.get((text.read(name) or "").lower())
    return err.JET_errObjectNotFound if table is None else _give(_object_info(table), result, size)


def table_info(interface: Interface, text: Text, session: int, tableid: int, result: int, size: int, level: int) -> int:
    """JetGetTableInfo: its JET_OBJECTINFO, or its name."""
    table = _table_of_cursor(interface, session, tableid)
    if isinstance(table, int):
        return table
    if level == bits.JET_TblInfo:
        return _give(_object_info(table), result, size)
    if level == bits.JET_TblInfoName:
        return _give(text.encode(table.name), result, size)
    return err.JET_errFeatureNotAvailable


def _table_of_cursor(interface: Interface, session: int, tableid: int) -> Table | int:
    if session not in interface.process.sessions:
        return err.JET_errInvalidSesid
    cursor = store_of(interface).cursors.get(tableid)
    return err.JET_errInvalidTableId if cursor is None or cursor.session != session else cursor.table


def of_open(told: Any) -> Any:
    """Return a function that tells of a table that a cursor has open."""

    def info(interface: Interface, text: Text, session: int, tableid: int, *raw: int) -> int:
        table = _table_of_cursor(interface, session, tableid)
        return table if isinstance(table, int) else told(interface, text, session, table, *raw)

    return info


def of_named(told: Any) -> Any:
    """Return a function that tells of a table of a database by name."""

    def info(interface: Interface, text: Text, session: int, dbid: int, name: int, *raw: int) -> int:
        found = table_of(interface, session, dbid, text.read(name))
        return found if isinstance(found, int) else told(interface, text, session, found[1], *raw)

    return info


HANDLERS: Final[dict[str, Any]] = {
    "JetGetTableColumnInfo": of_open(_columns),
    "JetGetColumnInfo": of_named(_columns),
    "JetGetTableIndexInfo": of_open(_indexes),
    "JetGetIndexInfo": of_named(_indexes),
    "JetGetTableInfo": table_info,
    "JetGetObjectInfo": object_info,
}
"""By the name without A and W."""
