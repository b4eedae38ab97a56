# SPDX-License-Identifier: MIT
"""Every reachable state of the machine, and every call in it."""

import time
from collections.abc import Iterator

from measure import Row

BUDGET_S = 10.0


def rows() -> Iterator[Row]:
    """Time each enumeration once: they are long enough to need no repetition."""
    from esemu.machine.explore import (  # noqa: PLC0415 - a missing enumeration is a row of the table, no failure
        explore,
        snapshots,
    )

    begin = time.perf_counter()
    explore()
    yield Row("all reachable states", "", None, time.perf_counter() - begin, "s", BUDGET_S)
    begin = time.perf_counter()
    snapshots.explore()
    yield Row("all states of two instances and a snapshot", "", None, time.perf_counter() - begin, "s", BUDGET_S)
