# SPDX-License-Identifier: MIT
"""The verdict on a set, with everything that led to it: as data, as text for a person, as JSON."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from esemu.formats.verification.findings import Finding


class Verdict(Enum):
    """What becomes of a set when somebody restores it."""

    #: The engine takes it, and everything that the engine delivered is there.
    RESTORABLE = "restorable"
    #: The engine takes it and never complains, but something is missing, or is not as the engine delivered it.
    ACCEPTED_BUT_INCOMPLETE = "accepted but incomplete"
    #: The engine refuses it, in the restore or when it first reads what is damaged.
    NOT_RESTORABLE = "not restorable"


@attrs.frozen
class VerifiedDatabase:
    """A database of the set."""

    #: Its name in the set.
    file: str
    page_size: int
    #: Pages in the file, headers and trailer not counted.
    pages: int
    #: The generations of the backup, as the trailer has them; 0 where they are unknown.
    gen_low: int
    gen_high: int

    def __str__(self) -> str:
        """Return the database as half a line."""
        needed = f"needs logs {self.gen_low} to {self.gen_high or 'an unknown one'}"
        return f"{self.file}: {self.pages} pages of {self.page_size} bytes, {needed}"


@attrs.frozen
class VerifiedLogs:
    """The logs of one log stream in the set."""

    #: The base name, such as "edb".
    base: str
    count: int
    gen_low: int
    gen_high: int

    def __str__(self) -> str:
        """Return the logs as half a line."""
        return f"{self.count} log{'s' * (self.count != 1)} {self.base}, generations {self.gen_low} to {self.gen_high}"


@attrs.frozen
class Verification:
    """A verified set."""

    verdict: Verdict
    #: What does not hold, in the order of the table of checks.
    findings: tuple[Finding, ...]
    #: Findings that were not kept because there were too many, by the code of their check.
    omitted: dict[str, int]
    databases: tuple[VerifiedDatabase, ...]
    logs: tuple[VerifiedLogs, ...]
    #: Files that are neither: checkpoint files, reserve logs, and what belongs to somebody else.
    other_files: int

    @property
    def restorable(self) -> bool:
        """Whether all is well."""
        return self.verdict is Verdict.RESTORABLE

    def as_dict(self) -> dict[str, Any]:
        """Return the verification as JSON has it."""
        return {
            "verdict": self.verdict.value,
            "findings": [finding.as_dict() for finding in self.findings],
            "omitted": self.omitted,
            "databases": [attrs.asdict(database) for database in self.databases],
            "logs": [attrs.asdict(logs) for logs in self.logs],
            "other_files": self.other_files,
        }

    def __str__(self) -> str:
        """Return the verdict, what the set consists of, and one line for each finding."""
        lines = [f"{self.verdict.value}", *(f"  {part}" for part in (*self.databases, *self.logs))]
        lines += map(str, self.findings)
        lines += [f"and {count} more: {code}" for code, count in self.omitted.items()]
        return "\n".join(lines)


def judged(findings: tuple[Finding, ...]) -> Verdict:
    """Return the verdict that follows from findings."""
    if not findings:
        return Verdict.RESTORABLE
    accepted = all(finding.accepted for finding in findings)
    return Verdict.ACCEPTED_BUT_INCOMPLETE if accepted else Verdict.NOT_RESTORABLE
