# SPDX-License-Identifier: MIT
"""Sets of numbers with a bit for each, in pieces that are made when they are needed: a million of them take 125 KB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE: Final = 1 << 15
"""How many numbers, one after the other, share a piece."""


class Bits:
    """Numbers from 0 on."""

    __slots__ = ("_pieces",)

    def __init__(self) -> None:
        self._pieces: dict[int, bytearray] = {}

    def add(self, number: int) -> bool:
        """Add a number; return whether it was in already."""
        piece = self._pieces.get(number // _PIECE)
        if piece is None:
            piece = self._pieces[number // _PIECE] = bytearray(_PIECE // 8)
        at, bit = number % _PIECE // 8, 1 << number % 8
        known = bool(piece[at] & bit)
        piece[at] |= bit
        return known

    def __contains__(self, number: int) -> bool:
        """Return whether a number is in."""
        piece = self._pieces.get(number // _PIECE)
        return piece is not None and bool(piece[number % _PIECE // 8] & 1 << number % 8)

    def __len__(self) -> int:
        """Return how many there are."""
        return sum(int.from_bytes(piece, "little").bit_count() for piece in self._pieces.values())

    def __iter__(self) -> Iterator[int]:
        """Give the numbers in ascending order."""
        for index in sorted(self._pieces):
            for at, byte in enumerate(self._pieces[index]):
                if byte:
                    first = index * _PIECE + at * 8
                    yield from [first + bit for bit in range(8) if byte >> bit & 1]
