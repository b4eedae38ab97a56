# SPDX-License-Identifier: MIT
"""The differences between the reference pages and the source that the documented contract leaves as the source has them."""

from __future__ import annotations

from typing import Final

from esemu.machine.documented.changes import Difference

NOT_EMULATED: Final = (
    Difference(
        "legacy_mode_of_instance_forms",
        (
            "JetBeginExternalBackupInstance",
            "JetGetAttachInfoInstance",
            "JetOpenFileInstance",
            "JetCloseFileInstance",
            "JetGetLogInfoInstance",
            "JetGetLogInfoInstance2",
            "JetTruncateLogInstance",
            "JetEndExternalBackupInstance",
            "JetEndExternalBackupInstance2",
            "JetReadFileInstance",
        ),
        documented="JET_errRunningInMultiInstanceMode is listed.",
        source="Forms with an instance do not look at the mode",
        where="jetapi.cxx:2970",
        reason="Its condition is a call without an instance, which these are not: no situation is left in which to return it.",
    ),
    Difference(
        "file_not_found",
        ("JetOpenFile", "JetOpenFileInstance"),
        documented="JET_errFileNotFound for a file that is not there, on Windows 2000 only.",
        source="JET_errMissingFileToBackup",
        where="backup.cxx:2489",
        reason="The page limits it to Windows 2000, which no build here is.",
    ),
    Difference(
        "database_not_attached",
        ("JetOpenFile", "JetOpenFileInstance"),
        documented="No code is listed for a database that is not attached.",
        source="JET_errDatabaseNotFound",
        where="backup.cxx:2415",
        reason="There is no documented answer to give instead.",
    ),
    Difference(
        "read_after_stop_service",
        ("JetReadFile", "JetReadFileInstance"),
        documented="JET_errBackupAbortByServer is said to follow JetStopService.",
        source="It follows JetStopBackup; after JetStopService it is JET_errClientRequestToStopJetService",
        where="jetapi.cxx:4421",
        reason="The same page gives JET_errClientRequestToStopJetService for the same situation.",
    ),
    Difference(
        "session_sharing",
        ("JetBackup", "JetBackupInstance"),
        documented="JET_errSessionSharingViolation is listed.",
        source="Never returned",
        where="jetapi.cxx:4239",
        reason="The call takes no session that could be shared.",
    ),
    Difference(
        "backup_without_path",
        ("JetBackup", "JetBackupInstance"),
        documented="Without a path logs are truncated, and nothing is copied.",
        source="A full backup is made to the current directory",
        where="backup.cxx:937",
        reason="The page does not say which logs, nor what stands in the way: there is nothing to compare a client with.",
    ),
    Difference(
        "no_files_after_failed_backup",
        ("JetBackup", "JetBackupInstance"),
        documented="After a failure there are no files in the directory.",
        source="Files that were copied stay; the temporary folder of an atomic backup is removed",
        where="backup.cxx:1321",
        reason="It is about files, not answers; esemu shows what the source leaves behind.",
    ),
    Difference(
        "short_list",
        ("JetGetAttachInfoInstance", "JetGetTruncateLogInfoInstance", "JetGetLogInfoInstance"),
        documented="A short buffer is no error in any form, and the actual size tells that the list was cut.",
        source="The ANSI forms return JET_errBufferTooSmall, and two Unicode forms a size that hides it",
        where="backup.cxx:3353",
        reason="A list in Python is never cut unless the caller asks for it with cbMax, and has no size beside it.",
    ),
    Difference(
        "end_without_bits",
        ("JetEndExternalBackupInstance2",),
        documented="Zero or more options may be given.",
        source="Exactly one of JET_bitBackupEndNormal and JET_bitBackupEndAbort, or JET_errInvalidParameter",
        where="backup.cxx:3978",
        reason="The page does not say how a backup ends without either.",
    ),
    Difference(
        "truncate_before_list",
        ("JetTruncateLog", "JetTruncateLogInstance"),
        documented="JET_errInvalidBackupSequence is for files that are open; the call itself begins the log phase.",
        source="Also where the logs were not listed before",
        where="backup.cxx:3521",
        reason="The page does not say which logs would be deleted.",
    ),
    Difference(
        "log_file_not_copied",
        ("JetTruncateLog", "JetTruncateLogInstance"),
        documented="JET_errLogFileNotCopied is on no page.",
        source="Returned where logs of the list were not read",
        where="backup.cxx:3551",
        reason="There is no documented answer to give instead.",
    ),
    Difference(
        "resume_of_services",
        ("JetStopServiceInstance2",),
        documented="No resume works after JET_bitStopServiceAll, and no error is listed.",
        source="A resume that names what can be resumed succeeds",
        where="jetapi.cxx:22350",
        reason="There is no documented code to return.",
    ),
)
"""What cannot be emulated, each with the reason."""
