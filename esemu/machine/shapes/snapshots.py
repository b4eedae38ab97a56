# SPDX-License-Identifier: MIT
"""The shapes of the calls about OS snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from esemu.machine.call import GRBIT, GrbitCall, field
from esemu.machine.shapes.instances import InstanceInfoCall

if TYPE_CHECKING:
    from typing import Self

    from esemu.machine.api import ApiCall
    from esemu.machine.call import Fields


class SnapshotCall(GrbitCall):
    """A call about an OS snapshot: its number, and the instance where there is one."""

    fields: ClassVar[Fields] = (field("snapshot_id", "snap", shown="snapId"), GRBIT)

    def __init__(self, api: ApiCall, handle: int, snapshot_id: int, grbit: int = 0) -> None:
        super().__init__(api, handle, grbit)
        self.snapshot_id = snapshot_id


class SnapshotPrepareCall(GrbitCall):
    """JetOSSnapshotPrepare; `no_pointer` says that psnapId is NULL."""

    no_pointer = False

    @classmethod
    def described(cls, api: ApiCall, handle: int, description: dict[str, Any]) -> Self:
        """Return the call that a description stands for: `psnap` says that there is a pointer."""
        call = super().described(api, handle, description)
        call.no_pointer = not description.get("psnap", True)
        return call


class SnapshotInfoCall(InstanceInfoCall, SnapshotCall):
    """A snapshot call that tells of instances: `result` has them, `written` says that the engine stored something."""

    written = False
