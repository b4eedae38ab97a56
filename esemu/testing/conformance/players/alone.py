# SPDX-License-Identifier: MIT
"""A library with a process of its own: calls bring it into its world, and it shows what a client sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.scenario.calls import NAMES
from esemu.scenario.functions import Functions
from esemu.scenario.handles import HANDLES
from esemu.testing.conformance.players.calls import OPERATIONS
from esemu.testing.conformance.players.player import Player, answers
from esemu.vocabulary.exceptions import UndefinedBehaviour, WouldBlockForever

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.testing.conformance.players.player import Play

    NewLibrary = Callable[[], Any]

OF_THE_WRITER: Final = ("crc", "crc_pages")
"""Sums of bytes: files hold signatures made of the time and a random number (SIGNATURE, daedef.hxx:2298), so no two processes write the same.
That the pages read are the right ones, and undamaged, is in the layout."""


class Client(Player):
    """One case while it is played by somebody who sees what a client sees."""

    def step(self, described: dict[str, Any]) -> dict[str, Any]:
        """Make one call and return what a client sees of it."""
        result: dict[str, Any] = {"op": described["op"]}
        try:
            error = OPERATIONS[described["op"]](self, described, result)
        except UndefinedBehaviour:
            return {"op": described["op"], "err": "UB"}
        except WouldBlockForever:
            return {"op": described["op"], "err": "BLOCKS"}
        for name in OF_THE_WRITER:
            result.pop(name, None)
        return result | {"err": error, "name": NAMES.get(error, f"JET_err? ({error})")}


class Alone(Client):
    """One case while it is played through a library with a process of its own, which only calls can change."""

    def __init__(self, library: Any) -> None:
        self.functions = Functions(library)
        self.names = dict(HANDLES)
        self.files = {0: 0}
        self.page_size = 4096
        self.last_snapshot = 0

    def instance(self, described: dict[str, Any]) -> int:
        """Return the handle that a call passes."""
        given = described.get("inst", "self")
        return self.names.get(given, 0) if isinstance(given, str) else self.names.get(f"i{given}", 0)

    def session(self, described: dict[str, Any]) -> int:
        """Return the session that a call passes."""
        return self.names.get(described.get("session", "session"), HANDLES["bogus"])

    def number(self, described: dict[str, Any]) -> int:  # noqa: ARG002 - there is one
        """Return which of the instances a call is for."""
        return 0

    def number_of(self, handle: int) -> int:
        """Return which instance has this handle."""
        handles = [each for name, each in self.names.items() if name not in HANDLES and name != "session"]
        return handles.index(handle) if handle in handles else -1

    def snapshot(self, described: dict[str, Any]) -> int:
        """Return the number of the snapshot that a call is about."""
        return int(described.get("snap", self.last_snapshot))


def alone(new_library: NewLibrary) -> Play:
    """Return what plays cases through libraries with a process of their own, a new one for each case."""
    return lambda case: list(answers(Alone(new_library()), case))
