# SPDX-License-Identifier: MIT
"""A step of `BackupMachine`: what it takes besides what Hypothesis takes for a step with nothing in it.

A step of Hypothesis's takes so long that the difference of two runs drowns in it.  So the calls of a run are noted while
they are left out, which is Hypothesis's part, and made afterwards by the same machine, which is the rest.
"""

import time
from collections.abc import Iterator
from typing import Any

from measure import Row, slowness

BUDGET_US = 5.0
EXAMPLES = 30
STEPS = 100
ROUNDS = 5


def rows() -> Iterator[Row]:
    """Time the steps of one run, without their calls and with them."""
    from hypothesis import HealthCheck, Phase, settings  # noqa: PLC0415 - optional
    from hypothesis.stateful import run_state_machine_as_test  # noqa: PLC0415 - optional

    from esemu.testing import BackupMachine  # noqa: PLC0415 - optional

    quick = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    examples: list[tuple[Any, list[tuple[Any, ...]]]] = []

    class WithoutCalls(BackupMachine):
        """The machine with nothing in its steps; it notes where each example begins and what would be called."""

        def _subject(self, state: Any) -> None:
            """Note the state that an example begins in."""
            examples.append((state, []))

        def call(self, *call: Any) -> None:
            """Note a call."""
            examples[-1][1].append(call)

        def grow(self, pages: int) -> None:
            """Leave the world alone."""

        def roll_log(self) -> None:
            """Leave the world alone."""

    floor = added = float("inf")
    for _ in range(ROUNDS):
        examples.clear()
        begin = time.process_time()
        run_state_machine_as_test(WithoutCalls, settings=quick)
        taken = time.process_time() - begin
        steps = sum(len(calls) for _, calls in examples)
        floor = min(floor, taken / steps * 1e6)
        added = min(added, sum(_time_of(BackupMachine(), *example) for example in examples) / steps * 1e6)
    slow = slowness()
    note = f"{added:.2f} us more; {added / slow:.2f} where the budget was set"
    yield Row(
        "step of BackupMachine", "Hypothesis's own", floor, floor + added, "us", floor + BUDGET_US * slow, note=note
    )


def _time_of(machine: Any, state: Any, calls: list[tuple[Any, ...]]) -> float:
    """Return the seconds that the calls of an example take."""
    machine.begin_in(state=state, last=None)
    begin = time.process_time()
    for call in calls:
        machine.call(*call)
    return time.process_time() - begin
