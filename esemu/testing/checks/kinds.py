# SPDX-License-Identifier: MIT
"""The calls that checks look at, by what they are for: their forms with and without an instance, and in ANSI, are alike."""

from __future__ import annotations

from typing import Final

BEGIN: Final = "begin"
SURROGATE_BEGIN: Final = "begin of a surrogate backup"
ATTACH_INFO: Final = "list of databases"
OPEN: Final = "open"
READ: Final = "read"
CLOSE: Final = "close"
LOG_INFO: Final = "list of logs"
TRUNCATE_INFO: Final = "list of logs to delete"
TRUNCATE: Final = "truncation"
END: Final = "end"
SURROGATE_END: Final = "end of a surrogate backup"
OWN: Final = "backup by the engine itself"
STOP: Final = "stop"
TERM: Final = "term"
SNAPSHOT_PREPARE: Final = "preparation of a snapshot"
SNAPSHOT: Final = "snapshot"

STREAMING: Final = frozenset({ATTACH_INFO, OPEN, READ, CLOSE, LOG_INFO, TRUNCATE_INFO, TRUNCATE})
"""What makes sense in a streaming backup only."""

KINDS: Final = {
    "JetBeginExternalBackup": BEGIN,
    "JetBeginExternalBackupInstance": BEGIN,
    "JetBeginSurrogateBackup": SURROGATE_BEGIN,
    "JetGetAttachInfo": ATTACH_INFO,
    "JetGetAttachInfoA": ATTACH_INFO,
    "JetGetAttachInfoInstance": ATTACH_INFO,
    "JetGetAttachInfoInstanceA": ATTACH_INFO,
    "JetOpenFile": OPEN,
    "JetOpenFileInstance": OPEN,
    "JetOpenFileSectionInstance": OPEN,
    "JetReadFile": READ,
    "JetReadFileInstance": READ,
    "JetCloseFile": CLOSE,
    "JetCloseFileInstance": CLOSE,
    "JetGetLogInfo": LOG_INFO,
    "JetGetLogInfoA": LOG_INFO,
    "JetGetLogInfoInstance": LOG_INFO,
    "JetGetLogInfoInstanceA": LOG_INFO,
    "JetGetLogInfoInstance2": LOG_INFO,
    "JetGetLogInfoInstance2A": LOG_INFO,
    "JetGetTruncateLogInfoInstance": TRUNCATE_INFO,
    "JetGetTruncateLogInfoInstanceA": TRUNCATE_INFO,
    "JetTruncateLog": TRUNCATE,
    "JetTruncateLogInstance": TRUNCATE,
    "JetEndExternalBackup": END,
    "JetEndExternalBackupInstance": END,
    "JetEndExternalBackupInstance2": END,
    "JetEndSurrogateBackup": SURROGATE_END,
    "JetBackup": OWN,
    "JetBackupInstance": OWN,
    "JetStopBackup": STOP,
    "JetStopBackupInstance": STOP,
    "JetTerm": TERM,
    "JetTerm2": TERM,
    "JetOSSnapshotPrepare": SNAPSHOT_PREPARE,
    "JetOSSnapshotPrepareInstance": SNAPSHOT,
    "JetOSSnapshotFreeze": SNAPSHOT,
    "JetOSSnapshotFreezeA": SNAPSHOT,
    "JetOSSnapshotGetFreezeInfo": SNAPSHOT,
    "JetOSSnapshotGetFreezeInfoA": SNAPSHOT,
    "JetOSSnapshotThaw": SNAPSHOT,
    "JetOSSnapshotTruncateLog": SNAPSHOT,
    "JetOSSnapshotTruncateLogInstance": SNAPSHOT,
    "JetOSSnapshotEnd": SNAPSHOT,
    "JetOSSnapshotAbort": SNAPSHOT,
}
"""What each call is for; those that are not here tell nothing of what a client does."""
