# SPDX-License-Identifier: MIT
"""A comparison of implementations finds every mutant of the table when the mutant is the implementation.

The mutants are those of test_mutation.  What is played against a mutant are those cases of a whole comparison that are
about its calls and its rules; a whole comparison plays these too.
"""

import os
from typing import Any

import pytest
from equivalents import is_equivalent, of_the_table
from mutants import Mutant, calls_with

from esemu.faces.library import Library
from esemu.machine.explore import Exploration
from esemu.testing.conformance import cases
from esemu.testing.conformance.arguments import with_arguments
from esemu.testing.conformance.calls import OPERATIONS
from esemu.testing.conformance.difference import difference
from esemu.testing.conformance.players import in_front

pytestmark = pytest.mark.untraced

PLAY = in_front(Library)

MOST = 80
"""Cases that are played against one mutant."""


class Comparison:
    """The cases of a comparison by the calls and the rules that they are about, with what the table answers."""

    def __init__(self, exploration: Exploration) -> None:
        worlds = {id(state): world for world, states in exploration.worlds.items() for state in states}
        self.states: dict[Any, list[Any]] = {}
        for case in cases.enumerated(exploration.edges(), worlds):
            self.states.setdefault((case["calls"][-1]["op"], case["rule"]), []).append(case)
        self.gate: dict[str, list[Any]] = {}
        for case in cases.at_the_gate():
            self.gate.setdefault(case["calls"][-1]["op"], []).append(case)
        self.directed: dict[str, list[Any]] = {}
        for case in [*with_arguments(), *cases.directed()]:
            for op in {call["op"] for call in case["calls"]}:
                self.directed.setdefault(op, []).append(case)
        self._expected: dict[int, Any] = {}

    def expected(self, case: Any) -> Any:
        """Return what the table answers."""
        found = self._expected.get(id(case))
        if found is None:
            found = self._expected[id(case)] = PLAY(case)
        return found

    def about(self, mutant: Mutant) -> list[Any]:
        """Return the cases about a mutant, those first that are likely to tell it."""
        calls = calls_with(mutant.owner) or ["JetBackupInstance", "JetInit", "JetInit2", "JetInit3"]
        enumerated: list[Any] = []
        for op in calls:
            for rule in mutant.rules:
                enumerated += self.states.get((op, rule), [])
        spread = enumerated[:: len(enumerated) // MOST + 1]
        gate = [case for op in calls for case in self.gate.get(op, ())] if mutant.owner.name in calls else []
        directed = [case for op in calls for case in self.directed.get(op, ())]
        return [*spread, *gate, *directed]


@pytest.fixture(scope="module")
def comparison(exploration: Exploration) -> Comparison:
    """Return the cases."""
    return Comparison(exploration)


FACE = {
    "JetSetSystemParameter: without value_of_wrong_kind": "a library is handed both a number and a string",
    "JetSetSystemParameter: locked_by_mode before value_of_wrong_kind": "likewise",
    "JetGetSystemParameter: without string_does_not_fit": "the library looks at the room before it copies",
    "to ANSI: without ansi_list_too_long": "likewise",
}
"""Mutants that the library in front of them hides."""


def is_hidden(mutant: Mutant) -> bool:
    """Whether nothing that goes through a library can tell a mutant: two rules with one error are one to a client."""
    return is_equivalent(mutant) or mutant.name in FACE or mutant.name.endswith(".find: without instance_not_given")


def is_compared(mutant: Mutant) -> bool:
    """Whether a comparison makes a call that the mutant is about."""
    calls = calls_with(mutant.owner)
    return not calls or any(call in OPERATIONS for call in calls)


def tells(comparison: Comparison, mutant: Mutant) -> bool:
    """Whether a case is answered otherwise by the mutant; the likely ones are asked first, and dangerous ones last."""
    about = comparison.about(mutant)
    dangerous: list[Any] = []
    for some in (about[:6], about[6:40], about[40:], dangerous):
        expected = [(case, comparison.expected(case)) for case in some]
        if some is not dangerous:
            dangerous += [case for case, wanted in expected if crashes(wanted)]
            expected = [(case, wanted) for case, wanted in expected if not crashes(wanted)]
        with mutant.applied():
            if any(difference(case, wanted, PLAY) is not None for case, wanted in expected):
                return True
    return False


def crashes(answers: Any) -> bool:
    """Whether the engine would crash: such a case takes a process of its own."""
    return bool(answers and answers[-1]["err"] == "UB")


def test_every_mutant_is_found(comparison: Comparison) -> None:
    """Every mutant of a call that is compared is told from the table by some case, but for those that nothing can tell; and none of those can be told.

    Every sixth of them; with ESEMU_EVERY_MUTANT=1 all.
    """
    compared = [mutant for mutant in of_the_table() if is_compared(mutant)]
    every = compared[:: 1 if os.environ.get("ESEMU_EVERY_MUTANT") else 6]
    survivors = {mutant.name for mutant in every if not tells(comparison, mutant)}
    assert survivors == {mutant.name for mutant in every if is_hidden(mutant)}
