# SPDX-License-Identifier: MIT
"""The two sides of a comparison: the emulated engine and the target, each in front of a process or with one of its own."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from esemu.faces.engine import Engine
from esemu.scenario.apart import SharedLibrary
from esemu.scenario.arrangeable import NotArranged
from esemu.testing.conformance.difference import played_apart
from esemu.testing.conformance.players.alone import alone
from esemu.testing.conformance.players.arranged import by_calls_alone, with_files
from esemu.testing.conformance.players.in_front import in_front
from esemu.testing.conformance.players.on_host import emulated_on_host, in_empty_folder, played_on_host
from esemu.testing.conformance.players.player import NEVER
from esemu.vocabulary.failures import NotEmulated

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.testing.conformance.players.player import Answers, Case, Play


@dataclass(frozen=True)
class Sides:
    """What plays a case on each side, and what makes a case that both can play; the emulated one raises NotArranged too."""

    reference: Play
    target: Play
    arranged: Callable[[Case], Case]


def sides_of(target: Callable[..., Any]) -> Sides:
    """Return the sides of a comparison with a target."""
    if takes_process(target):
        return Sides(in_front(), in_front(target), lambda case: case)
    if isinstance(target, SharedLibrary):
        reference = in_empty_folder(partial(played_on_host, emulated_on_host))
        played = in_empty_folder(partial(played_apart, partial(played_on_host, target)))
        return Sides(partial(_returning, reference), played, with_files)
    return Sides(partial(_returning, alone(lambda: Engine().library())), alone(target), by_calls_alone)


def takes_process(target: Callable[..., Any]) -> bool:
    """Return whether a function that makes a library wants a process to put it in front of."""
    try:
        parameters = inspect.signature(target).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(
        each.default is each.empty and each.kind in {each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD}
        for each in parameters
    )


def _returning(play: Play, case: Case) -> Answers:
    """Return the answers of the emulated engine.  Raises NotArranged where it would crash, wait for ever, or is not emulated."""
    try:
        answers = play(case)
    except NotEmulated as wrong:
        raise NotArranged(f"not emulated: {wrong}") from None
    if answers and answers[-1]["err"] in NEVER:
        raise NotArranged(f"{answers[-1]['op']}: an engine would not return from it")
    return answers
