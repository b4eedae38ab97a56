# SPDX-License-Identifier: MIT
"""`esemu record`: what a library with the ESENT ABI answers, as a recording."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from esemu.cli.commands import CannotRun
from esemu.scenario.apart import SECONDS, SharedLibrary
from esemu.scenario.calls import OPERATIONS
from esemu.scenario.fields import BadCase, check_case
from esemu.scenario.recording import of_scenarios, recorded
from esemu.scenario.run import open_lines
from esemu.testing.conformance.cases.every import KINDS, every_case
from esemu.testing.conformance.recording import of_cases

if TYPE_CHECKING:
    from collections.abc import Iterator


@click.command("record")
@click.option("--library", "path", required=True, type=click.Path(), help="esent.dll, a libesent.so, or another such.")
@click.option(
    "--build",
    type=click.Choice(["esent", "ese"]),
    default="esent",
    show_default=True,
    help="Which build the library is.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=SECONDS,
    show_default=True,
    help="Seconds that a case may take.",
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(KINDS),
    help="Play the cases of this kind that conform has; repeat it.",
)
@click.argument("cases", type=click.Path(exists=True, dir_okay=False, allow_dash=True), required=False)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), help="Write the recording to this file, not to standard output."
)
def command(  # noqa: PLR0913 - one for each option
    path: str, build: str, timeout: float, kinds: tuple[str, ...], cases: str | None, output: str | None
) -> None:
    """Play the CASES of a file through a library, or cases of some kinds, and write what a client sees of its answers.

    The first line of the recording names the library, its version and the date. Each case has a process and an empty folder
    of its own. A case whose world no calls can make has a line that says so, and so has one in which the library crashes or
    takes too long; calls from which an engine would not return are not made.
    """
    if bool(kinds) == (cases is not None):
        raise CannotRun("either a file of cases is played, or those of --kind")
    try:
        library = SharedLibrary(path)
    except OSError as error:
        raise CannotRun(f"{path}: {error}") from None
    chosen: Iterator[dict[str, Any]]
    if cases is None:
        chosen, play = (case for _, case in every_case(kinds)), of_cases(library, seconds=timeout)
    else:
        chosen, play = _cases(cases), of_scenarios(library, esent=build == "esent", seconds=timeout)
    answers = recorded(library, path, chosen, play, seconds=timeout)
    lines = (json.dumps(line, separators=(",", ":")) + "\n" for line in answers)
    try:
        if output is None:
            sys.stdout.writelines(lines)
            sys.stdout.flush()
        else:
            with Path(output).open("w", encoding="utf-8") as file:
                file.writelines(lines)
    except BrokenPipeError:
        raise  # click knows what to do
    except OSError as error:
        raise CannotRun(str(error)) from None


def _cases(path: str) -> Iterator[dict[str, Any]]:
    """Give the cases of a file.  Raises CannotRun for a line that is none."""
    with open_lines(path) as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                case = json.loads(line)
                check_case(case, OPERATIONS)
            except (ValueError, BadCase) as wrong:
                raise CannotRun(f"{path}, line {number}: {wrong}") from None
            yield case
