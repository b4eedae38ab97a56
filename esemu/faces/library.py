# SPDX-License-Identifier: MIT
"""`engine.library()`: what `ctypes.WinDLL("esent")` is on Windows, in front of an emulated engine.

Every exported function is there under its exported names, takes what ctypes would pass, and returns the JET_ERR as an
int.  `argtypes`, `restype` and `errcheck` do what they do on a real function.
"""

from __future__ import annotations

import ctypes
from ctypes import ArgumentError, c_int
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.exports import EXPORTS, function
from esemu.faces.abi.interface import Interface
from esemu.faces.abi.numbers import NARROW, NUMBERS
from esemu.faces.conversion import NotUtf16, converter, straight
from esemu.faces.foreign import Translated

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from esemu.machine.state import Process

JET_ERR: Final = c_int

_FUNCTION: Final = """
def exported({parameters}):
    if attributes["restype"] is JET_ERR and attributes["errcheck"] is None:
        if {are_numbers}:
            return call({numbers})
        if attributes["argtypes"] is declared.argtypes:
            return declared.straight({names})
    return converted(exported, declared, [{names}], others)
"""
"""An exported function.  It is written for its prototype, because a loop over the arguments takes longer than the call."""


class Library(ctypes.CDLL):
    """The engine's exported functions, as attributes; one that does not exist raises AttributeError.

    `code_page` is the encoding of the A forms.
    """

    def __init__(self, process: Process, code_page: str = "cp1252") -> None:
        """Make the library of one emulated process.  Raises LookupError for a code page that Python does not know."""
        self._name = "esent"
        self._handle = 0
        self.interface = Interface(process, code_page)

    def __getitem__(self, name: Any) -> Any:
        """Return a new function object for an exported name, as ctypes does."""
        if name not in EXPORTS:
            raise AttributeError(f"function {name!r} not found")
        return exported_function(self.interface, name)

    def in_place_of_esent(self) -> AbstractContextManager[Library]:
        """Return a context in which `ctypes.WinDLL("esent")` and `ctypes.windll.esent` are this library.

        There they are also where ctypes has neither WinDLL nor windll; nothing else of Windows is.
        """
        from esemu.faces.windll import in_place_of_esent  # noqa: PLC0415 - for code that cannot be changed

        return in_place_of_esent(self)

    def __repr__(self) -> str:
        """Show whose library it is."""
        return f"<library of {self.interface.process.live()!r}>"


class Declared:
    """An exported function with what its prototype says, and what calls it with arguments of the types it has been given."""

    __slots__ = ("argtypes", "call", "converters", "masks", "name", "prototype", "straight")

    def __init__(self, interface: Interface, name: str) -> None:
        self.name = name
        self.call = function(interface, name)
        self.prototype = EXPORTS[name].prototype
        self.masks = tuple(_bits(each) for each in self._types())
        self.argtypes: Any = self  # nobody's: nothing was prepared yet
        self.converters: list[Any] = []
        self.straight: Any = None

    def numbers_only(self) -> bool:
        """Return whether no pointer is among the parameters."""
        return all(each in NUMBERS for each in self._types())

    def declare(self, argtypes: Any) -> None:
        """Prepare to convert arguments as ctypes does for parameters of these types."""
        given = [*(argtypes or ()), *[None] * len(self.masks)][: len(self.masks)]
        self.converters = [converter(*each) for each in zip(given, self.masks, strict=True)]
        self.straight = straight(self.call, self.with_strings, given, self.masks)
        self.argtypes = argtypes

    def with_strings(self, arguments: list[Any]) -> int:
        """Make a call with arguments some of which have to be translated, and lie in memory that lives as long as the call.

        Raises ArgumentError.
        """
        raw: list[int] = []
        strings: dict[int, Translated] = {}
        for place, (convert, argument) in enumerate(zip(self.converters, arguments, strict=True)):
            try:
                raw.append(convert(argument))
            except NotUtf16:
                strings[place] = Translated(argument)
                raw.append(strings[place].address)
            except (TypeError, ArgumentError) as wrong:
                raise ArgumentError(f"argument {place + 1}: {str(wrong).removeprefix('argument 1: ')}") from None
        for place, string in strings.items():
            if self._has_size(place):
                raw[place + 1] = min(raw[place + 1], string.size)  # in bytes, of the caller's wide characters
        error = self.call(*raw)
        for string in strings.values():
            string.write_back()
        return error

    def _has_size(self, place: int) -> bool:
        """Return whether the engine stores something where an argument points to, as far as the next one says."""
        return self.prototype.arguments[place].direction == "out" and self._types()[place + 1 : place + 2] == [
            "unsigned long"
        ]

    def _types(self) -> list[str]:
        return [argument.c_type.removeprefix("const ") for argument in self.prototype.arguments]


def exported_function(interface: Interface, name: str) -> Any:
    """Return the function of an exported name: numbers go the short way, and anything else that of ctypes."""
    declared = Declared(interface, name)
    names = [argument.name for argument in declared.prototype.arguments]
    tests = [f"type({each}) is int" for each in names]
    if not declared.numbers_only():
        tests.append('attributes["argtypes"] is None')
    source = _FUNCTION.format(
        parameters=", ".join([*names, *(["/"] if names else []), "*others"]),
        are_numbers=" and ".join(tests) or "True",
        numbers=", ".join(f"{each} & {mask}" for each, mask in zip(names, declared.masks, strict=True)),
        names=", ".join(names),
    )
    scope: dict[str, Any] = {"JET_ERR": JET_ERR, "call": declared.call, "converted": converted, "declared": declared}
    exec(source, scope)  # noqa: S102 - of the names and widths of our own prototypes, and of nothing else
    exported = scope["exported"]
    exported.__name__ = exported.__qualname__ = name
    exported.argtypes = None
    exported.restype = JET_ERR
    exported.errcheck = None
    scope["attributes"] = vars(exported)
    return exported


def _bits(c_type: str) -> int:
    """Return the bits that a parameter of this C type has."""
    return 2**32 - 1 if c_type in NARROW else 2**64 - 1


def converted(exported: Any, declared: Declared, arguments: list[Any], others: tuple[Any, ...]) -> Any:
    """Make a call with arguments of any kind that ctypes passes, and return what `restype` and `errcheck` make of it."""
    if exported.argtypes is not declared.argtypes:
        declared.declare(exported.argtypes)
    result = declared.straight(*arguments)
    if exported.restype is not JET_ERR:
        result = _returned(result, exported.restype)
    return exported.errcheck(result, exported, (*arguments, *others)) if exported.errcheck is not None else result


def _returned(error: int, restype: Any) -> Any:
    """Return a JET_ERR as a type of ctypes, or what a function makes of it; None makes None."""
    if restype is None:
        return None
    if isinstance(restype, type) and issubclass(restype, ctypes._SimpleCData):  # noqa: SLF001 - ctypes has no name for it
        return restype(error).value
    return restype(error)
