# SPDX-License-Identifier: MIT
"""How a call of the API is performed: its instance is found, its rules are asked in order, its effects happen.

The rules at the head of a call that look at nothing but state give the same verdict until the state changes, so it is
remembered.  A change of state throws all verdicts away *after* it happened: a verdict reached in between is filed in a
dictionary that nobody looks at any more, and no stop from another thread is ever lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.machine.call import Call
from esemu.machine.rules.gate import GATE, wide_open
from esemu.machine.step import Part, Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.machine.state import Instance, Process
    from esemu.machine.step import Effect, Refused

_UNKNOWN: Final[Any] = object()


class ApiCall(Part):
    """A row of the table: one function of the API.

    `before` are asked before anything else; `find` are the rules about the handle, asked of the process; `gate` and the rest are asked of the instance.  A call
    with no `find` is one of the process and gets that as its state.  `lock_free` calls wait for nobody.  `shape` is the
    class of the row's calls.
    """

    __slots__ = ("before", "behind_gate", "find", "gate", "leading", "lock_free", "shape")

    def __init__(  # noqa: PLR0913 - a row of a table has as many cells as it has
        self,
        name: str,
        *steps: Rule | Effect | Part,
        shape: type[Call] = Call,
        before: tuple[Rule, ...] = (),
        find: tuple[Rule, ...] = (),
        gate: tuple[Rule, ...] = (),
        refused: Refused | None = None,
        lock_free: bool = False,
    ) -> None:
        self.shape = shape
        self.before = before
        self.find = find
        self.gate = gate
        self.lock_free = lock_free
        super().__init__(name, *gate, *steps, refused=refused)

    def compile(self) -> None:
        """Split the steps into the leading rules, whose verdict is remembered, and the rest, which is run."""
        super().compile()
        leading = 0
        if self.find and self.refused is None:
            while leading < len(self.program) and _state_only(self.program[leading][2]):
                leading += 1
        self.leading: tuple[Rule, ...] = tuple(step for *_, step in self.program[:leading])
        self.behind_gate = tuple(rule for rule in self.leading if rule not in GATE)
        self.program = self.program[leading:]

    def described(self, handle: int, description: dict[str, Any]) -> Any:
        """Return the call that a description stands for, ready to be performed."""
        return self.shape.described(self, handle, description)

    def perform(self, process: Process, call: Call, told: bool = False) -> int:
        """Make the call; return its JET_ERR, or UNDEFINED or FOR_EVER where the engine would not return.

        Whoever stands before the calls of the process is told first, and goes on by calling this again, `told`.
        """
        if process.interposer is not None and not told:
            return process.interposer(call)
        call.number = next(process.numbers)
        process.trace.append(call)
        if self.lock_free:
            error = self.find_and_answer(process, call)
        else:
            lock = process.lock
            lock.acquire()  # a with statement takes twice as long
            try:
                error = self.find_and_answer(process, call)
            except BaseException as failure:
                call.raised = type(failure).__name__
                raise
            finally:
                lock.release()
        if error:
            call.err = error
        return error

    def find_and_answer(self, process: Process, call: Call) -> int:
        """Find the instance of the call, and let it answer."""
        if self.before and (error := refusal(self.before, process, call)):
            return error
        if not self.find:
            call.process = process
            return self.take(process, call) or call.warning
        instance = process.found.get(call.handle)
        if instance is None:
            if error := refusal(self.find, process, call):
                return error
            instance = found_by_mode(process)
        call.instance = instance
        return self.answer(instance, call)

    def answer(self, instance: Instance, call: Call) -> int:
        """Return the error with which the instance refuses the call, or do what the call does and return 0."""
        if self.leading:
            verdicts = instance.verdicts
            verdict = verdicts.get(self, _UNKNOWN)
            if verdict is not None:
                if verdict is _UNKNOWN:
                    verdict = verdicts[self] = self.verdict(instance)
                if verdict is not None:
                    call.rule = verdict
                    return int(verdict.error)
        return self.take(instance, call)

    def verdict(self, instance: Instance) -> Rule | None:
        """Return the leading rule that refuses this call in the present state of the instance, or None."""
        for rule in self.behind_gate if wide_open(instance) else self.leading:
            if rule.test(instance):
                return rule
        return None

    def __repr__(self) -> str:
        return f"<call {self.name}>"


class RepeatedCall(ApiCall):
    """A call that is made again and again with the same arguments: a read.

    When it was let pass, `again` may leave something among the verdicts that makes an equal call without judging it.
    """

    __slots__ = ("again",)

    def __init__(
        self,
        name: str,
        *steps: Rule | Effect | Part,
        shape: type[Call],
        find: tuple[Rule, ...],
        gate: tuple[Rule, ...],
        again: Callable[[Instance, Any], Any],
    ) -> None:
        super().__init__(name, *steps, shape=shape, find=find, gate=gate)
        self.again = again

    def answer(self, instance: Instance, call: Any) -> int:
        """Answer the call, and remember how to make an equal one."""
        verdicts = instance.verdicts
        error = ApiCall.answer(self, instance, call)  # super() would cost as much as the rest of this
        if not error and call.repeatable and verdicts is instance.verdicts:
            verdicts[call.size] = self.again(instance, call)
        return error


class SingleInstanceForm(ApiCall):
    """The form of a call without an instance, from before there could be several (jetapi.cxx:2971)."""

    __slots__ = ("target",)

    def __init__(self, name: str, target: ApiCall, find: tuple[Rule, ...]) -> None:
        super().__init__(name, *target.steps, shape=target.shape, find=find, lock_free=target.lock_free)
        self.gate = target.gate
        self.target = target

    def find_and_answer(self, process: Process, call: Call) -> int:
        """Find the only instance, and make the call of it."""
        if error := refusal(self.find, process, call):
            return error
        call.handle = found_by_mode(process).handle
        return self.target.find_and_answer(process, call)


class AnsiForm(ApiCall):
    """The A form of a list: the engine calls the W form twice, once for the size and once for the names.

    A stop from another thread can come between the two (jetapi.cxx:17517); `afterwards` then converts the list.
    """

    __slots__ = ("afterwards",)

    def __init__(  # noqa: PLR0913 - likewise
        self,
        name: str,
        *steps: Rule | Effect | Part,
        shape: type[Call],
        before: tuple[Rule, ...] = (),
        find: tuple[Rule, ...] = (),
        gate: tuple[Rule, ...] = (),
        afterwards: tuple[Rule | Effect, ...] = (),
    ) -> None:
        super().__init__(name, *steps, shape=shape, before=before, find=find, gate=gate)
        self.afterwards = Part("to ANSI", *afterwards)

    def answer(self, instance: Instance, call: Call) -> int:
        """Call the W form for the size and again for the names, then convert them."""
        error = super().answer(instance, call) or super().answer(instance, call)
        return error or self.afterwards.run(instance, call)


class SessionForm(ApiCall):
    """A call that names a session instead of an instance."""

    __slots__ = ()

    def find_and_answer(self, process: Process, call: Call) -> int:
        """Find the session, and let its instance answer."""
        session = process.sessions.get(call.handle)
        if session is None:
            return refusal(self.find, process, call)
        call.instance = session.instance
        call.session = session  # type: ignore[attr-defined]
        return self.answer(session.instance, call) or call.warning


def refusal(rules: tuple[Rule, ...], process: Process, call: Call) -> int:
    """Return the error of the first of these rules that refuses the call, 0 where all let it pass."""
    for rule in rules:
        error = rule.holds(process, call)
        if error:
            call.rule = rule
            return error
    return 0


def found_by_mode(process: Process) -> Instance:
    """Return the one instance of a process that ignores handles (jetapi.cxx:3819)."""
    return process.live()[0]


def _state_only(step: object) -> bool:
    return isinstance(step, Rule) and not step.reads_call and step.error < 0
