# SPDX-License-Identifier: MIT
"""A call that waits beside threads that have nothing to do with it: none of them is waited for, and none that has is given up."""

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from queue import Queue, SimpleQueue
from types import FunctionType
from typing import Any

import pytest

import esemu
from esemu.vocabulary.exceptions import WouldBlockForever
from esemu.world import other_threads
from esemu.world.other_threads import GO_ON, REST, WAIT, places
from esemu.world.waiting import PATIENCE_S

MAIL = r"C:\data\mail.edb"

GUARD_S = 30.0
"""How long a call waits that should not, instead of for ever."""

LONGER_THAN_A_REST_S = 0.5
"""For how long a thread sleeps that is not to be taken for one that rests."""


class Frozen:
    """An engine whose instance is frozen by a snapshot, so that a begin waits."""

    def __init__(self, wait_limit: float = GUARD_S) -> None:
        self.engine = esemu.Engine(wait_limit=wait_limit)
        self.jet = self.engine.jet
        self.inst = self.engine.start(databases={MAIL: 5})
        self.snapshot = self.jet.JetOSSnapshotPrepare(0)
        self.jet.JetOSSnapshotFreeze(self.snapshot)

    def begin(self) -> None:
        """Begin a backup."""
        self.jet.JetBeginExternalBackupInstance(self.inst)

    def thaw(self) -> None:
        """Let the begin go on."""
        self.jet.JetOSSnapshotThaw(self.snapshot)

    def sleep_and_thaw(self) -> None:
        """Let the begin go on after a while."""
        time.sleep(LONGER_THAN_A_REST_S)
        self.thaw()

    def would_block(self) -> str:
        """Return what a begin says that would wait for ever."""
        with pytest.raises(WouldBlockForever) as blocked:
            self.begin()
        return str(blocked.value)


@contextmanager
def thread(function: Callable[[], object], end: Callable[[], object]) -> Iterator[None]:
    """Let a thread run, and `end` it afterwards."""
    runs = threading.Thread(target=function)
    runs.start()
    try:
        yield
    finally:
        end()
        runs.join()


@contextmanager
def pool() -> Iterator[ThreadPoolExecutor]:
    """Return a pool whose only thread waits for work."""
    with ThreadPoolExecutor(1) as made:
        made.submit(int).result()
        yield made


@contextmanager
def event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Return an event loop that runs in a thread and has nothing to do."""
    loop = asyncio.new_event_loop()
    with thread(loop.run_forever, lambda: loop.call_soon_threadsafe(loop.stop)):
        yield loop
    loop.close()


@contextmanager
def end_of_a_pipe() -> Iterator[None]:
    """Have a thread wait for bytes, as the receiver of a test runner does."""
    reads, writes = os.pipe()
    with thread(partial(os.read, reads, 1), lambda: os.write(writes, b"x")):
        yield
    os.close(reads)
    os.close(writes)


@contextmanager
def semaphore() -> Iterator[None]:
    """Have a thread wait for a semaphore."""
    made = threading.Semaphore(0)
    with thread(made.acquire, made.release):
        yield


@contextmanager
def watchdog() -> Iterator[None]:
    """Have a timer run that fires after a minute."""
    timer = threading.Timer(60, lambda: None)
    with thread(timer.run, timer.cancel):
        yield


def event() -> object:
    """Have a thread wait for an event."""
    made = threading.Event()
    return thread(made.wait, made.set)


def queue() -> object:
    """Have a thread wait for an item of a queue."""
    made: Queue[int] = Queue()
    return thread(made.get, lambda: made.put(0))


def simple_queue() -> object:
    """Have a thread wait inside C for an item of a queue."""
    made: SimpleQueue[int] = SimpleQueue()
    return thread(made.get, lambda: made.put(0))


def future() -> object:
    """Have a thread wait for a result."""
    made: Future[int] = Future()
    return thread(made.result, lambda: made.set_result(0))


WAITS_FOR_THREADS = {"event": event, "queue": queue, "future": future, "semaphore": semaphore, "pool": pool}
RESTS = {"event loop": event_loop, "pipe": end_of_a_pipe, "watchdog": watchdog, "simple queue": simple_queue}


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Return what ends the threads of a test."""
    with ExitStack() as made:
        yield made


def settle() -> None:
    """Wait until all other threads stand still."""
    before = None
    while before != (now := places()):
        before = now
        time.sleep(0.05)


@pytest.mark.parametrize("idle", (WAITS_FOR_THREADS | RESTS).values(), ids=WAITS_FOR_THREADS | RESTS)
def test_a_thread_from_before_that_is_idle_is_no_hope(stack, idle) -> None:
    """Whatever it waits for: it stands where it stood when the engine was made."""
    stack.enter_context(idle())
    settle()
    assert "gave up after" not in Frozen().would_block()


@pytest.mark.parametrize("idle", WAITS_FOR_THREADS.values(), ids=WAITS_FOR_THREADS)
def test_a_thread_that_waits_for_others_is_no_hope(stack, idle) -> None:
    """One that was started since and waits for a notification, without a limit, gets none: everybody waits."""
    frozen = Frozen()
    stack.enter_context(idle())
    assert "gave up after" not in frozen.would_block()


def test_a_job_of_a_pool_is_hope(stack) -> None:
    """Its thread waited for work when the engine was made, and does something now."""
    made = stack.enter_context(pool())
    frozen = Frozen()
    thawed = made.submit(frozen.sleep_and_thaw)
    frozen.begin()
    thawed.result()


def test_work_that_a_thread_has_not_begun_with_is_hope(stack) -> None:
    """It was handed over a moment ago, and the thread that gets it does not yet know."""
    made = stack.enter_context(pool())
    loop = stack.enter_context(event_loop())
    settle()
    for hand_over in made.submit, loop.call_soon_threadsafe:
        for _ in range(20):
            frozen = Frozen()
            hand_over(frozen.thaw)
            frozen.begin()


def test_a_notification_that_has_not_arrived_is_hope() -> None:
    """The thread that it is for stands where it waited for it."""

    def wait_and_thaw(told: threading.Event, frozen: Frozen) -> None:
        told.wait()
        frozen.thaw()

    for _ in range(20):
        frozen, told = Frozen(), threading.Event()
        with thread(partial(wait_and_thaw, told, frozen), told.set):
            settle()
            told.set()
            frozen.begin()


def test_a_thread_that_joins_one_which_has_ended_is_hope() -> None:
    """It does not yet know, and stands where it waited for the end."""

    def join_and_thaw(joined: threading.Thread, frozen: Frozen) -> None:
        joined.join()
        frozen.thaw()

    for _ in range(100):
        frozen, joined = Frozen(), threading.Thread(target=time.sleep, args=(0.002,))
        joined.start()
        with thread(partial(join_and_thaw, joined, frozen), int):
            frozen.begin()


def test_a_timer_is_hope() -> None:
    """One that was started since the engine was made is waited for, as it may be about the engine."""
    frozen = Frozen()
    timer = threading.Timer(LONGER_THAN_A_REST_S, frozen.thaw)
    timer.start()
    frozen.begin()
    timer.join()


def test_no_thread_is_waited_for_longer_than_the_limit(stack) -> None:
    """One that goes on, for all that can be known, and does not end the wait, is given up after `wait_limit` seconds."""
    frozen = Frozen(wait_limit=0.05)
    stack.enter_context(watchdog())
    assert " It gave up after 0.05 seconds, in which no other thread let it go on. " in frozen.would_block()
    frozen.thaw()
    frozen.begin()


class Running:
    """What `sys._current_frames` gives of a thread that waits or joins, and may go on at any moment."""

    f_lasti = 0

    def __init__(self, function: FunctionType) -> None:
        self.f_code = function.__code__

    @property
    def f_locals(self) -> object:
        """Fail: to read them ends the process if the thread goes on meanwhile."""
        raise AssertionError("there is no GIL")


@pytest.mark.parametrize("function", [threading.Condition.wait, threading.Thread.join], ids=["wait", "join"])
def test_without_the_gil_nobody_reads_the_variables_of_a_thread_that_may_go_on(monkeypatch, function) -> None:
    """A thread that waits, who knows for how long, is no hope for ever, but more than one that rests."""
    monkeypatch.setattr(other_threads, "has_gil", lambda: False)
    frame: Any = Running(function)
    assert other_threads._doing(frame, None, set()) == WAIT
    assert PATIENCE_S[REST] < PATIENCE_S[WAIT] < PATIENCE_S[GO_ON]
