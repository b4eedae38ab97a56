# SPDX-License-Identifier: MIT
"""The search: every state that calls lead to from a start, breadth first, on the machine itself.

In each state each call of the alphabet is made of a twin.  Where the rules at the head of a call refuse it, nothing can
have changed, so the twin is spared: that is what most calls in most states come to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.machine.api import SessionForm, SingleInstanceForm, refusal
from esemu.machine.explore.alphabet import made, spelled
from esemu.machine.explore.control import control_of
from esemu.machine.explore.twin import twin
from esemu.machine.state import Instance
from esemu.machine.step import NO_RETURN, Part, Rule, Wait

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.machine.api import ApiCall
    from esemu.machine.explore.alphabet import Description
    from esemu.machine.explore.control import Control
    from esemu.machine.state import Process


BEYOND: Final = -1
"""The number of a state that was reached and not entered."""


class State:
    """One reachable state: the process as it was first found in it, and how it was found."""

    __slots__ = ("again", "call", "came_from", "control", "edges", "number", "process")

    def __init__(
        self, number: int, process: Process, control: Control, came_from: State | None, call: Description | None
    ) -> None:
        self.number = number
        self.process = process  # not to be changed: call a twin
        self.control = control
        self.came_from = came_from
        self.again: Process | None = None  # as it was found a second time, on another way
        self.call = call  # spelled out, None in the first state
        self.edges: list[Edge] = []  # one for each call of the alphabet, in its order

    def path(self) -> list[Description]:
        """Return a shortest list of calls that leads here from the start, as a scenario has them."""
        state, calls = self, []
        while state.came_from is not None:
            calls.append(state.call or {})
            state = state.came_from
        return calls[::-1]

    def __repr__(self) -> str:
        live = self.process.live()
        return f"<state {self.number}: {live[0].backup if live else 'no instance'}>"


class Edge:
    """What one call does in one state."""

    __slots__ = ("call", "err", "rule", "state", "target")

    def __init__(self, state: State, call: Description, err: int, rule: Rule | None, target: State) -> None:
        self.state = state
        self.call = call
        self.err = err  # JET error, UNDEFINED or FOR_EVER
        self.rule = rule  # that refused it
        self.target = target

    def __repr__(self) -> str:
        return f"<{self.state.number} --{self.call}: {self.err}--> {self.target.number}>"


LIMIT: Final = 20_000
"""States after which a search gives up: the control state would not be finite."""


def reachable(
    process: Process, alphabet: tuple[Description, ...], followed: tuple[Description, ...], limit: int = LIMIT
) -> list[State]:
    """Return the states that followed calls lead to, in the order in which they were found.

    Every call of the alphabet is made in each; the targets of other calls may be states that have no edges themselves.
    """
    first = State(0, process, control_of(process), None, None)
    states = [first]
    known = {first.control: first}
    follow = [call in followed for call in alphabet]
    for state in states:
        for follows, (description, err, rule, reached) in zip(follow, _edges(state, alphabet), strict=True):
            target = state
            if reached is not None:
                control = control_of(reached)
                target = known.get(control) or State(BEYOND, reached, control, state, description)
                if target.number != BEYOND:
                    target.again = reached
                elif follows:
                    target.number = len(states)
                    known[control] = target
                    states.append(target)
                    if len(states) > limit:
                        raise AssertionError(f"more than {limit} states: {target.path()}")
            state.edges.append(Edge(state, description, err, rule, target))
    return states


def _edges(state: State, alphabet: tuple[Description, ...]) -> Iterator[tuple[Description, int, Rule | None, Any]]:
    """Make every call; the last of the four is the process that it was made of, None where nothing can have changed."""
    process = state.process
    leading: dict[str, tuple[int, Rule] | None] = {}
    for general in alphabet:
        description = spelled(general, process)
        op = description["op"]
        known = leading.get(op)
        if known is not None and "inst" not in description:
            yield description, *known, None
            continue
        call = made(description, process)
        rule = refused_at_once(call.api, process, call)
        if rule is not None:
            if rule in call.api.leading and not call.api.before:
                leading[op] = (call.err, rule)
            yield description, call.err, rule, None
            continue
        reached = twin(process)
        call.err = 0
        call.api.perform(reached, call)
        yield description, call.err, call.rule, None if call.err in NO_RETURN else reached


def refused_at_once(api: ApiCall, process: Process, call: Any) -> Rule | None:
    """Return the rule that refuses the call before any effect could happen, None where there may be one."""
    asked = refusal((*api.before, *api.find), process, call)
    if asked:
        call.err = asked
        return call.rule  # type: ignore[no-any-return]
    state: Process | Instance | None = process
    if isinstance(api, SessionForm):
        call.session = process.sessions[call.handle]
        state = call.session.instance
    elif api.find:
        state = process.found.get(call.handle)
    if state is None or isinstance(api, SingleInstanceForm):
        return None
    rule = api.verdict(state) if isinstance(state, Instance) else None
    if rule is None:
        rule = first_refusing(api.program, state, call)
    call.err = 0 if rule is None else rule.holds(state, call)
    return rule


def first_refusing(program: tuple[tuple[int, Any, Any], ...], state: Process | Instance, call: Any) -> Rule | None:
    """Return the rule that refuses the call before an effect, None where an effect comes first."""
    for _, _, step in program:
        if not isinstance(step, Rule | Part):
            return None
        if isinstance(step, Rule):
            if step.holds(state, call):
                return None if isinstance(step, Wait) else step
        elif step.refused is not None or not step.in_line:
            return None
        elif step.when is None or step.when.holds(state, call):
            return first_refusing(step.program, state, call)
    return None
