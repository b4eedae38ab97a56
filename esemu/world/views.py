# SPDX-License-Identifier: MIT
"""Bytes that any thread takes parts of, without copying them.

A part of a view is counted in it, and the count is wrong where threads take parts of one view side by side: without the
GIL a view is gone while some of its parts are still in use (`mbuf->exports` in Objects/memoryobject.c of CPython).
There each part is one of a view of its own.
"""

from __future__ import annotations

import sys


def has_gil() -> bool:
    """Return whether one thread runs at a time, so that another one stands still while this one looks at it."""
    return sys.version_info < (3, 13) or sys._is_gil_enabled()  # noqa: SLF001 - its documented name


class SharedBytes:
    """What a view of `data` is, for threads that run side by side."""

    __slots__ = ("_data", "nbytes")

    def __init__(self, data: bytes) -> None:
        self._data = data
        #: How many bytes there are.
        self.nbytes = len(data)

    def __len__(self) -> int:
        """Return how many bytes there are."""
        return self.nbytes

    def __getitem__(self, part: slice) -> memoryview:
        """Return a view of a part."""
        return memoryview(self._data)[part]


def shared(data: bytes | bytearray | memoryview) -> memoryview | SharedBytes:
    """Return the bytes of `data`, which nobody changes any more, for any thread to take parts of."""
    if not has_gil():
        return SharedBytes(bytes(data))
    view = memoryview(data)
    return view if view.readonly and view.format == "B" and view.ndim == 1 else view.cast("B").toreadonly()
