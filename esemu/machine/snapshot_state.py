# SPDX-License-Identifier: MIT
"""The state of an OS snapshot: a session of the process, which instances join and leave (CESESnapshotSession).

Which instances are members stands in them (`Instance.snapshot`), and so does what the session holds of each while it is
frozen: the lock of its backup, the lock of its checkpoint, and its log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from esemu.machine.call import Call
    from esemu.machine.state import Instance, Process

PREPARED: Final = "Prepare"
FROZEN: Final = "Freeze"
THAWED: Final = "Thaw"
TIMED_OUT: Final = "TimeOut"
LOG_TRUNCATION_ALLOWED: Final = "AllowLogTruncate"
LOG_TRUNCATED: Final = "LogTruncated"
ENDED: Final = "End"
ABORTED: Final = "Abort"

SWITCHES: Final = {
    FROZEN: frozenset({PREPARED}),
    THAWED: frozenset({FROZEN}),
    TIMED_OUT: frozenset({FROZEN}),
    LOG_TRUNCATION_ALLOWED: frozenset({THAWED}),
    LOG_TRUNCATED: frozenset({LOG_TRUNCATION_ALLOWED, LOG_TRUNCATED}),
    ENDED: frozenset({PREPARED, LOG_TRUNCATION_ALLOWED, LOG_TRUNCATED}),
    ABORTED: frozenset({PREPARED, FROZEN, THAWED, TIMED_OUT, LOG_TRUNCATION_ALLOWED, LOG_TRUNCATED}),
}
"""From which states a session can come into a state: CESESnapshotSession::FCanSwitchTo (io.cxx:3312)."""


class SnapshotSession:
    """A snapshot, from JetOSSnapshotPrepare to JetOSSnapshotEnd: CESESnapshotSession (daedef.hxx:3961)."""

    __slots__ = (
        "call",
        "continues_after_thaw",
        "copy",
        "freeze_error",
        "full",
        "id",
        "state",
        "thread_open",
        "timer",
    )

    def __init__(self, number: int, call: Call, *, full: bool, copy: bool, continues_after_thaw: bool) -> None:
        self.id = number  # m_idSnapshot
        self.call = call  # that made the session, or froze it
        self.state = PREPARED  # m_state
        self.full = full  # m_fFullSnapshot: not incremental
        self.copy = copy  # m_fCopySnapshot: nothing is truncated, and no incremental backup builds on it
        self.continues_after_thaw = continues_after_thaw  # m_fContinueAfterThaw: JetOSSnapshotThaw does not end it
        self.freeze_error = 0  # m_errFreeze: with which JetOSSnapshotFreeze failed last
        self.thread_open = False  # m_thread: the thread that holds the locks, or is done and was not waited for
        self.timer: Any = None  # what ends the freeze if nobody else does

    def can_become(self, state: str) -> bool:
        """Return whether the session may switch to this state."""
        return self.state in SWITCHES[state]

    def members(self, process: Process) -> list[Instance]:
        """Return the instances of the session, in table order (GetNextNotNullInstance)."""
        return [instance for instance in process.live() if instance.snapshot is self]

    def __repr__(self) -> str:
        kind = "full" if self.full else "incremental"
        return f"<snapshot {self.id}: {kind}{' copy' if self.copy else ''}, {self.state}>"
