# SPDX-License-Identifier: MIT
"""Whether some order of the calls of many threads is one that the machine allows (Wing and Gong 1993, Lowe 2017).

A call takes effect at one moment between its beginning and its end.  The search tries the calls that may have been first,
keeps those that answer as recorded, and goes on; what was tried from a state is not tried again.  Where no call is under
way a history falls into parts, which are judged one after the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine.explore.twin import twin
from esemu.testing.histories import answer_of
from esemu.testing.model import key_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from esemu.machine.state import Process
    from esemu.testing.histories import History, Recorded

STATES_MAX: Final = 1_000
"""So many states of the machine are kept, some kilobytes each."""


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


class _State:
    """A state of the machine, and what the calls that were tried in it answer and lead to."""

    __slots__ = ("model", "tried")

    def __init__(self, model: Process) -> None:
        self.model = model
        self.tried: dict[Any, tuple[Any, _State]] = {}


class _Machine:
    """The machine, in which no call is made twice in the same state: threads do the same again and again."""

    def __init__(self) -> None:
        self._states: dict[Any, _State] = {}

    def state(self, model: Process) -> _State:
        """Return the state that a model is in."""
        key = key_of(model)
        found = self._states.get(key)
        if found is None:
            if len(self._states) == STATES_MAX:
                self._states.clear()
            found = self._states[key] = _State(model)
        return found

    def after(self, state: _State, recorded: Recorded) -> _State | None:
        """Return the state that a call leads to, None where it does not answer as recorded."""
        arguments = recorded.arguments
        known = state.tried.get(arguments)
        if known is None:
            call, model = recorded.again(), twin(state.model)
            call.api.perform(model, call)
            known = state.tried[arguments] = answer_of(call), self.state(model)
        answer, reached = known
        return reached if answer == recorded.answer else None


def linearizable(history: History) -> Verdict:
    """Judge a history that has ended."""
    machine = _Machine()
    states = [machine.state(twin(history.start))]
    order: list[Recorded] = []
    for part in parts(history.calls):
        if len(part) == 1:
            states = [after for state in states if (after := machine.after(state, part[0]))]
            steps = part
        else:
            ends = [end for state in states for end in _ends(machine, state, part)]
            states = list(dict.fromkeys(state for state, _ in ends))
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


def _ends(machine: _Machine, start: _State, part: list[Recorded]) -> Iterator[tuple[_State, list[Recorded]]]:
    """Return the states that the machine can be in after a part, each with an order that leads there."""
    tried: set[object] = set()
    pending: list[tuple[_State, tuple[Recorded, ...], list[Recorded]]] = [(start, tuple(part), [])]
    while pending:
        state, left, done = pending.pop()
        if not left:
            yield state, done
            continue
        first_end = min(call.end for call in left)
        for call in left:
            if call.begin > first_end:
                continue
            reached = machine.after(state, call)
            if reached is None:
                continue
            rest = tuple(other for other in left if other is not call)
            if (rest, reached) not in tried:
                tried.add((rest, reached))
                pending.append((reached, rest, [*done, call]))
