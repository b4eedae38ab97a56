# SPDX-License-Identifier: MIT
"""Running cases: a line in, a line out, whatever the line holds."""

from __future__ import annotations

import gzip
import json
import lzma
import sys
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO, cast

from esemu.machine.step import FOR_EVER, UNDEFINED
from esemu.scenario.calls import NAMES, OPERATIONS
from esemu.scenario.fields import BadCase, check_case
from esemu.scenario.snapshots import shown as snapshots_shown
from esemu.scenario.state import StateView
from esemu.scenario.world import Case
from esemu.world.events import EVENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Protocol

    from esemu.machine.step import Rule

    class Outcome(Protocol):
        """What a call ended with."""

        err: int
        rule: Rule | None


class CaseRun:
    """One case while it runs."""

    __slots__ = ("case", "handles", "last_snapshot", "snapshots", "views")

    def __init__(self, world: dict[str, Any]) -> None:
        self.case = Case(world)
        self.views = [StateView(instance) for instance in self.case.instances]
        self.handles = [0] * len(self.views)  # that the last successful open of each instance returned
        self.last_snapshot = 0  # that the last successful JetOSSnapshotPrepare returned
        self.snapshots: list[list[Any]] = []  # sessions as they were shown last

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
        call = self.make(described, result)
        error = call.err if call is not None else 0
        if error == FOR_EVER:
            return {"op": op, "err": "BLOCKS"}
        world.waits.finish()
        result["err"] = error
        if error == UNDEFINED:
            result["err"] = "UB"
            result["ub"] = call.rule.text if call is not None and call.rule is not None else ""
        else:
            result["name"] = NAMES.get(error) or f"JET_err? ({error})"
        if world.reports:
            self._add_reports(result)
        if world.journal:
            self._add_records(result)
        if world.clock.now_ms != slept:
            result["slept_ms"] = world.clock.now_ms - slept
        if world.waits.fired:
            result["timer_fired"] = world.waits.fired
            world.waits.fired = []
        self._add_changes(result)
        return result

    def make(self, described: dict[str, Any], result: dict[str, Any]) -> Outcome | None:
        """Make the call and note what it gives; return its error and the rule that refused it, None for no call."""
        return OPERATIONS[described["op"]](self, described, result)

    def _add_reports(self, result: dict[str, Any]) -> None:
        reports = self.case.world.reports
        result["ev"] = [self._event(*report) for report in reports]
        reports.clear()

    def _event(self, instance: Any, name: str, strings: tuple[str, ...], category: int) -> list[Any]:
        shown = list(strings)
        if name == "TRANSIENT_READ_ERROR_DETECTED_ID":
            shown[-1] = "<seconds>"
        event: list[Any] = [name, EVENTS[name][1]]
        if shown or self.case.several or category:
            event.append(shown)
        if self.case.several or category:
            # The recordings do not say which instance has ended.
            where = "-" if instance is None or name.startswith("STOP_INSTANCE_ID") else instance.number
            event.append(f"#{where}/{category}" if category else f"#{where}")
        return event

    def _add_records(self, result: dict[str, Any]) -> None:
        journal = self.case.world.journal
        several = self.case.several
        result["lr"] = [[*record, f"#{k}"] if several else list(record) for k, record in journal]
        journal.clear()

    def _add_changes(self, result: dict[str, Any]) -> None:
        if not self.case.several:
            changes = self.views[0].changes()
        else:
            every = ((f"i{k}", view.changes()) for k, view in enumerate(self.views))
            changes = {key: change for key, change in every if change}
        if self.case.process.snapshots or self.snapshots:
            before, self.snapshots = self.snapshots, snapshots_shown(self.case.process)
            if self.snapshots != before:
                changes["snap"] = self.snapshots or None
        if changes:
            result["s"] = changes


def run_case(case: dict[str, Any], make_run: Callable[[dict[str, Any]], CaseRun] = CaseRun) -> dict[str, Any]:
    """Run one case and return its result.  Raises BadCase where it is none; then nothing of it has run.

    `make_run` makes what runs it of its world: `through` has runs that make the calls through a library.
    """
    check_case(case, OPERATIONS)
    try:
        running = make_run(case["world"])
    except ValueError as wrong:
        raise BadCase(f"world: {wrong}") from None
    result: dict[str, Any] = {"id": case["id"], "s0": running.state(), "r": []}
    for described in case["calls"]:
        made = running.step(described)
        result["r"].append(made)
        if made["err"] in {"UB", "BLOCKS"}:
            break
    return result


def run_lines(lines: Iterable[str | bytes]) -> Iterator[dict[str, Any]]:
    """Run the cases in these lines; a line that is no case gives {"line": number, "error": what is wrong}.

    Empty lines count and give nothing.  Bytes are UTF-8.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield run_case(_parsed(line))
        except BadCase as wrong:
            yield {"line": number, "error": str(wrong)}


def _parsed(line: str | bytes) -> Any:
    """Return the value in a line."""
    try:
        text = line if isinstance(line, str) else line.decode()
        return json.loads(text.removeprefix("\N{BOM}"))
    except UnicodeDecodeError as wrong:
        raise BadCase(f"not UTF-8 at byte {wrong.start + 1}") from None
    except json.JSONDecodeError as wrong:
        raise BadCase(f"no JSON at character {wrong.pos + 1}: {wrong.msg}") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, a list in a list in a list ...
        raise BadCase(
            "no JSON that could be a case: a number is too long, or lists lie too deep in each other"
        ) from None


def open_lines(path: str) -> BinaryIO:
    """Open a file of cases: plain, .gz or .xz, or - for standard input.  Raises OSError."""
    if path == "-":
        return sys.stdin.buffer
    if path.endswith(".gz"):
        return cast("BinaryIO", gzip.open(path))
    if path.endswith(".xz"):
        return cast("BinaryIO", lzma.open(path))
    return open(path, "rb")  # noqa: PTH123 - the caller closes it


def run_file(path: str, output: TextIO) -> int:
    """Run the cases of a file and write their results; return how many lines were no cases.

    What is wrong with those goes to standard error.  Raises OSError for a file that cannot be read to its end.
    """
    bad = 0
    encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
    try:
        with open_lines(path) as lines:
            for result in run_lines(lines):
                if "error" in result:
                    bad += 1
                    sys.stderr.write(f"line {result['line']}: {result['error']}\n")
                else:
                    output.write(encode(result) + "\n")
    except (EOFError, lzma.LZMAError, zlib.error) as wrong:
        raise OSError(f"{path}: {wrong}") from wrong
    return bad
