# SPDX-License-Identifier: MIT
"""Every reachable state of two instances and a snapshot, found by making every call about them in every state.

`explore` does it for each world of `worlds`.  What it returns knows the states, what each call does in each, and a
shortest list of calls that leads to each, in the form in which scenarios have calls.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

from esemu.machine.explore.snapshots.search import Edge, Search, State
from esemu.machine.explore.snapshots.worlds import WORLDS
from esemu.machine.explore.starts import start

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from esemu.machine.explore.snapshots.search import Local

__all__ = ["WORLDS", "Edge", "Exploration", "State", "explore"]


class Exploration:
    """What was found: for each world its states, in the order in which they were found."""

    def __init__(self, searches: dict[str, Search]) -> None:
        self.searches = searches

    def states(self) -> Iterator[State]:
        """Every state of every world."""
        for search in self.searches.values():
            yield from search.states

    def edges(self) -> Iterator[Edge]:
        """What every call does in every state."""
        for search in self.searches.values():
            for state in search.states:
                yield from search.edges(state)

    def cases(self) -> Iterator[tuple[State, dict[str, Any]]]:
        """Every state, and the case that leads a scenario runner there: its world and the calls."""
        for name, search in self.searches.items():
            for state in search.states:
                yield state, {"id": f"{name} {state.number}", "world": WORLDS[name][0], "calls": state.path()}

    def __repr__(self) -> str:
        return f"<exploration: {len(list(self.states()))} states in {len(self.searches)} worlds>"


def explore(worlds: Iterable[str] = WORLDS) -> Exploration:
    """Explore these worlds, all of them if none are named."""
    collects = gc.isenabled()
    gc.disable()  # nothing of what is made here is garbage, and looking for it takes as long as the search
    try:
        local: Local = {}
        searches = {name: Search(start(WORLDS[name][0]), WORLDS[name][1], local) for name in worlds}
        for search in searches.values():
            search.run()
    finally:
        if collects:
            gc.enable()
    return Exploration(searches)
