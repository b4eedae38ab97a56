# SPDX-License-Identifier: MIT
"""Clients that do not come back: a search tells where they are, goes on with the next run, and ends."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import ContextVar
from functools import partial
from queue import Queue
from typing import Any

import pytest
from every_client import CORRECT
from small_world import small_world

import esemu
from esemu.testing import explore as explore_in, interleave, interleavings, replay_order, sweep as sweep_in, time_limit
from esemu.testing.client_run import CutOff
from esemu.world.views import has_gil

pytestmark = pytest.mark.untraced

TIMEOUT_S = 1.5
"""Far more than any run takes that comes back."""

PATIENCE_S = 20
"""How long a test waits for a thread that would be done at once."""

explore = partial(explore_in, setup=small_world, timeout=TIMEOUT_S)
sweep = partial(sweep_in, setup=small_world, timeout=TIMEOUT_S)


OVER = threading.Event()
"""What clients wait for that hang: the test is over."""

QUEUES: list[Queue[bytes | None]] = []


LEFT_BEHIND_MAX = 2


@pytest.fixture(autouse=True)
def soon_enough(monkeypatch) -> None:
    """Let searches end after fewer runs that hang."""
    for module in time_limit, interleavings:
        monkeypatch.setattr(module, "LEFT_BEHIND_MAX", LEFT_BEHIND_MAX)


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    """Let the threads end that a test has left behind."""
    before = set(threading.enumerate())
    OVER.clear()
    yield
    OVER.set()
    while QUEUES:
        QUEUES.pop().put(None)
    end = time.monotonic() + PATIENCE_S
    while not set(threading.enumerate()) <= before:
        assert time.monotonic() < end
        time.sleep(0.01)


def reads_in_a_thread(jet: Any, inst: Any) -> None:
    """Copy what a thread reads, and wait for its last piece for ever where it has died of an error."""
    pieces: Queue[bytes | None] = Queue()
    QUEUES.append(pieces)

    def read() -> None:
        with suppress(esemu.JetError):
            for list_names in jet.JetGetAttachInfoInstance, jet.JetGetLogInfoInstance:
                for name in list_names(inst):
                    file = jet.JetOpenFileInstance(inst, name)
                    buffer = bytearray(1 << 20)
                    while count := jet.JetReadFileInstance(inst, file.handle, buffer):
                        pieces.put(bytes(buffer[:count]))
                    jet.JetCloseFileInstance(inst, file.handle)
            pieces.put(None)

    jet.JetBeginExternalBackupInstance(inst, 0)
    threading.Thread(target=read).start()
    while pieces.get() is not None:
        pass
    jet.JetEndExternalBackupInstance(inst)


def test_a_client_that_waits_for_a_dead_thread_is_found() -> None:
    """Each run that does not come back is a row that says where the client is, and the search ends after some of them."""
    report = explore(reads_in_a_thread)
    hung = [row for row in report if "never-ends" in row.verdict]
    assert report.rows[0].verdict == report.rows[1].verdict == "ok"
    assert [row.client for row in hung] == ["has not come back within 1.5 s"] * LEFT_BEHIND_MAX
    assert [row.point.call for row in hung][:2] == ["JetGetAttachInfoInstance", "JetOpenFileInstance"]
    assert "; it is in wait (threading.py:" in hung[0].as_dict()["messages"][-1]
    assert ("in reads_in_a_thread (test_time_limits.py:" in hung[0].as_dict()["messages"][-1]) == has_gil()
    assert not report.complete
    with pytest.raises(AssertionError, match="runs went wrong, after which no more were made"):
        report.check()


def test_a_search_with_runs_that_come_back_is_complete() -> None:
    """The limit leaves no trace where it is not needed, and nor does the thread in which clients run."""
    before = set(threading.enumerate())
    limited, unlimited = (sweep(CORRECT, timeout=timeout) for timeout in (PATIENCE_S, None))
    assert limited.complete
    assert limited.text() == unlimited.text()
    assert set(threading.enumerate()) <= before


def test_an_executor_makes_limited_runs() -> None:
    """The search is complete if all of its parts are."""
    with ThreadPoolExecutor(1) as executor:
        assert explore(CORRECT, executor=executor, timeout=PATIENCE_S).complete
        report = explore(reads_in_a_thread, executor=executor)
    assert not report.complete
    assert report.text() == explore(reads_in_a_thread).text()


def test_a_client_that_never_comes_back_is_run_once() -> None:
    """Where the client hangs with nothing done to it, there is nothing to be learned of other runs."""
    report = sweep(lambda jet, inst: OVER.wait())
    assert [row.verdict for row in report] == ["never-ends"]
    assert not report.complete


def test_a_client_that_catches_everything_is_left_behind() -> None:
    """Even what cuts it off."""

    def begins(jet: Any, inst: Any) -> None:
        while not OVER.is_set():
            try:
                jet.JetBeginExternalBackupInstance(inst, 0)
                break
            except:  # noqa: E722 - this is what it does wrong
                continue
        jet.JetEndExternalBackupInstance(inst)

    report = sweep(begins, limit=10, timeout=PATIENCE_S)
    (outcome,) = {row.client for row in report if "never-ends" in row.verdict}
    assert outcome == "went on when it was cut off after 10 calls"
    assert not report.complete


def test_what_a_client_leaves_behind_ends_with_its_next_call() -> None:
    """A thread that was left behind gets no further than to its next call."""
    ends = threading.Event()

    def waits(jet: Any, inst: Any) -> None:
        OVER.wait()
        try:
            jet.JetStopBackupInstance(inst)
        except CutOff:
            ends.set()
            raise

    explore(waits)
    OVER.set()
    assert ends.wait(PATIENCE_S)


def test_what_waits_in_the_engine_gives_up_with_its_client() -> None:
    """A thread of a client that was left behind is not kept inside a call."""
    gave_up = threading.Event()

    def freezes(jet: Any, inst: Any) -> None:
        def begin() -> None:
            try:
                jet.JetBeginExternalBackupInstance(inst, 0)
            finally:
                gave_up.set()

        jet.JetOSSnapshotFreeze(jet.JetOSSnapshotPrepare(0), 0)
        threading.Thread(target=begin).start()
        OVER.wait(PATIENCE_S)  # it might still thaw

    explore(freezes)
    assert gave_up.wait(PATIENCE_S / 2)


def test_a_client_of_the_main_thread_is_run_there() -> None:
    """One that handles signals fails in any other thread, and is not blamed for that."""

    def handles(jet: Any, inst: Any) -> None:
        before = signal.signal(signal.SIGINT, signal.SIG_DFL)
        try:
            CORRECT(jet, inst)
        finally:
            signal.signal(signal.SIGINT, before)

    report = explore(handles, timeout=PATIENCE_S)
    report.check()
    assert len(report) == len(explore(CORRECT, timeout=PATIENCE_S))


SEEN: ContextVar[str] = ContextVar("SEEN")


def test_a_client_sees_the_context_of_its_caller() -> None:
    """Context variables are those of the caller."""

    def looks(jet: Any, inst: Any) -> bool:
        return SEEN.get("") == "here"

    SEEN.set("here")
    explore(looks, timeout=PATIENCE_S).check()


def test_what_ends_a_program_ends_a_search() -> None:
    """What is raised in a client and is no report of it is raised by the search."""

    def interrupted(jet: Any, inst: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        explore(interrupted)


def test_an_interrupted_search_leaves_its_client(monkeypatch) -> None:
    """Whoever interrupts the caller does not wait for the client; no further run is made."""
    runs = []
    begun = threading.Event()

    def waits(jet: Any, inst: Any) -> None:
        runs.append(jet)
        begun.set()
        OVER.wait()

    def interrupt(self: object, timeout: float) -> None:
        begun.wait(PATIENCE_S)
        raise KeyboardInterrupt

    monkeypatch.setattr("esemu.testing.time_limit._Lane._watch", interrupt)
    with pytest.raises(KeyboardInterrupt):
        explore(waits)
    OVER.set()
    assert len(runs) == 1


def test_a_world_that_does_not_come_is_no_client_that_hangs() -> None:
    """Where `setup` hangs, TimeoutError says where."""

    def setup() -> tuple[esemu.Engine, esemu.Instance]:
        OVER.wait()
        return small_world()

    with pytest.raises(TimeoutError, match=r"`setup` has not come back within 1.5 s; it is in wait "):
        explore(CORRECT, setup=setup)


@pytest.mark.parametrize("search", [explore_in, sweep_in, interleave])
def test_a_time_limit_is_a_number_of_seconds(search: Callable[..., object]) -> None:
    """Anything else is refused."""
    with pytest.raises(ValueError, match="timeout is 0; it must be more than 0"):
        search(CORRECT, timeout=0)
    with pytest.raises(TypeError, match="timeout is 'soon'"):
        search(CORRECT, timeout="soon")


# Threads that take turns.


@pytest.fixture
def quick_turns(monkeypatch) -> None:
    """Do not give a thread half a second each time that it does not come to a call."""
    monkeypatch.setattr("esemu.testing.turns.Turns.__init__.__defaults__", (0.02,))


def lists(jet: Any, inst: Any) -> object:
    """List what there is to back up."""
    return jet.JetGetInstanceInfo()


def hangs(jet: Any, inst: Any) -> None:
    """List, and wait for nothing."""
    lists(jet, inst)
    OVER.wait()


@pytest.mark.usefixtures("quick_turns")
def test_orders_with_threads_that_do_not_come_back_are_found() -> None:
    """A thread that hangs is told, with where it is; the others come to their ends."""
    run = replay_order("", hangs, lists, setup=small_world, timeout=TIMEOUT_S)
    assert run.outcomes[0].startswith("has not come back, is in wait (threading.py:")
    assert run.outcomes[1] == "returned a list"
    assert [finding.message for finding in run.findings] == [f"Thread 1 does not end: {run.outcomes[0]}."]


@pytest.mark.usefixtures("quick_turns")
def test_interleaving_ends_where_too_many_threads_hang() -> None:
    """After some orders in which a thread does not come back no more are tried."""
    found = interleave(hangs, lists, lists, setup=small_world, timeout=0.1)
    assert len(found) == len(found.failures) == LEFT_BEHIND_MAX
    assert not found.complete


@pytest.mark.usefixtures("quick_turns")
def test_threads_that_wait_for_each_other_end_with_their_next_call() -> None:
    """A schedule that was given up lets no thread call any more, but for the one that looks at what has become of it."""
    ends = threading.Event()

    def waits(jet: Any, inst: Any) -> None:
        OVER.wait()
        try:
            lists(jet, inst)
        except CutOff:
            ends.set()
            raise

    run = replay_order("", waits, lists, setup=small_world, timeout=TIMEOUT_S)
    outcomes = list(run.outcomes)
    OVER.set()
    assert ends.wait(PATIENCE_S)
    assert run.outcomes == outcomes
    lists(run.engine.jet, run.instance)


@pytest.mark.usefixtures("quick_turns")
def test_a_thread_that_catches_its_cut_off_is_left_behind() -> None:
    """It calls for ever, and does not get on."""

    def calls_for_ever(jet: Any, inst: Any) -> None:
        while not OVER.is_set():
            try:
                lists(jet, inst)
            except:  # noqa: E722 - this is what it does wrong
                continue

    run = replay_order("", calls_for_ever, lists, setup=small_world, limit=20, timeout=60)
    assert run.outcomes[0].startswith("has not come back, is in ")
