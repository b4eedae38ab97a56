# SPDX-License-Identifier: MIT
"""The exploration itself: its states are told apart finely enough, can be asked for, run as scenarios, and drawn."""

import pytest

from esemu.machine.calls import CALLS
from esemu.machine.explore import ALPHABET, Exploration, State, diagram, explore
from esemu.machine.explore.alphabet import made
from esemu.machine.explore.control import control_of
from esemu.machine.explore.search import BEYOND, refused_at_once
from esemu.machine.explore.twin import twin
from esemu.machine.state import Process
from esemu.machine.step import NO_RETURN
from esemu.scenario import run_case
from esemu.scenario.calls import OPERATIONS

ABOUT_PROCESSES = {
    "JetCreateInstance",
    "JetCreateInstance2",
    "JetEnableMultiInstance",
    "JetGetDatabaseFileInfo",
    "JetGetInstanceInfoA",
    "JetGetSystemParameter",
    "JetInit",
    "JetInit2",
    "JetInit3",
    "JetSetSystemParameter",
}
"""Calls that make instances, change parameters or look at files, not the state of one instance."""


def stopped_backup(state: State) -> bool:
    """Whether there is a backup that was stopped and not ended."""
    return any(i.backup.stop_requested and i.backup.in_progress for i in state.process.live())


def test_every_state_has_every_call(exploration: Exploration) -> None:
    """What each call of the table does is known in each state, but for those of snapshots, restores and processes."""
    assert all(len(state.edges) == len(ALPHABET) for state in exploration.states())
    called = {call["op"] for call in ALPHABET}
    apart = {name for name in CALLS if "Snapshot" in name or "Restore" in name}
    assert {*CALLS} - called - apart == ABOUT_PROCESSES


def numbers(process: Process) -> list[int]:
    """Return what differs between states that are taken for one: the newest log, how deep and how often."""
    found = []
    for instance in process.live():
        found.append(instance.log.generation)
        found += [session.level for session in instance.sessions.values()]
        found += [len(database.open_by) for database in instance.databases]
    return found


@pytest.mark.untraced
def test_the_control_state_is_fine_enough(exploration: Exploration) -> None:
    """A state that was found on two ways answers every call alike on both."""
    compared = 0
    for states in exploration.worlds.values():
        for state in states[:: max(1, len(states) // 40)]:
            if state.again is None:
                continue
            idle = twin(state.again)
            for edge in state.edges:
                if "edb0" in (edge.call.get("name") or ""):
                    continue  # the numbers of logs are where the two may differ
                asked = made(edge.call, idle)
                process = idle if refused_at_once(asked.api, idle, asked) else twin(state.again)
                call = made(edge.call, process)
                call.api.perform(process, call)
                assert (call.err, call.rule) == (edge.err, edge.rule), (state.path(), edge)
                if call.err not in NO_RETURN and numbers(state.again) == numbers(state.process):
                    assert control_of(process) == edge.target.control, (state.path(), edge)
            assert control_of(idle) == state.control, state.path()
            compared += 1
    assert compared > 100


@pytest.mark.untraced
def test_states_are_cases_of_scenarios(exploration: Exploration) -> None:
    """The scenario runner gets to every state by the calls that the exploration found, with the same answers."""
    runnable = 0
    for state, case in zip(exploration.states(), exploration.cases(), strict=True):
        if not all(call["op"] in OPERATIONS for call in case["calls"]):
            continue
        way, last = [], state
        while (earlier := last.came_from) is not None:
            way.append(next(edge.err for edge in earlier.edges if edge.call == last.call))
            last = earlier
        assert [made["err"] for made in run_case(case)["r"]] == way[::-1], case
        runnable += 1
    assert runnable > 1000


def test_the_diagram_shows_the_phases(exploration: Exploration) -> None:
    """The diagram leads from no backup through databases and logs back again, by the calls that do it."""
    drawn = diagram(exploration.worlds["backup after backup"])
    assert drawn.startswith("stateDiagram-v2\n")
    boxes = dict(
        line.strip().removeprefix("state ").split(" as ")[::-1] for line in drawn.splitlines() if " as " in line
    )
    names = {number: box.strip('"') for number, box in boxes.items()}
    arrows = {}
    for line in drawn.splitlines():
        if "-->" in line:
            ways, calls = line.strip().split(": ", 1)
            before, after = ways.split(" --> ")
            arrows[names[before], names[after]] = set(calls.split(", "))
    assert "JetBeginExternalBackupInstance" in arrows["no backup", "full backup: databases"]
    assert "JetGetLogInfoInstance" in arrows["full backup: databases", "full backup: logs"]
    assert "JetStopBackupInstance" in arrows["full backup: logs", "full backup: logs, stopped"]
    assert "JetEndExternalBackupInstance" in arrows["full backup: logs, stopped", "no backup"]


def test_states_can_be_asked_for(exploration: Exploration) -> None:
    """A state is found by what it is like, the nearest one first; the calls that lead to it are a shortest list."""
    stopped = exploration.reaches(stopped_backup)
    assert stopped is not None
    assert [call["op"] for call in stopped.path()] == ["JetBeginExternalBackupInstance", "JetStopBackupInstance"]
    assert exploration.reaches(lambda state: len(state.process.live()) > 1) is None


def test_exploring_again_finds_the_same(exploration: Exploration) -> None:
    """An exploration depends on nothing but the table."""
    names = ["JetBackup", "sessions and databases"]
    again = explore(names)
    for name in names:
        found, before = again.worlds[name], exploration.worlds[name]
        assert [state.path() for state in found] == [state.path() for state in before]
        ends = [[(edge.err, edge.rule, edge.target.number) for edge in state.edges] for state in found]
        assert ends == [[(edge.err, edge.rule, edge.target.number) for edge in state.edges] for state in before]
    assert [case["calls"] for case in again.cases()] == [state.path() for state in again.states()]


def test_worlds_can_be_explored_alone() -> None:
    """A world can be chosen, and a smaller alphabet; what calls lead to that are not followed has no edges."""
    alone = explore(["backups barred"], ({"op": "JetStopBackupInstance"},))
    (state,) = alone.states()
    assert [edge.err for edge in state.edges] == [0]
    assert state.edges[0].target.number == BEYOND
    assert "1 states in 1 worlds" in repr(alone)
    assert repr(state).startswith("<state 0:")
    assert "JetStopBackupInstance" in repr(state.edges[0])
