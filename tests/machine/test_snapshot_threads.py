# SPDX-License-Identifier: MIT
"""Threads of the host at a frozen instance: who wakes whom, who is seen to wait for ever, and who comes in while a term waits."""

import threading
import time
from collections.abc import Callable

import pytest

import esemu
import esemu.world.waiting
from esemu.faces.jet import Jet
from esemu.vocabulary.exceptions import OSSnapshotTimeOutError, TermInProgressError, WouldBlockForever
from esemu.vocabulary.grbits import (
    JET_bitContinueAfterThaw,
    JET_bitExplicitPrepare,
    JET_bitForceNewLog,
    JET_bitTermStopBackup,
)

MAIL = r"C:\data\mail.edb"

PATIENCE_S = 20
"""How long a test waits for a thread that would be done at once."""

Use = Callable[[esemu.Engine, int], object]


@pytest.fixture
def inst(engine: esemu.Engine) -> esemu.Instance:
    """Return an instance of it."""
    return engine.start(databases={MAIL: 5})


@pytest.fixture
def snapshot(jet: Jet, inst: esemu.Instance) -> int:
    """Return a snapshot of it that is frozen."""
    number = jet.JetOSSnapshotPrepare(JET_bitContinueAfterThaw)
    jet.JetOSSnapshotFreeze(number)
    return number


class Caller:
    """A thread that makes a call and keeps what came of it."""

    def __init__(self, action: Callable[[], object]) -> None:
        self.action = action
        self.outcome = ""
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        """Make the call."""
        try:
            self.action()
            self.outcome = "success"
        except WouldBlockForever:
            self.outcome = "blocked"
        except esemu.JetError as error:
            self.outcome = error.name.removeprefix("JET_err")

    def result(self) -> str:
        """Return what came of the call; a thread that looks for its end for a while only goes on, for all that is known."""
        self.thread.join(PATIENCE_S)
        return self.outcome


def until(condition: Callable[[], object]) -> None:
    """Wait for something that another thread is about to do."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.fixture
def nobody_looks_by_himself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let threads that wait look again when they are woken, and not after a while."""
    monkeypatch.setattr(esemu.world.waiting, "LOOK_AGAIN_S", 10 * PATIENCE_S)


ENDS: dict[str, Use] = {
    "thaw": lambda engine, snapshot: engine.jet.JetOSSnapshotThaw(snapshot),
    "abort": lambda engine, snapshot: engine.jet.JetOSSnapshotAbort(snapshot),
    "time-out": lambda engine, snapshot: engine.clock.advance(70_000),
}


@pytest.mark.usefixtures("nobody_looks_by_himself")
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_whoever_ends_a_freeze_wakes_those_who_wait_for_that(
    engine: esemu.Engine, jet: Jet, inst: esemu.Instance, snapshot: int, end: Use
) -> None:
    """A begin goes on at once after a thaw, an abort and a time-out of the engine's clock."""
    begin = Caller(lambda: jet.JetBeginExternalBackupInstance(inst))
    until(lambda: inst.state.calls_inside)
    end(engine, snapshot)
    assert begin.result() in {"success", "BackupInProgress"}


def test_a_time_out_that_comes_too_late_changes_nothing(engine: esemu.Engine, jet: Jet, snapshot: int) -> None:
    """Its thread was about to begin when another one thawed the snapshot."""
    timer = engine.process.snapshots[snapshot].timer
    jet.JetOSSnapshotThaw(snapshot)
    before = engine.events.count
    timer.callback()
    assert engine.events.count == before
    jet.JetOSSnapshotTruncateLog(snapshot)
    jet.JetOSSnapshotEnd(snapshot)


@pytest.mark.usefixtures("nobody_looks_by_himself")
def test_the_end_of_a_snapshot_wakes_a_term(jet: Jet, inst: esemu.Instance) -> None:
    """A term waits for a prepared snapshot without the lock of the snapshot calls, and goes on when it ends."""
    prepared = jet.JetOSSnapshotPrepare()
    term = Caller(lambda: jet.JetTerm(inst))
    until(lambda: inst.state.term_in_progress)
    jet.JetOSSnapshotEnd(prepared)
    assert term.result() == "success"


def test_a_term_waits_for_its_snapshot_while_another_one_times_out(engine: esemu.Engine, jet: Jet) -> None:
    """The thread of the first snapshot waits for the term, that for the second one, and the clock goes on (io.cxx:3220)."""
    frozen = []
    for name in "mail", "public":
        instance = engine.start(databases={rf"C:\data\{name}.edb": 5})
        frozen.append(jet.JetOSSnapshotPrepare(JET_bitExplicitPrepare))
        jet.JetOSSnapshotPrepareInstance(frozen[-1], instance)
        jet.JetOSSnapshotFreeze(frozen[-1])
        engine.clock.advance(1_000)
    term = Caller(lambda: jet.JetTerm2(instance, JET_bitTermStopBackup))
    until(lambda: engine.process.snapshot_lock)
    engine.clock.advance(70_000)
    assert term.result() == "success"
    for snapshot in frozen:
        with pytest.raises(OSSnapshotTimeOutError):
            jet.JetOSSnapshotThaw(snapshot)


def test_who_joins_a_thread_that_waits_will_not_end_that(jet: Jet, inst: esemu.Instance, snapshot: int) -> None:
    """A main thread that waits for the end of its workers, and they for a thaw, is a program that hangs."""
    first = Caller(lambda: jet.JetBeginExternalBackupInstance(inst))
    second = Caller(first.thread.join)
    second.thread.join()
    assert (first.outcome, second.outcome) == ("blocked", "success")


def test_who_joins_for_a_while_may_end_it_afterwards(jet: Jet, inst: esemu.Instance, snapshot: int) -> None:
    """A join with a time-out ends, and what comes then cannot be known."""
    begin = Caller(lambda: jet.JetBeginExternalBackupInstance(inst))
    begin.thread.join(5 * esemu.world.waiting.LOOK_AGAIN_S)
    assert begin.thread.is_alive()
    jet.JetOSSnapshotThaw(snapshot)
    assert begin.result() == "BackupInProgress"


def test_a_term_that_waits_for_sessions_lets_other_calls_in(
    engine: esemu.Engine, jet: Jet, inst: esemu.Instance, snapshot: int
) -> None:
    """The API is locked only when no call of a session is inside; calls of sessions are refused from the term on."""
    commit = Caller(lambda: jet.JetCommitTransaction(inst.session, JET_bitForceNewLog))
    until(lambda: inst.state.session_calls_inside)
    term = Caller(lambda: jet.JetTerm2(inst, JET_bitTermStopBackup))
    until(lambda: inst.state.term_in_progress)
    with pytest.raises(TermInProgressError):
        jet.JetBeginTransaction(jet.JetBeginSession(inst))
    with pytest.raises(TermInProgressError):
        jet.JetTerm(inst)
    begin = Caller(lambda: jet.JetBeginExternalBackupInstance(inst))
    until(lambda: len(inst.state.calls_inside) == 2)
    engine.clock.advance(70_000)
    assert (commit.result(), begin.result(), term.result()) == ("success", "success", "success")
    assert inst.state.freed


def test_a_term_that_waits_for_a_begin_lets_no_other_in(jet: Jet, inst: esemu.Instance, snapshot: int) -> None:
    """Where only calls of no session are inside the API is locked at once (jetapi.cxx:20931)."""
    begin = Caller(lambda: jet.JetBeginExternalBackupInstance(inst))
    until(lambda: inst.state.calls_inside)
    term = Caller(lambda: jet.JetTerm2(inst, JET_bitTermStopBackup))
    until(lambda: inst.state.term_in_progress)
    with pytest.raises(TermInProgressError):
        jet.JetBeginExternalBackupInstance(inst)
    jet.JetOSSnapshotThaw(snapshot)
    assert begin.result() == "BackupInProgress"
    jet.JetOSSnapshotEnd(snapshot)
    assert term.result() == "success"
