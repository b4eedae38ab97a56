# SPDX-License-Identifier: MIT
"""The numbers of the calls of a process: each is given out once, whichever threads ask."""

from __future__ import annotations

import sys
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

GIL: Final[bool] = getattr(sys, "_is_gil_enabled", lambda: True)()
"""Whether CPython itself lets one thread at a time ask an iterator that is written in C."""


class SharedNumbers:
    """An iterator that several threads may ask.  Nobody has its lock for longer than it takes to count by one."""

    __slots__ = ("_lock", "_numbers")

    def __init__(self, numbers: Iterator[int]) -> None:
        self._numbers = numbers
        self._lock = Lock()

    def __iter__(self) -> Iterator[int]:
        """Return the iterator."""
        return self

    def __next__(self) -> int:
        """Return the next number."""
        with self._lock:
            return next(self._numbers)


def shared(numbers: Iterator[int]) -> Iterator[int]:
    """Return an iterator over the same numbers that any thread may ask, without a lock where there is a GIL.

    Where there is none, itertools.count can give a number out twice (CPython 3.13).
    """
    return numbers if GIL else SharedNumbers(numbers)
