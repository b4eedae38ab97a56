# SPDX-License-Identifier: MIT
"""The description of a database that `Engine.start` attaches: where its pages come from, and its earlier backups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from esemu.faces.checks import GENERATION_MAX, file_path, page_size, whole
from esemu.faces.described import DEFAULT_PAGES, PAGES_MAX, Described
from esemu.world.image import ImagePages
from esemu.world.pages import HEADER_START, BytesPages, stated_page_size

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from esemu.world.pages import PageSource
    from esemu.world.tables import Table

SOURCE: Final = ("page_size", "header", "sound", "read", "check")
"""What an object that pages come from must have: `esemu.world.pages.PageSource`."""


@attrs.frozen
class Database(Described):
    """A database at `path` on the virtual disk: `pages` pages of `page_size` bytes.

    It is a new database with these `tables`, a mapping from names to `esemu.Table`; without them with one, of numbered
    rows in all pages that there are.  Fewer than 31 pages have no room for tables.  Or `source` says what is in the pages:
    the bytes of whole pages, taken for good, or of a whole database file, verified when they are read; or an object with
    the attributes of `esemu.world.pages.PageSource`.  Without `pages` there are as many as the tables take, or as are in
    `source`, or in the file that is already on the disk, or else 100.  Without `page_size` it is that of the source, or
    else of the engine.

    `full_backup` and `incremental_backup` are (genLow, genHigh) of the last ones, as they stand in the header; after a
    full one an incremental one can follow.  `read_only` and `logged` are as JetAttachDatabase would leave them.

    Raises TypeError and ValueError for what is no such thing.
    """

    path: str
    pages: int | None = None
    page_size: int | None = None
    source: PageSource | bytes | bytearray | memoryview | None = None
    tables: Mapping[str, Table] | None = attrs.field(default=None, kw_only=True)
    full_backup: tuple[int, int] | None = None
    incremental_backup: tuple[int, int] | None = None
    read_only: bool = False
    logged: bool = True

    def __attrs_post_init__(self) -> None:
        """Check everything, and settle number and size of the pages where the source knows them."""
        file_path(self.path, "path")
        if self.pages is not None:
            whole(self.pages, "pages", 1, PAGES_MAX)
        if self.page_size is not None:
            page_size(self.page_size)
        if self.source is not None:
            self._take_source()
        if self.tables is not None:
            _check_tables(self.tables, self.source)
        for name in ("full_backup", "incremental_backup"):
            if (generations := getattr(self, name)) is not None:
                _check_backup(name, generations)
        for name in ("read_only", "logged"):
            if not isinstance(getattr(self, name), bool):
                raise TypeError(f"{name} is {getattr(self, name)!r}; it must be a bool")

    def _take_source(self) -> None:
        """Make a source of bytes, and ask it what was not said."""
        source: Any = self.source
        if isinstance(source, bytes | bytearray | memoryview):
            source = _pages_in(source, self.page_size)
        if missing := [name for name in SOURCE if not hasattr(source, name)]:
            raise TypeError(f"source is {source!r}, which has no {' and no '.join(missing)}")
        if self.page_size not in {None, source.page_size}:
            raise ValueError(
                f"page_size is {self.page_size}, and the pages of the source have {source.page_size} bytes"
            )
        last = getattr(source, "last_page", DEFAULT_PAGES) if self.pages is None else self.pages
        if last < 1:
            raise ValueError("the source has no page")
        for name, value in (("source", source), ("pages", last), ("page_size", source.page_size)):
            object.__setattr__(self, name, value)  # the way of attrs to settle an attribute of a frozen class

    @classmethod
    def from_file(cls, file: str | PathLike[str], path: str | None = None, **others: Any) -> Database:
        r"""Describe a real database file of the host, by default as C:\data\ and its own name.

        Its pages are verified when they are read, and the backups that its header remembers count.  Raises OSError, and
        ValueError where the file is no database.
        """
        from pathlib import Path  # noqa: PLC0415 - only real files need it

        from esemu.world.database_file import FilePages  # noqa: PLC0415 - only real files need it

        return cls(path or f"C:\\data\\{Path(file).name}", source=FilePages(file), **others)


def _pages_in(data: bytes | bytearray | memoryview, page_size: int | None) -> BytesPages:
    """Return the pages in the bytes of a database file, or in bytes that are pages and nothing else."""
    view = memoryview(data)
    try:
        stated_page_size(bytes(view.cast("B")[:HEADER_START]))
    except ValueError:
        pages: BytesPages = BytesPages(data, page_size or 4096)
    else:
        pages = ImagePages(data)
    if view.nbytes % pages.page_size:
        raise ValueError(f"source has {view.nbytes} bytes, which are no whole pages of {pages.page_size} bytes")
    return pages


def _check_tables(tables: Any, source: Any) -> None:
    """Look at the tables of a new database."""
    from esemu.world.tables import Numbered, Table, check_name  # noqa: PLC0415 - few tests describe tables

    if source is not None:
        raise ValueError("a database has tables or a source, not both")
    if not hasattr(tables, "items"):
        raise TypeError(f"tables is {tables!r}; it must map names to esemu.Table")
    seen: set[str] = set()
    for name, table in tables.items():
        if check_name(name, "table").upper() in seen:
            raise ValueError(f"there are two tables {name!r}")
        seen.add(name.upper())
        if not isinstance(table, Table):
            raise TypeError(f"table {name!r} is {table!r}; it must be an esemu.Table")
    if sum(isinstance(table.rows, Numbered) and table.rows.count is None for table in tables.values()) > 1:
        raise ValueError("one table at most can fill what the others leave")


def _check_backup(name: str, generations: Any) -> None:
    """Look at the generations of an earlier backup."""
    if not isinstance(generations, tuple | list) or len(generations) != 2:
        raise TypeError(f"{name} is {generations!r}; it must be (genLow, genHigh)")
    low, high = generations
    whole(low, f"genLow of {name}", 1, GENERATION_MAX)
    whole(high, f"genHigh of {name}", low, GENERATION_MAX)
