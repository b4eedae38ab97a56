# SPDX-License-Identifier: MIT
"""The ways in which a documented answer can differ from the source's, each as a small class that the table is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.machine.call import Call
    from esemu.machine.state import Instance, Process

    Condition = Callable[[Process, Instance | None, Call], bool]


class Refuses:
    """The call is refused with `error` before it does anything, where `condition` holds."""

    __slots__ = ("condition", "error")

    def __init__(self, error: int, condition: Condition) -> None:
        self.error = error
        self.condition = condition


class Renames:
    """What one of these rules of the source refuses, by name, is refused with another error."""

    __slots__ = ("error", "rules")

    def __init__(self, error: int, *rules: str) -> None:
        self.error = error
        self.rules = frozenset(rules)


class Cancels:
    """Every refusal ends the backup, but for those by these rules, and those that come before there is one to end."""

    __slots__ = ("but",)

    def __init__(self, *but: str) -> None:
        self.but = frozenset(but)


class Tells:
    """The call does what it does by the source, and returns `error` where `condition` held before."""

    __slots__ = ("condition", "error")

    def __init__(self, error: int, condition: Condition) -> None:
        self.error = error
        self.condition = condition


Change = Refuses | Renames | Cancels | Tells
"""What the documented contract does about one difference."""


class Difference:
    """A row of the table: where the reference pages promise something else than the source does.

    `calls` are the functions it is about, `page` the reference page that says so.  `source` and `documented` are the two
    answers in words, `where` is the place in the engine's source.  `change` is None where the difference is not
    emulated, and `reason` says why.
    """

    __slots__ = ("calls", "change", "documented", "name", "page", "reason", "source", "where")

    def __init__(  # noqa: PLR0913 - a row of a table has as many cells as it has
        self,
        name: str,
        calls: tuple[str, ...],
        *,
        documented: str,
        source: str,
        where: str,
        page: str = "",
        change: Change | None = None,
        reason: str = "",
    ) -> None:
        self.name = name
        self.calls = calls
        self.documented = documented
        self.source = source
        self.where = where
        self.page = page or f"{calls[-1].lower()}-function"
        self.change = change
        self.reason = reason

    def __repr__(self) -> str:
        return f"<difference {self.name}>"
