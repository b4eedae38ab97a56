# SPDX-License-Identifier: MIT
"""Arguments become the numbers that ctypes passes to a C function whose parameter has the same type."""

import ctypes
from ctypes import CFUNCTYPE, POINTER, ArgumentError, byref, c_char_p, c_int32, c_uint32, c_uint64, c_void_p, c_wchar_p
from http import HTTPStatus
from typing import Any

import pytest

from esemu.faces.conversion import NotUtf16, converter, straight

MASK = 2**64 - 1

number, long = c_uint64(0xFFFF_FFFF_FFFF_0001), c_uint32(7)
numbers = (c_uint32 * 4)(1, 2, 3, 4)
status = CFUNCTYPE(c_int32, c_uint64)(int)

ARGUMENTS: list[Any] = [
    0,
    1,
    -1,
    2**63 + 5,
    True,
    None,
    1.5,
    b"mail",
    HTTPStatus.OK,
    number,
    long,
    c_int32(-1),
    c_void_p(4096),
    c_void_p(None),
    c_char_p(b"mail"),
    numbers,
    ctypes.create_string_buffer(16),
    byref(number),
    byref(long),
    byref(numbers, 8),
    ctypes.pointer(long),
    status,
    object(),
]

TYPES = [None, c_uint64, c_uint32, c_int32, c_void_p, c_char_p, POINTER(c_uint64), POINTER(c_uint32)]


@CFUNCTYPE(c_uint64, c_uint64)
def same(argument: int) -> int:
    """Return the number that a C function gets."""
    return argument


def passed_by_ctypes(argtype: Any, argument: Any) -> int | None:
    """Return what ctypes passes, None where it refuses; no type is that of a program that sets none."""
    function = CFUNCTYPE(c_uint64)(ctypes.cast(same, c_void_p).value or 0)
    function.argtypes = [c_uint64 if argtype is None and isinstance(argument, int) else argtype or c_void_p]
    if argtype is None and isinstance(argument, (c_uint64, c_uint32, c_int32)):
        argument, function.argtypes = argument.value, [c_uint64]
    try:
        return int(function(argument))
    except (TypeError, ArgumentError):
        return None


def passed(argtype: Any, argument: Any) -> int | None:
    """Return what esemu passes, None where it refuses."""
    refused: list[list[Any]] = []
    raw = straight(lambda number: number, refused.append, [argtype], [MASK])(argument)
    assert refused == ([] if raw is not None else [[argument]])
    return None if raw is None else int(raw)


@pytest.mark.parametrize("argument", ARGUMENTS, ids=lambda argument: type(argument).__name__)
@pytest.mark.parametrize("argtype", TYPES, ids=lambda argtype: getattr(argtype, "__name__", "none"))
def test_as_ctypes_passes_it(argtype: Any, argument: Any) -> None:
    """An argument of any kind, for a parameter of any type."""
    expected = passed_by_ctypes(argtype, argument)
    if expected is not None and argtype in {c_uint32, c_int32}:
        expected &= 0xFFFF_FFFF  # the rest of the register is of no interest
        assert (passed(argtype, argument) or 0) & 0xFFFF_FFFF == expected
    else:
        assert passed(argtype, argument) == expected


@pytest.mark.parametrize("argtype", [None, c_void_p, c_wchar_p])
def test_a_wide_string_needs_memory_of_its_own(argtype: Any) -> None:
    """A str is one, and where wchar_t has four bytes so is whatever ctypes has laid out in them."""
    with pytest.raises(NotUtf16):
        converter(argtype, MASK)("mail")


def test_a_function_is_passed_where_one_is_wanted() -> None:
    """And nothing else: what ctypes does with a `byref` there is to crash."""
    address = ctypes.cast(status, c_void_p).value
    for argument, expected in [(status, address), (0, None), (None, None), (number, None)]:
        assert passed(type(status), argument) == expected == passed_by_ctypes(type(status), argument)
