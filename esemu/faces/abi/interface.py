# SPDX-License-Identifier: MIT
"""What every exported function of one process shares: the process, the forms of strings, paths, and allocated blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from esemu.faces.abi.memory import Allocations
from esemu.faces.abi.text import WIDE, Text, ansi
from esemu.machine.step import NO_RETURN, UNDEFINED

if TYPE_CHECKING:
    from esemu.machine.call import Call
    from esemu.machine.state import Process


class Paths:
    """How the caller writes paths: here as the engine does."""

    __slots__ = ()

    def into(self, path: str | None) -> str | None:
        """Return the engine's form of a path that the caller gave."""
        return path

    def out(self, path: str) -> str:
        """Return the caller's form of a path that the engine has."""
        return path


class Interface:
    """The binary interface of one emulated process.

    `code_page` is Python's name of the encoding of the A forms.
    """

    __slots__ = (
        "allocations",
        "ansi",
        "contexts",
        "other_parameters",
        "paths",
        "process",
        "session_parameters",
        "size_limits",
        "tables",
        "wide",
    )

    def __init__(self, process: Process, code_page: str = "cp1252", paths: Paths | None = None) -> None:
        self.process = process
        self.ansi = ansi(code_page)
        self.wide = WIDE
        self.paths = paths or Paths()
        self.allocations = Allocations()
        self.other_parameters: dict[tuple[int, int], int | str] = {}  # by (instance, number): see `parameters`
        self.contexts: dict[int, int] = {}  # the thread that has set the context of a session: see `sessions`
        self.session_parameters: dict[tuple[int, int], bytes] = {}  # by (session, number)
        self.size_limits: dict[int, tuple[Any, int]] = {}  # by JET_DBID: the database, and its most pages
        self.tables: Any = None  # of the store in `tables`, which is made with the first

    def text(self, form: str) -> Text:
        """Return how strings of the form "A" or "W" lie in memory."""
        return self.wide if form == "W" else self.ansi

    def path(self, text: Text, address: int) -> str | None:
        """Return the path at an address as the engine has it, None for NULL."""
        return self.paths.into(text.read(address))

    def perform(self, call: Call) -> int:
        """Make a call and return its JET_ERR.

        Raises UndefinedBehaviour and WouldBlockForever where the engine would not return, and NotEmulated.
        """
        error = call.api.perform(self.process, call)
        return error if error <= 0 else self.returned(call)

    @staticmethod
    def returned(call: Call) -> int:
        """Return the warning that a call has ended with.  Raises as `perform` does."""
        if call.err in NO_RETURN:
            from esemu.vocabulary.exceptions import UndefinedBehaviour, WouldBlockForever  # noqa: PLC0415 - hardly ever

            raise (UndefinedBehaviour if call.err == UNDEFINED else WouldBlockForever)(call)
        return call.err
