# SPDX-License-Identifier: MIT
"""The exported functions that make temporary tables, which are sorted and belong to no database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import put_pointer, put_ulong, ulong_at
from esemu.faces.abi.tables.catalogs import fields_at, offsets
from esemu.faces.abi.tables.columns import new_column
from esemu.faces.abi.tables.keys import Segment
from esemu.faces.abi.tables.model import DEFINITION, DEFINITION_SIZE, Index, Table
from esemu.faces.abi.tables.store import store_of
from esemu.formats import columns as formats
from esemu.vocabulary import errors as err, table_numbers as bits
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.faces.abi.interface import Interface

    Handler = Callable[..., int]


def temporary_table(interface: Interface, session: int, columns: int, number: int, grbit: int, ids: int) -> int:
    """Make a table of no database, sorted by the columns that are its key, and return the number of a cursor, or an error."""
    if session not in interface.process.sessions:
        return err.JET_errInvalidSesid
    if not columns or not number or not ids:
        return err.JET_errInvalidParameter
    table, key = Table("temporary"), []
    for place in range(number):
        at = columns + place * DEFINITION_SIZE
        kind, most, given = (ulong_at(at + DEFINITION[each]) for each in ("coltyp", "cbMax", "grbit"))
        if kind not in formats.TYPE_OF_NUMBER:
            return err.JET_errInvalidColumnType
        code_page = ulong_at(at + DEFINITION["cp"]) & 0xFFFF
        column = new_column(table, f"{place}", kind, code_page, most, given & 0xFFFFFF3F, None)
        put_ulong(ids + 4 * place, column.id)
        if given & bits.JET_bitColumnTTKey:
            key.append(Segment(column, bool(given & bits.JET_bitColumnTTDescending)))
    if key:
        unique = bits.JET_bitIndexPrimary if grbit & bits.JET_bitTTUnique else 0
        table.indexes = {"": Index("", tuple(key), unique)}
    return store_of(interface).open(session, table)


def temporary_opener(grbit: int) -> Handler:
    """Return JetOpenTempTable, 2 or 3; the grbit is at this place of the arguments behind the session."""

    def opened(interface: Interface, text: None, session: int, columns: int, number: int, *rest: int) -> int:
        found = temporary_table(interface, session, columns, number, rest[grbit], rest[-1])
        if found < 0:
            return found
        put_pointer(rest[-2], found)
        return err.JET_errSuccess

    return opened


def structured_opener(structure: str) -> Handler:
    """Return JetOpenTemporaryTable or JetOpenTemporaryTable2."""
    places = offsets(structure)

    def opened(interface: Interface, text: None, session: int, address: int) -> int:
        if not address or ulong_at(address) != STRUCTURES[structure].size:
            return err.JET_errInvalidParameter
        given = fields_at(address, structure)
        found = temporary_table(
            interface, session, given["prgcolumndef"], given["ccolumn"], given["grbit"], given["prgcolumnid"]
        )
        if found < 0:
            return found
        put_pointer(address + places["tableid"], found)
        return err.JET_errSuccess

    return opened


HANDLERS: Final[dict[str, Any]] = {
    "JetOpenTempTable": temporary_opener(0),
    "JetOpenTempTable2": temporary_opener(1),
    "JetOpenTempTable3": temporary_opener(1),
    "JetOpenTemporaryTable": structured_opener("JET_OPENTEMPORARYTABLE"),
    "JetOpenTemporaryTable2": structured_opener("JET_OPENTEMPORARYTABLE2"),
}
"""By the name without A and W."""
