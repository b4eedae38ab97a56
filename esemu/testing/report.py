# SPDX-License-Identifier: MIT
"""The table that explorations and sweeps return: point, fault, what the client did, verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from esemu.testing.checks import Finding
    from esemu.testing.client_run import ClientRun
    from esemu.testing.points import Point


@dataclass(frozen=True)
class Row:
    """One run: what happened where, how many calls the client made and how it ended, and what is wrong with that."""

    point: Point
    calls: int
    client: str
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> str:
        """The codes and names of what is wrong, "ok" where nothing is."""
        return ", ".join(dict.fromkeys(finding.label for finding in self.findings)) or "ok"

    def as_dict(self) -> dict[str, Any]:
        """Return the row as a dictionary of JSON values."""
        return {
            "point": self.point.place,
            "fault": self.point.fault,
            "calls": self.calls,
            "client": self.client,
            "verdict": self.verdict,
            "messages": [finding.message for finding in self.findings],
        }


def row_of(run: ClientRun, outcome: str = "", findings: Iterable[Finding] | None = None) -> Row:
    """Return the row of a run; where it has not come to its end, what is to be said about that."""
    found = run.findings if findings is None else findings
    kept = tuple(replace(finding, call=None) for finding in found)  # a call would keep the engine of its run
    return Row(run.point, len(run.calls), outcome or run.outcome, kept)


class Report:
    """The rows of all runs, the one with nothing done to the client first.

    They are not `complete` where the client did not come back so often that no more runs were made.
    """

    def __init__(self, rows: Sequence[Row], *, complete: bool = True) -> None:
        self.rows = list(rows)
        self.complete = complete

    def __len__(self) -> int:
        """How many runs there were."""
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows."""
        return iter(self.rows)

    @property
    def failures(self) -> list[Row]:
        """The rows in which something is wrong."""
        return [row for row in self.rows if row.findings]

    @property
    def codes(self) -> set[str]:
        """The codes of everything that is wrong."""
        return {finding.code for row in self.rows for finding in row.findings}

    def as_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries of JSON values."""
        return [row.as_dict() for row in self.rows]

    def text(self, rows: Sequence[Row] | None = None) -> str:
        """Return the table as text, all of it or these rows."""
        lines = [("point", "fault", "client", "verdict")]
        lines += [
            (row.point.place, row.point.fault, row.client, row.verdict) for row in (self.rows if rows is None else rows)
        ]
        widths = [max(len(line[column]) for line in lines) for column in range(4)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
        )

    def check(self) -> None:
        """Raise AssertionError with the rows in which something is wrong, if there are any."""
        failures = self.failures
        if failures:
            ended = "" if self.complete else ", after which no more were made"
            raise AssertionError(f"{len(failures)} of {len(self.rows)} runs went wrong{ended}:\n{self.text(failures)}")

    def __repr__(self) -> str:
        """Show the table."""
        return self.text()
