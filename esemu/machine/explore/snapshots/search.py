# SPDX-License-Identifier: MIT
"""The search through the states of two instances and a snapshot, which answers each call of an instance once.

A call of an instance looks at nothing but that instance and the snapshot, and changes nothing else; both instances are
alike.  So what it comes to is worked out once for each pair of control states of an instance and the snapshot, and
holds wherever that pair occurs.  This is no belief: whenever it leads to a new state, the call is made of the process
itself, and the search ends if that comes to another one.  Calls about no instance are made in every state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine.effects.freeze import thaw_steps
from esemu.machine.explore.search import refused_at_once
from esemu.machine.explore.snapshots.alphabet import ASKING, OF_INSTANCES, OF_PROCESS, TIME_OUT, made, spelled
from esemu.machine.explore.snapshots.control import NONE, Control, control_of
from esemu.machine.explore.twin import twin
from esemu.machine.step import NO_RETURN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.machine.explore.alphabet import Description
    from esemu.machine.state import Process
    from esemu.machine.step import Rule

Calls = tuple[tuple["Description", ...], ...]


LIMIT: Final = 20_000
"""States after which a search gives up: the control state would not be finite."""


class Answer:
    """What a call comes to: its error, the rule that refused it, and the control state after it."""

    __slots__ = ("after", "err", "rule")

    def __init__(self, err: int, rule: Rule | None, after: tuple[Control, ...] | None) -> None:
        self.err = err  # JET error, UNDEFINED or FOR_EVER
        self.rule = rule
        self.after = after  # of the snapshot and the instance, or of the snapshot and both; None: as before


Local = dict[tuple[Control, Control], tuple[Answer, ...]]
"""What the calls of an instance come to, by the control states of the snapshot and of the instance."""


class State:
    """One reachable state: the process as it was first found in it, and how it was found."""

    __slots__ = ("again", "answers", "call", "came_from", "control", "number", "process")

    def __init__(
        self, process: Process, control: tuple[Control, ...], came_from: State | None, call: Description
    ) -> None:
        self.number = 0  # the place in which it was found
        self.process = process  # not to be changed: call a twin
        self.control = control
        self.came_from = came_from
        self.call = call  # spelled out
        self.again: Process | None = None  # as it was found a second time, on another way
        # What calls of the process come to, of the first instance and of the second; () where one is gone.
        self.answers: list[tuple[Answer, ...]] = []

    def path(self) -> list[Description]:
        """Return a shortest list of calls that leads here from the start, as a scenario has them."""
        state, calls = self, []
        while state.came_from is not None:
            calls.append(state.call)
            state = state.came_from
        return calls[::-1]

    def after(self, answer: Answer, place: int) -> tuple[Control, ...]:
        """Return the control state after a call of the process, 0, or of the first instance, 1, or of the second, 2."""
        if answer.after is None:
            return self.control
        if place == 0:
            return answer.after
        first, second = self.control[1:]
        session, member = answer.after
        return (session, member, second) if place == 1 else (session, first, member)

    def __repr__(self) -> str:
        return f"<state {self.number}: {self.process.live()}, {list(self.process.snapshots.values())}>"


class Edge:
    """What one call does in one state."""

    __slots__ = ("after", "call", "err", "rule", "state", "target")

    def __init__(
        self, state: State, call: Description, answer: Answer, after: tuple[Control, ...], target: State | None
    ) -> None:
        self.state = state
        self.call = call  # with names of files as in the alphabet: `alphabet.spelled` has them in full
        self.err = answer.err
        self.rule = answer.rule  # that refused it
        self.after = after  # the control state
        self.target = target  # None: it was reached and not entered

    def __repr__(self) -> str:
        return f"<{self.state.number} --{self.call}: {self.err}-->>"


class Search:
    """The states of a world that were found so far, and what calls of an instance come to."""

    def __init__(
        self, process: Process, followed: tuple[Description, ...], local: Local | None = None, limit: int = LIMIT
    ) -> None:
        self.limit = limit
        self.local = {} if local is None else local  # worlds may share what calls of an instance come to
        prepares = tuple(call for call in followed if call["op"] == "JetOSSnapshotPrepare")
        self.calls: Calls = ((*OF_PROCESS, *prepares), *OF_INSTANCES)
        self.followed = [[call in followed for call in calls] for calls in self.calls]
        first = State(process, control_of(process), None, {})
        self.states = [first]
        self.known = {first.control: first}

    def run(self) -> list[State]:
        """Return the states that followed calls lead to, in the order in which they were found."""
        for state in self.states:
            state.answers.append(tuple(self._of_process(state)))
            for place in (1, 2):
                answers = self._of_instance(state, place)
                state.answers.append(answers)
                for call, answer, follows in zip(
                    self.calls[place], answers, self.followed[place], strict=bool(answers)
                ):
                    if follows:
                        self._follow(state, call, state.after(answer, place))
            assert control_of(state.process) == state.control, state  # noqa: S101 - only twins change
        return self.states

    def edges(self, state: State) -> Iterator[Edge]:
        """Return what every call does in a state."""
        for place, (calls, answers) in enumerate(zip(self.calls, state.answers, strict=True)):
            for call, answer in zip(calls, answers, strict=bool(answers)):
                after = state.after(answer, place)
                yield Edge(state, call, answer, after, self.known.get(after))

    def _of_process(self, state: State) -> Iterator[Answer]:
        for call, follows in zip(self.calls[0], self.followed[0], strict=True):
            reached, answer = tried(call, state.process)
            yield answer
            if follows and reached is not None and len(reached.snapshots) <= 1:
                self._found(state.after(answer, 0), reached, state, call)

    def _of_instance(self, state: State, place: int) -> tuple[Answer, ...]:
        """Return what the calls of an instance come to, () where it is gone."""
        key = state.control[0], state.control[place]
        if state.control[place] != NONE and key not in self.local:
            self.local[key] = tuple(self._answers(state, place))
        return self.local.get(key, ())

    def _answers(self, state: State, place: int) -> Iterator[Answer]:
        for call in self.calls[place]:
            _, answer = tried(spelled(call, state.process), state.process)
            if answer.after is not None:
                assert answer.after[3 - place] == state.control[3 - place], (state, call)  # noqa: S101 - nothing else changes
                answer.after = (answer.after[0], answer.after[place])
            yield answer

    def _follow(self, state: State, call: Description, control: tuple[Control, ...]) -> None:
        """Make a call of an instance of the process itself, if that is to lead to a new state."""
        if control not in self.known:
            description = spelled(call, state.process)
            reached, answer = tried(description, state.process)
            assert reached is not None and answer.after == control, (state, call)  # noqa: PT018, S101 - the search rests on it
            self._found(control, reached, state, description)

    def _found(self, control: tuple[Control, ...], process: Process, came_from: State, call: Description) -> None:
        known = self.known.get(control)
        if known is not None:
            known.again = process
            return
        found = self.known[control] = State(process, control, came_from, call)
        found.number = len(self.states)
        self.states.append(found)
        if found.number > self.limit:
            raise AssertionError(f"more than {self.limit} states: {found.path()}")


def perform(description: Description, process: Process) -> tuple[int, Rule | None]:
    """Make a call of a process, or let its frozen snapshot time out; return the error and the rule that refused."""
    if description == TIME_OUT:
        for snapshot in process.snapshots.values():
            if snapshot.timer is not None:
                for _ in thaw_steps(process, snapshot, timed_out=True):
                    pass
        return 0, None
    call = made(description, process)
    call.api.perform(process, call)
    return call.err, call.rule


def tried(description: Description, process: Process) -> tuple[Process | None, Answer]:
    """Make a call of a twin; return that, None where nothing can have changed, and the answer."""
    if description != TIME_OUT:
        call = made(description, process)
        rule = refused_at_once(call.api, process, call)
        if rule is not None:
            return None, Answer(call.err, rule, None)
    reached = process if description in ASKING else twin(process)
    err, rule = perform(description, reached)
    if err in NO_RETURN or reached is process:
        return None, Answer(err, rule, None)
    return reached, Answer(err, rule, control_of(reached))
