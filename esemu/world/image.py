# SPDX-License-Identifier: MIT
"""Pages of a whole database file that is held in memory, verified as the engine verifies them when it backs them up.

Bytes do not change, so each page is verified once, when it is first read.
"""

from __future__ import annotations

from esemu.vocabulary.errors import JET_errSuccess
from esemu.world.pages import HEADER_PAGES, HEADER_START, BytesPages, stated_page_size
from esemu.world.views import shared


class ImagePages(BytesPages):
    """The pages in the bytes of a database file: two header pages, then page 1.

    A page with a single flipped bit is delivered repaired, one with worse damage as it is, and reading it fails.
    Raises ValueError if the bytes are no database: see `stated_page_size`.
    """

    __slots__ = ("_good", "_repaired")

    sound = False

    def __init__(self, image: bytes | bytearray | memoryview) -> None:
        page_size = stated_page_size(bytes(memoryview(image).cast("B")[:HEADER_START]))
        super().__init__(image, page_size)
        self.header = bytes(self._data[:page_size])
        self._data = shared(self._data[HEADER_PAGES * page_size :])
        self._good = bytearray(self.last_page)  # 1 for each page that was verified
        self._repaired: dict[int, bytes] = {}

    def read(self, first: int, count: int) -> bytes | memoryview:
        """Return the bytes of `count` pages from page `first` on, without a copy if none of them had to be repaired."""
        self.check(first, count)
        pages = super().read(first, count)
        here = [pgno for pgno in list(self._repaired) if first <= pgno < first + count]
        if not here:
            return pages
        made = bytearray(pages)
        for pgno in here:
            start = (pgno - first) * self.page_size
            made[start : start + self.page_size] = self._repaired[pgno]
        return bytes(made)

    def check(self, first: int, count: int) -> int:
        """Return the error of the first page that is bad, JET_errSuccess if there is none."""
        last = min(first + count - 1, self.last_page)
        start = self._good.find(0, first - 1, last)
        if start < 0:
            return JET_errSuccess
        from esemu.world.page_verification import verified  # noqa: PLC0415 - few programs have real files

        end = self._good.rfind(0, start, last) + 1
        found = verified(super().read(start + 1, end - start), start + 1, self.page_size)
        self._repaired.update(found.repaired)
        self._good[start:end] = bytes(pgno not in found.bad for pgno in range(start + 1, end + 1))
        return found.error
