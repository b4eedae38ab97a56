# SPDX-License-Identifier: MIT
"""Random calls in random worlds, the same each time."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

from esemu.machine.explore import WORLDS
from esemu.machine.explore.alphabet import ALPHABET, PAGE, A, B

if TYPE_CHECKING:
    from collections.abc import Iterator

    Case = dict[str, Any]

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
