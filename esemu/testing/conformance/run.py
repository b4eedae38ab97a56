# SPDX-License-Identifier: MIT
"""`conform`: every case is played by the emulated engine and by another implementation, and the answers are compared."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from esemu.scenario.arrangeable import NotArranged
from esemu.testing.conformance.cases.every import KINDS, every_case
from esemu.testing.conformance.difference import Difference, difference, shrunk
from esemu.testing.conformance.sides import sides_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from esemu.testing.conformance.players.player import Case


@dataclass
class Played:
    """One case that was played: its kind and name, how many calls it has, and the difference if there is one."""

    kind: str
    name: str
    calls: int
    difference: Difference | None


@dataclass
class LeftOut:
    """One case that was not: its kind and name, and why."""

    kind: str
    name: str
    reason: str


@dataclass
class Conformance:
    """What came of a comparison."""

    target: str
    played: list[Played] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    seconds: float = 0.0
    smallest: Difference | None = None  # the first difference, with as few calls as still show one
    script: str = ""

    @property
    def differences(self) -> list[Difference]:
        """The difference of each case that has one."""
        return [each.difference for each in self.played if each.difference is not None]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def conform(  # noqa: PLR0913 - each has a default
    target: Callable[..., Any],
    *,
    name: str = "the implementation",
    kinds: Iterable[str] = KINDS,
    worlds: Iterable[str] | None = None,
    random_cases: int = 300,
    seed: int = 0,
    most: int = 20,
    every: Iterable[tuple[str, Case]] | None = None,
) -> Conformance:
    """Compare another implementation of the API with the emulated engine.

    `target` makes what is shaped like `ctypes.WinDLL("esent")`: called with nothing it returns a library with a process of
    its own, which is new each time; if it takes an argument it gets an emulated process and returns a library in front of
    that.  The second can be put into any state and is compared by events and state too; the first is compared by what a
    client sees, in worlds that calls can make, and the others are left out.

    `kinds` are kinds of cases, `worlds` those of `esemu.machine.explore.WORLDS` and of `esemu.machine.explore.snapshots` whose
    states are enumerated (all), and
    `every` replaces all that by pairs of kind and case.  After `most` differences the comparison ends; the first is shrunk.
    """
    sides = sides_of(target)
    chosen = every_case(kinds, worlds, random_cases, seed) if every is None else every
    result = Conformance(name)
    begin = time.perf_counter()
    for kind, general in chosen:
        try:
            case = sides.arranged(general)
            found = difference(case, sides.reference(case), sides.target)
        except NotArranged as wrong:
            result.left_out.append(LeftOut(kind, general["id"], str(wrong)))
            continue
        result.played.append(Played(kind, case["id"], len(case["calls"]), found))
        if found is not None and len(result.differences) >= most:
            break
    if result.differences:
        result.smallest = shrunk(result.differences[0], sides.reference, sides.target)
        result.script = script(result.smallest, name)
    result.seconds = time.perf_counter() - begin
    return result


def replay(target: Callable[..., Any], case: Case) -> str:
    """Play one case on both sides and return what they answer, one call a line; the calls that differ are marked."""
    sides = sides_of(target)
    lines = []
    for call, wanted, got in zip(case["calls"], sides.reference(case), sides.target(case), strict=False):
        mark = " " if wanted == got else "!"
        lines.append(f"{mark} {call}: {wanted['err']} {got['err']}")
        lines += [
            f"!     {key}: {wanted.get(key)!r} {got.get(key)!r}"
            for key in wanted | got
            if wanted.get(key) != got.get(key)
        ]
    return "\n".join(lines)


def script(found: Difference, target: str) -> str:
    """Return a program that shows a difference again."""
    return "\n".join(
        [
            "# Shows how two implementations of the backup API answer: first esemu, then the other.",
            "from esemu.testing.conformance.run import replay",
            "from esemu.testing.conformance.targets import found",
            "",
            f"CASE = {found.case!r}",
            f"print(replay(found({target!r}), CASE))",
            "",
        ]
    )
