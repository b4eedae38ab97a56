# SPDX-License-Identifier: MIT
"""The reachable states of the machine, each as the world it lies in and a shortest list of calls that leads to it.

A world is explored when it is first asked for, with the calls that lead on and no others: that takes a third of a second
for the largest.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.engine import Engine
from esemu.machine.database_state import BackupRecord
from esemu.machine.explore import explore
from esemu.machine.explore.starts import MAIN
from esemu.machine.explore.worlds import WORLDS
from esemu.testing.described_calls import make
from esemu.vocabulary.exceptions import EsemuError
from esemu.vocabulary.parameters import JET_paramAggressiveLogRollover, JET_paramLogFileSize

if TYPE_CHECKING:
    from esemu.faces.instance import Instance
    from esemu.machine.explore.alphabet import Description

STARTED: Final = (
    "full backup",
    "backup after backup",
    "incremental backup",
    "surrogate backup",
    "internal copy",
    "circular log",
    "aggressive rollover",
    "services and terms",
    "sessions and databases",
)
"""The worlds that a running instance of `Engine.start` can be in."""


@cache
def paths(world: str) -> tuple[tuple[Description, ...], ...]:
    """Return the calls that lead to each state of a world, the nearest states first.  Raises KeyError for no such world."""
    exploration = explore([world], WORLDS[world][1])
    return tuple(tuple(state.path()) for state in exploration.states())


def cases(world: str) -> list[dict[str, Any]]:
    """Return each state of a world as a case that a scenario runner can run."""
    return [
        {"id": f"{world} {number}", "world": WORLDS[world][0], "calls": [*path]}
        for number, path in enumerate(paths(world))
    ]


def started(world: str, number: int = 0) -> tuple[Engine, Instance]:
    """Return an engine and its instance in a state of one of the worlds `STARTED`; calls that were refused count too."""
    if world not in STARTED:
        raise ValueError(f"no instance can be started in world {world!r}; there are {', '.join(STARTED)}")
    described = WORLDS[world][0]
    engine = Engine()
    inst = engine.start(
        databases={database["name"]: database["pages"] for database in described["dbs"]},
        generations=described["gen_cur"],
        checkpoint=described["checkpoint"],
        circular=bool(described.get("circular")),
        parameters={
            JET_paramLogFileSize: LOG_KB,
            JET_paramAggressiveLogRollover: int(bool(described.get("aggressive_rollover"))),
        },
    )
    for generation in range(1, described["gen_first"]):
        inst.delete_log(generation)
    for database in inst.state.databases:
        database.full_previous = BackupRecord(1, 1, mark=1 << 32)  # as MAIN has it
    for path, size in described.get("extra_files", ()):
        engine.disk.create_folders(path.rpartition("\\")[0])
        engine.disk.write(path, bytes(size))
    inst.state.changed()
    for description in paths(world)[number]:
        with suppress(EsemuError):
            make(engine.jet, inst, description)
    return engine, inst


LOG_KB: Final = 64
"""The smallest size of a log that the engine lets one set, in KiB; the logs of `MAIN` are smaller."""

assert all(database["full_prev"] == [1, 1] for database in MAIN["dbs"])  # noqa: S101 - what `started` makes
