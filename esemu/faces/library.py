# SPDX-License-Identifier: MIT
"""`engine.library()`: what `ctypes.WinDLL("esent")` is on Windows, in front of an emulated engine.

Every exported function is there under its exported names, takes what ctypes would pass, and returns the JET_ERR as an
int.  `argtypes`, `restype` and `errcheck` do what they do on a real function.
"""

from __future__ import annotations

import ctypes
from ctypes import PYFUNCTYPE, ArgumentError, c_int, c_void_p, c_wchar, c_wchar_p, py_object
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.exports import EXPORTS, function
from esemu.faces.abi.interface import Interface
from esemu.faces.abi.numbers import NARROW, NUMBERS
from esemu.faces.foreign import Translated, is_foreign

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from esemu.machine.state import Process

JET_ERR: Final = c_int

_NUMBERS: Final = (None, *"bBhHiIlLqQP")
"""Codes of the parameter types for which an int is passed as it is; no type at all is one of them."""

_SIMPLE: Final = frozenset(
    {ctypes.c_uint64, ctypes.c_size_t, ctypes.c_ulong, ctypes.c_uint32, ctypes.c_int32, c_void_p}
)
"""Types of numbers, those that programs use most."""

_FUNCTION: Final = """
def exported({parameters}):
    if attributes["restype"] is JET_ERR and attributes["errcheck"] is None{if_numbers}:
        return call({numbers})
    return converted(exported, declared, [{arguments}*others])
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
    """An exported function with what its prototype says, and how arguments are converted for the types that it has been given."""

    __slots__ = ("argtypes", "call", "converters", "masks", "name", "prototype")

    def __init__(self, interface: Interface, name: str) -> None:
        self.name = name
        self.call = function(interface, name)
        self.prototype = EXPORTS[name].prototype
        self.masks = tuple(_bits(each) for each in self._types())
        self.argtypes: Any = None
        self.converters: list[Any] = []

    def numbers_only(self) -> bool:
        """Return whether no pointer is among the parameters."""
        return all(each in NUMBERS for each in self._types())

    def declare(self, argtypes: Any) -> None:
        """Prepare to convert arguments as ctypes does for parameters of these types."""
        self.argtypes = argtypes
        given = [*(argtypes or ()), *[None] * len(self.masks)]
        self.converters = [_converter(place, *each) for place, each in enumerate(zip(given, self.masks, strict=False))]

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
        if_numbers="".join(f" and {test}" for test in tests),
        numbers=", ".join(f"{each} & {mask}" for each, mask in zip(names, declared.masks, strict=True)),
        arguments="".join(f"{each}, " for each in names),
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


def converted(exported: Any, declared: Declared, arguments: list[Any]) -> Any:
    """Make a call with arguments of any kind that ctypes passes, and return what `restype` and `errcheck` make of it."""
    if exported.argtypes is not declared.argtypes or not declared.converters:
        declared.declare(exported.argtypes)
    keep: dict[int, Any] = {}  # whatever has to live as long as the call, by the place of its argument
    raw = [convert(argument, keep) for convert, argument in zip(declared.converters, arguments, strict=False)]
    foreign = [(place, there) for place, there in keep.items() if type(there) is Translated] if keep else ()
    for place, there in foreign:
        if declared.prototype.arguments[place].direction == "out":
            raw[place + 1] = min(raw[place + 1], there.size)  # a size in bytes, that of the caller's wide characters
    result: Any = declared.call(*raw)
    for _, there in foreign:
        there.write_back()
    if exported.restype is not JET_ERR:
        result = _returned(result, exported.restype)
    return exported.errcheck(result, exported, tuple(arguments)) if exported.errcheck is not None else result


@lru_cache(1024)
def _converter(place: int, argtype: Any, mask: int) -> Any:
    """Return what makes of an argument the number that ctypes would pass for a parameter of this type at this place."""
    takes_numbers = getattr(argtype, "_type_", None) in _NUMBERS
    takes_strings = argtype in {None, c_wchar_p, c_void_p}
    never_foreign = getattr(argtype, "_type_", c_wchar) not in {c_wchar, *"ZP"}  # neither a wide string nor any pointer
    address = PYFUNCTYPE(py_object, *(() if argtype is None else (argtype,)))(("PyLong_FromVoidPtr", ctypes.pythonapi))

    def convert(argument: Any, keep: dict[int, Any]) -> int:
        if takes_numbers:
            if isinstance(argument, int):
                return int(argument) & mask
            if argument is None:
                return 0
            if type(argument) in _SIMPLE and (argtype is None or type(argument) is argtype):
                return (argument.value or 0) & mask
        if takes_strings and isinstance(argument, str):  # where wchar_t has four bytes ctypes would pass another string
            keep[place] = block = ctypes.create_string_buffer(argument.encode("utf-16-le", "surrogatepass") + b"\0\0")
            return ctypes.addressof(block)
        if not never_foreign and is_foreign(argument):
            keep[place] = there = Translated(argument)
            return there.address
        try:
            return address(argument) & mask  # type: ignore[no-any-return]
        except (TypeError, ArgumentError) as wrong:
            raise ArgumentError(f"argument {place + 1}: {str(wrong).removeprefix('argument 1: ')}") from None

    return convert


def _returned(error: int, restype: Any) -> Any:
    """Return a JET_ERR as a type of ctypes, or what a function makes of it; None makes None."""
    if restype is None:
        return None
    if isinstance(restype, type) and issubclass(restype, ctypes._SimpleCData):  # noqa: SLF001 - ctypes has no name for it
        return restype(error).value
    return restype(error)
