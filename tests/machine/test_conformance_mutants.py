# SPDX-License-Identifier: MIT
"""A comparison of implementations finds every mutant of the table when the mutant is the implementation.

What is played against a mutant are cases of a whole comparison.  Which of them are likely to tell it is asked of the
machine, in the state where a case makes its last call: those that answer otherwise there are played, until one tells it.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import pytest
from equivalents import OF_RESTORES, OF_SNAPSHOTS, is_equivalent, of_the_table
from judges import NAMES, holds_in_table, holds_with_snapshot, snapshot_answers_otherwise, table_answers_otherwise
from mutants import OUT_OF_ORDER, Mutant, all_mutants, calls_with

from esemu.faces.library import Library
from esemu.machine.explore import Exploration, snapshots as explored
from esemu.testing.conformance.cases import snapshots, states
from esemu.testing.conformance.cases.arguments import with_arguments
from esemu.testing.conformance.cases.directed import directed
from esemu.testing.conformance.cases.gate import at_the_gate
from esemu.testing.conformance.cases.restores import of_restores
from esemu.testing.conformance.difference import difference
from esemu.testing.conformance.players.calls import OPERATIONS
from esemu.testing.conformance.players.in_front import in_front

pytestmark = pytest.mark.untraced

PLAY = in_front(Library)

MOST = 60
"""Calls in enumerated states that are asked about one mutant."""

MOST_OTHERS = 120
"""Other cases that are played against it, a quarter of them where nothing is to tell it."""

Case = dict[str, Any]


class Comparison:
    """Cases of a comparison by the calls that they are about and what these answer."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self.cases: dict[str, dict[int | str, list[tuple[Case, Any]]]] = {}  # by call and error
        for case in cases:
            answers = PLAY(case)
            for op, error in {(answer["op"].rstrip("W"), answer["err"]) for answer in answers}:
                self.cases.setdefault(op, {}).setdefault(error, []).append((case, answers))

    def tells(self, mutant: Mutant) -> bool:
        """Whether a case is answered otherwise by the mutant."""
        with mutant.applied():
            about = islice(self.about(mutant), 0, MOST_OTHERS, 4 if is_hidden(mutant) else 1)
            return any(difference(case, expected, PLAY) is not None for case, expected in about)

    def about(self, mutant: Mutant) -> Iterator[tuple[Case, Any]]:
        """Return the cases about the mutant's calls, those first that have the error of its rule."""
        found = [self.cases.get(op, {}) for op in calls_with(mutant.owner) or ["JetBackupInstance", "JetInit"]]
        errors = {NAMES.get(error, error) for error in mutant.rules[0].errors}
        for errs in (errors, {error for each in found for error in each} - errors):
            for each in found:
                for error in sorted(errs, key=str):
                    yield from each.get(error, ())


class ComparisonOfStates(Comparison):
    """The same with calls in enumerated states, of which the machine says which are likely to tell a mutant.

    `holds` says whether a rule refuses the call of an edge, `otherwise` whether it is answered otherwise now, and `case_of`
    makes its case.  `others` are cases of no edge.
    """

    def __init__(
        self,
        edges: Iterable[Any],
        case_of: Callable[[Any], Case],
        holds: Callable[[Any, Any], bool],
        otherwise: Callable[[Any], bool],
        others: Iterable[Case],
    ) -> None:
        super().__init__(others)
        self.case_of = case_of
        self.holds = holds
        self.otherwise = otherwise
        self.edges: dict[tuple[str, Any], list[Any]] = {}
        for edge in edges:
            self.edges.setdefault((edge.call["op"], edge.rule), []).append(edge)

    def tells(self, mutant: Mutant) -> bool:
        """Whether a case is answered otherwise by the mutant."""
        with mutant.applied():
            likely = list(islice(filter(self.otherwise, self.asked(mutant)), 3))
        for case in map(self.case_of, likely):
            expected = PLAY(case)
            with mutant.applied():
                if difference(case, expected, PLAY) is not None:
                    return True
        return super().tells(mutant)

    def asked(self, mutant: Mutant) -> list[Any]:
        """Return calls that a rule of the mutant refuses, and the other one too where two have changed places."""
        first, *second = mutant.rules
        edges = [edge for op in calls_with(mutant.owner) for edge in self.edges.get((op, first), ())]
        edges = [edge for edge in edges if all(self.refuses(rule, edge) for rule in second)]
        return edges[:: len(edges) // MOST + 1]

    def refuses(self, rule: Any, edge: Any) -> bool:
        """Whether a second rule refuses a call too."""
        try:
            return self.holds(rule, edge)
        except OUT_OF_ORDER:
            return True


FACE = {
    "JetSetSystemParameter: without value_of_wrong_kind": "a library is handed both a number and a string",
    "JetSetSystemParameter: locked_by_mode before value_of_wrong_kind": "likewise",
    "JetGetSystemParameter: without string_does_not_fit": "the library looks at the room before it copies",
    "to ANSI: without ansi_list_too_long": "likewise",
}
"""Mutants that the library in front of them hides."""


def is_hidden(mutant: Mutant) -> bool:
    """Whether nothing that goes through a library can tell a mutant: two rules with one error are one to a client."""
    named = is_equivalent(mutant) or mutant.name in FACE or mutant.name in OF_SNAPSHOTS
    of_restores = mutant.is_about_restores and mutant.name.partition(": ")[2] in OF_RESTORES
    return named or of_restores or mutant.name.endswith(".find: without instance_not_given")


def is_compared(mutant: Mutant) -> bool:
    """Whether a comparison makes a call that the mutant is about."""
    calls = calls_with(mutant.owner)
    return not calls or any(call in OPERATIONS for call in calls)


def test_every_mutant_is_found(exploration: Exploration) -> None:
    """Every mutant of a call that is compared is told by some case, but for those that nothing can tell; and none of those can be told."""
    worlds = states.worlds_of(exploration)
    comparison = ComparisonOfStates(
        states.alike(exploration, worlds),
        lambda edge: states.case_of(edge, worlds),
        holds_in_table,
        table_answers_otherwise,
        [*at_the_gate(), *with_arguments(), *directed()],
    )
    every = [mutant for mutant in of_the_table() if is_compared(mutant)]
    assert len(every) > 700
    survivors = {mutant.name for mutant in every if not comparison.tells(mutant)}
    assert survivors == {mutant.name for mutant in every if is_hidden(mutant)}


def test_every_mutant_of_snapshots_and_waits_is_found(snapshot_exploration: explored.Exploration) -> None:
    """So is every mutant of a call about snapshots, and of every wait."""
    worlds = snapshots.worlds_of(snapshot_exploration)
    comparison = ComparisonOfStates(
        snapshots.alike(snapshot_exploration),
        lambda edge: snapshots.case_of(edge, worlds),
        holds_with_snapshot,
        snapshot_answers_otherwise,
        [
            *snapshots.in_situations(),
            *(case for case in at_the_gate() if "Snapshot" in case["calls"][-1]["op"]),
            *directed(),
        ],
    )
    every = [mutant for mutant in all_mutants() if mutant.is_about_snapshots]
    assert len(every) > 150
    survivors = {mutant.name for mutant in every if not comparison.tells(mutant)}
    assert survivors == {mutant.name for mutant in every if is_hidden(mutant)}


def test_every_mutant_of_restores_is_found() -> None:
    """So is every mutant of a call that restores: of its arguments, its instance, and of what it asks of each file of the set."""
    comparison = Comparison(of_restores())
    every = [mutant for mutant in all_mutants() if mutant.is_about_restores]
    assert len(every) > 100
    survivors = {mutant.name for mutant in every if not comparison.tells(mutant)}
    assert survivors == {mutant.name for mutant in every if is_hidden(mutant)}
    assert OF_RESTORES.keys() == {name.partition(": ")[2] for name in survivors}
