# SPDX-License-Identifier: MIT
"""What the calls about OS snapshots change: sessions come, gain members, lose them, and end (io.cxx 3460-4114).

What happens between the freeze and the thaw is in `freeze`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from esemu.machine.database_state import OS_SNAPSHOT, BackupRecord
from esemu.machine.effects.freeze import SHADOW_COPY, report_session, reset_members, thaw_steps
from esemu.machine.effects.headers import HeaderUpdate
from esemu.machine.effects.instances import InstanceInfo
from esemu.machine.effects.logs import delete_logs, lowest_generation, report, write_record
from esemu.machine.snapshot_state import (
    ABORTED,
    ENDED,
    LOG_TRUNCATED,
    LOG_TRUNCATION_ALLOWED,
    PREPARED,
    SnapshotSession,
)
from esemu.machine.state import process_of
from esemu.vocabulary.errors import JET_errDiskIO, JET_errLogWriteFail
from esemu.vocabulary.grbits import (
    JET_bitAbortSnapshot,
    JET_bitContinueAfterThaw,
    JET_bitCopySnapshot,
    JET_bitExplicitPrepare,
    JET_bitIncrementalSnapshot,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.machine.shapes.snapshots import SnapshotCall, SnapshotInfoCall, SnapshotPrepareCall
    from esemu.machine.state import Instance, Process

PREPARE_EVENTS = {
    (True, False): "OS_SNAPSHOT_PREPARE_FULL_ID",
    (True, True): "OS_SNAPSHOT_PREPARE_COPY_ID",
    (False, False): "OS_SNAPSHOT_PREPARE_INCREMENTAL_ID",
    (False, True): "OS_SNAPSHOT_PREPARE_DIFFERENTIAL_ID",
}
"""Full, copy -> what the event log says."""


def prepare(process: Process, call: SnapshotPrepareCall) -> None:
    """Make a session; without JET_bitExplicitPrepare every started instance that is free joins it."""
    process.snapshot_id += 1
    session = process.snapshots[process.snapshot_id] = SnapshotSession(
        process.snapshot_id,
        call,
        full=not call.grbit & JET_bitIncrementalSnapshot,
        copy=bool(call.grbit & JET_bitCopySnapshot),
        continues_after_thaw=bool(call.grbit & JET_bitContinueAfterThaw),
    )
    report_session(process, session, PREPARE_EVENTS[session.full, session.copy])
    call.result = session.id
    if call.grbit & JET_bitExplicitPrepare:
        return
    for instance in process.live():
        # A running backup is no obstacle here, only when it comes to freezing.
        if instance.initialized and instance.snapshot is None:
            _join(instance, session)


def join(instance: Instance, call: SnapshotCall) -> None:
    """Make the instance a member; those that have joined before stay."""
    _join(instance, instance.process.snapshots[call.snapshot_id])


def _join(instance: Instance, session: SnapshotSession) -> None:
    instance.snapshot = session
    write_record(instance, "Begin", "Full" if session.full else "Incremental", family=OS_SNAPSHOT)
    instance.changed()


def members(process: Process, call: SnapshotCall) -> Iterator[Instance]:
    """Go through the members of the snapshot, in table order."""
    for instance in process.snapshots[call.snapshot_id].members(process):
        call.instance = instance
        yield instance


def clear_info(process: Process, call: SnapshotInfoCall) -> None:  # noqa: ARG001 - an effect gets both
    """Store 0 and NULL, which an error that comes later leaves there."""
    call.written = True


def list_members(process: Process, call: SnapshotInfoCall) -> None:
    """Tell of the members, with the databases that backups see (io.cxx:2137)."""
    call.written = True
    call.result = [
        InstanceInfo(
            instance.handle,
            instance.name,
            [database.name for database in instance.databases if database.attached and database.logged],
        )
        for instance in process.snapshots[call.snapshot_id].members(process)
    ]


def thaw(process: Process, call: SnapshotCall) -> None:
    """Let go of everything that the snapshot held; logs may be truncated now."""
    session = process.snapshots[call.snapshot_id]
    session.timer.cancel()
    for _ in thaw_steps(process, session, timed_out=False):
        pass
    session.thread_open = False
    session.state = LOG_TRUNCATION_ALLOWED
    process.world.wake(process)


def give_up_timed_out(process: Process, call: SnapshotCall, error: int) -> None:  # noqa: ARG001 - as all refusals
    """A snapshot that timed out and does not go on after the thaw is gone; any other has to be aborted."""
    session = process.snapshots[call.snapshot_id]
    if not session.continues_after_thaw:
        _close(process, session, ABORTED)


def end_with_thaw(process: Process, call: SnapshotCall) -> None:
    """End the snapshot well, with all that belongs to that."""
    session = process.snapshots[call.snapshot_id]
    _save_records(process, session)
    reset_members(process, session)
    _close(process, session, ENDED)


def end(process: Process, call: SnapshotCall) -> None:
    """End the snapshot: well, or with JET_bitAbortSnapshot badly.

    One that was only prepared has nothing to undo, but its members' flags are cleared all the same (io.cxx:4039): a
    streaming backup that runs on one of them is gone.
    """
    session = process.snapshots[call.snapshot_id]
    aborted = bool(call.grbit & JET_bitAbortSnapshot)
    if session.state in {LOG_TRUNCATION_ALLOWED, LOG_TRUNCATED} and not aborted:
        _save_records(process, session)
    if session.state in {PREPARED, LOG_TRUNCATION_ALLOWED, LOG_TRUNCATED}:
        reset_members(process, session)
    _close(process, session, ABORTED if aborted else ENDED)


def mark_aborted(process: Process, call: SnapshotCall) -> None:  # noqa: ARG001 - an effect gets both
    """JetOSSnapshotAbort is JetOSSnapshotEnd with its only bit (io.cxx:3791)."""
    call.grbit |= JET_bitAbortSnapshot


def _close(process: Process, session: SnapshotSession, state: str) -> None:
    """Say in the event log how the snapshot ended, and forget it."""
    session.state = state
    session.thread_open = False
    report_session(process, session, "OS_SNAPSHOT_END_ID" if state == ENDED else "OS_SNAPSHOT_ABORT_ID")
    del process.snapshots[session.id]


def _save_records(process: Process, session: SnapshotSession) -> None:
    """Let every database of every member remember the snapshot, those included that came after it was frozen."""
    for instance in session.members(process):
        backup, log = instance.backup, instance.log
        logged = False
        log_error = 0
        for database in instance.databases:
            if not database.logged or not database.attached or database.attached_for_recovery:
                continue
            mark = backup.full_position if session.full else backup.incremental_position
            time = backup.full_time if session.full else backup.incremental_time
            record = BackupRecord(backup.copy_low, backup.copy_high, OS_SNAPSHOT, mark, time)
            update = HeaderUpdate(database, record, log_only=not session.full, truncated=not session.copy)
            # One log record stands for the headers of all databases of the instance (backup.cxx:3638).
            logged = logged or update.log(instance)
            if logged:
                update.write()
            else:
                log_error = JET_errLogWriteFail
        header_error = log_error or (JET_errDiskIO if log.header_write_fails else 0)
        if header_error:
            report(instance, "BACKUP_ERROR_INFO_UPDATE", str(header_error))
        instance.changed()


def begin_truncation(instance: Instance, call: SnapshotCall) -> None:  # noqa: ARG001 - an effect gets both
    """Forget where the range to delete began."""
    instance.backup.delete_low = 0
    instance.changed()


def find_lowest_log(instance: Instance, call: SnapshotCall) -> None:  # noqa: ARG001 - an effect gets both
    """The range to delete begins with the first log on disk."""
    instance.backup.delete_low = lowest_generation(instance)


def delete_range(instance: Instance, call: SnapshotCall) -> None:
    """Delete the logs that the snapshot makes dispensable."""
    backup = instance.backup
    delete_logs(instance, call, backup.delete_low, backup.delete_high, family=OS_SNAPSHOT, category=SHADOW_COPY)


def delete_nothing(instance: Instance, call: SnapshotCall) -> None:
    """Log and report a truncation of no logs."""
    delete_logs(instance, call, 0, 0, family=OS_SNAPSHOT, category=SHADOW_COPY)


def use_up_range(instance: Instance, call: SnapshotCall) -> None:  # noqa: ARG001 - an effect gets both
    """A range is deleted once: what comes later deletes nothing."""
    instance.backup.delete_low = instance.backup.delete_high = 0
    instance.changed()


def use_up_refused_range(instance: Instance, call: SnapshotCall, error: int) -> None:  # noqa: ARG001 - as all refusals
    """The range is used up even if it could not be deleted (backup.cxx:3604)."""
    use_up_range(instance, call)


def note_truncation(state: Process | Instance, call: SnapshotCall) -> None:
    """Logs were truncated: from here on the snapshot only ends."""
    process_of(state).snapshots[call.snapshot_id].state = LOG_TRUNCATED
