# SPDX-License-Identifier: MIT
"""How a call waits in an emulated process: on the host's threads, while another of them can still end the wait.

The engine's own clock does not move by itself, so where there is one thread, or all of them wait, nobody ever will.
"""

from __future__ import annotations

from threading import Condition, enumerate as threads, get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import Any, Final

LOOK_AGAIN_S: Final = 0.01
"""How often a thread that waits looks whether there is still another one, in seconds of the host."""


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
                if not any(each.ident not in self._waiting and each.ident not in also_waiting for each in threads()):
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
