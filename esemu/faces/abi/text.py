# SPDX-License-Identifier: MIT
"""Strings of the caller: ANSI, one byte a character, and UTF-16, both ended by a NUL; and lists of strings.

A string in the engine's own hands is a Python str.  One that stands for bytes of the caller has a character for each of
the caller's (`units`), so that sizes that count characters are right in both forms.
"""

from __future__ import annotations

from ctypes import c_uint16, string_at
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST: Final = 32767
"""No string of the API is longer, in characters; an endless one counts as one that is too long."""


class Text:
    """How strings of one form lie in memory; `width` is bytes in a character."""

    __slots__ = ("encoding", "width")

    def __init__(self, encoding: str, width: int) -> None:
        self.encoding = encoding
        self.width = width

    def read(self, address: int) -> str | None:
        """Return the string at an address, None for NULL."""
        if not address:
            return None
        if self.width == 1:
            return string_at(address).decode(self.encoding, "replace")
        units = (c_uint16 * LONGEST).from_address(address)
        size = 0
        while size < LONGEST and units[size]:  # never a character further: it may not be the caller's
            size += 1
        return string_at(address, 2 * size).decode("utf-16-le", "surrogatepass")

    def decode(self, field: bytes) -> str:
        """Return the string in a field of a structure, which ends with a NUL or with the field."""
        if self.width == 1:
            return field.partition(b"\0")[0].decode(self.encoding, "replace")
        return field.decode(self.encoding, "surrogatepass").partition("\0")[0]

    def encode(self, string: str) -> bytes:
        """Return a string and its NUL as they lie in memory."""
        errors = "replace" if self.width == 1 else "surrogatepass"
        return string.encode(self.encoding, errors) + bytes(self.width)

    def units(self, string: str) -> str:
        """Return a string with one character for each of the caller's."""
        data = self.encode(string)[: -self.width]
        return data.decode("latin-1") if self.width == 1 else "".join(map(chr, memoryview(data).cast("H")))

    def list_of(self, units: Iterable[str]) -> bytes:
        """Return a multi-string of names as `units` gives them: each with its NUL, and one NUL more."""
        return b"".join(self._stored(name + "\0") for name in units) + bytes(self.width)

    def _stored(self, units: str) -> bytes:
        return units.encode("latin-1" if self.width == 1 else self.encoding, "surrogatepass")


@lru_cache(16)
def ansi(encoding: str) -> Text:
    """Return the ANSI form in a code page, by Python's name of it.  Raises LookupError."""
    "".encode(encoding)
    return Text(encoding, 1)


WIDE: Final = Text("utf-16-le", 2)
"""The UTF-16 form."""


def fitting(data: bytes, size: int) -> Any:
    """Return the beginning of a multi-string that was too long for the A form: cut, with a NUL as its last byte."""
    return data[: size - 1] + b"\0" if size else b""
