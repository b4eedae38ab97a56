# SPDX-License-Identifier: MIT
"""The exported functions that tell of tables, and what those about their columns and indexes find a table by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.tables.catalogs import catalog_of, table_of
from esemu.faces.abi.tables.lists import LONG, TEXT, give, list_of
from esemu.faces.abi.tables.store import store_of
from esemu.vocabulary import errors as err, table_numbers as bits
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from esemu.faces.abi.interface import Interface
    from esemu.faces.abi.tables.model import Table
    from esemu.faces.abi.text import Text

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
        return give(list_of(interface, text, session, "JET_OBJECTLIST", _OBJECT_LIST, rows), result, size)
    if level not in {bits.JET_ObjInfo, bits.JET_ObjInfoNoStats}:
        return err.JET_errFeatureNotAvailable
    table = tables.get((text.read(name) or "").lower())
    return err.JET_errObjectNotFound if table is None else give(_object_info(table), result, size)


def table_info(interface: Interface, text: Text, session: int, tableid: int, result: int, size: int, level: int) -> int:
    """JetGetTableInfo: its JET_OBJECTINFO, or its name."""
    table = _table_of_cursor(interface, session, tableid)
    if isinstance(table, int):
        return table
    if level == bits.JET_TblInfo:
        return give(_object_info(table), result, size)
    if level == bits.JET_TblInfoName:
        return give(text.encode(table.name), result, size)
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
    "JetGetTableInfo": table_info,
    "JetGetObjectInfo": object_info,
}
"""By the name without A and W."""
