# SPDX-License-Identifier: MIT
"""Every rule of the table matters, and so does its place: each mutant of the table is told from it by some check.

A mutant lacks one rule, or has two neighbours in the other order.  What tells it apart is asked in the order of cost: a
call in a reachable state, then a written case, then a recorded one.  Mutants that cannot be told apart are named with
the reason, and a name is struck off as soon as something can.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from equivalents import ELSEWHERE, EXCLUSIVE, REPEATED, is_equivalent, of_the_table
from judges import Judge, holds_in_table, table_answers_otherwise
from mutants import OUT_OF_ORDER, PARTS, Mutant

from esemu.machine.explore import Edge, Exploration
from esemu.machine.step import Rule
from esemu.scenario.calls import NAMES

pytestmark = pytest.mark.untraced


class TableJudge(Judge):
    """Tells mutants from the table by written cases too."""

    most = 60

    def __init__(
        self, exploration: Exploration, written: list[dict[str, Any]], stage: Any, gates: Any, recordings: Any
    ) -> None:
        super().__init__(exploration, gates, recordings, ("directed", "random", "several"))
        self.stage = stage
        self.written: dict[str, list[dict[str, Any]]] = {}
        for case in written:
            for error in {call[2] for call in case["calls"]}:
                self.written.setdefault(error, []).append(case)

    def checks(self, mutant: Mutant, calls: list[str], likely: list[Any]) -> Iterator[bool]:
        """Yield what each check says, in the order of their cost."""
        yield self.enters_otherwise(mutant)
        yield any(map(table_answers_otherwise, likely))
        errors = [NAMES.get(error, str(error)) for error in mutant.rules[0].errors]
        yield any(self.plays_otherwise(case) for error in errors for case in self.written.get(error, ()))
        yield self.records_otherwise(mutant, calls or ["JetBackupInstance", "JetInit"])

    def holds(self, rule: Rule, edge: Edge) -> bool:
        """Whether a rule refuses the call of an edge."""
        return holds_in_table(rule, edge)

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


@pytest.fixture(scope="module")
def judge(
    exploration: Exploration, written: Any, stage: Any, gates: Any, recordings: Any, untraced: Callable[[], Any]
) -> TableJudge:
    """Return what tells mutants from the table."""
    with untraced():
        return TableJudge(exploration, written, stage, gates, recordings)


def test_every_rule_and_its_place_matter(judge: TableJudge) -> None:
    """Every mutant of the table is told from it, but for those that are named; and none of those can be told."""
    every = of_the_table()
    assert len(every) > 500
    survivors = {mutant.name for mutant in every if not judge.tells(mutant)}
    assert survivors == {mutant.name for mutant in every if is_equivalent(mutant)}
    named = {name.partition(": ")[2] for name in survivors} | survivors
    assert named >= EXCLUSIVE.keys() | REPEATED.keys() | ELSEWHERE.keys()


def test_nothing_tells_the_table_from_itself(judge: TableJudge) -> None:
    """What tells mutants from the table tells nothing while there is no mutant."""
    assert not any(table_answers_otherwise(edge) for edges in judge.edges.values() for edge in edges[::101])
    assert not any(judge.plays_otherwise(case) for cases in judge.written.values() for case in cases)
    assert not any(judge.runs_otherwise(*pair) for pairs in judge.recorded.values() for pair in pairs[:3])
    assert all(got == wanted for answers in judge.gates for _, got, wanted in answers("JetReadFileInstance"))


def test_the_table_is_whole_again() -> None:
    """Compiling the table anew changes nothing, and neither does a mutant that was taken back."""
    before = compiled()
    with next(mutant for mutant in of_the_table() if mutant.place == "steps").applied():
        assert compiled() != before
    assert compiled() == before


def compiled() -> list[tuple[Any, Any]]:
    """Return all programs, and the rules whose verdicts are remembered."""
    return [(part.program, getattr(part, "leading", ())) for part in PARTS]
