# SPDX-License-Identifier: MIT
"""The calls that are made in every state of two instances and a snapshot: of each instance, and of the process.

They are described as in a scenario, with `inst` the number of the instance.  A call about a snapshot is about the only
one there is; the time-out of a freeze is no call, and is written as scenarios write it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.machine import lognames
from esemu.machine.api import SessionForm
from esemu.machine.calls import CALLS
from esemu.machine.explore.alphabet import BOGUS, PAGE, Description

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.machine.state import Instance, Process

TIME_OUT: Final[Description] = {"op": "env", "snapshot_timeout": "all"}
"""The time of a frozen snapshot is over."""

NO_SNAPSHOT: Final = 0xBEEF
"""A number that no snapshot has."""

DATABASES: Final = ("C:\\data\\a.edb", "C:\\data\\b.edb")
"""The only database of each instance."""

_OWN: Final = "<own>"
_LAST: Final = "<last>"
_NEW: Final = "<new>"
_NAMES: Final[dict[str, Callable[[Instance], str]]] = {
    _OWN: lambda instance: DATABASES[instance.number],
    _LAST: lambda instance: lognames.log_name(instance, instance.log.generation - 1),
    _NEW: lambda instance: f"C:\\data\\new{instance.number}.edb",
}
"""Files of an instance: its database, its last archived log, and a database that it does not have yet."""


def _with(op: str, **fields: Any) -> tuple[Description, ...]:
    """Describe one call for each value of the field that is a list, or one where none is."""
    for field, value in fields.items():
        if isinstance(value, list):
            return tuple({"op": op, **fields, field: one} for one in value)
    return ({"op": op, **fields},)


GENERAL: Final[tuple[Description, ...]] = (
    *_with("JetBeginExternalBackupInstance", grbit=[0, 1, 4]),
    *_with("JetBeginSurrogateBackup", first=1, last=2, grbit=[0, 1]),
    *_with("JetGetAttachInfoInstance"),
    *_with("JetGetAttachInfoInstanceA"),
    *_with("JetOpenFileInstance", name=[_OWN, _LAST, "C:\\app\\none.txt", None]),
    *_with("JetReadFileInstance", cb=16 * PAGE),
    *_with("JetCloseFileInstance", h=0),
    *_with("JetGetLogInfoInstance"),
    *_with("JetGetTruncateLogInfoInstance"),
    *_with("JetTruncateLogInstance"),
    *_with("JetEndExternalBackupInstance"),
    *_with("JetEndExternalBackupInstance2", grbit=[2, 3]),
    *_with("JetEndSurrogateBackup", grbit=[1, 2]),
    *_with("JetStopBackupInstance"),
    *_with("JetBackupInstance", path="C:\\backup", grbit=1),
    *_with("JetStopServiceInstance2", grbit=[0, 8]),
    *_with("JetTerm"),
    *_with("JetTerm2", grbit=[1, 4, 8]),
    *_with("JetAttachDatabase", name=[_OWN, "C:\\data\\no.edb"]),
    *_with("JetDetachDatabase", name=[_OWN, None, "C:\\data\\no.edb"]),
    *_with("JetCreateDatabase", name=[_NEW, _OWN]),
    *_with("JetOSSnapshotPrepareInstance", grbit=[0, 1]),
    *_with("JetOSSnapshotPrepareInstance", snap="bogus"),
    *_with("JetOSSnapshotTruncateLogInstance", grbit=[0, 1, 2]),
    *_with("JetOSSnapshotTruncateLogInstance", snap="bogus"),
)
"""The calls of an instance, without the instance."""

OF_INSTANCES: Final = tuple(tuple({**call, "inst": number} for call in GENERAL) for number in (0, 1))
"""The same for each of the two."""

ASKING: Final[tuple[Description, ...]] = (
    *(
        {"op": op, **fields}
        for op in ("JetOSSnapshotGetFreezeInfo", "JetOSSnapshotGetFreezeInfoA")
        for fields in ({}, {"grbit": 1}, {"pc": False}, {"snap": "bogus"})
    ),
    *_with("JetGetInstanceInfo"),
)
"""Calls about no instance that change nothing."""

OF_PROCESS: Final[tuple[Description, ...]] = (
    *ASKING,
    *_with("JetOSSnapshotPrepare", grbit=0x10),
    *_with("JetOSSnapshotPrepare", psnap=False),
    *(
        {"op": op, **fields}
        for op in ("JetOSSnapshotFreeze", "JetOSSnapshotFreezeA")
        for fields in ({}, {"grbit": 1}, {"pc": False}, {"snap": "bogus"})
    ),
    *_with("JetOSSnapshotThaw", grbit=[0, 1]),
    *_with("JetOSSnapshotThaw", snap="bogus"),
    *_with("JetOSSnapshotTruncateLog", grbit=[0, 1, 2]),
    *_with("JetOSSnapshotTruncateLog", snap="bogus"),
    *_with("JetOSSnapshotEnd", grbit=[0, 1, 2]),
    *_with("JetOSSnapshotEnd", snap="bogus"),
    *_with("JetOSSnapshotAbort", grbit=[0, 1]),
    *_with("JetOSSnapshotAbort", snap="bogus"),
    TIME_OUT,
)
"""The calls about no instance, but for JetOSSnapshotPrepare, whose grbit is that of the world."""


def spelled(description: Description, process: Process) -> Description:
    """Return the description with the names of files as they are for its instance."""
    name = description.get("name")
    if name not in _NAMES:
        return description
    instance = process.instances[description["inst"]]
    assert instance is not None, description  # noqa: S101 - nobody calls one that is gone
    return {**description, "name": _NAMES[name](instance)}


def made(description: Description, process: Process) -> Any:
    """Return the call that a description stands for, ready to be performed; not of a time-out."""
    op = description["op"]
    number = description.get("inst")
    instance = None if number is None else process.instances[number]
    api = CALLS[op]
    handle = 0 if instance is None else instance.handle
    if isinstance(api, SessionForm):
        handle = BOGUS if instance is None else next(iter(instance.sessions), BOGUS)
    snapshot = NO_SNAPSHOT if "snap" in description else next(iter(process.snapshots), 0)
    return api.described(handle, {**description, "snap": snapshot})
