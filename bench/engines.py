# SPDX-License-Identifier: MIT
"""A fresh engine with one started instance, and what is left of it once it is dropped."""

import gc
from collections.abc import Iterator
from unittest.mock import create_autospec

from doubles import Stub
from measure import MAGIC_MOCK_US, YARDSTICK, Row, Subject, best, microseconds, slowness

import esemu

BUDGET_US = 30.0
ENGINES = 200
SECONDS = 6.0
"""A start runs through more code than anything else that is timed, and needs more turns until nothing disturbs one."""


def play() -> None:
    """Start an engine, run a part of a backup and drop it."""
    engine = esemu.Engine()
    inst = engine.start(databases={r"C:\data\mail.edb": 1000})
    engine.jet.JetBeginExternalBackupInstance(inst, 0)
    file = engine.jet.JetOpenFileInstance(inst, r"C:\data\mail.edb")
    engine.jet.JetReadFileInstance(inst, file.handle, bytearray(65536))


def kept() -> int:
    """Return how many objects are left of many engines: whole engines would show as many times as there were engines."""
    play()
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(ENGINES):
        play()
    gc.collect()
    return max(0, len(gc.get_objects()) - before) // ENGINES


def rows() -> Iterator[Row]:
    """Time fresh engines, and count what they leave."""
    start = Subject(
        "Engine().start(databases=databases)",
        lambda: {"Engine": esemu.Engine, "databases": {r"C:\data\mail.edb": 1000}},
    )
    autospec = Subject("create_autospec(Stub)", lambda: {"create_autospec": create_autospec, "Stub": Stub})
    times = microseconds(best({"esemu": start}, SECONDS))
    theirs = microseconds(best({"autospec": autospec}))["autospec"]
    budget = BUDGET_US * slowness(times)
    yield Row(
        "engine with a started instance",
        "create_autospec(Stub)",
        theirs,
        times["esemu"],
        "us",
        budget,
        note=f"as long as {times['esemu'] / times[YARDSTICK]:.1f} calls of a MagicMock; allowed are {BUDGET_US / MAGIC_MOCK_US:.1f}",
    )
    yield Row("objects kept of a dropped engine", "", None, float(kept()), "", 0.0)
