# SPDX-License-Identifier: MIT
"""The calls of `engine.jet` about OS snapshots, which the engine has for VSS writers.

A call that has to wait for a frozen snapshot waits while another thread may still end that, and raises
`WouldBlockForever` where there is none: in a test with one thread at once.  The time-out of a freeze comes with the
engine's clock: `engine.clock.advance(70_000)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from esemu.faces.arguments import handle, ulong
from esemu.machine.calls import CALLS
from esemu.machine.shapes.snapshots import SnapshotCall, SnapshotInfoCall, SnapshotPrepareCall

if TYPE_CHECKING:
    from esemu.machine.call import Call
    from esemu.machine.effects.instances import InstanceInfo


class SnapshotCalls:
    """The snapshot calls."""

    __slots__ = ()

    def _make(self, call: Call) -> Any:
        """Make a call and return its result."""
        raise NotImplementedError

    def JetOSSnapshotPrepare(self, grbit: int = 0) -> int:
        """Make a snapshot and return its number; without JET_bitExplicitPrepare all instances join (io.cxx:3464).

        A backup that runs on one of them is no obstacle yet, but does not survive the snapshot's end or abort.
        """
        return self._make(SnapshotPrepareCall(CALLS["JetOSSnapshotPrepare"], 0, ulong(grbit, "grbit")))  # type: ignore[no-any-return]

    def JetOSSnapshotPrepareInstance(self, snapId: int, instance: int, grbit: int = 0) -> None:
        """Let an instance join a snapshot that is not frozen yet (io.cxx:3574)."""
        self._make(self._call("JetOSSnapshotPrepareInstance", snapId, grbit, handle(instance)))

    def JetOSSnapshotFreeze(self, snapId: int, grbit: int = 0) -> list[InstanceInfo]:
        """Stop logs, checkpoints and databases of the members, and return these (io.cxx:3624).

        Where a backup of any kind runs on one of them all leave the snapshot, and the backups of the others are gone.
        """
        return self._info("JetOSSnapshotFreeze", snapId, grbit)

    def JetOSSnapshotGetFreezeInfo(self, snapId: int, grbit: int = 0) -> list[InstanceInfo]:
        """Return the members of a snapshot, frozen or not (io.cxx:3918)."""
        return self._info("JetOSSnapshotGetFreezeInfo", snapId, grbit)

    def JetOSSnapshotThaw(self, snapId: int, grbit: int = 0) -> None:
        """Let everything go on; without JET_bitContinueAfterThaw the snapshot ends with that (io.cxx:3691)."""
        self._make(self._call("JetOSSnapshotThaw", snapId, grbit))

    def JetOSSnapshotTruncateLog(self, snapId: int, grbit: int = 0) -> None:
        """Delete the logs that the snapshot makes dispensable, with JET_bitAllDatabasesSnapshot only (io.cxx:3861)."""
        self._make(self._call("JetOSSnapshotTruncateLog", snapId, grbit))

    def JetOSSnapshotTruncateLogInstance(self, snapId: int, instance: int, grbit: int = 0) -> None:
        """Do the same for one member (jetapi.cxx:23099)."""
        self._make(self._call("JetOSSnapshotTruncateLogInstance", snapId, grbit, handle(instance)))

    def JetOSSnapshotEnd(self, snapId: int, grbit: int = 0) -> None:
        """End the snapshot, which headers remember then, or with JET_bitAbortSnapshot abort it (io.cxx:4000)."""
        self._make(self._call("JetOSSnapshotEnd", snapId, grbit))

    def JetOSSnapshotAbort(self, snapId: int, grbit: int = 0) -> None:
        """Abort the snapshot (io.cxx:3785)."""
        self._make(self._call("JetOSSnapshotAbort", snapId, grbit))

    def _info(self, name: str, snapshot: int, grbit: int) -> list[InstanceInfo]:
        return self._make(SnapshotInfoCall(CALLS[name], 0, handle(snapshot, "snapId"), ulong(grbit, "grbit")))  # type: ignore[no-any-return]

    @staticmethod
    def _call(name: str, snapshot: int, grbit: int, instance: int = 0) -> SnapshotCall:
        return SnapshotCall(CALLS[name], instance, handle(snapshot, "snapId"), ulong(grbit, "grbit"))
