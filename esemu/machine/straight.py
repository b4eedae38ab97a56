# SPDX-License-Identifier: MIT
"""A part of the table as one Python function, in which its steps stand one after the other.

A loop over the steps would cost more than most rules do.  What happens where a step stops the call is `Part.stopped`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from esemu.machine.step import Part, Rule, Wait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from esemu.machine.call import Call
    from esemu.machine.step import Taken


def straight(part: Part) -> Callable[[Any, Call], int]:
    """Return a function that takes the steps of a part, and returns 0 or the error with which one stops the call."""
    names: dict[str, Any] = {"stopped": part.stopped}
    lines = ["def taken(state, call):"]
    if part.when is not None:
        lines += [f" if not {_asked(part.when, names)}:", "  return 0"]
    lines += _lines(part.program, names, " ")
    lines.append(" return 0")
    exec("\n".join(lines), names)  # noqa: S102 - the text is made of numbered names alone
    return names["taken"]  # type: ignore[no-any-return]


def _lines(program: tuple[Taken, ...], names: dict[str, Any], indent: str) -> Iterator[str]:
    """Give the lines for steps; a condition without steps, as a test may leave one behind, is asked all the same."""
    for reads_call, function, step in program:
        if isinstance(step, Part) and step.in_line and step.refused is None and step.when is not None:
            yield f"{indent}if {_asked(step.when, names)}:"
            yield f"{indent} pass"
            yield from _lines(step.program, names, f"{indent} ")
            continue
        taken = _named(step.function() if isinstance(step, Part) and step.in_line else function, names)
        outcome = f"{taken}({'state, call' if reads_call else 'state'})"
        if isinstance(step, Wait):  # most calls wait for nothing
            condition, error = f"{_asked(step, names)} and {outcome}", "True"
        elif isinstance(step, Rule) and step.error:
            condition, error = outcome, "True"
        else:
            condition, error = f"error := {outcome}", "error"
        yield f"{indent}if {condition}:"
        yield f"{indent} return stopped(state, call, {_named(step, names)}, {error})"


def _asked(rule: Rule, names: dict[str, Any]) -> str:
    """Return the expression that asks a rule."""
    return f"{_named(rule.test, names)}({'state, call' if rule.reads_call else 'state'})"


def _named(value: Any, names: dict[str, Any]) -> str:
    """Return the name under which the function finds something."""
    name = f"_{len(names)}"
    names[name] = value
    return name
