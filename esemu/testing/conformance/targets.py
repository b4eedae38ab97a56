# SPDX-License-Identifier: MIT
"""What the command line's TARGET stands for: `module:attribute`, or the path of a shared library."""

from __future__ import annotations

import ctypes
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class NoTarget(ValueError):
    """What was named is no implementation."""


class SharedLibrary:
    """What returns a shared library: it stays loaded, and what a case leaves behind in it is there for the next."""

    def __init__(self, path: str) -> None:
        """Load it.  Raises NoTarget."""
        loader = getattr(ctypes, "WinDLL", ctypes.CDLL)
        try:
            self._library = loader(str(Path(path).resolve()))
        except OSError as wrong:
            raise NoTarget(f"{path}: {wrong}") from None

    def __call__(self) -> Any:
        """Return the library."""
        return self._library


def found(target: str) -> Callable[..., Any]:
    """Return a function that makes a library: for a path one that loads it, else the attribute of the module.

    An attribute that is a library itself stands for a function that returns it.  Raises NoTarget, with what is wrong.
    """
    if Path(target).suffix in {".so", ".dll", ".dylib"}:
        return SharedLibrary(target)
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
