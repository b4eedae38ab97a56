# SPDX-License-Identifier: MIT
"""`esemu matrix`: a call in every situation, and how the situations are reached."""

import json
from collections.abc import Callable

from click.testing import Result

from esemu.machine.explore import matrix


def test_one_call(invoke: Callable[..., Result]) -> None:
    """Each state of a snapshot is a heading, each phase a line; what no page promises is marked, and the page is told."""
    result = invoke("matrix", "JetBackup")
    lines = result.stdout.splitlines()
    assert (result.exit_code, lines[0]) == (0, "JetBackupInstance")
    at = lines.index("  Freeze")
    assert lines[at + 1] == "    no backup             waits for m_critBackupInProgress (not documented)"
    assert "    databases             JET_errBackupInProgress" in lines
    assert "  JET_errBackupInProgress: Instance has a backup running already" in lines


def test_the_situations(invoke: Callable[..., Result]) -> None:
    """Without a call the situations are listed, with the calls that lead to each."""
    lines = invoke("matrix").stdout.splitlines()
    assert len(lines) == len(matrix.SITUATIONS)
    assert lines[0] == "no snapshot, no backup: at once"
    assert "Freeze, no backup: JetOSSnapshotPrepare(0x4), JetOSSnapshotFreeze" in lines


def test_json(invoke: Callable[..., Result]) -> None:
    """Everything can be had as JSON."""
    every = json.loads(invoke("matrix", "--json").stdout)
    assert set(every) == set(matrix.calls())
    assert every["JetStopBackupInstance"]["answers"][0] == {
        "snapshot": "no snapshot",
        "backup": "no backup",
        "answer": "JET_errSuccess",
    }


def test_calls_that_are_not_there(invoke: Callable[..., Result]) -> None:
    """A call that nobody knows, and one that is left out, end with 2 and a reason."""
    unknown, left_out = invoke("matrix", "JetFoo"), invoke("matrix", "JetInit")
    assert (unknown.exit_code, left_out.exit_code) == (2, 2)
    assert "JetFoo" in unknown.stderr
    assert "neither a backup nor a snapshot concerns it" in left_out.stderr
