# SPDX-License-Identifier: MIT
"""Threads that call one engine, in every order of their calls up to a bound: `interleave` tries them, `replay_order` one.

An order is a string of digits, the decisions of `turns` without the zeros at its end.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from esemu.faces.checks import seconds
from esemu.testing.client_run import two_databases
from esemu.testing.interleaved_run import DIGITS, InterleavedRun
from esemu.testing.time_limit import LEFT_BEHIND_MAX, TIMEOUT_S

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from esemu.testing.client_run import Client, Setup
    from esemu.testing.interleaved_run import CheckOfTest


class Interleavings:
    """What came of every order that was tried."""

    def __init__(self, rows: Sequence[dict[str, Any]], *, complete: bool) -> None:
        self.rows = list(rows)
        self.complete = complete  # every order up to the bound was tried

    def __len__(self) -> int:
        """How many orders were tried."""
        return len(self.rows)

    @property
    def failures(self) -> list[dict[str, Any]]:
        """The rows in which something is wrong."""
        return [row for row in self.rows if row["verdict"] != "ok"]

    def as_dicts(self) -> list[dict[str, Any]]:
        """Return the rows: order, what each thread did, verdict, messages."""
        return self.rows

    def text(self) -> str:
        """Return the rows as text."""
        lines = [("order", "threads", "verdict")]
        lines += [(row["order"] or "0", " | ".join(row["threads"]), row["verdict"]) for row in self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(3)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
        )

    def check(self) -> None:
        """Raise AssertionError if something is wrong in one of the orders."""
        if self.failures:
            wrong = Interleavings(self.failures, complete=True)
            raise AssertionError(f"{len(wrong)} of {len(self)} orders went wrong:\n{wrong.text()}")


def interleave(  # noqa: PLR0913 - each has a default
    *clients: Client,
    setup: Setup = two_databases,
    preemptions: int = 2,
    orders: int = 1_000,
    limit: int = 10_000,
    timeout: float | None = TIMEOUT_S,
    check: CheckOfTest | None = None,
    executor: Executor | None = None,
) -> Interleavings:
    """Run clients against each other, each in a thread, in every order of their calls with at most so many preemptions.

    A client is a function `client(jet, inst)`.  A preemption interrupts a thread that could have gone on; with none,
    each runs to its end once it has begun.  At most `orders` orders are tried, those with few decisions first, and a
    run is cut off after `limit` calls.  The contract checks are made of each run; threads that make no calls but to
    stop a backup or end the instance play the server, and are not blamed.  `check(run)` may raise AssertionError.  A
    thread that waits inside the engine for another one lets that run; one that waits for another outside of the engine
    is given half a second each time.  A run in which no thread makes a call for `timeout` seconds (None: however long)
    is given up: it never ends, and the message says where its threads are.  They are left behind; a call that they make
    ends them.  After five such runs no more are made.
    """
    if timeout is not None:
        seconds(timeout, "timeout")
    rows: list[dict[str, Any]] = []
    pending = [""]
    hung = 0
    run = partial(_row, clients, setup, limit, timeout, check, preemptions)
    while pending and len(rows) < orders and hung < LEFT_BEHIND_MAX:
        wave, pending = pending[: orders - len(rows)], pending[orders - len(rows) :]
        for row, further, hangs in map(run, wave) if executor is None else executor.map(run, wave):
            rows.append(row)
            pending += further
            hung += hangs
            if hung == LEFT_BEHIND_MAX:
                break
    return Interleavings(rows, complete=not pending and hung < LEFT_BEHIND_MAX)


def replay_order(
    seed: str,
    *clients: Client,
    setup: Setup = two_databases,
    limit: int = 10_000,
    timeout: float | None = TIMEOUT_S,
) -> InterleavedRun:
    """Run clients in one order again, that of a row of `interleave`, and return the run with its engine and calls."""
    return InterleavedRun(clients, setup, seed, limit, timeout).go()


def _row(  # noqa: PLR0913 - what an executor is handed
    clients: Sequence[Client],
    setup: Setup,
    limit: int,
    timeout: float | None,
    check: CheckOfTest | None,
    preemptions: int,
    seed: str,
) -> tuple[dict[str, Any], list[str], bool]:
    """Run clients in one order; return the row, the orders that differ from it first behind its decisions, whether it hangs."""
    run = InterleavedRun(clients, setup, seed, limit, timeout).go(check)
    found = []
    decisions = run.turns.decisions
    for place in range(len(seed), len(decisions)):
        decision = decisions[place]
        before = "".join(DIGITS[each.chosen] for each in decisions[:place])
        used = sum(each.preempts for each in decisions[:place])
        if used + decision.could_go_on <= preemptions:
            found += [before + DIGITS[other] for other in range(1, min(decision.options, len(DIGITS)))]
    return run.as_dict(), found, bool(run.hung)
