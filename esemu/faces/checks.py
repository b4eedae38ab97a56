# SPDX-License-Identifier: MIT
"""What descriptions of a test's world are checked for, before anything is made of them.

The arguments of the API itself are checked in `arguments`: an engine has to put up with more than a description does.
"""

from __future__ import annotations

from typing import Any, Final

from esemu.world import paths

PAGE_SIZES: Final = (4096, 8192, 16384, 32768)
"""Sizes that a page can have, in bytes."""

GENERATION_MAX: Final = 0x7FFFFFFF
"""The largest log generation that a LONG holds."""


def whole(value: Any, name: str, least: int, most: int | None) -> int:
    """Return an int within bounds.  Raises TypeError for anything else, bools too, and ValueError outside of them."""
    if type(value) is not int and (isinstance(value, bool) or not isinstance(value, int)):
        raise TypeError(f"{name} is {value!r}; it must be an int")
    if value < least or (most is not None and value > most):
        bounds = f"at least {least}" if most is None else f"from {least} to {most}"
        raise ValueError(f"{name} is {value}; it must be {bounds}")
    return value


def seconds(value: Any, name: str) -> float:
    """Return a length of time.  Raises TypeError for what is no number, bools too, and ValueError where it is not above 0."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} is {value!r}; it must be a number of seconds")
    if not value > 0:
        raise ValueError(f"{name} is {value}; it must be more than 0")
    return value


def page_size(value: Any) -> int:
    """Return the size of a page.  Raises TypeError, and ValueError where pages cannot have that size."""
    whole(value, "page_size", 0, None)
    if value not in PAGE_SIZES:
        raise ValueError(f"page_size is {value}; it must be one of {', '.join(map(str, PAGE_SIZES))}")
    return int(value)


def file_path(value: Any, name: str) -> str:
    """Return a Windows path.  Raises TypeError, and ValueError where no file can have it."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is {value!r}; it must be a str")
    full = paths.complete(value) if value else None
    if full is None or not paths.is_possible(full):
        raise ValueError(f"{name} is {value!r}, which is {'too long' if value and full is None else 'no path'}")
    return value
