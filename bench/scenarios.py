# SPDX-License-Identifier: MIT
"""Scenarios a second: the biggest recorded set of cases through `python -m esemu run`, JSON included, start-up not."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from measure import Row

BUDGET = 25_000.0
# The engine's own code, compiled, fed with the same JSON on the machine that made the recordings. It cannot be run here.
COMPILED_ENGINE = 23_000.0
ROUNDS = 3
DATA = Path(__file__).resolve().parent.parent / "tests" / "data"


def run(cases: Path) -> tuple[float, int]:
    """Return the seconds and the number of calls that were answered."""
    with tempfile.TemporaryFile() as results:
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-P", "-m", "esemu", "run", str(cases)], stdout=results, check=True)
        seconds = time.perf_counter() - begin
        results.seek(0)
        return seconds, sum(len(json.loads(line)["r"]) for line in results if line.strip())


def rows() -> Iterator[Row]:
    """Time the runner."""
    recorded = list(DATA.glob("*cases.jsonl*"))
    if not recorded:
        raise FileNotFoundError(f"no recorded cases in {DATA}")
    cases = max(recorded, key=lambda path: path.stat().st_size)
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.jsonl"
        empty.touch()
        start_up = min(run(empty)[0] for _ in range(ROUNDS))
    results = [run(cases) for _ in range(ROUNDS)]
    rate = max(calls / (seconds - start_up) for seconds, calls in results)
    yield Row(
        "scenario runner",
        "compiled engine, noted",
        COMPILED_ENGINE,
        rate,
        "calls/s",
        BUDGET,
        more_is_better=True,
        note=f"{cases.name}: {results[0][1]} calls",
    )
