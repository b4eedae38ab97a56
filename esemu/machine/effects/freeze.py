# SPDX-License-Identifier: MIT
"""How a snapshot freezes its members and lets them go (CESESnapshotSession::ErrFreeze, Thaw; backup.cxx 3676-3950).

In the engine a thread does this, and holds locks until it is told to thaw or its time is over.  Here the locks are
state, the time-out hangs on the world's clock, and what the thread does then is a generator: it stops wherever it has
let go of something that a call may be waiting for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine.database_state import OS_SNAPSHOT
from esemu.machine.effects.logs import (
    archive_log,
    begin_generation,
    lowest_generation,
    report,
    report_missing,
    roll_log,
    write_record,
)
from esemu.machine.rules.logs import missing_generation
from esemu.machine.rules.snapshots import database_without_full_snapshot
from esemu.machine.snapshot_state import FROZEN, THAWED, TIMED_OUT
from esemu.vocabulary.parameters import JET_paramOSSnapshotTimeout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.machine.shapes.snapshots import SnapshotCall
    from esemu.machine.snapshot_state import SnapshotSession
    from esemu.machine.state import Instance, Process

SHADOW_COPY: Final = 16
"""The category of events about snapshots: OS_SNAPSHOT_BACKUP (jetmsg.mc)."""


def report_session(process: Process, session: SnapshotSession, name: str, *strings: str) -> None:
    """Write to the event log about a snapshot."""
    process.world.report(None, name, (str(session.id), *strings), SHADOW_COPY)


# Freezing: the steps of JetOSSnapshotFreeze.


def announce_freeze(process: Process, call: SnapshotCall) -> None:
    """Say in the event log that the freeze begins."""
    session = process.snapshots[call.snapshot_id]
    session.freeze_error = 0
    report_session(process, session, "OS_SNAPSHOT_FREEZE_START_ID")


def announce_member(instance: Instance, call: SnapshotCall) -> None:
    """The same for one member."""
    report(instance, "OS_SNAPSHOT_FREEZE_START_ID", str(call.snapshot_id), category=SHADOW_COPY)


def take_member(instance: Instance, call: SnapshotCall) -> None:
    """Bar backups, attaching and detaching; a stop that came before is forgotten (BKSetFlags, daedef.hxx:4272)."""
    backup = instance.backup
    session = instance.process.snapshots[call.snapshot_id]
    backup.stop_requested = False
    backup.full = session.full
    backup.in_progress = backup.streaming = True
    instance.changed()


def drop_members(instance: Instance, call: SnapshotCall, error: int) -> None:  # noqa: ARG001 - as all refusals
    """The member with the backup leaves, and so do all others: their backups are gone, that of this one is not.

    The engine means to stop at this member, but has taken it out of the list that it goes through (io.cxx:2889, 2927).
    """
    instance.snapshot = None
    instance.changed()
    reset_members(instance.process, instance.process.snapshots[call.snapshot_id])


def report_full_snapshot_missing(instance: Instance, call: SnapshotCall, error: int) -> None:  # noqa: ARG001 - likewise
    """Name the database in the event log."""
    database = database_without_full_snapshot(instance)
    assert database is not None, instance  # noqa: S101 - the rule that refused has found it
    report(instance, "DATABASE_MISS_FULL_BACKUP_ERROR_ID", database.name)


def log_freeze(instance: Instance, call: SnapshotCall) -> None:
    """Write the record at which the log stops; without circular logging it stops on a new generation."""
    backup, log = instance.backup, instance.log
    session = instance.process.snapshots[call.snapshot_id]
    nothing_logged = log.disabled or instance.recovering
    if not instance.circular and not nothing_logged:
        archive_log(instance)
        log.paused = True
        log.written = 0
        log.records.append(("STOPPED", log.tip))
    position = 0 if nothing_logged else log.position
    write_record(instance, "PrepareLogs", "Full" if session.full else "Incremental", family=OS_SNAPSHOT)
    now = instance.process.world.clock.now_ms
    if session.full:
        backup.full_position, backup.full_time = position, now
    else:
        backup.incremental_position, backup.incremental_time = position, now
    instance.changed()


def fix_copy_range(instance: Instance, call: SnapshotCall) -> None:
    """Note which logs the snapshot needs: here, unlike in a streaming backup, the last one is included."""
    backup = instance.backup
    session = instance.process.snapshots[call.snapshot_id]
    position = backup.full_position if session.full else backup.incremental_position
    backup.copy_high = (position >> 32) - (0 if instance.circular else 1)
    backup.copy_low = 0 if session.full else lowest_generation(instance) or 1
    if not backup.full_position and not instance.circular:
        backup.full_position = (backup.copy_high + 1) << 32
    instance.changed()


def give_up_range(instance: Instance, call: SnapshotCall, error: int) -> None:  # noqa: ARG001 - as all refusals
    """The member cannot be frozen: forget its range, and let its log go on if it was stopped."""
    instance.backup.copy_low = instance.backup.copy_high = 0
    if instance.log.stopped:
        resume_log(instance)
    instance.changed()


def report_snapshot_gap(instance: Instance, call: SnapshotCall, error: int) -> None:  # noqa: ARG001 - likewise
    """Name the missing log in the event log."""
    report_missing(instance, missing_generation(instance, instance.backup.copy_low))


def lock_log(instance: Instance, call: SnapshotCall) -> None:
    """With circular logging the log stays as it is, locked."""
    if instance.circular:
        instance.log.write_lock = instance.process.snapshots[call.snapshot_id]
        instance.changed()


def thaw_logs(process: Process, call: SnapshotCall, error: int) -> None:  # noqa: ARG001 - as all refusals
    """A member cannot be frozen: those before it go on, and all leave the snapshot (io.cxx:2797, 3158)."""
    session = process.snapshots[call.snapshot_id]
    for instance in session.members(process):
        if instance.log.stopped:
            resume_log(instance)
    reset_members(process, session)


def lock_checkpoint(instance: Instance, call: SnapshotCall) -> None:
    """Hold the checkpoint, and with it the range of logs that truncation deletes (BKInitForSnapshot, backup.cxx:4756)."""
    backup, log = instance.backup, instance.log
    session = log.checkpoint_lock = instance.process.snapshots[call.snapshot_id]
    backup.delete_low = 0
    if session.full:
        backup.copy_low = log.checkpoint
    backup.delete_high = min(backup.copy_high, log.checkpoint)
    instance.changed()


def lock_backup(instance: Instance, call: SnapshotCall) -> None:
    """Hold m_critBackupInProgress, so that whoever wants to begin a backup waits."""
    instance.backup.lock = instance.process.snapshots[call.snapshot_id]
    instance.changed()


def freeze(process: Process, call: SnapshotCall) -> None:
    """The snapshot is frozen, and will not be for longer than JET_paramOSSnapshotTimeout."""
    session = process.snapshots[call.snapshot_id]
    session.state = FROZEN
    session.call = call
    session.thread_open = True
    world = process.world
    limit = int(process.parameters[JET_paramOSSnapshotTimeout])
    session.timer = world.clock.call_at(
        world.clock.now_ms + limit,
        lambda: world.run_thread(process, thaw_steps(process, session, timed_out=True)),
    )


def report_failed_freeze(process: Process, call: SnapshotCall, error: int) -> None:
    """Say in the event log with which error the freeze failed; the session stays, without members."""
    session = process.snapshots[call.snapshot_id]
    session.freeze_error = error
    report_session(process, session, "OS_SNAPSHOT_FREEZE_START_ERROR_ID", str(error))


# Letting go.


def thaw_steps(process: Process, session: SnapshotSession, *, timed_out: bool) -> Iterator[bool]:
    """Let go of everything, in the engine's order (io.cxx:3168, 2821); after a time-out the members leave, too.

    Yields whether it waits itself.  Nothing is left to be let go of where somebody has thawed the snapshot just when its
    time was up.
    """
    if session.timer is None:
        return
    session.timer = None
    for instance in session.members(process):
        instance.backup.lock = None
        instance.changed()
        yield False
    for instance in session.members(process):
        instance.log.checkpoint_lock = None
        instance.changed()
        yield False
    for instance in session.members(process):
        resume_log(instance)
        yield False
    if timed_out:
        reset_members(process, session)
    while process.snapshot_lock is not None and timed_out:
        yield True
    if timed_out:
        session.state = TIMED_OUT
        limit = str(process.parameters[JET_paramOSSnapshotTimeout])
        report_session(process, session, "OS_SNAPSHOT_TIME_OUT_ID", limit)
    else:
        session.state = THAWED
        report_session(process, session, "OS_SNAPSHOT_FREEZE_STOP_ID")


def resume_log(instance: Instance) -> None:
    """Let the log go on: with the generation that it was stopped on, and those that were asked for since."""
    log = instance.log
    put_off, log.rolls_put_off = log.rolls_put_off, 0
    written = log.written
    if log.paused:
        log.paused = False
        begin_generation(instance)
    log.write_lock = None
    for _ in range(put_off):
        roll_log(instance)
    log.written = written
    instance.changed()


def reset_members(process: Process, session: SnapshotSession) -> None:
    """Let all members leave; backups of theirs that run are forgotten (io.cxx:2919-2971; BKResetFlags)."""
    scope = "Full" if session.full else "Incremental"
    for instance in session.members(process):
        backup = instance.backup
        backup.in_progress = backup.streaming = backup.full = backup.stop_requested = False
        write_record(instance, "Stop", scope, family=OS_SNAPSHOT, roll=instance.aggressive_rollover)
        instance.snapshot = None
        instance.changed()
    process.world.wake(process)
