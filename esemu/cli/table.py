# SPDX-License-Identifier: MIT
"""The machine's table as the command line shows it: a call as sections of steps, in the order in which they are taken."""

from __future__ import annotations

import difflib
import inspect
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from esemu.machine.api import AnsiForm, SingleInstanceForm
from esemu.machine.calls import CALLS
from esemu.machine.step import FOR_EVER, UNDEFINED, Part, Rule, Wait, parts_of
from esemu.vocabulary.error_table import ERRORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from esemu.machine.api import ApiCall
    from esemu.machine.step import Step

NO_ERRORS: Final = {UNDEFINED: "undefined behaviour", FOR_EVER: "waits for ever"}
"""What stands in the table for an engine that does not return."""


class Section(NamedTuple):
    """A stage of a call, and the steps in it."""

    title: str
    steps: tuple[Step, ...]


def sections(call: ApiCall) -> list[Section]:
    """Return the stages of a call; those without steps are left out."""
    target = call.target if isinstance(call, SingleInstanceForm) else call
    own = call.steps[len(call.gate) :]
    stages = [
        Section("before anything else", call.before),
        Section("finding the instance or session", call.find),
        Section("before the call proper", target.before if target is not call else ()),
        Section("entering the API", call.gate),
        Section("the call", own),
        Section("converting to ANSI", target.afterwards.steps if isinstance(target, AnsiForm) else ()),
    ]
    return [stage for stage in stages if stage.steps]


def rules(call: ApiCall) -> Iterator[Rule]:
    """Every rule that may refuse the call, in the order of asking."""
    for section in sections(call):
        yield from _rules(section.steps)


def _rules(steps: Iterable[Step]) -> Iterator[Rule]:
    for step in steps:
        if isinstance(step, Rule):
            yield step
        else:
            yield from _rules(step.steps if isinstance(step, Part) else parts_of(step))


def outcome(rule: Rule) -> str:
    """Return what the call ends with where the rule holds: JET_errNoBackup (-520).  A wait says what it is for itself."""
    if isinstance(rule, Wait):
        return "waits for"
    return " or ".join(NO_ERRORS.get(error) or f"{ERRORS[error][0]} ({error})" for error in rule.errors)


def effect_text(effect: object) -> str:
    """Return the sentence that says what an effect does."""
    return (inspect.getdoc(effect) or "").partition("\n")[0]


def as_json(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Return steps as JSON values: rules, effects, and parts with their steps inside."""
    return [_step_as_json(step) for step in steps]


def _step_as_json(step: Step) -> dict[str, Any]:
    if isinstance(step, Rule):
        found: dict[str, Any] = {"rule": step.name, "source": step.source, "text": step.text}
        found["errors"] = [{"error": error, "name": NO_ERRORS.get(error) or ERRORS[error][0]} for error in step.errors]
        return found
    if isinstance(step, Part):
        found = {"part": step.name}
        if step.when is not None:
            found["when"] = {"rule": step.when.name, "source": step.when.source, "text": step.when.text}
        return found | {"steps": as_json(step.steps)}
    found = {"effect": step.__name__, "text": effect_text(step)}
    return found | {"steps": as_json(parts_of(step))} if parts_of(step) else found


def call_named(name: str) -> ApiCall:
    """Return the call with this name, in any case and with or without W.  Raises LookupError with a suggestion."""
    known = {each.casefold(): each for each in CALLS}
    wanted = name.casefold()
    found = known.get(wanted) or known.get(wanted.removesuffix("w"))
    if found is not None:
        return CALLS[found]
    from esemu.vocabulary.signatures import SIGNATURES  # noqa: PLC0415 - a large table

    if name in SIGNATURES:
        raise LookupError(f"{name} is a call of the engine that esemu does not emulate")
    near = [known[each] for each in difflib.get_close_matches(wanted, known, n=3)]
    hint = f"did you mean {' or '.join(near)}?" if near else "`esemu rules` lists all calls"
    raise LookupError(f"there is no call {name!r}; {hint}")
