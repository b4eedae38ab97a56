# SPDX-License-Identifier: MIT
"""The types of the engine's C declarations, as C of any host has them: what Windows calls unsigned long has 32 bits.

The header and the source of the library are written with these, from the same vocabulary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from esemu.vocabulary.declarations import Argument, Prototype

NUMBERS: Final = {
    "unsigned long": "uint32_t",
    "long": "int32_t",
    "__int64": "int64_t",
    "unsigned __int64": "uint64_t",
}
"""C types that have another width on Windows, or another name."""


def c_type(declared: str) -> str:
    """Return a type of the engine's header as it is written here."""
    prefix = "const " if declared.startswith("const ") else ""
    plain = declared.removeprefix("const ")
    base, star, rest = plain.partition(" *")
    return f"{prefix}{NUMBERS.get(base, base)}{star}{rest}"


def parameters(arguments: Iterable[Argument]) -> str:
    """Return the parameter list of a function."""
    return ", ".join(f"{c_type(each.c_type)} {each.name}" for each in arguments) or "void"


def raw_type(declared: str) -> str:
    """Return the type in which the emulator gets an argument: a number of the same width, for pointers too."""
    plain = declared.removeprefix("const ")
    if plain in NUMBERS:
        return NUMBERS[plain]
    return "uint32_t" if plain in {"JET_GRBIT", "JET_DBID", "JET_COLUMNID"} else "uint64_t"


def handed_on(argument: Argument) -> str:
    """Return an argument as it is handed on to the emulator."""
    raw = raw_type(argument.c_type)
    return f"({raw})(uintptr_t){argument.name}" if raw == "uint64_t" and "64" not in argument.c_type else argument.name


def raw_prototype(prototype: Prototype) -> str:
    """Return the declaration of the function in Python that an exported one calls."""
    types = ", ".join(raw_type(each.c_type) for each in prototype.arguments) or "void"
    return f"int32_t py_{prototype.symbol}({types})"
