# SPDX-License-Identifier: MIT
"""The table of contract checks: for each a code, a name, a one-line message, a page of the manual, and what finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from esemu.machine.call import Call

    Found = Iterable[tuple[Call, str]]
    """The call at which a contract was broken, and what there is to say of it in particular."""
    Finder = Callable[..., Found]


class Check:
    """A row of the table: a contract of the backup API that clients break.

    `source` is the place in the engine's source, or the page of its documentation, that the contract comes from.
    """

    __slots__ = ("code", "find", "message", "name", "source")

    def __init__(self, code: str, name: str, message: str, source: str, find: Finder) -> None:
        self.code = code
        self.name = name
        self.message = message
        self.source = source
        self.find = find

    @property
    def page(self) -> str:
        """The page of the manual."""
        return f"checks/{self.code}"

    def __repr__(self) -> str:
        return f"<{self.code} {self.name}>"


class Finding:
    """A contract that a client has broken: which check says so, at which call, and what in particular."""

    __slots__ = ("call", "check", "detail")

    def __init__(self, check: Check, call: Call, detail: str) -> None:
        self.check = check
        self.call = call
        self.detail = detail

    @property
    def code(self) -> str:
        """The code of the check, such as "ESB101"."""
        return self.check.code

    @property
    def name(self) -> str:
        """The name of the check, such as "backup-not-ended"."""
        return self.check.name

    @property
    def message(self) -> str:
        """What is wrong, in one line, with the call at which it shows."""
        detail = f" {self.detail}" if self.detail else ""
        return f"{self.check.message}{detail} (call #{self.call.number}, {self.call!r})"

    def __str__(self) -> str:
        return f"{self.code} {self.name}: {self.message}"

    def __repr__(self) -> str:
        return f"<{self}>"


CHECKS: Final[dict[str, Check]] = {}
"""Every check by its code."""


def check(code: str, name: str, message: str, *, source: str) -> Callable[[Finder], Finder]:
    """Make a row of the table of a function that finds, in a history, where the contract is broken."""

    def decorate(find: Finder) -> Finder:
        CHECKS[code] = Check(code, name, message, source, find)
        return find

    return decorate


def chosen(names: Iterable[str]) -> Iterator[Check]:
    """Return the checks with these codes or names.  Raises ValueError for one that there is not."""
    by_name = {row.name: row for row in CHECKS.values()}
    for name in names:
        row = CHECKS.get(name) or by_name.get(name)
        if row is None:
            raise ValueError(f"there is no check {name!r}; there are {', '.join(_labels())}")
        yield row


def _labels() -> list[str]:
    return [f"{code} ({row.name})" for code, row in sorted(CHECKS.items())]
