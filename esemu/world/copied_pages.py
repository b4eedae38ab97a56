# SPDX-License-Identifier: MIT
"""Pages of a database that was copied page by page: those of another one, behind a header of its own."""

from __future__ import annotations

from esemu.world.generated import GeneratedPages
from esemu.world.pages import BytesPages
from esemu.world.stored_header import RECORDS, header_of, signature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from esemu.world.pages import PageSource


class CopiedPages:
    """The pages of `source`, which do not change, behind `header`."""

    __slots__ = ("_source", "header", "page_size")

    sound = False

    def __init__(self, source: PageSource, header: bytes) -> None:
        self._source = source
        self.page_size = source.page_size
        self.header: bytes | None = header

    def read(self, first: int, count: int) -> bytes | memoryview:
        """Return the bytes of `count` pages from page `first` on."""
        return self._source.read(first, count)

    def check(self, first: int, count: int) -> int:
        """Return JET_errSuccess, or the error that reading these pages ends with."""
        return self._source.check(first, count)


def copy_of(database: Any, number: int) -> PageSource:
    """Return the pages of a copy of an attached database: another database, of which there are no backups yet."""
    from esemu.formats.structures import Bkinfo  # noqa: PLC0415 - few programs copy

    pages = database.pages
    header = header_of(pages, database, None)
    header.sign_db = signature(number)
    header.bkinfo_full_cur = Bkinfo()
    for _, field in RECORDS:
        setattr(header, f"bkinfo_{field}", Bkinfo())
        setattr(header, f"bkinfo_type_{field}", 0)
    data = header.to_bytes(database.page_size)
    if isinstance(pages, GeneratedPages):  # rows of the original may change later
        return BytesPages(bytes(pages.read(1, database.last_page)), pages.page_size, data)
    return CopiedPages(pages, data)
