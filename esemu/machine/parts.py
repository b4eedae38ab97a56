# SPDX-License-Identifier: MIT
"""The functions inside the engine that several calls share, as parts of the table.

They carry the engine's own names: JetBackup, for one, is made of the same parts that clients call one by one.
"""

from __future__ import annotations

from esemu.machine.effects import backup as backups, files, headers, logs, reading
from esemu.machine.rules import begin, end, files as file_rules, logs as log_rules, waits
from esemu.machine.step import Each, Part

BEGIN = Part(
    "ErrBKBeginExternalBackup",
    begin.logging_disabled,
    begin.log_write_failed,
    begin.recovering_without_internal_copy,
    begin.unknown_begin_bit,
    begin.incremental_with_circular_log,
    begin.surrogate_with_circular_log,
    begin.internal_copy_with_another_kind,
    begin.log_disk_full,
    begin.log_sequence_end,
    waits.backup_lock_held,
    begin.backup_in_progress,
    begin.surrogate_in_progress,
    begin.suspended_while_recovering,
    backups.start,
    Part(
        "after the instance was taken",
        Part("ErrLGCheckIncrementalBackup", begin.full_backup_missing, refused=backups.report_missing_full_backup),
        backups.announce,
        begin.checkpoint_unreadable,
        begin.surrogate_begin_not_logged,
        backups.log_beginning,
        refused=backups.give_up_beginning,
    ),
)

IN_STREAMING_BACKUP = (file_rules.no_streaming_backup, file_rules.backup_stopped)
"""What every streaming call but JetCloseFile asks first."""

IN_READABLE_BACKUP = (*IN_STREAMING_BACKUP, file_rules.recovery_bars_backup, file_rules.recovery_suspends_backup)
"""What opening and reading ask first."""

OPEN_FILE = Part(
    "ErrBKOpenFile",
    *IN_READABLE_BACKUP,
    file_rules.name_missing,
    file_rules.offset_inside_a_page,
    file_rules.offset_before_page_2,
    file_rules.a_file_is_open_already,
    file_rules.path_too_long,
    files.complete_name,
    files.take_slot,
    Part(
        "with an entry of the table",
        file_rules.locked_by_a_session,
        Part(
            "a database",
            file_rules.database_in_incremental_backup,
            file_rules.database_after_logs,
            file_rules.database_is_recovering,
            files.open_database,
            when=file_rules.names_a_database,
        ),
        Part(
            "a log or another file",
            file_rules.not_a_database_in_database_phase,
            files.note_extension,
            file_rules.not_a_log_name,
            Part("the file is there", file_rules.file_missing, refused=files.report_missing_file),
            file_rules.file_cannot_be_opened,
            files.open_other_file,
            when=file_rules.names_no_database,
        ),
        refused=files.give_up_opening,
    ),
)

READ_FILE = Part(
    "ErrBKReadFile",
    *IN_READABLE_BACKUP,
    file_rules.buffer_misaligned,
    file_rules.handle_outside_the_table,
    Part(
        "a log or another file",
        file_rules.buffer_not_whole_pages,
        file_rules.buffer_below_two_pages,
        file_rules.file_is_no_log,
        file_rules.file_was_closed_by_end,
        file_rules.log_buffer_is_null,
        Part("ErrLGReadAndVerifyFile", file_rules.log_damaged, refused=reading.give_up_reading),
        reading.read_log,
        when=file_rules.slot_holds_no_database,
    ),
    Part(
        "a database",
        file_rules.buffer_not_whole_pages,
        file_rules.buffer_below_three_pages,
        Part(
            "ErrBKIReadPages",
            file_rules.zeroing_while_recovering,
            file_rules.no_page_for_trailer,
            file_rules.database_buffer_is_null,
            reading.try_pages,
            file_rules.pages_unreadable,
            refused=reading.give_up_reading,
        ),
        reading.deliver_pages,
        when=file_rules.slot_holds_a_database,
    ),
)

CLOSE_FILE = Part("ErrBKCloseFile", file_rules.no_streaming_backup, file_rules.handle_not_open, files.close)

PREPARE_LOGS = Part(
    "ErrBKIPrepareLogInfo",
    *IN_STREAMING_BACKUP,
    log_rules.a_file_is_open,
    Part(
        "ErrBKIPrepareLogFiles",
        log_rules.preparing_while_recovering,
        log_rules.roll_not_logged,
        logs.roll_for_backup,
        waits.generation_not_reached,
        logs.note_range,
        log_rules.no_log_on_disk,
        Part("ErrBKICheckLogsForIncrementalBackup", log_rules.generation_gap, refused=logs.report_gap),
        log_rules.checkpoint_unreadable_now,
        logs.fix_ranges,
        when=log_rules.logs_not_prepared,
    ),
)

TRUNCATE_LOG = Part(
    "ErrBKTruncateLog",
    *IN_STREAMING_BACKUP,
    log_rules.a_file_is_open,
    log_rules.no_range_of_logs,
    logs.enter_log_phase,
    Part("all logs copied", log_rules.logs_not_copied, refused=logs.report_logs_not_copied),
    logs.truncate,
    log_rules.log_not_deleted,
)

END_GRBIT = (end.normal_and_abort, end.neither_normal_nor_abort)

BACKUP_TO_END = Part("ErrBKExternalBackupCleanUp", end.no_backup, refused=backups.forget_stop)

END_BACKUP = Part(
    "ErrBKExternalBackupCleanUp",
    backups.settle_end,
    Each(
        "ErrBKUpdateHdrBackupInfo",
        headers.log_update,
        Part("header", waits.checkpoint_lock_held, headers.write_update, when=end.header_update_logged),
        over=headers.updates_at_end,
    ),
    backups.conclude_end,
    Part(
        "ErrLGUpdateGenRequired",
        waits.checkpoint_lock_held,
        backups.report_header_error,
        when=end.ended_well,
    ),
    backups.finish_end,
)
"""What follows where there is a backup to end, and nothing has gone wrong so far."""
