# SPDX-License-Identifier: MIT
"""What ctypes would pass for an argument: a number, which is an address where a parameter is a pointer.

A function that is called again and again with arguments of the same types should not take longer to convert them than to
do its work.  So what converts one argument is made once for the type of its parameter, and what converts all those of a
call is written out for its prototype: a loop over the arguments takes longer than the call.
"""

from __future__ import annotations

import ctypes
from ctypes import PYFUNCTYPE, ArgumentError, c_void_p, c_wchar, c_wchar_p, py_object
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.foreign import BYREF, is_foreign

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Converter = Callable[[Any], int]

_NUMBERS: Final = frozenset("bBhHiIlLqQP")
"""Codes of the parameter types for which an int is passed as it is."""

_USUAL: Final = frozenset({ctypes.c_uint64, ctypes.c_size_t, ctypes.c_ulong, ctypes.c_uint32, ctypes.c_int32})
"""Types of numbers, those that programs use most."""

_STRAIGHT: Final = """
def straight({names}):
    try:
        {conversions}
    except (TypeError, ArgumentError):
        return otherwise([{names}])
    return call({numbers})
"""
"""A call whose arguments are numbers, and addresses of what its caller keeps."""

_INT: Final = "given_{0} & {1} if type(given_{0}) is int else "
_NUMBER: Final = "given_{0}.value & {1} if type(given_{0}) is type_{0} else "
_POINTED: Final = "address(given_{0}) if type(given_{0}) is BYREF and type(given_{0}._obj) is target_{0} else "
_OTHER: Final = "number_{0}(given_{0})"
"""What converts the argument of place 0 with mask 1, by its kind, the usual ones first: ctypes takes long to look behind a `byref`."""


class NotUtf16(TypeError):
    """A string that cannot be passed as it is: it needs memory of its own, for as long as the call takes."""


@lru_cache(1024)
def converter(argtype: Any, mask: int) -> Converter:
    """Return what makes of an argument the number that ctypes would pass for a parameter of this type.

    It raises NotUtf16, and ArgumentError or TypeError where ctypes would.
    """
    address = _address(argtype)
    if _may_be_string(argtype):
        return _of_anything(argtype, mask, address)
    return _of_number(mask, address) if _takes_numbers(argtype) else address


def straight(
    call: Callable[..., int], otherwise: Callable[[list[Any]], Any], argtypes: Sequence[Any], masks: Sequence[int]
) -> Callable[..., Any]:
    """Return the function that converts arguments for parameters of these types and makes a call with them.

    Arguments that cannot be converted just so are given to `otherwise`; then nothing was called.
    """
    scope: dict[str, Any] = {"call": call, "otherwise": otherwise, "ArgumentError": ArgumentError}
    scope |= {"BYREF": BYREF, "address": _address(None)}
    conversions = []
    for place, (argtype, mask) in enumerate(zip(argtypes, masks, strict=True)):
        scope[f"type_{place}"] = argtype
        scope[f"target_{place}"] = getattr(argtype, "_type_", None)
        scope[f"number_{place}"] = converter(argtype, mask)
        conversions.append(f"raw_{place} = {_expression(argtype).format(place, mask)}")
    source = _STRAIGHT.format(
        names=", ".join(f"given_{place}" for place in range(len(masks))),
        numbers=", ".join(f"raw_{place}" for place in range(len(masks))),
        conversions="\n        ".join(conversions) or "pass",
    )
    exec(source, scope)  # noqa: S102 - of places and widths, and of nothing else
    return scope["straight"]  # type: ignore[no-any-return]


def _expression(argtype: Any) -> str:
    """Return what converts the argument for a parameter of this type, without a call if it is of a usual kind."""
    number = _INT if _takes_numbers(argtype) else ""
    return number + (_NUMBER if argtype in _USUAL else _POINTED if _is_pointer(argtype) else "") + _OTHER


def _takes_numbers(argtype: Any) -> bool:
    """Return whether a parameter of this type takes an int; one without a type does."""
    return argtype is None or getattr(argtype, "_type_", "") in _NUMBERS


def _is_pointer(argtype: Any) -> bool:
    """Return whether a parameter of this type takes what `byref` returns, but not for a wide string."""
    return issubclass(type(argtype), type(ctypes.POINTER(ctypes.c_int))) and not _may_be_string(argtype)


def _may_be_string(argtype: Any) -> bool:
    """Return whether wide strings are among the arguments that a parameter of this type takes."""
    return getattr(argtype, "_type_", c_wchar) in {c_wchar, *"ZP"}


def _address(argtype: Any) -> Converter:
    """Return what makes a number of that which ctypes passes."""
    types = () if argtype is None else (argtype,)
    return PYFUNCTYPE(py_object, *types)(("PyLong_FromVoidPtr", ctypes.pythonapi))


def _of_number(mask: int, address: Converter) -> Converter:
    def number(argument: Any) -> int:
        return (int(argument) if isinstance(argument, int) else address(argument)) & mask

    return number


def _of_anything(argtype: Any, mask: int, address: Converter) -> Converter:
    numbers, strings = _takes_numbers(argtype), argtype in {None, c_wchar_p, c_void_p}

    def number(argument: Any) -> int:
        if numbers and isinstance(argument, int):
            return int(argument) & mask
        if argtype is None and type(argument) in _USUAL:
            return argument.value & mask  # type: ignore[no-any-return]
        if (strings and isinstance(argument, str)) or is_foreign(argument):
            raise NotUtf16
        return address(argument) & mask

    return number
