# SPDX-License-Identifier: MIT
"""The state variables of the backup of an instance, and of the one file that it may have open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from esemu.machine.database_state import Database, HeaderRecord
    from esemu.machine.snapshot_state import SnapshotSession

NOT_STARTED, DATABASES, LOGS, DONE = range(4)
"""Phases of a backup: backupStateNotStarted, Databases, LogsAndPatchs, Done (daedef.hxx:4220)."""

PHASE_NAMES: Final = ("not started", "databases", "logs", "done")


class FileSlot:
    """The one entry of the table of backup files: RHF m_rgrhf[crhfMax = 1] (daedef.hxx:4166).

    Ending a backup frees the entry but leaves `database`, `is_log`, `offset` and `size` in it, as the engine does.
    """

    __slots__ = (
        "database",
        "file",
        "generation",
        "header_record",
        "in_use",
        "is_log",
        "name",
        "offset",
        "size",
        "verifier",
    )

    def __init__(self) -> None:
        self.in_use = False  # fInUse
        self.database: Database | None = None  # fDatabase and ifmp
        self.is_log = False  # fIsLog
        self.offset = 0  # ib: bytes read so far
        self.size = 0  # cb: bytes in the file
        self.generation = 0  # lGeneration of a log
        self.name = ""  # wszFileName: full path
        self.file: Any = None  # pfapi: what the disk opened, None for a database
        self.verifier: Any = None  # pLogVerifier: what reads a log that may be damaged
        self.header_record: HeaderRecord | None = None  # bkinfoFullCur of the header copy in pdbfilehdr

    def __repr__(self) -> str:
        return f"<slot {self.name or 'free'}: {self.offset} of {self.size} bytes>"


class Backup:
    """The backup of an instance: BACKUP_CONTEXT (daedef.hxx:4060)."""

    __slots__ = (
        "copy_high",
        "copy_low",
        "delete_high",
        "delete_low",
        "full",
        "full_mark",
        "full_mark_time",
        "full_position",
        "full_time",
        "generations_copied",
        "in_progress",
        "incremental_position",
        "incremental_time",
        "internal",
        "lock",
        "log_rolled",
        "phase",
        "slot",
        "stop_requested",
        "streaming",
        "suspended",
        "truncated",
    )

    def __init__(self) -> None:
        self.in_progress = False  # m_fBackupInProgressAny: a backup of any kind
        self.streaming = False  # m_fBackupInProgressLocal: a backup that reads through this instance
        self.stop_requested = False  # m_fStopBackup
        self.phase = NOT_STARTED  # m_fBackupStatus
        self.full = False  # m_fBackupFull
        self.internal = False  # m_fBackupIsInternal
        self.suspended = False  # m_fCtxIsSuspended
        self.log_rolled = False  # m_fBackupBeginNewLogFile: the log was rolled for this backup
        self.copy_low = 0  # m_lgenCopyMic: first generation to copy
        self.copy_high = 0  # m_lgenCopyMac: one past the last generation to copy
        self.delete_low = 0  # m_lgenDeleteMic: first generation that truncation deletes
        self.delete_high = 0  # m_lgenDeleteMac: one past the last that it deletes
        self.generations_copied = 0  # m_cGenCopyDone: the SUM of the numbers of the generations copied
        self.truncated = False  # FBKLogsTruncated
        self.slot = FileSlot()
        self.full_mark = 0  # m_lgposFullBackupMark
        self.full_mark_time = 0  # m_logtimeFullBackupMark
        self.full_position = 0  # m_lgposFullBackup
        self.full_time = 0  # m_logtimeFullBackup
        self.incremental_position = 0  # m_lgposIncBackup
        self.incremental_time = 0  # m_logtimeIncBackup
        self.lock: SnapshotSession | None = None  # m_critBackupInProgress: the frozen snapshot that holds it

    def __repr__(self) -> str:
        kind = "full" if self.full else "incremental"
        return f"<{kind} backup: {PHASE_NAMES[self.phase]}>" if self.in_progress else "<no backup>"
