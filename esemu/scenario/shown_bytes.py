# SPDX-License-Identifier: MIT
"""What a result says of bytes that were read: which pages of a modelled database they are, or the sum of a piece of a log."""

from __future__ import annotations

import struct
import zlib
from typing import Any, Final

from esemu.formats.checksum import page_number
from esemu.formats.stream import Trailer

HEADER_MAGIC: Final = 0x89ABCDEF
"""le_ulMagic of a database header, at byte 4 (DBFILEHDR, daedef.hxx:2785)."""

FLAGS: Final = 36
NEW_CHECKSUM: Final = 0x2000
"""fPageNewChecksumFormat, and where flags are in a page (checksumu.cxx:103).  A segment of a log has this flag alone."""


def show_bytes(data: bytes, page_size: int, result: dict[str, Any]) -> None:
    """Tell what bytes are: pages of a database, of which each names itself, or a piece of a log.

    Pages are `PatternPages`, or real ones, whose checksum holds for one number.
    """
    whole = len(data) - len(data) % page_size
    pages = [data[at : at + page_size] for at in range(0, whole, page_size)]
    kinds = [_kind(page) for page in pages]
    if len(data) % page_size or not all(kinds):
        result["crc"] = zlib.crc32(data)
        return
    layout: list[Any] = []
    numbered = zlib.crc32(b"")
    for seen, page in zip(kinds, pages, strict=True):
        unnamed = seen == "zeros" and layout and isinstance(layout[-1], list)  # a page that was never written
        kind = layout[-1][1] + 1 if unnamed else seen
        if not isinstance(kind, int):
            layout.append(kind)
            continue
        numbered = zlib.crc32(page, numbered)
        result["crc_pages"] = numbered
        if layout and isinstance(layout[-1], list):
            layout[-1][1] = kind
        else:
            layout.append([kind, kind])
    if "trailer" in layout:
        result["trailer"] = _trailer(pages[-1])
    result["layout"] = layout


def _kind(page: bytes) -> int | str:
    """Return what a page of a stream is: its number, "header", "trailer", or "zeros"; 0 for a piece of a log."""
    first, second = struct.unpack_from("<QQ", page)
    if first >> 56 and second == first + 1:
        return 0 if first >> 56 >= 0xA5 else (first >> 16) & 0xFFFFFFFF
    if first >> 32 == HEADER_MAGIC:
        return "header"
    if not first >> 32 and not second:  # only a trailer has nothing where the header of a page would be
        return "trailer" if first else "zeros"
    (flags,) = struct.unpack_from("<I", page, FLAGS)
    return (page_number(page, len(page)) or 0) if flags & NEW_CHECKSUM and flags != NEW_CHECKSUM else 0


def _trailer(page: bytes) -> dict[str, int]:
    found = Trailer.parse(page)
    return {
        "genLow": found.bkinfo.gen_low,
        "genHigh": found.bkinfo.gen_high,
        "mark": found.bkinfo.mark.generation,
        "minreq": found.gen_min_required,
        "maxreq": found.gen_max_required,
        "maxcommitted": found.gen_max_committed,
    }
