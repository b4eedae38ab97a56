# SPDX-License-Identifier: MIT
"""`esemu rules`: the table that the emulator runs, printed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from esemu.cli.commands import CannotRun
from esemu.cli.outline import show
from esemu.cli.table import as_json, call_named, effect_text, outcome, rules, sections
from esemu.machine.calls import CALLS
from esemu.machine.step import Part, Rule, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from esemu.machine.api import ApiCall
    from esemu.machine.step import Step


@click.command("rules")
@click.argument("call", required=False)
@click.option("--json", "wants_json", is_flag=True, help="Print JSON: of one call, or of all of them.")
def command(call: str | None, *, wants_json: bool) -> None:
    """Print the rules of a CALL in the order in which they are asked, or the list of all calls."""
    try:
        chosen = [call_named(call)] if call else list(CALLS.values())
    except LookupError as unknown:
        raise CannotRun(str(unknown)) from None
    if wants_json:
        click.echo(json.dumps({each.name: _as_json(each) for each in chosen}, indent=2))
    elif call:
        _show_call(chosen[0])
    else:
        _show_list(chosen)


def _as_json(call: ApiCall) -> list[dict[str, object]]:
    return [{"section": section.title, "steps": as_json(section.steps)} for section in sections(call)]


def _show_list(calls: list[ApiCall]) -> None:
    width = max(len(call.name) for call in calls)
    for call in calls:
        show(f"{call.name:{width}}  {_count(len(list(rules(call))))}")


def _count(number: int) -> str:
    return f"{number:2} rule" + ("s" if number != 1 else "")


def _show_call(call: ApiCall) -> None:
    show(f"{call.name}: {_count(len(list(rules(call)))).strip()}", bold=True)
    for section in sections(call):
        click.echo()
        show(section.title, bold=True)
        _show_steps(section.steps, 2)


def _show_steps(steps: Iterable[Step], indent: int) -> None:
    """Print steps: of a rule the error and the condition, of a part the steps inside, of an effect what it does."""
    for step in steps:
        if isinstance(step, Rule):
            show(f"{outcome(step)}  {step.name}, {step.source}", indent)
            show(step.text, indent + 4)
        elif isinstance(step, Part):
            condition = f" - only when: {step.when.text} ({step.when.source})" if step.when is not None else ":"
            show(f"{step.name}{condition}", indent)
            _show_steps(step.steps, indent + 2)
        else:
            show(f"then {step.__name__}: {effect_text(step)}", indent)
            _show_steps(parts_of(step), indent + 2)
