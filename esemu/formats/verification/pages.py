# SPDX-License-Identifier: MIT
"""Every page of a saved database, read once from the first to the last: checksums, numbers, and what the page says of itself.

A good run of pages costs the checksum and nothing else; what is wrong with a bad page is asked only then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.formats.checksum import PGNO_OFFSET, SMALL_PAGE_MOST, page_error, page_number, repair, unsound_pages
from esemu.formats.page_check import page_problem
from esemu.formats.verification import checks
from esemu.formats.verification.files import whole
from esemu.formats.verification.findings import Place

if TYPE_CHECKING:
    from esemu.formats.verification.databases import Database
    from esemu.formats.verification.findings import Findings

_RUN: Final = 1 << 20
"""Bytes that are read at once, a multiple of every page size."""
_ZEROS: Final = bytes(_RUN)


def check_pages(database: Database, findings: Findings) -> bool:
    """Check all pages; return whether nothing was found. Raises OSError."""
    file, page_size = database.file, database.page_size
    end = (database.pages + 2) * page_size
    offset = 2 * page_size
    sound = True
    while (offset := database.next_data(offset)) < end:
        count = min(_RUN, end - offset)
        run = bytes(whole(file.read(offset, count), count))
        if run != _ZEROS[: len(run)]:
            sound = _check_run(run, offset // page_size - 1, database, findings) and sound
        offset += len(run)
    return sound


def _check_run(run: bytes, first: int, database: Database, findings: Findings) -> bool:
    """Check pages from page `first` on; return whether nothing was found."""
    name, page_size = database.file.name, database.page_size
    view = memoryview(run)
    sound = True
    unsound = set(unsound_pages(run, first, page_size))
    for pgno, at in enumerate(range(0, len(run), page_size), first):
        page = view[at : at + page_size]
        if pgno in unsound:
            sound = False
            _report(bytes(page), pgno, database, findings)
        elif (problem := page_problem(page)) is not None:
            sound = False
            findings.add(checks.PAGE_CONTENT, name, f"{problem}.", Place("page", pgno, pgno))
    return sound


def _report(page: bytes, pgno: int, database: Database, findings: Findings) -> None:
    """Say what is wrong with a page whose checksums do not hold for its number."""
    name, page_size, place = database.file.name, database.page_size, Place("page", pgno, pgno)
    number = page_number(page, page_size)
    if number == pgno:
        stated = int.from_bytes(page[PGNO_OFFSET : PGNO_OFFSET + 4], "little")
        findings.add(checks.PAGE_NUMBER, name, f"It states that it is page {stated}.", place)
    elif number is not None and _is_page(page, number, database):
        further = number - pgno
        direction = "further on" if further > 0 else "further back"
        findings.add(checks.PAGE_MISPLACED, name, f"Here is the page that belongs {abs(further)} {direction}.", place)
    elif (repaired := repair(page, pgno, page_size)) is not None and not page_error(repaired, pgno, page_size):
        bits = sum((a ^ b).bit_count() for a, b in zip(page, repaired, strict=True))
        what = "One bit has flipped" if bits == 1 else f"{bits} bits have flipped, each in another block"
        findings.add(checks.PAGE_BIT, name, f"{what}, which the engine repairs.", place)
    else:
        findings.add(
            checks.PAGE_CHECKSUM, name, "Its checksum does not hold, neither for this page nor another.", place
        )


def _is_page(page: bytes, number: int, database: Database) -> bool:
    """Return whether the checksums hold because this is page `number`, and not because the checksum itself is damaged."""
    if database.page_size > SMALL_PAGE_MOST:
        return int.from_bytes(page[PGNO_OFFSET : PGNO_OFFSET + 4], "little") == number
    return 0 < number <= 2 * database.pages + 2
