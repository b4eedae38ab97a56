# SPDX-License-Identifier: MIT
"""Pages of a real database, verified as the engine verifies what it reads for a backup: a flipped bit is repaired, the rest is an error.

Where the pages come from, and how often they are looked at, is up to their sources: `database_file` and `image`.
"""

from __future__ import annotations

from typing import NamedTuple

from esemu.formats.checksum import page_error, repair, unsound_pages
from esemu.vocabulary.errors import JET_errSuccess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from esemu.formats.checksum import Buffer


class Verified(NamedTuple):
    """What was found in a run of pages."""

    #: What is delivered instead of pages in which bits have flipped, by their numbers.
    repaired: dict[int, bytes]
    #: The errors of pages that are beyond repair, by their numbers, in their order.
    bad: dict[int, int]

    @property
    def error(self) -> int:
        """The error that a read of the run ends with: that of the first bad page, JET_errSuccess if there is none."""
        return next(iter(self.bad.values()), JET_errSuccess)


def verified(pages: Buffer, first: int, page_size: int) -> Verified:
    """Verify pages, of which the first is number `first` (io.cxx:6787-6860)."""
    found = Verified({}, {})
    for pgno in unsound_pages(pages, first, page_size):
        page = bytes(pages[(pgno - first) * page_size : (pgno - first + 1) * page_size])
        repaired = repair(page, pgno, page_size)
        if repaired is not None and not page_error(repaired, pgno, page_size):
            found.repaired[pgno] = repaired
        else:
            found.bad[pgno] = page_error(page, pgno, page_size)
    return found
