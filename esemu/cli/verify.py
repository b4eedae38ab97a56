# SPDX-License-Identifier: MIT
"""`esemu verify`: the verdict on a backup set that a client saved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import click

from esemu.cli.outline import show
from esemu.formats.verification.verdict import Verdict
from esemu.formats.verification.verify import verify

_STATUS: Final = {Verdict.RESTORABLE: 0, Verdict.NOT_RESTORABLE: 1, Verdict.ACCEPTED_BUT_INCOMPLETE: 3}
_SHOWN: Final = 20
"""Findings of each kind that are printed for a person."""


@click.command("verify")
@click.argument(
    "directory", metavar="DIR", type=click.Path(exists=True, file_okay=False, readable=False, path_type=Path)
)
@click.option("--json", "wants_json", is_flag=True, help="Print JSON, with every finding.")
@click.pass_context
def command(context: click.Context, directory: Path, *, wants_json: bool) -> None:
    """Say whether the backup set in the folder DIR and its subfolders could be restored, and what is wrong with it.

    Databases and logs may lie anywhere in it. Nothing is written.

    The exit status is 0 if it is restorable, 1 if not, 3 if an engine would accept it although something is missing or
    damaged, and 2 if DIR is no folder.
    """
    verified = verify(directory, limit=None if wants_json else _SHOWN)
    if wants_json:
        click.echo(json.dumps(verified.as_dict(), indent=2))
    else:
        first, *others = str(verified).splitlines()
        show(first, bold=True)
        for line in others:
            show(line)
    context.exit(_STATUS[verified.verdict])
