# SPDX-License-Identifier: MIT
"""How a set is restored, as parts of the table: ErrLGRestore and ErrLGRSTExternalRestore, in the order of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esemu.machine.effects import redo, restore, restore_instance
from esemu.machine.lifecycle import UNIQUE_PATHS
from esemu.machine.rules import instances, restore as rules
from esemu.machine.step import Each, Part, Within

if TYPE_CHECKING:
    from esemu.machine.shapes.restore import RestoreCall
    from esemu.machine.state import Instance


def _own(call: RestoreCall) -> Instance:
    assert call.instance is not None, call  # noqa: S101 - the steps before have found or made it
    return call.instance


def target_of(call: RestoreCall) -> Instance:
    """Return the instance that runs where the restore is for."""
    assert call.target is not None, call  # noqa: S101 - the part is conditional
    return call.target


CHECK_LOGS = Part(
    "ErrLGIRSTCheckSignaturesLogSequence",
    rules.generations_reversed,
    Each(
        "each log of the set",
        rules.log_missing,
        rules.log_header_bad,
        rules.log_of_another_sequence,
        rules.log_of_other_page_size,
        rules.log_of_other_size,
        rules.log_not_contiguous,
        restore.keep_log,
        over=restore.each_log,
        refused=restore.report_log,
    ),
    Each(
        "each log behind the set",
        rules.later_log_missing,
        rules.log_header_bad,
        rules.later_log_of_another_sequence,
        rules.later_log_not_contiguous,
        restore.keep_log,
        over=restore.each_later_log,
        refused=restore.report_later_log,
    ),
)

CHECK_DATABASE = Part(
    "ErrLGCheckDBFiles",
    rules.database_file_missing,
    restore.read_database,
    rules.database_header_bad,
    rules.database_of_another_kind,
    rules.database_of_no_backup,
    Part(
        "the trailer",
        rules.database_too_short,
        rules.trailer_bad,
        rules.trailer_of_another,
        when=rules.trailer_not_used_yet,
    ),
    restore.end_backup_range,
    rules.header_not_rewritten,
    refused=restore.report_mismatch,
)

ATTACH = Part(
    "ErrLGRICheckAttachedDb",
    rules.database_being_reseeded,
    rules.database_being_reverted,
    rules.database_in_no_state,
    rules.first_log_too_late,
    restore.keep_database,
    refused=restore.report_missing_first,
)

REDO = Part(
    "ErrLGRRedo",
    Each(
        "each log",
        rules.first_log_of_another_generation,
        rules.log_out_of_sequence,
        rules.log_before_has_changed,
        rules.log_segment_damaged,
        redo.tell_progress,
        over=redo.replay_order,
        refused=redo.report_damaged_log,
    ),
    rules.last_log_required,
    rules.last_log_committed,
    Part("the end of recovery", rules.database_left_out, refused=redo.report_left_out),
    redo.finish,
)

JET_RESTORE = Within(
    "JetRestoreInstanceEx",
    instances.already_initialized,
    restore_instance.lock,
    Part("ErrCheckUniquePath", *UNIQUE_PATHS, when=instances.others_initialized),
    Part(
        "ErrLGRestore",
        rules.restore_path_missing,
        rules.restore_path_too_long,
        rules.destination_too_long,
        restore.complete_destination,
        restore.take_folder,
        rules.five_digits_in_set,
        restore.find_logs,
        rules.no_log_in_set,
        CHECK_LOGS,
        instances.system_folder_missing,
        Part(
            "the logs are good",
            restore.report_start,
            redo.tell_begin,
            rules.patch_files_missing,
            restore.list_attached,
            Each(
                "each database in the logs",
                restore.copy_database,
                rules.database_not_copied,
                CHECK_DATABASE,
                ATTACH,
                over=restore.each_database,
            ),
            REDO,
            redo.tell_complete,
            restore.report_end,
            refused=restore.report_failure,
        ),
    ),
    instance_of=_own,
    afterwards=restore_instance.leave,
)
"""JetRestoreInstance, asked of the instance that restores."""

EXTERNAL_RESTORE = Within(
    "JetExternalRestoreEx",
    restore_instance.lock,
    Part("ErrCheckUniquePath", *UNIQUE_PATHS, when=instances.others_initialized),
    Part(
        "ErrLGRSTExternalRestore",
        restore.make_folders,
        rules.restore_path_missing,
        rules.restore_path_too_long,
        restore.take_folder,
        CHECK_LOGS,
        Part(
            "the logs are good",
            rules.map_too_long,
            Each("each database of the map", CHECK_DATABASE, over=restore.each_database),
            restore.report_start,
            redo.tell_begin,
            Each("each database of the logs", restore.read_database, ATTACH, over=restore.each_database),
            REDO,
            redo.tell_complete,
            restore.report_end,
            refused=restore.report_failure,
        ),
    ),
    instance_of=_own,
    afterwards=restore_instance.leave,
)
"""JetExternalRestore, asked of the instance that it has made."""
