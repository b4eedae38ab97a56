# SPDX-License-Identifier: MIT
"""`BackupMachine`: a Hypothesis state machine of the backup API that begins in any reachable state.

To be subclassed: with `client` it runs a client in whatever state it has got to, with something going wrong; with
`subject` it makes every call of another implementation too, and compares.  A failure comes with a script that repeats it.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from esemu.testing.client_run import ClientRun
from esemu.testing.points import Point  # noqa: TC001 - Hypothesis reads the annotations of rules
from esemu.testing.states import STARTED
from esemu.testing.strategies import StateOf, faults, states
from esemu.vocabulary.exceptions import EsemuError

if TYPE_CHECKING:
    from esemu.faces.engine import Engine
    from esemu.faces.instance import Instance

MAIL = r"C:\data\a.edb"

CALL_LIMIT = 2_000
"""Calls after which a client is cut off: none of the worlds takes a correct one more than a few hundred."""


class BackupMachine(RuleBasedStateMachine):
    """Calls of the backup API in any order, from any reachable state.

    A subclass sets `client`, a function `client(jet, inst)` in `staticmethod`, or overrides `subject`, or adds rules and
    invariants of its own; `self.engine`, `self.inst` and `self.call` are there for these.

    All that is wrong is told: failures with other findings, or of other calls, are failures of their own, each shrunk to a
    script of its own, and several of them are raised as an ExceptionGroup.
    """

    client: ClassVar[Any] = None

    def __init__(self) -> None:
        super().__init__()
        self.engine: Engine
        self.inst: Instance
        self._done: list[Any] = []  # lines of the script; calls, with arguments and answer, are written when asked for
        self._other: tuple[Any, Any] | None = None
        self._last: Point | None = None
        self._found: AssertionError | None = None  # what is to be said about the client, or the other implementation

    def subject(self, engine: Engine) -> tuple[Any, Any] | None:  # noqa: ARG002 - for subclasses
        """Return another implementation in the same state, as something of the shape of `engine.jet`, and its instance.

        `engine` is the emulated one, freshly made and alike each time: a wrapper may stand on it, another implementation
        has to be brought to that state by itself.  None, as here, compares nothing.
        """
        return None

    @initialize(state=st.one_of(st.just(StateOf(STARTED[0], 0)), states()), last=faults())
    def begin_in(self, state: StateOf, last: Point) -> None:
        """Begin in a state: half of the time where there is no backup yet.  `last` is for the last run of the client."""
        self.engine, self.inst = state()
        self._done = [
            "import esemu",
            "from esemu.testing.states import started",
            "",
            f"engine, inst = started({state.world!r}, {state.number})",
            "jet = engine.jet",
        ]
        self._other = self._subject(state)
        self._last = last

    def _subject(self, state: StateOf) -> tuple[Any, Any] | None:
        """Return the other implementation and its instance, if there is one."""
        if type(self).subject is BackupMachine.subject:
            return None
        engine, inst = state()
        found = self.subject(engine)
        return None if found is None else (found[0], found[1] if found[1] is not None else inst)

    def call(self, name: str, *arguments: Any) -> Any:
        """Make a call of the instance, and return its result or the EsemuError that it has raised.

        The other implementation makes it too, and reads into a buffer of its own where an argument is a bytearray.
        """
        answer: Any
        try:
            answer = getattr(self.engine.jet, name)(self.inst, *arguments)
        except EsemuError as raised:
            answer = raised
        self._done.append((name, arguments, answer))
        if self._other is not None:
            self._compare(name, arguments, answer)
        return answer

    def _compare(self, name: str, arguments: tuple[Any, ...], answer: Any) -> None:
        """Let the other implementation make a call that the engine has made."""
        jet, inst = self._other or (None, None)
        given = [bytearray(len(each)) if type(each) is bytearray else each for each in arguments]
        other: Any
        try:
            other = getattr(jet, name)(inst, *given)
        except Exception as raised:  # noqa: BLE001 - whatever it raises is its answer
            other = raised
        if _comparable(other) != _comparable(answer):
            raise self._failed(f"{name} gives {_shown(other)}, and the engine {_shown(answer)}", name)
        if given != [*arguments]:
            raise self._failed(f"{name} gives other bytes than the engine", name)

    @rule(grbit=st.sampled_from([0, 1, 0x20, 0x40, 4]))
    def begin(self, grbit: int) -> None:
        """Begin a backup."""
        self.call("JetBeginExternalBackupInstance", grbit)

    @rule()
    def list_databases(self) -> None:
        """List the databases."""
        self.call("JetGetAttachInfoInstance")

    @rule(name=st.sampled_from([MAIL, r"C:\data\b.edb", "first log", "last log", r"D:\none.edb"]))
    def open(self, name: str) -> None:
        """Open a file."""
        backup = self.inst.state.backup
        generations = {"first log": backup.copy_low, "last log": self.inst.generation - 1}
        if name in generations:
            name = rf"C:\logs\edb{generations[name]:05X}.log"
        self.call("JetOpenFileInstance", name)

    @rule(pages=st.integers(0, 16), file=st.sampled_from([0, 0, 0, 1]))
    def read(self, pages: int, file: int) -> None:
        """Read some pages."""
        self.call("JetReadFileInstance", file, bytearray(pages * 4096))

    @rule(file=st.sampled_from([0, 0, 1]))
    def close(self, file: int) -> None:
        """Close a file."""
        self.call("JetCloseFileInstance", file)

    @rule(op=st.sampled_from(["JetGetLogInfoInstance", "JetGetTruncateLogInfoInstance"]))
    def list_logs(self, op: str) -> None:
        """List the logs."""
        self.call(op)

    @rule()
    def truncate(self) -> None:
        """Delete the logs that nobody needs."""
        self.call("JetTruncateLogInstance")

    @rule(grbit=st.sampled_from([1, 2, 0, 3]))
    def end(self, grbit: int) -> None:
        """End the backup."""
        self.call("JetEndExternalBackupInstance2", grbit)

    @rule()
    def stop(self) -> None:
        """Stop the backup."""
        self.call("JetStopBackupInstance")

    @precondition(lambda self: self._other is None)  # whose world would have to change too
    @rule(pages=st.integers(1, 40))
    def grow(self, pages: int) -> None:
        """Let the server write to a database."""
        with suppress(LookupError):  # it may not be attached any more
            self.inst.grow(MAIL, pages)
            self._done.append(f"inst.grow({MAIL!r}, {pages})")

    @precondition(lambda self: self._other is None)
    @rule()
    def roll_log(self) -> None:
        """Let the server go on with the next log, and the checkpoint follow."""
        self.inst.roll_log()
        self.inst.checkpoint = self.inst.generation
        self._done += ["inst.roll_log()", "inst.checkpoint = inst.generation"]

    @precondition(lambda self: type(self).client is not None)
    @rule(fault=faults())
    def back_up(self, fault: Point) -> None:
        """Run the client, with something going wrong at one of its calls or nothing."""
        self._run_client(fault)

    def teardown(self) -> None:
        """Run the client a last time, so that each example has one run at least, unless something has failed already."""
        failed = sys.exc_info()[1]
        if failed is None:
            if type(self).client is not None and self._last is not None:
                self._run_client(self._last)
        elif isinstance(failed, Exception) and failed is not self._found:
            failed.add_note(f"It was raised by a rule, after this:\n\n{self.script()}")

    def _run_client(self, fault: Point) -> None:
        client: Any = type(self).client
        run = ClientRun(client, lambda: (self.engine, self.inst), fault, CALL_LIMIT, fresh=False).go()
        self._done.append(f"# the client, with {run.point.fault} at {run.point.place}: it {run.outcome}")
        self._done += [f"#   {call!r}: {call.err}" for call in run.calls[:100]]
        if run.findings:
            raise self._failed("; ".join(map(str, run.findings)), *sorted({each.code for each in run.findings}))

    def script(self) -> str:
        """Return what was done so far as a script that can be run."""
        return "\n".join(each if isinstance(each, str) else _line(*each) for each in self._done)

    def _failed(self, message: str, *kind: str) -> AssertionError:
        self._found = _error_of(kind)(f"{message}\n\n{self.script()}")
        return self._found


@cache
def _error_of(kind: tuple[str, ...]) -> type[AssertionError]:
    """Return the class of errors for these findings, or for this call that is answered otherwise.

    Hypothesis tells failures apart by their classes: it goes on after the first, and shrinks and shows one of each.
    """
    return type("Found", (AssertionError,), {"__doc__": f"Found: {', '.join(kind)}.", "__module__": __name__})


def _comparable(answer: Any) -> Any:
    """Return what two implementations have to agree on: results, and of errors their numbers or their kind."""
    if isinstance(answer, BaseException):
        return getattr(answer, "err", type(answer).__name__)
    return repr(answer)


def _shown(answer: Any) -> str:
    return f"{type(answer).__name__}" if isinstance(answer, BaseException) else f"{answer!r:.80}"


def _line(name: str, arguments: tuple[Any, ...], answer: Any) -> str:
    """Return the line of a script that makes the call again."""
    shown = [f"bytearray({len(each)})" if type(each) is bytearray else repr(each) for each in arguments]
    line = f"jet.{name}({', '.join(['inst', *shown])})"
    if not isinstance(answer, BaseException):
        return line
    return f"try:\n    {line}\nexcept esemu.EsemuError as error:\n    assert type(error).__name__ == {_shown(answer)!r}"
