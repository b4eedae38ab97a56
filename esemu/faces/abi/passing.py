# SPDX-License-Identifier: MIT
"""Functions of a real library, told of their prototypes, so that ctypes passes raw numbers in their whole width."""

from __future__ import annotations

import ctypes
from typing import Any

from esemu.faces.abi.exports import EXPORTS
from esemu.faces.abi.numbers import NARROW


def declare(function: Any, symbol: str) -> None:
    """Set the types of a function of ctypes for raw numbers: handles, addresses and lengths as ints, JET_ERR as the result."""
    types = [argument.c_type.removeprefix("const ") for argument in EXPORTS[symbol].prototype.arguments]
    function.argtypes = [ctypes.c_uint32 if each in NARROW else ctypes.c_uint64 for each in types]
    function.restype = ctypes.c_int32
