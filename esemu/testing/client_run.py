# SPDX-License-Identifier: MIT
"""One run of a client against an engine of its own, with something happening at one of its calls.

A client is a function `client(jet, inst)` that backs up everything: it returns when it believes that the backup is good,
and raises, whatever it likes, or returns False or a JET error, a negative number, when it reports that it is not.  A
command that leaves by `sys.exit` reports by its status.
"""

from __future__ import annotations

import inspect
from functools import partial
from threading import Event, Lock, current_thread, get_ident
from typing import TYPE_CHECKING, Any, Final, NoReturn

from esemu.faces.engine import Engine
from esemu.testing.interpose import interposed
from esemu.testing.judgement import claims_success, judge
from esemu.vocabulary.parameters import JET_paramLogFileSize

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from esemu.faces.instance import Instance
    from esemu.machine.call import Call
    from esemu.testing.checks import Finding
    from esemu.testing.interpose import GoOn
    from esemu.testing.points import Point

    Client = Callable[[Any, Any], Any]
    Setup = Callable[[], tuple[Engine, Instance]]


BETWEEN_CALLS_S: Final = 1.0
"""How long a client is kept, in seconds, that calls though nobody waits for it any more: it may catch everything and call again."""


CLEANUP_MAX: Final = 100
"""Calls that a client may make after it was cut off, none of which is made: it may have much to close."""


class CutOff(BaseException):
    """Raised in a client that has made more calls than it may: it would never end.

    No Exception, so that a client which catches all of those does not catch this.
    """


def cut_off(threads: Container[int]) -> NoReturn:
    """End the thread that makes a call: CutOff goes through the clients of these threads, and is told of no other one.

    A program may have a hook for what its threads raise, as pytest has, which would hear of it at any later time.
    """
    if get_ident() not in threads:
        current_thread()._invoke_excepthook = lambda _: None  # type: ignore[attr-defined]  # noqa: SLF001 - for this one
    raise CutOff


def turn_away(threads: Container[int]) -> NoReturn:
    """End the thread that makes a call though nobody waits for it any more."""
    Event().wait(BETWEEN_CALLS_S)
    cut_off(threads)


def two_databases() -> tuple[Engine, Instance]:
    """Return an engine and its instance.

    It has databases of 40 and 8 pages, and logs of 128 KiB, two of them archived behind the checkpoint and two before it.
    """
    engine = Engine()
    databases = {r"C:\data\mail.edb": 40, r"C:\data\public.edb": 8}
    sizes = {JET_paramLogFileSize: 128}
    return engine, engine.start(databases=databases, generations=5, checkpoint=3, parameters=sizes)


class ClientRun:
    """A run: after `go`, what the client did and what is to be said about it.

    `fresh` says that the world is as good as it should be, so that a client has to succeed if nothing is done to it.
    """

    def __init__(self, client: Client, setup: Setup, point: Point, limit: int, *, fresh: bool = True) -> None:
        self.client = client
        self.point = point
        self.limit = limit
        self.fresh = fresh and not point.number
        self.engine, self.instance = setup()
        self.process = self.engine.process
        self.state = self.instance.state
        self.calls: list[Call] = []  # that the client made
        self._counting = Lock()  # of the calls: several threads may make them
        self.happened = False  # what the point is about has come to pass
        self.left = False  # nobody waits for it any more
        self.outcome = ""  # what the client did
        self.claim: bool | None = None  # whether it says that the backup is good, None where it says nothing
        self.findings: list[Finding] = []
        self._own: Container[int] = ()  # the thread that runs the client
        self._raised_by_call: BaseException | None = None
        self._broken: Exception | None = None  # what went wrong with the point itself

    def go(self) -> ClientRun:
        """Let the client run to its end, or until it has made too many calls, and judge it."""
        self._own = {get_ident()}
        with interposed(self.engine, self._told):
            try:
                returned = run_to_end(self.client, self.engine.jet, self.instance)
            except CutOff:
                self.outcome = f"cut off after {self.limit} calls"
            except SystemExit as left:
                self.outcome = f"left with status {left.code}"
                self.claim = not left.code
            except Exception as error:  # noqa: BLE001 - however a client reports a failure
                self.outcome = f"raised {type(error).__name__}{_first_line(error)}"
                self.claim = False
            else:
                self.outcome = f"returned {shown(returned)}"
                self.claim = claims_success(returned)
        if self._broken is not None:
            raise self._broken
        self.findings = judge(self)
        return self

    @property
    def catches_everything(self) -> bool:
        """Whether the client goes on although it was cut off, and not only to clean up."""
        return len(self.calls) > self.limit + CLEANUP_MAX

    def leave(self) -> None:
        """Let the client, which has not come back, get no further: what it waits for will not come, and a call ends it."""
        self.left = True
        world: Any = self.process.world
        world.let_go()

    def _told(self, call: Call, go_on: GoOn) -> int:
        """Note a call, and answer it, if the client may make one."""
        if self.left or self.catches_everything:
            turn_away(self._own)
        with self._counting:
            self.calls.append(call)
            number = len(self.calls)
        if number > self.limit:
            cut_off(self._own)
        answer = self._answer(number, call, go_on)
        if self.left:
            turn_away(self._own)
        return answer

    def _answer(self, number: int, call: Call, go_on: GoOn) -> int:
        """Let a call be made, and happen what happens at it."""
        if number < self.point.number:
            return go_on(call)
        happens = self.point.at if number == self.point.number else self.point.after
        try:
            return happens(self, call, partial(self._made, go_on))
        except Exception as error:
            if error is not self._raised_by_call:
                self._broken = error  # the client may take it for an answer to its call
            raise

    def _made(self, go_on: GoOn, call: Call) -> int:
        """Make a call; what is raised inside it, by a callback of the client's own, is no fault of the point."""
        try:
            return go_on(call)
        except BaseException as error:
            self._raised_by_call = error
            raise


def run_to_end(client: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Return what a client returns; a coroutine or a generator is run to its end first, as it has done nothing before."""
    returned = client(*arguments, **named)
    if inspect.iscoroutine(returned):
        import asyncio  # noqa: PLC0415 - few clients are coroutines, and it takes longer than all of esemu

        return asyncio.run(returned)
    if inspect.isgenerator(returned):
        return len([None for _ in returned])
    return returned


def shown(returned: Any) -> str:
    """Return what a client returned, if it is small, or of which type it is."""
    small = returned is None or isinstance(returned, bool | int | float | str)
    return f"{returned!r:.60}" if small else f"a {type(returned).__name__}"


def _first_line(error: BaseException) -> str:
    """Return what an exception says, in brackets and cut short."""
    number = getattr(error, "err", None)
    said = str(number) if isinstance(number, int) else next(iter(str(error).splitlines()), "")[:60]
    return f" ({said})" if said else ""
