# SPDX-License-Identifier: MIT
"""Implementations of the API to compare with the emulated engine: one that is the same, and some with a bug each."""

from typing import Any

import esemu
from esemu.faces.library import Library

JET_errNoBackup = -520


def in_front(process: Any) -> Library:
    """Return esemu's own library in front of a process."""
    return Library(process)


def alone() -> Library:
    """Return esemu's own library with a process of its own."""
    return esemu.Engine().library()


class Changed:
    """A library of which some functions are others."""

    def __init__(self, library: Library, **changed: Any) -> None:
        self._library = library
        self._changed = changed
        self.interface = library.interface

    def __getattr__(self, name: str) -> Any:
        return self._changed.get(name) or getattr(self._library, name)


def forgets_the_stop(process: Any) -> Changed:
    """Return a library whose JetStopBackupInstance does nothing."""
    return Changed(Library(process), JetStopBackupInstance=lambda instance: 0)


def closes_for_good() -> Changed:
    """Return a library with a process of its own that reports an error when a file is closed."""
    library = alone()

    def close(instance: int, handle: int) -> int:
        return library.JetCloseFileInstance(instance, handle) or JET_errNoBackup

    return Changed(library, JetCloseFileInstance=close)


def raises(process: Any) -> Changed:
    """Return a library that raises an exception of Python's."""

    def begin(instance: int, grbit: int) -> int:
        raise RuntimeError("not written yet")

    return Changed(Library(process), JetBeginExternalBackupInstance=begin)


NO_LIBRARY = 5
A_LIBRARY = alone()
