# SPDX-License-Identifier: MIT
"""What the Python face makes of its arguments: numbers of the API's width, strings, buffers that can be written.

What could not be handed to an engine at all is refused with TypeError or ValueError before anything changes; what could
be goes to it, however strange.  A bool is an int here, as everywhere in Python; a float is none.
"""

from __future__ import annotations

from operator import index
from typing import Any, Final

ULONG_MAX: Final = 2**32 - 1
"""The largest unsigned long of the API."""

POINTER_MAX: Final = 2**64 - 1
"""The largest JET_API_PTR: what handles and numeric parameters are made of."""


class Misaligned:
    """A buffer that does not begin at a multiple of 4096 bytes; `esemu.misaligned` makes one."""

    __slots__ = ("buffer",)

    def __init__(self, buffer: Any) -> None:
        self.buffer = buffer


def misaligned(buffer: Any) -> Misaligned:
    """Return `buffer` as one that JetReadFileInstance finds misaligned (backup.cxx:2738).

    Any other writable buffer counts as aligned: Python does not say where one begins.
    """
    return Misaligned(buffer)


def ulong(value: Any, name: str) -> int:
    """Return an unsigned 32-bit number.  Raises TypeError, and ValueError where it is negative or too large."""
    if type(value) is int and 0 <= value <= ULONG_MAX:  # nearly always; asking for more takes three times as long
        return value
    return _number(value, name, 0, ULONG_MAX)


def offset(value: Any, name: str) -> int:
    """Return an unsigned 64-bit number: an offset, or the value of a system parameter.  Raises as `ulong` does."""
    return _number(value, name, 0, POINTER_MAX)


def long(value: Any, name: str) -> int:
    """Return a signed 32-bit number.  Raises as `ulong` does."""
    return _number(value, name, -(2**31), 2**31 - 1)


def handle(value: Any, name: str = "instance") -> int:
    """Return an instance, a session or a file handle: 64 bits, where -1 is the same as JET_instanceNil.

    Raises TypeError for what is no int, and ValueError for one of more than 64 bits.
    """
    if isinstance(value, int) and 0 <= value <= POINTER_MAX:
        return value
    return _number(value, name, -(2**63), POINTER_MAX) & POINTER_MAX


def text(value: Any, name: str) -> str | None:
    """Return a string, or None, which stands for NULL.  Raises TypeError, and ValueError where a NUL is in it."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise TypeError(f"{name} is {_shown(value)}; it must be a str, or None for NULL")
    if "\0" in value:
        raise ValueError(f"{name} has a NUL in it, where an engine would see its end")
    return value


def status_callback(value: Any) -> Any:
    """Return a function or None.  Raises TypeError for what cannot be called."""
    if value is not None and not callable(value):
        raise TypeError(f"pfnStatus is {_shown(value)}; it must be a function of two arguments, or None")
    return value


def writable(buffer: Any) -> memoryview:
    """Return a buffer as bytes that can be written.

    Raises TypeError for what has no bytes of its own, is read-only or has gaps.
    """
    try:
        view = memoryview(buffer)
    except TypeError:
        raise TypeError(f"pv is {_shown(buffer)}; a read needs a bytearray or another writable buffer") from None
    if view.readonly:
        raise TypeError(f"pv is {_shown(buffer)} and read-only; a read needs a bytearray or another writable buffer")
    if not view.contiguous:
        raise TypeError(f"pv is {_shown(buffer)} with gaps; a read needs a buffer in one piece")
    if view.format == "B" and view.ndim == 1:
        return view
    from pickle import PickleBuffer  # noqa: PLC0415 - the one way to the bytes of a buffer of any format and shape

    return PickleBuffer(view).raw()


def _number(value: Any, name: str, least: int, most: int) -> int:
    """Return an int within bounds."""
    try:
        number = index(value)
    except TypeError:
        raise TypeError(f"{name} is {_shown(value)}; it must be an int") from None
    if not least <= number <= most:
        raise ValueError(f"{name} is {_figure(number)}; it must be from {least} to {most}")
    return number


def _figure(number: int) -> str:
    """Return a number as it is shown; Python refuses to write thousands of digits."""
    return str(number) if number.bit_length() <= 128 else f"a number of {number.bit_length()} bits"


def _shown(value: Any) -> str:
    """Return what sort of thing a wrong argument is."""
    name = type(value).__name__
    return f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} {name}"
