# SPDX-License-Identifier: MIT
"""Pages of a real database file (.edb) of the host, verified as the engine verifies them when it backs them up.

The file is opened when it is first asked for and never written.
"""

from __future__ import annotations

from pathlib import Path
from threading import RLock
from weakref import finalize

from esemu.formats.space import SYSTEM_ROOT, owned_extents
from esemu.world.page_verification import verified
from esemu.world.pages import HEADER_PAGES, HEADER_START, stated_page_size
from esemu.world.views import shared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike
    from types import TracebackType
    from typing import BinaryIO, Self


class FilePages:
    """The pages of the database file `path`, up to page `last_page`, by default the last that the database owns.

    A page with a single flipped bit is delivered repaired, one with worse damage as it is.  Pages past the end are zero.
    Use it in a `with` statement, or call `close`, or leave that to the garbage collector.  Everything but `close` may
    raise OSError, and ValueError for a file that is no ESE database.
    """

    sound = False

    __slots__ = ("__weakref__", "_checked", "_close", "_file", "_header", "_last_page", "_lock", "_page_size", "path")

    def __init__(self, path: str | PathLike[str], last_page: int | None = None) -> None:
        self._file: BinaryIO | None = None
        self._close: Callable[[], object]  # the file: called when there is no use for it any more
        self._header = b""
        self._last_page = last_page
        self._page_size = 0
        # The pages that were checked last: the first one, and their bytes.
        self._checked = (0, shared(b""))
        self._lock = RLock()  # of the file, which has one position for all threads
        #: The file on the host.
        self.path = Path(path)

    @property
    def page_size(self) -> int:
        """Bytes in a page, as the header says."""
        self._open()
        return self._page_size

    @property
    def header(self) -> bytes:
        """The first page of the file."""
        self._open()
        return self._header

    @property
    def last_page(self) -> int:
        """The number of the last page that is delivered: files are often longer than their databases (backup.cxx:2359)."""
        if self._last_page is None:
            with self._lock:
                end = self._open().seek(0, 2) // self._page_size - HEADER_PAGES
                self._last_page = min(end, self._last_owned(end))
        return self._last_page

    def _last_owned(self, end: int) -> int:
        """Return the number of the last page that the root of the database says to own, `end` if that cannot be read."""

        def read(pgno: int) -> bytearray:
            return self._verified(pgno, 1, end)[0]

        try:
            return max(extent.last for extent in owned_extents(read, SYSTEM_ROOT))
        except ValueError:
            return end

    def check(self, first: int, count: int) -> int:
        """Read `count` pages from page `first` on and return the error of the first bad one, 0 if there is none.

        Good and repaired pages are kept for the `read` that follows; after an error the next attempt reads the file
        again, as the engine does.  Source: io.cxx:6787-6860.
        """
        pages, error = self._verified(first, count, self.last_page)
        self._checked = (first, shared(b"" if error else pages))
        return error

    def read(self, first: int, count: int) -> memoryview:
        """Return the bytes of `count` pages from page `first` on, without a copy if they were the last to be checked."""
        size = self.page_size
        checked_first, checked = self._checked
        start = (first - checked_first) * size
        if start < 0 or start + count * size > checked.nbytes:
            return memoryview(self._verified(first, count, self.last_page)[0]).toreadonly()
        return checked[start : start + count * size]

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        if self._file is not None:
            self._close()
            self._file = None

    def __enter__(self) -> Self:
        """Return the pages."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def _open(self) -> BinaryIO:
        """Return the open file; the first time, learn the page size and the header."""
        with self._lock:
            if self._file is None:
                self._file = self._open_file()
                self._close = finalize(self, self._file.close)  # before a collector may find the open file, and warn
            if not self._page_size:
                size = stated_page_size(self._file.read(HEADER_START))
                self._file.seek(0)
                self._header = self._file.read(size)
                self._page_size = size
            return self._file

    def _open_file(self) -> BinaryIO:
        """Return the file, just opened."""
        return self.path.open("rb", buffering=0)

    def _verified(self, first: int, count: int, last: int) -> tuple[bytearray, int]:
        """Return pages up to page `last`, repaired where that is possible, and the error of the first that is bad."""
        with self._lock:
            file, size = self._open(), self._page_size
            wanted = max(0, min(count, last + 1 - first)) * size
            file.seek((first - 1 + HEADER_PAGES) * size)
            pages = bytearray(file.read(wanted).ljust(count * size, b"\0"))
        found = verified(pages, first, size)
        for pgno, page in found.repaired.items():
            pages[(pgno - first) * size : (pgno - first + 1) * size] = page
        return pages, found.error
