# SPDX-License-Identifier: MIT
"""A client stopped everywhere, and a client whose every call fails: one run for each place and each fault.

Where a client makes which calls is learned from a run with nothing done to it.  Every run has an engine of its own, so
any `concurrent.futures.Executor` can spread them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from esemu.testing.client_run import ClientRun, two_databases
from esemu.testing.points import Point, failures, stops
from esemu.testing.report import Report, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor

    from esemu.machine.call import Call
    from esemu.testing.client_run import Client, Setup

UNTOUCHED_LIMIT: Final = 100_000
"""Calls after which a client is cut off to which nothing was done."""

LEAST_LIMIT: Final = 300
"""No client is cut off before it has made so many calls; ESB121 takes 200."""

PIECE: Final = 64
"""How many runs an executor is given at a time."""


def explore(
    client: Client, *, setup: Setup = two_databases, executor: Executor | None = None, limit: int | None = None
) -> Report:
    """Run a client with JetStopBackupInstance before each of its calls, and inside each that reads pages.

    `client(jet, inst)` backs up the instance that `setup()` returns with its engine; it returns if it believes that the
    backup is good; if not, it raises, or returns False or a JET error, a negative number.  A client that makes more than `limit` calls (by default four times as
    many as when nothing is done to it) is cut off.  With an `executor` of processes both functions have to be pickled.
    """
    return _swept(client, setup, executor, limit, stops)


def sweep(  # noqa: PLR0913 - each has a default
    client: Client,
    *,
    setup: Setup = two_databases,
    executor: Executor | None = None,
    limit: int | None = None,
    documented: bool = False,
    usage: bool = False,
) -> Report:
    """Let the 1st, 2nd, 3rd ... call of a client fail with every error it can have there, once and from then on.

    Errors are those of the rules of the call that it gets as far as, with all that the engine's own failure leaves
    behind.  With `documented` also those that the reference page promises and no rule has: then the call is not made
    and nothing changes.  With `usage` also errors that only a caller brings about.  The other arguments are those of
    `explore`.
    """
    return _swept(client, setup, executor, limit, partial(failures, documented=documented, usage=usage))


def replay(client: Client, point: Point, *, setup: Setup = two_databases, limit: int = UNTOUCHED_LIMIT) -> ClientRun:
    """Run a client once more as in one row of a report, and return the run: its engine, calls, outcome, findings."""
    return ClientRun(client, setup, point, limit).go()


def _swept(
    client: Client,
    setup: Setup,
    executor: Executor | None,
    limit: int | None,
    points: Callable[[int, Call], Iterator[Point]],
) -> Report:
    untouched = ClientRun(client, setup, Point(), limit or UNTOUCHED_LIMIT).go()
    limit = limit or max(LEAST_LIMIT, 4 * len(untouched.calls))
    every = [point for number, call in enumerate(untouched.calls, 1) for point in points(number, call)]
    run = partial(_rows, client, setup, limit)
    if executor is None:
        rows = run(every)
    else:
        futures = [executor.submit(run, every[at : at + PIECE]) for at in range(0, len(every), PIECE)]
        rows = [row for future in futures for row in future.result()]
    return Report([_row(untouched), *rows])


def _rows(client: Client, setup: Setup, limit: int, points: list[Point]) -> list[Row]:
    """Run a client at each of these points; those that do not come about give no row."""
    runs = (ClientRun(client, setup, point, limit).go() for point in points)
    return [_row(run) for run in runs if run.happened]


def _row(run: ClientRun) -> Row:
    findings = tuple(replace(finding, call=None) for finding in run.findings)  # a call would keep the engine of its run
    return Row(run.point, len(run.calls), run.outcome, findings)
