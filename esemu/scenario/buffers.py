# SPDX-License-Identifier: MIT
"""Memory that a case hands to a library, filled beforehand so that what was written can be told from what was not."""

from __future__ import annotations

import ctypes
from typing import Any, Final

UNWRITTEN: Final = 0xEE
"""What every byte holds before a call."""

BOUNDARY: Final = 65536
"""A buffer begins `align` bytes behind a multiple of so many."""


class Filled:
    """`size` bytes at `address`, none of them written yet."""

    __slots__ = ("_block", "address", "size")

    def __init__(self, size: int, align: int = 0) -> None:
        start = align % BOUNDARY
        self._block = (ctypes.c_char * (size + start + BOUNDARY))()
        whole = ctypes.addressof(self._block)
        self.address = whole + -whole % BOUNDARY + start
        self.size = size
        ctypes.memset(self.address, UNWRITTEN, size)

    def read(self, size: int) -> bytes:
        """Return the first bytes."""
        return ctypes.string_at(self.address, size)

    @property
    def written(self) -> bytes:
        """The bytes up to the last one that was written."""
        return self.read(self.size).rstrip(bytes([UNWRITTEN]))


class String:
    """A string at `address` as a function of the form A or W takes it; the address of None is NULL."""

    __slots__ = ("_block", "address")

    def __init__(self, value: str | None, form: str) -> None:
        self._block: Any = None
        self.address = 0
        if value is not None:
            ansi = form == "A"
            data = value.encode("cp1252", "replace") if ansi else value.encode("utf-16-le", "surrogatepass")
            self._block = ctypes.create_string_buffer(data + (b"\0" if ansi else b"\0\0"))
            self.address = ctypes.addressof(self._block)


class Number:
    """A number at `address` that a call may store."""

    __slots__ = ("_memory",)

    def __init__(self, size: int, before: int | None = None) -> None:
        self._memory = Filled(size)
        if before is not None:
            ctypes.memmove(self.address, before.to_bytes(size, "little"), size)

    @property
    def address(self) -> int:
        """Where it is."""
        return self._memory.address

    @property
    def value(self) -> int | None:
        """What was stored, None where nothing was."""
        data = self._memory.read(self._memory.size)
        return None if data == bytes([UNWRITTEN]) * len(data) else int.from_bytes(data, "little")
