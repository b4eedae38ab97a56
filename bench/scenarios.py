# SPDX-License-Identifier: MIT
"""Calls a second: recorded cases through `python -m esemu run`, JSON included, start-up not.

It is the processor's time that counts, what other programs take of it in between is no part of a run; and a run is held
against a run of the yardstick, because the best turn of a millisecond says what the machine can do, not what it does for a
second.
"""

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from measure import MAGIC_MOCK_US, Row

BUDGET = 25_000.0
"""Calls a second on the machine where the budgets were set."""
# The engine's own code, compiled, fed with the same JSON on the machine that made the recordings. It cannot be run here.
COMPILED_ENGINE = 23_000.0
ROUNDS = 3
DATA = Path(__file__).resolve().parent.parent / "tests" / "data"
YARDSTICK = """
import gc, time
from unittest.mock import MagicMock

gc.disable()
seconds = 0
for _ in range(ROUNDS):
    jet = MagicMock()
    begin = time.process_time()
    for _ in range(CALLS):
        jet.JetStopBackupInstance(1)
    seconds += time.process_time() - begin
print(seconds)
"""
"""As it is executed in the turns of the other subjects, but for half a second."""
YARDSTICK_ROUNDS, YARDSTICK_CALLS = 10, 5000
CASES = {"streaming": "random-cases.jsonl.xz", "OS snapshots": "snapshots-cases.jsonl.xz"}


def run(cases: Path) -> tuple[float, int]:
    """Return the seconds and the number of calls that were answered."""
    with tempfile.TemporaryFile() as results:
        begin = processor_seconds()
        subprocess.run([sys.executable, "-P", "-m", "esemu", "run", str(cases)], stdout=results, check=True)
        seconds = processor_seconds() - begin
        results.seek(0)
        return seconds, sum(len(json.loads(line)["r"]) for line in results if line.strip())


def processor_seconds() -> float:
    """Return what the programs that were run have taken so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def rows() -> Iterator[Row]:
    """Time the runner."""
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.jsonl"
        empty.touch()
        start_up = min(run(empty)[0] for _ in range(ROUNDS))
    for what, name in CASES.items():
        calls, rate, budget = max((round_of(DATA / name, start_up) for _ in range(ROUNDS)), key=lambda r: r[1] / r[2])
        yield Row(
            f"scenario runner, {what}",
            "compiled engine, noted",
            COMPILED_ENGINE,
            rate,
            "calls/s",
            budget,
            more_is_better=True,
            note=f"{calls} calls",
        )


def round_of(cases: Path, start_up: float) -> tuple[int, float, float]:
    """Return how many calls were answered, how many a second, and how many there should be on this machine just then."""
    before = slowness_of_a_run()
    seconds, calls = run(cases)
    return calls, calls / (seconds - start_up), BUDGET / ((before + slowness_of_a_run()) / 2)


def slowness_of_a_run() -> float:
    """Return how many times longer this machine takes than the one where the budgets were set, in a run of its own."""
    code = YARDSTICK.replace("ROUNDS", str(YARDSTICK_ROUNDS)).replace("CALLS", str(YARDSTICK_CALLS))
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout) / (YARDSTICK_ROUNDS * YARDSTICK_CALLS) * 1e6 / MAGIC_MOCK_US
