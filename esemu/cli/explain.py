# SPDX-License-Identifier: MIT
"""`esemu explain`: what an error means, which rules of the table return it, and what the documentation says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from esemu.cli.commands import CannotRun
from esemu.cli.outline import show
from esemu.cli.table import rules
from esemu.machine.calls import CALLS
from esemu.vocabulary.explain import explain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from esemu.machine.step import Rule
    from esemu.vocabulary.explain import Explanation


@click.command("explain", context_settings={"ignore_unknown_options": True})  # -801 is an error, no option
@click.argument("error")
def command(error: str) -> None:
    """Explain an ERROR: a name, JET_errBackupAbortByServer or BackupAbortByServer, or a number, -801 or 0xFFFFFCDF."""
    try:
        told = explain(error)
    except LookupError as unknown:
        raise CannotRun(str(unknown)) from None
    returning = _returning(told.value)
    _show_meaning(told)
    _show_rules(returning)
    _show_documentation(told.documented, {call for calls in returning.values() for call in calls})


def _returning(error: int) -> dict[Rule, list[str]]:
    """Return the rules of the table that return an error, each with the calls that ask it."""
    found: dict[Rule, list[str]] = {}
    for call in CALLS.values():
        for rule in dict.fromkeys(rules(call)):
            if error in rule.errors:
                found.setdefault(rule, []).append(call.name)
    return found


def _show_meaning(told: Explanation) -> None:
    show(f"{told.name} ({told.value})", bold=True)
    show(told.meaning)
    click.echo()
    show(f"kind:      {told.kind}")
    if told.categories:
        show(f"category:  {' > '.join(told.categories)}")
    if told.exception:
        show(f"exception: esemu.{told.exception}")
    if told.aliases:
        show(f"also:      {', '.join(told.aliases)}")


def _show_rules(returning: Mapping[Rule, list[str]]) -> None:
    click.echo()
    if not returning:
        show("No rule of the table returns it.")
        return
    show("Returned by these rules:", bold=True)
    for rule, calls in returning.items():
        show(f"{rule.name}, {rule.source}: {rule.text}", 2)
        show(f"asked by {', '.join(calls)}", 4)


def _show_documentation(documented: Mapping[str, str], returning: set[str]) -> None:
    click.echo()
    if not documented:
        show("No reference page of the backup calls lists it.")
        return
    show("The reference pages:", bold=True)
    for function, condition in documented.items():
        never = " [no rule of the table returns it there]" if function in CALLS and function not in returning else ""
        show(f"{function}: {condition}{never}", 2)
