# SPDX-License-Identifier: MIT
"""Letting one rule of the table hold for one call, so that the call fails as the engine's own would.

What a failure leaves behind is the engine's business: a file that cannot be opened is closed again, a log that cannot
be read ends the backup.  So a call is not made to fail; it is made with a copy of its row in which the rule holds, and
everything that the table has before the rule and after it happens as ever.
"""

from __future__ import annotations

import dis
from copy import copy
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from esemu.machine.api import AnsiForm, ApiCall, SingleInstanceForm
from esemu.machine.step import Part, Rule, Wait
from esemu.vocabulary.errors import (
    JET_errDatabaseLocked,
    JET_errInvalidInstance,
    JET_errInvalidSesid,
    JET_errNotInitialized,
)
from esemu.vocabulary.exception_classes import class_named, exception_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.machine.call import Call
    from esemu.machine.state import Process
    from esemu.machine.step import Step


def refuse(process: Process, call: Call, rule: Rule, error: int) -> bool:
    """Make a call while `rule` holds, and return whether the call got as far as that rule.

    `error` is one of the errors of the rule.  Where the call does not get there it is answered as ever: another rule
    has refused it before, or the part with the rule is not taken in this state.
    """
    row = row_with(call.api, rule, error)
    row.perform(process, call, told=True)
    return call.rule is not None and call.rule is _held(rule, error)


SERVER_SIDE: Final = {JET_errInvalidInstance, JET_errNotInitialized, JET_errDatabaseLocked, JET_errInvalidSesid}
"""Errors that count as a caller's mistake, and that a caller gets without one when the server ends or locks something."""

NEVER: Final = {"surrogate_begin_not_logged"}
"""Rules that another with the same error is always asked before, which holds then too: tests/machine/test_mutation.py."""


@cache
def refusals(api: ApiCall, *, usage: bool = False) -> tuple[tuple[Rule, int], ...]:
    """Return every rule that a call can be refused by, with each of its errors, in the order of the table.

    Left out are errors that the caller alone brings about, the `UsageError`s, unless `usage` asks for them, and rules
    about nothing but the arguments: arguments that were right stay right, whatever the server does.
    """
    every = dict.fromkeys(rule for rule in _rules(api) if not (rule.name in NEVER or _is_about_arguments(rule)))
    pairs = ((rule, error) for rule in every for error in rule.errors if error < 0)
    return tuple((rule, error) for rule, error in pairs if usage or not is_usage(error))


def is_usage(error: int) -> bool:
    """Return whether an error counts as a mistake that the caller alone can make."""
    return issubclass(exception_for(error), class_named("UsageError")) and error not in SERVER_SIDE


@cache
def row_with(api: ApiCall, rule: Rule, error: int) -> ApiCall:
    """Return a copy of a row of the table in which a rule holds, with this error."""
    held = _held(rule, error)
    row = copy(api)
    row.steps = _replaced(api.steps, rule, held)
    row.before = tuple(held if step is rule else step for step in api.before)
    if isinstance(row, SingleInstanceForm):
        row.find = tuple(held if step is rule else step for step in api.find)
        row.target = row_with(row.target, rule, error)
    elif rule in api.find:  # they are asked of handles only that are not found at once
        row.before += (held,)
    if isinstance(row, AnsiForm):
        row.afterwards = _part_with(row.afterwards, rule, held)
    row.compile()
    return row


@cache
def _held(rule: Rule, error: int) -> Rule:
    """Return a rule that tells the same as another, and holds."""
    held = copy(rule)
    held.test = lambda state: True  # noqa: ARG005 - as rules are called
    held.test.__doc__ = rule.test.__doc__
    held.reads_call = False
    held.error = error
    return held


def _replaced(steps: tuple[Step, ...], rule: Rule, held: Rule) -> tuple[Step, ...]:
    return tuple(
        held if step is rule else _part_with(step, rule, held) if isinstance(step, Part) else step for step in steps
    )


def _part_with(part: Part, rule: Rule, held: Rule) -> Part:
    """Return a copy of a part; the conditions under which it is taken stay as they are."""
    made = copy(part)
    made.steps = _replaced(part.steps, rule, held)
    made.compile()
    return made


def _rules(api: ApiCall) -> Iterator[Rule]:
    """Every rule that a call asks, but for waits: what waits is not refused."""
    rules: list[Any] = [*api.before, *api.find, *api.rules()]
    if isinstance(api, AnsiForm):
        rules += api.afterwards.rules()
    yield from (rule for rule in rules if not isinstance(rule, Wait))
    if isinstance(api, SingleInstanceForm):
        yield from _rules(api.target)


def _is_about_arguments(rule: Rule) -> bool:
    """Whether a rule never looks at the state; one that returns the error itself has it from an effect before."""
    code = rule.test.__code__
    looks = any(step.argval == code.co_varnames[0] for step in dis.get_instructions(code))
    return not looks and rule.error != 0
