# SPDX-License-Identifier: MIT
"""The modules of constants that are no errors: grbits and system parameters."""

# ruff: noqa: INP001 - a folder of scripts, no package

from __future__ import annotations

import json

import tables
from layout import FINAL, Bracket, opening, quoted

_GRBITS = """The grbits (flags) of the calls that esemu emulates, as plain ints, in the groups of the header.

They are no IntFlag on purpose: testing a member of one costs 30 times as much as testing an int. One number means
different things to different functions, so a name can only be found with its group: `esemu.vocabulary.grbit_names`."""

_PARAMETERS = """The system parameters: the numbers of all, and what the engine knows about those that esemu models.

The numbers and names are those of jethdr.w, the rules those of the engine's own table of parameters. Text comes with
its length in characters, everything else with the bounds of its value."""


_DEFAULTS = """What a system parameter that esemu does not model is until somebody sets it, as far as the engine's table says it.

Where there are two configurations, a small one and the usual one, it is the default of the usual one."""


def grbits_module() -> str:
    """Return grbits.py: one Final per flag, and the flags by group."""
    lines = [*opening("grbits.tsv and grbit_groups.tsv", _GRBITS + "\n"), *FINAL]
    groups = tables.grouped(tables.read("grbits"), "group")
    used_by = {row["group"]: row["used_by"] for row in tables.read("grbit_groups")}
    entries: list[Bracket | str] = []
    for group, rows in groups.items():
        lines.append(f"# {group}: {used_by[group]}")
        lines += [f"{row['name']}: Final = {row['value']}" for row in rows]
        lines.append("")
        parts: list[Bracket | str] = [f"{quoted(row['name'])}: {row['name']}" for row in rows]
        entries.append(Bracket(f"{quoted(group)}: {{", parts, "}"))
    lines.append("# group: {name: value}")
    lines += Bracket("GROUPS: Final[dict[str, dict[str, int]]] = {", entries, "}").exploded()
    return "\n".join(lines) + "\n"


def parameters_module() -> str:
    """Return parameters.py: one Final per parameter, and the table of those that are modelled."""
    lines = [*opening("(modelled_)parameters.tsv", _PARAMETERS + "\n")]
    lines += [*FINAL[:2], "from esemu.vocabulary.parameter import Parameter", "", *FINAL[2:]]
    names: dict[str, str] = {}
    for row in tables.read("parameters"):
        lines.append(f"{row['name']}: Final = {row['value']}")
        names[row["value"]] = row["name"]
    entries: list[Bracket | str] = []
    for row in tables.read("modelled_parameters"):
        name = names[row["value"]]
        parts: list[Bracket | str] = [
            name,
            quoted(name),
            quoted(row["type"]),
            quoted(row["scope"]),
            quoted(row["locked"]),
        ]
        parts += [str(row["advanced"] == "yes"), row["minimum"], row["maximum"] or "None"]
        parts += [_default(row["default_esent"]), _default(row["default_ese"]), quoted(row["source"])]
        entries.append(Bracket(f"{name}: Parameter(", parts))
    lines += ["", "# number: what the engine knows about it"]
    lines += Bracket("PARAMETERS: Final[dict[int, Parameter]] = {", entries, "}").exploded()
    return "\n".join(lines) + "\n"


def parameter_defaults_module() -> str:
    """Return parameter_defaults.py: a default by the number of its parameter."""
    lines = [*opening("parameter_defaults.tsv", _DEFAULTS + "\n"), *FINAL]
    rows = tables.read("parameter_defaults")
    entries: list[Bracket | str] = [f"{row['value']}: {_default(row['default'])}" for row in rows]
    lines += Bracket("DEFAULTS: Final[dict[int, int | str]] = {", entries, "}").exploded()
    return "\n".join(lines) + "\n"


def _default(text: str) -> str:
    """Return the literal of a default, which is an integer or a JSON string."""
    return quoted(json.loads(text)) if text.startswith('"') else text
