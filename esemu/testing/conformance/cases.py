# SPDX-License-Identifier: MIT
"""The cases that implementations are compared by: directed ones, enumerated states, and random calls.

A case has the form of a scenario: `id`, `world` and `calls`.  One without a world begins in a process that nobody has
called yet, and names the handles that its calls return (`as`).
"""

from __future__ import annotations

import json
import random
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from esemu.machine.explore import WORLDS
from esemu.machine.explore.alphabet import ALPHABET, PAGE, A, B
from esemu.testing.conformance.arranged import IN_FRONT_ONLY
from esemu.testing.conformance.calls import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from esemu.machine.explore import Edge

    Case = dict[str, Any]


def directed() -> Iterator[Case]:
    """Yield the written cases, instances, parameters, sessions, databases, JetBackup, whose calls can be made of a library."""
    for case in json.loads(files(__package__).joinpath("written_cases.json").read_text(encoding="utf-8")):
        calls = [
            {"op": op, **({"name": None} if "OpenFile" in op else {}), **fields} for op, fields, *_ in case["calls"]
        ]
        if all(call["op"] in OPERATIONS or call["op"] in IN_FRONT_ONLY for call in calls):
            yield {key: value for key, value in case.items() if key != "calls"} | {"calls": calls}


def enumerated(edges: Iterable[Edge], worlds: dict[int, str], each: int = 1) -> Iterator[Case]:
    """Yield the calls of an exploration in the states where they are made, `each` of those that are judged alike.

    Alike are those of one call that the same rule refuses while the same next rule holds too.  `worlds` has the world
    of each state, by its `id`.
    """
    for edge in alike(edges, worlds, each):
        yield case_of(edge, worlds[id(edge.state)])


def alike(edges: Iterable[Edge], worlds: dict[int, str], each: int = 1) -> Iterator[Edge]:
    """Yield `each` of those calls in states that are judged alike."""
    seen: dict[Any, int] = {}
    for edge in edges:
        kind = (worlds[id(edge.state)], *edge.call.values(), edge.rule, edge.err, _shape(edge))
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= each:
            yield edge


def case_of(edge: Edge, world: str) -> Case:
    """Return the case of a call in a state of a world."""
    return {
        "id": f"{world} {edge.state.number}, {edge.call['op']}",
        "world": WORLDS[world][0],
        "calls": [*edge.state.path(), edge.call],
        "rule": edge.rule,
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


OPEN: Final = [
    {"op": "JetOpenFileInstance", "name": name} for name in (A, B, "C:\\logs\\edb00001.log", "C:\\logs\\edb00002.log")
]
READ: Final = [{"op": "JetReadFileInstance", "cb": pages * PAGE} for pages in (3, 16, 1, 0)]
COMMON: Final[list[Case]] = [
    {"op": "JetBeginExternalBackupInstance", "grbit": 0},
    {"op": "JetBeginExternalBackupInstance", "grbit": 1},
    {"op": "JetGetAttachInfoInstance"},
    *OPEN,
    *READ,
    *READ,
    {"op": "JetCloseFileInstance", "h": 0},
    {"op": "JetCloseFileInstance", "h": 0},
    {"op": "JetGetLogInfoInstance"},
    {"op": "JetGetTruncateLogInfoInstance"},
    {"op": "JetTruncateLogInstance"},
    {"op": "JetEndExternalBackupInstance"},
    {"op": "JetEndExternalBackupInstance2", "grbit": 2},
]
"""Calls of a backup, those that there are many of more than once."""


def at_random(count: int, seed: int, length: int = 30) -> Iterator[Case]:
    """Yield random calls in random worlds: four of five are calls of a backup, the others any."""
    generator = random.Random(seed)  # noqa: S311 - the same cases each time
    any_call = [call for call in ALPHABET if "<" not in (call.get("name") or "")]
    worlds = [name for name in WORLDS if name not in {"no instance", "one-instance mode"}]
    for number in range(count):
        world = generator.choice(worlds)
        calls = [
            generator.choice(COMMON if generator.random() < 0.8 else any_call)
            for _ in range(generator.randint(1, length))
        ]
        yield {"id": f"random {seed}.{number}, {world}", "world": WORLDS[world][0], "calls": calls}
