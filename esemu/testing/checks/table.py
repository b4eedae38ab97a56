# SPDX-License-Identifier: MIT
"""The table of contract checks: for each a code, a name, a one-line message, a page of the manual, and what finds it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

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

    def found(self, call: Call, detail: str) -> Finding:
        """Return what there is to say of a client that has broken the contract at a call."""
        message = f"{self.message} {detail}".rstrip()
        return Finding(self.code, self.name, f"{message} (call #{call.number}, {call!r})", call)

    def __repr__(self) -> str:
        return f"<{self.code} {self.name}>"


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with a client.

    `code` and `name` are those of the contract check that it breaks, such as "ESB101" and "backup-not-ended".  Three
    codes are no checks and have no name: "never-ends", "fails-untouched", and "check" for one of a test's own.
    """

    code: str
    name: str
    message: str  # one line, with the call at which it shows
    call: Call | None = field(default=None, compare=False, repr=False)

    @property
    def label(self) -> str:
        """The code and the name."""
        return f"{self.code} {self.name}".rstrip()

    @property
    def page(self) -> str:
        """The page of the manual, empty where there is none."""
        return CHECKS[self.code].page if self.code in CHECKS else ""

    def __str__(self) -> str:
        return f"{self.label}: {self.message}"

    def __reduce__(self) -> tuple[Any, ...]:
        return Finding, (self.code, self.name, self.message)  # a call leads to its engine, which stays where it is


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
