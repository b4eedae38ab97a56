# SPDX-License-Identifier: MIT
"""What the engine tells of itself and of databases, and resizing one (info.cxx, jetapi.cxx, db.cxx:6247).

What stands in a header is not told here: the result is the database then, and whoever has bytes asks the world for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.machine.rules.databases import LEVEL_MAX
from esemu.machine.rules.information import (
    CODE_PAGE,
    COLLATE,
    CONNECT,
    COUNTRY,
    FILE_TYPE,
    FILENAME,
    HEADER_PAGES,
    IN_USE,
    LCID,
    MISC,
    OF_THE_HEADER,
    OPTIONS,
    PAGE_SIZE,
    SPACE_AVAILABLE,
    SPACE_OWNED,
    TRANSACTIONS,
    UPGRADE,
    VERSION,
    attached_anywhere,
    full_path,
    grown,
    numbered,
)
from esemu.vocabulary.grbits import JET_bitDbExclusive

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.machine.call import Call
    from esemu.machine.database_state import Database
    from esemu.machine.shapes.databases import DatabaseInfoCall, FileInfoCall, ResizeCall
    from esemu.machine.state import Instance, Process

ENGINE_VERSION: Final = 10 << 28 | 19041 << 8
"""Major version 10, build 19041: Windows 10 and Server, 2004 (jetapi.cxx:12174)."""

FORMAT_VERSION: Final = 0x620
"""ulDAEVersionMax: the major version of the format of databases (daeconst.hxx)."""


DATABASE_FILE: Final = 1
"""JET_filetypeDatabase (jethdr.w)."""


def tell_version(instance: Instance, call: Call) -> None:  # noqa: ARG001 - an effect gets both
    """Tell the version of the engine."""
    call.result = ENGINE_VERSION


def reject_untold(process: Process, call: FileInfoCall) -> None:  # noqa: ARG001 - an effect gets both
    """Say that esemu does not know something that the engine tells."""
    if call.level == UPGRADE:
        from esemu.vocabulary.exceptions import NotEmulated  # noqa: PLC0415 - hardly ever needed

        raise NotEmulated(f"{call.api.name}: information of level {call.level} is not emulated")


_NUMBERS: Final = {
    COUNTRY: 1,
    LCID: 0x409,
    CODE_PAGE: 1252,
    COLLATE: 0,
    TRANSACTIONS: LEVEL_MAX,
    VERSION: FORMAT_VERSION,
}
"""What is the same for all databases."""

_OF_DATABASES: Final[dict[int, Callable[[Database], Any]]] = {
    FILENAME: lambda database: database.name,
    CONNECT: lambda database: "",  # noqa: ARG005 - as the others
    PAGE_SIZE: lambda database: database.page_size,
    SPACE_OWNED: lambda database: database.last_page,
    SPACE_AVAILABLE: lambda database: database,
    MISC: lambda database: database,
}
"""What the state of a database tells."""


def tell_of_database(instance: Instance, call: DatabaseInfoCall) -> None:
    """Tell what was asked about an attached database: a number, a string, or the database for what its bytes say."""
    database = numbered(instance, call.dbid)
    assert database is not None, call  # noqa: S101 - the rules before saw to it
    if call.level in _NUMBERS:
        call.result = _NUMBERS[call.level]
    elif call.level == OPTIONS:
        call.result = JET_bitDbExclusive if database.exclusive_session is call.session else 0
    else:
        of_database = _OF_DATABASES.get(call.level)
        call.result = database.last_page + HEADER_PAGES if of_database is None else of_database(database)


def tell_of_file(process: Process, call: FileInfoCall) -> None:
    """Tell what was asked about a file: a number, or the database for what is in its header."""
    path = full_path(process, call)
    attached = attached_anywhere(process, path)
    if call.level == IN_USE:
        call.result = int(attached is not None)
    elif call.level == FILE_TYPE:
        call.result = DATABASE_FILE
    elif call.level in OF_THE_HEADER:
        database = attached or process.world.attached_database(None, path, process.page_size)
        call.result = database.page_size if call.level == PAGE_SIZE else database
    else:
        call.result = process.world.disk.size(path)


def resize(instance: Instance, call: ResizeCall) -> None:
    """Let the database grow.  The result is its size in pages.

    No file ever becomes shorter: where a smaller one is wanted the engine trims free pages, which are then no more on a disk that
    has sparse files (db.cxx:6312, space.cxx:16701).  This one has none.
    """
    database = numbered(instance, call.dbid)
    assert database is not None, call  # noqa: S101 - the rules before saw to it
    last_page = grown(database, call)
    if last_page > database.last_page:
        instance.process.world.grow(database, last_page)
        database.last_page = last_page
        instance.changed()
    call.result = database.last_page + HEADER_PAGES
