# SPDX-License-Identifier: MIT
"""Every call in every reachable state that matters to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from esemu.machine.explore import WORLDS, explore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from esemu.machine.explore import Edge, Exploration

    Case = dict[str, Any]


def in_states(names: Iterable[str] = WORLDS) -> Iterator[Case]:
    """Yield every call in the states of the worlds with these names, one of those that are judged alike."""
    exploration = explore(names)
    worlds = worlds_of(exploration)
    yield from (case_of(edge, worlds) for edge in alike(exploration, worlds))


def worlds_of(exploration: Exploration) -> dict[int, str]:
    """Return the world of each state, by its `id`."""
    return {id(state): world for world, states in exploration.worlds.items() for state in states}


def alike(exploration: Exploration, worlds: dict[int, str]) -> Iterator[Edge]:
    """Yield one call of those that the same rule refuses, or none, in states of a world that are alike as far as rules can tell."""
    seen: set[Any] = set()
    for edge in exploration.edges():
        kind = (worlds[id(edge.state)], *edge.call.values(), edge.rule, edge.err, _shape(edge))
        if kind not in seen:
            seen.add(kind)
            yield edge


def case_of(edge: Edge, worlds: dict[int, str]) -> Case:
    """Return the case of a call in a state."""
    world = worlds[id(edge.state)]
    return {
        "id": f"{world} {edge.state.number}, {edge.call['op']}",
        "world": WORLDS[world][0],
        "calls": [*edge.state.path(), edge.call],
    }


def _shape(edge: Edge) -> Any:
    """Return in which kind of state a call is made, as far as that matters to which other rules hold."""
    live = edge.state.process.live()
    if not live:
        return None
    backup = live[0].backup
    return (
        backup.in_progress,
        backup.streaming,
        backup.full,
        backup.stop_requested,
        backup.phase,
        backup.slot.in_use,
        backup.slot.database is None,
        edge.target is edge.state,
    )
