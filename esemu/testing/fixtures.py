# SPDX-License-Identifier: MIT
"""What is behind the fixtures of the pytest plugin: the marker's arguments, the engine, and the verdict on a test's clients."""

from __future__ import annotations

import inspect
from itertools import count, product
from typing import TYPE_CHECKING, Any, Final

import pytest

from esemu.faces.engine import Engine
from esemu.faces.faults import Faults
from esemu.machine.repeated_read import calls_of
from esemu.testing.checks import check
from esemu.testing.checks.ends import BEGINS_MAX
from esemu.testing.checks.kinds import BEGIN, KINDS
from esemu.testing.checks.table import chosen
from esemu.testing.client_run import run_to_end
from esemu.testing.judgement import claims_success
from esemu.testing.plugin import CHECKS_OF_TEST, CHOICES, CLEANS_UP
from esemu.testing.scripts import script

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

    from esemu.faces.instance import Instance
    from esemu.machine.state import Process
    from esemu.testing.checks.table import Finding

DATABASES: Final = {r"C:\data\mail.edb": 100}
"""What an instance has where the marker does not say anything."""

START: Final = frozenset(
    {
        "databases",
        "page_size",
        "name",
        "log_path",
        "system_path",
        "generations",
        "checkpoint",
        "circular",
        "parameters",
    }
)
"""Arguments of the marker that are those of `Engine.start`."""

MARKER: Final = START | CHOICES.keys() | {"faults", "expect", "off"}
"""All arguments of the marker."""

LEFT_OPEN: Final = frozenset({"ESB101", "ESB122"})
"""Checks of backups and snapshots that are not ended yet."""

TRACE: Final = 2**31
"""The trace of a test's engine has no end: checks want to see everything."""


class EndlessRetry(BaseException):
    """A client begins a backup again and again, and is refused each time.

    It is no Exception, so that a client which retries whatever fails does not swallow it.
    """


def described(item: pytest.Item) -> dict[str, Any]:
    """Return the arguments of the markers of a test; those nearest to it win.  Raises UsageError for wrong ones."""
    found: dict[str, Any] = {}
    for marker in item.iter_markers("esemu"):
        if marker.args:
            raise pytest.UsageError(f"{item.nodeid}: the marker esemu takes named arguments only, not {marker.args!r}")
        for name, value in marker.kwargs.items():
            if name not in MARKER:
                raise pytest.UsageError(
                    f"{item.nodeid}: the marker esemu has no argument {name!r}; it has {', '.join(sorted(MARKER))}"
                )
            found.setdefault(name, value)
    for name, values in CHOICES.items():
        if found.get(name, "both") not in {*values, "both"}:
            raise pytest.UsageError(
                f"{item.nodeid}: {name} of the marker esemu is {found[name]!r}; it is one of "
                f"{', '.join(map(repr, values))} and 'both'"
            )
    for name in ("expect", "off"):
        found[name] = _codes(found.get(name, ()), f"{item.nodeid}: {name} of the marker esemu")
    found["faults"] = _arrangements(found.get("faults", ()), item)
    return found


def variants(item: pytest.Item) -> list[tuple[str, ...]]:
    """Return the (build, contract) pairs under which a test runs: the marker's, or the option's, or the setting's."""
    marked, config = described(item), item.config
    choices = []
    for name in ("build", "contract"):
        value = marked.get(name) or config.getoption(f"esemu_{name}") or config.getini(f"esemu_{name}")
        if value not in {*CHOICES[name], "both"}:
            raise pytest.UsageError(f"esemu_{name} is {value!r}; it is one of {', '.join(CHOICES[name])} and both")
        choices.append(CHOICES[name] if value == "both" else (value,))
    return list(product(*choices))


def off(config: pytest.Config) -> set[str]:
    """Return the checks that a suite does not make.  Raises UsageError for one that there is not."""
    return _codes([*config.getoption("esemu_off"), *config.getini("esemu_off")], "--esemu-off or esemu_off")


class TestChecks:
    """What a test says of its contract checks, with the engine that they are made on."""

    __test__ = False  # pytest would take it for a class of tests

    def __init__(self, item: pytest.Item, build: str, contract: str) -> None:
        self._marked = described(item)
        self._expected: set[str] = set(self._marked["expect"])
        self._off: set[str] = set(self._marked["off"]) | off(item.config)
        self._ignored: set[int] = set()
        self._reported_success: bool | None = None
        self._arrangement: list[str] = []
        self._item: Any = item
        self._met: set[str] = set()  # what was expected and has happened
        self._judged = 0  # so many calls had been made
        self._passed = False  # and were found good
        self._put_off = False  # something waits for the fixtures
        self.engine = Engine(build, contract=contract, trace_limit=TRACE)
        self.engine.process.numbers = _Numbers(self.engine.process)
        item.stash[CHECKS_OF_TEST] = self

    def start(self) -> Instance:
        """Start the instance that the marker describes."""
        arguments = {"databases": DATABASES} | {key: self._marked[key] for key in START if key in self._marked}
        try:
            inst = self.engine.start(**arguments)
        except (TypeError, ValueError) as error:
            raise pytest.UsageError(f"the marker esemu describes no instance: {error}") from error
        for text, arrange in self._marked["faults"]:
            arrange(inst)
            self._arrangement.append(text)
        return inst

    def expect(self, *checks: str) -> None:
        """Say that the test breaks these contracts, by code or name; it fails if it does not."""
        self._expected |= _codes(checks, "expect")

    def off(self, *checks: str) -> None:
        """Say that these checks are not to be made, by code or name."""
        self._off |= _codes(checks, "off")

    def server(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """Make a call in the part of the server, or of somebody else: no client is blamed for it."""
        before = len(self.engine.process.trace)
        try:
            return call(*arguments)
        finally:
            self._ignored.update(made.number for made in calls_of(self.engine.process, before))

    def run(self, client: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Run a client that returns when it takes its backup for good; else it raises, or returns False or a JET error.

        Checks take it at its word.
        """
        self._reported_success = False
        result = run_to_end(client, *arguments, **named)
        self._reported_success = claims_success(result)
        return result

    def findings(self) -> list[Finding]:
        """Return the contracts that were broken so far, those that are expected among them."""
        return check(self.engine, reported_success=self._reported_success, off=self._off, ignore=self._ignored)

    def judge(self) -> None:
        """Fail the test for what was found and not expected, and for what was expected and not found.

        Fixtures of the suite's own may still end what was left open, so that waits until they are torn down.
        """
        lines = self._complaints(waits=self._fixtures_to_come())
        self._judged = len(self.engine.process.trace)
        self._fail(lines)
        self._passed = True

    def judge_fixtures(self) -> None:
        """Fail a test that has passed `judge` for what its fixtures have done since, or have left undone."""
        if self._passed and (self._put_off or len(self.engine.process.trace) != self._judged):
            self._fail(self._complaints(waits=False))

    def sections(self, report: pytest.TestReport) -> list[tuple[str, str]]:
        """Return what the report of a failure has besides: its findings, if something else was what failed, and the calls."""
        found = []
        if report.when == "call" and not self._judged and (lines := self._complaints(waits=self._fixtures_to_come())):
            found.append(("esemu: broken contracts of the backup API", "\n".join(lines)))
        return [*found, ("esemu: the calls, as a script", script(self.engine, self._arrangement))]

    def _fixtures_to_come(self) -> bool:
        """Return whether something of the suite's own is still to be torn down."""
        return self._item.stash.get(CLEANS_UP, False) or "request" in inspect.signature(self._item.obj).parameters

    def _complaints(self, *, waits: bool) -> list[str]:
        """Return what is to be said of what was found and not expected, and of what was expected and not found."""
        found = self.findings()
        self._met |= {finding.code for finding in found} & self._expected
        wrong = [finding for finding in found if finding.code not in self._expected]
        missing = list(chosen(sorted(self._expected - self._met)))
        if waits:
            settled = [finding for finding in wrong if finding.code not in LEFT_OPEN]
            self._put_off = len(settled) < len(wrong) or bool(missing)
            wrong, missing = settled, []
        lines = [f"{finding}\n    manual: {finding.page}" for finding in wrong]
        return lines + [f"{row.code} {row.name}: it was expected, and did not happen." for row in missing]

    def _fail(self, lines: list[str]) -> None:
        if lines:
            pytest.fail("\n".join(["broken contracts of the backup API:", *lines]), pytrace=False)


def _codes(checks: Any, where: str) -> set[str]:
    """Return checks that were given by code or name as codes."""
    names = [checks] if isinstance(checks, str) else list(checks)
    try:
        return {row.code for row in chosen(names)}
    except ValueError as error:
        raise pytest.UsageError(f"{where}: {error}") from None


def _arrangements(faults: Any, item: pytest.Item) -> list[tuple[str, Callable[[Instance], object]]]:
    """Return what arranges the faults of a marker, each with the line that does the same in a script.

    `faults` is a function of the instance, or maps names of `inst.faults` to the value of a switch or to the arguments
    of a method: {"log_disk_full": True, "page": (path, pgno)}.
    """
    if callable(faults):
        return [(f"# {faults!r} was called with inst", faults)]
    found: list[tuple[str, Callable[[Instance], object]]] = []
    for name, value in dict(faults).items():
        if name.startswith("_") or not hasattr(Faults, name) or name == "state":
            raise pytest.UsageError(f"{item.nodeid}: faults of the marker esemu: an instance has no fault {name!r}")
        if callable(getattr(Faults, name)):
            arguments = value if isinstance(value, tuple) else (value,)
            shown = ", ".join(map(repr, arguments))
            found.append((f"inst.faults.{name}({shown})", _method(name, arguments)))
        else:
            found.append((f"inst.faults.{name} = {value!r}", _switch(name, value)))
    return found


def _method(name: str, arguments: tuple[Any, ...]) -> Callable[[Instance], object]:
    return lambda inst: getattr(inst.faults, name)(*arguments)


def _switch(name: str, value: Any) -> Callable[[Instance], object]:
    return lambda inst: setattr(inst.faults, name, value)


class _Numbers:
    """Numbers for the calls of a process; every so often it is looked at what its last calls were.

    So a client that begins in vain for ever is stopped.
    """

    def __init__(self, process: Process) -> None:
        self._trace = process.trace
        self._numbers = count(1)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> int:
        """Return the next number.  Raises EndlessRetry."""
        number = next(self._numbers)
        if not number % BEGINS_MAX and _only_refused_begins(self._trace):
            raise EndlessRetry(f"ESB121: {self._trace[-1]!r} was refused {BEGINS_MAX} times in a row")
        return number


def _only_refused_begins(trace: Sequence[Any]) -> bool:
    """Return whether the last calls of a trace, to which other threads may add, were all begins that were refused."""
    last = range(-1, -BEGINS_MAX - 1, -1)  # an iterator would not bear that the trace grows
    return len(trace) >= BEGINS_MAX and all(_refused_begin(trace[place]) for place in last)


def _refused_begin(entry: Any) -> bool:
    """Return whether an entry of the trace is a begin that was refused; a tuple is a read."""
    return type(entry) is not tuple and KINDS.get(entry.api.name) == BEGIN and entry.err < 0
