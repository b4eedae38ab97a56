# SPDX-License-Identifier: MIT
"""A call that moves no data: what the machine itself costs, beside mocks and a stub."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import create_autospec

from doubles import Stub
from measure import Row, Subject, best, microseconds, slowness

import esemu

BUDGET_US = 1.0
DATABASE = r"C:\data\mail.edb"


def in_a_backup() -> dict[str, Any]:
    """Return an instance in a full backup."""
    engine = esemu.Engine()
    inst = engine.start(databases={DATABASE: 1000})
    engine.jet.JetBeginExternalBackupInstance(inst, 0)
    return {"engine": engine, "jet": engine.jet, "inst": inst, "name": DATABASE}


def rows() -> Iterator[Row]:
    """Time a call that asks no rule, one that asks the gate and its own, and an open with its close."""
    times = microseconds(
        best(
            {
                "stop": Subject("jet.JetStopBackupInstance(inst)", in_a_backup),
                "list": Subject("jet.JetGetAttachInfoInstance(inst)", in_a_backup),
                "open and close": Subject(
                    "jet.JetCloseFileInstance(inst, jet.JetOpenFileInstance(inst, name).handle)", in_a_backup
                ),
                "create_autospec": Subject(
                    "jet.JetStopBackupInstance(1)", lambda: {"jet": create_autospec(Stub())}, 5000
                ),
                "hand-written stub": Subject("jet.JetStopBackupInstance(1)", lambda: {"jet": Stub()}),
            }
        )
    )
    calls = {"JetStopBackupInstance": "stop", "JetGetAttachInfoInstance": "list"}
    for what, subject in calls.items():
        for rival in ("MagicMock", "create_autospec", "hand-written stub"):
            yield Row(what, rival, times[rival], times[subject], "us", BUDGET_US * slowness(times))
    yield Row("JetOpenFile + JetCloseFile", "", None, times["open and close"], "us")
