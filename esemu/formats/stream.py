# SPDX-License-Identifier: MIT
"""The parts of a streamed database that are in no file: its header as of the start of the backup, and its trailer.

JetReadFileInstance hands out the header twice, pages 1 to the last, and the trailer page. The header says where in the
log the backup began, the trailer where it ended: recovery needs all generations between them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from esemu.formats.checksum import header_error, set_header_checksum, xor_checksum
from esemu.formats.database_header import VERSION_LOWER_MIN_REQUIRED, DatabaseHeader
from esemu.formats.layout import U32, Field, Layout, Raw
from esemu.formats.structures import BKINFO, LOGTIME, SIGNATURE, Bkinfo, Lgpos, Logtime
from esemu.vocabulary.errors import (
    JET_errBadPatchPage,
    JET_errDatabasePatchFileMismatch,
    JET_errSuccess,
)

if TYPE_CHECKING:
    from esemu.formats.checksum import Buffer


class Trailer(Layout):
    """The last page of a streamed database, PATCHHDR: 148 bytes, the rest of the page is zero (cpage.hxx:1680)."""

    __slots__ = ()

    checksum = Field(0, U32, "m_hdrNormalPage.checksum")  # of a header, so only four bytes of it
    rest_of_page_header = Field(4, Raw(36), "m_hdrNormalPage")
    bkinfo = Field(40, BKINFO, "bkinfo")
    sign_db = Field(64, SIGNATURE, "signDb")
    sign_log = Field(92, SIGNATURE, "signLog")
    gen_min_required = Field(120, U32, "lgenMinReq")
    gen_max_required = Field(124, U32, "lgenMaxReq")
    gen_max_committed = Field(128, U32, "lgenMaxCommitted")
    logtime_gen_max_required = Field(132, LOGTIME, "logtimeGenMaxRequired")
    logtime_gen_max_committed = Field(140, LOGTIME, "logtimeGenMaxCommitted")


def header_copy(
    header: DatabaseHeader | Buffer, *, mark: Lgpos, mark_time: Logtime, gen_low: int, page_size: int
) -> bytes:
    """Return the header page that the stream begins with, twice: `header` as it is when the file is opened.

    Its `bkinfo_full_cur` becomes the mark of this backup, when that was logged and `gen_low`, the first generation of
    the backup set; the last is not known yet, 0. The checksum is redone. Source: backup.cxx:2325-2338.
    """
    page = bytearray(header.data if isinstance(header, DatabaseHeader) else header).ljust(page_size, b"\0")
    field = DatabaseHeader.bkinfo_full_cur
    field.kind.write(page, field.offset, Bkinfo(mark, mark_time, gen_low, 0))
    set_header_checksum(page)
    return bytes(page)


def trailer(header: DatabaseHeader, *, mark: Lgpos, mark_time: Logtime, gen_low: int, gen_current: int) -> bytes:
    """Return the page that ends the stream: `header` as it is when the last page has been read.

    `mark`, `mark_time` and `gen_low` are those of `header_copy`; `gen_current` is the generation being written now.
    Only from format 1568.160.360 on, the trailer says which generations the database requires, and the backup set
    then ends no earlier than the last committed one. Source: backup.cxx:4627-4702.
    """
    made = Trailer(sign_db=header.sign_db, sign_log=header.sign_log)
    if header.format_version >= VERSION_LOWER_MIN_REQUIRED:
        made.gen_min_required = header.gen_min_required
        made.gen_max_required = header.gen_max_required
        made.gen_max_committed = header.gen_max_committed
        made.logtime_gen_max_required = header.logtime_gen_max_required
        made.logtime_gen_max_committed = header.logtime_gen_max_create
    made.bkinfo = Bkinfo(mark, mark_time, gen_low, max(gen_current, made.gen_max_committed))
    made.checksum = xor_checksum(made.data)
    return bytes(made.data).ljust(header.page_size, b"\0")


def parse_trailer(page: Buffer) -> Trailer:
    """Return the trailer in `page`, whatever it holds; `trailer_error` says whether it is one."""
    return Trailer.parse(page)


def trailer_error(page: Buffer, header: DatabaseHeader) -> int:
    """Return 0 if `page` is the trailer that belongs to the streamed `header`, else the error of restore.

    JET_errBadPatchPage: the checksum does not fit (db.cxx:3632). JET_errDatabasePatchFileMismatch: it is another
    database's, log stream's or backup's, or no last generation is in it (db.cxx:3685).
    """
    if header_error(page) != JET_errSuccess:
        return JET_errBadPatchPage
    found = parse_trailer(page)
    belongs = (found.sign_db, found.sign_log) == (header.sign_db, header.sign_log)
    if not belongs or found.bkinfo.gen_high == 0 or found.bkinfo.mark != header.bkinfo_full_cur.mark:
        return JET_errDatabasePatchFileMismatch
    return JET_errSuccess
