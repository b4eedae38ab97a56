# SPDX-License-Identifier: MIT
"""What holds in every reachable state of the machine, and that the states of which it says something are reached.

Each property asserts that it was put to the test: a property of states that never occur would hold of any machine.
"""

from collections.abc import Iterator

import pytest

from esemu.machine.api import ApiCall
from esemu.machine.backup_state import Backup
from esemu.machine.calls import CALLS
from esemu.machine.effects.logs import generations
from esemu.machine.explore import Edge, Exploration, State
from esemu.machine.explore.alphabet import BOGUS, PAGE, STREAMING, made
from esemu.machine.explore.control import control_of
from esemu.machine.explore.twin import twin
from esemu.machine.lognames import generation_of
from esemu.machine.state import JET_INSTANCE_NIL, Instance
from esemu.machine.step import NO_RETURN
from esemu.vocabulary import errors as err

pytestmark = pytest.mark.untraced

STREAMING_CALLS = {call["op"] for call in STREAMING}
ENDS = {
    "JetEndExternalBackupInstance",
    "JetEndExternalBackupInstance2",
    "JetEndExternalBackup",
    "JetEndSurrogateBackup",
}
TERMS = {"JetTerm", "JetTerm2"}
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


def edges_where(exploration: Exploration, holds) -> Iterator[Edge]:
    """Return what calls do in the states for which `holds` says so."""
    for state in exploration.states():
        if holds(state):
            yield from state.edges


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
    strange = [edge for edge in exploration.edges() if edge.err in NO_RETURN]
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
