# SPDX-License-Identifier: MIT
"""Sets of log generations, kept as runs: a million logs without a gap are one run."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Run(NamedTuple):
    """Generations from `first` to `last`, both included."""

    first: int
    last: int


class Generations:
    """Generations, which are added in ascending order."""

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        #: How many were added, repeated ones included.
        self.added = 0

    def add(self, generation: int) -> None:
        """Add one that is not below those that are in already."""
        self.added += 1
        if self._lasts and generation <= self._lasts[-1] + 1:
            self._lasts[-1] = generation
        else:
            self._firsts.append(generation)
            self._lasts.append(generation)

    @property
    def first(self) -> int:
        """The lowest."""
        return self._firsts[0]

    @property
    def last(self) -> int:
        """The highest."""
        return self._lasts[-1]

    def gaps(self, first: int, last: int) -> Iterator[Run]:
        """Return what is not in, from `first` to `last`."""
        at = bisect_left(self._lasts, first)
        while first <= last:
            if at == len(self._firsts) or self._firsts[at] > last:
                yield Run(first, last)
                return
            if first < self._firsts[at]:
                yield Run(first, self._firsts[at] - 1)
            first = self._lasts[at] + 1
            at += 1
