# SPDX-License-Identifier: MIT
"""A library in the place of esent.dll, for code that loads that itself: `ctypes.WinDLL("esent")`, `ctypes.windll.esent`.

Where ctypes has no such names, outside of Windows, they exist as long as the context lasts, and find this library only.
"""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.faces.library import Library

_ABSENT: Final = object()


def _names_esent(name: Any) -> bool:
    r"""Return whether this is a name of the engine's library: esent, esent.dll, C:\Windows\System32\esent.dll."""
    last = str(name).replace("\\", "/").rpartition("/")[2].lower()
    return last.removesuffix(".dll") == "esent"


@contextmanager
def in_place_of_esent(library: Library) -> Iterator[Library]:
    """Put a library in the place of esent.dll while the context lasts."""
    before = {name: getattr(ctypes, name, _ABSENT) for name in ("WinDLL", "windll", "WINFUNCTYPE", "CDLL", "cdll")}
    for name in ("WinDLL", "CDLL"):
        setattr(ctypes, name, _loader(library, before[name], name))
    for name in ("windll", "cdll"):
        setattr(ctypes, name, _Libraries(library, before[name], getattr(ctypes, "WinDLL")))  # noqa: B009 - mypy knows none
    if before["WINFUNCTYPE"] is _ABSENT:
        setattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE)  # noqa: B010 - to mypy it is there on Windows only
    try:
        yield library
    finally:
        for name, value in before.items():
            if value is _ABSENT:
                delattr(ctypes, name)
            else:
                setattr(ctypes, name, value)


def _loader(library: Library, real: Any, name: str) -> Any:
    """Return a class that is called to load a library."""
    base: Any = ctypes.CDLL if real is _ABSENT else real

    class Loader(base):  # type: ignore[misc]
        """Loads esent from here, and everything else as before."""

        def __new__(cls, path: Any = None, *arguments: Any, **others: Any) -> Any:
            """Return the emulated library, or load another."""
            if _names_esent(path):
                return library
            if real is _ABSENT:
                raise FileNotFoundError(f"Could not find module {path!r} (or one of its dependencies)")
            return real(path, *arguments, **others)

        def __init__(self, *arguments: Any, **others: Any) -> None:
            """Leave the library as it is."""

    Loader.__name__ = Loader.__qualname__ = name
    return Loader


class _Libraries:
    """`ctypes.windll`: libraries as attributes."""

    def __init__(self, library: Library, real: Any, loader: Any) -> None:
        self._library = library
        self._real = real
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        """Return a library."""
        if _names_esent(name):
            return self._library
        if self._real is _ABSENT:
            raise AttributeError(name)
        return getattr(self._real, name)

    def __getitem__(self, name: str) -> Any:
        """Return a library by a name with a dot in it."""
        return getattr(self, name)

    def LoadLibrary(self, name: str) -> Any:
        """Load a library."""
        return self._library if _names_esent(name) else self._loader(name)
