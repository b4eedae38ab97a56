# SPDX-License-Identifier: MIT
"""Checks of OS snapshots, and of backups that fell victim to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esemu.testing.checks.kinds import END, KINDS, STREAMING
from esemu.testing.checks.table import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.machine.call import Call
    from esemu.testing.checks.history import History
    from esemu.testing.checks.seen import SeenBackup


@check(
    "ESB122",
    "snapshot-not-ended",
    "A snapshot was prepared and never ended: its instances can take part in no other.",
    source="io.cxx:3464",
)
def snapshot_not_ended(history: History) -> Iterator[tuple[Call, str]]:
    """The engine still has the snapshot, and nobody has tried to end it when that was possible."""
    for snapshot in history.snapshots.values():
        left = snapshot.id in history.process.snapshots and not snapshot.given_up
        if left and snapshot.prepare.number not in history.ignored:
            yield snapshot.prepare, f"It {snapshot.state}."


@check(
    "ESB123",
    "backup-lost-to-snapshot",
    "A snapshot ended a streaming backup, and its client did not notice.",
    source="io.cxx:2927",
)
def backup_lost_to_snapshot(history: History) -> Iterator[tuple[Call, str]]:
    """A call found no backup any more after a snapshot had come in between, and the client went on or reported success."""
    for backup in history.backups:
        lost, snapshot = backup.lost, backup.snapshot_call
        if lost is not None and snapshot is not None and snapshot.number < lost.number and _unnoticed(history, backup):
            yield lost, f"Call #{snapshot.number}, {snapshot.api.name}, had ended it."


def _unnoticed(history: History, backup: SeenBackup) -> bool:
    if backup.is_last and history.reported_success and not backup.aborted:
        return True
    lost = backup.lost
    later = [call for call, before in history.strays if before is backup and lost and call.thread == lost.thread]
    return any(KINDS[call.api.name] in STREAMING - {"close"} and KINDS[call.api.name] != END for call in later)
