# SPDX-License-Identifier: MIT
"""The matrix of what excludes what: its situations are those that it names, and its answers are the machine's."""

import pytest

from esemu.machine.explore import matrix
from esemu.machine.explore.snapshots import explore
from esemu.machine.explore.snapshots.alphabet import TIME_OUT
from esemu.machine.explore.snapshots.diagram import NO_SNAPSHOT, WORLDS, arrows
from esemu.machine.snapshot_state import FROZEN, LOG_TRUNCATED, LOG_TRUNCATION_ALLOWED, PREPARED, SWITCHES, TIMED_OUT
from esemu.machine.step import UNDEFINED


@pytest.mark.parametrize("situation", matrix.SITUATIONS, ids=" - ".join)
def test_a_situation_is_what_it_is_called(situation: tuple[str, str]) -> None:
    """The snapshot is in the state, and a backup runs where the name of the phase says so."""
    snapshot, backup = situation
    process = matrix.process_in(*situation)
    assert [each.state for each in process.snapshots.values()] == ([] if snapshot == matrix.NO_SNAPSHOT else [snapshot])
    counts_as_backup = backup != "flags cleared" and (
        backup != matrix.NO_BACKUP or snapshot in {FROZEN, LOG_TRUNCATION_ALLOWED, LOG_TRUNCATED}
    )
    assert process.live()[0].backup.in_progress == counts_as_backup


def test_what_begins_a_backup_when() -> None:
    """A prepared or timed-out snapshot is no obstacle, a frozen one has calls wait, a thawed one refuses them."""
    answers = {
        state: matrix.answer("JetBeginExternalBackupInstance", state, matrix.NO_BACKUP).text
        for state, _ in matrix.SITUATIONS
    }
    assert answers == {
        matrix.NO_SNAPSHOT: "JET_errSuccess",
        PREPARED: "JET_errSuccess",
        FROZEN: "waits for m_critBackupInProgress",
        LOG_TRUNCATION_ALLOWED: "JET_errBackupInProgress",
        LOG_TRUNCATED: "JET_errBackupInProgress",
        TIMED_OUT: "JET_errSuccess",
    }


def test_the_documentation_beside_it() -> None:
    """What a page promises is named, what it promises in vain is marked, and a call may have no page."""
    prepared = [matrix.answer("JetOSSnapshotPrepare", *situation) for situation in matrix.SITUATIONS]
    assert {answer.text for answer in prepared} == {"JET_errSuccess"}
    assert matrix.remarks("JetOSSnapshotPrepare", prepared) == [
        "JET_errOSSnapshotInvalidSequence: Another snapshot session exists; one at a time (never here)"
    ]
    assert matrix.remarks("JetBeginExternalBackupInstance", []) == ["its reference page lists no errors"]
    assert matrix.remarks("JetBeginSurrogateBackup", []) == ["it has no reference page"]
    no_backup = matrix.answer("JetGetAttachInfoInstanceA", matrix.NO_SNAPSHOT, matrix.NO_BACKUP)
    assert matrix.is_documented("JetGetAttachInfoInstanceA", no_backup)
    assert not matrix.is_documented("JetBeginExternalBackupInstance", matrix.Answer(-505))


def test_answers_in_words() -> None:
    """Errors and warnings have names; what does not return is said in a few words."""
    texts = [matrix.Answer(*given).text for given in ((0,), (-520,), (1007,), (UNDEFINED,), (2, "The log"), (2,))]
    assert texts == [
        "JET_errSuccess",
        "JET_errNoBackup",
        "JET_wrnDatabaseAttached",
        "undefined behaviour",
        "waits for the log",
        "waits for ever",
    ]


def test_ways_in_words() -> None:
    """A call is shown with its grbit, if it has one."""
    shown = [matrix.shown(call) for call in (TIME_OUT, matrix.PREPARE, matrix.FREEZE)]
    assert shown == ["the freeze times out", "JetOSSnapshotPrepare(0x4)", "JetOSSnapshotFreeze"]


def test_the_picture_has_the_switches_of_the_table() -> None:
    """The arrows that were found lead where a session may switch to, and each of those is found."""
    found = arrows(explore(WORLDS))
    assert found[FROZEN, NO_SNAPSHOT] == ["Abort", "Thaw without JET_bitContinueAfterThaw"]
    assert found[FROZEN, TIMED_OUT] == ["time-out"]
    between = {(before, after) for before, after in found if NO_SNAPSHOT not in (before, after)}
    allowed = {(before, after) for after, befores in SWITCHES.items() for before in befores}
    thawed = {(FROZEN, LOG_TRUNCATION_ALLOWED)}  # by way of stateThaw, in which nobody sees it
    assert between - thawed <= allowed
    assert {before for before, after in found if after == NO_SNAPSHOT} == {
        PREPARED,
        FROZEN,
        LOG_TRUNCATION_ALLOWED,
        LOG_TRUNCATED,
        TIMED_OUT,
    }
