# SPDX-License-Identifier: MIT
"""A step of `BackupMachine`, beside the same step of Hypothesis's with nothing in it."""

import time
from collections.abc import Iterator
from typing import Any

from measure import Row, slowness

BUDGET_US = 5.0
EXAMPLES = 30
STEPS = 100
ROUNDS = 5


class Nothing:
    """An engine whose calls do nothing."""

    @property
    def jet(self) -> "Nothing":
        """The API."""
        return self

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: 0


NOTHING: Any = Nothing()


def rows() -> Iterator[Row]:
    """Time the same steps with no calls, with calls of an engine that does nothing, and with the engine's."""
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

    class Machine(BackupMachine):
        """The machine; its calls can be turned off, or made of nothing, which changes none of the examples."""

        calls = "none"
        steps = 0

        def call(self, op: str, **fields: object) -> object:
            """Make a call, or do nothing."""
            Machine.steps += 1
            if Machine.calls == "none":
                return None
            if Machine.calls == "empty":
                self.engine = NOTHING
            return super().call(op, **fields)

        def grow(self, pages: int) -> None:
            """Leave the world alone."""

        def roll_log(self) -> None:
            """Leave the world alone."""

    times = dict.fromkeys(("none", "empty", "real"), float("inf"))
    for _ in range(ROUNDS):
        for calls in times:
            Machine.calls, Machine.steps = calls, 0
            begin = time.process_time()
            run_state_machine_as_test(Machine, settings=quick)
            times[calls] = min(times[calls], (time.process_time() - begin) / Machine.steps * 1e6)
    budget = times["none"] + BUDGET_US * slowness()
    yield Row("step, the call left out", "Hypothesis's own", times["none"], times["empty"], "us", budget)
    yield Row("step with its call", "Hypothesis's own", times["none"], times["real"], "us")
