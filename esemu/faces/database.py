# SPDX-License-Identifier: MIT
"""The description of a database that `Engine.start` attaches: where its pages come from, and its earlier backups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from esemu.machine.state import NORMAL, BackupRecord
from esemu.world.pages import BytesPages, PatternPages
from esemu.world.stored_database import StoredDatabase

if TYPE_CHECKING:
    from os import PathLike


@attrs.frozen
class Database:
    """A database: `pages` pages of `page_size` bytes at `path` on the virtual disk.

    `source` says what is in the pages: None for a pattern that names database and page, bytes (whole pages, or a whole
    database file), or an object with `page_size`, `header`, `read` and `check` as in `esemu.world.pages`.
    `full_backup` is (genLow, genHigh) of the last full backup, as it stands in the header; with it an incremental backup
    can follow.  `read_only` and `logged` are as JetAttachDatabase would leave them.
    """

    path: str
    pages: int = 100
    page_size: int = 4096
    source: Any = None
    full_backup: tuple[int, int] | None = None
    incremental_backup: tuple[int, int] | None = None
    read_only: bool = False
    logged: bool = True

    @classmethod
    def from_file(cls, file: str | PathLike[str], path: str | None = None, **others: Any) -> Database:
        r"""Describe a real database file of the host, by default as C:\data\ and its own name.

        Its pages are verified when they are read.  Raises OSError, and ValueError where the file is no database.
        """
        from pathlib import Path  # noqa: PLC0415 - only real files need it

        from esemu.world.database_file import FilePages  # noqa: PLC0415 - only real files need it

        pages = FilePages(file)
        path = path or f"C:\\data\\{Path(file).name}"
        return cls(path, pages.last_page, pages.page_size, pages, **others)

    def stored(self, number: int) -> StoredDatabase:
        """Return the content of the file; `number` tells its pattern from others."""
        source = self.source
        if source is None:
            source = PatternPages(number & 0xFF, self.page_size)
        elif isinstance(source, bytes | bytearray | memoryview):
            source = BytesPages(source, self.page_size)
        return StoredDatabase(source, self.pages)

    def records(self) -> dict[str, BackupRecord]:
        """Return the backups that the header remembers, by the machine's names."""
        given = {"full_previous": self.full_backup, "incremental_previous": self.incremental_backup}
        return {
            place: BackupRecord(low_high[0], low_high[1], NORMAL, low_high[0] << 32)
            for place, low_high in given.items()
            if low_high is not None
        }
