# SPDX-License-Identifier: MIT
"""What holds in every reachable state of the machine, and that the states of which it says something are reached.

Each property asserts that it was put to the test: a property of states that never occur would hold of any machine.
"""

from collections.abc import Iterator

import pytest

from esemu.machine.api import ApiCall
from esemu.machine.calls import CALLS
from esemu.machine.effects.logs import generations
from esemu.machine.explore import ALPHABET, Edge, Exploration, State, diagram, explore
from esemu.machine.explore.alphabet import BOGUS, PAGE, STREAMING, made
from esemu.machine.explore.control import control_of
from esemu.machine.explore.search import BEYOND
from esemu.machine.explore.twin import twin
from esemu.machine.lognames import generation_of
from esemu.machine.state import JET_INSTANCE_NIL, Backup, Instance, Process
from esemu.machine.step import FOR_EVER, UNDEFINED
from esemu.scenario import run_case
from esemu.scenario.calls import OPERATIONS
from esemu.vocabulary import errors as err

STREAMING_CALLS = {call["op"] for call in STREAMING}
ENDS = {
    "JetEndExternalBackupInstance",
    "JetEndExternalBackupInstance2",
    "JetEndExternalBackup",
    "JetEndSurrogateBackup",
}
TERMS = {"JetTerm", "JetTerm2"}
ABOUT_PROCESSES = {
    "JetCreateInstance",
    "JetCreateInstance2",
    "JetEnableMultiInstance",
    "JetGetSystemParameter",
    "JetInit",
    "JetInit2",
    "JetInit3",
    "JetSetSystemParameter",
}
"""Calls that make instances or change parameters, not the state of one instance."""
GATE = {
    err.JET_errInvalidInstance,
    err.JET_errClientRequestToStopJetService,
    err.JET_errInstanceUnavailable,
    err.JET_errInstanceUnavailableDueToFatalLogDiskFull,
    err.JET_errTermInProgress,
    err.JET_errRestoreInProgress,
    err.JET_errNotInitialized,
}
"""What the gate refuses with."""


def instance_of(state: State) -> Instance | None:
    """Return the only instance, None where it is gone."""
    live = state.process.live()
    return live[0] if live else None


def backup_of(state: State) -> Backup:
    """Return the backup of the only instance; that of one that is gone never was."""
    instance = instance_of(state)
    return Backup() if instance is None else instance.backup


def numbers(process: Process) -> list[int]:
    """Return what differs between states that are taken for one: the newest log, how deep and how often."""
    found = []
    for instance in process.live():
        found.append(instance.log.generation)
        found += [session.level for session in instance.sessions.values()]
        found += [len(database.open_by) for database in instance.databases]
    return found


def edges_where(exploration: Exploration, holds) -> Iterator[Edge]:
    """Return what calls do in the states for which `holds` says so."""
    for state in exploration.states():
        if holds(state):
            yield from state.edges


def test_every_state_has_every_call(exploration: Exploration) -> None:
    """What each call of the table does is known in each state, the snapshots' calls and those of the process apart."""
    assert all(len(state.edges) == len(ALPHABET) for state in exploration.states())
    called = {call["op"] for call in ALPHABET}
    assert {name for name in CALLS if name not in called and "Snapshot" not in name} == ABOUT_PROCESSES


def test_after_a_stop_only_closing_and_ending_are_left(exploration: Exploration) -> None:
    """While a stopped backup is not ended, streaming calls return JET_errBackupAbortByServer but for Close and End."""
    answers: dict[str, set[int]] = {}
    for edge in edges_where(exploration, lambda state: backup_of(state).streaming and backup_of(state).stop_requested):
        if edge.call["op"] in STREAMING_CALLS and "inst" not in edge.call and edge.err not in GATE:
            answers.setdefault(edge.call["op"], set()).add(edge.err)
    stopped = {err.JET_errBackupAbortByServer}
    before_all = {
        "JetGetLogInfoInstance2A": {err.JET_errInvalidParameter},
        "JetOpenFileSectionInstance": {err.JET_wrnNyi},
    }
    for op in STREAMING_CALLS - ENDS - {"JetCloseFileInstance", "JetStopBackupInstance"}:
        if "Begin" in op:
            assert 0 not in answers[op]
            assert err.JET_errBackupInProgress in answers[op]
        else:
            assert answers[op] == stopped | before_all.get(op, set()), op
    assert 0 in answers["JetCloseFileInstance"]
    assert 0 in answers["JetEndExternalBackupInstance"]


def test_end_leaves_no_backup(exploration: Exploration) -> None:
    """Every End that the gate lets in and whose grbit is right ends a backup of whatever kind, stopped or not."""
    ended = set()
    for edge in edges_where(exploration, lambda state: backup_of(state).in_progress):
        if edge.call["op"] in ENDS and edge.err not in GATE and edge.call.get("grbit", 1) & 3 in {1, 2}:
            if edge.err == err.JET_errRunningInMultiInstanceMode:
                continue
            assert edge.err == 0, edge
            after = backup_of(edge.target)
            assert (after.in_progress, after.streaming, after.stop_requested) == (False, False, False), edge
            before = backup_of(edge.state)
            ended.add((before.streaming, before.full, before.stop_requested, edge.call["op"]))
    assert len({(streaming, full, stopped) for streaming, full, stopped, _ in ended}) == 8


def test_nothing_else_ends_a_backup(exploration: Exploration) -> None:
    """But for End and the end of the instance, only opening or reading a file after the logs were listed can end it."""
    ending = set()
    for edge in edges_where(exploration, lambda state: backup_of(state).in_progress):
        if not backup_of(edge.target).in_progress and edge.call["op"] not in ENDS | TERMS:
            assert edge.err < 0, edge
            assert backup_of(edge.state).phase > 1, edge
            ending.add(edge.call["op"])
    assert ending == {"JetOpenFileInstance", "JetReadFileInstance", "JetOpenFileSectionInstance", "JetOpenFile"}


def test_a_surrogate_backup_excludes_streaming(exploration: Exploration) -> None:
    """During a surrogate backup there is no streaming backup to call, and none can begin."""
    begins = set()
    for edge in edges_where(exploration, lambda state: backup_of(state).in_progress and not backup_of(state).streaming):
        op = edge.call["op"]
        if op not in STREAMING_CALLS or op in ENDS or op == "JetStopBackupInstance" or edge.err in GATE:
            continue
        if "Begin" in op:
            assert edge.err < 0
            begins.add(edge.err)
        else:
            assert edge.err in {err.JET_errNoBackup, err.JET_errInvalidParameter, err.JET_wrnNyi}, edge
            assert edge.target is edge.state
    assert err.JET_errSurrogateBackupInProgress in begins


def test_truncation_deletes_what_was_listed(exploration: Exploration) -> None:
    """JetTruncateLog deletes the logs that JetGetTruncateLogInfo names, those that exist, and no others."""
    deleted = set()
    for edge in exploration.edges():
        instance = instance_of(edge.state)
        if edge.call["op"] != "JetTruncateLogInstance" or edge.err or instance is None:
            continue
        asked = twin(edge.state.process)
        listing = made({"op": "JetGetTruncateLogInfoInstance"}, asked)
        assert listing.api.perform(asked, listing) == 0
        listed = {generation_of(instance, name) for name in listing.result}
        target = instance_of(edge.target)
        assert target is not None
        before, after = set(generations(instance)), set(generations(target))
        assert before - after == listed & before, edge
        deleted |= before - after
    assert deleted


def test_a_stop_does_not_take_the_data_of_a_read(exploration: Exploration) -> None:
    """A read that is past its tests when the stop comes delivers what it would have delivered, with JET_errSuccess."""
    description = {"op": "JetReadFileInstance", "cb": 16 * PAGE}
    delivered = 0
    for state in exploration.states():
        slot = backup_of(state).slot
        edge = next(edge for edge in state.edges if edge.call == description)
        if edge.err or slot.database is None or not slot.in_use or slot.database.copied_most == slot.database.most:
            continue
        process = twin(state.process)
        database = process.live()[0].backup.slot.database
        assert database is not None
        stop = made({"op": "JetStopBackupInstance"}, process)

        class StopWhileReading:
            def check(self, first: int, last: int, process=process, stop=stop) -> int:
                return stop.api.perform(process, stop)

        database.faults = StopWhileReading()
        read = made(description, process)
        assert read.api.perform(process, read) == 0
        assert read.result.last == slot.database.most
        assert process.live()[0].backup.stop_requested
        again = made(description, process)
        assert again.api.perform(process, again) == err.JET_errBackupAbortByServer
        delivered += 1
    assert delivered > 10


def inside(api: ApiCall) -> set:
    """Return the rules that a call can be refused by, those of the calls that it makes inside the engine included."""
    rules = {*api.before, *api.find, *api.gate, *api.rules()}
    if hasattr(api, "afterwards"):
        rules |= {*api.afterwards.rules()}
    if hasattr(api, "target"):
        rules |= inside(api.target)
    if api.name.startswith("JetBackup"):
        for name in ("JetBeginExternalBackupInstance", "JetOpenFileInstance", "JetReadFileInstance"):
            rules |= inside(CALLS[name])
        rules |= inside(CALLS["JetGetLogInfoInstance"]) | inside(CALLS["JetTruncateLogInstance"])
    return rules


def test_a_call_answers_what_its_rules_declare(exploration: Exploration) -> None:
    """Every error is one of those that the rule which refused the call declares, and the rule stands in its row."""
    rules = {name: inside(api) for name, api in CALLS.items()}
    for edge in exploration.edges():
        if edge.rule is None:
            assert edge.err in {0, err.JET_wrnDatabaseAttached}, edge
        else:
            assert edge.err in edge.rule.errors, edge
            assert edge.rule in rules[edge.call["op"]], edge


def test_undefined_behaviour_is_never_an_error_number(exploration: Exploration) -> None:
    """What would crash the engine or never return is told apart from every answer, and does not happen by the way."""
    strange = [edge for edge in exploration.edges() if edge.err in {UNDEFINED, FOR_EVER}]
    assert strange
    assert all(edge.rule is not None and edge.target is edge.state for edge in strange)


def test_a_call_refused_at_once_changes_nothing(exploration: Exploration) -> None:
    """However many calls the leading rules refuse, the state stays, and each is answered as if it were the first."""
    refused = 0
    for state in exploration.states():
        process = twin(state.process)
        for edge in state.edges:
            api = CALLS[edge.call["op"]]
            if edge.rule is not None and edge.rule in (*api.before, *api.find, *api.leading):
                call = made(edge.call, process)
                assert (api.perform(process, call), call.rule) == (edge.err, edge.rule), edge
                refused += 1
        assert control_of(process) == state.control
    assert refused > 10_000


def test_remembered_verdicts_are_those_of_the_present(exploration: Exploration) -> None:
    """Whatever a call changes, a verdict that is remembered afterwards is what the leading rules say afterwards."""
    remembered = forgotten = 0
    for state in [*exploration.states()][::5]:
        for edge in state.edges:
            if edge.target is state:
                continue
            process = twin(state.process)
            (instance,) = process.live()
            verdicts = instance.verdicts = {api: api.verdict(instance) for api in CALLS.values() if api.leading}
            call = made(edge.call, process)
            call.api.perform(process, call)
            forgotten += instance.verdicts is not verdicts
            remembered += instance.verdicts is verdicts
            for api, verdict in instance.verdicts.items():
                assert not isinstance(api, ApiCall) or verdict is api.verdict(instance), (edge, api)
    assert remembered
    assert forgotten


@pytest.mark.parametrize("handle", [0, JET_INSTANCE_NIL, BOGUS, None])
def test_handles_are_found_as_the_rules_say(exploration: Exploration, handle: int | None) -> None:
    """The table of handles finds an instance exactly where no rule about the handle refuses it."""
    outcomes = set()
    for state in exploration.states():
        process = state.process
        call = made({"op": "JetStopBackupInstance"}, process)
        call.handle = call.handle if handle is None else handle
        refusing = [rule for rule in call.api.find if rule.holds(process, call)]
        in_one_mode_without_validation = process.mode == 1 and not process.validates_handles
        if not in_one_mode_without_validation:
            assert (call.handle in process.found) == (not refusing)
        outcomes.add(bool(refusing))
    assert True in outcomes


def test_the_control_state_is_fine_enough(exploration: Exploration) -> None:
    """A state that was found on two ways answers every call alike on both."""
    compared = 0
    for states in exploration.worlds.values():
        for state in states[:: max(1, len(states) // 40)]:
            if state.again is None:
                continue
            for edge in state.edges:
                process = twin(state.again)
                call = made(edge.call, process)
                if "edb0" in (edge.call.get("name") or ""):
                    continue  # the numbers of logs are where the two may differ
                call.api.perform(process, call)
                assert (call.err, call.rule) == (edge.err, edge.rule), (state.path(), edge)
                if call.err not in {UNDEFINED, FOR_EVER} and numbers(state.again) == numbers(state.process):
                    assert control_of(process) == edge.target.control, (state.path(), edge)
            compared += 1
    assert compared > 100


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
    stopped = exploration.reaches(lambda state: backup_of(state).stop_requested and backup_of(state).in_progress)
    assert stopped is not None
    assert [call["op"] for call in stopped.path()] == ["JetBeginExternalBackupInstance", "JetStopBackupInstance"]
    assert exploration.reaches(lambda state: len(state.process.live()) > 1) is None


def test_worlds_can_be_explored_alone() -> None:
    """A world can be chosen, and a smaller alphabet; what calls lead to that are not followed has no edges."""
    alone = explore(["backups barred"], ({"op": "JetStopBackupInstance"},))
    (state,) = alone.states()
    assert [edge.err for edge in state.edges] == [0]
    assert state.edges[0].target.number == BEYOND
    assert "1 states in 1 worlds" in repr(alone)
    assert repr(state).startswith("<state 0:")
    assert "JetStopBackupInstance" in repr(state.edges[0])
