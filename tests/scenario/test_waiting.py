# SPDX-License-Identifier: MIT
"""A case in which a term waits and keeps calls about snapshots out: the thread of a snapshot waits for it, and nobody hangs."""

from typing import Any

import pytest

from esemu.machine.call import GrbitCall
from esemu.machine.calls import CALLS
from esemu.scenario.run import CaseRun

MAIL = r"C:\data\mail.edb"

TIME_OUT: dict[str, Any] = {"op": "env", "snapshot_timeout": "all"}
THAW: dict[str, Any] = {"op": "JetOSSnapshotThaw"}


@pytest.fixture(params=["timeout", "timeout_waiter_first"])
def frozen(request: pytest.FixtureRequest) -> CaseRun:
    """Return a case with a frozen snapshot, while a term has the lock that calls about snapshots need."""
    run = CaseRun({"dbs": [{"name": MAIL, "pages": 5}], "on_block": request.param})
    for op in "JetOSSnapshotPrepare", "JetOSSnapshotFreeze":
        assert run.step({"op": op})["name"] == "JET_errSuccess"
    run.case.process.snapshot_lock = GrbitCall(CALLS["JetTerm2"], 0, 0)
    return run


def session(run: CaseRun) -> str:
    """Return the state of the snapshot."""
    (snapshot,) = run.case.process.snapshots.values()
    return snapshot.state


def test_a_snapshot_that_times_out_waits_for_a_term(frozen: CaseRun) -> None:
    """It lets go of the instance, and is over when the term is (io.cxx:3220)."""
    before = session(frozen)
    frozen.step(TIME_OUT)
    assert session(frozen) == before
    assert frozen.step({"op": "JetBeginExternalBackupInstance"})["name"] == "JET_errSuccess"
    frozen.case.process.snapshot_lock = None
    assert frozen.step(TIME_OUT)["name"] == "JET_errSuccess"
    assert session(frozen) != before
    assert frozen.step(THAW)["name"] == "JET_errOSSnapshotTimeOut"


def test_a_call_about_a_snapshot_waits_for_a_term_for_ever(frozen: CaseRun) -> None:
    """The time-out of the snapshot does not end that: its thread waits for the term, too."""
    assert frozen.step(THAW) == {"op": "JetOSSnapshotThaw", "err": "BLOCKS"}
