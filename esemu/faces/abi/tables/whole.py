# SPDX-License-Identifier: MIT
"""The exported functions that make, open, name and delete tables, and open another cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import put_pointer
from esemu.faces.abi.tables.catalogs import is_name, new_table, table_of
from esemu.faces.abi.tables.store import of_cursor, store_of
from esemu.vocabulary import errors as err

if TYPE_CHECKING:
    from esemu.faces.abi.interface import Interface
    from esemu.faces.abi.tables.model import Catalog, Table
    from esemu.faces.abi.tables.store import Cursor, Store
    from esemu.faces.abi.text import Text


def create_table(
    interface: Interface, text: Text, session: int, dbid: int, name: int, pages: int, density: int, tableid: int
) -> int:
    """JetCreateTable: the table is open then."""
    return _opened(interface, session, new_table(interface, session, dbid, text.read(name)), tableid)


def open_table(
    interface: Interface,
    text: Text,
    session: int,
    dbid: int,
    name: int,
    parameters: int,
    size: int,
    grbit: int,
    tableid: int,
) -> int:
    """JetOpenTable: the cursor stands on the first row."""
    return _opened(interface, session, table_of(interface, session, dbid, text.read(name)), tableid)


def _opened(interface: Interface, session: int, found: tuple[Catalog, Table] | int, tableid: int) -> int:
    """Store a new cursor on a table, or return the error with which it was not found."""
    if isinstance(found, int):
        return found
    catalog, table = found
    put_pointer(tableid, store_of(interface).open(session, table, catalog))
    return err.JET_errSuccess


def delete_table(interface: Interface, text: Text, session: int, dbid: int, name: int, grbit: int = 0) -> int:
    """JetDeleteTable: nobody may have it open."""
    found = table_of(interface, session, dbid, text.read(name))
    if isinstance(found, int):
        return found
    catalog, table = found
    store = store_of(interface)
    if any(cursor.table is table for cursor in store.cursors.values()):
        return err.JET_errTableInUse
    store.changes(session, catalog)
    del catalog.tables[table.name.lower()]
    store.changed(session, lambda: catalog.tables.__setitem__(table.name.lower(), table))
    return err.JET_errSuccess


def rename_table(interface: Interface, text: Text, session: int, dbid: int, name: int, new: int) -> int:
    """JetRenameTable."""
    found, after = table_of(interface, session, dbid, text.read(name)), text.read(new)
    if isinstance(found, int):
        return found
    catalog, table = found
    if after is None or not is_name(after):
        return err.JET_errInvalidName
    if after.lower() in catalog.tables:
        return err.JET_errTableDuplicate
    before = table.name
    store_of(interface).changes(session, catalog)

    def named(old: str, name: str) -> None:
        catalog.tables[name.lower()] = catalog.tables.pop(old.lower())
        table.name = name

    named(before, after)
    store_of(interface).changed(session, lambda: named(after, before))
    return err.JET_errSuccess


def close_table(interface: Interface, text: None, session: int, tableid: int) -> int:
    """JetCloseTable: what was prepared is lost."""
    return of_cursor(lambda text, cursor: _closed(cursor.store, tableid))(interface, text, session, tableid)


def _closed(store: Store, tableid: int) -> int:
    del store.cursors[tableid]
    return err.JET_errSuccess


def _dup_cursor(text: None, cursor: Cursor, tableid: int, grbit: int) -> int:
    """JetDupCursor: another cursor of the table."""
    put_pointer(tableid, cursor.store.open(cursor.session, cursor.table, cursor.catalog))
    return err.JET_errSuccess


HANDLERS: Final[dict[str, Any]] = {
    "JetCreateTable": create_table,
    "JetOpenTable": open_table,
    "JetDeleteTable": delete_table,
    "JetDeleteTable2": delete_table,
    "JetRenameTable": rename_table,
    "JetCloseTable": close_table,
    "JetDupCursor": of_cursor(_dup_cursor),
}
"""By the name without A and W."""
