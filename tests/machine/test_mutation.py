# SPDX-License-Identifier: MIT
"""Every rule of the table matters, and so does its place: each mutant of the table is told from it by some check.

A mutant lacks one rule, or has two neighbours in the other order.  What tells it apart is asked in the order of cost: a
call in a reachable state, then a written case, then a recorded one.  Mutants that cannot be told apart are named with
the reason, and a name is struck off as soon as something can.
"""

from collections.abc import Callable
from typing import Any

import pytest
from mutants import OUT_OF_ORDER, PARTS, Mutant, all_mutants, calls_with

from esemu.machine.explore import Edge, Exploration
from esemu.machine.explore.alphabet import made
from esemu.machine.explore.control import control_of
from esemu.machine.explore.twin import twin
from esemu.machine.rules import gate
from esemu.machine.step import NO_RETURN, UNDEFINED, Rule
from esemu.scenario import run_case
from esemu.scenario.calls import NAMES

pytestmark = pytest.mark.untraced

EXCLUSIVE = {
    "running_in_multi_instance_mode before running_mode_not_set": "a process has one running mode",
    "parameters_differ before already_one_instance": "a process has one running mode",
    "the_instance_exists before no_pointer_to_instance": "a process has one running mode",
    "no_room_for_unnamed before the_instance_exists": "a process has one running mode",
    "instance_to_start_unknown before unnamed_instance_exists": "a handle is nil or it is not",
    "parameter_instance_unknown before parameter_session_unknown": "the instance counts where no session is given",
    "surrogate_in_progress before backup_in_progress": "an instance has one backup",
    "database_file_read_only before database_file_missing": "a file that must not be written is there",
    "folder_write_protected before log_folder_missing": "a folder that must not be written is there",
    "everything_was_stopped before service_not_resumable": "no stop of the log is among what was stopped",
    "information_given_up before information_unknown": "what the engine does not tell any more is known",
    "information_of_another_size before information_given_up": "a level is of one kind",
    "information_does_not_fit before information_of_another_size": "likewise",
    "log_stop_with_others before everything_was_stopped": "a resumption that names the log is refused before",
}
"""Neighbours that never hold at once, and why."""

REPEATED = {
    "a database: without database_in_incremental_backup": "an incremental backup begins in its log phase, which the next rule refuses",
    "after the instance was taken: without surrogate_begin_not_logged": "log_write_failed has refused the call",
    "after the instance was taken: surrogate_begin_not_logged before checkpoint_unreadable": "likewise",
    "JetStopServiceInstance2: without service_not_resumable": "log_stop_with_others refuses what names the log",
    "JetGetLogInfoInstance2A.find: without handle_of_no_instance": "it was asked before all others",
    "JetGetLogInfoInstance2A.find: no_instance before handle_of_no_instance": "likewise",
}
"""Rules that refuse nothing which another has not refused or will not refuse with the same error."""

ELSEWHERE = {
    "ErrIsamTerm: term_inside_the_instance before term_waits_for_checkpoint": "it takes a callback from inside a call",
    "ErrIsamTerm: without term_inside_the_instance": "it takes a callback from inside a call",
    "ErrIsamAttachDatabase: without database_file_read_only": "it takes a file of the host: tests/faces/test_mounts.py",
    "after each piece: without copy_not_written": "likewise",
    "ErrDBCheckState: without copy_of_a_backup": "it takes bytes: tests/faces/test_database_state.py",
    "ErrInitComplete: without folder_write_protected": "likewise",
}
"""Rules that are tested with what none of these checks has."""


def is_equivalent(mutant: "Mutant") -> bool:
    """Whether nothing here can tell the mutant from the table."""
    return mutant.name.partition(": ")[2] in EXCLUSIVE or mutant.name in REPEATED or mutant.name in ELSEWHERE


def mutants() -> list[Mutant]:
    """Return every mutant, but for those of snapshots and waits, which `test_snapshot_mutation` has, and of restores."""
    return [mutant for mutant in all_mutants() if not (mutant.is_about_snapshots or mutant.is_about_restores)]


class Judge:
    """Tells mutants from the table."""

    def __init__(
        self, exploration: Exploration, written: list[dict[str, Any]], stage: Any, gates: Any, recordings: Any
    ) -> None:
        self.stage = stage
        self.gates = gates
        self.answers = recordings.answers
        self.edges: dict[tuple[str, Rule | None], list[Edge]] = {}
        for edge in exploration.edges():
            self.edges.setdefault((edge.call["op"], edge.rule), []).append(edge)
        self.written: dict[str, list[dict[str, Any]]] = {}
        for case in written:
            for error in {call[2] for call in case["calls"]}:
                self.written.setdefault(error, []).append(case)
        self.recorded: dict[tuple[str, int | str], list[tuple[dict[str, Any], Any]]] = {}
        pairs = [pair for name in ("directed", "random", "several") for pair in recordings.pairs(name)]
        for case, want in sorted(pairs, key=lambda pair: len(pair[0]["calls"])):
            answers = self.answers(want)
            for told in {(call["op"].rstrip("W"), call["err"]) for call in want["r"]}:
                self.recorded.setdefault(told, []).append((case, answers))

    def tells(self, mutant: Mutant) -> bool:
        """Whether some check tells the mutant from the table."""
        calls = calls_with(mutant.owner)
        likely = [edge for op in calls for edge in self.edges.get((op, mutant.rules[0]), ())]
        if len(mutant.rules) > 1:
            likely = [edge for edge in likely if both_hold(mutant.rules[1], edge)]
        errors = mutant.rules[0].errors
        with mutant.applied():
            return (
                self.enters_otherwise(mutant)
                or any(map(answers_otherwise, likely[:: len(likely) // MOST | 1]))
                or any(
                    self.plays_otherwise(case)
                    for error in errors
                    for case in self.written.get(NAMES.get(error, str(error)), ())
                )
                or any(
                    self.runs_otherwise(case, want)
                    for op in calls or ["JetBackupInstance", "JetInit"]
                    for error in errors
                    for case, want in self.recorded.get((op, "UB" if error == UNDEFINED else error), ())[:MOST]
                )
            )

    def enters_otherwise(self, mutant: Mutant) -> bool:
        """Whether the gate or the search for the instance answers otherwise."""
        if not any(rule.test.__module__ == gate.__name__ for rule in mutant.rules):
            return False
        try:
            return any(got != wanted for answers in self.gates for _, got, wanted in answers(mutant.owner.name))
        except OUT_OF_ORDER:
            return True

    def runs_otherwise(self, case: dict[str, Any], want: Any) -> bool:
        """Whether a recorded case is answered otherwise than recorded."""
        try:
            return bool(self.answers(run_case(case)) != want)
        except OUT_OF_ORDER:
            return True

    def plays_otherwise(self, case: dict[str, Any]) -> bool:
        """Whether a written case is answered otherwise than written."""
        try:
            stage = self.stage(case)
            for op, fields, error, *_ in case["calls"]:
                for _ in range(fields.get("times", 1)):
                    got, _ = stage.play(op, fields)
                if got != error:
                    return True
        except OUT_OF_ORDER:
            return True
        return False


MOST = 60
"""Calls or cases that are tried with one mutant."""


def both_hold(rule: Rule, edge: Edge) -> bool:
    """Whether a second rule refuses a call too."""
    process = edge.state.process
    call = made(edge.call, process)
    try:
        state = process if rule in (*call.api.before, *call.api.find) else process.live()[0]
        if call.handle in process.sessions:
            call.session = process.sessions[call.handle]
        return bool(rule.holds(state, call))
    except OUT_OF_ORDER:
        return True


def answers_otherwise(edge: Edge) -> bool:
    """Whether a call in a state returns or does something else now."""
    process = twin(edge.state.process)
    call = made(edge.call, process)
    try:
        call.api.perform(process, call)
    except OUT_OF_ORDER:
        return True
    return call.err != edge.err or (call.err not in NO_RETURN and control_of(process) != edge.target.control)


@pytest.fixture(scope="module")
def judge(
    exploration: Exploration, written: Any, stage: Any, gates: Any, recordings: Any, untraced: Callable[[], Any]
) -> Judge:
    """Return what tells mutants from the table."""
    with untraced():
        return Judge(exploration, written, stage, gates, recordings)


def test_every_rule_and_its_place_matter(judge: Judge) -> None:
    """Every mutant of the table is told from it, but for those that are named; and none of those can be told."""
    every = mutants()
    assert len(every) > 500
    survivors = {mutant.name for mutant in every if not judge.tells(mutant)}
    assert survivors == {mutant.name for mutant in every if is_equivalent(mutant)}
    named = {name.partition(": ")[2] for name in survivors} | survivors
    assert named >= EXCLUSIVE.keys() | REPEATED.keys() | ELSEWHERE.keys()


def test_nothing_tells_the_table_from_itself(judge: Judge) -> None:
    """What tells mutants from the table tells nothing while there is no mutant."""
    assert not any(answers_otherwise(edge) for edges in judge.edges.values() for edge in edges[::101])
    assert not any(judge.plays_otherwise(case) for cases in judge.written.values() for case in cases)
    assert not any(judge.runs_otherwise(*pair) for pairs in judge.recorded.values() for pair in pairs[:3])
    assert all(got == wanted for answers in judge.gates for _, got, wanted in answers("JetReadFileInstance"))


def test_the_table_is_whole_again() -> None:
    """Compiling the table anew changes nothing, and neither does a mutant that was taken back."""
    before = compiled()
    with next(mutant for mutant in mutants() if mutant.place == "steps").applied():
        assert compiled() != before
    assert compiled() == before


def compiled() -> list[tuple[Any, Any]]:
    """Return all programs, and the rules whose verdicts are remembered."""
    return [(part.program, getattr(part, "leading", ())) for part in PARTS]
