# SPDX-License-Identifier: MIT
"""Whether some order of the calls of many threads is one that the machine allows (Wing and Gong 1993, Lowe 2017).

A call takes effect at one moment between its beginning and its end.  The search tries the calls that may have been first
on a copy of the machine, keeps those that answer as recorded, and goes on; what was tried from a state is not tried again.
Where no call is under way a history falls into parts, which are judged one after the other.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from esemu.machine.explore.twin import twin
from esemu.testing.histories import answer_of
from esemu.testing.model import key_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from esemu.machine.state import Process
    from esemu.testing.histories import History, Recorded


class Verdict:
    """Whether a history is linearizable; if not, `stuck` are calls that no order of explains, with those before them."""

    __slots__ = ("order", "stuck")

    def __init__(self, order: list[Recorded], stuck: list[Recorded]) -> None:
        self.order = order  # an order that explains the history, or the part of it that can be explained
        self.stuck = stuck

    def __bool__(self) -> bool:
        """Whether it is."""
        return not self.stuck

    def __repr__(self) -> str:
        if self:
            return f"<linearizable: {len(self.order)} calls>"
        return "not linearizable:\n" + "\n".join(map(repr, [*self.order[-5:], *self.stuck]))


def linearizable(history: History) -> Verdict:
    """Judge a history that has ended."""
    states = [twin(history.start)]
    order: list[Recorded] = []
    for part in parts(history.calls):
        if len(part) == 1:
            states = [state for state in states if _answers(state, part[0])]
            steps = part
        else:
            ends = [end for state in states for end in _ends(state, part)]
            states = list({key_of(state): state for state, _ in ends}.values())
            steps = ends[0][1] if ends else part
        if not states:
            return Verdict(order, part)
        order += steps
    return Verdict(order, [])


def parts(calls: Sequence[Recorded]) -> Iterator[list[Recorded]]:
    """Cut a history where no call is under way."""
    part: list[Recorded] = []
    last = 0
    for call in calls:
        if part and call.begin > last:
            yield part
            part = []
        part.append(call)
        last = max(last, call.end)
    if part:
        yield part


def _ends(start: Process, part: list[Recorded]) -> Iterator[tuple[Process, list[Recorded]]]:
    """Return the states that the machine can be in after a part, each with an order that leads there."""
    tried: set[object] = set()
    pending: list[tuple[Process, tuple[Recorded, ...], list[Recorded]]] = [(start, tuple(part), [])]
    while pending:
        state, left, done = pending.pop()
        if not left:
            yield state, done
            continue
        first_end = min(call.end for call in left)
        able = [call for call in left if call.begin < first_end]
        for call in able:
            reached = state if call is able[-1] else twin(state)
            if not _answers(reached, call):
                continue
            rest = tuple(other for other in left if other is not call)
            known = (rest, key_of(reached)) if len(rest) > 1 else None
            if known is not None and known in tried:
                continue
            tried.add(known)
            pending.append((reached, rest, [*done, call]))


def _answers(model: Process, recorded: Recorded) -> bool:
    """Make a call of a model; return whether it answers as recorded."""
    call = copy(recorded.call)
    call.api.perform(model, call)
    return bool(answer_of(call) == recorded.answer)
