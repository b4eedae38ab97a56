# SPDX-License-Identifier: MIT
"""How times are taken: rivals in turn, the best of several rounds, everything in one run.

A machine's speed drifts within seconds, so rivals that are to be compared take turns within every round, and the best round of
each is kept: noise only ever adds time. Every round starts from fresh objects, so that nothing that grows is measured.
"""

import gc
import timeit
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from unittest.mock import MagicMock

ROUNDS = 9
SECONDS_PER_ROUND = 0.02
MAGIC_MOCK_US = 4.0
"""A call of a MagicMock on the machine where the budgets were set."""


@dataclass(frozen=True)
class Subject:
    """A statement to be timed, and what makes the names that it uses; `limit` bounds the repetitions of one round."""

    statement: str
    setup: Callable[[], Mapping[str, Any]]
    limit: int = 100_000

    def seconds(self, number: int) -> float:
        """Return the seconds that one execution takes, averaged over `number` of them."""
        return timeit.Timer(self.statement, globals=dict(self.setup())).timeit(number) / number

    def repetitions(self) -> int:
        """Return how often to execute the statement in one round."""
        return max(1, min(self.limit, int(SECONDS_PER_ROUND / self.seconds(max(1, min(self.limit, 50))))))


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


def best(subjects: Mapping[str, Subject]) -> dict[str, float]:
    """Return the seconds of one execution of each subject, and of the yardstick."""
    mock = Subject("jet.JetStopBackupInstance(1)", lambda: {"jet": MagicMock()}, 5000)
    subjects = {**subjects, YARDSTICK: mock}
    numbers = {name: subject.repetitions() for name, subject in subjects.items()}
    times: dict[str, float] = dict.fromkeys(subjects, float("inf"))
    for _ in range(ROUNDS):
        for name, subject in subjects.items():
            gc.collect()
            times[name] = min(times[name], subject.seconds(numbers[name]))
    return times


def microseconds(times: Mapping[str, float]) -> dict[str, float]:
    """Return the times in microseconds."""
    return {name: seconds * 1e6 for name, seconds in times.items()}


def slowness(times: Mapping[str, float] | None = None) -> float:
    """Return how many times longer this machine takes than the one where the budgets were set.

    `times` are microseconds from `best`, because a machine's speed changes within a run.  Without them it is measured now.
    """
    return (microseconds(best({})) if times is None else times)[YARDSTICK] / MAGIC_MOCK_US
