# SPDX-License-Identifier: MIT
"""The exceptions of esemu: one class per error of the engine, in the categories that the engine puts its errors in.

`from esemu.vocabulary.exceptions import BackupAbortByServerError` works for every error that jethdr.w declares, though
a class is made only when it is asked for (why: `esemu.vocabulary.exception_classes`). Type checkers and editors read
the generated exceptions.pyi, in which all of them are listed.
"""

from __future__ import annotations

from esemu.vocabulary.exception_classes import class_named, class_names, exception_for
from esemu.vocabulary.failures import (
    EsemuError,
    JetError,
    NotEmulated,
    Occurrence,
    UndefinedBehaviour,
    WouldBlockForever,
)

__all__ = [
    "EsemuError",
    "JetError",
    "NotEmulated",
    "Occurrence",
    "UndefinedBehaviour",
    "WouldBlockForever",
    "exception_for",
]


def __getattr__(name: str) -> type[JetError]:
    """Return the class of an error or a category, and keep it here for the next time."""
    if name.startswith("__"):  # the import system asks for __path__: no reason to read the table
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        found = class_named(name)
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    return globals().setdefault(name, found)


def __dir__() -> list[str]:
    """Return the names of all exceptions, made or not."""
    return sorted({*globals(), *class_names()})
