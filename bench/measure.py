# SPDX-License-Identifier: MIT
"""How times are taken: rivals in turn, the best of many slices, everything in one run.

A machine's speed drifts within seconds, so rivals that are to be compared take turns of about a millisecond, and the best
turn of each is kept: noise only ever adds time, and another program is given the processor for longer than that.  Every
round of turns starts from fresh objects, so that nothing that grows is measured.
"""

import gc
import time
import timeit
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from unittest.mock import MagicMock

ROUNDS = 9
SECONDS = 2.0
"""Rounds go on for so long, however short they are."""
TURNS = 16
"""How many each subject has in a round, if it can be executed as often with the same objects."""
SECONDS_PER_TURN = 0.00125
WARM = 4
"""A turn of at least so many executions begins with one more that is not timed."""
MAGIC_MOCK_US = 4.0
"""A call of a MagicMock on the machine where the budgets were set."""


@dataclass(frozen=True)
class Subject:
    """A statement to be timed, and what makes the names that it uses; `limit` bounds the executions with one set of them."""

    statement: str
    setup: Callable[[], Mapping[str, Any]]
    limit: int = 100_000

    def timer(self) -> timeit.Timer:
        """Return what times the statement, with fresh objects."""
        return timeit.Timer(self.statement, globals=dict(self.setup()))

    def turns(self) -> tuple[int, int]:
        """Return how often to execute the statement in one turn, and how many turns it has in a round."""
        number = max(1, min(self.limit // 3, 50))
        timer = self.timer()
        seconds = min(timer.timeit(number) for _ in range(min(self.limit, 3))) / number  # the first may have to import
        executions = max(1, min(self.limit, int(TURNS * SECONDS_PER_TURN / seconds)))
        number = executions // TURNS
        return number - 1 if number > WARM else max(1, min(number, WARM - 1)), min(executions, TURNS)


@dataclass(frozen=True)
class Row:
    """One line of the table: what esemu took, beside what a rival took in the same run. `unit` is the rival's and esemu's."""

    what: str
    rival: str
    theirs: float | None
    ours: float | None
    unit: str
    budget: float | None = None
    more_is_better: bool = False
    note: str = ""

    @property
    def within(self) -> bool | None:
        """Whether esemu kept the budget; None without a budget, False if nothing was measured."""
        if self.budget is None:
            return None
        if self.ours is None:
            return False
        return self.ours >= self.budget if self.more_is_better else self.ours <= self.budget


YARDSTICK = "MagicMock"
"""What `best` times beside the subjects: a call of a MagicMock.  It runs much Python and touches much memory, as esemu does."""


def best(subjects: Mapping[str, Subject], seconds: float = SECONDS) -> dict[str, float]:
    """Return the seconds of one execution of each subject, and of the yardstick, from rounds that go on for `seconds`."""
    mock = Subject("jet.JetStopBackupInstance(1)", lambda: {"jet": MagicMock()}, 5000)
    subjects = {**subjects, YARDSTICK: mock}
    turns = {name: subject.turns() for name, subject in subjects.items()}
    times: dict[str, float] = dict.fromkeys(subjects, float("inf"))
    rounds, end = 0, time.perf_counter() + seconds
    while rounds < ROUNDS or time.perf_counter() < end:
        rounds += 1
        timers = {name: subject.timer() for name, subject in subjects.items()}
        gc.collect()
        for turn in range(TURNS):
            for name, (number, most) in turns.items():
                if turn < most:
                    if number >= WARM:
                        timers[name].timeit(1)  # the one before had the processor's caches
                    times[name] = min(times[name], timers[name].timeit(number) / number)
    return times


def microseconds(times: Mapping[str, float]) -> dict[str, float]:
    """Return the times in microseconds."""
    return {name: seconds * 1e6 for name, seconds in times.items()}


def slowness(times: Mapping[str, float] | None = None) -> float:
    """Return how many times longer this machine takes than the one where the budgets were set.

    `times` are microseconds from `best`, because a machine's speed changes within a run.  Without them it is measured now.
    """
    return (microseconds(best({})) if times is None else times)[YARDSTICK] / MAGIC_MOCK_US
