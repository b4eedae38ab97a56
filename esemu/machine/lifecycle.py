# SPDX-License-Identifier: MIT
"""How an instance starts and how it ends, as parts of the table (ErrInitComplete, ErrTermComplete)."""

from __future__ import annotations

from esemu.machine.effects import instances
from esemu.machine.rules import instances as rules, waits
from esemu.machine.step import Part, Within

UNIQUE_PATHS = (rules.temp_path_in_use, rules.system_path_in_use, rules.log_path_in_use)
"""ErrCheckUniquePath, where `others_initialized`."""

INITIALIZE = Within(
    "the instance that was found or made",
    rules.already_initialized,
    Part(
        "ErrInitComplete",
        instances.read_recovery,
        Part("ErrCheckUniquePath", *UNIQUE_PATHS, when=rules.others_initialized),
        rules.cleanup_without_circular_log,
        rules.system_folder_missing,
        rules.log_folder_missing,
        rules.folder_write_protected,
        instances.initialize,
        refused=instances.free_after_failed_init,
    ),
    instance_of=instances.found,
)

TERMINATE = Part(
    "ErrTermComplete",
    Part("ErrTermAlloc", instances.free_uninitialized, when=rules.never_initialized),
    Part(
        "ErrIsamTerm",
        rules.term_while_terminating,
        rules.term_while_restoring,
        rules.term_while_initializing,
        rules.term_waits_for_checkpoint,
        rules.term_inside_the_instance,
        instances.begin_term,
        instances.lock_api,
        Part(
            "stops backups",
            Part(
                "waits for the snapshot",
                instances.lock_snapshots,
                waits.freeze_bars_term,
                instances.unlock_snapshots,
                waits.member_of_snapshot,
                instances.forget_stop_at_term,
                when=waits.snapshot_bars_term,
            ),
            Part("ErrBKExternalBackupCleanUp", instances.end_backup_at_term, when=waits.no_snapshot_bars_term),
            when=rules.term_aborts_backup,
        ),
        rules.term_waits_for_recovery,
        Part(
            "ErrINSTTerm",
            rules.backup_in_progress,
            rules.surrogate_in_progress,
            rules.transaction_open,
            when=rules.terminates_cleanly,
            refused=instances.give_up_term,
        ),
        instances.terminate,
        Part("DirtyShutdown", rules.terminated_dirtily, refused=instances.report_dirty),
        when=rules.was_initialized,
    ),
)
