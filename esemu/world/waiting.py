# SPDX-License-Identifier: MIT
"""How a call waits in an emulated process: on the host's threads, while another of them may still end the wait.

The engine's own clock does not move by itself, so where there is one thread, or all of them wait, nobody ever will.
"""

from __future__ import annotations

from math import inf
from threading import Condition, get_ident

from esemu.world.other_threads import GO_ON, REST, STUCK, WAIT, others

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from esemu.world.other_threads import Places

LOOK_AGAIN_S: Final = 0.01
"""How often a thread that waits looks whether there is still another one, in seconds of the host: nobody tells it."""

PATIENCE_S: Final = {STUCK: 0.0, REST: 0.2, WAIT: 5.0, GO_ON: inf}
"""How long others may do that before they are given up: a thread that rests has begun by then with work that it was given
a moment ago, and one that waits, as far as can be seen, has reached its time-out if that is a short one."""


class Waiting:
    """The threads of the host that wait in one emulated process, each of them `limit_s` seconds of the host at most."""

    __slots__ = ("_condition", "_given_up", "_limit_s", "_places", "_waiting")

    def __init__(self, condition: Condition, places: Places, limit_s: float) -> None:
        self._condition = condition
        self._places = places
        self._limit_s = limit_s
        self._waiting: dict[int, Callable[[], object]] = {}  # thread -> whether what it waits out still holds
        self._given_up = 0  # how often all threads were found to wait

    def wait(self, rule: Any, state: Any, call: Any, also_waiting: Callable[[], set[int]]) -> bool:
        """Wait until a rule does not hold any more; return False if no other thread can end that, or none does in time.

        Where none can, those that wait here give up as well: nobody could have ended it for them either.
        """
        thread = get_ident()
        self._waiting[thread] = lambda: rule.holds(state, call)
        given_up = self._given_up
        waited = idle = 0.0  # by the looks that were made, so that a host without time to spare is waited for longer
        try:
            while rule.holds(state, call):
                if given_up != self._given_up:
                    return False
                waiting = {each for each, holds in self._waiting.items() if holds()}
                doing = others(waiting | also_waiting(), self._places)
                idle = 0.0 if doing == GO_ON else idle
                if idle >= PATIENCE_S[doing]:
                    self.give_up()
                    return False
                if waited >= self._limit_s:
                    call.gave_up_after_s = self._limit_s
                    return False
                if not self._condition.wait(LOOK_AGAIN_S):
                    waited += LOOK_AGAIN_S
                    idle += LOOK_AGAIN_S
        finally:
            del self._waiting[thread]
        return True

    def give_up(self) -> None:
        """Have all that wait here give up when they look again."""
        self._given_up += 1
