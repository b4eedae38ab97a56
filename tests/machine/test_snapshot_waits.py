# SPDX-License-Identifier: MIT
"""What waits for a frozen snapshot, and what becomes of it when the snapshot thaws or times out."""

import threading
import time
from collections.abc import Callable

import pytest

import esemu
from esemu.faces.jet import Jet
from esemu.machine.call import GrbitCall
from esemu.machine.calls import CALLS
from esemu.vocabulary.exceptions import (
    BackupInProgressError,
    OSSnapshotInvalidSequenceError,
    OSSnapshotInvalidSnapIdError,
    OSSnapshotTimeOutError,
    WouldBlockForever,
)
from esemu.vocabulary.grbits import (
    JET_bitBackupEndAbort,
    JET_bitBackupEndNormal,
    JET_bitContinueAfterThaw,
    JET_bitForceNewLog,
    JET_bitTermComplete,
    JET_bitTermDirty,
    JET_bitTermStopBackup,
    JET_bitWaitAllLevel0Commit,
    JET_bitWaitLastLevel0Commit,
)
from esemu.vocabulary.parameters import JET_paramRecovery

MAIL, NEW = r"C:\data\mail.edb", r"C:\data\new.edb"

Use = Callable[[esemu.Engine, esemu.Instance], object]


@pytest.fixture
def inst(engine: esemu.Engine) -> esemu.Instance:
    """Return an instance with logs 1 to 5 archived and the checkpoint in log 3."""
    return engine.start(databases={MAIL: 5}, generations=6, checkpoint=3)


@pytest.fixture
def snapshot(jet: Jet, inst: esemu.Instance) -> int:
    """Return a snapshot of it that is frozen."""
    number = jet.JetOSSnapshotPrepare(JET_bitContinueAfterThaw)
    jet.JetOSSnapshotFreeze(number)
    return number


def in_another_thread(action: Callable[[], object], after_s: float = 0.05) -> threading.Thread:
    """Start a thread that does something in a moment."""

    def run() -> None:
        time.sleep(after_s)
        action()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


WAITING: dict[str, Use] = {
    "begin": lambda engine, inst: engine.jet.JetBeginExternalBackupInstance(inst),
    "surrogate": lambda engine, inst: engine.jet.JetBeginSurrogateBackup(inst, 1, 2, 0),
    "JetBackup": lambda engine, inst: engine.jet.JetBackupInstance(inst, r"C:\backup"),
    "attach": lambda engine, inst: engine.jet.JetAttachDatabase(inst.session, MAIL),
    "detach": lambda engine, inst: engine.jet.JetDetachDatabase(inst.session, MAIL),
    "create": lambda engine, inst: engine.jet.JetCreateDatabase(inst.session, NEW),
    "new log": lambda engine, inst: engine.jet.JetCommitTransaction(inst.session, JET_bitForceNewLog),
    "all commits": lambda engine, inst: engine.jet.JetCommitTransaction(inst.session, JET_bitWaitAllLevel0Commit),
    "log list": lambda engine, inst: engine.jet.JetGetLogInfoInstance(inst),
    "end": lambda engine, inst: engine.jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndNormal),
    "term": lambda engine, inst: engine.jet.JetTerm2(inst, JET_bitTermStopBackup),
    "stop all services": lambda engine, inst: engine.jet.JetStopServiceInstance2(inst, 0),
}

NOT_WAITING: dict[str, Use] = {
    "database list": lambda engine, inst: engine.jet.JetGetAttachInfoInstance(inst),
    "abort": lambda engine, inst: engine.jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndAbort),
    "last commit": lambda engine, inst: engine.jet.JetCommitTransaction(inst.session, JET_bitWaitLastLevel0Commit),
    "stop": lambda engine, inst: engine.jet.JetStopBackupInstance(inst),
    "stop service": lambda engine, inst: engine.jet.JetStopServiceInstance(inst),
    "another snapshot": lambda engine, inst: engine.jet.JetOSSnapshotPrepare(),
}


LOCKS = {
    "begin": "m_critBackupInProgress",
    "surrogate": "m_critBackupInProgress",
    "JetBackup": "m_critBackupInProgress",
    "attach": "m_critBackupInProgress",
    "detach": "m_critBackupInProgress",
    "create": "The log",
    "log list": "The log",
    "end": "m_critCheckpoint",
    "term": "m_critBackupInProgress",
    "stop all services": "The log",
    "new log": "The log",
    "all commits": "The log",
}
"""What each of them wants to have."""


@pytest.mark.parametrize("name", WAITING)
def test_who_waits_for_a_frozen_snapshot(engine: esemu.Engine, inst: esemu.Instance, snapshot: int, name: str) -> None:
    """In a program with one thread nobody can end the freeze, and the exception says which lock is wanted and held."""
    with pytest.raises(WouldBlockForever) as blocked:
        WAITING[name](engine, inst)
    freeze = next(call for call in engine.trace if call.api.name == "JetOSSnapshotFreeze")
    message = str(blocked.value)
    held = f"{LOCKS[name]} of instance 1 is held by snapshot 1 (call #{freeze.number}, JetOSSnapshotFreeze)."
    assert "It waits for" in message
    assert held in message
    assert "JetOSSnapshotThaw(1), JetOSSnapshotAbort(1)" in message


def test_a_term_that_waits_for_a_prepared_snapshot_names_it(
    engine: esemu.Engine, jet: Jet, inst: esemu.Instance
) -> None:
    """The snapshot holds the instance from JetOSSnapshotPrepare on, and what can be done with it is said."""
    jet.JetOSSnapshotPrepare()
    number = [*engine.trace][-1].number
    with pytest.raises(WouldBlockForever) as blocked:
        jet.JetTerm(inst)
    message = str(blocked.value)
    assert f"is held by snapshot 1 (call #{number}, JetOSSnapshotPrepare)." in message
    assert "JetOSSnapshotFreeze(1), JetOSSnapshotEnd(1), JetOSSnapshotAbort(1)." in message


def test_a_snapshot_call_that_waits_for_a_term_names_it(
    engine: esemu.Engine, jet: Jet, inst: esemu.Instance, snapshot: int
) -> None:
    """The lock of all snapshot calls is held by a call, not by a snapshot."""
    term = engine.process.snapshot_lock = GrbitCall(CALLS["JetTerm2"], inst, JET_bitTermStopBackup)
    term.number = 7
    with pytest.raises(WouldBlockForever, match=r"g_critOSSnapshot is held by call #7, JetTerm2\."):
        jet.JetOSSnapshotThaw(snapshot)


def test_a_snapshot_shows_what_it_is(engine: esemu.Engine, snapshot: int) -> None:
    """A failed assertion about a snapshot explains itself."""
    assert repr(engine.process.snapshots[snapshot]) == "<snapshot 1: full, Freeze>"


def test_a_refused_call_says_what_the_snapshot_allows(jet: Jet, inst: esemu.Instance, snapshot: int) -> None:
    """Calls about snapshots are named where one is concerned: one that the call is about, or that bars a backup."""
    with pytest.raises(
        OSSnapshotInvalidSequenceError, match=r"Allowed now: JetOSSnapshotThaw\(1\), JetOSSnapshotAbort\(1\)\."
    ):
        jet.JetOSSnapshotEnd(snapshot)
    jet.JetOSSnapshotThaw(snapshot)
    with pytest.raises(BackupInProgressError, match=r"JetOSSnapshotTruncateLog\(1\), JetOSSnapshotEnd\(1\)"):
        jet.JetBeginExternalBackupInstance(inst)
    with pytest.raises(OSSnapshotInvalidSnapIdError) as refused:
        jet.JetOSSnapshotThaw(77)
    assert "Allowed now" not in str(refused.value)


@pytest.mark.parametrize("call", NOT_WAITING.values(), ids=NOT_WAITING)
def test_who_does_not_wait(engine: esemu.Engine, inst: esemu.Instance, snapshot: int, call: Use) -> None:
    """These calls take no lock that a frozen snapshot holds."""
    call(engine, inst)


def test_term_does_not_wait_if_it_may_leave_the_backup_alone(
    engine: esemu.Engine, inst: esemu.Instance, snapshot: int
) -> None:
    """JetTerm2 without JET_bitTermAbrupt and JET_bitTermStopBackup sees a backup and refuses (sysinit.cxx:500)."""
    with pytest.raises(BackupInProgressError):
        engine.jet.JetTerm2(inst, JET_bitTermComplete)


def test_a_dirty_term_ends_a_frozen_instance(
    engine: esemu.Engine, jet: Jet, inst: esemu.Instance, snapshot: int
) -> None:
    """It looks at no backup, and the snapshot goes on without the instance."""
    with pytest.raises(esemu.JetError, match="JET_errDirtyShutdown"):
        jet.JetTerm2(inst, JET_bitTermDirty)
    assert jet.JetOSSnapshotGetFreezeInfo(snapshot) == []
    jet.JetOSSnapshotThaw(snapshot)


def test_a_prepared_snapshot_bars_term(jet: Jet, inst: esemu.Instance) -> None:
    """The engine polls until the session lets go of the instance, and a client with one thread never ends it."""
    jet.JetOSSnapshotPrepare()
    with pytest.raises(WouldBlockForever):
        jet.JetTerm(inst)


def test_freezing_without_logging_hangs(engine: esemu.Engine, jet: Jet) -> None:
    """The log is to stop on a new generation, which there never is (backup.cxx:3715)."""
    engine.start(databases={MAIL: 5}, parameters={JET_paramRecovery: "off"})
    with pytest.raises(WouldBlockForever):
        jet.JetOSSnapshotFreeze(jet.JetOSSnapshotPrepare())


def test_a_thaw_in_another_thread_lets_a_call_go_on(jet: Jet, inst: esemu.Instance, snapshot: int) -> None:
    """The snapshot is thawed and not ended: the backup that waited is refused."""
    thread = in_another_thread(lambda: jet.JetOSSnapshotThaw(snapshot))
    with pytest.raises(BackupInProgressError):
        jet.JetBeginExternalBackupInstance(inst)
    thread.join()


def test_after_the_time_out_a_backup_begins(
    engine: esemu.Engine, jet: Jet, inst: esemu.Instance, snapshot: int
) -> None:
    """Where the snapshot's thread is done before the call goes on, nothing is in its way any more."""
    thread = in_another_thread(lambda: engine.clock.advance(70_000))
    jet.JetBeginExternalBackupInstance(inst)
    thread.join()
    with pytest.raises(OSSnapshotTimeOutError):
        jet.JetOSSnapshotThaw(snapshot)


def test_a_list_of_logs_goes_on_where_it_waited(
    engine: esemu.Engine, jet: Jet, inst: esemu.Instance, snapshot: int
) -> None:
    """It asked for a new log, which the thaw made: the list ends with the one before."""
    thread = in_another_thread(lambda: jet.JetOSSnapshotThaw(snapshot))
    logs = jet.JetGetLogInfoInstance(inst)
    thread.join()
    assert (logs[0], logs[-1], inst.generation) == (r"C:\logs\edb00003.log", r"C:\logs\edb00007.log", 8)


def test_term_waits_with_the_lock_of_all_snapshot_calls(
    engine: esemu.Engine, jet: Jet, inst: esemu.Instance, snapshot: int
) -> None:
    """Not even a thaw can end the freeze then, only the time-out (jetapi.cxx:20951)."""
    term = in_another_thread(lambda: jet.JetTerm(inst), after_s=0)
    while engine.process.snapshot_lock is None:
        time.sleep(0.001)
    time_out = in_another_thread(lambda: engine.clock.advance(70_000))
    with pytest.raises(OSSnapshotTimeOutError):
        jet.JetOSSnapshotThaw(snapshot)
    term.join()
    time_out.join()
    assert inst.state.freed


def test_threads_that_wait_for_each_other_are_found_out(
    engine: esemu.Engine, jet: Jet, inst: esemu.Instance, snapshot: int
) -> None:
    """One waits for the freeze, the other for the first: nobody is left to end it."""
    outcomes: list[str] = []

    def attempt(action: Callable[[], object]) -> None:
        try:
            action()
        except WouldBlockForever:
            outcomes.append("blocked")

    threads = [
        threading.Thread(target=attempt, args=(lambda: jet.JetBeginExternalBackupInstance(inst),)) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    attempt(lambda: jet.JetDetachDatabase(inst.session, MAIL))
    for thread in threads:
        thread.join()
    assert outcomes == ["blocked"] * 3


def test_a_thaw_waits_for_the_thread_of_its_snapshot() -> None:
    """A thaw that comes while the snapshot's thread is giving up waits for that thread, and says so."""
    engine = esemu.Engine()
    engine.start({MAIL: 10})
    snapshot = engine.jet.JetOSSnapshotPrepare(0)
    engine.jet.JetOSSnapshotFreeze(snapshot, 0)
    session = engine.process.snapshots[snapshot]
    session.timer.cancel()
    session.timer = None
    with pytest.raises(WouldBlockForever) as raised:
        engine.jet.JetOSSnapshotThaw(snapshot, 0)
    assert "m_thread" in str(raised.value)
