# SPDX-License-Identifier: MIT
"""Every reachable state of the machine, found by making every call of the table in every state.

`explore` does it for each world of `worlds`.  What it returns knows the states, what each call does in each, and a
shortest list of calls that leads to each, in the form in which scenarios have calls.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

from esemu.machine.explore.alphabet import ALPHABET, Description
from esemu.machine.explore.diagram import diagram
from esemu.machine.explore.search import Edge, State, reachable
from esemu.machine.explore.starts import start
from esemu.machine.explore.worlds import WORLDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["ALPHABET", "WORLDS", "Edge", "Exploration", "State", "diagram", "explore"]


class Exploration:
    """What was found: for each world its states, in the order in which they were found."""

    def __init__(self, states: dict[str, list[State]]) -> None:
        self.worlds = states

    def states(self) -> Iterator[State]:
        """Every state of every world."""
        for states in self.worlds.values():
            yield from states

    def edges(self) -> Iterator[Edge]:
        """What every call does in every state."""
        for state in self.states():
            yield from state.edges

    def reaches(self, holds: Callable[[State], bool]) -> State | None:
        """Return the first state for which `holds` says so, None where there is none."""
        return next(filter(holds, self.states()), None)

    def cases(self) -> Iterator[dict[str, Any]]:
        """Every state as a case that a scenario runner can run: its world, and the calls that lead to it."""
        for name, states in self.worlds.items():
            for state in states:
                yield {"id": f"{name} {state.number}", "world": WORLDS[name][0], "calls": state.path()}

    def __repr__(self) -> str:
        return f"<exploration: {len(list(self.states()))} states in {len(self.worlds)} worlds>"


def explore(worlds: Iterable[str] = WORLDS, alphabet: tuple[Description, ...] = ALPHABET) -> Exploration:
    """Explore these worlds, all of them if none are named, with these calls."""
    collects = gc.isenabled()
    gc.disable()  # nothing of what is made here is garbage, and looking for it takes as long as the search
    try:
        return Exploration({name: reachable(start(WORLDS[name][0]), alphabet, WORLDS[name][1]) for name in worlds})
    finally:
        if collects:
            gc.enable()
