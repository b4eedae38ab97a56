# SPDX-License-Identifier: MIT
"""What the table is made of: rules, effects, and parts that group them.

A *rule* is a named condition with the error that the call returns where it holds and the place in the engine's source
that it was read from.  An *effect* is a plain function; one that makes calls inside the
engine returns the error of the one that was refused.  A *part* is a list of steps with a name, usually that of the
engine's own function, and may say what happens when a rule in it refuses the call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from esemu.machine.state import process_of

if TYPE_CHECKING:
    from esemu.machine.call import Call

Test = Callable[..., Any]
Effect = Callable[[Any, Any], Any]
Holder = Callable[[Any, Any], Any]
Refused = Callable[[Any, Any, int], None]
Taken = tuple[bool, Callable[..., Any], Any]
"""How a step is taken: whether it gets the call, the function that is called, and the step itself."""

UNDEFINED: Final = 1
"""The "error" of a rule where a retail engine would crash, hang or corrupt memory: no JET error has this number."""

FOR_EVER: Final = 2
"""The "error" of a rule where the engine would wait for another thread that can never come."""

NO_RETURN: Final = {UNDEFINED: "undefined behaviour", FOR_EVER: "would wait for ever"}
"""The ends of a call from which the engine does not return, in words."""


class Rule:
    """A condition under which a call is refused.

    `test(state)` or `test(state, call)` says whether it holds; a rule with one parameter looks at nothing but state.
    `error` is the JET error, or 0 where the test itself returns it (`errors` then lists what it can be).
    """

    __slots__ = ("cause", "error", "errors", "name", "reads_call", "source", "test")

    def __init__(self, test: Test, error: int, errors: tuple[int, ...], source: str, cause: str) -> None:
        self.test = test
        self.error = error
        self.cause = cause
        self.errors = errors or (error,)
        self.source = source
        self.name = test.__name__
        self.reads_call = test.__code__.co_argcount > 1

    @property
    def text(self) -> str:
        """What the rule says: the first paragraph of the docstring of its test."""
        return " ".join((self.test.__doc__ or "").split("\n\n")[0].split())

    def holds(self, state: object, call: Call) -> int:
        """Return the error with which this rule refuses `call` in `state`, 0 where it lets it pass."""
        found = self.test(state, call) if self.reads_call else self.test(state)
        if not found:
            return 0
        return self.error or int(found)

    def __repr__(self) -> str:
        return f"<rule {self.name} ({self.source})>"


def rule(error: int = 0, *, source: str, errors: tuple[int, ...] = (), cause: str = "") -> Callable[[Test], Rule]:
    """Make a rule of a predicate: `error` is returned where it holds, `source` is the engine's file:line.

    `cause` names the entry of `Instance.causes` with the call that brought the condition about.
    """

    def decorate(test: Test) -> Rule:
        return Rule(test, error, errors, source, cause)

    return decorate


class Wait(Rule):
    """A condition that a call waits out: what it waits for is in the docstring of its test.

    Whoever drives the machine decides what waiting is (`World.wait`).  If somebody ends it, the call goes on where it
    stopped; if nobody ever can, it is refused with FOR_EVER.
    """

    __slots__ = ("holder", "lock", "pause_ms")

    def __init__(self, test: Test, source: str, pause_ms: int, lock: str, holder: Holder) -> None:
        super().__init__(test, FOR_EVER, (), source, "")
        self.pause_ms = pause_ms  # the engine looks again after so long; 0: it is woken
        self.lock = lock  # the engine's name of what the call wants to have
        self.holder = holder  # who has it

    def lasts(self, state: Any, call: Call) -> bool:
        """Wait until the condition, which holds, is over; return whether it never will be."""
        call.holder = self.holder(state, call)
        process = process_of(state)
        return not process.world.wait(process, self, state, call)


def _nobody(state: object, call: Call) -> None:
    """Return who holds what nobody holds."""


def wait(*, source: str, pause_ms: int = 0, lock: str = "", holder: Holder = _nobody) -> Callable[[Test], Wait]:
    """Make a wait of a predicate: the call stops where it holds, and goes on when it does not hold any more.

    `holder(state, call)` returns the snapshot or the call that has what the call waits for, None where nobody has it.
    """

    def decorate(test: Test) -> Wait:
        return Wait(test, source, pause_ms, lock, holder)

    return decorate


def running(*parts: Part) -> Callable[[Effect], Effect]:
    """Say of an effect that it makes calls inside the engine, of which these parts are taken."""

    def mark(effect: Effect) -> Effect:
        effect.parts = parts  # type: ignore[attr-defined]
        return effect

    return mark


def parts_of(effect: Effect) -> tuple[Part, ...]:
    """Return the parts that an effect runs."""
    return getattr(effect, "parts", ())


class Part:
    """Steps taken in order until a rule refuses; `refused` then says what the refusal changes.

    `when` makes the part conditional: where it does not hold, none of the steps is taken.
    """

    __slots__ = ("name", "program", "refused", "steps", "take", "when")

    in_line = True
    """Whether the steps may be run as steps of the part around it, if there is neither `when` nor `refused`."""

    def __init__(
        self, name: str, *steps: Rule | Effect | Part, refused: Refused | None = None, when: Rule | None = None
    ) -> None:
        self.name = name
        self.steps = steps
        self.refused = refused
        self.when = when
        self.compile()

    def compile(self) -> None:
        """Work out the program: parts that neither depend on anything nor mind a refusal are run in line."""
        self.program: tuple[Taken, ...] = tuple(_compiled(step) for step in _in_line(self.steps))
        self.take: Callable[[Any, Call], int] = self._take_first

    def function(self) -> Callable[[Any, Call], int]:
        """Return the function that takes the steps; it is made when it is first needed, for most programs need few."""
        if self.take == self._take_first:
            from esemu.machine.straight import straight  # noqa: PLC0415 - it is about parts

            self.take = straight(self)
        return self.take

    def _take_first(self, state: Any, call: Call) -> int:
        return self.function()(state, call)

    def run(self, state: Any, call: Call) -> int:
        """Take the steps; return 0, or the error of the rule that refused (it is left in `call.rule`)."""
        return self.take(state, call)

    def stopped(self, state: Any, call: Call, step: Step, error: Any) -> int:
        """Return the error with which a step stops the call, and do what has to follow."""
        if isinstance(step, Rule):
            call.rule = step
            error = step.error or int(error)
        if self.refused is not None and error < 0:
            self.refused(state, call, error)
        return int(error)

    def rules(self) -> Iterator[Rule]:
        """Every rule in this part and the parts inside it, in the order in which they are tested."""
        for step in self.steps:
            if isinstance(step, Rule):
                yield step
            elif isinstance(step, Part):
                yield from step.rules()

    def __repr__(self) -> str:
        return f"<part {self.name}>"


def _in_line(steps: tuple[Rule | Effect | Part, ...]) -> Iterator[Rule | Effect | Part]:
    for step in steps:
        if isinstance(step, Part) and step.in_line and step.when is None and step.refused is None:
            yield from _in_line(step.steps)
        else:
            yield step


class Each(Part):
    """Steps taken for each of several: the members of a snapshot, or the headers that a backup changes.

    `over(state, call)` yields the state that the steps are taken with, one after the other, and notes in the call what
    else they are about.  A refusal ends it, or, where `to_the_end`, is only remembered: the first one is returned.
    """

    __slots__ = ("over", "to_the_end")

    in_line = False

    def __init__(
        self,
        name: str,
        *steps: Rule | Effect | Part,
        over: Callable[[Any, Any], Iterable[Any]],
        refused: Refused | None = None,
        to_the_end: bool = False,
    ) -> None:
        self.over = over
        self.to_the_end = to_the_end
        super().__init__(name, *steps, refused=refused)

    def run(self, state: Any, call: Call) -> int:
        """Take the steps for each; return 0 or the error of the first that was refused."""
        first = 0
        for inner in self.over(state, call):
            error = self.take(inner, call)
            if error and not (self.to_the_end and error < 0):
                return error
            first = first or error
        return first


class Whole(Part):
    """Steps on whose way functions of a test are called: where one raises, they end as where a rule refuses."""

    __slots__ = ()

    in_line = False

    def run(self, state: Any, call: Call) -> int:
        """Take the steps."""
        try:
            return self.take(state, call)
        except BaseException:
            assert self.refused is not None, self  # noqa: S101 - what else would such a part be for?
            self.refused(state, call, 0)
            raise


class Within(Part):
    """Steps that are asked of an instance which the call has found; `afterwards` happens however they end."""

    __slots__ = ("afterwards", "instance_of")

    in_line = False

    def __init__(
        self,
        name: str,
        *steps: Rule | Effect | Part,
        instance_of: Callable[[Any], Any],
        afterwards: Callable[[Any], None] | None = None,
    ) -> None:
        self.instance_of = instance_of
        self.afterwards = afterwards
        super().__init__(name, *steps)

    def run(self, state: Any, call: Call) -> int:  # noqa: ARG002 - the instance is in the call
        """Take the steps."""
        try:
            return self.take(self.instance_of(call), call)
        finally:
            if self.afterwards is not None:
                self.afterwards(call)


def _compiled(step: Rule | Effect | Part) -> Taken:
    """Return how a step is taken: whether it gets the call, the function that is called, and the step itself."""
    if isinstance(step, Wait):
        return True, step.lasts, step
    if isinstance(step, Rule):
        return step.reads_call, step.test, step
    return True, step.run if isinstance(step, Part) else step, step


Step = Rule | Part | Effect
"""What a part is a list of."""
