# SPDX-License-Identifier: MIT
"""Strings that ctypes lays out in the host's way and not in that of Windows: off Windows a wchar_t has four bytes.

`create_unicode_buffer` and `c_wchar_p` make such strings, and a str becomes one.  The engine gets UTF-16 in their place; what it writes goes back,
one character for each of its own, and as far as there is room.
"""

from __future__ import annotations

import ctypes
from ctypes import c_wchar, c_wchar_p
from functools import lru_cache
from typing import Any, Final

WIDE_HERE: Final = ctypes.sizeof(c_wchar) == 2
"""Whether the host's wide characters are those of Windows."""

BYREF: Final = type(ctypes.byref(ctypes.c_int()))
"""Type of what `byref` returns."""


def is_foreign(argument: Any) -> bool:
    """Return whether an argument is a wide string that has to be translated."""
    kind: Any = type(argument)
    if kind is BYREF:
        kind = type(argument._obj)  # noqa: SLF001 - ctypes has no other name for it
    return not WIDE_HERE and _is_wide(kind)


@lru_cache(256)
def _is_wide(kind: Any) -> bool:
    """Return whether objects of a type are wide strings."""
    return issubclass(kind, c_wchar_p) or (issubclass(kind, ctypes.Array) and kind._type_ is c_wchar)


class Translated:
    """A wide string in UTF-16 at `address`, as long as this lives."""

    __slots__ = ("_block", "_target", "address")

    def __init__(self, argument: Any) -> None:
        string = getattr(argument, "_obj", argument)
        self._target = string if isinstance(string, ctypes.Array) else None
        self.address = 0
        if self._target is None:
            text = string if isinstance(string, str) else string.value
            if text is None:
                return
            data = text.encode("utf-16-le", "surrogatepass") + b"\0\0"
        else:
            data = b"".join(character.encode("utf-16-le", "surrogatepass")[:2] for character in self._target)
        self._block = ctypes.create_string_buffer(data, len(data))
        self.address = ctypes.addressof(self._block)

    @property
    def size(self) -> int:
        """Bytes that the engine may write."""
        return 0 if self._target is None else len(self._block)

    def write_back(self) -> None:
        """Store what the engine has written."""
        if self._target is not None:
            for place, unit in enumerate(memoryview(self._block.raw).cast("H")):
                self._target[place] = chr(unit)
