# SPDX-License-Identifier: MIT
"""What was found: one finding per damaged place, neighbouring places of one damage taken together, and never too many.

Whoever checks something only says what he saw; order, number and merging are decided here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from esemu.formats.verification.checks import CHECKS
from esemu.vocabulary.exception_classes import exception_for

if TYPE_CHECKING:
    from esemu.formats.verification.checks import Check

_ORDER = {check: number for number, check in enumerate(CHECKS)}


class Place(NamedTuple):
    """Where in a file, or in a log stream: one page, segment or generation, or neighbouring ones."""

    #: "page", "segment" or "generation".
    kind: str
    first: int
    last: int

    def __str__(self) -> str:
        """Return for example "page 5" or "pages 5 to 9"."""
        return f"{self.kind} {self.first}" if self.first == self.last else f"{self.kind}s {self.first} to {self.last}"


@attrs.frozen
class Finding:
    """One thing that does not hold."""

    #: What should have held; it knows the engine's error and where the engine looks.
    check: Check
    #: The file's name in the set, with / between folders; "" for the set as a whole.
    file: str
    #: Where in the file, or which generations; None for the file as a whole.
    place: Place | None
    #: What is the case, in one line.
    message: str

    @property
    def code(self) -> str:
        """The name of the check, such as "page-checksum"."""
        return self.check.code

    @property
    def error(self) -> int:
        """The engine's error, such as -1018."""
        return self.check.error

    @property
    def error_name(self) -> str:
        """The name of the engine's error, such as "JET_errReadVerifyFailure"."""
        return exception_for(self.check.error).name

    @property
    def accepted(self) -> bool:
        """Whether the engine would pass over it."""
        return self.check.accepted

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as JSON has it."""
        return {
            "code": self.code,
            "file": self.file,
            "place": self.place and self.place._asdict(),
            "error": self.error,
            "error_name": self.error_name,
            "accepted": self.accepted,
            "message": self.message,
            "source": self.check.source,
        }

    def __str__(self) -> str:
        """Return the finding as one line."""
        where = ", ".join(str(part) for part in (_shown(self.file), self.place) if part)
        fate = "accepted by the engine; " if self.accepted else ""
        return (
            f"{where or 'the set'}: {self.message} [{self.code}: {fate}{self.error_name} ({self.error}), "
            f"{self.check.source}]"
        )


class Findings:
    """The findings of one verification while it runs: at most `limit` of each check are kept, the rest are counted."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self._kept: dict[Check, list[Finding]] = {}
        self._omitted: dict[Check, int] = {}

    def add(self, check: Check, file: str, message: str, place: Place | None = None) -> None:
        """Note that `check` does not hold; a place next to the last one with the same message widens that."""
        kept = self._kept.setdefault(check, [])
        if kept and place and _continues(kept[-1], file, message, place):
            last = kept[-1]
            kept[-1] = attrs.evolve(last, place=last.place._replace(last=place.last))  # type: ignore[union-attr]
        elif self.limit is None or len(kept) < self.limit:
            kept.append(Finding(check, file, place, message))
        else:
            self._omitted[check] = self._omitted.get(check, 0) + 1

    def __contains__(self, check: Check) -> bool:
        """Return whether `check` was found not to hold somewhere."""
        return check in self._kept

    def in_order(self) -> tuple[Finding, ...]:
        """Return what was kept, in the order of the table of checks."""
        return tuple(finding for check in sorted(self._kept, key=_ORDER.__getitem__) for finding in self._kept[check])

    def omitted(self) -> dict[str, int]:
        """Return how many findings were not kept, by the code of their check."""
        return {check.code: self._omitted[check] for check in sorted(self._omitted, key=_ORDER.__getitem__)}


def _continues(last: Finding, file: str, message: str, place: Place) -> bool:
    """Return whether `place` is the next one behind a finding of the same damage."""
    return (
        last.place is not None
        and last.place.kind == place.kind
        and last.place.last + 1 == place.first
        and (last.file, last.message) == (file, message)
    )


def _shown(name: str) -> str:
    """Return a file's name as a terminal can show it."""
    return name if name.isprintable() else ascii(name)[1:-1]
