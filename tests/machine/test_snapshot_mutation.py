# SPDX-License-Identifier: MIT
"""Every rule of the snapshot calls matters, every wait, and the place of each: its mutants are told from the table.

What tells a mutant apart is asked in the order of cost: a call in a reachable state of two instances and a snapshot, the
gate, a recorded case, and threads in every order.  Those that nothing can tell are named with the reason, and a name is
struck off as soon as something can.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from equivalents import OF_SNAPSHOTS
from judges import Judge, holds_with_snapshot, snapshot_answers_otherwise
from mutants import OUT_OF_ORDER, Mutant, all_mutants
from schedules import schedules

from esemu.machine.explore.snapshots import Edge, Exploration
from esemu.machine.step import Rule
from esemu.testing.conformance.cases.snapshots import in_situations
from esemu.testing.conformance.difference import difference
from esemu.testing.conformance.players.in_front import in_front
from esemu.vocabulary.grbits import JET_bitContinueAfterThaw

pytestmark = pytest.mark.untraced

CASTS = (("term", "thaw"),)

PLAY = in_front()


class SnapshotJudge(Judge):
    """Tells mutants from the table by situations that no call leads to, and by threads in every order, too."""

    most = 20

    def __init__(self, exploration: Exploration, gates: Any, recordings: Any) -> None:
        super().__init__(exploration, gates, recordings, ("snapshots-directed", "snapshots"))
        self.played = [outcomes(cast) for cast in CASTS]
        self.rare: dict[str, list[tuple[dict[str, Any], Any]]] = {}  # by the call
        for case in in_situations():
            self.rare.setdefault(case["calls"][-1]["op"], []).append((case, PLAY(case)))

    def checks(self, mutant: Mutant, calls: list[str], likely: list[Any]) -> Iterator[bool]:
        """Yield what each check says, in the order of their cost."""
        yield self.enters_otherwise(mutant)
        yield any(map(snapshot_answers_otherwise, likely))
        yield self.records_otherwise(mutant, calls)
        yield any(self.is_rarely_otherwise(op) for op in calls)
        yield any(outcomes(cast) != played for cast, played in zip(CASTS, self.played, strict=True))

    def holds(self, rule: Rule, edge: Edge) -> bool:
        """Whether a rule refuses the call of an edge."""
        return holds_with_snapshot(rule, edge)

    def is_rarely_otherwise(self, op: str) -> bool:
        """Whether a call answers otherwise in a situation that no call leads to."""
        return any(difference(case, expected, PLAY) is not None for case, expected in self.rare.get(op, ()))


def outcomes(cast: tuple[str, ...]) -> set[tuple[str, ...]]:
    """Return what can come of threads, over all their orders; nothing where they never end."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        try:
            return {tuple(outcome.values()) for outcome, _ in schedules(cast, JET_bitContinueAfterThaw, monkeypatch)}
        except OUT_OF_ORDER:
            return set()


@pytest.fixture(scope="module")
def judge(snapshot_exploration: Exploration, gates: Any, recordings: Any, untraced: Callable[[], Any]) -> SnapshotJudge:
    """Return what tells mutants from the table."""
    with untraced():
        return SnapshotJudge(snapshot_exploration, gates, recordings)


def test_every_rule_and_wait_and_its_place_matter(judge: SnapshotJudge) -> None:
    """Every mutant of the snapshot calls and of the waits is told from the table, but for those that are named."""
    every = [mutant for mutant in all_mutants() if mutant.is_about_snapshots]
    assert len(every) > 100
    assert {mutant.name for mutant in every if not judge.tells(mutant)} == OF_SNAPSHOTS.keys()


def test_nothing_tells_the_table_from_itself(judge: SnapshotJudge) -> None:
    """What tells mutants from the table tells nothing while there is no mutant."""
    assert not any(
        snapshot_answers_otherwise(edge) for edges in judge.edges.values() for edge in edges[:: len(edges) // 2 | 1]
    )
    assert not any(judge.runs_otherwise(*pair) for pairs in judge.recorded.values() for pair in pairs[:2])
    assert all(got == wanted for answers in judge.gates for _, got, wanted in answers("JetOSSnapshotPrepareInstance"))
