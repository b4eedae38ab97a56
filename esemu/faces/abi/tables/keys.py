# SPDX-License-Identifier: MIT
"""Keys of indexes: bytes that compare as rows do (`esemu.formats.columns`), whole ones of rows and those of JetMakeKey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from esemu.formats.columns import UNICODE
from esemu.vocabulary import table_numbers as bits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from esemu.faces.abi.tables.model import Column

LAST: Final = b"\xff" * 2048
"""What stands behind every key."""

LIMIT: Final = b"\xff"
"""What a key ends with that stands behind all that begin with it."""

NULL: Final = b"\0"
NULL_HIGH: Final = b"\xc0"
"""How no value at all lies in a key, before all values or behind them (fldnorm.cxx:20)."""

ALL_NULL: Final = bits.JET_bitIndexIgnoreNull
ANY_NULL: Final = bits.JET_bitIndexIgnoreAnyNull
FIRST_NULL: Final = bits.JET_bitIndexIgnoreFirstNull

FULL: Final = bits.JET_bitFullColumnStartLimit | bits.JET_bitFullColumnEndLimit
PARTIAL: Final = bits.JET_bitPartialColumnStartLimit | bits.JET_bitPartialColumnEndLimit | bits.JET_bitSubStrLimit
END: Final = (
    bits.JET_bitFullColumnEndLimit | bits.JET_bitPartialColumnEndLimit | bits.JET_bitStrLimit | bits.JET_bitSubStrLimit
)


class Segment(NamedTuple):
    """A column of an index, and whether its highest value comes first."""

    column: Column
    descending: bool


def no_entry(grbit: int, segments: Sequence[Segment], row: Mapping[int, bytes | None]) -> bool:
    """Return whether an index has no entry of a row, because of values that are NULL."""
    null = [row[segment.column.id] is None for segment in segments]
    return bool(
        (grbit & ALL_NULL and all(null)) or (grbit & ANY_NULL and any(null)) or (grbit & FIRST_NULL and null[0])
    )


def key_of_row(segments: Sequence[Segment], row: Mapping[int, bytes | None], grbit: int = 0) -> bytes:
    """Return the key of a row."""
    return b"".join(segment_key(segment, row[segment.column.id], grbit) for segment in segments)


def segment_key(segment: Segment, value: bytes | None, index: int = 0, part: bool = False) -> bytes:
    """Return what a value is in a key; with `part` what all values that begin with it begin with."""
    form = segment.column.format
    if value is None:
        made = NULL_HIGH if index & bits.JET_bitIndexSortNullsHigh else NULL
    elif form.type.is_text and form.code_page == UNICODE:
        # Only Windows knows its own order; this one has upper and lower case alike, and letters by their numbers.
        text = value.decode("utf-16-le", "replace").upper()
        made = b"\x7f" + text.encode("utf-16-be") + b"\0\0" if text else b"\x40"
    else:
        made = form.key_of_stored(value)
    if part and value:
        made = _beginning(made, value, segment)
    return bytes(255 - byte for byte in made) if segment.descending else made


def _beginning(made: bytes, value: bytes, segment: Segment) -> bytes:
    """Return a key without what marks the end of the value."""
    form = segment.column.format
    if form.type.is_text:
        return made[: -2 if form.code_page == UNICODE else -1]
    if form.type.code:
        return made
    last = len(value) % 8 or 8
    return made[: -1 - (8 - last)]


def made_key(segment: Segment, value: bytes | None, grbit: int, index: int) -> bytes:
    """Return what JetMakeKey adds to a key."""
    made = segment_key(segment, value, index, part=bool(grbit & PARTIAL))
    return made + LIMIT if grbit & END else made
