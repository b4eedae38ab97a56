# SPDX-License-Identifier: MIT
"""A call through the library for ctypes, beside a ctypes call of a C function that does nothing to speak of, and a big read."""

import ctypes
from collections.abc import Iterator
from typing import Any

import megabyte
from calls import BUDGET_US as CALL_BUDGET_US
from measure import Row, Subject, best, microseconds, slowness
from reads import DATABASE

import esemu

RATIO = 1.5
"""How many ctypes calls of a trivial function an empty call may take."""


def trivial() -> dict[str, Any]:
    """Return a C function of one number, with its type, and without."""
    typed, untyped = ctypes.CDLL(None)["labs"], ctypes.CDLL(None)["labs"]
    typed.argtypes, typed.restype = [ctypes.c_uint64], ctypes.c_int32
    return {"typed": typed, "untyped": untyped}


def in_a_backup() -> dict[str, Any]:
    """Return the functions of a library, and an instance in a full backup."""
    engine = esemu.Engine()
    inst = engine.start(databases={DATABASE: 1000})
    library = engine.library()
    library.JetBeginExternalBackupInstance(inst, 0)
    library.JetStopBackupInstance.argtypes = [ctypes.c_uint64]
    return {"engine": engine, "free": library.JetFreeBuffer, "stop": library.JetStopBackupInstance, "inst": int(inst)}


def rows() -> Iterator[Row]:
    """Time an empty call, a call that the machine makes, and a read of a MiB."""
    times = microseconds(
        best(
            {
                "ctypes, typed": Subject("typed(65536)", trivial),
                "ctypes": Subject("untyped(65536)", trivial),
                "free": Subject("free(0)", in_a_backup),
                "stop": Subject("stop(inst)", in_a_backup),
            }
        )
    )
    for rival in ("ctypes, typed", "ctypes"):
        budget = RATIO * times[rival]
        yield Row("library: empty call", rival, times[rival], times["free"], "us", budget, note="JetFreeBuffer(NULL)")
    typed, budget = times["ctypes, typed"], CALL_BUDGET_US * slowness(times)
    note = "JetStopBackupInstance"
    yield Row("library: call of the machine", "ctypes, typed", typed, times["stop"], "us", budget, note=note)
    yield megabyte.through_library()
