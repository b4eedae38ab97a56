# SPDX-License-Identifier: MIT
"""All cases of a comparison.

A case has the form of a scenario: `id`, `world` and `calls`.  One without a world begins in a process that nobody has
called yet, and names the handles that its calls return (`as`); folders, files and a backup set may be there before (`folders`,
`files`, `saved`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.machine.explore import WORLDS
from esemu.machine.explore.snapshots import WORLDS as SNAPSHOT_WORLDS
from esemu.testing.conformance.cases.arguments import with_arguments
from esemu.testing.conformance.cases.at_random import at_random
from esemu.testing.conformance.cases.directed import directed
from esemu.testing.conformance.cases.gate import at_the_gate
from esemu.testing.conformance.cases.restores import of_restores
from esemu.testing.conformance.cases.snapshots import of_snapshots
from esemu.testing.conformance.cases.states import in_states

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Case = dict[str, Any]

KINDS: Final = ("directed", "arguments", "gate", "random", "states", "snapshots", "restores")
"""The kinds of cases."""


def every_case(
    kinds: Iterable[str] = KINDS, worlds: Iterable[str] | None = None, random_cases: int = 300, seed: int = 0
) -> Iterator[tuple[str, Case]]:
    """Yield the cases of some kinds, each with its kind; `worlds` are those whose states are enumerated, by default all.

    Raises ValueError for a kind, and KeyError for a world, that there is not.
    """
    kinds = tuple(kinds)
    names = (*WORLDS, *SNAPSHOT_WORLDS) if worlds is None else tuple(worlds)
    unknown = {*kinds} - {*KINDS}
    if unknown:
        raise ValueError(f"there are no cases of kind {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}")
    of_kind = {
        "directed": directed,
        "arguments": with_arguments,
        "gate": at_the_gate,
        "random": lambda: at_random(random_cases, seed),
        "states": lambda: in_states([name for name in names if name in WORLDS or name not in SNAPSHOT_WORLDS]),
        "snapshots": lambda: of_snapshots([name for name in names if name in SNAPSHOT_WORLDS]),
        "restores": of_restores,
    }
    for kind in KINDS:
        if kind in kinds:
            yield from ((kind, case) for case in of_kind[kind]())
