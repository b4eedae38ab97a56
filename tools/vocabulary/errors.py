# SPDX-License-Identifier: MIT
"""The modules about errors: their numbers, the table of their exceptions, its stub, and which page documents which."""

# ruff: noqa: INP001 - a folder of scripts, no package

from __future__ import annotations

import tables
from layout import COMMENT, FINAL, Bracket, opening, quoted

_CONSTANTS = """The numbers of the engine's errors (negative), warnings (positive) and of success (0), as plain ints.

They are no enum on purpose: the machine compares them on every call, and an int costs nothing. Two names with one
number stand one below the other; the first is the name that messages show."""

_TABLE = """The table that exceptions and explanations are made from: every error's name, class, category and meaning.

It is imported when the first error is raised or explained, never by `import esemu`."""

_STUB_COMMENT = (
    "# What `esemu.vocabulary.exceptions` answers at run time through __getattr__, for type checkers and editors."
)

_RETURNS = """Which errors each reference page documents, and when: what clients were promised, not what happens.

A page without a table of return values has an empty dict. Conditions are paraphrases."""


def constants_module() -> str:
    """Return errors.py: one Final per name."""
    lines = [*opening("errors.tsv", _CONSTANTS + "\n"), *FINAL]
    for row in tables.read("errors"):
        lines.append(f"{row['name']}: Final = {row['value']}")
        lines += [f"{alias}: Final = {row['value']}" for alias in row["aliases"].split(",") if alias]
    return "\n".join(lines) + "\n"


def table_module() -> str:
    """Return error_table.py: categories, errors, warnings and aliases by name or number."""
    rows = tables.read("errors")
    classes = {row["category"]: row["exception"] for row in tables.read("categories")} | {"": "JetError"}
    categories: list[Bracket | str] = [
        _entry(quoted(row["exception"]), classes[row["parent"]], row["category"], row["description"])
        for row in tables.read("categories")
    ]
    errors: list[Bracket | str] = [
        _entry(row["value"], row["name"], row["exception"], classes[row["category"]], row["paraphrase"])
        for row in rows
        if row["exception"]
    ]
    others: list[Bracket | str] = [
        _entry(row["value"], row["name"], classes[row["category"]], row["paraphrase"])
        for row in rows
        if not row["exception"]
    ]
    aliases: list[Bracket | str] = [
        f"{quoted(alias)}: {row['value']}" for row in rows for alias in row["aliases"].split(",") if alias
    ]
    lines = opening("errors.tsv and categories.tsv", _TABLE + "\n")
    lines += ["# exception class: (its parent, the category in jethdr.w, what the errors below it have in common)"]
    lines += Bracket("CATEGORIES: dict[str, tuple[str, str, str]] = {", categories, "}").exploded()
    lines += ["", "# number: (name, exception class, its parent, meaning)"]
    lines += Bracket("ERRORS: dict[int, tuple[str, str, str, str]] = {", errors, "}").exploded()
    lines += [
        "",
        "# number of success or of a warning: (name, class of its category, JetError if it has none, meaning)",
    ]
    lines += Bracket("WARNINGS: dict[int, tuple[str, str, str]] = {", others, "}").exploded()
    lines += ["", "# second name: number"]
    lines += Bracket("ALIASES: dict[str, int] = {", aliases, "}").exploded()
    return "\n".join(lines) + "\n"


def exceptions_stub() -> str:
    """Return exceptions.pyi: the classes as if they were written out."""
    rows = tables.read("errors")
    classes = {row["category"]: row["exception"] for row in tables.read("categories")} | {"": "JetError"}
    lines = ["# SPDX-License-Identifier: MIT", _STUB_COMMENT]
    lines += [
        COMMENT.format(tables="errors.tsv and categories.tsv"),
        "",
    ]
    lines += ["from esemu.vocabulary.exception_classes import exception_for as exception_for"]
    names = ("EsemuError", "JetError", "NotEmulated", "Occurrence", "UndefinedBehaviour", "WouldBlockForever")
    parts: list[Bracket | str] = [f"{name} as {name}" for name in names]
    lines += [*Bracket("from esemu.vocabulary.failures import (", parts).exploded(), ""]
    for row in tables.read("categories"):
        lines.append(f"class {row['exception']}({classes[row['parent']]}): ...")
    for row in rows:
        if row["exception"]:
            lines.append(f"class {row['exception']}({classes[row['category']]}): ...  # {row['value']}")
    return "\n".join(lines) + "\n"


def documented_returns_module() -> str:
    """Return documented_returns.py: function, then error, then condition."""
    lines = [*opening("documented_returns.tsv", _RETURNS + "\n")]
    functions: list[Bracket | str] = []
    for function, rows in tables.grouped(tables.read("documented_returns"), "function").items():
        conditions: dict[str, list[str]] = {}
        for row in rows:
            if row["error"]:
                conditions.setdefault(row["error"], []).append(row["condition"])
        entries: list[Bracket | str] = [
            f"{quoted(error)}: {quoted('; '.join(texts))}" for error, texts in conditions.items()
        ]
        functions.append(Bracket(f"{quoted(function)}: {{", entries, "}"))
    lines += ["# function: {error: condition}"]
    lines += Bracket("DOCUMENTED_RETURNS: dict[str, dict[str, str]] = {", functions, "}").exploded()
    return "\n".join(lines) + "\n"


def _entry(key: str, *texts: str) -> Bracket:
    """Return an entry of a dict whose value is a tuple of strings."""
    return Bracket(f"{key}: (", [quoted(text) for text in texts])
