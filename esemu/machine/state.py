# SPDX-License-Identifier: MIT
"""The state variables of the emulated engine: process, instances, their backups, databases and log streams.

Every attribute is named for what it means; the engine's own name stands beside it.  Nothing here decides anything:
rules read these attributes and effects change them.  All objects are slotted and cheap to make, for tests make many.
"""

from __future__ import annotations

from collections import deque
from functools import cache
from itertools import count
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

from esemu.machine.numbering import shared
from esemu.vocabulary.parameters import (
    PARAMETERS,
    JET_paramAggressiveLogRollover,
    JET_paramBaseName,
    JET_paramCircularLog,
    JET_paramFlight_EnableBackupDuringRecovery,
    JET_paramLegacyFileNames,
    JET_paramLogFilePath,
    JET_paramLogFileSize,
    JET_paramSystemPath,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.machine.call import Call
    from esemu.machine.ports import Faults, Pages, World
    from esemu.machine.snapshot_state import SnapshotSession

JET_INSTANCE_NIL: Final = 2**64 - 1
"""JET_instanceNil and JET_sesidNil on a 64-bit machine (jethdr.w)."""

NOT_STARTED, DATABASES, LOGS, DONE = range(4)
"""Phases of a backup: backupStateNotStarted, Databases, LogsAndPatchs, Done (daedef.hxx:4220)."""

PHASE_NAMES: Final = ("not started", "databases", "logs", "done")

MODE_NOT_SET, ONE_INSTANCE, MULTI_INSTANCE = range(3)
"""Running modes of a process: runInstModeNoSet, OneInst, MultiInst (jetapi.cxx:2882)."""

TERMINATING, RESTORING, INITIALIZING, CHECKPOINTING = 8, 4, 2, 1
"""Bits of an instance's API lock: fAPITerminating and so on (daedef.hxx:5286)."""

NORMAL, OS_SNAPSHOT, SNAPSHOT, SURROGATE = range(4)
"""Families of backups in header records: DBFILEHDR::BKINFOTYPE (daedef.hxx:2786)."""

DATABASES_MAX: Final = 6
"""User databases of one instance: dbid 1 to 6 (daeconst.hxx:239)."""


@cache
def default_parameters(build: str) -> dict[int, int | str]:
    """Return what the system parameters are in a build before anybody sets them."""
    return {paramid: parameter.default_in(build) for paramid, parameter in PARAMETERS.items()}  # type: ignore[arg-type]


class BackupRecord:
    """What a database header remembers of one backup: BKINFO and its type (daedef.hxx:2306)."""

    __slots__ = ("family", "high", "low", "mark", "time")

    def __init__(self, low: int = 0, high: int = 0, family: int = NORMAL, mark: int = 0, time: int = 0) -> None:
        self.low = low  # le_genLow: first generation that the backup needs
        self.high = high  # le_genHigh: last generation that belongs to it
        self.family = family  # bkinfoType...
        self.mark = mark  # le_lgposMark, as LogStream.position gives it
        self.time = time  # logtimeMark, in milliseconds of the engine's clock

    def __repr__(self) -> str:
        return f"BackupRecord({self.low}, {self.high}, family={self.family}, mark={self.mark >> 32})"


class HeaderRecord(BackupRecord):
    """What both headers of a stream say of the backup, and of the database at the moment when it was opened."""

    __slots__ = ("dbtime", "required")

    def __init__(self, low: int, mark: int, time: int, required: tuple[int, int], dbtime: int | None) -> None:
        super().__init__(low, 0, mark=mark, time=time)
        self.required = required  # le_lGenMinRequired, le_lGenMaxRequired
        self.dbtime = dbtime  # le_dbtimeDirtied, None where the pages do not change


class Database:
    """A database of an instance: what FMP and the database header hold of it (fmp.hxx)."""

    __slots__ = (
        "attached",
        "attached_for_recovery",
        "clean",
        "copied",
        "copied_most",
        "copy_previous",
        "dbid",
        "differential_previous",
        "exclusive_session",
        "faults",
        "full_previous",
        "in_backup",
        "incremental_previous",
        "last_page",
        "logged",
        "most",
        "name",
        "open_by",
        "page_size",
        "pages",
        "read_only",
        "required_high",
        "required_low",
        "trailer_copied",
        "trailer_record",
    )

    def __init__(self, name: str, dbid: int, last_page: int, page_size: int, pages: Pages) -> None:
        self.name = name  # WszDatabaseName: full path
        self.dbid = dbid
        self.last_page = last_page  # PgnoLast: number of the last page that the database owns
        self.page_size = page_size  # bytes
        self.pages = pages  # where the bytes of its pages come from
        self.faults: Faults | None = None
        self.attached = True  # FAttached
        self.logged = True  # FLogOn
        self.read_only = False  # FReadOnlyAttach
        self.attached_for_recovery = False  # FAttachedForRecovery
        self.clean = False  # JET_dbstateCleanShutdown: it was detached, or its instance ended as it should
        self.in_backup = False  # FInBackupSession
        self.copied = False  # FBackupFileCopyDone: read to the very end and closed
        self.most = 0  # PgnoBackupMost: last page to copy
        self.copied_most = 0  # PgnoBackupCopyMost: last page copied
        self.trailer_copied = False  # FCopiedPatchHeader
        self.trailer_record: BackupRecord | None = None  # Ppatchhdr()->bkinfo, from the open to the end of the backup
        self.full_previous = BackupRecord()  # bkinfoFullPrev
        self.incremental_previous = BackupRecord()  # bkinfoIncPrev
        self.copy_previous = BackupRecord()  # bkinfoCopyPrev
        self.differential_previous = BackupRecord()  # bkinfoDiffPrev
        self.required_low = 0  # le_lGenMinRequired: first generation that recovery would need
        self.required_high = 0  # le_lGenMaxRequired, le_lGenMaxCommitted: the last one
        self.open_by: list[Session] = []  # sessions that have it open, one entry for each open
        self.exclusive_session: Session | None = None  # FExclusiveByAnotherSession

    @property
    def in_backup_list(self) -> bool:
        """A backup sees the database: it is attached, logged, and not attached for recovery (backup.cxx:1982)."""
        return self.attached and self.logged and not self.attached_for_recovery

    def __repr__(self) -> str:
        return f"<database {self.dbid} {self.name}: {self.last_page} pages>"


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


class LogStream:
    """The transaction log of an instance: LOG and LOG_STREAM, as far as a backup sees them."""

    __slots__ = (
        "checkpoint",
        "checkpoint_lock",
        "checkpoint_unreadable",
        "corrupt_generations",
        "disabled",
        "disk_full",
        "generation",
        "header_write_fails",
        "paused",
        "records",
        "rolls_put_off",
        "sequence",
        "sequence_end",
        "write_failed",
        "write_lock",
        "written",
    )

    def __init__(self, generation: int = 1, checkpoint: int = 1) -> None:
        self.generation = generation  # LGGetCurrentFileGenWithLock: the log that is being written
        self.checkpoint = checkpoint  # generation of the checkpoint
        self.written = 0  # records written to the current generation
        self.records: list[tuple[Any, ...]] = []  # the log records that backups write, as tuples
        self.disabled = False  # FLogDisabled
        self.write_failed = False  # FNoMoreLogWrite
        self.disk_full = False  # JET_errLogDiskFull from ErrLGCheckState
        self.sequence_end = False  # JET_errLogSequenceEnd from ErrLGCheckState
        self.checkpoint_unreadable = False  # JET_errCheckpointCorrupt from ErrLGReadCheckpoint
        self.header_write_fails = False  # JET_errDiskIO from ErrLGUpdateGenRequired
        self.corrupt_generations: set[int] = set()  # verification of these logs fails
        # What a frozen snapshot holds: it stops the log on a new generation, or, where logging is circular, locks it.
        self.checkpoint_lock: SnapshotSession | None = None  # m_critCheckpoint
        self.write_lock: SnapshotSession | None = None  # m_critLGWrite
        self.paused = False  # m_fLGLogPaused: the current log is archived, the next one waits for its name
        self.rolls_put_off = 0  # generations that were asked for since the log was stopped
        self.sequence: Any = None  # signLog, and what else the world puts into its files

    @property
    def tip(self) -> int:
        """The generation that the next record belongs to, which a stopped log has not begun to write."""
        return self.generation + self.paused + self.rolls_put_off

    @property
    def stopped(self) -> bool:
        """A frozen snapshot keeps the log from being written."""
        return self.paused or self.write_lock is not None

    @property
    def position(self) -> int:
        """LGLogTipWithLock: where the next record goes; the generation in the upper half, so that it orders."""
        return self.tip << 32 | self.written

    def __repr__(self) -> str:
        return f"<log: generation {self.generation}, checkpoint {self.checkpoint}>"


class Session:
    """A session of an instance: PIB (pib.hxx)."""

    __slots__ = ("id", "instance", "level")

    def __init__(self, instance: Instance, number: int) -> None:
        self.instance = instance
        self.id = number
        self.level = 0  # depth of nested transactions

    def __repr__(self) -> str:
        return f"<session {self.id:#x} at level {self.level}>"


class Instance:
    """An instance of the engine: INST (daedef.hxx:4930)."""

    __slots__ = (
        "allows_calls_in_recovery",
        "api_lock",
        "backup",
        "backup_allowed",
        "calls_inside",
        "causes",
        "databases",
        "display_name",
        "freed",
        "handle",
        "initialized",
        "log",
        "name",
        "number",
        "parameters",
        "process",
        "recovering",
        "service_stopped",
        "session_calls_inside",
        "sessions",
        "snapshot",
        "stopped_services",
        "term_in_progress",
        "term_waits_for_sessions",
        "unavailable",
        "verdicts",
    )

    def __init__(self, process: Process, number: int, handle: int, name: str | None = None) -> None:
        self.process = process
        self.number = number  # m_iInstance - 1: place in the table of instances, from 0
        self.handle = handle
        self.name = name  # m_wszInstanceName
        self.display_name: str | None = None  # m_wszDisplayName
        self.parameters: dict[int, int | str] = {}  # those that differ from the default
        self.initialized = False  # m_fJetInitialized
        self.backup_allowed = False  # m_fBackupAllowed
        self.service_stopped = False  # m_fStopJetService
        self.stopped_services = 0  # m_grbitStopped
        self.unavailable = 0  # m_errInstanceUnavailable
        self.api_lock = 0  # maskAPILocked
        self.recovering = False  # FRecovering
        self.allows_calls_in_recovery = False  # m_fAllowAPICallDuringRecovery
        self.term_in_progress = False  # m_fTermInProgress
        self.term_waits_for_sessions = False  # and has not locked the API yet
        self.calls_inside: tuple[int, ...] = ()  # m_cSessionInJetAPI: threads whose calls let go of the process's lock
        self.session_calls_inside: tuple[int, ...] = ()  # m_cInJetAPI: those of them whose calls are of a session
        self.freed = False
        self.log = LogStream()
        self.backup = Backup()
        self.databases: list[Database] = []  # in dbid order
        self.sessions: dict[int, Session] = {}
        self.snapshot: SnapshotSession | None = None  # m_pOSSnapshotSession: the one that it is a member of
        self.causes: dict[str, Call] = {}  # which call stopped or ended the backup, for messages
        # What the leading rules of a call said in this very state: None, or the rule that refuses it; and reads that
        # need not be judged again.  A change of
        # state puts a new dictionary in its place, so a verdict that another thread is just reaching in the old state
        # is filed where nobody looks any more.
        self.verdicts: dict[Any, Any] = {}

    def changed(self) -> None:
        """Forget the verdicts on calls.  Called after every change of what rules look at, never before."""
        self.verdicts = {}

    def parameter(self, paramid: int) -> Any:
        """Return the value of a system parameter: the instance's own, or the default of this build."""
        value = self.parameters.get(paramid)
        return self.process.parameters[paramid] if value is None else value

    @property
    def circular(self) -> bool:
        """JET_paramCircularLog."""
        return bool(self.parameter(JET_paramCircularLog))

    @property
    def aggressive_rollover(self) -> bool:
        """JET_paramAggressiveLogRollover."""
        return bool(self.parameter(JET_paramAggressiveLogRollover))

    @property
    def backup_during_recovery(self) -> bool:
        """JET_paramFlight_EnableBackupDuringRecovery."""
        return bool(self.parameter(JET_paramFlight_EnableBackupDuringRecovery))

    @property
    def log_path(self) -> str:
        r"""JET_paramLogFilePath, with its trailing backslash."""
        return str(self.parameter(JET_paramLogFilePath))

    @property
    def system_path(self) -> str:
        r"""JET_paramSystemPath, with its trailing backslash."""
        return str(self.parameter(JET_paramSystemPath))

    @property
    def base_name(self) -> str:
        """JET_paramBaseName: the three letters at the start of every log's name."""
        return str(self.parameter(JET_paramBaseName))

    @property
    def legacy_file_names(self) -> int:
        """JET_paramLegacyFileNames."""
        return int(self.parameter(JET_paramLegacyFileNames))

    @property
    def log_size(self) -> int:
        """Size of every log file in bytes; JET_paramLogFileSize is in KiB."""
        return int(self.parameter(JET_paramLogFileSize)) * 1024

    def __repr__(self) -> str:
        return f"<instance {self.number} {self.name or ''}: {self.backup!r}>"


HANDLE_STEP: Final = 0x10000
"""Instances and sessions get numbers that look like addresses."""


class Process:
    """One emulated process that has loaded the engine: the globals of jetapi.cxx."""

    __slots__ = (
        "build",
        "calls_in_errors",
        "contract",
        "cpinst_max",
        "found",
        "handles",
        "instances",
        "interposer",
        "lock",
        "mode",
        "numbers",
        "page_size",
        "parameters",
        "restores",
        "sessions",
        "snapshot_id",
        "snapshot_lock",
        "snapshots",
        "trace",
        "world",
    )

    def __init__(self, world: World, build: str = "esent", trace_limit: int = 10_000) -> None:
        self.world = world
        self.contract = "source"  # or "documented": by which the calls are answered
        self.build = build  # "esent" validates handles, "ese" does not (jetapi.cxx:5235)
        self.mode = MODE_NOT_SET
        self.cpinst_max = 0  # g_cpinstMax
        self.page_size = 4096  # g_cbPage: JET_paramDatabasePageSize, bytes
        self.instances: list[Instance | None] = []  # g_rgpinst: None where a slot is free
        self.found: dict[int, Instance] = {}  # what ErrFindPinst answers, for the handles that it finds
        self.sessions: dict[int, Session] = {}
        self.parameters = default_parameters(build).copy()  # those that an instance has not set itself
        self.handles = count(HANDLE_STEP, HANDLE_STEP)
        self.numbers = shared(count(1))  # of calls
        self.restores = 0  # g_cRestoreInstance: external restores so far
        self.snapshots: dict[int, SnapshotSession] = {}  # g_ilSnapshotSessionEntry: those that were not ended, by id
        self.snapshot_id = 0  # g_idSnapshot: of the last session, never given out twice
        self.snapshot_lock: Call | None = None  # g_critOSSnapshot: the call that waits while it holds it
        self.calls_in_errors = 0  # how many calls of the trace a message shows
        self.trace: deque[Any] = deque(maxlen=trace_limit)  # calls; `repeated_read.calls_of` reads it
        self.lock = RLock()
        self.interposer: Callable[[Call], int] | None = None  # stands before every call: `testing.interpose`

    @property
    def validates_handles(self) -> bool:
        """JET_VALIDATE_INSTANCE is compiled in (jetapi.cxx:5235)."""
        return self.build == "esent"

    def live(self) -> list[Instance]:
        """Return the allocated instances, in table order."""
        return [instance for instance in self.instances if instance is not None]


def process_of(state: Process | Instance) -> Process:
    """Return the process of a state that rules and effects get, which is an instance or the process itself."""
    return state.process if isinstance(state, Instance) else state
