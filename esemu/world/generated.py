# SPDX-License-Identifier: MIT
"""Pages of a database that is made from its description: any of them, whenever it is asked for, and what was written since.

Nothing is laid out before the first page is read, and nothing but pages that were written is kept for long.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from esemu.world.pages import NO_RUN, MadePages
from esemu.world.views import shared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Final

    from esemu.formats.database_header import DatabaseHeader
    from esemu.formats.page import Page
    from esemu.world.new_database import NewDatabase
    from esemu.world.tables import Table

DBTIME_START: Final = 0x40
"""The dbtime of the pages of a new database (daedef.hxx:1118)."""
DEFAULT_TABLE: Final = "Numbers"
"""The table of a database of which nobody said what is in it: its rows fill the pages that there are."""
_PAGES_MOST: Final = 256  # that are kept as somebody sees them who changes rows
_ZEROS: Final = shared(bytes(1 << 20))  # pages that were never written: every database's are these


def default_tables(last_page: int) -> dict[str, Table]:
    """Return the tables of a database of which nobody said what is in it; few pages have no room for any."""
    from esemu.world.new_database import TABLES_START  # noqa: PLC0415 - most tests never look at bytes
    from esemu.world.tables import Numbered, Table  # noqa: PLC0415

    if last_page < TABLES_START:
        return {}
    # A row takes a little less than 1 KiB, so that there is one for each KiB of a page.
    rows = Numbered(None, Filler=b"esemu " * 160)
    return {DEFAULT_TABLE: Table({"Number": "LongLong", "Filler": "LongBinary"}, rows)}


def _fills(rows: Any) -> bool:
    """Return whether there are as many rows as there is room for."""
    from esemu.world.tables import Numbered  # noqa: PLC0415 - most tests never look at bytes

    return isinstance(rows, Numbered) and rows.count is None


class GeneratedPages(MadePages):
    """The pages of a new database with these tables: `last_page` of them, or, with None, as many as the tables take.

    `tables` maps names to `esemu.Table`; None is one table of numbered rows in all pages that there are.  Pages behind
    the last are zero.  `number` tells the database from others.

    ValueError where a page is first asked for: the tables do not fit, or a row cannot be stored.
    """

    __slots__ = ("_apart", "_last_page", "_layout", "_pages", "_starts", "_written", "dbtime", "tables")

    largest_run = 1 << 20

    def __init__(
        self, last_page: int | None, page_size: int, tables: Mapping[str, Table] | None = None, number: int = 0
    ) -> None:
        MadePages.__init__(self, page_size, number)  # super() takes longer than all that it does
        self._last_page = last_page
        self.tables = tables
        #: The time of the last change, counted in changes, as it stands in the header and in pages that were written.
        self.dbtime = DBTIME_START
        self._layout: NewDatabase | None = None
        self._starts: list[int] = []
        # Pages that are made, or were written, one by one, in order.
        self._apart: list[int] = []
        # Pages that were written since the database was made, None for those whose bytes nobody has asked for yet ...
        self._written: dict[int, bytes | None] = {}
        # ... and pages as somebody who changes rows sees them, these among them.
        self._pages: dict[int, Page] = {}

    @property
    def layout(self) -> NewDatabase:
        """Where everything lies."""
        if self._layout is not None:
            return self._layout
        from esemu.world.new_database import NewDatabase  # noqa: PLC0415 - most tests never look at bytes

        with self._lock:
            if self._layout is None:
                if self.tables is None:
                    self.tables = default_tables(self._last_page or 0)
                layout = NewDatabase(self.page_size, self.tables, self._last_page)
                layout.runs.sort(key=lambda run: run[0])
                self._starts = [run[0] for run in layout.runs]
                self._apart = sorted({*layout.single, *self._written})
                self._layout = layout  # last: another thread that finds it looks at nothing else
            return self._layout

    @property
    def last_page(self) -> int:
        """The number of the last page that belongs to the database."""
        return self.layout.pages if self._last_page is None else self._last_page

    def stamp(self, header: DatabaseHeader) -> None:
        """Write into the header of the database what only its pages say."""
        header.objid_last = self.layout.objid_last
        header.dbtime_dirtied = self.dbtime

    def _made(self, first: int, count: int) -> bytes | memoryview:
        """Return the bytes of `count` pages from page `first` on."""
        parts: list[bytes | memoryview] = []
        end = first + count
        while first < end:
            part = self._part(first, end - first)
            parts.append(part)
            first += len(part) // self.page_size
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _part(self, first: int, most: int) -> bytes | memoryview:
        """Return some pages from page `first` on, at least one and `most` at most, that are made in one way."""
        layout = self.layout
        if first in self._written:
            return self._written_bytes(first)
        single = layout.single.get(first)
        if single is not None:
            return single()
        following = bisect_right(self._apart, first)
        count = min(most, self._apart[following] - first) if following < len(self._apart) else most
        index = bisect_right(self._starts, first) - 1
        if index >= 0 and first <= layout.runs[index][1]:
            _, last, make = layout.runs[index]
            return make(first, min(count, last - first + 1))
        size = count * self.page_size
        return _ZEROS[:size] if size <= len(_ZEROS) else bytes(size)

    def write(self, pgno: int, page: bytes | bytearray | memoryview | None = None) -> None:
        """Write page `pgno` again as the engine does: what is in it stays, and it says when and how often it was written.

        With `page` these bytes are written as they are.  What was read before stays as it was delivered.  ValueError: the
        page was never written, or `page` is none.
        """
        if page is not None and len(page) != self.page_size:
            raise ValueError(f"A page of this database has {self.page_size} bytes, not {len(page)}")
        if not 1 <= pgno <= self.last_page:
            raise ValueError(f"The database has the pages 1 to {self.last_page}, and no page {pgno}")
        with self._lock:
            self.dbtime += 1
            if page is not None:
                self._pages.pop(pgno, None)
                self._write(pgno, bytes(page))
            else:
                self._write_again(pgno)

    def change_rows(self, table: str, how: str, rows: Iterable[Any]) -> None:
        """Change rows of a table one after the other; `how` is the name of a method of `RowWriter`, which says what it raises."""
        from esemu.world.row_writer import RowWriter  # noqa: PLC0415 - most tests change none

        with self._lock:
            change = getattr(RowWriter(self, table), how)
            for row in rows:
                self.dbtime += 1
                change(row)

    def page(self, pgno: int) -> Page:
        """Return a page as it is now, to somebody who is changing rows, and puts it back if anything on it changes."""
        page = self._pages.get(pgno)
        if page is None:
            from esemu.formats.page import Page  # noqa: PLC0415 - most tests write nothing

            page = Page.parse(self._made(pgno, 1))
            self._keep(pgno, page)
        return page

    def put(self, pgno: int, page: Page) -> None:
        """Write a page that is being changed, as the engine does: it says when, and how often it was written."""
        from esemu.formats.page import FLUSH_TYPE_SHIFT  # noqa: PLC0415 - most tests write nothing

        header = page.header
        header.dbtime = self.dbtime
        times = header.flags >> FLUSH_TYPE_SHIFT & 3
        header.flags ^= (times ^ times % 3 + 1) << FLUSH_TYPE_SHIFT
        self._keep(pgno, page)
        self._write(pgno, None)

    def take(self, count: int) -> int:
        """Return the first of `count` free pages, for a tree that is being changed; the database grows if need be."""
        first, changed = self.layout.give(count)
        self._last_page = self.layout.pages
        self._write_anew(changed)
        return first

    def grow(self, last_page: int) -> None:
        """Let the database own the pages up to `last_page`; the new ones are free."""
        with self._lock:
            self.dbtime += 1
            self._write_anew(self.layout.grow(last_page))
            self._last_page = last_page

    def compacted(self, number: int) -> GeneratedPages | None:
        """Return the pages of a new database with the same tables and no others, None if their rows were changed.

        Tables that fill what room there is do so there too.
        """
        from esemu.world.new_database import SPACE_PAGES  # noqa: PLC0415 - most tests never look at bytes

        if not SPACE_PAGES.issuperset(self._written):
            return None
        fills = self.tables is None or any(_fills(table.rows) for table in self.tables.values())
        return GeneratedPages(self.last_page if fills else None, self.page_size, self.tables, number)

    def _write_anew(self, numbers: Iterable[int]) -> None:
        """Write pages of which the layout says something else than before."""
        for pgno in numbers:
            self._written.pop(pgno, None)
            self._pages.pop(pgno, None)
            self._write_again(pgno)

    def _write_again(self, pgno: int) -> None:
        """Write a page that says the same as before."""
        page = self.page(pgno)
        if not page.header.flags:
            raise ValueError(f"Page {pgno} was never written; say what is to be in it")
        self.put(pgno, page)

    def _keep(self, pgno: int, page: Page) -> None:
        """Keep a page as somebody sees it who changes rows; too many become bytes again."""
        if len(self._pages) >= _PAGES_MOST:
            for written in self._written:
                self._written_bytes(written)
            self._pages.clear()
        self._pages[pgno] = page

    def _written_bytes(self, pgno: int) -> bytes:
        """Return the bytes of a page that was written."""
        data = self._written[pgno]
        if data is None:
            data = self._written[pgno] = self._pages[pgno].written(pgno)
        return data

    def _write(self, pgno: int, page: bytes | None) -> None:
        """Put a page in its place, and forget the runs that were made with another one there."""
        at = bisect_left(self._apart, pgno)
        if self._apart[at : at + 1] != [pgno]:
            self._apart.insert(at, pgno)
        self._written[pgno] = page
        for first, (_, count, run) in list(self._runs.items()):
            if first <= pgno < first + count:
                del self._runs[first]
                self._kept -= run.nbytes
        self._run = NO_RUN
