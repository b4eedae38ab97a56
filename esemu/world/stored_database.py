# SPDX-License-Identifier: MIT
"""A database as a file on the virtual disk: header, header again, pages."""

from __future__ import annotations

from esemu.world.stored_header import FormerDatabase, header_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from esemu.formats.database_header import DatabaseHeader
    from esemu.world.pages import PageSource

HEADER_PAGES = 2


class StoredDatabase:
    """The content of a database file: `last_page` pages from `pages`, behind two headers.

    `database` is the machine's state of it while an instance has it attached and afterwards: the records of backups in
    the header live there.  Before that it is what the header of a real file says, None for a file that never was one.
    `log` is that of the instance that attached it last, None where none has.
    """

    __slots__ = ("_last_page", "database", "log", "pages")

    def __init__(self, pages: PageSource, last_page: int, database: Any = None, log: Any = None) -> None:
        self.pages = pages
        self.log = log
        self._last_page = last_page
        self.database: Any = database
        if database is None and pages.header is not None:
            from esemu.formats.database_header import DatabaseHeader  # noqa: PLC0415 - few programs have real files

            self.database = FormerDatabase(DatabaseHeader.parse(pages.header), last_page)

    @property
    def last_page(self) -> int:
        """The number of the last page, which grows with the database."""
        return self._last_page if self.database is None else int(self.database.last_page)

    @property
    def page_size(self) -> int:
        """Bytes in a page."""
        return self.pages.page_size

    @property
    def size(self) -> int:
        """Size of the file in bytes."""
        return (self.last_page + HEADER_PAGES) * self.page_size

    def read(self, offset: int, count: int) -> bytes:
        """Return `count` bytes from `offset`, fewer at the end of the file."""
        size = self.page_size
        end = min(offset + count, self.size)
        if offset >= end:
            return b""
        first, last = offset // size, (end - 1) // size
        parts = [self.header().to_bytes(size) for _ in range(first, min(last + 1, HEADER_PAGES))]
        start = max(first, HEADER_PAGES)
        if start <= last:
            parts.append(bytes(self.pages.read(start - HEADER_PAGES + 1, last - start + 1)))
        whole = b"".join(parts)
        return whole[offset - first * size : end - first * size]

    def header(self) -> DatabaseHeader:
        """Return the header as it is now in memory, or as it was when the database was shut down."""
        return header_of(self.pages, self.database, self.log)

    @property
    def of_backup(self) -> bool:
        """Whether the header is that of a backup's copy which no restore has brought up to date."""
        if self.pages.header is None or self.log is not None:
            return False
        from esemu.formats.database_header import CLEAN_SHUTDOWN  # noqa: PLC0415 - few programs have real files

        header = self.header()
        return header.dbstate != CLEAN_SHUTDOWN and header.bkinfo_full_cur.gen_low != 0
