# SPDX-License-Identifier: MIT
"""Where the pages of a database come from: made by rule, or held in memory.

`image` has those of a whole file in memory, and `database_file` reads them from the host: both are verified.

A page source knows nothing of how many pages the engine thinks the database has: pages past its end are zero, as pages
that were never written are.
"""

from __future__ import annotations

from _thread import RLock  # threading.RLock is a function around it

from esemu.vocabulary.errors import JET_errSuccess
from esemu.world.content import unchanging
from esemu.world.views import shared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Protocol, TypeAlias

    from esemu.world.views import SharedBytes

    Run: TypeAlias = tuple[int, int, memoryview | SharedBytes]

    class PageSource(Protocol):
        """The pages of a database, numbered from 1."""

        @property
        def page_size(self) -> int:
            """Bytes in a page: 4096, 8192, 16384 or 32768."""
            ...

        @property
        def header(self) -> bytes | None:
            """The header page that the database file has, None if the engine makes one."""
            ...

        @property
        def sound(self) -> bool:
            """Whether `check` never finds anything, so that nobody needs to ask it."""
            ...

        def read(self, first: int, count: int) -> bytes | memoryview:
            """Return the bytes of `count` pages from page number `first` on."""
            ...

        def check(self, first: int, count: int) -> int:
            """Attempt to read pages; return JET_errSuccess, or the error that the engine's read ends with."""
            ...


HEADER_PAGES: Final = 2
"""How many pages come before page 1 in a database file: the header, and the header again."""
HEADER_START: Final = 240
"""How many bytes of a database file `stated_page_size` looks at."""
_MAGIC: Final = (0x89ABCDEF).to_bytes(4, "little")

# A run without pages.
NO_RUN: Final[Run] = (0, 0, shared(b""))

# Bytes that a source keeps of what it made; the oldest run goes first.
_KEPT: Final = 8 << 20

# Pages of the values 0, 1, ... that all others are made from, by page size.
_NUMBERED: Final[dict[int, bytes]] = {}


def _numbered(page_size: int) -> bytes:
    """Return a page of the little-endian u64 values 0, 1, ...; there is one for each of the engine's page sizes."""
    page = _NUMBERED.get(page_size)
    if page is None:
        page = b"".join([value.to_bytes(8, "little") for value in range(page_size // 8)])
        _NUMBERED[page_size] = page
    return page


class MadePages:
    """Pages that are made when somebody reads them, in runs that grow while pages are read in order, and kept for a while."""

    __slots__ = ("_kept", "_lock", "_run", "_runs", "number", "page_size")

    header: bytes | None = None
    sound = True
    #: A run is made in one go; it has at most this many bytes.
    largest_run = 1 << 18

    def __init__(self, page_size: int, number: int = 0) -> None:
        #: The database's number, which is in its signature.
        self.number = number
        #: Bytes in a page.
        self.page_size = page_size
        # The run that was read last: its first page, how many it has, and their bytes.  Any thread may read it.
        self._run = NO_RUN
        # Every run that is kept, by its first page, and their bytes together.
        self._runs: dict[int, Run] = {}
        self._kept = 0
        self._lock = RLock()  # whoever makes or looks for runs has it

    def read(self, first: int, count: int) -> bytes | memoryview:
        """Return the bytes of `count` pages from page `first` on, without a copy if they were made in one run."""
        start, pages, run = self._run
        before = first - start
        if 0 <= before <= pages - count:
            size = self.page_size
            return run[before * size : (before + count) * size]
        with self._lock:
            return self._read_elsewhere(first, count)

    def check(self, first: int, count: int) -> int:  # noqa: ARG002 - they are all good
        """Return JET_errSuccess."""
        return JET_errSuccess

    def forget(self) -> None:
        """Keep no runs: nobody will read for a while, and they are made again then."""
        with self._lock:
            self._run = NO_RUN
            self._runs.clear()
            self._kept = 0

    def _read_elsewhere(self, first: int, count: int) -> bytes | memoryview:
        """Return pages of which some are not in the run that was read last."""
        pieces: list[memoryview] = []
        while count > 0:
            start, _, run = self._turn_to(first, count)
            before = first - start
            piece = run[before * self.page_size : (before + count) * self.page_size]
            pieces.append(piece)
            first += piece.nbytes // self.page_size
            count -= piece.nbytes // self.page_size
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _turn_to(self, first: int, count: int) -> Run:
        """Return the run that holds page `first`, one of at least `count` pages if none does; it is the last one now."""
        run = self._runs.get(first)
        last_first, last_count, _ = self._run
        if run is None and first != last_first + last_count:  # whoever reads on comes to pages that nobody has read
            run = next((run for run in self._runs.values() if run[0] <= first < run[0] + run[1]), None)
        if run is None:
            run = self._runs[first] = self._next_run(first, count)
        self._run = run
        return run

    def _next_run(self, first: int, count: int) -> Run:
        """Return a new run from page `first` on, and forget the oldest ones if too much would be kept."""
        last_first, last_count, _ = self._run
        if first == last_first + last_count:
            most = min(2 * last_count, self.largest_run // self.page_size)
            count *= max(1, most // count)  # reads of one size then never end in the middle of a run
        self._kept += count * self.page_size
        while self._runs and self._kept > _KEPT:
            self._kept -= self._runs.pop(next(iter(self._runs)))[2].nbytes
        return first, count, shared(self._made(first, count))

    def _made(self, first: int, count: int) -> bytes | bytearray | memoryview:
        """Return the bytes of `count` pages from page `first` on."""
        raise NotImplementedError


class PatternPages(MadePages):
    """Pages without end in which every 8 bytes say which database, page and place they are.

    Page p of database `number`, 0 to 255, is the little-endian u64 values `(number << 56) | (p << 16) | i`, i = 0, 1, ...
    """

    __slots__ = ()

    def __init__(self, number: int, page_size: int = 4096) -> None:
        super().__init__(page_size, number)

    def _made(self, first: int, count: int) -> bytearray:
        """Return the bytes of `count` pages from page `first` on."""
        values = self.page_size // 8
        page = bytearray(_numbered(self.page_size))
        page[7::8] = bytes((self.number,)) * values
        last = first + count - 1
        differing = []
        for place, shift in ((2, 0), (3, 8), (4, 16), (5, 24)):
            if first >> shift != last >> shift:
                differing.append((place, shift))
            elif first >> shift & 0xFF:
                page[place::8] = bytes((first >> shift & 0xFF,)) * values
        run = page * count
        for place, shift in differing:
            run[place::8] = b"".join([bytes((pgno >> shift & 0xFF,)) * values for pgno in range(first, last + 1)])
        return run


class BytesPages:
    """Pages held in memory, without the file around them, and taken for good whatever their checksums."""

    __slots__ = ("_data", "header", "page_size")

    sound = True

    def __init__(
        self, data: bytes | bytearray | memoryview, page_size: int = 4096, header: bytes | None = None
    ) -> None:
        self._data = unchanging(data)
        #: The header page, None if the engine makes one.
        self.header = header
        #: Bytes in a page.
        self.page_size = page_size

    @property
    def last_page(self) -> int:
        """The number of the last page that is held."""
        return len(self._data) // self.page_size

    def read(self, first: int, count: int) -> bytes | memoryview:
        """Return the bytes of `count` pages from page `first` on; pages past the end are zero."""
        size = count * self.page_size
        start = (first - 1) * self.page_size
        pages = self._data[start : start + size]
        return pages if len(pages) == size else bytes(pages).ljust(size, b"\0")

    def check(self, first: int, count: int) -> int:  # noqa: ARG002 - they are all good
        """Return JET_errSuccess."""
        return JET_errSuccess


def stated_page_size(start: bytes) -> int:
    """Return the page size in bytes that a database file states in its first `HEADER_START` bytes; 0 there means 4096.

    Raises ValueError if they are not the start of a database.  Source: DBFILEHDR, daedef.hxx:2785.
    """
    page_size = int.from_bytes(start[236:240], "little") or 4096
    if len(start) < HEADER_START or start[4:8] != _MAGIC or page_size not in {4096, 8192, 16384, 32768}:
        raise ValueError("These are not the bytes of an ESE database")
    return page_size
