# SPDX-License-Identifier: MIT
"""An error that is raised and caught, its message unread: a read after a stop."""

from collections.abc import Iterator
from typing import Any

from doubles import Stub, StubError
from measure import Row, Subject, best, microseconds, slowness
from reads import in_memory

import esemu

BUDGET_US = 1.2
STATEMENT = """
try:
    read(inst, handle, buffer)
except Error:
    pass
"""


def stopped() -> dict[str, Any]:
    """Return an instance whose backup was stopped in the middle of a file."""
    names = in_memory()
    names["engine"].jet.JetStopBackupInstance(names["inst"])
    return {**names, "Error": esemu.JetError}


def stub() -> dict[str, Any]:
    """Return a stub that raises."""
    return {"read": Stub().JetReadFileInstance, "inst": 1, "handle": 0, "buffer": bytearray(65536), "Error": StubError}


def rows() -> Iterator[Row]:
    """Time errors."""
    times = microseconds(best({"esemu": Subject(STATEMENT, stopped), "stub": Subject(STATEMENT, stub)}))
    budget = BUDGET_US * slowness(times)
    yield Row("an error, raised and caught", "hand-written raise", times["stub"], times["esemu"], "us", budget)
