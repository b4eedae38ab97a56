# SPDX-License-Identifier: MIT
"""Threads in every order of their calls: all orders are tried, none twice, each can be played again, and waits are seen."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from every_client import BUGGY, CODES, CORRECT
from small_world import small_world

import esemu
from esemu.testing import interleave, replay_order
from esemu.vocabulary.exceptions import BackupAbortByServerError, WouldBlockForever
from esemu.vocabulary.grbits import JET_bitBackupEndAbort, JET_bitTermAbrupt

MAIL = r"C:\data\mail.edb"


def idle() -> tuple[esemu.Engine, esemu.Instance]:
    """Return an engine with one small database."""
    engine = esemu.Engine()
    return engine, engine.start(databases={MAIL: 10})


def three_stops(jet, inst) -> None:
    """Stop three times."""
    for _ in range(3):
        jet.JetStopBackupInstance(inst)


def lists(jet, inst) -> list[str]:
    """Begin, list and end."""
    jet.JetBeginExternalBackupInstance(inst, 0)
    try:
        return jet.JetGetAttachInfoInstance(inst)
    finally:
        jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndAbort)


def stop(jet, inst) -> None:
    """Stop once."""
    jet.JetStopBackupInstance(inst)


def test_every_order_is_tried_once() -> None:
    """Two threads of three calls each have twenty orders, all different."""
    found = interleave(three_stops, three_stops, setup=idle, preemptions=9)
    assert found.complete
    orders = {row["order"] for row in found.as_dicts()}
    assert len(orders) == len(found)
    ran = set()
    for order in orders:
        run = replay_order(order, three_stops, three_stops, setup=idle)
        first = run.calls[0].thread
        ran.add((*(call.thread == first for call in run.calls), run.turns.decisions[0].chosen))
    assert len(ran) == len(orders) == 20


def test_orders_can_be_spread() -> None:
    """An executor gives the same rows in the same order."""
    with ThreadPoolExecutor(2) as executor:
        there = interleave(lists, stop, setup=idle, executor=executor)
    assert there.as_dicts() == interleave(lists, stop, setup=idle).as_dicts()


def test_few_preemptions_are_few_orders() -> None:
    """Without a preemption a thread that has begun runs to its end; each further one allows more orders."""
    sizes = [len(interleave(three_stops, three_stops, setup=idle, preemptions=bound)) for bound in range(4)]
    assert sizes[0] == 2
    assert sizes == sorted(set(sizes))
    capped = interleave(three_stops, three_stops, setup=idle, preemptions=9, orders=5)
    assert len(capped) == 5
    assert not capped.complete


def test_an_order_is_played_again() -> None:
    """The same order gives the same calls with the same answers."""
    found = interleave(lists, stop, setup=idle)
    stopped = next(row for row in found.as_dicts() if row["threads"][0] == "raised BackupAbortByServerError")
    runs = [replay_order(stopped["order"], lists, stop, setup=idle) for _ in range(3)]
    shown = [[(repr(call), call.err) for call in run.calls] for run in runs]
    assert shown[0] == shown[1] == shown[2]
    assert runs[0].as_dict() == stopped


def test_a_stop_is_tried_at_every_place() -> None:
    """A client of three calls and a stop: the stop is tried before, between and after, and matters at one place."""
    found = interleave(lists, stop, setup=idle)
    assert found.complete
    found.check()
    outcomes = [row["threads"][0] for row in found.as_dicts()]
    assert len(outcomes) == 4
    assert outcomes.count("raised BackupAbortByServerError") == 1


def test_bugs_that_need_two_threads_are_found() -> None:
    """A client that is right alone leaves a backup running where another one is stopped."""
    found = interleave(BUGGY["no_end_after_error"], stop, setup=idle, preemptions=1)
    assert any(row["verdict"] == "ESB101 backup-not-ended" for row in found.failures)
    with pytest.raises(AssertionError, match="backup-not-ended"):
        found.check()
    interleave(CORRECT, stop, setup=idle, preemptions=1).check()


@pytest.mark.parametrize("name", sorted(BUGGY.keys() - {"retries_begin"}))
def test_the_contract_checks_are_made(name) -> None:
    """What a client does wrong in one of the orders with a stop is named (one needs somebody else's backup)."""
    found = interleave(BUGGY[name], stop, setup=small_world, preemptions=1)
    codes = {code for row in found.failures for code in re.findall(r"ESB\d+", row["verdict"])}
    assert CODES[name] in codes


def ends_instance(jet, inst) -> None:
    """Terminate the instance, whatever is under way."""
    jet.JetTerm2(inst, JET_bitTermAbrupt)


def test_a_thread_that_only_ends_things_plays_the_server() -> None:
    """Neither it nor the client whose backup it ends is blamed."""
    interleave(CORRECT, ends_instance, setup=idle, preemptions=1).check()


def test_a_check_of_the_test_is_asked() -> None:
    """An AssertionError of `check` is a finding."""

    def never_stopped(run) -> None:
        assert all(claim for claim in run.claims), "somebody was stopped"

    found = interleave(lists, stop, setup=idle, check=never_stopped)
    assert [row["messages"][0].startswith("somebody was stopped") for row in found.failures] == [True]
    assert "somebody" not in found.text()
    assert "check" in found.text()


def freezes(jet, inst) -> None:
    """Freeze and thaw."""
    snapshot = jet.JetOSSnapshotPrepare(0)
    jet.JetOSSnapshotFreeze(snapshot, 0)
    jet.JetOSSnapshotThaw(snapshot, 0)


def test_a_call_that_waits_lets_the_others_run() -> None:
    """A beginning that waits for a frozen snapshot goes on when the other thread thaws that, in every order."""
    found = interleave(freezes, lists, setup=idle, preemptions=2)
    assert found.complete
    assert all("raised WouldBlockForever" not in row["threads"] for row in found.as_dicts())
    assert any(
        row["threads"] == ["returned None", "a list"] or "returned" in row["threads"][1] for row in found.as_dicts()
    )


def freezes_for_good(jet, inst) -> None:
    """Freeze, and never thaw."""
    jet.JetOSSnapshotFreeze(jet.JetOSSnapshotPrepare(0), 0)


def test_a_wait_that_nobody_ends_is_told() -> None:
    """Where no thread is left that could end a wait, the call raises WouldBlockForever."""
    found = interleave(freezes_for_good, lists, setup=idle, preemptions=2)
    assert any(row["threads"][1] == f"raised {WouldBlockForever.__name__}" for row in found.as_dicts())


def test_threads_may_wait_for_each_other_outside_of_the_engine(monkeypatch) -> None:
    """A thread that waits for another one with means of its own is passed over until it comes back."""
    monkeypatch.setattr("esemu.testing.turns.Turns.__init__.__defaults__", (0.02,))
    begun = threading.Event()

    def waits(jet, inst) -> None:
        assert begun.wait(30)
        jet.JetStopBackupInstance(inst)

    def begins(jet, inst) -> None:
        jet.JetBeginExternalBackupInstance(inst, 0)
        begun.set()
        jet.JetEndExternalBackupInstance(inst)

    run = replay_order("", waits, begins, setup=idle)
    assert run.outcomes == ["returned None", "returned None"]


def for_ever(jet, inst) -> None:
    """Stop and stop."""
    while True:
        jet.JetStopBackupInstance(inst)


def test_threads_that_never_end_are_cut_off() -> None:
    """After so many calls every thread is cut off."""
    run = replay_order("", for_ever, for_ever, setup=idle, limit=50)
    assert run.outcomes == ["cut off", "cut off"]
    assert [finding.code for finding in run.findings] == ["never-ends"] * 2


def test_nothing_is_left_of_a_schedule() -> None:
    """Afterwards the engine waits as ever, and no thread is left."""
    before = set(threading.enumerate())
    run = replay_order("", lists, stop, setup=idle)
    assert set(threading.enumerate()) <= before
    assert run.engine.process.interposer is None
    with pytest.raises(BackupAbortByServerError):
        three_stops_in_a_backup(run)


def three_stops_in_a_backup(run) -> None:
    """Begin, stop and list."""
    jet, inst = run.engine.jet, run.instance
    jet.JetBeginExternalBackupInstance(inst, 0)
    jet.JetStopBackupInstance(inst)
    jet.JetGetAttachInfoInstance(inst)
