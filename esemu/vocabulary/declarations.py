# SPDX-License-Identifier: MIT
"""The records in which C declarations are kept: the layout of a structure, and the signature of a function.

`esemu.vocabulary.structures` and `esemu.vocabulary.signatures` are written in them.
"""

from __future__ import annotations

from typing import Literal, NamedTuple


class Field(NamedTuple):
    """A field of a structure; offset and size are in bytes."""

    offset: int
    size: int
    c_type: str
    name: str


class Structure(NamedTuple):
    """The layout of a structure on a 64-bit build; size and alignment are in bytes."""

    name: str
    size: int
    alignment: int
    fields: tuple[Field, ...]


class Argument(NamedTuple):
    """An argument of a function; an optional one may be NULL."""

    name: str
    c_type: str
    direction: Literal["in", "out", "inout"]
    optional: bool


class Prototype(NamedTuple):
    """One exported form of a function: "A" (ANSI), "W" (UTF-16), or "" where there is only one.

    `since` is the lowest JET_VERSION whose header declares it, such as 0x600 (Windows Vista), and 0 for all.
    """

    symbol: str
    form: Literal["A", "W", ""]
    since: int
    arguments: tuple[Argument, ...]


class Signature(NamedTuple):
    """A function with its forms; every one returns JET_ERR."""

    name: str
    forms: tuple[Prototype, ...]
