# SPDX-License-Identifier: MIT
"""One place in the run of a client, and what happens there: a stop, or a call that fails.

A point is a small value that can be pickled, shown, and run again; what it has brought about is noted in the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from esemu.machine.calls import CALLS
from esemu.machine.shapes.backup import ReadCall
from esemu.testing.causes import LASTING, passing, stop
from esemu.testing.interpose import fail
from esemu.testing.refusal import is_usage, refusals, refuse
from esemu.vocabulary.exceptions import exception_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.machine.call import Call
    from esemu.machine.step import Rule
    from esemu.testing.client_run import ClientRun
    from esemu.testing.interpose import GoOn


@dataclass(frozen=True)
class Point:
    """Nothing happens; in subclasses something does at the `number`-th call of a client, whose name is `call`."""

    number: int = 0
    call: str = ""

    @property
    def place(self) -> str:
        """Where it happens."""
        return f"call {self.number}, {self.call}" if self.number else "-"

    @property
    def fault(self) -> str:
        """What happens."""
        return "none"

    def at(self, run: ClientRun, call: Call, go_on: GoOn) -> int:  # noqa: ARG002 - as in the subclasses
        """Make the call at the place."""
        return go_on(call)

    def after(self, run: ClientRun, call: Call, go_on: GoOn) -> int:  # noqa: ARG002 - as in the subclasses
        """Make a later call."""
        return go_on(call)


@dataclass(frozen=True)
class StopBefore(Point):
    """JetStopBackupInstance comes before the call."""

    @property
    def place(self) -> str:
        """Where it happens."""
        return f"before {super().place}"

    @property
    def fault(self) -> str:
        """What happens."""
        return "JetStopBackupInstance"

    def at(self, run: ClientRun, call: Call, go_on: GoOn) -> int:
        """Stop the backup, then make the call."""
        stop(run.state)
        run.happened = True
        return go_on(call)


@dataclass(frozen=True)
class StopInside(StopBefore):
    """JetStopBackupInstance comes while the call reads pages."""

    @property
    def place(self) -> str:
        """Where it happens."""
        return f"inside call {self.number}, {self.call}"

    def at(self, run: ClientRun, call: Call, go_on: GoOn) -> int:
        """Make the call, and stop the backup when it reads pages."""
        database = run.state.backup.slot.database
        if database is None:
            return go_on(call)
        before = database.faults
        database.faults = _StopWhileReading(run, before)
        run.state.changed()
        try:
            return go_on(call)
        finally:
            database.faults = before
            run.state.changed()


class _StopWhileReading:
    """Faults of a database that stop its backup while pages are read, and are otherwise what they were."""

    def __init__(self, run: ClientRun, before: Any) -> None:
        self._run = run
        self._before = before

    def check(self, first: int, last: int) -> int:
        """Stop the backup once."""
        if not self._run.happened:
            stop(self._run.state)
            self._run.happened = True
        return self._before.check(first, last) if self._before is not None else 0


@dataclass(frozen=True)
class Failure(Point):
    """The call fails with an error because a rule of the table holds, for this call or from then on."""

    error: int = 0
    rule: str = ""
    lasting: bool = False

    @property
    def fault(self) -> str:
        """What happens."""
        return f"{exception_for(self.error).name} ({self.rule}){' from then on' if self.lasting else ''}"

    def at(self, run: ClientRun, call: Call, go_on: GoOn) -> int:
        """Let the rule hold, and make the call."""
        deed = LASTING.get(self.rule)
        if deed is not None:
            deed(run.state)
            run.state.changed()
            return self._noted(run, go_on(call))
        cause = passing(run.state, self.rule, self.error)
        if cause is None:
            return self._refused(run, call)
        cause.__enter__()
        answer = self._noted(run, go_on(call))
        if not self.lasting:
            cause.__exit__(None, None, None)
        return answer

    def after(self, run: ClientRun, call: Call, go_on: GoOn) -> int:
        """Let the rule hold again if it is to last and nothing that lasts has brought it about."""
        if not self.lasting or self.rule in LASTING or passing(run.state, self.rule, self.error) is not None:
            return go_on(call)
        if not any(rule.name == self.rule for rule, _ in refusals(call.api, usage=True)):
            return go_on(call)
        return self._refused(run, call)

    def _noted(self, run: ClientRun, answer: int) -> int:
        run.happened |= answer == self.error
        return answer

    def _refused(self, run: ClientRun, call: Call) -> int:
        refused = refuse(run.process, call, rule_of(call, self.rule, self.error), self.error)
        if refused and is_usage(self.error):
            # The client has made the call as it should: no check may say that it made the mistake which the rule is about.
            call.rule = None
            call.instance = run.process.found.get(call.handle)
        run.happened |= refused
        return call.err


@dataclass(frozen=True)
class Injected(Failure):
    """The call fails with an error that no rule of the table has: it is not made, and nothing else changes."""

    def _refuse(self, run: ClientRun, call: Call) -> int:
        run.happened = True
        return fail(run.process, call, self.error)

    @property
    def fault(self) -> str:
        """What happens."""
        return f"{exception_for(self.error).name} (documented){' from then on' if self.lasting else ''}"

    def at(self, run: ClientRun, call: Call, go_on: GoOn) -> int:  # noqa: ARG002 - it is not made
        """Let the call fail."""
        return self._refuse(run, call)

    def after(self, run: ClientRun, call: Call, go_on: GoOn) -> int:
        """Let every later call of this name fail too, if it is to last."""
        return self._refuse(run, call) if self.lasting and call.api.name == self.call else go_on(call)


@dataclass(frozen=True)
class Anything(Point):
    """One of all that can happen at a call, whatever call that is: the stops and failures there, by number."""

    choice: int = 0

    @property
    def fault(self) -> str:
        """What happens."""
        return f"number {self.choice} of all that can"

    def at(self, run: ClientRun, call: Call, go_on: GoOn) -> int:
        """Let it happen."""
        run.point = self.chosen(call)
        return run.point.at(run, call, go_on)

    def chosen(self, call: Call) -> Point:
        """Return what happens at this call."""
        name = call.api.name
        every: list[Point] = [StopBefore(self.number, name)]
        if isinstance(call, ReadCall):
            every.append(StopInside(self.number, name))
        every += failures(self.number, call, documented=False, usage=False)
        return every[self.choice % len(every)]


def rule_of(call: Call, name: str, error: int) -> Rule:
    """Return the rule of a call that has this name and this error."""
    return next(rule for rule, other in refusals(call.api, usage=True) if rule.name == name and other == error)


def stops(number: int, call: Call) -> Iterator[Point]:
    """Return the stops at one call of a run: before it, and where it has read pages, inside it."""
    yield StopBefore(number, call.api.name)
    if isinstance(call, ReadCall) and getattr(call.result, "last", 0) >= getattr(call.result, "first", 1):
        yield StopInside(number, call.api.name)


def failures(number: int, call: Call, *, documented: bool, usage: bool) -> Iterator[Point]:
    """Return how one call of a run can fail, once and from then on."""
    name = call.api.name
    known = set()
    for rule, error in refusals(CALLS[name], usage=usage):
        known.add(error)
        if rule.name not in LASTING:
            yield Failure(number, name, error, rule.name, lasting=False)
        yield Failure(number, name, error, rule.name, lasting=True)
    if documented:
        for error in promised(name):
            if error not in known:
                yield Injected(number, name, error, "documented", lasting=False)
                yield Injected(number, name, error, "documented", lasting=True)


def promised(name: str) -> list[int]:
    """Return the errors that the reference page of a call documents, by their numbers."""
    from esemu.vocabulary.documented_returns import DOCUMENTED_RETURNS  # noqa: PLC0415 - a large table
    from esemu.vocabulary.error_table import ERRORS  # noqa: PLC0415 - a large table

    numbers = {row[0]: number for number, row in ERRORS.items()}
    return [numbers[error] for error in DOCUMENTED_RETURNS.get(name, ()) if error in numbers]
