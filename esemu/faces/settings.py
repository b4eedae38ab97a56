# SPDX-License-Identifier: MIT
"""System parameters as arguments: which can be given at all, and which value of the API's two is meant.

The API has a number and a string for every parameter; what a parameter is decides which of them the engine looks at.
"""

from __future__ import annotations

from typing import Any

from esemu.faces.arguments import offset, text, ulong
from esemu.machine.rules.parameters import PARAMETERS_MAX, TEXT
from esemu.vocabulary.parameters import PARAMETERS


def emulated(paramid: Any) -> int:
    """Return the number of a parameter.  Raises TypeError, ValueError, and NotEmulated for one only the engine knows."""
    number = ulong(paramid, "paramid")
    if number < PARAMETERS_MAX and number not in PARAMETERS:
        from esemu.vocabulary.exceptions import NotEmulated  # noqa: PLC0415 - hardly ever needed

        raise NotEmulated(f"system parameter {number} is not emulated; esemu.vocabulary.parameters has those that are")
    return number


def setting(paramid: Any, value: Any) -> tuple[int, int | str]:
    """Return a parameter and its value, an int or a string.  Raises as `emulated` does."""
    if isinstance(value, str):
        return emulated(paramid), text(value, "value") or ""
    return emulated(paramid), offset(value, "value")


def chosen(paramid: Any, lParam: Any, szParam: Any) -> tuple[int, int | str | None]:
    """Return a parameter and that one of its two values which the engine looks at.  Raises as `emulated` does."""
    number, string = offset(lParam, "lParam"), text(szParam, "szParam")
    parameter = PARAMETERS.get(emulated(paramid))
    return ulong(paramid, "paramid"), string if parameter is not None and parameter.type in TEXT else number
