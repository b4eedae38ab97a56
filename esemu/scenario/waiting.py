# SPDX-License-Identifier: MIT
"""What a case does when a call has to wait: the field `on_block` of its world.

There is one client, so nobody can end a wait but the engine itself: the time-out of a frozen snapshot.  "end" ends the
case; "timeout" lets the snapshot's thread do all that it does then, and the call goes on; "timeout_waiter_first" lets
the call go on as soon as the thread has let go of the lock that it waits for, and the thread after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.vocabulary.parameters import JET_paramOSSnapshotTimeout
from esemu.world.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.machine.call import Call
    from esemu.machine.state import Process
    from esemu.machine.step import Wait
    from esemu.world.clock import Timer

END: Final = "end"
WAITER_FIRST: Final = "timeout_waiter_first"

POLLS: Final = 2001
"""The recordings let a call that polls look so often before the timer fires."""

POLL_MS: Final = 16
"""The recordings have 16 ms for the engine's cmsecWaitGeneric, which is 100 ms (daeconst.hxx:193)."""


class CaseClock(Clock):
    """A clock whose timers fire when the case says so, and not because time has passed."""

    __slots__ = ()

    def advance(self, ms: int) -> None:
        """Let time pass."""
        self.now_ms += ms

    def first(self) -> Timer | None:
        """Return the timer that is due first, None where there is none."""
        return self._timers[0] if self._timers else None


class Waiting:
    """The snapshots' timers and threads of a case."""

    __slots__ = ("clock", "fired", "on_block", "thread")

    def __init__(self, on_block: str) -> None:
        self.clock = CaseClock()
        self.on_block = on_block
        self.thread: Iterator[bool] | None = None  # of a snapshot that has timed out, as far as it has come
        self.fired: list[int] = []  # ids of the snapshots that have timed out during this call

    def wait(self, process: Process, rule: Wait, state: Any, call: Call) -> bool:
        """Let the time-outs of snapshots end a wait; return whether they have."""
        if self.on_block == END:
            return False
        polls = 0
        while True:
            if rule.pause_ms:
                polls += 1
                self.clock.advance(min(rule.pause_ms, POLL_MS))
            if self.thread is not None or not rule.pause_ms or polls >= POLLS:
                if self.thread is None and not self.fire(process):
                    return False
                waits = self._run(rule, state, call)
                if waits and rule.holds(state, call):
                    return False  # both wait for a term
            if not rule.holds(state, call):
                return True

    def _run(self, rule: Wait, state: Any, call: Call) -> bool:
        """Run the thread until it waits itself, has handed a lock to the call, or is done; return whether it waits."""
        hands_over = self.on_block == WAITER_FIRST and not rule.pause_ms
        assert self.thread is not None  # noqa: S101 - the caller looked
        for waits in self.thread:
            if waits or (hands_over and not rule.holds(state, call)):
                return waits
        self.thread = None
        return False

    def fire(self, process: Process, timer: Timer | None = None) -> bool:
        """Let a timer fire, the first if none is given; return whether there was one.

        In the recordings the whole time-out passes then, whenever the snapshot was frozen.
        """
        timer = timer or self.clock.first()
        if timer is None:
            return False
        self.fired += [session.id for session in process.snapshots.values() if session.timer is timer]
        timer.cancel()
        self.clock.advance(int(process.parameters[JET_paramOSSnapshotTimeout]))
        timer.callback()
        return True

    def finish(self) -> None:
        """Let the thread do the rest of what it does, or as much as it can before it has to wait."""
        if self.thread is not None and not any(self.thread):
            self.thread = None
