# SPDX-License-Identifier: MIT
"""What tells mutants of the table from it: calls in reachable states, the gate, and recorded cases."""

from collections.abc import Iterator
from typing import Any

from mutants import OUT_OF_ORDER, Mutant, calls_with

from esemu.machine import explore
from esemu.machine.explore import alphabet, snapshots
from esemu.machine.explore.control import control_of
from esemu.machine.explore.snapshots import alphabet as snapshots_alphabet, control as snapshots_control
from esemu.machine.explore.snapshots.search import perform
from esemu.machine.explore.twin import twin
from esemu.machine.rules import gate
from esemu.machine.step import FOR_EVER, NO_RETURN, UNDEFINED, Rule
from esemu.scenario import run_case

NAMES = {UNDEFINED: "UB", FOR_EVER: "BLOCKS"}
"""How recordings show calls that do not return."""


class Judge:
    """Tells mutants from the table; `most` calls or cases are tried with one of them."""

    most: int

    def __init__(self, exploration: Any, gates: Any, recordings: Any, names: tuple[str, ...]) -> None:
        self.gates = gates
        self.answers = recordings.answers
        self.edges: dict[tuple[str, Rule | None], list[Any]] = {}
        for edge in exploration.edges():
            self.edges.setdefault((edge.call["op"], edge.rule), []).append(edge)
        self.recorded: dict[tuple[str, int | str], list[tuple[dict[str, Any], Any]]] = {}
        pairs = [pair for name in names for pair in recordings.pairs(name)]
        for case, want in sorted(pairs, key=lambda pair: len(pair[0]["calls"])):
            answers = self.answers(want)
            for told in {(call["op"].rstrip("W"), call["err"]) for call in want["r"]}:
                self.recorded.setdefault(told, []).append((case, answers))

    def tells(self, mutant: Mutant) -> bool:
        """Whether some check tells the mutant from the table."""
        calls = calls_with(mutant.owner)
        likely = [edge for op in calls for edge in self.edges.get((op, mutant.rules[0]), ())]
        if len(mutant.rules) > 1:
            likely = [edge for edge in likely if self.refuses(mutant.rules[1], edge)]
        with mutant.applied():
            return any(self.checks(mutant, calls, likely[:: len(likely) // self.most | 1]))

    def checks(self, mutant: Mutant, calls: list[str], likely: list[Any]) -> Iterator[bool]:
        """Yield what each check says, in the order of their cost."""
        raise NotImplementedError

    def holds(self, rule: Rule, edge: Any) -> bool:
        """Whether a rule refuses the call of an edge."""
        raise NotImplementedError

    def refuses(self, rule: Rule, edge: Any) -> bool:
        """Whether a second rule refuses a call too."""
        try:
            return self.holds(rule, edge)
        except OUT_OF_ORDER:
            return True

    def enters_otherwise(self, mutant: Mutant) -> bool:
        """Whether the gate or the search for the instance answers otherwise."""
        if not any(rule.test.__module__ == gate.__name__ for rule in mutant.rules):
            return False
        try:
            return any(got != wanted for answers in self.gates for _, got, wanted in answers(mutant.owner.name))
        except OUT_OF_ORDER:
            return True

    def records_otherwise(self, mutant: Mutant, calls: list[str]) -> bool:
        """Whether a recorded case that has the error of the rule is answered otherwise."""
        return any(
            self.runs_otherwise(case, want)
            for op in calls
            for error in mutant.rules[0].errors
            for case, want in self.recorded.get((op, NAMES.get(error, error)), ())[: self.most]
        )

    def runs_otherwise(self, case: dict[str, Any], want: Any) -> bool:
        """Whether a recorded case is answered otherwise than recorded."""
        try:
            return bool(self.answers(run_case(case)) != want)
        except OUT_OF_ORDER:
            return True


def holds_in_table(rule: Rule, edge: explore.Edge) -> bool:
    """Whether a rule refuses the call of an edge."""
    process = edge.state.process
    call = alphabet.made(edge.call, process)
    state = process if rule in (*call.api.before, *call.api.find) else process.live()[0]
    if call.handle in process.sessions:
        call.session = process.sessions[call.handle]
    return bool(rule.holds(state, call))


def holds_with_snapshot(rule: Rule, edge: snapshots.Edge) -> bool:
    """Whether a rule refuses the call of an edge between states with a snapshot."""
    process = edge.state.process
    call = snapshots_alphabet.made(snapshots_alphabet.spelled(edge.call, process), process)
    instance = process.found.get(call.handle)
    return bool(rule.holds(process if instance is None else instance, call))


def table_answers_otherwise(edge: explore.Edge) -> bool:
    """Whether a call in a state returns or does something else now."""
    process = twin(edge.state.process)
    call = alphabet.made(edge.call, process)
    try:
        call.api.perform(process, call)
    except OUT_OF_ORDER:
        return True
    return call.err != edge.err or (call.err not in NO_RETURN and control_of(process) != edge.target.control)


def snapshot_answers_otherwise(edge: snapshots.Edge) -> bool:
    """Whether a call in a state with a snapshot returns or does something else now."""
    process = twin(edge.state.process)
    try:
        err, _ = perform(snapshots_alphabet.spelled(edge.call, process), process)
    except OUT_OF_ORDER:
        return True
    return err != edge.err or (err not in NO_RETURN and snapshots_control.control_of(process) != edge.after)
