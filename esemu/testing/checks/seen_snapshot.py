# SPDX-License-Identifier: MIT
"""An OS snapshot as the calls tell of it: how far it got, and which of its calls came when they made no sense."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.testing.checks.seen import refused_by

if TYPE_CHECKING:
    from esemu.machine.call import Call

PREPARED: Final = "had not been frozen yet"
FROZEN: Final = "was still frozen"
THAWED: Final = "was thawed"

ENDS: Final = frozenset({"JetOSSnapshotEnd", "JetOSSnapshotAbort"})

OUT_OF_ORDER: Final = (
    "not_just_prepared",
    "not_frozen",
    "not_to_be_ended",
    "snapshot_is_copy",
)
"""Rules that refuse a call for the state of its snapshot."""


class SeenSnapshot:
    """An OS snapshot, from JetOSSnapshotPrepare on."""

    def __init__(self, call: Call) -> None:
        self.prepare = call
        self.id = int(call.result)
        self.state = PREPARED
        self.failed: Call | None = None  # the first call that was refused: what comes after it is clearing away
        self.given_up = False  # somebody has tried to end it, when it could be ended
        self.misplaced: list[Call] = []  # calls that came in the wrong state, and before anything had failed
        self.truncated_early: list[tuple[Call, str]] = []  # with what was still to come

    def take(self, call: Any) -> None:
        """Note a call about the snapshot."""
        name = call.api.name
        if name.startswith("JetOSSnapshotTruncateLog") and self.state != THAWED:
            self.truncated_early.append((call, self._what_is_missing()))
        elif self.failed is None and self._is_misplaced(call):
            self.misplaced.append(call)
        if name in ENDS and not (self.state == FROZEN and refused_by(call, "not_to_be_ended")):
            self.given_up = True
        if call.err < 0:
            self.failed = self.failed or call
        elif name.startswith("JetOSSnapshotFreeze"):
            self.state = FROZEN
        elif name == "JetOSSnapshotThaw":
            self.state = THAWED

    def _is_misplaced(self, call: Call) -> bool:
        """Return whether a call was refused for the state of the snapshot; who ends what is over has only made sure."""
        over = refused_by(call, "snapshot_unknown") and call.api.name not in ENDS
        return over or refused_by(call, *OUT_OF_ORDER)

    def _what_is_missing(self) -> str:
        if self.failed is not None:
            return f"Call #{self.failed.number}, {self.failed.api.name}, had failed."
        return f"The snapshot {self.state}."
