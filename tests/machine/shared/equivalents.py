# SPDX-License-Identifier: MIT
"""The mutants that nothing can tell from the table, with the reason: those of snapshots and of restores apart."""

from mutants import Mutant, all_mutants

EXCLUSIVE = {
    "running_in_multi_instance_mode before running_mode_not_set": "a process has one running mode",
    "parameters_differ before already_one_instance": "a process has one running mode",
    "the_instance_exists before no_pointer_to_instance": "a process has one running mode",
    "no_room_for_unnamed before the_instance_exists": "a process has one running mode",
    "instance_to_start_unknown before unnamed_instance_exists": "a handle is nil or it is not",
    "parameter_instance_unknown before parameter_session_unknown": "the instance counts where no session is given",
    "surrogate_in_progress before backup_in_progress": "an instance has one backup",
    "database_file_read_only before database_file_missing": "a file that must not be written is there",
    "folder_write_protected before log_folder_missing": "a folder that must not be written is there",
    "everything_was_stopped before service_not_resumable": "no stop of the log is among what was stopped",
    "page_numbers_used_up before shrinking_disabled": "a database shrinks or it grows",
    "information_given_up before information_unknown": "what the engine does not tell any more is known",
    "information_of_another_size before information_given_up": "a level is of one kind",
    "information_does_not_fit before information_of_another_size": "likewise",
    "log_stop_with_others before everything_was_stopped": "a resumption that names the log is refused before",
}
"""Neighbours that never hold at once, and why."""

REPEATED = {
    "a database: without database_in_incremental_backup": "an incremental backup begins in its log phase, which the next rule refuses",
    "after the instance was taken: without surrogate_begin_not_logged": "log_write_failed has refused the call",
    "after the instance was taken: surrogate_begin_not_logged before checkpoint_unreadable": "likewise",
    "JetStopServiceInstance2: without service_not_resumable": "log_stop_with_others refuses what names the log",
    "JetGetLogInfoInstance2A.find: without handle_of_no_instance": "it was asked before all others",
    "JetGetLogInfoInstance2A.find: no_instance before handle_of_no_instance": "likewise",
}
"""Rules that refuse nothing which another has not refused or will not refuse with the same error."""

ELSEWHERE = {
    "ErrIsamTerm: term_inside_the_instance before term_waits_for_checkpoint": "it takes a callback from inside a call",
    "ErrIsamTerm: without term_inside_the_instance": "it takes a callback from inside a call",
    "ErrIsamAttachDatabase: without database_file_read_only": "it takes a file of the host: tests/faces/test_mounts.py",
    "after each piece: without copy_not_written": "likewise",
    "ErrDBCheckState: without copy_of_a_backup": "it takes bytes: tests/faces/test_database_state.py",
    "ErrInitComplete: without folder_write_protected": "likewise",
    "JetResizeDatabase: without page_numbers_used_up": "a real engine would fill the disk: tests/faces/test_library_databases.py",
}
"""Rules that are tested with what none of these checks has."""

OF_SNAPSHOTS = {
    "header: without checkpoint_lock_held": "the end waits for the same lock before anybody can see the header",
    "JetStopServiceInstance2: log_not_flushed before log_stop_with_others": "a stop of the log flushes nothing",
    "ErrLGForceWriteLog: log_stopped before log_cannot_be_flushed": "nobody waits for a log that cannot be written",
    "JetOSSnapshotThaw: snapshot_lets_go before not_frozen": "only a frozen snapshot has a thread",
    "JetOSSnapshotTruncateLog: logs_not_to_be_truncated before snapshot_unknown": "a snapshot is known or in a state",
    "JetOSSnapshotTruncateLogInstance: logs_not_to_be_truncated before snapshot_unknown": "likewise",
}
"""Mutants of snapshot calls and of waits that nothing can tell from the table, and why."""

OF_RESTORES = {
    "trailer_bad before database_too_short": "a file has one end",
    "trailer_of_another before trailer_bad": "a trailer that cannot be read is nobody's",
    "database_being_reverted before database_being_reseeded": "a database has one state",
    "log_out_of_sequence before first_log_of_another_generation": "one is about the first log, the other about the rest",
    "restore_path_too_long before restore_path_missing": "a path that is missing has no length",
}
"""Neighbours of restores that never hold at once, and why."""


def is_equivalent(mutant: Mutant) -> bool:
    """Whether nothing here can tell the mutant from the table."""
    return mutant.name.partition(": ")[2] in EXCLUSIVE or mutant.name in REPEATED or mutant.name in ELSEWHERE


def of_the_table() -> list[Mutant]:
    """Return every mutant, but for those of snapshots and waits, which `test_snapshot_mutation` has, and of restores, which a comparison tells."""
    return [mutant for mutant in all_mutants() if not (mutant.is_about_snapshots or mutant.is_about_restores)]
