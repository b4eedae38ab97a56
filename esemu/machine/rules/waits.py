# SPDX-License-Identifier: MIT
"""What calls wait for while a snapshot is frozen; the docstrings say it, and nobody but the snapshot can end it.

The freeze ends with JetOSSnapshotThaw, JetOSSnapshotEnd or JetOSSnapshotAbort from another thread, or with its time-out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from esemu.machine.snapshot_state import FROZEN
from esemu.machine.state import process_of
from esemu.machine.step import rule, wait
from esemu.vocabulary.grbits import (
    JET_bitDbRecoveryOff,
    JET_bitStopServiceAll,
    JET_bitStopServiceQuiesceCaches,
    JET_bitStopServiceResume,
    JET_bitStopServiceStopAndEmitLog,
)

if TYPE_CHECKING:
    from esemu.machine.call import Call, GrbitCall
    from esemu.machine.shapes.databases import DatabaseCall
    from esemu.machine.shapes.snapshots import SnapshotCall
    from esemu.machine.snapshot_state import SnapshotSession
    from esemu.machine.state import Instance, Process


# Who holds what.


def _holder_of_snapshot_calls(state: Process | Instance, call: Call) -> Call | None:  # noqa: ARG001 - as all holders
    return process_of(state).snapshot_lock


def _named_snapshot(process: Process, call: SnapshotCall) -> SnapshotSession | None:
    return process.snapshots.get(call.snapshot_id)


def _holder_of_backup(instance: Instance, call: Call) -> SnapshotSession | None:  # noqa: ARG001 - likewise
    return instance.backup.lock


def _holder_of_checkpoint(instance: Instance, call: Call) -> SnapshotSession | None:  # noqa: ARG001 - likewise
    return instance.log.checkpoint_lock


def _snapshot_of(instance: Instance, call: Call) -> SnapshotSession | None:  # noqa: ARG001 - likewise
    return instance.snapshot


# What calls wait for.


@wait(source="io.cxx:3584", lock="g_critOSSnapshot", holder=_holder_of_snapshot_calls)
def snapshot_calls_locked(state: Process | Instance, call: SnapshotCall) -> bool:
    """JetTerm, which waits for a frozen snapshot and lets no other call about snapshots in meanwhile."""
    holder = process_of(state).snapshot_lock
    return holder is not None and holder is not call


@wait(source="io.cxx:3302", lock="m_thread", holder=_named_snapshot)
def snapshot_lets_go(process: Process, call: SnapshotCall) -> bool:
    """The thread of the snapshot, whose time is over, to have let go of everything."""
    session = process.snapshots.get(call.snapshot_id)
    return session is not None and session.state == FROZEN and session.timer is None


@wait(source="backup.cxx:1699", lock="m_critBackupInProgress", holder=_holder_of_backup)
def backup_lock_held(instance: Instance) -> bool:
    """A frozen snapshot, which holds m_critBackupInProgress until it thaws or times out."""
    return instance.backup.lock is not None


@wait(source="backup.cxx:4423", lock="m_critCheckpoint", holder=_holder_of_checkpoint)
def checkpoint_lock_held(instance: Instance) -> bool:
    """A frozen snapshot, which holds m_critCheckpoint: headers cannot be written until it thaws or times out."""
    return instance.log.checkpoint_lock is not None


@wait(source="logwrite.cxx:1884", pause_ms=100, lock="The log", holder=_snapshot_of)
def generation_not_reached(instance: Instance) -> bool:
    """The log to reach the generation of a record, which it does after a frozen snapshot has let it go on."""
    return instance.log.tip > instance.log.generation


@wait(source="logwrite.cxx:2004", lock="The log", holder=_snapshot_of)
def creation_not_logged(instance: Instance, call: DatabaseCall) -> bool:
    """The record of the new database to be written, which it is after a frozen snapshot has let the log go on."""
    return instance.log.stopped and not call.grbit & JET_bitDbRecoveryOff


@wait(source="tm.cxx:1782", lock="The log", holder=_snapshot_of)
def log_stopped(instance: Instance) -> bool:
    """The record of the call to be written, which it is after a frozen snapshot has let the log go on."""
    return log_is_stopped(instance)


def log_is_stopped(instance: Instance) -> bool:
    """Return whether a frozen snapshot keeps records from being written that would be written without it."""
    log = instance.log
    return log.stopped and not (log.write_failed or log.disabled or instance.recovering)


@wait(source="jetapi.cxx:22536", lock="The log", holder=_snapshot_of)
def log_not_flushed(instance: Instance, call: GrbitCall) -> bool:
    """Every record to be written before the caches go quiet; a frozen snapshot stops the log behind one of its own."""
    if call.grbit & (JET_bitStopServiceResume | JET_bitStopServiceStopAndEmitLog):
        return False
    quiet = call.grbit == JET_bitStopServiceAll or bool(call.grbit & JET_bitStopServiceQuiesceCaches)
    return quiet and log_is_stopped(instance)


@rule(source="jetapi.cxx:20952")
def snapshot_bars_term(instance: Instance) -> bool:
    """The instance is in a snapshot, if only a prepared one."""
    return instance.snapshot is not None


@rule(source="jetapi.cxx:20974")
def no_snapshot_bars_term(instance: Instance, call: GrbitCall) -> bool:
    """The instance is in no snapshot, and was in none when this call came."""
    return instance.snapshot is None and not call.waited_for_snapshot


@wait(source="jetapi.cxx:20955", lock="m_critBackupInProgress", holder=_holder_of_backup)
def freeze_bars_term(instance: Instance) -> bool:
    """A frozen snapshot, with the lock held that every call about snapshots needs: only its time-out can end this."""
    return instance.backup.lock is not None


@wait(source="jetapi.cxx:20960", pause_ms=2, lock="m_pOSSnapshotSession", holder=_snapshot_of)
def member_of_snapshot(instance: Instance) -> bool:
    """The snapshot to be ended, or to let go of the instance."""
    return instance.snapshot is not None
