# SPDX-License-Identifier: MIT
"""The modules about what C declares: the layouts of structures and the signatures of functions."""

# ruff: noqa: INP001 - a folder of scripts, no package

from __future__ import annotations

import tables
from layout import Bracket, opening, quoted

_STRUCTURES = """The structures in which calls hand over data, as laid out on 64-bit builds.

Sizes and offsets are in bytes. An array's C type has its length, such as "char[16]"; a field of C type "union" is one
in the header. Imported only by faces that lay out memory."""

_SIGNATURES = """The C signatures of the functions that the engine's library exports, with their ANSI and UTF-16 forms.

Where a function has a form A, the library also exports its plain name, which is that form. Most of what is about tables is
not emulated. Every function returns JET_ERR, a 32-bit signed integer, and is __stdcall on 32-bit Windows. Imported only by faces that need it."""


def structures_module() -> str:
    """Return structures.py: one Structure per name."""
    lines = opening("structures.tsv", _STRUCTURES + "\n")
    lines += ["from typing import Final", "", "from esemu.vocabulary.declarations import Field, Structure", ""]
    entries: list[Bracket | str] = []
    for name, (head, *rows) in tables.grouped(tables.read("structures"), "structure").items():
        fields: list[Bracket | str] = [
            Bracket(
                "Field(", [row["offset_or_size"], row["size_or_alignment"], quoted(row["c_type"]), quoted(row["field"])]
            )
            for row in rows
        ]
        parts: list[Bracket | str] = [
            quoted(name),
            head["offset_or_size"],
            head["size_or_alignment"],
            Bracket("(", fields),
        ]
        entries.append(Bracket(f"{quoted(name)}: Structure(", parts))
    lines += Bracket("STRUCTURES: Final[dict[str, Structure]] = {", entries, "}").exploded()
    return "\n".join(lines) + "\n"


def signatures_module() -> str:
    """Return signatures.py: one Signature per function."""
    lines = opening("signatures.tsv", _SIGNATURES + "\n")
    lines += [
        "from typing import Final",
        "",
        "from esemu.vocabulary.declarations import Argument, Prototype, Signature",
        "",
    ]
    entries: list[Bracket | str] = []
    for name, rows in tables.grouped(tables.read("signatures"), "function").items():
        forms: list[Bracket | str] = [_prototype(name, row) for row in rows]
        entries.append(Bracket(f"{quoted(name)}: Signature(", [quoted(name), Bracket("(", forms)]))
    lines += Bracket("SIGNATURES: Final[dict[str, Signature]] = {", entries, "}").exploded()
    return "\n".join(lines) + "\n"


def _prototype(name: str, row: dict[str, str]) -> Bracket:
    """Return the call that makes one form of a function."""
    arguments: list[Bracket | str] = [_argument(text) for text in row["arguments"].split("; ") if text]
    parts: list[Bracket | str] = [
        quoted(name + row["form"]),
        quoted(row["form"]),
        row["since"],
        Bracket("(", arguments),
    ]
    return Bracket("Prototype(", parts)


def _argument(text: str) -> Bracket:
    """Return the call that makes an argument written as "out? unsigned long *: pcbActual"."""
    direction, declared = text.split(" ", 1)
    c_type, name = declared.rsplit(": ", 1)
    parts = [quoted(name), quoted(c_type), quoted(direction.rstrip("?")), str(direction.endswith("?"))]
    return Bracket("Argument(", list(parts))
