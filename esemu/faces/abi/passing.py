# SPDX-License-Identifier: MIT
"""Functions of a real library, told of their prototypes, so that ctypes passes raw numbers in their whole width."""

from __future__ import annotations

import ctypes
from typing import Any, Final

from esemu.faces.abi.exports import EXPORTS

_TYPES: Final[dict[str, Any]] = {
    "unsigned long": ctypes.c_uint32,
    "JET_GRBIT": ctypes.c_uint32,
    "JET_DBID": ctypes.c_uint32,
    "JET_COLUMNID": ctypes.c_uint32,
    "long": ctypes.c_int32,
}


def declare(function: Any, symbol: str) -> None:
    """Set the types of a function of ctypes for raw numbers: handles, addresses and lengths as ints, JET_ERR as the result."""
    arguments = EXPORTS[symbol].prototype.arguments
    function.argtypes = [_TYPES.get(each.c_type.removeprefix("const "), ctypes.c_uint64) for each in arguments]
    function.restype = ctypes.c_int32
