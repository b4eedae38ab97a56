# SPDX-License-Identifier: MIT
"""One run of several clients on one engine, each in a thread, in a given order of their calls: what came of it."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from math import inf
from typing import TYPE_CHECKING, Any, Final, NoReturn

from esemu.testing.checks import Finding, check
from esemu.testing.checks.kinds import BEGIN, KINDS, STOP, TERM
from esemu.testing.client_run import CLEANUP_MAX, CutOff, cut_off, run_to_end, shown, turn_away
from esemu.testing.interpose import interposed
from esemu.testing.judgement import CUT_OFF, claims_success
from esemu.testing.turns import ScheduledCondition, ScheduledWaiting, Stuck, Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from esemu.machine.call import Call
    from esemu.testing.client_run import Client, Setup
    from esemu.testing.interpose import GoOn

    CheckOfTest = Callable[["InterleavedRun"], Any]

DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


class InterleavedRun:
    """One run of several clients on one engine, each in a thread of its own, in the order that `seed` says."""

    def __init__(self, clients: Sequence[Client], setup: Setup, seed: str, limit: int, timeout: float | None) -> None:
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
        self._cut_offs = 0  # calls that were made after the limit
        self._caller = threading.get_ident()
        self._threads: dict[int, int] = {}  # which client a thread runs
        self.turns: Turns

    def go(self, check: CheckOfTest | None = None) -> InterleavedRun:
        """Let the clients run to their ends, and judge what is left."""
        functions = [self._client(number) for number in range(len(self.clients))]
        self.turns = Turns(functions, [DIGITS.index(digit) for digit in self.seed])
        self.turns.timeout = inf if self.timeout is None else self.timeout
        world: Any = self.engine.process.world
        before = world.lock, world.blocked
        world.lock = condition = ScheduledCondition(self.engine.process, self.turns)
        world.blocked = ScheduledWaiting(condition)
        try:
            with ExitStack() as stack:
                stack.enter_context(interposed(self.engine, self._told))
                self.hung = self.turns.run()
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
            self._cut_off_again()
        self.turns.step()
        if self.turns.left and threading.get_ident() != self._caller:
            turn_away(self._threads)
        self.calls.append(call)
        if len(self.calls) > self.limit:
            cut_off(self._threads)
        return go_on(call)

    def _cut_off_again(self) -> NoReturn:
        """End a thread that may have caught the end before; nobody waits for one that does so without an end."""
        self._cut_offs += 1
        if self._cut_offs > CLEANUP_MAX:
            self.turns.timeout = 0.0
            turn_away(self._threads)
        cut_off(self._threads)

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
