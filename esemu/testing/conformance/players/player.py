# SPDX-License-Identifier: MIT
"""What those who play a case have in common: a library in front of an emulated process, and one that is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.scenario.functions import Caller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Case = dict[str, Any]
    Answers = list[dict[str, Any]]
    Play = Callable[[Case], Answers]

NEVER: Final = {"UB", "BLOCKS"}
"""The "errors" of calls from which an engine would not return."""


class Player(Caller):
    """What the calls of `calls.OPERATIONS` need."""

    names: dict[str, int]

    def name(self, described: dict[str, Any], handle: int | None, error: int) -> None:
        """Keep a handle under the name that the case gives it."""
        if not error and "as" in described:
            self.names[described["as"]] = handle or 0

    def step(self, described: dict[str, Any]) -> dict[str, Any]:
        """Make one call and return what is seen of it."""
        raise NotImplementedError


def answers(player: Player, case: Case) -> Iterator[dict[str, Any]]:
    """Play a case, up to a call from which an engine would not return."""
    for described in case["calls"]:
        for _ in range(described.get("times", 1)):
            made = player.step(described)
        yield made
        if made["err"] in NEVER:
            break
