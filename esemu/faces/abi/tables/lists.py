# SPDX-License-Identifier: MIT
"""Lists of columns, indexes and tables: temporary tables, whose columns a structure names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.faces.abi.memory import put
from esemu.faces.abi.tables.columns import new_column
from esemu.faces.abi.tables.model import Table
from esemu.faces.abi.tables.store import store_of
from esemu.formats import columns as formats
from esemu.vocabulary import errors as err
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from esemu.faces.abi.interface import Interface
    from esemu.faces.abi.tables.model import Row
    from esemu.faces.abi.text import Text

LONG: Final = 4
SHORT: Final = 3
BINARY: Final = 11
TEXT: Final = 10
"""Types of the columns of a list (info.cxx)."""


def list_of(
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


def give(made: bytes, result: int, size: int) -> int:
    """Store a structure where there is room for all of it."""
    if size < len(made):
        return err.JET_errInvalidParameter
    put(result, made)
    return err.JET_errSuccess
