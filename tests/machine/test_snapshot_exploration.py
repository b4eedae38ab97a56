# SPDX-License-Identifier: MIT
"""What holds in every reachable state of two instances and a snapshot, and that what it speaks of is reached.

Each property is put to the test by states that could break it: how often is counted, or told by a set that is compared.
"""

import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from esemu.machine.calls import CALLS
from esemu.machine.explore.snapshots import WORLDS, Edge, Exploration, State, explore
from esemu.machine.explore.snapshots.alphabet import TIME_OUT, made, spelled
from esemu.machine.explore.snapshots.control import control_of
from esemu.machine.explore.snapshots.search import Search, perform
from esemu.machine.explore.starts import start
from esemu.machine.explore.twin import twin
from esemu.machine.rules import gate, waits
from esemu.machine.snapshot_state import (
    FROZEN,
    LOG_TRUNCATED,
    LOG_TRUNCATION_ALLOWED,
    PREPARED,
    TIMED_OUT,
    SnapshotSession,
)
from esemu.machine.state import Instance, Process
from esemu.machine.step import FOR_EVER, NO_RETURN, Wait
from esemu.scenario import run_case
from esemu.scenario.calls import OPERATIONS
from esemu.vocabulary import errors as err

THAW, ABORT = {"op": "JetOSSnapshotThaw", "grbit": 0}, {"op": "JetOSSnapshotAbort", "grbit": 0}
END_ABORT = {"op": "JetOSSnapshotEnd", "grbit": 1}
ENDINGS = (THAW, ABORT, TIME_OUT)
"""What ends a freeze."""


@pytest.fixture(scope="module")
def edges(snapshot_exploration: Exploration, untraced: Callable[[], Any]) -> list[Edge]:
    """Return what every call does in every state."""
    gc.disable()  # looking for garbage among so many edges takes longer than making them
    try:
        with untraced():
            return list(snapshot_exploration.edges())
    finally:
        gc.enable()


@pytest.fixture(scope="module")
def snapshot_edges(edges: list[Edge]) -> list[Edge]:
    """Return what snapshot calls do, and the time-out."""
    return [edge for edge in edges if "Snapshot" in edge.call["op"] or edge.call == TIME_OUT]


def snapshot_of(process: Process) -> SnapshotSession | None:
    """Return the only snapshot, None where there is none."""
    return next(iter(process.snapshots.values()), None)


def state_of(state: State) -> str:
    """Return the state of the snapshot, "" where there is none."""
    snapshot = snapshot_of(state.process)
    return snapshot.state if snapshot is not None else ""


def is_held(instance: Instance) -> bool:
    """Whether a frozen snapshot holds anything of the instance."""
    log = instance.log
    return instance.backup.lock is not None or log.checkpoint_lock is not None or log.stopped


def test_a_frozen_snapshot_holds_its_members(snapshot_exploration: Exploration) -> None:
    """All locks of all members, and a stopped log; and nothing of anybody is held in any other state."""
    members = set()
    for state in snapshot_exploration.states():
        snapshot = snapshot_of(state.process)
        for instance in state.process.live():
            if snapshot is not None and snapshot.state == FROZEN and instance.snapshot is snapshot:
                assert instance.backup.lock is instance.log.checkpoint_lock is snapshot, state
                assert instance.log.paused is not instance.circular, state
                assert instance.log.write_lock is (snapshot if instance.circular else None), state
            else:
                assert not is_held(instance), state
        if snapshot is not None and snapshot.state == FROZEN:
            members.add(len(snapshot.members(state.process)))
    assert members == {0, 1, 2}


def test_no_other_call_loses_a_lock(edges: list[Edge]) -> None:
    """A freeze ends with thaw, abort and time-out; a dirty term takes a member with it, and no call anything else."""
    ended = []
    taken = 0
    for edge in edges:
        if state_of(edge.state) != FROZEN or edge.target is None or edge.target is edge.state:
            continue
        if state_of(edge.target) != FROZEN:
            ended.append(edge.call)
        else:
            held, still = ({i.number: is_held(i) for i in end.process.live()} for end in (edge.state, edge.target))
            assert all(held[number] == still[number] for number in still), edge
            gone = [number for number in held if number not in still]
            if any(held[number] for number in gone):
                assert edge.call == {"op": "JetTerm2", "grbit": 8, "inst": gone[0]}
                taken += 1
    assert taken
    assert len(ended) > 100
    assert {tuple(call.items()) for call in ended} == {tuple(call.items()) for call in (*ENDINGS, END_ABORT)}


def test_a_thaw_after_the_time_out_says_so(snapshot_edges: list[Edge]) -> None:
    """JET_errOSSnapshotTimeOut after a time-out, success before it, and the wrong moment at any other time."""
    answers: dict[str, set[int]] = {}
    for edge in snapshot_edges:
        if edge.call == THAW:
            answers.setdefault(state_of(edge.state), set()).add(edge.err)
    sequence = {err.JET_errOSSnapshotInvalidSequence}
    assert answers == {
        "": {err.JET_errOSSnapshotInvalidSnapId},
        PREPARED: sequence,
        FROZEN: {0},
        TIMED_OUT: {err.JET_errOSSnapshotTimeOut},
        LOG_TRUNCATION_ALLOWED: sequence,
        LOG_TRUNCATED: sequence,
    }


@pytest.mark.untraced
def test_a_time_out_lets_everybody_go(snapshot_edges: list[Edge]) -> None:
    """No member is left, nobody is in a backup for the snapshot's sake, and a backup can begin."""
    begun = 0
    for edge in snapshot_edges:
        if edge.call == TIME_OUT and edge.target is not edge.state:
            assert edge.target is not None, edge
            snapshot = snapshot_of(edge.target.process)
            assert snapshot is not None, edge
            assert snapshot.state == TIMED_OUT
            assert snapshot.members(edge.target.process) == []
            for before, after in zip(edge.state.process.live(), edge.target.process.live(), strict=True):
                if before.snapshot is not None:
                    assert not after.backup.in_progress, edge
                    begun += begins(edge.target.process, after) == 0
    assert begun > 100


def begins(process: Process, instance: Instance) -> int:
    """Return what JetBeginExternalBackupInstance would return."""
    copy = twin(process)
    return perform({"op": "JetBeginExternalBackupInstance", "grbit": 0, "inst": instance.number}, copy)[0]


def test_the_end_always_frees(snapshot_edges: list[Edge]) -> None:
    """After End, Abort or the thaw of a snapshot that ends with it, nothing of the snapshot is left on any instance."""
    ways = set()
    for edge in snapshot_edges:
        if state_of(edge.state) and edge.target is not None and not state_of(edge.target):
            for before, after in zip(edge.state.process.live(), edge.target.process.live(), strict=True):
                assert after.snapshot is None, edge
                assert not is_held(after), edge
                if before.snapshot is not None:
                    backup = after.backup
                    assert (backup.in_progress, backup.streaming, backup.stop_requested) == (False, False, False), edge
            ways.add((edge.call["op"], state_of(edge.state), edge.err))
    assert ways == {
        ("JetOSSnapshotEnd", PREPARED, 0),
        ("JetOSSnapshotEnd", LOG_TRUNCATION_ALLOWED, 0),
        ("JetOSSnapshotEnd", LOG_TRUNCATED, 0),
        ("JetOSSnapshotEnd", FROZEN, 0),  # with JET_bitAbortSnapshot, as the next
        ("JetOSSnapshotEnd", TIMED_OUT, 0),
        ("JetOSSnapshotAbort", PREPARED, 0),
        ("JetOSSnapshotAbort", FROZEN, 0),
        ("JetOSSnapshotAbort", TIMED_OUT, 0),
        ("JetOSSnapshotAbort", LOG_TRUNCATION_ALLOWED, 0),
        ("JetOSSnapshotAbort", LOG_TRUNCATED, 0),
        ("JetOSSnapshotThaw", FROZEN, 0),
        ("JetOSSnapshotThaw", TIMED_OUT, err.JET_errOSSnapshotTimeOut),
    }


WAITERS = {
    "backup_lock_held": {
        "JetBeginExternalBackupInstance",
        "JetBeginSurrogateBackup",
        "JetBackupInstance",
        "JetAttachDatabase",
        "JetDetachDatabase",
    },
    "checkpoint_lock_held": {"JetEndExternalBackupInstance"},
    "generation_not_reached": {"JetGetLogInfoInstance", "JetGetTruncateLogInfoInstance"},
    "creation_not_logged": {"JetCreateDatabase"},
    "log_not_flushed": {"JetStopServiceInstance2"},
    "freeze_bars_term": {"JetTerm", "JetTerm2"},
    "member_of_snapshot": {"JetTerm", "JetTerm2"},
    "log_not_stopped": {"JetOSSnapshotFreeze", "JetOSSnapshotFreezeA"},
}
"""Which calls wait, and by which rule: snapshots-observed and io.cxx, backup.cxx, jetapi.cxx as the rules say."""


def test_who_waits_for_a_snapshot(edges: list[Edge]) -> None:
    """These calls wait for a frozen snapshot, a term for any snapshot, and no call for anything else."""
    waiting: dict[str, set[str]] = {}
    for edge in edges:
        if edge.err == FOR_EVER:
            assert isinstance(edge.rule, Wait), edge
            waiting.setdefault(edge.rule.name, set()).add(edge.call["op"])
            bound_to_frozen = edge.rule.name not in {"member_of_snapshot", "log_not_stopped"}
            assert not bound_to_frozen or state_of(edge.state) == FROZEN, edge
    assert waiting == WAITERS


@pytest.mark.untraced
@pytest.mark.untraced
def test_every_wait_ends_with_the_freeze(edges: list[Edge]) -> None:
    """Thaw, abort and time-out end whatever waits for a frozen snapshot; only a term waits on, for the snapshot's end."""
    ended, stays, seen = set(), set(), set()
    for edge in edges:
        if edge.err != FOR_EVER or state_of(edge.state) != FROZEN:
            continue
        kind = (edge.rule, edge.call["op"], edge.call.get("grbit"), edge.state.control[edge.call["inst"] + 1])
        if kind in seen:
            continue
        seen.add(kind)
        for ending in ENDINGS:
            process = twin(edge.state.process)
            waiter = made(edge.call, process)
            waiter.api.perform(process, waiter)
            process.snapshot_lock = None  # the term is given up here: the next test has it go on
            instance = process.instances[edge.call["inst"]]
            assert edge.rule is not None
            assert edge.rule.holds(instance, waiter), edge
            perform(ending, process)
            assert not edge.rule.holds(instance, waiter), edge
            ended.add((edge.rule.name, ending["op"]))
            if waits.member_of_snapshot.holds(instance, waiter):
                stays.add(ending["op"])
    assert len(ended) == 6 * len(ENDINGS)
    assert stays == {"JetOSSnapshotThaw"}


def lost_backups(edge: Edge) -> Iterator[Instance]:
    """Return the instances whose own backups, begun by a client, are gone after a snapshot call."""
    if any(map(has_own_backup, edge.state.process.live())):
        process = twin(edge.state.process)
        running = [instance for instance in process.live() if has_own_backup(instance)]
        perform(edge.call, process)
        yield from (instance for instance in running if not instance.backup.in_progress)


def has_own_backup(instance: Instance) -> bool:
    """Whether the backup that runs is a client's; a freeze sets the same flags, and a range that a begin clears."""
    snapshot, backup = instance.snapshot, instance.backup
    return backup.in_progress and (snapshot is None or snapshot.state == PREPARED or backup.copy_high == 0)


@pytest.mark.untraced
@pytest.mark.untraced
def test_how_snapshots_end_backups_of_others(snapshot_edges: list[Edge]) -> None:
    """In four ways, each without a word to the backup's client, whose next call is told that there is no backup."""
    ways, told = set(), set()
    for edge in snapshot_edges:
        if edge.after == edge.state.control or edge.call["op"].startswith("JetOSSnapshotPrepare"):
            continue
        for instance in lost_backups(edge):
            ways.add((edge.call["op"].removesuffix("A"), state_of(edge.state), edge.err))
            for call in ({"op": "JetGetAttachInfoInstance"}, {"op": "JetEndExternalBackupInstance2", "grbit": 1}):
                told.add(perform({**call, "inst": instance.number}, twin(instance.process))[0])
    assert ways == {
        ("JetOSSnapshotFreeze", PREPARED, err.JET_errOSSnapshotNotAllowed),
        ("JetOSSnapshotEnd", PREPARED, 0),
        ("JetOSSnapshotAbort", PREPARED, 0),
        ("JetOSSnapshotEnd", LOG_TRUNCATION_ALLOWED, 0),
        ("JetOSSnapshotEnd", LOG_TRUNCATED, 0),
        ("JetOSSnapshotAbort", LOG_TRUNCATION_ALLOWED, 0),
        ("JetOSSnapshotAbort", LOG_TRUNCATED, 0),
    }
    assert told == {err.JET_errNoBackup}


def test_a_member_cannot_be_in_two_snapshots(edges: list[Edge]) -> None:
    """JetOSSnapshotPrepareInstance refuses whoever is in a snapshot, in a backup, or barred from backups."""
    outcomes = set()
    for edge in edges:
        if edge.call["op"] != "JetOSSnapshotPrepareInstance" or edge.call.get("grbit") != 0:
            continue
        instance = edge.state.process.instances[edge.call["inst"]]
        assert instance is not None
        if state_of(edge.state) == PREPARED and instance.initialized and not instance.service_stopped:
            free = instance.snapshot is None and not instance.backup.in_progress and instance.backup_allowed
            assert edge.err == (0 if free else err.JET_errOSSnapshotNotAllowed), edge
            outcomes.add((instance.snapshot is None, instance.backup.in_progress, edge.err))
    assert len(outcomes) == 5


@pytest.mark.untraced
def test_no_snapshot_call_looks_at_the_stop_flag(snapshot_exploration: Exploration) -> None:
    """JetStopBackupInstance stops no snapshot: every snapshot call answers as if there had been no stop."""
    compared = 0
    for search in snapshot_exploration.searches.values():
        for state in search.states:
            if not any(instance.backup.stop_requested for instance in state.process.live()):
                continue
            going_on = twin(state.process)
            for instance in going_on.live():
                instance.backup.stop_requested = False
            for edge in search.edges(state):
                if "Snapshot" in edge.call["op"] and "inst" not in edge.call:
                    process = twin(going_on)
                    assert perform(edge.call, process) == (edge.err, edge.rule), edge
                    compared += 1
    assert compared > 200


def test_the_members_are_told(snapshot_exploration: Exploration) -> None:
    """JetOSSnapshotGetFreezeInfo lists the members in every state, and none after a time-out."""
    counts = set()
    for state in snapshot_exploration.states():
        snapshot = snapshot_of(state.process)
        if snapshot is not None:
            call = made({"op": "JetOSSnapshotGetFreezeInfo"}, state.process)
            assert call.api.perform(state.process, call) == 0
            members = [instance.handle for instance in snapshot.members(state.process)]
            assert [info.handle for info in call.result] == members
            counts.add((snapshot.state, len(members)))
    assert (TIMED_OUT, 0) in counts
    assert (TIMED_OUT, 1) not in counts
    assert {(PREPARED, 2), (FROZEN, 2), (LOG_TRUNCATION_ALLOWED, 2), (LOG_TRUNCATED, 2)} <= counts


def test_what_a_refused_snapshot_call_changes(snapshot_edges: list[Edge]) -> None:
    """A refused freeze throws members out, a refused truncation uses up the range, a late thaw may end the snapshot."""
    changing = {
        (edge.call["op"].removesuffix("A"), edge.rule.name)
        for edge in snapshot_edges
        if edge.err < 0 and edge.rule is not None and edge.after != edge.state.control
    }
    assert changing == {
        ("JetOSSnapshotFreeze", "member_in_backup"),
        ("JetOSSnapshotFreeze", "full_snapshot_missing"),
        ("JetOSSnapshotFreeze", "snapshot_generation_gap"),
        ("JetOSSnapshotFreeze", "incremental_snapshot_with_circular_log"),
        ("JetOSSnapshotFreeze", "freeze_not_logged"),
        ("JetOSSnapshotTruncateLog", "logs_to_keep_missing"),
        ("JetOSSnapshotTruncateLogInstance", "logs_to_keep_missing"),
        ("JetOSSnapshotThaw", "timed_out"),
    }


ELSEWHERE = {
    "log_not_deleted": "a log that somebody keeps open",
    "snapshot_calls_locked": "a term in another thread",
    "snapshot_lets_go": "a time-out in the middle",
    "timed_out_while_aborted": "a time-out in the middle",
}
"""Rules that refuse nothing in any of these states, and what it takes; the schedules of threads have the races."""


def test_every_rule_of_snapshots_refuses_something(edges: list[Edge]) -> None:
    """But for what happens in races, each rule of a snapshot call is the one that refuses a call somewhere."""
    asked = {
        rule.name
        for name, api in CALLS.items()
        for rule in api.rules()
        if "Snapshot" in name and rule.test.__module__ != gate.__name__
    }
    refusing = {edge.rule.name for edge in edges if edge.rule is not None}
    assert asked - refusing == ELSEWHERE.keys()


@pytest.mark.untraced
@pytest.mark.untraced
def test_the_control_state_is_fine_enough(snapshot_exploration: Exploration) -> None:
    """A state that was found on two ways, or whose answers were worked out elsewhere, answers every call so itself."""
    compared = 0
    for search in snapshot_exploration.searches.values():
        for state in search.states[:: max(1, len(search.states) // 2)]:
            for process in filter(None, (state.process, state.again)):
                for edge in search.edges(state):
                    reached = twin(process)
                    assert perform(spelled(edge.call, process), reached) == (edge.err, edge.rule), (state.path(), edge)
                    assert edge.err in NO_RETURN or control_of(reached) == edge.after, (state.path(), edge)
                compared += 1
    assert compared > 50


@pytest.mark.untraced
@pytest.mark.untraced
def test_states_are_cases_of_scenarios(snapshot_exploration: Exploration) -> None:
    """The scenario runner gets to a state by the calls that the exploration found, and to the same snapshot."""
    runnable = 0
    for state, case in [*snapshot_exploration.cases()][::5]:
        if all(call["op"] in OPERATIONS for call in case["calls"]):
            results = run_case(case)["r"]
            assert [result["op"] for result in results] == [call["op"] for call in case["calls"]]
            snapshots: list[list[object]] = []
            for result in results:
                snapshots = result.get("s", {}).get("snap", snapshots) or []
            assert bool(snapshots) == bool(state_of(state)), case
            if snapshots:
                assert snapshots[0][1] == state_of(state), case
            runnable += 1
    assert runnable > 200


def test_exploring_some_worlds() -> None:
    """A world can be chosen, whether garbage is looked for or not; states and edges show what they are."""
    gc.disable()
    try:
        found = explore(["services"])
        assert not gc.isenabled()
    finally:
        gc.enable()
    assert repr(found) == f"<exploration: {len(list(found.states()))} states in 1 worlds>"
    assert [case["calls"] for _, case in found.cases()] == [state.path() for state in found.states()]
    edge, *_ = found.edges()
    assert repr(edge).startswith("<0 --{'op': 'JetOSSnapshot")
    assert repr(edge.state).startswith("<state 0: [<instance 0 inst0: <no backup>>")


def test_a_search_without_end_gives_up() -> None:
    """A control state that is too fine would be found out."""
    world, followed = WORLDS["copy"]
    with pytest.raises(AssertionError, match="more than 10 states"):
        Search(start(world), followed, limit=10).run()
