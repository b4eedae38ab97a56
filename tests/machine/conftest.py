# SPDX-License-Identifier: MIT
"""What the tests of the machine share: the exploration, which takes seconds and is made once, and the written cases."""

import json
import lzma
from collections.abc import Callable, Iterator
from functools import partial
from importlib.resources import files
from itertools import combinations_with_replacement, product, repeat
from pathlib import Path
from typing import Any

import pytest

import esemu
from esemu.faces.jet import Jet
from esemu.machine.api import SessionForm, SingleInstanceForm
from esemu.machine.calls import CALLS
from esemu.machine.explore import WORLDS, Exploration, explore, snapshots
from esemu.machine.explore.alphabet import made
from esemu.machine.explore.starts import start
from esemu.machine.explore.worlds import ONE
from esemu.machine.shapes.instances import MultiInstanceCall
from esemu.machine.shapes.snapshots import SnapshotCall
from esemu.machine.state import Process
from esemu.machine.step import Rule
from esemu.scenario.handles import HANDLES
from esemu.testing.conformance.cases.situations import set_state
from esemu.vocabulary import errors, parameters
from esemu.world.emulated import EmulatedWorld

CASES = files("esemu.testing.conformance.cases") / "written_cases.json"
DATA = Path(__file__).resolve().parent.parent / "data"

LARGE = (
    "full backup",
    "backup after backup",
    "incremental backup",
    "surrogate backup",
    "internal copy",
    "services and terms",
    "sessions and databases",
    "circular log",
    "aggressive rollover",
    "recovery with internal copies",
)
"""Worlds whose exploration takes a tenth of a second and more."""

SMALL = ("no log", "services", "logs to keep are missing", "second not initialised")
"""Some worlds of snapshots whose exploration takes less."""


@pytest.fixture(scope="session")
def exploration(untraced: Callable[[], Any]) -> Exploration:
    """Return every reachable state of every world, and what every call does in it."""
    small = explore([name for name in WORLDS if name not in LARGE])  # traced
    with untraced():
        large = explore(LARGE)
    every = small.worlds | large.worlds
    return Exploration({name: every[name] for name in WORLDS})


@pytest.fixture(scope="session")
def snapshot_exploration(untraced: Callable[[], Any]) -> snapshots.Exploration:
    """Return every reachable state of two instances and a snapshot, and what every call does in it."""
    snapshots.explore(SMALL)  # traced
    with untraced():
        return snapshots.explore()


@pytest.fixture
def engine() -> esemu.Engine:
    """Return an emulated process."""
    return esemu.Engine()


@pytest.fixture
def jet(engine: esemu.Engine) -> Jet:
    """Return its API."""
    return engine.jet


class Stage:
    """A process in which a written case is played, and the names that it gives to instances and sessions."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.world = EmulatedWorld()
        self.process = Process(self.world, case.get("build", "esent"))
        self.names: dict[str, int] = dict(HANDLES)
        self.refusing: set[Rule | None] = set()
        for folder in case.get("folders", ()):
            self.world.disk.create_folders(folder)
        for path in case.get("files", ()):
            self.world.disk.create(path, None, overwrite=True)

    def play(self, op: str, fields: dict[str, Any]) -> tuple[str, Any]:
        """Make one call, or change what only the engine or the world can change; return its error and its result."""
        fields = {"inst": "zero"} | fields
        if op == "set":
            set_state(self.process.found[self.names[fields["inst"]]], fields)
            return "JET_errSuccess", None
        if op in {"hold", "release"}:
            return "JET_errSuccess", getattr(self.world.disk, op)(fields["path"])
        process = self.process
        api = CALLS[op]
        owner = fields.get("session") if isinstance(api, SessionForm) else None
        call = api.described(self.names[owner or fields["inst"]], fields | self.numbers(fields))
        call.api.perform(process, call)
        self.refusing.add(call.rule)
        if "as" in fields:
            self.names[fields["as"]] = call.result if isinstance(call.result, int) else call.result.handle
        result = call.succeeded if isinstance(call, MultiInstanceCall) else call.result
        return NAMES.get(call.err, str(call.err)), result

    def numbers(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Return the fields that a case names and a call has as numbers."""
        found: dict[str, Any] = {"session": self.names[fields.get("session", "zero")]}
        if isinstance(fields.get("paramid"), str):
            found["paramid"] = getattr(parameters, fields["paramid"])
        found["settings"] = tuple((getattr(parameters, name), value) for name, value in fields.get("settings", ()))
        return found


NAMES = {getattr(errors, name): name for name in dir(errors) if name.startswith("JET_")}


def written_cases() -> list[dict[str, Any]]:
    """Read the cases."""
    cases: list[dict[str, Any]] = json.loads(CASES.read_text(encoding="utf-8"))
    return cases


def played(case: dict[str, Any]) -> Iterator[tuple[int, str, Any, str, Any]]:
    """Play a case: for each call its place, what came of it, and what should have."""
    stage = Stage(case)
    for place, (op, fields, error, *result) in enumerate(case["calls"]):
        for _ in repeat(None, fields.get("times", 1) - 1):
            stage.play(op, fields)
        got, told = stage.play(op, fields)
        yield place, got, told if result else None, error, result[0] if result else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each written case to tests that ask for one."""
    if "written_case" in metafunc.fixturenames:
        metafunc.parametrize("written_case", written_cases(), ids=lambda case: case["id"])


@pytest.fixture
def outcome(written_case: dict[str, Any]) -> Callable[[], Iterator[tuple[int, str, Any, str, Any]]]:
    """Return a function that plays the case."""
    return partial(played, written_case)


class Recordings:
    """The recordings of the engine's own code: `data/README.md` says what they are."""

    @staticmethod
    def pairs(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Return each case of one of them with its result."""
        cases, results = (rows(DATA / f"{name}-{kind}.jsonl.xz") for kind in ("cases", "results"))
        yield from zip(cases, results, strict=True)

    @staticmethod
    def answers(result: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Return what each call answered, with the whole state after it; a call that does not return has neither."""
        state = result["s0"]
        found: list[tuple[dict[str, Any], dict[str, Any]]] = []
        for call in result["r"]:
            if call["err"] in {"UB", "BLOCKS"}:
                found.append(({"op": call["op"], "err": call["err"]}, {}))
            else:
                state = advance(state, call.get("s", {}))
                told = {field: value for field, value in call.items() if field != "s" and value is not None}
                found.append((told, state))
        return found


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Read JSON lines."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def advance(state: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return the whole state after a call; changes of several instances lie one level deeper."""
    after = {key: value for key, value in (state | changes).items() if value is not None}
    deeper = {key for key in changes if isinstance(changes[key], dict)}
    return after | {key: advance(state[key], changes[key]) for key in deeper}


GATE: dict[str, tuple[dict[str, int], int]] = {
    "service_stopped": ({"service_stopped": True}, errors.JET_errClientRequestToStopJetService),
    "log disk full": (
        {"unavailable": errors.JET_errLogDiskFull},
        errors.JET_errInstanceUnavailableDueToFatalLogDiskFull,
    ),
    "unavailable": ({"unavailable": errors.JET_errInstanceUnavailable}, errors.JET_errInstanceUnavailable),
    "terminating": ({"api_lock": 8}, errors.JET_errTermInProgress),
    "restoring": ({"api_lock": 4}, errors.JET_errRestoreInProgress),
    "initializing": ({"api_lock": 2}, errors.JET_errNotInitialized),
    "not initialised": ({"initialized": False}, errors.JET_errNotInitialized),
}
"""What closes the gate, in the order in which it is asked (jetapi.cxx:4421), and with which error it refuses."""

NO_GATE = {
    "JetStopBackup",
    "JetStopService",
    "JetStopBackupInstance",
    "JetStopServiceInstance",
    "JetStopServiceInstance2",
    "JetTerm",
    "JetTerm2",
}
"""Calls that only look for the instance (jetapi.cxx:22278-22633)."""

NOT_ASKED = {
    "JetRollback": {"service_stopped"},
    "JetCloseDatabase": {"service_stopped"},
    "JetDetachDatabase": {"service_stopped"},
    "JetEndSession": {"service_stopped", "log disk full", "unavailable"},
}
"""What the gate does not ask of some calls of sessions (jetapi.cxx:12561)."""


def is_single(name: str) -> bool:
    """Whether a call is a form without an instance."""
    return isinstance(CALLS[name], SingleInstanceForm)


def call_of(name: str, process: Process, grbit: int = 0) -> Any:
    """Return a call of the only instance; one about a snapshot names none that there is."""
    if "Snapshot" in name:
        handle = process.live()[0].handle if process.live() else 0
        return SnapshotCall(CALLS[name], handle, 0, grbit)
    return made({"op": name} | ({"grbit": grbit} if grbit else {}), process)


def gate_answers(name: str) -> Iterator[tuple[object, int, int]]:
    """Make a call while one or two conditions close the gate: for each what they are, the error, and the one wanted."""
    closing = [reason for reason in GATE if reason not in NOT_ASKED.get(name, ())]
    for reasons in combinations_with_replacement(closing, 2):
        process = start({**ONE, "runmode": "one" if is_single(name) else "multi"})
        (instance,) = process.live()
        call = call_of(name, process)
        for reason in reasons:
            for attribute, value in GATE[reason][0].items():
                locks = instance.api_lock if attribute == "api_lock" else 0
                setattr(instance, attribute, locks | value)
        first = GATE["unavailable" if reasons == ("log disk full", "unavailable") else reasons[0]][1]
        if instance.api_lock == 0 or name not in NO_GATE:
            yield reasons, call.api.perform(process, call), 0 if name in NO_GATE else first


def handle_answers(name: str) -> Iterator[tuple[object, int, int]]:
    """Make a call with handles that are none: for each the case, the error, and the one wanted (jetapi.cxx:3811, 5264)."""
    if CALLS[name].find[0].name == "session_unknown":
        process = start(ONE)
        call = made({"op": name, "inst": "bogus"}, process)
        yield "session", call.api.perform(process, call), errors.JET_errInvalidSesid
        return
    single = is_single(name)
    for esent, mode, handle in product((True, False), ("multi", "none", "one"), ("zero", "nil", "bogus")):
        process = start({**ONE, "esent": esent, "runmode": mode})
        call = call_of(name, process, grbit=1)
        call.handle = HANDLES[handle]
        error = call.api.perform(process, call)
        invalid = handle == "bogus" and esent and not single
        wanted = errors.JET_errInvalidInstance if invalid else errors.JET_errInvalidParameter
        if single and mode == "multi":
            wanted = errors.JET_errRunningInMultiInstanceMode
        if mode != "one":
            yield (esent, mode, handle), error, wanted
        elif not single:
            yield (esent, mode, handle), error != errors.JET_errInvalidInstance, not invalid
        if mode == "multi" and not single:  # two rules with one error, but not with one explanation
            yield handle, call.rule.name == "instance_not_given", handle != "bogus"


@pytest.fixture(params=[name for name, api in CALLS.items() if api.find])
def call_of_instance(request: pytest.FixtureRequest) -> str:
    """Return the name of a call that looks for an instance or a session, one after the other."""
    return str(request.param)


@pytest.fixture(scope="session")
def gates() -> tuple[Callable[[str], Iterator[tuple[object, int, int]]], ...]:
    """Return `gate_answers` and `handle_answers`."""
    return gate_answers, handle_answers


@pytest.fixture(scope="session")
def written() -> list[dict[str, Any]]:
    """Return the written cases."""
    return written_cases()


@pytest.fixture(scope="session")
def stage() -> type[Stage]:
    """Return what a written case is played in."""
    return Stage


@pytest.fixture(scope="session")
def recordings() -> type[Recordings]:
    """Return the recordings."""
    return Recordings
