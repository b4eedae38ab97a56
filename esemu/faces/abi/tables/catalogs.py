# SPDX-License-Identifier: MIT
"""The tables of a database by the number of the database, and the fields of structures that describe tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esemu.faces.abi.memory import pointer_at, ulong_at
from esemu.faces.abi.tables.model import Table
from esemu.faces.abi.tables.store import signature_of, store_of
from esemu.vocabulary import errors as err
from esemu.vocabulary.structures import STRUCTURES
from esemu.world.tables import NAME_MOST

if TYPE_CHECKING:
    from esemu.faces.abi.interface import Interface
    from esemu.faces.abi.tables.model import Catalog


def offsets(structure: str) -> dict[str, int]:
    """Return where the fields of a structure are, in bytes, by their names."""
    return {field.name: field.offset for field in STRUCTURES[structure].fields}


def fields_at(address: int, structure: str) -> dict[str, int]:
    """Return the numbers and pointers of a structure by the names of its fields."""
    return {
        field.name: (pointer_at if field.size == 8 else ulong_at)(address + field.offset)
        for field in STRUCTURES[structure].fields
    }


def catalog_of(interface: Interface, session: int, dbid: int) -> Catalog | int:
    """Return the tables of a database, or the error of a session or a database that is none."""
    found = interface.process.sessions.get(session)
    if found is None:
        return err.JET_errInvalidSesid
    database = next((each for each in found.instance.databases if each.dbid == dbid and each.open_by), None)
    if database is None:
        return err.JET_errInvalidDatabaseId
    return store_of(interface).catalog(signature_of(database), database.name)


def table_of(interface: Interface, session: int, dbid: int, name: str | None) -> tuple[Catalog, Table] | int:
    """Return a table by name, and those that it is one of, or an error."""
    catalog = catalog_of(interface, session, dbid)
    if isinstance(catalog, int):
        return catalog
    if not is_name(name):
        return err.JET_errInvalidName
    table = catalog.tables.get((name or "").lower())
    return err.JET_errObjectNotFound if table is None else (catalog, table)


def is_name(name: str | None) -> bool:
    """Return whether a table, a column or an index may have a name."""
    return bool(name) and len(name or "") <= NAME_MOST


def new_table(interface: Interface, session: int, dbid: int, name: str | None) -> tuple[Catalog, Table] | int:
    """Make a table, and return it and those that it is one of, or an error."""
    catalog = catalog_of(interface, session, dbid)
    if isinstance(catalog, int):
        return catalog
    if name is None or not is_name(name):
        return err.JET_errInvalidName
    if name.lower() in catalog.tables:
        return err.JET_errTableDuplicate
    store_of(interface).changes(session, catalog)
    table = catalog.tables[name.lower()] = Table(name)
    store_of(interface).changed(session, lambda: catalog.tables.pop(name.lower(), None))
    return catalog, table
