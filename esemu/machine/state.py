# SPDX-License-Identifier: MIT
"""The state variables of the emulated engine: process, instances and sessions.

Those of backups, databases, logs and snapshots have modules of their own, `backup_state` and so on.  Every attribute is
named for what it means; the engine's own name stands beside it.  Nothing here decides anything: rules read these attributes
and effects change them.  All objects are slotted and cheap to make, for tests make many.
"""

from __future__ import annotations

from _thread import RLock  # threading.RLock is a function around it
from collections import deque
from functools import cache
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from esemu.machine.backup_state import Backup
from esemu.machine.log_state import LogStream
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
    from collections.abc import Callable, Iterator

    from esemu.machine.call import Call
    from esemu.machine.database_state import Database
    from esemu.machine.ports import World
    from esemu.machine.repeated_read import RepeatedRead
    from esemu.machine.snapshot_state import SnapshotSession

JET_INSTANCE_NIL: Final = 2**64 - 1
"""JET_instanceNil and JET_sesidNil on a 64-bit machine (jethdr.w)."""

MODE_NOT_SET, ONE_INSTANCE, MULTI_INSTANCE = range(3)
"""Running modes of a process: runInstModeNoSet, OneInst, MultiInst (jetapi.cxx:2882)."""

TERMINATING, RESTORING, INITIALIZING, CHECKPOINTING = 8, 4, 2, 1
"""Bits of an instance's API lock: fAPITerminating and so on (daedef.hxx:5286)."""


@cache
def default_parameters(build: str) -> MappingProxyType[int, int | str]:
    """Return what the system parameters are in a build before anybody sets them: every process begins with these."""
    return MappingProxyType({paramid: parameter.default_in(build) for paramid, parameter in PARAMETERS.items()})  # type: ignore[arg-type]


class Session:
    """A session of an instance: PIB (pib.hxx)."""

    __slots__ = ("id", "instance", "level")

    def __init__(self, instance: Instance, number: int) -> None:
        self.instance = instance
        self.id = number
        self.level = 0  # depth of nested transactions

    def __repr__(self) -> str:
        return f"<session {self.id:#x} at level {self.level}>"


def _parameter(paramid: int) -> Any:
    """Return an attribute of instances that is one of their system parameters."""
    return property(lambda instance: instance.parameters[paramid])


def _switch(paramid: int) -> Any:
    """Return an attribute of instances that is a system parameter of two values."""
    return property(lambda instance: instance.parameters[paramid] != 0)


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
        # m_rgparam, cloned once from g_rgparam (jetapi.cxx:3610).
        self.parameters: dict[int, Any] = process.parameters.copy()
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
        """Return the value of a system parameter."""
        return self.parameters[paramid]

    #: JET_paramCircularLog.
    circular: bool = _switch(JET_paramCircularLog)
    #: JET_paramAggressiveLogRollover.
    aggressive_rollover: bool = _switch(JET_paramAggressiveLogRollover)
    #: JET_paramFlight_EnableBackupDuringRecovery.
    backup_during_recovery: bool = _switch(JET_paramFlight_EnableBackupDuringRecovery)
    #: JET_paramLogFilePath, with its trailing backslash.
    log_path: str = _parameter(JET_paramLogFilePath)
    #: JET_paramSystemPath, with its trailing backslash.
    system_path: str = _parameter(JET_paramSystemPath)
    #: JET_paramBaseName: the three letters at the start of every log's name.
    base_name: str = _parameter(JET_paramBaseName)
    #: JET_paramLegacyFileNames.
    legacy_file_names: int = _parameter(JET_paramLegacyFileNames)

    @property
    def log_size(self) -> int:
        """Size of every log file in bytes; JET_paramLogFileSize is in KiB."""
        return int(self.parameters[JET_paramLogFileSize]) * 1024

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
        "last_read",
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
        self.parameters = default_parameters(build)  # g_rgparam: those that later instances begin with
        self.handles = count(HANDLE_STEP, HANDLE_STEP)
        self.numbers: Iterator[int] = count(1)  # of calls; any thread may take one, and none waits for another
        self.restores = 0  # g_cRestoreInstance: external restores so far
        self.snapshots: dict[int, SnapshotSession] = {}  # g_ilSnapshotSessionEntry: those that were not ended, by id
        self.snapshot_id = 0  # g_idSnapshot: of the last session, never given out twice
        self.snapshot_lock: Call | None = None  # g_critOSSnapshot: the call that waits while it holds it
        self.calls_in_errors = 0  # how many calls of the trace a message shows
        self.trace: deque[Any] = deque(maxlen=trace_limit)  # calls; `repeated_read.calls_of` reads it
        self.lock = RLock()
        self.interposer: Callable[[Call], int] | None = None  # stands before every call: `testing.interpose`
        # The read that was found last among the verdicts of an instance.  Any thread may put another one here: it is where
        # the next read looks first, and `take` says under the lock whether it may be made.
        self.last_read: RepeatedRead | None = None

    @property
    def validates_handles(self) -> bool:
        """JET_VALIDATE_INSTANCE is compiled in (jetapi.cxx:5235)."""
        return self.build == "esent"

    def set_parameter(self, paramid: int, value: int | str) -> None:
        """Let later instances begin with another value of a system parameter."""
        self.parameters = MappingProxyType(self.parameters | {paramid: value})

    def live(self) -> list[Instance]:
        """Return the allocated instances, in table order."""
        return list(filter(None, self.instances))


def process_of(state: Process | Instance) -> Process:
    """Return the process of a state that rules and effects get, which is an instance or the process itself."""
    return state.process if isinstance(state, Instance) else state
