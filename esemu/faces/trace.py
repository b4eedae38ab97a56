# SPDX-License-Identifier: MIT
"""The calls that were made to an engine, as text, as JSON, and one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from esemu.faces.checks import whole
from esemu.machine.message import lines, outcome
from esemu.machine.repeated_read import calls_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.machine.call import Call
    from esemu.machine.state import Process


class Trace:
    """The last calls of a process, oldest first; `Engine(trace_limit=...)` says how many are kept."""

    __slots__ = ("_process",)

    def __init__(self, process: Process) -> None:
        self._process = process

    def __len__(self) -> int:
        """How many calls are kept."""
        return len(self._process.trace)

    def __iter__(self) -> Iterator[Call]:
        """Yield the calls: `number`, `thread`, `api`, `shown_arguments()`, `err`, `rule` and `result`."""
        return iter(calls_of(self._process))

    def clear(self) -> None:
        """Forget the calls so far; numbers go on."""
        self._process.trace.clear()

    def text(self, last: int | None = None) -> str:
        """Return the trace, or its last calls, one call a line: number, thread, call, outcome.

        Raises TypeError and ValueError for a `last` that is no whole number from 0 on.
        """
        calls = list(self)
        if last is not None:
            whole(last, "last", 0, None)
        return lines(calls if last is None else calls[max(0, len(calls) - last) :])

    def as_dicts(self) -> list[dict[str, Any]]:
        """Return the calls as dictionaries of JSON values; threads are numbered in the order in which they called.

        `err` is the number that the engine returned and `error` its name, or a few words where there was no answer:
        `raised` is the exception that came out of a function of yours then.  `rule` refused the call, and `source` is
        where the engine's source has it.
        """
        threads: dict[int, int] = {}
        return [
            {
                "number": call.number,
                "thread": threads.setdefault(call.thread, len(threads) + 1),
                "call": call.api.name,
                "arguments": {name: _plain(value) for name, value in call.shown_arguments().items()},
                "err": call.err,
                "error": outcome(call),
                "raised": call.raised or None,
                "rule": call.rule.name if call.rule is not None else None,
                "source": call.rule.source if call.rule is not None else None,
            }
            for call in self
        ]

    def json(self) -> str:
        """Return the trace as a JSON array."""
        import json  # noqa: PLC0415 - most tests never ask for it

        return json.dumps(self.as_dicts())

    def __repr__(self) -> str:
        """Return the trace as text."""
        return self.text() or "<no calls>"


def _plain(value: Any) -> Any:
    """Return a value that JSON has."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, int | str | None) else repr(value)
