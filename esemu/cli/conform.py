# SPDX-License-Identifier: MIT
"""`esemu conform`: whether another implementation of the backup API answers as the emulated engine does."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from esemu.cli.commands import CannotRun
from esemu.testing.conformance.cases.every import KINDS
from esemu.testing.conformance.reports import FORMATS, text
from esemu.testing.conformance.run import conform
from esemu.testing.conformance.targets import NoTarget, found


@click.command("conform")
@click.argument("target")
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Play cases of this kind only; repeat it."
)
@click.option("--world", "worlds", multiple=True, help="Enumerate the states of this world only; repeat it.")
@click.option("--random", "random_cases", type=click.IntRange(0), default=300, show_default=True, help="Random cases.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the random cases.")
@click.option(
    "--most", type=click.IntRange(1), default=20, show_default=True, help="Give up after so many differences."
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=click.Path(dir_okay=False),
    help="Write a report: .txt, .json, .xml (JUnit) or .html; repeat it.",
)
@click.option(
    "--script", "script", type=click.Path(dir_okay=False), help="Write a program that shows the first difference."
)
def command(  # noqa: PLR0913 - one for each option
    target: str,
    kinds: tuple[str, ...],
    worlds: tuple[str, ...],
    random_cases: int,
    seed: int,
    most: int,
    reports: tuple[str, ...],
    script: str | None,
) -> None:
    """Compare TARGET with the emulated engine, call by call; the exit status is 1 if something differs.

    TARGET is module:attribute, or the path of a shared library.  The attribute is called and returns what is shaped like
    ctypes.WinDLL("esent"): with no argument a library with a process of its own, with one argument a library in front of
    the emulated process that it gets.
    """
    for path in reports:
        if Path(path).suffix not in FORMATS:
            raise CannotRun(f"{path}: a report ends in {', '.join(FORMATS)}")
    for path in (*reports, *filter(None, [script])):
        if not Path(path).absolute().parent.is_dir():  # said now, and not when minutes have passed
            raise CannotRun(f"{path}: there is no such folder")
    sys.path.insert(0, "")  # as `python -m` has it: modules of the current folder can be named
    try:
        implementation = found(target)
        result = conform(
            implementation,
            name=target,
            kinds=kinds or KINDS,
            worlds=worlds or None,
            random_cases=random_cases,
            seed=seed,
            most=most,
        )
    except (NoTarget, KeyError) as wrong:
        raise CannotRun(f"{wrong}") from None
    try:
        for path in reports:
            Path(path).write_text(FORMATS[Path(path).suffix](result), encoding="utf-8")
        if script and result.script:
            Path(script).write_text(result.script, encoding="utf-8")
    except OSError as error:
        raise CannotRun(str(error)) from None
    click.echo(text(result), nl=False)
    if not result.played:
        raise CannotRun("not one case was played")
    if not result.same:
        raise SystemExit(1)
