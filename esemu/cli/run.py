# SPDX-License-Identifier: MIT
"""`esemu run`: cases in, results out, one line each."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from esemu.cli.commands import CannotRun
from esemu.scenario import run_file


@click.command("run")
@click.argument("cases", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), help="Write the results to this file, not to standard output."
)
@click.pass_context
def command(context: click.Context, cases: str, output: str | None) -> None:
    """Run the CASES of a file (plain, .gz or .xz), or of standard input (-).

    A case is a line of JSON, a world and the calls to make in it; its result is a line of JSON too. A line that is no
    case is reported on standard error, and the others still run; the exit status is then 1.
    """
    if output is not None and Path(output).exists() and cases != "-" and Path(output).samefile(cases):
        raise CannotRun(f"{output} holds the cases; the results need another file")
    try:
        if output is None:
            bad = run_file(cases, sys.stdout)
        else:
            with Path(output).open("w", encoding="utf-8") as results:
                bad = run_file(cases, results)
    except BrokenPipeError:
        raise  # click knows what to do
    except OSError as error:
        raise CannotRun(_described(error, cases)) from None
    context.exit(1 if bad else 0)


def _described(error: OSError, cases: str) -> str:
    """Return what went wrong with which file; damage to a packed file comes without the file's name."""
    if error.errno is None:
        return str(error) if str(error).startswith(cases) else f"{cases}: {error}"
    return f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror)
