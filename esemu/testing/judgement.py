# SPDX-License-Identifier: MIT
"""What is to be said about one run of a client: the contracts that it has broken, and that it never ends or fails for nothing.

Nobody is blamed for what he could not know: a stop that comes after the last call which could have told of it makes the
backup void, and the engine answers its end with success all the same (backup.cxx:4130).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from esemu.testing.checks import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.testing.client_run import ClientRun


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with a client: the code of a contract check with its name, and what there is to say.

    Two codes are no checks: "never-ends" and "fails-untouched".
    """

    code: str
    message: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.code} {self.name}".rstrip()


def judge(run: ClientRun) -> list[Finding]:
    """Return what is wrong with what the client did in a run."""
    return list(_findings(run))


def _findings(run: ClientRun) -> Iterator[Finding]:
    own = {call.number for call in run.calls}
    others = [call.number for call in run.engine.trace if call.number not in own]
    for finding in check(run.engine, reported_success=run.claim, ignore=others):
        if finding.call.number in own and finding.name not in excused(run):
            yield Finding(finding.code, finding.message, finding.name)
    if run.claim is None:
        yield Finding("never-ends", f"The client has made {run.limit} calls and has not ended.")
    if run.claim is False and run.fresh:
        yield Finding("fails-untouched", f"Nothing was done to the client, and it {run.outcome}.")


def excused(run: ClientRun) -> set[str]:
    """Return the names of checks that would blame the client for what was done to it."""
    names = set()
    if run.claim is None:
        names |= {"backup-not-ended", "file-not-closed"}  # it was cut off
    if getattr(run.point, "rule", "") in ENDED_BY_SERVER:
        names |= {"terminated-under-backup", "wrong-phase", "file-not-read"}
    return names


ENDED_BY_SERVER: Final = {"no_streaming_backup", "no_backup", "handle_of_no_instance"}
"""Rules that a sweep lets hold by ending the backup, or the instance, under the client."""
