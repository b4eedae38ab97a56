# SPDX-License-Identifier: MIT
"""`esemu matrix`: what a call answers in every state of a snapshot and every phase of a backup."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from esemu.cli.commands import CannotRun
from esemu.cli.outline import show
from esemu.cli.table import call_named
from esemu.machine.explore import matrix

if TYPE_CHECKING:
    from esemu.machine.explore.matrix import Answer


@click.command("matrix")
@click.argument("call", required=False)
@click.option("--json", "wants_json", is_flag=True, help="Print JSON: of one call, or of all of them.")
def command(call: str | None, *, wants_json: bool) -> None:
    """Print what a CALL answers in every state of a snapshot and every phase of a backup, or how those are reached."""
    chosen = list(matrix.calls()) if call is None else [_named(call)]
    if wants_json:
        click.echo(json.dumps({op: _as_json(op) for op in chosen}, indent=2))
    elif call is None:
        _show_situations()
    else:
        _show_call(chosen[0])


def _named(call: str) -> str:
    """Return the call by its name in the matrix; a form without an instance answers as the one with one."""
    try:
        api = call_named(call)
    except LookupError as unknown:
        raise CannotRun(str(unknown)) from None
    name = getattr(api, "target", api).name
    if name not in matrix.calls():
        raise CannotRun(f"{name} is not in the matrix: neither a backup nor a snapshot concerns it")
    return str(name)


def _answers(op: str) -> dict[tuple[str, str], Answer]:
    return {situation: matrix.answer(op, *situation) for situation in matrix.SITUATIONS}


def _as_json(op: str) -> dict[str, object]:
    answers = _answers(op)
    rows = [{"snapshot": where[0], "backup": where[1], "answer": each.text} for where, each in answers.items()]
    return {"answers": rows, "documented": matrix.remarks(op, list(answers.values()))}


def _show_call(op: str) -> None:
    answers = _answers(op)
    show(op, bold=True)
    width = max(len(backup) for _, backup in answers)
    before = ""
    for (snapshot, backup), answer in answers.items():
        if snapshot != before:
            show(snapshot, 2)
            before = snapshot
        mark = "" if matrix.is_documented(op, answer) else " (not documented)"
        show(f"{backup:{width}}  {answer.text}{mark}", 4)
    show("The documentation", bold=True)
    for remark in matrix.remarks(op, list(answers.values())):
        show(remark, 2)


def _show_situations() -> None:
    """Say how each situation is reached; `esemu matrix CALL` has the answers."""
    for (snapshot, backup), calls in matrix.SITUATIONS.items():
        show(f"{snapshot}, {backup}: {', '.join(map(matrix.shown, calls)) or 'at once'}")
