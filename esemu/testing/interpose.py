# SPDX-License-Identifier: MIT
"""Standing before every call of an engine: to see it, to do something first, or to let it fail.

What stands there is a function `interposer(call, go_on)`.  It returns what `go_on(call)` returns, which has the call
made, or what `fail(process, call, error)` returns, which does not.  An engine with nobody before its calls pays nothing.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from esemu.faces.engine import Engine
    from esemu.machine.call import Call
    from esemu.machine.state import Process

    GoOn = Callable[[Call], int]
    Interposer = Callable[[Call, GoOn], int]

_thread = threading.get_ident


class Standing:
    """What stands before the calls of an engine while a context lasts; the last one that came is told first."""

    __slots__ = ("_outer", "process")

    def __init__(self, engine: Engine) -> None:
        self.process: Process = engine.process
        self._outer: Callable[[Call], int] | None = None

    def __enter__(self) -> Self:
        """Begin to be told."""
        process = self.process
        with process.lock:
            self._outer = process.interposer
            process.interposer = self.tell
            for instance in process.live():
                instance.changed()  # reads that need not be judged again would not be told of
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Stand there no longer."""
        self.process.interposer = self._outer

    def tell(self, call: Call) -> int:
        """Take a call that is to be made; `go_on` makes it."""
        raise NotImplementedError

    def go_on(self, call: Call) -> int:
        """Have a call made, by whoever stands there too."""
        if self._outer is not None:
            return self._outer(call)
        return call.api.perform(self.process, call, told=True)


class interposed(Standing):
    """Let `interposer(call, go_on)` stand before every call of an engine, whichever face it comes through.

    `call` has `api.name`, `handle` and the fields of its class in `esemu.machine.shapes`; after `go_on` also `number`,
    `err`, `rule` and `result`.  Calls that the interposer makes itself are not told to it; those that are made inside
    `go_on`, by a function on a page or by a status callback, are.  Interposers nest: the last one is told first.  It is
    called in the thread that makes the call, with no lock held.
    """

    __slots__ = ("_busy", "_interposer")

    def __init__(self, engine: Engine, interposer: Interposer) -> None:
        super().__init__(engine)
        self._interposer = interposer
        self._busy: set[int] = set()  # threads that are inside the interposer and outside `go_on`

    def tell(self, call: Call) -> int:
        """Tell the interposer of a call, unless it makes it itself."""
        thread = _thread()
        if thread in self._busy:
            return self.go_on(call)
        self._busy.add(thread)
        try:
            return self._interposer(call, self._leave_and_go_on)
        finally:
            self._busy.discard(thread)

    def _leave_and_go_on(self, call: Call) -> int:
        thread = _thread()
        self._busy.discard(thread)
        try:
            return self.go_on(call)
        finally:
            self._busy.add(thread)


def fail(process: Process, call: Call, error: int) -> int:
    """Let a call fail with this JET error instead of being made: it is in the trace, and nothing else has changed.

    No rule of the table refused it, so nothing happens that the engine's own failure would bring about: a backup that
    this error would have ended goes on.
    """
    call.number = next(process.numbers)
    process.trace.append(call)
    call.instance = process.found.get(call.handle)
    call.err = error
    return error
