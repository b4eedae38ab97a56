# SPDX-License-Identifier: MIT
"""Calls a second: recorded cases through `python -m esemu run`, JSON included, start-up not.

It is the processor's time that counts: what other programs take of it in between is no part of a run, as it is none of the
yardstick's best turn.
"""

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from measure import Row, slowness

BUDGET = 25_000.0
"""Calls a second on the machine where the budgets were set."""
# The engine's own code, compiled, fed with the same JSON on the machine that made the recordings. It cannot be run here.
COMPILED_ENGINE = 23_000.0
ROUNDS = 3
DATA = Path(__file__).resolve().parent.parent / "tests" / "data"
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
    before = slowness()
    seconds, calls = run(cases)
    return calls, calls / (seconds - start_up), BUDGET / ((before + slowness()) / 2)
