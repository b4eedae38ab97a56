# SPDX-License-Identifier: MIT
"""How a call waits in an emulated process: on the host's threads, while another of them can still end the wait.

The engine's own clock does not move by itself, so where there is one thread, or all of them wait, nobody ever will.
"""

from __future__ import annotations

import sys
from threading import Condition, Thread, enumerate as threads, get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from types import FrameType
    from typing import Any, Final

_JOINING: Final = {
    function.__code__
    for function in (Thread.join, getattr(Thread, "_wait_for_tstate_lock", None))  # the latter up to CPython 3.12
    if function is not None
}
_FOR_EVER: Final = (None, -1)  # of their time-outs
LOOK_AGAIN_S: Final = 0.01
"""How often a thread that waits looks whether there is still another one, in seconds of the host: nobody tells it."""


class Waiting:
    """The threads of the host that wait in one emulated process."""

    __slots__ = ("_condition", "_given_up", "_waiting")

    def __init__(self, condition: Condition) -> None:
        self._condition = condition
        self._waiting: set[int] = set()
        self._given_up = 0  # how often all threads were found to wait

    def wait(self, rule: Any, state: Any, call: Any, also_waiting: Collection[int]) -> bool:
        """Wait until a rule does not hold any more; return False if every other thread waits, or there is none.

        Then those that wait here give up as well: nobody could have ended it for them either.
        """
        thread = get_ident()
        self._waiting.add(thread)
        given_up = self._given_up
        try:
            while rule.holds(state, call):
                if given_up != self._given_up:
                    return False
                if not somebody_goes_on({*self._waiting, *also_waiting}):
                    self._given_up += 1
                    return False
                self._condition.wait(LOOK_AGAIN_S)
        finally:
            self._waiting.discard(thread)
        return True

    def run(self, steps: Iterator[bool]) -> None:
        """Run a thread of the engine's own, waiting where it does."""
        with self._condition:
            for waits in steps:
                if waits:
                    self._condition.wait(LOOK_AGAIN_S)
            self._condition.notify_all()


def somebody_goes_on(waiting: set[int]) -> bool:
    """Return whether some thread neither waits nor joins, with all the time in the world, one that does.

    A thread that waits for something else, such as a queue, goes on for all that can be seen from here.
    """
    others = [each.ident or 0 for each in threads() if each.ident not in waiting]
    if not others:
        return False
    frames = sys._current_frames()  # noqa: SLF001 - the documented way to look at other threads
    joined = {ident: _joined(frames.get(ident)) for ident in others}
    stuck = {*waiting}
    while more := {ident for ident in others if ident not in stuck and joined[ident] in stuck}:
        stuck |= more
    return any(ident not in stuck for ident in others)


def _joined(frame: FrameType | None) -> int:
    """Return the thread whose end a thread waits for, 0 where it does anything else, or will not do that for ever.

    Nothing is looked at but what a thread that joins has innermost: the frames of one that runs change meanwhile.
    """
    if getattr(frame, "f_code", None) not in _JOINING:
        return 0
    found: dict[str, Any] = frame.f_locals  # type: ignore[union-attr]
    return (found["self"].ident or 0) if found["timeout"] in _FOR_EVER else 0
