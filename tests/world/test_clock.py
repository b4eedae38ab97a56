# SPDX-License-Identifier: MIT
"""The clock: it moves when it is told to, and does what is due in order."""

from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Thread

from hypothesis import given, strategies as st

from esemu.world.clock import EPOCH, Clock


def test_time_passes_only_when_told() -> None:
    """A clock starts at 0 ms and is advanced by what is asked for."""
    clock = Clock()
    assert clock.now_ms == 0
    clock.advance(100)
    clock.advance(1500)
    assert clock.now_ms == 1600


@given(st.lists(st.integers(0, 30), max_size=8), st.lists(st.integers(0, 20), max_size=6))
def test_timers_are_called_in_order(times: list[int], steps: list[int]) -> None:
    """Every timer is called once, when it is due, in order of time and then of creation, seeing that time."""
    clock = Clock()
    called: list[tuple[int, int]] = []
    seen: list[int] = []

    def call(time: int, number: int) -> None:
        called.append((time, number))
        seen.append(clock.now_ms)

    for number, time in enumerate(times):
        clock.call_at(time, partial(call, time, number))
    for step in steps:
        clock.advance(step)
        assert called == sorted((time, number) for number, time in enumerate(times) if time <= clock.now_ms)
    assert clock.now_ms == sum(steps)
    assert seen == [time for time, _ in called]


def test_a_cancelled_timer_is_not_called() -> None:
    """Cancelling prevents the call; cancelling again, or after the call, does nothing."""
    clock = Clock()
    called: list[str] = []
    first = clock.call_at(10, lambda: called.append("first"))
    second = clock.call_at(10, lambda: called.append("second"))
    first.cancel()
    first.cancel()
    clock.advance(10)
    second.cancel()
    clock.advance(10)
    assert called == ["second"]


def test_a_timer_may_cancel_one_that_is_due_at_the_same_time() -> None:
    """What was cancelled during an advance is not called in it."""
    clock = Clock()
    called: list[str] = []
    clock.call_at(5, lambda: later.cancel())  # noqa: PLW0108 - there is no `later` yet
    later = clock.call_at(5, lambda: called.append("later"))
    clock.advance(9)
    assert called == []


def test_a_timer_may_set_timers() -> None:
    """A timer that is set during an advance and due within it is called in it."""
    clock = Clock()
    seen: list[int] = []
    clock.call_at(10, lambda: clock.call_at(15, lambda: seen.append(clock.now_ms)))
    clock.advance(20)
    assert seen == [15]
    assert clock.now_ms == 20


def test_a_timer_in_the_past_is_called_at_the_next_advance() -> None:
    """A timer that is late sees the present, and time never goes back."""
    clock = Clock(100)
    seen: list[int] = []
    assert clock.call_at(40, lambda: seen.append(clock.now_ms)).due_ms == 40
    clock.advance(0)
    assert seen == [100]
    assert clock.now_ms == 100


def test_a_timer_may_let_time_pass() -> None:
    """A timer may sleep beyond the end of the advance that called it."""
    clock = Clock()
    clock.call_at(10, lambda: clock.advance(50))
    clock.advance(20)
    assert clock.now_ms == 60


def test_a_thread_may_set_and_cancel_timers_while_another_lets_time_pass() -> None:
    """Each of them is called, or cancelled, and none is left."""
    clock = Clock()

    def set_and_cancel() -> None:
        for _ in range(2_000):
            clock.call_at(clock.now_ms + 1, int).cancel()

    thread = Thread(target=set_and_cancel)
    thread.start()
    while thread.is_alive():
        clock.advance(1)
    thread.join()
    assert clock._timers == []


@given(st.integers(0, 3_000_000_000_000))
def test_the_calendar_starts_in_2020(ms: int) -> None:
    """Header stamps count from 2020-01-01 00:00:00 UTC: second, minute, hour, day, month, year - 1900, milliseconds."""
    time = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    assert Clock(ms).calendar() == (
        time.second,
        time.minute,
        time.hour,
        time.day,
        time.month,
        time.year - 1900,
        time.microsecond // 1000,
    )
    assert datetime(2020, 1, 1, tzinfo=UTC).timestamp() == EPOCH
