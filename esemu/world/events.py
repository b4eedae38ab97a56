# SPDX-License-Identifier: MIT
"""The table of the events that an engine reports about instances, databases, backups and snapshots.

Numbers, severities, categories and the order of the inserted strings are the engine's (jetmsg.mc and the places that
report); the wording is our own.  %4 stands for the first inserted string, %5 for the second and so on: before them the
engine inserts the program, its process number and the instance.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Literal

    Severity = Literal["I", "W", "E"]

GENERAL: Final = 1
"""Category of instances and databases coming and going."""
LOGGING_RECOVERY: Final = 3
"""Category of backups, copies and logs."""
DATABASE_CORRUPTION: Final = 12
"""Category of databases that were attached or detached in part."""
SHADOW_COPY: Final = 16
"""Category of OS snapshots; a snapshot that deletes logs reports 224, 225 and 227 under it too."""

EVENTS: Final[dict[str, tuple[int, Severity, int, str]]] = {
    # General: tm.cxx:945-959 and 1235-1270, jetapi.cxx:21467-21476, db.cxx:359-470.
    "START_INSTANCE_ID": (102, "I", GENERAL, "Instance %4 is starting (engine version %5.%6.%7.%8)."),
    "STOP_INSTANCE_ID": (103, "I", GENERAL, "The instance stopped."),
    "STOP_INSTANCE_ID_WITH_ERROR": (104, "E", GENERAL, "The instance stopped with an error."),
    "START_INSTANCE_DONE_ID": (105, "I", GENERAL, "The instance started."),
    "CREATE_DATABASE_DONE_ID": (325, "I", GENERAL, "Database %5 was created and is number %4."),
    "ATTACH_DATABASE_DONE_ID": (326, "I", GENERAL, "Database %5 was attached and is number %4."),
    "DETACH_DATABASE_DONE_ID": (327, "I", GENERAL, "Database %5, number %4, was detached."),
    "DB_PARTIALLY_ATTACHED_ID": (470, "E", DATABASE_CORRUPTION, "Attaching %4 failed half-way, at stage %5: %6."),
    "DB_PARTIALLY_DETACHED_ID": (473, "E", DATABASE_CORRUPTION, "Detaching %4 failed half-way, writing headers: %5."),
    # Backups: backup.cxx, and logstream.cxx:4091-4220 for the deletion of logs.  Nothing reports 200-203, 207 and 212.
    "START_FULL_BACKUP_ID": (200, "I", LOGGING_RECOVERY, "A full backup began."),
    "START_INCREMENTAL_BACKUP_ID": (201, "I", LOGGING_RECOVERY, "An incremental backup began."),
    "STOP_BACKUP_ID": (202, "I", LOGGING_RECOVERY, "The backup ended well."),
    "STOP_BACKUP_ERROR_ID": (203, "E", LOGGING_RECOVERY, "The backup ended with error %4."),
    "DATABASE_MISS_FULL_BACKUP_ERROR_ID": (
        206,
        "E",
        LOGGING_RECOVERY,
        "No incremental backup of %4 is possible before a full one.",
    ),
    "STOP_BACKUP_ERROR_ABORT_BY_CALLER": (207, "E", LOGGING_RECOVERY, "The client gave the backup up or is gone."),
    "START_FULL_BACKUP_INSTANCE_ID": (210, "I", LOGGING_RECOVERY, "A full backup began."),
    "START_INCREMENTAL_BACKUP_INSTANCE_ID": (211, "I", LOGGING_RECOVERY, "An incremental backup began."),
    "START_SNAPSHOT_BACKUP_INSTANCE_ID": (212, "I", LOGGING_RECOVERY, "A snapshot backup began."),
    "STOP_BACKUP_INSTANCE_ID": (213, "I", LOGGING_RECOVERY, "The backup ended well."),
    "STOP_BACKUP_ERROR_INSTANCE_ID": (214, "E", LOGGING_RECOVERY, "The backup ended with error %4."),
    "STOP_BACKUP_ERROR_ABORT_BY_CALLER_INSTANCE_ID": (
        215,
        "E",
        LOGGING_RECOVERY,
        "The client gave the backup up or is gone.",
    ),
    "BACKUP_ERROR_FOR_ONE_DATABASE": (
        217,
        "E",
        LOGGING_RECOVERY,
        "Error %4 in the backup of database %5, which cannot be restored from this backup.",
    ),
    "BACKUP_ERROR_READ_FILE": (218, "E", LOGGING_RECOVERY, "Error %4 in the backup of file %5."),
    "BACKUP_ERROR_INFO_UPDATE": (219, "W", LOGGING_RECOVERY, "Error %4 in writing the backup to database headers."),
    "BACKUP_FILE_START": (220, "I", LOGGING_RECOVERY, "The copy of %4 (%5) began."),
    "BACKUP_FILE_STOP_OK": (221, "I", LOGGING_RECOVERY, "The copy of %4 is complete."),
    "BACKUP_FILE_STOP_BEFORE_END": (222, "I", LOGGING_RECOVERY, "The backup of %4 ended after %5 of %6 bytes."),
    "BACKUP_LOG_FILES_START": (223, "I", LOGGING_RECOVERY, "The backup of logs %4 to %5 began."),
    "BACKUP_TRUNCATE_LOG_FILES": (224, "I", LOGGING_RECOVERY, "Logs %4 to %5 are being deleted."),
    "BACKUP_NO_TRUNCATE_LOG_FILES": (225, "I", LOGGING_RECOVERY, "There is no log to delete."),
    "STOP_BACKUP_ERROR_ABORT_BY_SERVER_INSTANCE_ID": (
        226,
        "E",
        LOGGING_RECOVERY,
        "The server stopped the backup, perhaps because the instance terminates.",
    ),
    "BACKUP_TRUNCATE_FOUND_MISSING_LOG_FILES": (227, "W", LOGGING_RECOVERY, "%4 logs to delete were missing."),
    "BACKUP_LOG_FILE_MISSING_ERROR_ID": (459, "E", LOGGING_RECOVERY, "File %4 is missing and not in the backup."),
    "TRANSIENT_READ_ERROR_DETECTED_ID": (
        493,
        "E",
        LOGGING_RECOVERY,
        "Reading %6 bytes at offset %5 of %4 succeeded after %7 failures in %8 seconds.",
    ),
    "LOG_CORRUPT_ID": (  # logread.cxx:969
        552,
        "E",
        LOGGING_RECOVERY,
        "Log %4 is damaged (%5): segment %7 after %6, checksum %8 instead of %9.",
    ),
    "BACKUP_LOG_FILE_NOT_COPIED_ID": (520, "W", LOGGING_RECOVERY, "No log was deleted: not all were copied."),
    "ATTACH_TO_BACKUP_SET_DATABASE_ERROR_ID": (  # db.cxx:2829
        619,
        "E",
        LOGGING_RECOVERY,
        "Database %4 is a copy out of a backup on which no restore was completed.",
    ),
    # Restore: logutil.cxx, rstmap.cxx, logredo.cxx.
    "START_RESTORE_ID": (204, "I", LOGGING_RECOVERY, "A restore from %4 began; it rolls on with the logs in %5."),
    "STOP_RESTORE_ID": (205, "I", LOGGING_RECOVERY, "The restore is over."),
    "LOG_BAD_VERSION_ERROR_ID": (411, "E", LOGGING_RECOVERY, "Log %4 has a format that the engine does not know."),
    "LOG_HEADER_READ_ERROR_ID": (412, "E", LOGGING_RECOVERY, "The header of log %4 cannot be used: error %5."),
    "DATABASE_PATCH_FILE_MISMATCH_ERROR_ID": (430, "E", LOGGING_RECOVERY, "The trailer of %4 is not its own."),
    "STARTING_RESTORE_LOG_TOO_HIGH_ERROR_ID": (431, "E", LOGGING_RECOVERY, "The first log is %4, and should be %5."),
    "ENDING_RESTORE_LOG_TOO_LOW_ERROR_ID": (432, "E", LOGGING_RECOVERY, "The last log is %4, and should be %5."),
    "RESTORE_LOG_FILE_NOT_CONTIGUOUS_ERROR_ID": (434, "E", LOGGING_RECOVERY, "Log %4 does not follow the one before."),
    "CURRENT_LOG_FILE_MISSING_ERROR_ID": (450, "E", LOGGING_RECOVERY, "Log %4 is missing between others."),
    "REDO_MISSING_LOW_LOG_ERROR_ID": (
        452,
        "E",
        LOGGING_RECOVERY,
        "Database %4 requires the logs %5 to %6, and the first one is %7.",
    ),
    "RESTORE_DATABASE_FAIL_ID": (454, "E", LOGGING_RECOVERY, "The restore failed with error %4."),
    "EXISTING_LOG_FILE_HAS_BAD_SIGNATURE_ERROR_ID_2": (
        457,
        "W",
        LOGGING_RECOVERY,
        "Log %4 has another signature than those of the backup.",
    ),
    "EXISTING_LOG_FILE_NOT_CONTIGUOUS_ERROR_ID_2": (
        458,
        "W",
        LOGGING_RECOVERY,
        "Log %5 does not follow log %4.",
    ),
    "LOG_CORRUPTION_DURING_HARD_RESTORE_ID": (
        463,
        "E",
        LOGGING_RECOVERY,
        "Log %4 of the backup is damaged at %5, segment %6.",
    ),
    "ATTACHED_DB_MISMATCH_END_OF_RECOVERY_ID": (494, "E", LOGGING_RECOVERY, "Error %4: database %5 is missing."),
    "LOG_LAST_SEGMENT_CHECKSUM_MISMATCH_ID": (
        543,
        "E",
        LOGGING_RECOVERY,
        "Log %4 expects the sum %5 of the log before it, which has %6.",
    ),
    "REDO_REQUIRED_LOG_CORRUPT": (567, "E", LOGGING_RECOVERY, "Log %4 is required and cannot be used: error %5."),
    # Internal copies: the same backups, reported under other numbers.
    "START_INTERNAL_COPY_INSTANCE_ID": (240, "I", LOGGING_RECOVERY, "An internal copy began."),
    "STOP_INTERNAL_COPY_INSTANCE_ID": (243, "I", LOGGING_RECOVERY, "The internal copy ended well."),
    "STOP_INTERNAL_COPY_ERROR_INSTANCE_ID": (244, "E", LOGGING_RECOVERY, "The internal copy ended with error %4."),
    "STOP_INTERNAL_COPY_ERROR_ABORT_BY_CALLER_INSTANCE_ID": (
        245,
        "E",
        LOGGING_RECOVERY,
        "The client gave the internal copy up or is gone.",
    ),
    "INTERNAL_COPY_FILE_STOP_BEFORE_END": (
        252,
        "I",
        LOGGING_RECOVERY,
        "The internal copy of %4 ended after %5 of %6 bytes.",
    ),
    "STOP_INTERNAL_COPY_ERROR_ABORT_BY_SERVER_INSTANCE_ID": (
        256,
        "E",
        LOGGING_RECOVERY,
        "The server stopped the internal copy, perhaps because the instance terminates.",
    ),
    "SUSPEND_INTERNAL_COPY_DURING_RECOVERY_INSTANCE_ID": (
        257,
        "I",
        LOGGING_RECOVERY,
        "Recovery suspended the internal copy of %4 and waited %5 seconds for the client.",
    ),
    # OS snapshots: io.cxx:2869-3457; 2000 is compiled out of retail engines (daedef.hxx:3956).
    "OS_SNAPSHOT_TRACE_ID": (2000, "I", SHADOW_COPY, "Snapshot function %4 returned %5."),
    "OS_SNAPSHOT_FREEZE_START_ID": (2001, "I", SHADOW_COPY, "Snapshot %4 freezes."),
    "OS_SNAPSHOT_FREEZE_START_ERROR_ID": (2002, "E", SHADOW_COPY, "Snapshot %4 failed to freeze: %5."),
    "OS_SNAPSHOT_FREEZE_STOP_ID": (2003, "I", SHADOW_COPY, "Snapshot %4 thawed."),
    "OS_SNAPSHOT_TIME_OUT_ID": (2004, "E", SHADOW_COPY, "Snapshot %4 was frozen for too long (%5 ms)."),
    "OS_SNAPSHOT_PREPARE_FULL_ID": (2005, "I", SHADOW_COPY, "Snapshot %4 began: full."),
    "OS_SNAPSHOT_END_ID": (2006, "I", SHADOW_COPY, "Snapshot %4 ended well."),
    "OS_SNAPSHOT_ABORT_ID": (2007, "E", SHADOW_COPY, "Snapshot %4 was aborted."),
    "OS_SNAPSHOT_PREPARE_INCREMENTAL_ID": (2008, "I", SHADOW_COPY, "Snapshot %4 began: incremental."),
    "OS_SNAPSHOT_PREPARE_COPY_ID": (2009, "I", SHADOW_COPY, "Snapshot %4 began: copy."),
    "OS_SNAPSHOT_PREPARE_DIFFERENTIAL_ID": (2010, "I", SHADOW_COPY, "Snapshot %4 began: differential."),
}
"""Name of an event -> its number, severity (Information, Warning, Error), usual category and message."""
