# SPDX-License-Identifier: MIT
"""Records, the data of a table's leaf nodes: fixed columns, variable ones with where they end, tagged ones with their numbers.

A record goes only as far as its last column that has a value; it is its reader who knows how large the fixed ones are.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from esemu.formats.checksum import SMALL_PAGE_MOST
from esemu.formats.columns import FIXED_FIRST, TAGGED_FIRST, VARIABLE_FIRST, Column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HEADER: Final = struct.Struct("<BBH")  # RECHDR: last fixed, last variable column, end of the fixed part (rec.hxx:296)
_TAG: Final = struct.Struct("<HH")  # TAGFLD (tagfld.hxx:149)
_U16: Final = struct.Struct("<H")

#: Bits of a tagged column's offset: the column belongs to a template, has a header byte (small pages), is NULL (small pages).
DERIVED: Final = 0x8000
_HAS_HEADER: Final = 0x4000
_NULL: Final = 0x2000
#: Bits of its header byte (tagfld.hxx:46); large pages always have one.
LONG: Final = 0x01
SEPARATED: Final = 0x04
_FILLER: Final = b"*"  # what lies in the place of a fixed column without a value


class Fixed(NamedTuple):
    """What lies in the place of a fixed column, and whether that is its value."""

    data: bytes
    is_null: bool = False


class Tagged(NamedTuple):
    """A tagged column: its number, its bytes, its header byte (None without one) and the flags beside its offset."""

    number: int
    data: bytes
    header: int | None = None
    flags: int = 0


class Record(NamedTuple):
    """A record, taken apart: columns 1, 2 ..., columns 128, 129 ... (None where there is no value), and the tagged ones."""

    fixed: tuple[Fixed, ...] = ()
    variable: tuple[bytes | None, ...] = ()
    tagged: tuple[Tagged, ...] = ()

    @classmethod
    def parse(cls, data: bytes, sizes: Sequence[int], page_size: int) -> Self:
        """Return the record in `data`, of a table whose fixed columns have these `sizes`, in order.

        ValueError: it is none. Columns behind the last one in the record have no value.
        """
        try:
            return cls._parse(data, sizes, page_size <= SMALL_PAGE_MOST)
        except (struct.error, IndexError, ValueError) as error:
            raise ValueError(f"These {len(data)} bytes are no record: {error}") from error

    @classmethod
    def _parse(cls, data: bytes, sizes: Sequence[int], small: bool) -> Self:
        last_fixed, last_variable, fixed_end = _HEADER.unpack_from(data)
        nulls = int.from_bytes(data[fixed_end - (last_fixed + 7) // 8 : fixed_end], "little")
        fixed, at = [], _HEADER.size
        for number in range(last_fixed):
            fixed.append(Fixed(data[at : at + sizes[number]], bool(nulls >> number & 1)))
            at += sizes[number]
        count = max(0, last_variable - VARIABLE_FIRST + 1)
        start = fixed_end + 2 * count
        variable: list[bytes | None] = []
        begin = 0
        for number in range(count):
            (end,) = _U16.unpack_from(data, fixed_end + 2 * number)
            variable.append(None if end & 0x8000 else data[start + begin : start + (end & 0x7FFF)])
            begin = end & 0x7FFF
        return cls(tuple(fixed), tuple(variable), tuple(_tagged(data[start + begin :], small)))

    def to_bytes(self, page_size: int) -> bytes:
        """Return the record as pages of this size have it."""
        nulls = sum(1 << number for number, value in enumerate(self.fixed) if value.is_null)
        bitmap_size = (len(self.fixed) + 7) // 8
        nulls |= (1 << 8 * bitmap_size) - (1 << len(self.fixed))  # bits that belong to no column are set
        fixed = b"".join(value.data for value in self.fixed) + nulls.to_bytes(bitmap_size, "little")
        ends, end = [], 0
        for value in self.variable:
            end += len(value or b"")
            ends.append(_U16.pack(end if value is not None else end | 0x8000))
        header = _HEADER.pack(len(self.fixed), VARIABLE_FIRST + len(ends) - 1, _HEADER.size + len(fixed))
        variable = b"".join(value or b"" for value in self.variable)
        return header + fixed + b"".join(ends) + variable + _tagged_bytes(self.tagged, page_size <= SMALL_PAGE_MOST)


def _tagged(data: bytes, small: bool) -> list[Tagged]:
    """Return the tagged columns of a record: an array of numbers and offsets, and then their bytes."""
    if not data:
        return []
    mask = 0x1FFF if small else 0x7FFF
    count = (_TAG.unpack_from(data)[1] & mask) // _TAG.size
    heads = [_TAG.unpack_from(data, _TAG.size * index) for index in range(count)]
    ends = [offset & mask for _, offset in heads[1:]] + [len(data)]
    found = []
    for (number, offset), end in zip(heads, ends, strict=True):
        piece, header = data[offset & mask : end], None
        if not small or offset & _HAS_HEADER:
            header, piece = piece[0], piece[1:]
        found.append(Tagged(number, piece, header, offset & (DERIVED | (_NULL if small else 0))))
    return found


def _tagged_bytes(columns: Sequence[Tagged], small: bool) -> bytes:
    heads, pieces, at = [], [], _TAG.size * len(columns)
    for column in columns:
        piece = column.data
        offset = at | column.flags
        if not small or column.header is not None:
            piece = bytes((column.header or 0,)) + piece
            offset |= _HAS_HEADER if small else 0
        heads.append(_TAG.pack(column.number, offset))
        pieces.append(piece)
        at += len(piece)
    return b"".join((*heads, *pieces))


def fixed_sizes(columns: Sequence[Column]) -> list[int]:
    """Return the sizes of the fixed columns among these, in the order of their numbers."""
    return [column.type.size for column in sorted(columns, key=lambda column: column.number) if column.is_fixed]


def record_of(
    columns: Sequence[Column], values: Mapping[str, Any], separated: Mapping[str, int] | None = None
) -> Record:
    """Return the record that gives columns these values, by name; None is no value.

    `separated` has the numbers of long values that lie outside. Raises what `Column.stored` raises.
    """
    fixed: list[Fixed] = []
    variable: list[bytes | None] = []
    tagged: list[Tagged] = []
    for column in sorted(columns, key=lambda column: column.number):
        value = values.get(column.name)
        if column.is_tagged:
            if separated and column.name in separated:
                tagged.append(Tagged(column.number, separated[column.name].to_bytes(4, "little"), LONG | SEPARATED))
            elif value is not None:
                tagged.append(Tagged(column.number, column.stored(value), LONG if column.type.is_long else None))
        elif column.is_fixed:
            if value is None:
                fixed.append(Fixed(_FILLER * column.type.size, is_null=True))
            else:
                fixed.append(Fixed(column.stored(value)))
        else:
            variable.append(None if value is None else column.stored(value))
    while fixed and fixed[-1].is_null:
        fixed.pop()
    while variable and variable[-1] is None:
        variable.pop()
    return Record(tuple(fixed), tuple(variable), tuple(tagged))


def values_of(record: Record, columns: Sequence[Column]) -> dict[str, Any]:
    """Return the values of a record by the names of its columns, those that it has; long ones that lie outside as `Tagged`.

    ValueError: a column cannot have such a value.
    """
    try:
        return _values(record, columns)
    except struct.error as error:
        raise ValueError(f"A record with a value that its column cannot have: {error}") from error


def _values(record: Record, columns: Sequence[Column]) -> dict[str, Any]:
    by_number = {column.number: column for column in columns}
    found: dict[str, Any] = {}
    for number, fixed in enumerate(record.fixed, FIXED_FIRST):
        if not fixed.is_null and number in by_number:
            found[by_number[number].name] = by_number[number].value(fixed.data)
    for number, data in enumerate(record.variable, VARIABLE_FIRST):
        if data is not None and number in by_number:
            found[by_number[number].name] = by_number[number].value(data)
    for tagged in record.tagged:
        column = by_number.get(tagged.number)
        if column is not None and column.number >= TAGGED_FIRST:
            plain = tagged.header in {None, 0, LONG} and not tagged.flags & _NULL
            found[column.name] = column.value(tagged.data) if plain else tagged
    return found
