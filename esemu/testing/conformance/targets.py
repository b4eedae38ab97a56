# SPDX-License-Identifier: MIT
"""What the command line's TARGET stands for: `module:attribute`, or the path of a shared library."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esemu.scenario.apart import SharedLibrary

if TYPE_CHECKING:
    from collections.abc import Callable


class NoTarget(ValueError):
    """What was named is no implementation."""


def found(target: str) -> Callable[..., Any]:
    """Return a function that makes a library: for a path one that loads it, else the attribute of the module.

    An attribute that is a library itself stands for a function that returns it.  Raises NoTarget, with what is wrong.
    """
    if Path(target).suffix in {".so", ".dll", ".dylib"}:
        try:
            return SharedLibrary(target)
        except OSError as wrong:
            raise NoTarget(f"{target}: {wrong}") from None
    module, colon, attribute = target.partition(":")
    if not colon or not module or not attribute:
        raise NoTarget(f"{target!r} is neither module:attribute nor the path of a shared library")
    try:
        value: Any = import_module(module)
        for name in attribute.split("."):
            value = getattr(value, name)
    except (ImportError, AttributeError) as wrong:
        raise NoTarget(f"{target}: {wrong}") from None
    if not isinstance(value, type) and hasattr(value, "JetStopBackupInstance"):
        return lambda: value
    if not callable(value):
        raise NoTarget(f"{target} is a {type(value).__name__}, neither a library nor a function that makes one")
    return value  # type: ignore[no-any-return]
