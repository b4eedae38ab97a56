# SPDX-License-Identifier: MIT
"""Threads that call one engine, in every order of their calls up to a bound: `interleave` tries them, `replay_order` one.

An order is a string of digits, the decisions of `turns` without the zeros at its end.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.checks import seconds
from esemu.testing.checks import Finding, check
from esemu.testing.checks.kinds import BEGIN, KINDS, STOP, TERM
from esemu.testing.client_run import CutOff, run_to_end, shown, turn_away, two_databases
from esemu.testing.interpose import interposed
from esemu.testing.judgement import CUT_OFF, claims_success
from esemu.testing.time_limit import LEFT_BEHIND_MAX, TIMEOUT_S
from esemu.testing.turns import ScheduledCondition, ScheduledWaiting, Stuck, Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from esemu.machine.call import Call
    from esemu.testing.client_run import Client, Setup
    from esemu.testing.interpose import GoOn

    CheckOfTest = Callable[["InterleavedRun"], Any]

DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


class InterleavedRun:
    """One run of several clients on one engine, each in a thread of its own, in the order that `seed` says."""

    def __init__(
        self, clients: Sequence[Client], setup: Setup, seed: str, limit: int, timeout: float | None = TIMEOUT_S
    ) -> None:
        self.clients = clients
        self.seed = seed
        self.limit = limit
        self.timeout = timeout
        self.engine, self.instance = setup()
        self.state = self.instance.state
        self.calls: list[Call] = []  # of all threads, as they were made
        self.outcomes = [""] * len(clients)
        self.claims: list[bool | None] = [None] * len(clients)  # what each says about itself, as `ClientRun.claim`
        self.findings: list[Finding] = []
        self.hung: dict[int, str] = {}  # the clients that have not come back, and where they are
        self._caller = threading.get_ident()
        self._threads: dict[int, int] = {}  # which client a thread runs
        self.turns: Turns

    def go(self, check: CheckOfTest | None = None) -> InterleavedRun:
        """Let the clients run to their ends, and judge what is left."""
        functions = [self._client(number) for number in range(len(self.clients))]
        self.turns = Turns(functions, [DIGITS.index(digit) for digit in self.seed])
        world: Any = self.engine.process.world
        before = world.lock, world.blocked
        world.lock = condition = ScheduledCondition(self.engine.process, self.turns)
        world.blocked = ScheduledWaiting(condition)
        try:
            with ExitStack() as stack:
                stack.enter_context(interposed(self.engine, self._told))
                self.hung = self.turns.run(inf if self.timeout is None else self.timeout)
                if self.hung:
                    stack.pop_all()  # they are still kept from calling
        finally:
            world.lock, world.blocked = before
        self._judge(check)
        return self

    @property
    def decisions(self) -> list[int]:
        """The decisions that were made."""
        return [decision.chosen for decision in self.turns.decisions]

    def as_dict(self) -> dict[str, Any]:
        """Return what happened as a dictionary of JSON values."""
        return {
            "order": self.seed,
            "threads": list(self.outcomes),
            "verdict": ", ".join(dict.fromkeys(finding.label for finding in self.findings)) or "ok",
            "messages": [finding.message for finding in self.findings],
        }

    def _client(self, number: int) -> Callable[[], None]:
        def run() -> None:
            self._threads[threading.get_ident()] = number
            ended = self._outcome(number)
            if not self.turns.left:
                self.outcomes[number], self.claims[number] = ended

        return run

    def _outcome(self, number: int) -> tuple[str, bool | None]:
        """Run a client; return how it ends and what it says about itself."""
        try:
            returned = run_to_end(self.clients[number], self.engine.jet, self.instance)
        except CutOff:
            return "cut off", None
        except Stuck:
            return "waits for ever", None
        except SystemExit as left:
            return f"left with status {left.code}", not left.code
        except Exception as error:  # noqa: BLE001 - however a client reports a failure
            return f"raised {type(error).__name__}", False
        return f"returned {shown(returned)}", claims_success(returned)

    def _told(self, call: Call, go_on: GoOn) -> int:
        if len(self.calls) > self.limit:
            raise CutOff  # once more: no step, for a thread that catches it does not get on
        self.turns.step()
        if self.turns.left and threading.get_ident() != self._caller:
            turn_away()
        self.calls.append(call)
        if len(self.calls) > self.limit:
            raise CutOff
        return go_on(call)

    def _judge(self, check_of_test: CheckOfTest | None) -> None:
        for number, where in self.hung.items():
            self.outcomes[number] = f"has not come back, is {where}"
        for number, outcome in enumerate(self.outcomes):
            if number in self.hung or outcome in {"cut off", "waits for ever"}:
                self.findings.append(Finding("never-ends", "", f"Thread {number + 1} does not end: {outcome}."))
        cut_off = CUT_OFF if None in self.claims else ()
        self.findings += check(self.engine, reported_success=self._claim(), ignore=self._calls_of_others(), off=cut_off)
        if check_of_test is not None:
            try:
                check_of_test(self)
            except AssertionError as wrong:
                self.findings.append(Finding("check", "", str(wrong) or "the check of this test failed"))

    def _claim(self) -> bool | None:
        """Return what the client whose thread began the last backup says about it."""
        begins = (call for call in reversed(self.calls) if KINDS.get(call.api.name) == BEGIN and not call.err)
        last = next(begins, None)
        return None if last is None or last.thread not in self._threads else self.claims[self._threads[last.thread]]

    def _calls_of_others(self) -> set[int]:
        """Return the numbers of calls that no client of a backup made: those of `setup`, and of threads that only stop it."""
        clients = {call.thread for call in self.calls if KINDS.get(call.api.name) not in {None, STOP, TERM}}
        own = {call.number for call in self.calls if call.thread in clients}
        return {call.number for call in self.engine.trace} - own


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
