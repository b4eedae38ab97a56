# SPDX-License-Identifier: MIT
"""Running cases: a line in, a line out, whatever the line holds."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import sys
from typing import TYPE_CHECKING, Any, TextIO

from esemu.machine.step import UNDEFINED
from esemu.scenario.calls import NAMES, OPERATIONS
from esemu.scenario.state import StateView
from esemu.scenario.world import Case
from esemu.world.events import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class BadCase(ValueError):
    """A line is no case: the message says what is wrong with it."""


class CaseRun:
    """One case while it runs."""

    __slots__ = ("case", "handles", "records", "reported", "views")

    def __init__(self, world: dict[str, Any]) -> None:
        self.case = Case(world)
        self.views = [StateView(instance) for instance in self.case.instances]
        self.handles = [0] * len(self.views)  # that the last successful open of each instance returned
        self.reported = 0
        self.records = [0] * len(self.views)

    def state(self) -> dict[str, Any]:
        """Return the whole state."""
        if not self.case.several:
            return self.views[0].whole()
        return {f"i{k}": view.whole() for k, view in enumerate(self.views)}

    def step(self, described: dict[str, Any]) -> dict[str, Any]:
        """Make one call and return its result."""
        op = described["op"]
        world = self.case.world
        slept = world.clock.now_ms
        result: dict[str, Any] = {"op": op}
        call = OPERATIONS[op](self, described, result)
        error = call.err if call is not None else 0
        result["err"] = error
        if error == UNDEFINED:
            result["err"] = "UB"
            result["ub"] = call.rule.text if call is not None and call.rule is not None else ""
        else:
            result["name"] = NAMES[error] if error in NAMES else f"JET_err? ({error})"
        self._add_reports(result)
        self._add_records(result)
        if world.clock.now_ms != slept:
            result["slept_ms"] = world.clock.now_ms - slept
        self._add_changes(result)
        return result

    def _add_reports(self, result: dict[str, Any]) -> None:
        reports = self.case.world.reports
        if len(reports) > self.reported:
            result["ev"] = [self._event(*report) for report in reports[self.reported :]]
            self.reported = len(reports)

    def _event(self, instance: Any, name: str, strings: tuple[str, ...]) -> list[Any]:
        shown = list(strings)
        if name == "TRANSIENT_READ_ERROR_DETECTED_ID":
            shown[-1] = "<seconds>"
        event: list[Any] = [name, EVENTS[name][1]]
        if shown or self.case.several:
            event.append(shown)
        if self.case.several:
            event.append(f"#{instance.number}")
        return event

    def _add_records(self, result: dict[str, Any]) -> None:
        found: list[list[Any]] = []
        for k, instance in enumerate(self.case.instances):
            records = instance.log.records
            if len(records) > self.records[k]:
                tail = [f"#{k}"] if self.case.several else []
                found += [[*record, *tail] for record in records[self.records[k] :]]
                self.records[k] = len(records)
        if found:
            result["lr"] = found

    def _add_changes(self, result: dict[str, Any]) -> None:
        if not self.case.several:
            changes = self.views[0].changes()
        else:
            every = ((f"i{k}", view.changes()) for k, view in enumerate(self.views))
            changes = {key: change for key, change in every if change}
        if changes:
            result["s"] = changes


def run_case(case: dict[str, Any]) -> dict[str, Any]:
    """Run one case and return its result.  Raises BadCase where it is none."""
    try:
        running = CaseRun(case["world"])
        result: dict[str, Any] = {"id": case["id"], "s0": running.state(), "r": []}
        for number, described in enumerate(case["calls"]):
            if described.get("op") not in OPERATIONS:
                raise BadCase(f"call {number}: there is no call {described.get('op')!r}")
            made = running.step(described)
            result["r"].append(made)
            if made["err"] == "UB":
                break
    except BadCase:
        raise
    except KeyError as missing:
        raise BadCase(f"field {missing} is missing") from None
    except (TypeError, ValueError) as wrong:
        raise BadCase(str(wrong)) from None
    return result


def run_lines(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Run the cases in these lines; a line that is no case gives {"line": number, "error": what is wrong}."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            case = json.loads(line)
            if not isinstance(case, dict):
                raise BadCase("a case is a JSON object")
            yield run_case(case)
        except ValueError as wrong:
            yield {"line": number, "error": str(wrong)}


def open_lines(path: str) -> TextIO:
    """Open a file of cases: plain, .gz or .xz, or - for standard input."""
    if path == "-":
        return sys.stdin
    if path.endswith(".gz"):
        return io.TextIOWrapper(gzip.open(path), encoding="utf-8")
    if path.endswith(".xz"):
        return io.TextIOWrapper(lzma.open(path), encoding="utf-8")
    return open(path, encoding="utf-8")  # noqa: PTH123 - the caller closes it


def run_file(path: str, output: TextIO) -> int:
    """Run the cases of a file and write their results; return how many lines were no cases."""
    bad = 0
    encode = json.JSONEncoder(separators=(",", ":")).encode
    with open_lines(path) as lines:
        for result in run_lines(lines):
            if "error" in result:
                bad += 1
                print(f"line {result['line']}: {result['error']}", file=sys.stderr)
            else:
                output.write(encode(result) + "\n")
    return bad
