# SPDX-License-Identifier: MIT
"""The header of a saved database, the state that it is in, and the trailer: what a restore looks at before any page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from esemu.formats.checksum import BLOCK_SIZE, HEADER_SEED, header_error, page_number
from esemu.formats.database_header import FILETYPE_DATABASE, DatabaseHeader
from esemu.formats.stream import Trailer
from esemu.formats.verification import checks
from esemu.formats.verification.files import whole

if TYPE_CHECKING:
    from esemu.formats.checksum import Buffer
    from esemu.formats.verification.checks import Check
    from esemu.formats.verification.files import SavedFile
    from esemu.formats.verification.findings import Findings

_OLDEST_VERSION: Final = 0x620  # ulDAEVersionESE97, daedef.hxx:2526
_HEADERS: Final = 2
_EXTRA_PAGES: Final = _HEADERS + 1  # and a trailer, where the file comes out of a backup

#: What may be wrong with a state (jethdr.w:5406); 2, 3 and 7 are fit for a restore.
_STATES: Final[dict[int, tuple[Check, str]]] = {
    1: (checks.DATABASE_CREATED, "The database was just being created (state 1)."),
    6: (checks.DATABASE_RESEED, "An incremental reseed was under way (state 6)."),
    8: (checks.DATABASE_REVERT, "A revert was under way (state 8)."),
}
_GOOD_STATES: Final = {2, 3, 7}


@attrs.define
class Database:
    """A saved database whose header can be read."""

    file: SavedFile
    header: DatabaseHeader
    #: Bytes in the file.
    size: int
    #: None if the last page is none.
    trailer: Trailer | None = None
    #: How far dbtimes had been counted, at least, when the backup began; the header says how far when it was saved.
    dbtime_at_begin: int = attrs.field(init=False)

    @dbtime_at_begin.default
    def _dbtime_in_header(self) -> int:
        return self.header.dbtime_dirtied

    @property
    def page_size(self) -> int:
        """Bytes in a page."""
        return self.header.page_size

    @property
    def pages(self) -> int:
        """The number of pages, headers and trailer not counted, which is also that of the last page."""
        extra = _EXTRA_PAGES if self.gen_low else _HEADERS
        return max(0, self.size // self.page_size - extra)

    @property
    def gen_low(self) -> int:
        """The first log generation of the backup, 0 if it is unknown."""
        return self.header.bkinfo_full_cur.gen_low

    @property
    def gen_high(self) -> int:
        """The last log generation of the backup, 0 if it is unknown."""
        patched = self.header.bkinfo_full_cur.gen_high
        return patched or (self.trailer.bkinfo.gen_high if self.trailer else 0)

    def page(self, pgno: int, count: int) -> Buffer:
        """Return the first `count` bytes of a page. Raises OSError."""
        return whole(self.file.read((pgno + 1) * self.page_size, count), count)

    def next_data(self, offset: int) -> int:
        """Return where pages are to be read again: what lies in a hole of the file is zero, and so are the pages there."""
        data = self.file.data_from(offset)
        return data - data % self.page_size

    def has_old_page_behind(self, pgno: int) -> bool:
        """Return whether a page behind page `pgno` has bytes, and was not changed since the backup began. Raises OSError."""
        size = self.page_size
        offset, end = (pgno + _HEADERS) * size, (self.pages + _HEADERS) * size
        while (offset := self.next_data(offset)) < end:
            page = whole(self.file.read(offset, size), size)
            if int.from_bytes(page[8:16], "little") <= self.dbtime_at_begin and any(page):
                return True
            offset += size
        return False


def opened(file: SavedFile, findings: Findings) -> Database | None:
    """Return the database in a file, None if it has no header that a restore takes. Raises OSError.

    The header is searched as the engine does it: a copy is good if its checksum is right over the page size that it
    states (fileu.cxx:195-375).
    """
    size = file.size
    copies = {page_size: _good_copies(file, page_size) for page_size in BLOCK_SIZE if page_size <= size}
    first = next((pair[0] for pair in copies.values() if pair[0]), None)
    second = next((pair[1] for pair in copies.values() if pair[1]), None)
    elected = first or second
    if elected is None:
        findings.add(checks.DATABASE_HEADER, file.name, _why_no_header(file.read(0, 4096)))
        return None
    if first is None:
        findings.add(checks.HEADER_COPY, file.name, "The first copy of the header is damaged.")
    elif second is None:
        findings.add(checks.HEADER_COPY, file.name, "The second copy of the header is damaged.")
    elif first != second:
        findings.add(checks.HEADER_COPY, file.name, "The copies of the header differ.")
    return Database(file, DatabaseHeader.parse(elected), size)


def _good_copies(file: SavedFile, page_size: int) -> tuple[bytes | None, bytes | None]:
    """Return the two copies of the header, each None if it is not good for pages of this size."""
    copies = (bytes(file.read(0, page_size)), bytes(file.read(page_size, page_size)))
    first, second = (copy if _good(copy, page_size) else None for copy in copies)
    return first, second


def _good(page: bytes, page_size: int) -> bool:
    if len(page) < page_size or (int.from_bytes(page[236:240], "little") or 4096) != page_size:
        return False
    return header_error(page) == 0


def _why_no_header(start: Buffer) -> str:
    """Return what is wrong with a file that has no good header."""
    if not start:
        return "The file is empty."
    if len(start) < DatabaseHeader.SIZE:
        return f"The file ends within its header, after {len(start)} bytes."
    if int.from_bytes(start[4:8], "little") != HEADER_SEED:
        return "The file does not begin with the header of a database, and its second page is none either."
    stated = int.from_bytes(start[236:240], "little")
    if stated not in {0, *BLOCK_SIZE}:
        return f"Both copies of the header are damaged; the first states pages of {stated} bytes."
    return "Both copies of the header are damaged."


def check_header(database: Database, findings: Findings) -> None:
    """Check what the header says of the file and of the state that it is in."""
    header, name = database.header, database.file.name
    if header.magic != HEADER_SEED or header.version < _OLDEST_VERSION:
        findings.add(checks.DATABASE_VERSION, name, f"The header states version {header.version:#x}.")
    if header.attributes != 0 or header.filetype not in {0, FILETYPE_DATABASE}:
        findings.add(
            checks.DATABASE_KIND, name, f"The header states attribute {header.attributes}, file type {header.filetype}."
        )
    if header.dbstate not in _GOOD_STATES:
        check, message = _STATES.get(header.dbstate, (checks.DATABASE_STATE, f"The state is {header.dbstate}."))
        findings.add(check, name, message)
    backup = header.bkinfo_full_cur
    if backup.gen_low == 0:
        findings.add(checks.NOT_A_BACKUP, name, "No backup is noted in the header: it is a copy of a database's file.")
    elif backup.gen_high:
        findings.add(checks.RESTORED_ALREADY, name, "A restore has already put the trailer into the header.")
    if 0 < header.gen_min_required < backup.gen_low:
        findings.add(
            checks.HEADER_GENERATIONS,
            name,
            f"The backup begins with generation {backup.gen_low}, and the database requires {header.gen_min_required}.",
        )


def check_trailer(database: Database, findings: Findings) -> None:
    """Check the length of the file and the trailer, as far as a restore would look at one. Raises OSError."""
    header, name, page_size = database.header, database.file.name, database.page_size
    if database.size < _EXTRA_PAGES * page_size:
        findings.add(checks.DATABASE_SHORT, name, f"The file has {database.size} bytes, less than three pages.")
        return
    rest = database.size % page_size
    if rest:
        findings.add(checks.DATABASE_CUT, name, f"The file ends {page_size - rest} bytes before the end of a page.")
    if header.bkinfo_full_cur.gen_low == 0 or header.bkinfo_full_cur.gen_high:
        return
    page = whole(database.file.read(database.size - page_size, page_size), page_size)
    if header_error(page):
        findings.add(checks.TRAILER_BAD, name, _why_no_trailer(page, database))
        return
    found = Trailer.parse(page)
    wrong = [
        text
        for text, holds in (
            ("another database", found.sign_db == header.sign_db),
            ("another log stream", found.sign_log == header.sign_log),
            ("another backup", found.bkinfo.mark == header.bkinfo_full_cur.mark),
        )
        if not holds
    ]
    if wrong:
        findings.add(checks.TRAILER_MISMATCH, name, f"The trailer is that of {' and '.join(wrong)}.")
        return
    database.trailer = found
    if found.bkinfo.gen_high == 0:
        findings.add(checks.TRAILER_MISMATCH, name, "The trailer does not say with which generation the backup ends.")
    elif not _in_order(found, header.bkinfo_full_cur.gen_low):
        findings.add(checks.TRAILER_GENERATIONS, name, f"The trailer's generations contradict each other: {found}")


def _why_no_trailer(page: Buffer, database: Database) -> str:
    """Return what is in the place of the trailer."""
    last = database.pages + 1
    if database.size % database.page_size == 0 and page_number(page, database.page_size) == last:
        return f"The file ends with page {last}, and no trailer."
    return "The last page is no trailer, or a damaged one."


def _in_order(trailer: Trailer, gen_low: int) -> bool:
    """Return whether the generations that a trailer has do not decrease; 0 means unknown (backup.cxx:4641)."""
    low, high = trailer.bkinfo.gen_low, trailer.bkinfo.gen_high
    given = (low, trailer.gen_min_required, trailer.gen_max_required, trailer.gen_max_committed, high)
    known = [generation for generation in given if generation]
    return low == gen_low and known == sorted(known)
