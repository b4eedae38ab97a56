# SPDX-License-Identifier: MIT
"""The states of a snapshot and the calls that lead from one to another, read off the states that were found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine.explore.snapshots.alphabet import TIME_OUT

if TYPE_CHECKING:
    from esemu.machine.explore.snapshots import Edge, Exploration

NO_SNAPSHOT: Final = "no snapshot"

WORLDS: Final = ("first snapshot", "ends with the thaw")
"""Worlds that have every arrow."""


def arrows(exploration: Exploration) -> dict[tuple[str, str], list[str]]:
    """Return for each pair of states the calls that lead from the first to the second, in words."""
    found: dict[tuple[str, str], set[str]] = {}
    for edge in exploration.edges():
        before, after = (control[0][0] if control[0] else NO_SNAPSHOT for control in (edge.state.control, edge.after))
        if before != after:
            found.setdefault((before, after), set()).add(_words(edge))
    return {pair: sorted(words) for pair, words in found.items()}


def _words(edge: Edge) -> str:
    """Return what happens in a few words: the A forms do what the others do."""
    if edge.call == TIME_OUT:
        return "time-out"
    name = edge.call["op"].removeprefix("JetOSSnapshot").removesuffix("A")
    if name == "End" and edge.call.get("grbit"):
        return "Abort"
    snapshot = edge.state.control[0]
    ends = name == "Thaw" and not edge.after[0] and not snapshot[-1]
    return f"{name} without JET_bitContinueAfterThaw" if ends else str(name)
