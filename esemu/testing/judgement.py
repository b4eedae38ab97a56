# SPDX-License-Identifier: MIT
"""What is to be said about one run of a client: the contracts that it has broken, and that it never ends or fails for nothing.

Nobody is blamed for what he could not know: a stop that comes after the last call which could have told of it makes the
backup void, and the engine answers its end with success all the same (backup.cxx:4130).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.testing.checks import Finding, check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.testing.client_run import ClientRun


CUT_OFF: Final = ("backup-not-ended", "file-not-closed")
"""Checks that are not made of a client which could not go on."""


def claims_success(returned: Any) -> bool:
    """Return whether a client says by what it has returned that its backup is good: False and JET errors say no."""
    failed = returned is False or (type(returned) is int and returned < 0)
    return not failed


def judge(run: ClientRun) -> list[Finding]:
    """Return what is wrong with what the client did in a run."""
    return list(_findings(run))


def judge_hung(run: ClientRun, message: str) -> list[Finding]:
    """Return what is wrong with what the client has done so far in a run from which it has not come back."""
    return [*_broken_contracts(run, None), Finding("never-ends", "", message)]


def _broken_contracts(run: ClientRun, claim: bool | None) -> list[Finding]:
    own = {call.number for call in run.calls}
    others = [call.number for call in run.engine.trace if call.number not in own]
    return check(run.engine, reported_success=claim, ignore=others, off=CUT_OFF if claim is None else ())


def _findings(run: ClientRun) -> Iterator[Finding]:
    yield from _broken_contracts(run, run.claim)
    if run.claim is None:
        yield Finding("never-ends", "", f"The client has made {run.limit} calls and has not ended.")
    if run.claim is False and run.fresh:
        yield Finding("fails-untouched", "", f"Nothing was done to the client, and it {run.outcome}.")
