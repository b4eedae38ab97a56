# SPDX-License-Identifier: MIT
"""A state diagram of the backup, drawn from the states that were found and the calls that led from one to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine.backup_state import PHASE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from esemu.machine.explore.search import State

GONE: Final = "no instance"


def place(state: State) -> str:
    """Return the box of the diagram in which a state is: what kind of backup it has, and how far that is."""
    live = state.process.live()
    if not live:
        return GONE
    backup = live[0].backup
    if not backup.in_progress:
        return "no backup"
    kind = "surrogate backup" if not backup.streaming else "full backup" if backup.full else "incremental backup"
    if backup.internal:
        kind = "internal copy"
    stopped = ", stopped" if backup.stop_requested else ""
    return f"{kind}: {PHASE_NAMES[backup.phase]}{stopped}"


def diagram(states: Iterable[State]) -> str:
    """Return a Mermaid state diagram: boxes for the phases, arrows for the calls that change them and succeed."""
    arrows: dict[tuple[str, str], set[str]] = {}
    for state in states:
        for edge in state.edges:
            before, after = place(state), place(edge.target)
            if before != after and edge.err == 0:
                arrows.setdefault((before, after), set()).add(edge.call["op"])
    boxes = sorted({box for pair in arrows for box in pair})
    names = {box: f"s{number}" for number, box in enumerate(boxes)}
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{box}" as {names[box]}' for box in boxes]
    lines += [
        f"    {names[before]} --> {names[after]}: {', '.join(sorted(calls))}"
        for (before, after), calls in sorted(arrows.items())
    ]
    return "\n".join(lines) + "\n"
