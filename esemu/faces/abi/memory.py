# SPDX-License-Identifier: MIT
"""Memory of the caller, at real addresses: numbers, bytes, and blocks that the engine allocates for its caller.

Widths are those of a 64-bit Windows, whatever the host: an unsigned long has 32 bits, a handle is as wide as a pointer.
No address is looked at for sense: as in any library a wild one ends the process.
"""

from __future__ import annotations

import ctypes
from ctypes import c_char, c_uint32, c_uint64, memmove, string_at
from functools import lru_cache
from typing import Any, Final


def ulong_at(address: int) -> int:
    """Return the unsigned long at an address."""
    return c_uint32.from_address(address).value


def pointer_at(address: int) -> int:
    """Return the pointer, handle or JET_API_PTR at an address."""
    return c_uint64.from_address(address).value


def signed(number: int) -> int:
    """Return the long that 32 bits stand for."""
    return number - 2**32 if number >= 2**31 else number


def put_ulong(address: int, value: int) -> None:
    """Store an unsigned long, or the low 32 bits of a long, unless the address is NULL."""
    if address:
        c_uint32.from_address(address).value = value


def put_pointer(address: int, value: int) -> None:
    """Store a pointer, a handle or a JET_API_PTR, unless the address is NULL."""
    if address:
        c_uint64.from_address(address).value = value


def put(address: int, data: bytes | bytearray) -> None:
    """Store bytes."""
    memmove(address, bytes(data), len(data))


def bytes_at(address: int, size: int) -> bytes:
    """Return `size` bytes from an address on."""
    return string_at(address, size)


@lru_cache(64)
def _block(size: int) -> Any:
    return c_char * size


@lru_cache(16)
def view(address: int, size: int) -> memoryview:
    """Return `size` bytes from an address on as a view that can be written.

    A program reads into the same memory again and again, and the view is an address and no more.
    """
    return memoryview(_block(size).from_address(address)).cast("B")


_allocated: Final = ctypes.pythonapi.PyMem_RawCalloc
_allocated.argtypes, _allocated.restype = [ctypes.c_size_t, ctypes.c_size_t], ctypes.c_void_p
_freed: Final = ctypes.pythonapi.PyMem_RawFree
_freed.argtypes, _freed.restype = [ctypes.c_void_p], None
"""The heap of C, which valgrind and sanitizers watch: there a client's block that is never freed shows, or one that is used later."""


class Allocations:
    """Blocks that the engine has allocated for its caller, until JetFreeBuffer frees them or the engine is gone."""

    __slots__ = ("_blocks",)

    def __init__(self) -> None:
        self._blocks: set[int] = set()

    def __len__(self) -> int:
        """How many blocks were not freed yet."""
        return len(self._blocks)

    def allocate(self, size: int) -> int:
        """Return the address of a new block of zeros.  Raises MemoryError."""
        address: int | None = _allocated(1, max(1, size))
        if address is None:
            raise MemoryError
        self._blocks.add(address)
        return address

    def free(self, address: int) -> None:
        """Free a block; nothing happens where there is none at this address."""
        try:
            self._blocks.remove(address)
        except KeyError:
            return
        _freed(address)

    def __del__(self) -> None:
        """Free what the caller has not."""
        for address in self._blocks:
            _freed(address)
