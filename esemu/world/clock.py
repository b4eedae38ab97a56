# SPDX-License-Identifier: MIT
"""The engine's clock: milliseconds that pass when somebody says so, or when the engine would sleep.

It never looks at the clock of the host, so whatever is done twice happens at the same times twice.
"""

from __future__ import annotations

from threading import Lock
from time import gmtime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

EPOCH: Final = 1_577_836_800
"""2020-01-01 00:00:00 UTC in seconds since 1970: the calendar time of a clock at 0 ms."""


class Timer:
    """A function to be called at a certain time; `cancel` prevents it."""

    __slots__ = ("_clock", "callback", "due_ms")

    def __init__(self, clock: Clock, due_ms: int, callback: Callable[[], object]) -> None:
        self._clock = clock
        #: When the function is called, in the clock's milliseconds.
        self.due_ms = due_ms
        #: What is called.
        self.callback = callback

    def cancel(self) -> None:
        """Do not call the function; nothing happens if it was called or cancelled before."""
        self._clock.forget(self)


class Clock:
    """Time in milliseconds, and what is to be done when it comes."""

    __slots__ = ("_lock", "_timers", "now_ms")

    def __init__(self, now_ms: int = 0) -> None:
        self._timers: list[Timer] = []
        self._lock = Lock()  # of the timers: one thread may let time pass while another sets one or cancels it
        #: Milliseconds since the engine's epoch, 2020-01-01 00:00:00 UTC.
        self.now_ms = now_ms

    def advance(self, ms: int) -> None:
        """Let `ms` milliseconds pass and call every timer that is due by then, in order of time, then of creation.

        A timer sees the time it was set for, may set further ones, and may itself let time pass.  Raises TypeError and
        ValueError for what is no whole number from 0 on.
        """
        if not isinstance(ms, int):
            raise TypeError(f"ms is {ms!r}; it must be an int")
        if ms < 0:
            raise ValueError(f"ms is {ms}; no time passes backwards")
        end = self.now_ms + ms
        while timer := self._due_by(end):
            timer.callback()
        self.now_ms = max(self.now_ms, end)

    def _due_by(self, end: int) -> Timer | None:
        """Take the first timer that is due by then, and let it be that time; return None where there is none."""
        with self._lock:
            if not self._timers or self._timers[0].due_ms > end:
                return None
            timer = self._timers.pop(0)
            self.now_ms = max(self.now_ms, timer.due_ms)
            return timer

    def call_at(self, ms: int, callback: Callable[[], object]) -> Timer:
        """Call `callback` when the clock reaches `ms`, or at the next `advance` if it has passed that."""
        timer = Timer(self, ms, callback)
        with self._lock:
            self._timers.append(timer)
            # A stable sort of a list in order but for its end is one pass, and an engine has few timers: one per snapshot.
            self._timers.sort(key=_due)
        return timer

    def forget(self, timer: Timer) -> None:
        """Drop a timer, if it is still to come."""
        with self._lock:
            if timer in self._timers:
                self._timers.remove(timer)

    def calendar(self) -> tuple[int, int, int, int, int, int, int]:
        """Return the time as header stamps hold it: second, minute, hour, day, month (1-12), year - 1900, milliseconds.

        Source: LOGTIME, daedef.hxx:2209; the month as io.cxx:665 writes it.
        """
        seconds, ms = divmod(self.now_ms, 1000)
        time = gmtime(EPOCH + seconds)
        return time.tm_sec, time.tm_min, time.tm_hour, time.tm_mday, time.tm_mon, time.tm_year - 1900, ms


def _due(timer: Timer) -> int:
    return timer.due_ms
