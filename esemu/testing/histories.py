# SPDX-License-Identifier: MIT
"""What many threads did to one engine: every call with its beginning, its end and its answer."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from esemu.machine.effects.files import OpenedFile
from esemu.machine.effects.reading import Delivery, LogDelivery
from esemu.testing.interpose import Standing
from esemu.testing.model import model_of

if TYPE_CHECKING:
    from typing import Self

    from esemu.faces.engine import Engine
    from esemu.machine.call import Call
    from esemu.machine.state import Process


class Recorded:
    """A call that a thread made: `begin` and `end` order all beginnings and ends."""

    __slots__ = ("answer", "arguments", "begin", "call", "end")

    def __init__(self, call: Call, begin: int) -> None:
        self.call = call
        self.arguments = tuple(vars(call).items())  # as they were before it was made
        self.begin = begin
        self.end = 0
        self.answer: Any = None

    def again(self) -> Call:
        """Return the call as it was before it was made."""
        made = object.__new__(type(self.call))
        vars(made).update(self.arguments)
        return made

    def __repr__(self) -> str:
        return f"[{self.begin}, {self.end}] thread {self.call.thread}: {self.call!r} -> {self.answer}"


class History(Standing):
    """The calls of an engine while this context lasts.

    `start` is a model of the engine as it was then, for `linearizable`.  The engine must not be inside a call when the
    context begins, nor have a file open.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._stamps = itertools.count(1)
        self.calls: list[Recorded] = []
        self.start: Process

    def __enter__(self) -> Self:
        """Begin to record."""
        self.start = model_of(self.process)
        return super().__enter__()

    def tell(self, call: Call) -> int:
        """Record a call, and its answer."""
        recorded = Recorded(call, next(self._stamps))
        self.calls.append(recorded)  # one that began later may be noted earlier: then they overlap, and have any order
        try:
            return self.go_on(call)
        finally:
            recorded.answer = answer_of(call)
            recorded.end = next(self._stamps)


def answer_of(call: Call) -> Any:
    """Return what a caller gets from a call, as a value that can be compared."""
    return call.err if call.err < 0 else (call.err, _told(call.result))


def _told(result: Any) -> Any:
    if isinstance(result, Delivery):
        trailer = None if result.trailer is None else (result.trailer.low, result.trailer.high)
        return result.first, result.last, result.size, result.header is not None, trailer
    if isinstance(result, LogDelivery):
        return result.offset, result.size
    if isinstance(result, OpenedFile):
        return result.size
    return tuple(result) if isinstance(result, list) and all(isinstance(each, str) for each in result) else None
