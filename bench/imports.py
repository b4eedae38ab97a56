# SPDX-License-Identifier: MIT
"""`import esemu` beside `import attrs`, each in a fresh interpreter; and the import with the first engine that is started.

The second row is there because an import could be made cheap by putting off to the first use what every use needs.
"""

import subprocess
import sys
from collections.abc import Iterator

from measure import Row

ROUNDS = 15
OVERHEAD_BUDGET_MS = 12.0
ATTRS_MS = 28.0
"""An import of attrs on the machine where the budget was set."""

STATEMENTS = (
    "import attrs",
    "import esemu",
    r"import esemu; esemu.Engine().start(databases={r'C:\data\mail.edb': 1000})",
)


def milliseconds(statement: str) -> float:
    """Return how long a statement takes in a fresh interpreter that has started."""
    code = f"import time; begin = time.perf_counter(); {statement}; print(time.perf_counter() - begin)"
    command = [sys.executable, "-P", "-c", code]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) * 1000


def rows() -> Iterator[Row]:
    """Time imports, in turn."""
    rounds = [[milliseconds(statement) for statement in STATEMENTS] for _ in range(ROUNDS)]
    attrs, alone, started = (min(times) for times in zip(*rounds, strict=True))
    budget = attrs + OVERHEAD_BUDGET_MS * attrs / ATTRS_MS
    yield Row("import esemu", "import attrs", attrs, alone, "ms", budget)
    yield Row("import esemu, start an engine", "import attrs", attrs, started, "ms", budget)
