# SPDX-License-Identifier: MIT
"""What the header does for `unsigned long`, which has 32 bits on Windows and 64 elsewhere.

A client that has numbers stored in unsigned longs compiles as it is, and all of each is written.  In C++ functions are found by the types
of their arguments; in C a macro stands before a function, and asks the compiler for these types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.faces.clib.declarations import c_type
from esemu.vocabulary.signatures import SIGNATURES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from esemu.vocabulary.declarations import Argument, Prototype

_LONG: Final = "unsigned long *"

_CPP: Final = """
#if defined(__cplusplus) && __SIZEOF_LONG__ == 8
template <typename T> struct esemu_of_long {};
template <> struct esemu_of_long<unsigned long> { typedef JET_ERR error; };
"""

_C: Final = """
#if !defined(__cplusplus) && defined(__GNUC__) && __SIZEOF_LONG__ == 8 && !defined(ESENT_NO_LONG)
/* (JetReadFileInstance)(...) is the function itself. */
#define ESEMU_IS_LONG(place) __builtin_types_compatible_p(__typeof__((place) + 0), unsigned long *)
#define ESEMU_LONG(place) ((unsigned long *)__builtin_choose_expr(ESEMU_IS_LONG(place), (place), (void *)0))
#define ESEMU_PLACE(place, at, own) __builtin_choose_expr(ESEMU_IS_LONG(place), (at) ? &(own) : (uint32_t *)0, (place))
"""

_END: Final = "#endif"


def long_forms() -> Iterator[str]:
    """Yield a form of each function that stores numbers which takes the addresses of unsigned longs."""
    for opening, form in (_CPP, _template), (_C, _macro):
        yield opening
        yield from _each(form)
        yield _END


def _each(form: Callable[[str, Prototype], str]) -> Iterator[str]:
    for name, signature in SIGNATURES.items():
        for prototype in signature.forms:
            if _longs(prototype):
                yield form(prototype.symbol, prototype)
                if prototype.form == "A":
                    yield f"#ifndef JET_UNICODE\n{form(name, prototype)}\n#endif"


def _longs(prototype: Prototype) -> list[str]:
    return [each.name for each in prototype.arguments if each.c_type == _LONG]


def _template(symbol: str, prototype: Prototype) -> str:
    """Return a function that has its numbers stored in places of the right width first."""
    arguments, longs = prototype.arguments, _longs(prototype)
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


def _macro(symbol: str, prototype: Prototype) -> str:
    """Return a macro that does the same where an argument is the address of an unsigned long, and else nothing."""
    names, longs = [each.name for each in prototype.arguments], _longs(prototype)
    passed = (f"ESEMU_PLACE({name}, esemu_at_{name}, esemu_own_{name})" if name in longs else name for name in names)
    lines = [
        f"#define {symbol}({', '.join(names)}) __extension__({{",
        *(f"    unsigned long *esemu_at_{name} = ESEMU_LONG({name});" for name in longs),
        *(f"    uint32_t esemu_own_{name} = esemu_at_{name} ? (uint32_t)*esemu_at_{name} : 0;" for name in longs),
        f"    JET_ERR esemu_error = ({symbol})({', '.join(passed)});",
        *(f"    if (esemu_at_{name}) *esemu_at_{name} = esemu_own_{name};" for name in longs),
        "    esemu_error; })",
    ]
    return " \\\n".join(lines)
