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
from esemu.scenario.fields import BadCase, check_case
from esemu.scenario.run import open_lines

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
@click.argument("cases", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), help="Write the recording to this file, not to standard output."
)
def command(path: str, build: str, timeout: float, cases: str, output: str | None) -> None:
    """Play the CASES of a file through a library, and write what a client sees of its answers.

    The first line of the recording names the library, its version and the date. Each case has a process and an empty folder
    of its own. A case whose world no calls can make has a line that says so, and so has one in which the library crashes or
    takes too long; calls from which an engine would not return are not made.
    """
    from esemu.scenario.recording import recorded  # noqa: PLC0415 - most of the vocabulary

    try:
        library = SharedLibrary(path)
    except OSError as error:
        raise CannotRun(f"{path}: {error}") from None
    answers = recorded(library, path, _cases(cases), esent=build == "esent", seconds=timeout)
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
    from esemu.scenario.calls import OPERATIONS  # noqa: PLC0415 - with the machine

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
