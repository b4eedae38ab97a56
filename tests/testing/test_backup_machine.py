# SPDX-License-Identifier: MIT
"""`BackupMachine` finds the bugs of clients and of other implementations, from any state, and says how to repeat it."""

import re
import sys
from collections.abc import Callable
from typing import Any

import pytest
from every_client import BUGGY, CODES, CORRECT
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis.stateful import rule, run_state_machine_as_test

import esemu.testing
from esemu.testing import BackupMachine, strategies
from esemu.testing.client_run import ClientRun
from esemu.testing.described_calls import make
from esemu.testing.states import STARTED, paths, started

QUICK = settings(
    max_examples=60,
    stateful_step_count=5,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)

pytestmark = pytest.mark.untraced


@pytest.fixture(autouse=True)
def no_sleep(monkeypatch) -> None:
    """Let clients that wait before they try again not wait."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)


def run(machine: type[BackupMachine], **changes: Any) -> None:
    """Run a machine."""
    run_state_machine_as_test(machine, settings=settings(QUICK, **changes))


def machine_of(client_of_machine: Callable) -> type[BackupMachine]:
    """Return a machine that runs a client."""

    class ClientMachine(BackupMachine):
        client = staticmethod(client_of_machine)

    return ClientMachine


@pytest.mark.parametrize("name", BUGGY)
def test_bugs_of_clients_are_found_and_named(name) -> None:
    """Each bug is found within sixty examples and told by its code."""
    shown = {"ignores_abort": "ESB105|ESB120"}  # it goes on, and reports success: which shows first depends on the stop
    with pytest.raises(AssertionError, match=shown.get(name, CODES[name])):
        run(machine_of(BUGGY[name]))


def test_the_correct_client_has_no_bug() -> None:
    """From any state, with anything going wrong, nothing is to be said about it."""
    run(machine_of(CORRECT))


def forgets_logs(jet: Any, inst: Any) -> None:
    """Back up databases alone, or go on with another backup that is running."""
    try:
        jet.JetBeginExternalBackupInstance(inst, 0)
    except esemu.JetError:
        jet.JetReadFileInstance(inst, 0, bytearray(1024))
    for name in jet.JetGetAttachInfoInstance(inst):
        file = jet.JetOpenFileInstance(inst, name)
        while jet.JetReadFileInstance(inst, file.handle, bytearray(65536)):
            pass
        jet.JetCloseFileInstance(inst, file.handle)
    jet.JetEndExternalBackupInstance2(inst, 1)


def test_all_that_is_wrong_is_told() -> None:
    """Findings that never come together are failures of their own, each with its script."""
    with pytest.raises(ExceptionGroup) as caught:
        run(machine_of(forgets_logs), stateful_step_count=1, phases=[Phase.generate, Phase.shrink])
    told = [str(error) for error in caught.value.exceptions]
    assert {code for each in told for code in re.findall(r"ESB\d+", each)} >= {"ESB101", "ESB111", "ESB118"}
    assert len(told) > 1
    assert all("started(" in each for each in told)


class Forgetful:
    """An implementation with a bug: a read does not look whether the backup was stopped."""

    def __init__(self, engine: esemu.Engine) -> None:
        self._jet = engine.jet
        self._state = engine.process.live()[0]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._jet, name)

    def JetReadFileInstance(self, inst, handle, buffer) -> int:
        """Read whether or not the backup was stopped."""
        backup = self._state.backup
        stopped, backup.stop_requested = backup.stop_requested, False
        self._state.changed()
        try:
            return self._jet.JetReadFileInstance(inst, handle, buffer)
        finally:
            backup.stop_requested |= stopped
            self._state.changed()


class ForgetfulMachine(BackupMachine):
    """Compare it."""

    def subject(self, engine: esemu.Engine) -> tuple[Any, Any]:
        """Return the implementation; its instance has the handle of the engine's."""
        return Forgetful(engine), None


def test_a_difference_is_shrunk_to_a_script_that_runs() -> None:
    """Another implementation is compared call by call; what comes out is short, and repeats what the engine does."""
    with pytest.raises(AssertionError, match="JetReadFileInstance gives") as caught:
        run(
            ForgetfulMachine,
            max_examples=200,
            stateful_step_count=4,
            report_multiple_bugs=False,
            phases=[Phase.generate, Phase.shrink],
        )
    script = str(caught.value).partition("\n\n")[2]
    assert script.count("jet.Jet") <= 4
    assert "BackupAbortByServerError" in script
    names: dict = {}
    exec(script, names)
    assert names["inst"].state.backup.stop_requested or not names["inst"].state.backup.in_progress


def test_a_rule_that_fails_is_not_the_client() -> None:
    """What a rule of the test's own raises is raised as it is, with what was done before it; no client is run then."""

    class Faulty(BackupMachine):
        client = staticmethod(BUGGY["leaks_handle"])

        @rule()
        def divide(self) -> None:
            """Fail in the midst of a backup."""
            self.call("JetBeginExternalBackupInstance", 0)
            raise ZeroDivisionError

        def _run_client(self, fault: Any) -> None:
            assert fault is not self._last, "the client was run after a failure"

    with pytest.raises(ZeroDivisionError) as caught:
        run(Faulty)
    (note,) = [each for each in caught.value.__notes__ if "by a rule" in each]
    assert "jet.JetBeginExternalBackupInstance(inst, 0)" in note


def test_an_implementation_that_breaks_differs() -> None:
    """Whatever exception another implementation raises is its answer, and no failure of the test."""

    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise NotImplementedError(name)

    class BrokenMachine(BackupMachine):
        def subject(self, engine: esemu.Engine) -> tuple[Any, Any]:
            return Broken(), None

    with pytest.raises(AssertionError, match=r"^Jet\w+ gives NotImplementedError, and the engine "):
        run(BrokenMachine, max_examples=5)


def test_an_equal_implementation_is_equal() -> None:
    """Nothing is found where nothing differs."""

    class Same(BackupMachine):
        def subject(self, engine: esemu.Engine) -> tuple[Any, Any]:
            return engine.jet, None

    run(Same, max_examples=40)


@pytest.mark.parametrize("world", STARTED)
def test_states_are_reached(world) -> None:
    """An instance is brought to the state at the end of each path: a backup runs if and only if one was left running."""
    assert paths(world)[0] == ()
    engine, inst = started(world, len(paths(world)) - 1)
    assert len(engine.trace) > len(paths(world)[-1])
    assert inst.state.process is engine.process


def test_only_some_worlds_can_be_started() -> None:
    """A world that no running instance is in is refused by name."""
    with pytest.raises(ValueError, match="'recovery'"):
        started("recovery")


@QUICK
@given(strategies.worlds(builds=("esent", "ese")), strategies.backups("full", "internal copy", "surrogate"))
def test_legal_backups_are_legal(world, backup) -> None:
    """A backup that was drawn succeeds in any world that was drawn, and what it returns is whole."""
    assume(not (world.circular and backup.kind == "surrogate"))  # which the engine refuses
    engine, inst = world()
    saved = backup.run(engine.jet, inst)
    assert not inst.state.backup.in_progress
    if backup.kind != "surrogate":
        assert set(world.databases) <= set(saved)
        for name, pages in world.databases.items():
            assert len(saved[name]) >= pages * 4096
    assert eval(repr(world), vars(strategies)) == world


@QUICK
@given(strategies.states("incremental backup"), strategies.calls())
def test_calls_can_be_made(state, call) -> None:
    """A call that was drawn can be made in any state, and gives the same in an equal one."""
    answers: list[object] = []
    for _ in range(2):
        engine, inst = state()
        try:
            answers.append(repr(make(engine.jet, inst, call)))
        except (esemu.EsemuError, ValueError, TypeError) as raised:
            answers.append(type(raised))
    assert answers[0] == answers[1]


@QUICK
@given(strategies.worlds(), strategies.faults())
def test_faults_leave_no_finding_on_a_correct_client(world, fault) -> None:
    """Whatever happens, nothing is to be said about the correct client."""
    run = ClientRun(CORRECT, world, fault, 2_000, fresh=False).go()
    assert [finding.code for finding in run.findings] == []


def test_a_missing_hypothesis_is_named(monkeypatch) -> None:
    """The error says which extra has it; whatever else is missing in a module of the kit is told as it is."""
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    monkeypatch.delitem(sys.modules, "esemu.testing.backup_machine")
    with pytest.raises(
        ModuleNotFoundError, match=r'^BackupMachine needs Hypothesis; pip install "esemu\[hypothesis\]"'
    ):
        _ = esemu.testing.BackupMachine
    monkeypatch.setitem(sys.modules, "esemu.testing.scripts", None)
    with pytest.raises(ModuleNotFoundError, match=r"esemu\.testing\.scripts"):
        _ = esemu.testing.script
