# SPDX-License-Identifier: MIT
"""What `Engine.start` asks of the description of a database, and the plainest one: a path and a number of pages.

Nearly every engine is started from a mapping.  It needs neither `Database`, which says more, nor the library that makes
that class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.checks import file_path, whole
from esemu.machine.database_state import NORMAL, BackupRecord
from esemu.world.generated import GeneratedPages
from esemu.world.stored_database import StoredDatabase

if TYPE_CHECKING:
    from esemu.machine.database_state import Database as Attached

DEFAULT_PAGES: Final = 100
"""Pages of a database of which nobody said how many it has."""

PAGES_MAX: Final = 2**32 - 1
"""The largest page number."""


class Described:
    """A description, whoever holds what it says."""

    __slots__ = ()

    path: Any
    pages: Any
    page_size: Any = None
    source: Any = None
    tables: Any = None
    full_backup: Any = None
    incremental_backup: Any = None
    read_only: Any = False
    logged: Any = True

    @property
    def may_exist(self) -> bool:
        """Whether a file that is already on the disk will do: nothing was said about its pages."""
        return self.source is None and self.pages is None and self.tables is None

    def stored(self, number: int, page_size: int) -> StoredDatabase:
        """Return the content of the file; `number` tells it from others."""
        source = self.source
        if source is None:
            last = self.pages or (DEFAULT_PAGES if self.tables is None else None)
            source = GeneratedPages(last, page_size, self.tables, number)
        return StoredDatabase(source, self.pages or source.last_page)

    def describe(self, attached: Attached) -> None:
        """Give an attached database what attaching does not: its earlier backups, and whether it is logged."""
        attached.read_only = self.read_only
        attached.logged = attached.logged and self.logged and not self.read_only
        if self.full_backup is not None:
            attached.full_previous = _record(*self.full_backup)
        if self.incremental_backup is not None:
            attached.incremental_previous = _record(*self.incremental_backup)


class NamedDatabase(Described):
    """A database at `path`: `pages` pages with one table in them, or, where that is None, whatever is in the file already."""

    __slots__ = ("pages", "path")

    def __init__(self, path: str, pages: int | None) -> None:
        self.path = file_path(path, "path")
        self.pages = None if pages is None else whole(pages, "pages", 1, PAGES_MAX)

    @property
    def may_exist(self) -> bool:
        """Whether a file that is already on the disk will do: nothing was said about its pages."""
        return self.pages is None

    def describe(self, attached: Attached) -> None:
        """Say nothing that attaching has not said."""


def _record(low: int, high: int) -> BackupRecord:
    return BackupRecord(low, high, NORMAL, low << 32)
