# SPDX-License-Identifier: MIT
"""A client stopped everywhere, and a client whose every call fails: one run for each place and each fault.

Where a client makes which calls is learned from a run with nothing done to it.  Every run has an engine of its own, so
any `concurrent.futures.Executor` can spread them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from esemu.faces.checks import seconds
from esemu.testing.client_run import ClientRun, two_databases
from esemu.testing.points import Point, failures, stops
from esemu.testing.report import Report
from esemu.testing.time_limit import TIMEOUT_S, Made, make

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
    client: Client,
    *,
    setup: Setup = two_databases,
    executor: Executor | None = None,
    limit: int | None = None,
    timeout: float | None = TIMEOUT_S,
) -> Report:
    """Run a client with JetStopBackupInstance before each of its calls, and inside each that reads pages.

    `client(jet, inst)` backs up the instance that `setup()` returns with its engine; it returns if it believes that the
    backup is good; if not, it raises, or returns False or a JET error, a negative number.  A client that makes more than
    `limit` calls (by default four times as many as when nothing is done to it) is cut off.  With an `executor` of
    processes both functions have to be pickled.

    A run that does not come back within `timeout` seconds (or a little more) is a finding, which says where the client
    is.  Its threads are left behind: calls that they make or wait in end them.  After five such runs no more are made,
    and the report is not `complete`.  Both functions run in a thread beside the caller's; in the caller's own, without
    a time limit, with None, and where nothing was done to the client and it succeeds nowhere else, such as one that
    handles signals.
    """
    return _swept(client, setup, executor, limit, timeout, stops)


def sweep(  # noqa: PLR0913 - each has a default
    client: Client,
    *,
    setup: Setup = two_databases,
    executor: Executor | None = None,
    limit: int | None = None,
    timeout: float | None = TIMEOUT_S,
    documented: bool = False,
    usage: bool = False,
) -> Report:
    """Let the 1st, 2nd, 3rd ... call of a client fail with every error it can have there, once and from then on.

    Errors are those of the rules of the call that it gets as far as, with all that the engine's own failure leaves
    behind.  With `documented` also those that the reference page promises and no rule has: then the call is not made
    and nothing changes.  With `usage` also errors that only a caller brings about.  The other arguments are those of
    `explore`.
    """
    return _swept(client, setup, executor, limit, timeout, partial(failures, documented=documented, usage=usage))


def replay(client: Client, point: Point, *, setup: Setup = two_databases, limit: int = UNTOUCHED_LIMIT) -> ClientRun:
    """Run a client once more as in one row of a report, and return the run: its engine, calls, outcome, findings.

    It runs in the caller's thread, for a debugger, and without a time limit.
    """
    return ClientRun(client, setup, point, limit).go()


def _swept(  # noqa: PLR0913 - what a search is given
    client: Client,
    setup: Setup,
    executor: Executor | None,
    limit: int | None,
    timeout: float | None,
    points: Callable[[int, Call], Iterator[Point]],
) -> Report:
    if timeout is not None:
        seconds(timeout, "timeout")
    untouched, timeout = _untouched(client, setup, limit or UNTOUCHED_LIMIT, timeout)
    if untouched.last is None:
        return Report(untouched.rows, complete=False)
    calls = untouched.last.calls
    every = [point for number, call in enumerate(calls, 1) for point in points(number, call)]
    run = partial(_reported, client, setup, limit or max(LEAST_LIMIT, 4 * len(calls)), timeout)
    if executor is None:
        parts = [run(every)]
    else:
        futures = [executor.submit(run, every[at : at + PIECE]) for at in range(0, len(every), PIECE)]
        parts = [future.result() for future in futures]
    rows = [row for part in parts for row in part]
    return Report([*untouched.rows, *rows], complete=all(part.complete for part in parts))


def _untouched(client: Client, setup: Setup, limit: int, timeout: float | None) -> tuple[Made, float | None]:
    """Run a client with nothing done to it; return what came of that, and the time limit: none if it needs this thread."""
    made = _made(client, setup, limit, timeout, [Point()])
    if timeout is not None and made.last is not None and made.last.claim is False:
        here = _made(client, setup, limit, None, [Point()])
        if here.last is not None and here.last.claim:
            return here, None
    return made, timeout


def _reported(client: Client, setup: Setup, limit: int, timeout: float | None, points: list[Point]) -> Report:
    """Run a client at each of these points; those that do not come about give no row."""
    made = _made(client, setup, limit, timeout, points)
    return Report(made.rows, complete=made.complete)


def _made(client: Client, setup: Setup, limit: int, timeout: float | None, points: list[Point]) -> Made:
    return make((ClientRun(client, setup, point, limit) for point in points), timeout)
