# SPDX-License-Identifier: MIT
"""The worlds of two instances and a snapshot that are explored, and which calls are followed in each.

Both instances have what concerns snapshots in the first world.  In the others the first has what the world is about,
and the second only joins, is frozen and let go again: what calls of an instance come to does not depend on the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.machine.explore.snapshots.alphabet import DATABASES, OF_INSTANCES, OF_PROCESS, TIME_OUT

if TYPE_CHECKING:
    from esemu.machine.explore.alphabet import Description

World = dict[str, Any]

BACKED_UP: Final = {"full_prev": [1, 3], "full_prev_type": 1}
"""What a full snapshot has left in a header."""


def _two(first: World | None = None, second: World | None = None, backed_up: World = BACKED_UP, **fields: Any) -> World:
    """Return a world with two instances that have a database each, logs 1 and 2, and the checkpoint behind them."""
    instances = [
        {"name": f"inst{number}", "dbs": [{"name": name, "pages": 1, **backed_up}], **(own or {})}
        for number, (name, own) in enumerate(zip(DATABASES, (first, second), strict=True))
    ]
    return {"instances": instances, "gen_first": 1, "gen_cur": 3, "checkpoint": 3, "log_file_kb": 8, **fields}


def _prepare(*grbits: int) -> tuple[Description, ...]:
    return tuple({"op": "JetOSSnapshotPrepare", "grbit": grbit} for grbit in grbits)


def _of(numbers: tuple[int, ...], *calls: Description | str) -> tuple[Description, ...]:
    """Return calls of these instances; one with no arguments may be named."""
    described = [{"op": call} if isinstance(call, str) else call for call in calls]
    return tuple({**call, "inst": number} for call in described for number in numbers)


FIRST, BOTH = (0,), (0, 1)

JOIN: Final[Description] = {"op": "JetOSSnapshotPrepareInstance", "grbit": 0}
TRUNCATE: Final[Description] = {"op": "JetOSSnapshotTruncateLog", "grbit": 1}
SNAPSHOT: Final[tuple[Description, ...]] = (
    {"op": "JetOSSnapshotFreeze"},
    {"op": "JetOSSnapshotThaw", "grbit": 0},
    {"op": "JetOSSnapshotEnd", "grbit": 0},
    {"op": "JetOSSnapshotAbort", "grbit": 0},
    TIME_OUT,
)

BEGIN: Final[Description] = {"op": "JetBeginExternalBackupInstance", "grbit": 0}
ABORT: Final[Description] = {"op": "JetEndExternalBackupInstance2", "grbit": 2}
BACKUP: Final = (BEGIN, ABORT)
FILES: Final[tuple[Description, ...]] = (
    BEGIN,
    {"op": "JetOpenFileInstance", "name": "<own>"},
    {"op": "JetOpenFileInstance", "name": "<last>"},
)
LOGS: Final = (BEGIN, "JetGetLogInfoInstance", "JetEndExternalBackupInstance")
SURROGATE: Final[tuple[Description, ...]] = (
    {"op": "JetBeginSurrogateBackup", "first": 1, "last": 2, "grbit": 0},
    {"op": "JetEndSurrogateBackup", "grbit": 1},
)
TERMS: Final[tuple[Description, ...]] = (
    {"op": "JetTerm2", "grbit": 1},
    {"op": "JetTerm2", "grbit": 4},
    {"op": "JetTerm2", "grbit": 8},
)
CHANGES: Final[tuple[Description, ...]] = (
    {"op": "JetDetachDatabase", "name": "<own>"},
    {"op": "JetAttachDatabase", "name": "<own>"},
    {"op": "JetCreateDatabase", "name": "<new>"},
)

WORLDS: Final[dict[str, tuple[World, tuple[Description, ...]]]] = {
    "backups on both": (_two(), (*_prepare(4, 12), *SNAPSHOT, *_of(BOTH, JOIN, *BACKUP))),
    "stops": (_two(), (*_prepare(4), *SNAPSHOT, *_of(FIRST, BEGIN, "JetStopBackupInstance"))),
    "files": (_two(), (*_prepare(4), *SNAPSHOT, *_of(FIRST, *FILES))),
    "logs": (_two(), (*_prepare(4), *SNAPSHOT, *_of(FIRST, *LOGS))),
    "surrogate backup": (_two(), (*_prepare(4), *SNAPSHOT, *_of(FIRST, BEGIN, *SURROGATE))),
    "ends with the thaw": (_two(), (*_prepare(0, 8), *SNAPSHOT, *_of(FIRST, JOIN, *BACKUP))),
    "incremental": (_two(), (*_prepare(5), *SNAPSHOT, *_of(FIRST, *BACKUP))),
    "incremental without a full one": (_two(backed_up={}), (*_prepare(5), *SNAPSHOT)),
    "incremental with a gap": (_two(gen_first=6, gen_cur=7, checkpoint=6), (*_prepare(5), *SNAPSHOT)),
    "copy": (_two(), (*_prepare(6, 7), *SNAPSHOT, *_of(FIRST, *BACKUP))),
    "first snapshot": (_two(backed_up={"full_prev": [1, 1]}), (*_prepare(4), *SNAPSHOT, TRUNCATE)),
    "terms": (_two(), (*_prepare(4), *SNAPSHOT, *_of(BOTH, *TERMS))),
    "databases": (_two(), (*_prepare(4), *SNAPSHOT, *_of(FIRST, *CHANGES))),
    "services": (_two(), (*_prepare(4), *SNAPSHOT, *_of(FIRST, {"op": "JetStopServiceInstance2", "grbit": 0}))),
    "circular log": (_two(circular=True), (*_prepare(4, 5), *SNAPSHOT, TRUNCATE, *_of(FIRST, *BACKUP))),
    "aggressive rollover": (_two(aggressive_rollover=True), (*_prepare(4), *SNAPSHOT, *_of(FIRST, *BACKUP))),
    "no log": (_two(log_disabled=True), (*_prepare(4), *SNAPSHOT)),
    "second log cannot be written": (_two(None, {"log_write_fail": True}), (*_prepare(4), *SNAPSHOT)),
    "logs to keep are missing": (_two(gen_first=4, gen_cur=5, checkpoint=2), (*_prepare(4), *SNAPSHOT, TRUNCATE)),
    "second not initialised": (_two(None, {"jet_initialized": False}), (*_prepare(4), *SNAPSHOT, *_of(FIRST, JOIN))),
    "backups barred in the second": (_two(None, {"backup_allowed": False}), (*_prepare(4), *SNAPSHOT)),
}
"""For each world what it is like, as a scenario says it, and the calls that are followed."""

assert all(  # noqa: S101 - a slip of the pen
    call in (*OF_PROCESS, *OF_INSTANCES[0], *OF_INSTANCES[1]) or call["op"] == "JetOSSnapshotPrepare"
    for _, followed in WORLDS.values()
    for call in followed
)
