# SPDX-License-Identifier: MIT
"""`import esemu` beside `import attrs`, each in a fresh interpreter."""

import subprocess
import sys
from collections.abc import Iterator

from measure import Row

ROUNDS = 15
OVERHEAD_BUDGET_MS = 12.0
ATTRS_MS = 28.0
"""An import of attrs on the machine where the budget was set."""


def import_ms(module: str) -> float:
    """Return the milliseconds of one import, with everything that it imports."""
    command = [sys.executable, "-P", "-X", "importtime", "-c", f"import {module}"]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    for line in report.splitlines():
        *_, cumulative, name = line.split("|")
        if name.strip() == module:
            return float(cumulative) / 1000
    raise LookupError(f"-X importtime did not report {module}")


def rows() -> Iterator[Row]:
    """Time imports, in turn."""
    pairs = [(import_ms("attrs"), import_ms("esemu")) for _ in range(ROUNDS)]
    attrs, esemu = (min(times) for times in zip(*pairs, strict=True))
    yield Row("import esemu", "import attrs", attrs, esemu, "ms", attrs + OVERHEAD_BUDGET_MS * attrs / ATTRS_MS)
