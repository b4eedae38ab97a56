# SPDX-License-Identifier: MIT
"""The functions of the engine that the calls about OS snapshots are made of (CESESnapshotSession, io.cxx; backup.cxx)."""

from __future__ import annotations

from esemu.machine.effects import freeze, snapshots as effects
from esemu.machine.rules import logs, snapshots as rules, waits
from esemu.machine.step import Each, Part

STOP_LOG = Each(
    "ErrBKOSSnapshotStopLogging",
    Part(
        "incremental",
        Part("ErrLGCheckIncrementalBackup", rules.full_snapshot_missing, refused=freeze.report_full_snapshot_missing),
        rules.incremental_snapshot_with_circular_log,
        when=rules.snapshot_is_incremental,
    ),
    rules.freeze_not_logged,
    freeze.log_freeze,
    Part("LGWaitLogPaused", rules.log_not_stopped, when=rules.stops_on_new_generation),
    freeze.fix_copy_range,
    Part(
        "ErrBKICheckLogsForIncrementalBackup",
        rules.snapshot_generation_gap,
        when=rules.snapshot_is_incremental,
        refused=freeze.report_snapshot_gap,
    ),
    freeze.lock_log,
    over=effects.members,
    refused=freeze.give_up_range,
)

FREEZE = Part(
    "ErrStartSnapshotThreadProc",
    Part(
        "SnapshotThreadProc",
        freeze.announce_freeze,
        rules.no_instance_left,
        Each(
            "SetBackupInProgress",
            freeze.announce_member,
            rules.member_in_backup,
            freeze.take_member,
            over=effects.members,
            refused=freeze.drop_members,
        ),
        Part("ErrFreezeInstance", STOP_LOG, refused=freeze.thaw_logs),
        Each("LockCheckpoint", freeze.lock_checkpoint, over=effects.members),
        Each("BKLockBackup", freeze.lock_backup, over=effects.members),
        refused=freeze.report_failed_freeze,
    ),
    freeze.freeze,
)

THAW = Part(
    "ErrIsamOSSnapshotThaw",
    effects.thaw,
    Part("ErrIsamOSSnapshotEnd", effects.end_with_thaw, when=rules.ends_with_thaw),
)

END_SNAPSHOT = Part(
    "ErrIsamOSSnapshotEnd",
    rules.not_to_be_ended,
    Part(
        "stateFreeze",
        waits.snapshot_lets_go,
        Part("stateTimeOut", rules.timed_out_while_aborted, refused=effects.give_up_timed_out),
        Part("not yet timed out", THAW, when=rules.is_frozen),
        when=rules.is_frozen,
    ),
    Part("SwitchTo", effects.end, when=rules.is_open),
)

TRUNCATE_MEMBER = Part(
    "ErrBKOSSnapshotTruncateLog",
    effects.begin_truncation,
    Part(
        "with a range",
        Part(
            "truncates",
            effects.find_lowest_log,
            rules.logs_to_keep_missing,
            effects.delete_range,
            logs.log_not_deleted,
            when=rules.truncates,
        ),
        Part("truncates nothing", effects.delete_nothing, when=rules.truncates_nothing),
        effects.use_up_range,
        when=rules.has_logs_to_delete,
        refused=effects.use_up_refused_range,
    ),
)
