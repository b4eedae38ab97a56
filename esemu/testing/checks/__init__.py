# SPDX-License-Identifier: MIT
"""Contract checks: what a client did wrong although the engine may have put up with it.

The checks read the trace of an engine after the fact, so they see as far back as `Engine(trace_limit=...)` lets them.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from esemu.testing.checks import copies, ends, files, order, snapshots  # noqa: F401 - they fill the table
from esemu.testing.checks.history import History
from esemu.testing.checks.table import CHECKS, Check, Finding, chosen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from esemu.faces.engine import Engine

__all__ = ["CHECKS", "Check", "Finding", "check"]


def check(
    engine: Engine,
    *,
    reported_success: bool | None = None,
    only: Iterable[str] | None = None,
    off: Iterable[str] = (),
    ignore: Collection[int] = (),
) -> list[Finding]:
    """Return the contracts that the clients of an engine have broken so far, in the order of the calls.

    `reported_success` says whether the client takes its last backup for good, None where nobody knows.  `only` and
    `off` choose checks by code or name.  `ignore` are numbers of calls that a test made in the part of the server:
    nobody is blamed for them, nor for what comes of them.  Raises ValueError for a check that there is not.
    """
    rows = list(CHECKS.values() if only is None else chosen(only))
    without = {row.code for row in chosen(off)}
    history = History(engine.process, ignored=frozenset(ignore), reported_success=reported_success)
    found = [
        (call.number, row.code, row.found(call, detail))
        for row in rows
        if row.code not in without
        for call, detail in row.find(history)
        if call.number not in history.ignored
    ]
    return [finding for *_, finding in sorted(found, key=itemgetter(0, 1))]
