# SPDX-License-Identifier: MIT
"""The cases of a comparison as a recording: what a shared library answers to them, with the calls that bring it there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from esemu.scenario.apart import SECONDS, apart
from esemu.testing.conformance.players.on_host import in_empty_folder, played_on_host
from esemu.testing.conformance.sides import sides_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.scenario.apart import SharedLibrary
    from esemu.testing.conformance.players.player import Case


def of_cases(load: SharedLibrary, *, seconds: float = SECONDS) -> Callable[[Case], dict[str, Any]]:
    """Return what plays cases through a library, each of which may take so many seconds; it raises NotArranged and NoAnswer.

    Cases in which an engine would crash or wait for ever are not arranged.
    """
    sides = sides_of(load)
    play = in_empty_folder(partial(apart, partial(played_on_host, load), seconds=seconds))

    def played(general: Case) -> dict[str, Any]:
        case = sides.arranged(general)
        sides.reference(case)
        return {"calls": case["calls"], "r": play(case)}

    return played
