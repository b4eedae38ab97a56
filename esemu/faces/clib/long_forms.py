# SPDX-License-Identifier: MIT
"""What the header says about `unsigned long`, which has 32 bits on Windows and 64 elsewhere.

A client that stores sizes in one compiles unchanged in C++, where functions are found by the types of their arguments.  In C
the compiler stops, instead of handing on a place of which half is never written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.faces.clib.declarations import c_type
from esemu.vocabulary.signatures import SIGNATURES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.vocabulary.declarations import Argument, Prototype

OPENING: Final = """
#if !defined(__cplusplus) && defined(__GNUC__) && __SIZEOF_LONG__ == 8
#pragma GCC diagnostic error "-Wincompatible-pointer-types" /* an unsigned long is no ULONG here */
#endif
#if defined(__cplusplus) && __SIZEOF_LONG__ == 8
template <typename T> struct esemu_of_long {};
template <> struct esemu_of_long<unsigned long> { typedef JET_ERR error; };
"""

CLOSING: Final = "#endif"

_LONG: Final = "unsigned long *"


def long_forms() -> Iterator[str]:
    """Yield a form of each function that stores numbers which takes the addresses of unsigned longs."""
    yield OPENING
    for name, signature in SIGNATURES.items():
        for prototype in signature.forms:
            if any(each.c_type == _LONG for each in prototype.arguments):
                yield _form(prototype.symbol, prototype)
                if prototype.form == "A":
                    yield f"#ifndef JET_UNICODE\n{_form(name, prototype)}\n#endif"
    yield CLOSING


def _form(symbol: str, prototype: Prototype) -> str:
    """Return a function that has its numbers stored in places of the right width first."""
    arguments = prototype.arguments
    longs = [each.name for each in arguments if each.c_type == _LONG]
    taken = ", ".join(_parameter(each) for each in arguments)
    passed = ", ".join(f"{each.name} ? &own_{each.name} : 0" if each.name in longs else each.name for each in arguments)
    before = "".join(f"    uint32_t own_{name} = {name} ? (uint32_t)*{name} : 0;\n" for name in longs)
    after = "".join(f"    if ({name}) *{name} = own_{name};\n" for name in longs)
    return (
        f"template <typename U> inline typename esemu_of_long<U>::error {symbol}({taken})\n{{\n{before}"
        f"    JET_ERR error = {symbol}({passed});\n{after}    return error;\n}}"
    )


def _parameter(argument: Argument) -> str:
    return f"{'U *' if argument.c_type == _LONG else c_type(argument.c_type) + ' '}{argument.name}"
