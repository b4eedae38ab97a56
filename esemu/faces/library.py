# SPDX-License-Identifier: MIT
"""`engine.library()`: what `ctypes.WinDLL("esent")` is on Windows, in front of an emulated engine.

Every exported function is there under its exported names, takes what ctypes would pass, and returns the JET_ERR as an
int.  `argtypes`, `restype` and `errcheck` do what they do on a real function.  A function is a plain Python function, for
an object that can be called costs as much again as the whole call.
"""

from __future__ import annotations

import ctypes
from ctypes import PYFUNCTYPE, ArgumentError, c_int, c_void_p, c_wchar_p, py_object
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.exports import EXPORTS, function
from esemu.faces.abi.interface import Interface
from esemu.faces.foreign import Translated, is_foreign

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from esemu.machine.state import Process

JET_ERR: Final = c_int

_PLAIN: Final = frozenset(
    {None, ctypes.c_uint64, ctypes.c_size_t, ctypes.c_ulong, ctypes.c_uint32, ctypes.c_int32, ctypes.c_void_p}
)
"""Types, and the lack of one, for which a number is passed as it is; those that programs use most."""

_MISSING: Final = object()

_NUMBERS: Final = (None, *"bBhHiIlLqQP")
"""Codes of the parameter types for which an int is passed as it is; no type at all is one of them."""


_NARROW: Final = frozenset({"unsigned long", "long", "JET_GRBIT", "JET_DBID", "JET_COLUMNID"})
_WIDE: Final = frozenset({"JET_INSTANCE", "JET_SESID", "JET_TABLEID", "JET_HANDLE", "JET_OSSNAPID", "JET_API_PTR"})
"""Types of numbers, of 32 and of 64 bits."""

_address_of: Final = ctypes.pythonapi.PyLong_FromVoidPtr
_address_of.restype = py_object


@lru_cache(256)
def _converter(argtype: Any) -> Any:
    """Return what converts an argument as ctypes does for a parameter of this type, and returns what would be passed."""
    return PYFUNCTYPE(py_object, argtype)(("PyLong_FromVoidPtr", ctypes.pythonapi))


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
    """An exported function with what its prototype says: `masks` are the bits of each parameter."""

    __slots__ = ("call", "masks", "name", "numbers_only", "prototype")

    def __init__(self, interface: Interface, name: str) -> None:
        self.name = name
        self.call = function(interface, name)
        self.prototype = EXPORTS[name].prototype
        types = [argument.c_type.removeprefix("const ") for argument in self.prototype.arguments]
        self.masks = tuple(_bits(each) for each in types)
        self.numbers_only = all(each in _NARROW | _WIDE for each in types)  # no pointer is among them


def exported_function(interface: Interface, name: str) -> Any:
    """Return the function of an exported name: numbers go the short way, and anything else that of ctypes."""
    declared = Declared(interface, name)
    call, masks = declared.call, declared.masks
    numbers_only = declared.numbers_only

    def exported(*arguments: Any) -> Any:
        plain = attributes["restype"] is JET_ERR and attributes["errcheck"] is None
        if plain and (numbers_only or attributes["argtypes"] is None):
            raw = [argument & mask for argument, mask in zip(arguments, masks, strict=False) if type(argument) is int]
            if len(raw) == len(masks):
                return call(*raw)
        return converted(exported, declared, arguments)

    def of_one_argument(argument: Any = _MISSING, *others: Any) -> Any:
        if (
            type(argument) is int
            and attributes["restype"] is JET_ERR
            and attributes["errcheck"] is None
            and (numbers_only or attributes["argtypes"] is None)
        ):
            return call(argument & mask)
        return converted(exported, declared, () if argument is _MISSING else (argument, *others))

    if len(masks) == 1:
        exported, mask = of_one_argument, masks[0]
    attributes = _with_attributes(exported, name)
    return exported


def _with_attributes(exported: Any, name: str) -> Any:
    """Give a function the attributes of one of ctypes, and return them."""
    exported.__name__ = exported.__qualname__ = name
    exported.argtypes = None
    exported.restype = JET_ERR
    exported.errcheck = None
    return vars(exported)


def _bits(c_type: str) -> int:
    """Return the bits that a parameter of this C type has."""
    return 2**32 - 1 if c_type in _NARROW else 2**64 - 1


def converted(exported: Any, declared: Declared, arguments: tuple[Any, ...]) -> Any:
    """Make a call with arguments of any kind that ctypes passes, and return what `restype` and `errcheck` make of it."""
    masks = declared.masks
    if len(arguments) < len(masks):
        raise TypeError(f"this function takes at least {len(masks)} arguments ({len(arguments)} given)")
    argtypes = exported.argtypes or ()
    keep: list[Any] = []  # whatever has to live as long as the call
    translated: dict[int, Translated] = {}
    raw = []
    for place, (argument, mask) in enumerate(zip(arguments, masks, strict=False)):
        argtype, kind = argtypes[place] if place < len(argtypes) else None, type(argument)
        if kind is int and argtype in _PLAIN:  # what most arguments are goes the short way
            raw.append(argument & mask)
            continue
        if kind in _PLAIN and (argtype is None or argtype is kind):
            raw.append((argument.value or 0) & mask)
            continue
        if is_foreign(argument):
            translated[place] = Translated(argument)
            raw.append(translated[place].address)
            continue
        try:
            raw.append(_raw(argument, argtype, keep) & mask)
        except (TypeError, ArgumentError) as wrong:
            raise ArgumentError(f"argument {place + 1}: {str(wrong).removeprefix('argument 1: ')}") from None
    for place, there in translated.items():
        if (
            declared.prototype.arguments[place].direction == "out"
        ):  # a size in bytes follows, that of the caller's wide characters
            raw[place + 1] = min(raw[place + 1], there.size)
    result: Any = declared.call(*raw)
    for there in translated.values():
        there.write_back()
    if exported.restype is not JET_ERR:
        result = _returned(result, exported.restype)
    return exported.errcheck(result, exported, arguments) if exported.errcheck is not None else result


def _raw(argument: Any, argtype: Any, keep: list[Any]) -> int:
    """Return the number that ctypes would pass for an argument."""
    if isinstance(argument, int) and _takes_numbers(argtype):
        return int(argument)
    if argument is None and argtype is None:
        return 0
    if isinstance(argument, str) and argtype in {None, c_wchar_p, c_void_p}:
        return _wide(argument, keep)  # where wchar_t has four bytes ctypes would pass another string
    if argtype is not None:
        return int(_converter(argtype)(argument) or 0)
    return int(_address_of(argument) or 0)


@lru_cache(256)
def _takes_numbers(argtype: Any) -> bool:
    """Return whether an int is passed as it is for a parameter of this type; None is no type at all."""
    return getattr(argtype, "_type_", None) in _NUMBERS


def _wide(string: str, keep: list[Any]) -> int:
    """Return the address of a string in UTF-16."""
    block = ctypes.create_string_buffer(string.encode("utf-16-le", "surrogatepass") + b"\0\0")
    keep.append(block)
    return ctypes.addressof(block)


def _returned(error: int, restype: Any) -> Any:
    """Return a JET_ERR as a type of ctypes, or what a function makes of it; None makes None."""
    if restype is None:
        return None
    if isinstance(restype, type) and issubclass(restype, ctypes._SimpleCData):  # noqa: SLF001 - ctypes has no name for it
        return restype(error).value
    return restype(error)
