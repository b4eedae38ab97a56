# SPDX-License-Identifier: MIT
"""Columns: their types, how a value of each is stored in a record, and how it is stored in a key.

Keys are stored so that they compare as bytes; NULL comes before everything (fldnorm.cxx:448).
"""

from __future__ import annotations

import struct
import uuid
from typing import Any, Final, NamedTuple

#: The numbers of columns say how they are stored (daedef.hxx:212): in a place of its own in each record, ...
FIXED_FIRST: Final = 1
#: ... behind those, if there is a value, ...
VARIABLE_FIRST: Final = 128
#: ... or with its number beside it, if there is a value: columns that few records have, and long ones.
TAGGED_FIRST: Final = 256

#: Columns of text have a code page (jethdr.w): two bytes a character, or one.
UNICODE: Final = 1200
ASCII: Final = 1252

#: Flags of a column in the catalog (tdb.hxx:175): it must have a value; it counts up by itself.
NOT_NULL: Final = 0x1
AUTO_INCREMENT: Final = 0x4


class ColumnType(NamedTuple):
    """A type of columns: its number (JET_coltyp, jethdr.w), its name, and for a fixed one how it is packed."""

    number: int
    name: str
    code: str = ""

    @property
    def size(self) -> int:
        """Bytes of a value, 0 where they vary."""
        return struct.calcsize("<" + self.code)

    @property
    def is_long(self) -> bool:
        """Whether a value may lie outside its record."""
        return self.name in {"LongBinary", "LongText"}

    @property
    def is_integer(self) -> bool:
        """Whether values are whole numbers of 32 or 64 bits."""
        return self.code in {"i", "I", "q", "Q"}

    @property
    def is_text(self) -> bool:
        """Whether values are text."""
        return self.name in {"Text", "LongText"}


TYPES: Final = {
    kind.name: kind
    for kind in (
        ColumnType(1, "Bit", "B"),
        ColumnType(2, "UnsignedByte", "B"),
        ColumnType(3, "Short", "h"),
        ColumnType(4, "Long", "i"),
        ColumnType(5, "Currency", "q"),
        ColumnType(6, "IEEESingle", "f"),
        ColumnType(7, "IEEEDouble", "d"),
        ColumnType(8, "DateTime", "d"),
        ColumnType(9, "Binary"),
        ColumnType(10, "Text"),
        ColumnType(11, "LongBinary"),
        ColumnType(12, "LongText"),
        ColumnType(14, "UnsignedLong", "I"),
        ColumnType(15, "LongLong", "q"),
        ColumnType(16, "GUID", "16s"),
        ColumnType(17, "UnsignedShort", "H"),
        ColumnType(18, "UnsignedLongLong", "Q"),
    )
}
"""All types by name."""
TYPE_OF_NUMBER: Final = {kind.number: kind for kind in TYPES.values()}
"""All types by number."""

_SHORT_MOST: Final = 255  # bytes of a value of Binary and Text


class Column(NamedTuple):
    """A column of a table as its catalog has it."""

    name: str
    #: Its number: see `FIXED_FIRST` and its like.
    number: int
    type: ColumnType
    #: The most bytes that a value may have; 0 for long ones.
    size: int
    #: `NOT_NULL` and other flags.
    flags: int = 0
    #: Of text: `UNICODE` or `ASCII`.
    code_page: int = 0
    #: Where a fixed column lies in a record; 0 if the catalog does not say.
    offset: int = 0

    @property
    def is_fixed(self) -> bool:
        """Whether each record has room for it."""
        return self.number < VARIABLE_FIRST

    @property
    def is_tagged(self) -> bool:
        """Whether records that have no value have nothing of it."""
        return self.number >= TAGGED_FIRST

    def stored(self, value: Any) -> bytes:
        """Return a value as a record has it.

        Numbers, bool, bytes, str and `uuid.UUID` are what they are in Python; a date is the number of days since 1899-12-30.
        Raises TypeError, ValueError or struct.error for a value that the column cannot have.
        """
        kind = self.type
        if kind.name == "Bit":
            return b"\xff" if value else b"\0"
        if kind.name == "GUID":
            return bytes(value.bytes_le)
        if kind.code:
            return struct.pack("<" + kind.code, value)
        data = value.encode("utf-16-le" if self.code_page == UNICODE else "cp1252") if kind.is_text else bytes(value)
        if not kind.is_long and len(data) > (self.size or _SHORT_MOST):
            raise ValueError(
                f"{len(data)} bytes do not fit into column {self.name!r} of {self.size or _SHORT_MOST} bytes"
            )
        return data

    def value(self, data: bytes) -> Any:
        """Return the value that a record has as `data`; raises struct.error or ValueError if it is none."""
        kind = self.type
        if kind.name == "Bit":
            return data != b"\0"
        if kind.name == "GUID":
            return uuid.UUID(bytes_le=data)
        if kind.code:
            return struct.unpack("<" + kind.code, data)[0]
        if kind.is_text:
            return data.decode("utf-16-le" if self.code_page == UNICODE else "cp1252")
        return data

    def key(self, value: Any) -> bytes:
        """Return a value as a key has it: a byte that says that there is one, and bytes that compare as values do.

        ValueError: how Windows compares Unicode text is not known here.
        """
        return b"\0" if value is None else self.key_of_stored(self.stored(value))

    def key_of_stored(self, data: bytes) -> bytes:
        """Return a value that a record has as `data` as a key has it.  Raises as `key` does."""
        kind = self.type
        if kind.is_text and self.code_page == UNICODE:
            raise ValueError(f"Column {self.name!r} is of Unicode text, whose keys only Windows can make")
        if kind.is_text:
            return b"\x7f" + data.upper() + b"\0" if data else b"\x40"
        if not kind.code:
            return b"\x7f" + _chunks(data) if data else b"\x40"
        if kind.name == "GUID":
            return b"\x7f" + data[10:] + data[8:10] + data[6:8] + data[4:6] + data[:4]
        number = int.from_bytes(data, "little")
        top = 1 << 8 * len(data) - 1
        if kind.code in {"f", "d"}:
            number ^= top * 2 - 1 if number & top else top
        elif kind.code in {"h", "i", "q"}:
            number ^= top
        return b"\x7f" + number.to_bytes(len(data), "big")


def _chunks(data: bytes) -> bytes:
    """Return bytes of any length as a key has them: in eights, with a 9 behind all but the last, which counts (fldnorm.cxx:243)."""
    pieces = [data[at : at + 8] for at in range(0, len(data), 8)]
    return b"\x09".join(piece.ljust(8, b"\0") for piece in pieces) + bytes((len(pieces[-1]),))
