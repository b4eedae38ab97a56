# SPDX-License-Identifier: MIT
"""The calls of an engine as a Python script that makes them again, and expects the same answers.

Handles need no variables: an engine that is used in the same way gives out the same numbers.  What was done to the
world between the calls - faults, the clock, files - is not among them; a caller who knows it passes it as `arrangement`.
"""

from __future__ import annotations

import inspect
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.fields import FIELDS, field_of
from esemu.faces.jet import Jet
from esemu.machine.shapes.backup import ListCall
from esemu.machine.step import FOR_EVER, NO_RETURN, UNDEFINED
from esemu.vocabulary.grbits import JET_bitBackupSurrogate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from esemu.faces.engine import Engine
    from esemu.machine.call import Call

FAILS: Final = '''
def fails(expected, call, *arguments):
    """Make a call that fails with this error, or with this exception."""
    try:
        call(*arguments)
    except esemu.EsemuError as error:
        assert expected in (getattr(error, "err", None), type(error)), error
    else:
        raise AssertionError(f"{call} was expected to fail with {expected}")

'''
"""What scripts check failures with."""

WORKED_OUT: Final = frozenset(
    {"instance", "sesid", "grbit", "pv", "settings", "lParam", "szParam", "iSection", "szConnect", "prstInfo"}
)
"""Arguments that are no fields of the call as they were given."""


def script(engine: Engine, arrangement: Iterable[str] = ()) -> str:
    """Return the calls of an engine that its trace still has as a script; `arrangement` are lines for after the start."""
    process = engine.process
    build = "" if process.build == "esent" else repr(process.build)
    contract = "" if process.contract == "source" else f"contract={process.contract!r}"
    lines = ["import esemu", FAILS, f"engine = esemu.Engine({', '.join(filter(None, (build, contract)))})"]
    calls = list(engine.trace)
    if calls and calls[0].number > 1:
        lines.append(f"# Calls #1 to #{calls[0].number - 1} have dropped out of the trace.")
    lines += _Writer(list(arrangement)).lines(calls)
    return "\n".join(lines) + "\n"


class _Writer:
    """Lines of a script, with the names of the instances."""

    def __init__(self, arrangement: list[str]) -> None:
        self._instances: dict[int, str] = {}
        self._arrangement = arrangement

    def lines(self, calls: list[Call]) -> Iterator[str]:
        """Yield the lines for calls; equal ones in a row are a loop."""
        for start, made in groupby(calls, key=lambda call: call.part_of):
            if start is not None:
                yield from self.start(start, list(made))
                continue
            for line, equal in groupby(map(self.line, made)):
                count = len(list(equal))
                yield line if count == 1 else f"for _ in range({count}):\n    {line}"

    def start(self, start: Any, calls: list[Call]) -> Iterator[str]:
        """Yield the lines for the start of an instance."""
        name = f"inst{len(self._instances) + 1 if self._instances else ''}"
        shown = ", ".join(f"{key}={_shown(value)}" for key, value in start.arguments().items())
        refused = next((call.err for call in calls if call.err < 0), 0)
        if refused:
            yield f"fails({refused}, lambda: engine.start({shown}))"
            return
        yield f"{name} = engine.start({shown})"
        if not self._instances:
            yield "jet = engine.jet"
            yield from self._arrangement
        created = (call.result.handle for call in calls if call.api.name == "JetCreateInstance2")
        self._instances[next(created, 0)] = name  # it may have dropped out of the trace

    def line(self, call: Any) -> str:
        """Return the line that makes a call."""
        name = call.api.name
        if not _can_be_made(call):
            return f"# This call cannot be written as one of engine.jet: {call!r}"
        if call.raised:
            return f"# {call!r} was broken off by {call.raised}."
        if call.err < 0 and call.rule is None:
            return f"# {call!r} was made to fail with {call.err}."
        arguments = ", ".join(self._arguments(call, name))
        function = f"engine.jet.{name}" if not self._instances else f"jet.{name}"
        if not call.err or 0 < call.err not in NO_RETURN:
            return f"{function}({arguments})"
        expected = {UNDEFINED: "esemu.UndefinedBehaviour", FOR_EVER: "esemu.WouldBlockForever"}.get(call.err, call.err)
        return f"fails({expected}, {function}{', ' if arguments else ''}{arguments})"

    def _arguments(self, call: Any, name: str) -> Iterator[str]:
        for parameter in list(inspect.signature(getattr(Jet, name)).parameters)[1:]:
            value = self._argument(call, name, parameter)
            if value is None:
                return
            yield value

    def _argument(self, call: Any, name: str, parameter: str) -> str | None:
        """Return the text of an argument, None where it and those behind it are left out."""
        if parameter == "instance":
            given = None if getattr(call, "no_pointer", False) else call.handle
            return self._instances.get(given or 0) or (repr(given) if given is None else f"{given:#x}")
        if parameter == "sesid":
            return f"{getattr(call, 'session', None) if 'Parameter' in name else call.handle}"
        if parameter == "grbit":
            return str(_given_grbit(call, name))
        if parameter == "pv":
            return f"esemu.misaligned(bytearray({call.size}))" if call.misaligned else f"bytearray({call.size})"
        if parameter == "settings":
            return repr(dict(call.settings))
        if parameter in {"lParam", "szParam"}:
            text = isinstance(call.value, str)
            return ("0" if text else str(call.value)) if parameter == "lParam" else repr(call.value) if text else None
        if parameter in {"iSection", "szConnect", "prstInfo"}:
            return "0" if parameter == "iSection" else "None"
        if parameter == "cbMax" and (getattr(call, "no_buffer", False) or call.size_max is None):
            return None  # a caller with a NULL buffer asks for the size, which is all the same to the engine
        field = field_of(call.api, parameter)
        return None if field is None or parameter == "cb" else repr(getattr(call, field.name))


def _can_be_made(call: Any) -> bool:
    """Return whether `engine.jet` has such a call, and the call all that it takes."""
    function = getattr(Jet, call.api.name, None)
    if function is None or (getattr(call, "no_buffer", False) and not isinstance(call, ListCall)):
        return False
    parameters = list(inspect.signature(function).parameters.values())[1:]
    known = FIELDS.keys() | WORKED_OUT
    return all(each.name in known or each.default is not inspect.Parameter.empty for each in parameters)


def _given_grbit(call: Any, name: str) -> int:
    """Return the grbit as the caller gave it; the engine makes some calls of others with one more bit."""
    if "Surrogate" in name:
        return int(call.grbit & ~JET_bitBackupSurrogate)
    if name == "JetOSSnapshotAbort" and (call.rule is None or call.rule.name != "reserved_grbit"):
        return 0
    return int(call.grbit)


def _shown(value: Any) -> str:
    """Return an argument of `Engine.start` as Python."""
    if not isinstance(value, list):
        return repr(value)
    if all(type(each).__name__ == "NamedDatabase" for each in value):
        return "{" + ", ".join(f"{each.path!r}: {each.pages}" for each in value) + "}"
    return "[" + ", ".join(_database(each) for each in value) + "]"


def _database(described: Any) -> str:
    """Return a description of a database as Python, but for pages that came from somewhere else."""
    given = {"page_size": None, "full_backup": None, "incremental_backup": None, "read_only": False, "logged": True}
    shown = [
        f"{name}={getattr(described, name)!r}" for name, default in given.items() if getattr(described, name) != default
    ]
    return f"esemu.Database({', '.join([repr(described.path), repr(described.pages), *shown])})"
