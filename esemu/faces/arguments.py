# SPDX-License-Identifier: MIT
"""What the Python face makes of its arguments: numbers of the API's width, strings, and buffers that can be written.

What an engine could not be given at all is refused with TypeError or ValueError before anything changes; what it could
be given goes to it, however strange.
"""

from __future__ import annotations

from operator import index
from typing import Any, Final

ULONG_MAX: Final = 2**32 - 1


class Misaligned:
    """A buffer that does not begin at a multiple of 4096 bytes; `esemu.misaligned` makes one."""

    __slots__ = ("buffer",)

    def __init__(self, buffer: Any) -> None:
        self.buffer = buffer


def misaligned(buffer: Any) -> Misaligned:
    """Return `buffer` as one that JetReadFileInstance finds misaligned (backup.cxx:2736).

    Any other writable buffer counts as aligned: Python does not say where one begins.
    """
    return Misaligned(buffer)


def ulong(value: Any, name: str) -> int:
    """Return an unsigned 32-bit number.  Raises TypeError, and ValueError where it has more bits or is negative."""
    number = index(value)
    if not 0 <= number <= ULONG_MAX:
        raise ValueError(f"{name} is {number}, which is no unsigned 32-bit number")
    return number


def text(value: Any, name: str) -> str | None:
    """Return a string or None, which stands for NULL.  Raises TypeError for anything else."""
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} is a {type(value).__name__}; it must be a str, or None for NULL")
    if value is not None and "\0" in value:
        raise ValueError(f"{name} has a NUL in it, where the engine would see its end")
    return value


def handle(value: Any) -> int:
    """Return an instance handle, session or file handle.  Raises TypeError for what is no number."""
    try:
        return index(value)
    except TypeError:
        raise TypeError(f"a handle is an int, not a {type(value).__name__}") from None


def writable(buffer: Any) -> memoryview:
    """Return the bytes of a buffer.  Raises TypeError for one that is read-only or not contiguous."""
    view = memoryview(buffer)
    if view.readonly:
        raise TypeError(
            f"the {type(buffer).__name__} is read-only; a read needs a bytearray or another writable buffer"
        )
    if view.format != "B" or view.ndim != 1:
        view = view.cast("B")
    return view
