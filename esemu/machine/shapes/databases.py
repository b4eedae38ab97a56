# SPDX-License-Identifier: MIT
"""The shapes of the calls of sessions, and about databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from esemu.machine.call import GRBIT, Call, GrbitCall, field, thread_id

if TYPE_CHECKING:
    from esemu.machine.api import ApiCall
    from esemu.machine.call import Fields
    from esemu.machine.state import Session


class SessionCall(GrbitCall):
    """A call of a session: transactions and the end of the session itself. `handle` is the sesid."""

    shows_handle = True
    session: Session | None = None

    def __init__(self, api: ApiCall, handle: int, grbit: int = 0) -> None:
        self.api = api
        self.handle = handle
        self.thread = thread_id()
        self.grbit = grbit


class DatabaseCall(SessionCall):
    """A call of a session about a database by its path."""

    fields: ClassVar[Fields] = (field("path", "name", None), GRBIT, field("pages", shown=""))
    shows_handle = False
    full_path = ""
    database: Any = None  # the attached one of that name
    file: Any = None  # what is in the file that is to be attached, or in the new one if that is not empty

    def __init__(self, api: ApiCall, handle: int, path: str | None, grbit: int = 0, pages: int = 0) -> None:
        self.api = api
        self.handle = handle
        self.thread = thread_id()
        self.grbit = grbit
        self.path = path
        self.pages = pages  # of a new database, 0: the engine's smallest


class OpenDatabaseCall(SessionCall):
    """A call of a session about a database that it has open: JetCloseDatabase."""

    fields: ClassVar[Fields] = (field("dbid"), GRBIT)
    shows_handle = False

    def __init__(self, api: ApiCall, handle: int, dbid: int, grbit: int = 0) -> None:
        super().__init__(api, handle, grbit)
        self.dbid = dbid


class ResizeCall(OpenDatabaseCall):
    """JetResizeDatabase: `pages` is the wanted size, with the two that hold the header."""

    fields: ClassVar[Fields] = (field("dbid", default=1), field("pages"), GRBIT)

    def __init__(self, api: ApiCall, handle: int, dbid: int, pages: int, grbit: int = 0) -> None:
        super().__init__(api, handle, dbid, grbit)
        self.pages = pages


class DatabaseInfoCall(OpenDatabaseCall):
    """JetGetDatabaseInfo: `size_max` is the room for it in bytes, twice as much for the A form."""

    fields: ClassVar[Fields] = (field("dbid", default=1), field("level", default=8), field("size_max", "cbMax", 4))

    def __init__(self, api: ApiCall, handle: int, dbid: int, level: int, size_max: int) -> None:
        super().__init__(api, handle, dbid)
        self.level = level
        self.size_max = size_max


class FileInfoCall(Call):
    """JetGetDatabaseFileInfo: a database by its path, attached or not."""

    fields: ClassVar[Fields] = (field("path", default=None), field("level"), field("size_max", "size"))

    def __init__(self, api: ApiCall, handle: int, path: str | None, level: int, size_max: int) -> None:
        super().__init__(api, handle)
        self.path = path
        self.level = level
        self.size_max = size_max
