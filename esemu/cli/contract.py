# SPDX-License-Identifier: MIT
"""`esemu contract`: where the reference pages promise something else than the engine's source does, printed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from esemu.cli.commands import CannotRun
from esemu.cli.outline import show
from esemu.cli.table import call_named
from esemu.machine.documented.differences import DIFFERENCES

if TYPE_CHECKING:
    from esemu.machine.documented.changes import Difference


@click.command("contract")
@click.argument("call", required=False)
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
def command(call: str | None, *, wants_json: bool) -> None:
    """Print every difference between the documented contract and the source, or those of one CALL.

    An engine made with contract="documented" answers by the documentation where a difference says "emulated".
    """
    name = None if call is None else _named(call)
    chosen = [each for each in DIFFERENCES if name is None or name in each.calls]
    if wants_json:
        click.echo(json.dumps([as_json(each) for each in chosen], indent=2))
        return
    if not chosen:
        show(f"The documentation and the source agree on {name}, as far as esemu knows it.")
    for each in chosen:
        show(f"{each.name}: {'emulated' if each.change is not None else 'not emulated'}", bold=True)
        show(", ".join(each.calls), 2)
        show(f"documented: {each.documented} ({each.page})", 2)
        show(f"source: {each.source} ({each.where})", 2)
        if each.reason:
            show(f"why not: {each.reason}", 2)


def _named(call: str) -> str:
    """Return the call by its name in the differences.  Raises CannotRun for what is no call."""
    if any(call in each.calls for each in DIFFERENCES):
        return call
    try:
        return call_named(call).name
    except LookupError as unknown:
        raise CannotRun(str(unknown)) from None


def as_json(difference: Difference) -> dict[str, object]:
    """Return a difference as JSON values."""
    return {
        "name": difference.name,
        "calls": list(difference.calls),
        "documented": difference.documented,
        "page": difference.page,
        "source": difference.source,
        "where": difference.where,
        "emulated": difference.change is not None,
        "reason": difference.reason,
    }
