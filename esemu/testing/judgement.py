# SPDX-License-Identifier: MIT
"""What is to be said about one run of a client, from its calls and from what the engine knows at the end.

Nobody is blamed for what he could not know: a stop that comes after the last call which could have told of it makes the
backup void, and the engine answers its end with success all the same (backup.cxx:4130).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from esemu.machine.step import FOR_EVER, UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.machine.call import Call
    from esemu.testing.client_run import ClientRun

BEGINS: Final = {"JetBeginExternalBackupInstance", "JetBeginExternalBackup"}
ENDS: Final = {"JetEndExternalBackupInstance", "JetEndExternalBackupInstance2", "JetEndExternalBackup"}


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with a client: a code, and a sentence."""

    code: str
    message: str


def judge(run: ClientRun) -> list[Finding]:
    """Return what is wrong with what the client did in a run."""
    return list(_findings(run))


def _findings(run: ClientRun) -> Iterator[Finding]:
    if run.claim is None:
        yield Finding("never-ends", f"The client has made {run.limit} calls and has not ended.")
    for call in run.calls:
        if call.err == UNDEFINED:
            yield Finding("undefined-behaviour", f"{call!r}: a real engine would crash here.")
        elif call.err == FOR_EVER:
            yield Finding("waits-for-ever", f"{call!r} would never return.")
    calls = since_begin(run.calls)
    ends = [call for call in calls if call.api.name in ENDS]
    if run.claim is not None and calls and not ends and run.state.backup.in_progress and not run.state.freed:
        yield Finding("backup-not-ended", "The client has begun a backup and left it running.")
    if run.claim and not run.point.number and not calls:
        yield Finding("no-backup", "The client reports success and has begun no backup.")
    if run.claim:
        failed = next((call for call in (calls or run.calls) if call.err < 0), None)
        if failed is not None and not ended_well(run):
            yield Finding(
                "false-success", f"The client reports success although {failed!r} failed and the backup is void."
            )
    if run.claim is False and not run.point.number:
        yield Finding("fails-untouched", f"Nothing was done to the client, and it {run.outcome}.")


def since_begin(calls: list[Call]) -> list[Call]:
    """Return the calls from the last successful beginning of a backup on, none where there was none."""
    places = [place for place, call in enumerate(calls) if call.api.name in BEGINS and call.err == 0]
    return calls[places[-1] :] if places else []


def ended_well(run: ClientRun) -> bool:
    """Whether the engine itself counts the last backup as good, which only its event log tells (backup.cxx:4390)."""
    ends = [event.name for event in run.engine.events if event.name.startswith(("STOP_BACKUP", "STOP_INTERNAL_COPY"))]
    return bool(ends) and ends[-1] in {"STOP_BACKUP_INSTANCE_ID", "STOP_INTERNAL_COPY_INSTANCE_ID"}
