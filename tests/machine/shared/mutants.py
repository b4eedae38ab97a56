# SPDX-License-Identifier: MIT
"""Mutants of the table: one rule left out, or two neighbours in the other order.

What tells a mutant from the table is the business of the tests that use them: `test_mutation` and, for snapshots and
waits, `test_snapshot_mutation`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from esemu.machine.api import AnsiForm, ApiCall, SingleInstanceForm
from esemu.machine.calls import CALLS
from esemu.machine.effects import jetbackup
from esemu.machine.step import Part, Rule, Wait
from esemu.vocabulary.exceptions import NotEmulated

INSIDE = (jetbackup.LIST_LOGS, jetbackup.COPY_CREATED, jetbackup.COPY_PIECE, jetbackup.COPY_WRITTEN)
"""Parts that effects run, which the rows do not hold."""

OUT_OF_ORDER = (AssertionError, AttributeError, LookupError, NotEmulated, OSError, StopIteration, TypeError, ValueError)
"""What steps raise that are taken although a rule before them should have refused the call."""


class Mutant:
    """The table with one list of steps changed."""

    def __init__(self, name: str, owner: Part, place: str, steps: tuple[Any, ...], rules: tuple[Rule, ...]) -> None:
        self.name = name
        self.owner = owner
        self.place = place
        self.steps = steps
        self.rules = rules  # that were dropped or swapped

    @property
    def is_about_snapshots(self) -> bool:
        """Whether only calls of OS snapshots have the part, or a wait was dropped or swapped."""
        calls = calls_with(self.owner)
        only = bool(calls) and all("Snapshot" in name for name in calls)
        return only or any(isinstance(rule, Wait) for rule in self.rules)

    @property
    def is_about_restores(self) -> bool:
        """Whether only calls that restore have the part."""
        calls = calls_with(self.owner)
        return bool(calls) and all("Restore" in name for name in calls)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Change the table for a while."""
        original = getattr(self.owner, self.place)
        setattr(self.owner, self.place, self.steps)
        compile_around(self.owner)
        try:
            yield
        finally:
            setattr(self.owner, self.place, original)
            compile_around(self.owner)


def parts_in(part: Part) -> Iterator[Part]:
    """Return a part and all parts inside it."""
    yield part
    for step in part.steps:
        if isinstance(step, Part):
            yield from parts_in(step)
    if isinstance(part, AnsiForm):
        yield part.afterwards


PARTS: list[Part] = list(dict.fromkeys(inner for part in (*CALLS.values(), *INSIDE) for inner in parts_in(part)))


AROUND: dict[Part, list[Part]] = {part: [] for part in PARTS}
"""Each part, and the parts that it lies in: one may run it in line."""
for outer in PARTS:
    for inside in set(parts_in(outer)):
        AROUND[inside].append(outer)


def compile_around(part: Part) -> None:
    """Work out the programs anew that have steps of a part."""
    for each in AROUND[part]:
        each.compile()


def changes(steps: tuple[Any, ...]) -> Iterator[tuple[str, tuple[Any, ...], tuple[Rule, ...]]]:
    """Return what can be changed about a list of steps: each rule left out, neighbours with other errors swapped."""
    for place, step in enumerate(steps):
        if isinstance(step, Rule):
            yield f"without {step.name}", steps[:place] + steps[place + 1 :], (step,)
    for place, (one, other) in enumerate(pairwise(steps)):
        if isinstance(one, Rule) and isinstance(other, Rule) and one.errors != other.errors:
            swapped = (*steps[:place], other, one, *steps[place + 2 :])
            yield f"{other.name} before {one.name}", swapped, (one, other)


def calls_with(part: Part) -> list[str]:
    """Return the calls that a part belongs to; an effect may run it too."""
    return [name for name, api in CALLS.items() if any(inner is part for inner in parts_in(api))]


def all_mutants() -> list[Mutant]:
    """Return every mutant of the table."""
    found = []
    for part in PARTS:
        places = ["steps"]
        if isinstance(part, ApiCall):
            places = ["before", "find"] if isinstance(part, SingleInstanceForm) else ["before", "find", "steps"]
        for place in places:
            for name, steps, rules in changes(getattr(part, place)):
                label = part.name if place == "steps" else f"{part.name}.{place}"
                found.append(Mutant(f"{label}: {name}", part, place, steps, rules))
    return found
