# SPDX-License-Identifier: MIT
"""The calls that an exploration makes in every state: each call of the table with arguments that stand for all others.

A call is described as in a scenario: `op` and the fields that scenarios have for its arguments.  Names of logs depend
on the state; they are written as `<first>`, `<last>` and so on here, and spelled out before the call is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.machine import lognames
from esemu.machine.api import SessionForm
from esemu.machine.calls import CALLS
from esemu.machine.effects.logs import lowest_generation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from esemu.machine.api import ApiCall
    from esemu.machine.state import Instance, Process

Description = dict[str, Any]

PAGE: Final = 4096
BOGUS: Final = 0xDEAD0000BEEF
"""A handle that belongs to no instance."""

A, B = "C:\\data\\a.edb", "C:\\data\\b.edb"
TOO_LONG: Final = "C:\\data\\" + 260 * "x"

_NAMES: Final[dict[str, Callable[[Instance], int]]] = {
    "<first>": lambda instance: instance.backup.copy_low or lowest_generation(instance),
    "<last>": lambda instance: instance.log.generation - 1,
    "<behind>": lambda instance: instance.log.generation + 7,
}
"""Logs: the first to copy, the last archived one, and one that does not exist."""


def _with(op: str, **fields: Any) -> Iterator[Description]:
    """Describe one call for each value of the field that is a list, or one where none is."""
    for field, value in fields.items():
        if isinstance(value, list):
            yield from ({"op": op, **fields, field: one} for one in value)
            return
    yield {"op": op, **fields}


STREAMING: Final[tuple[Description, ...]] = (
    *_with("JetBeginExternalBackupInstance", grbit=[0, 0x1, 0x20, 0x21, 0x40, 0x4, 0x41]),
    *_with("JetGetAttachInfoInstance"),
    *_with("JetGetAttachInfoInstanceA", cbMax=[65536, 4]),
    *_with("JetOpenFileInstance", name=[A, B, None, "<first>", "<last>", "<behind>", "C:\\logs\\edb.log"]),
    *_with("JetOpenFileInstance", name=["D:\\none.txt", "C:\\app\\readme.txt", "C:\\app\\empty.txt", TOO_LONG]),
    *_with("JetOpenFileSectionInstance", name=A, ib=[3 * PAGE, 3 * PAGE + 100, PAGE, 100]),
    *_with("JetOpenFileSectionInstance", name=A, cSections=2),
    *_with("JetReadFileInstance", cb=[3 * PAGE, 16 * PAGE, PAGE, 0, 3 * PAGE + 100]),
    *_with("JetReadFileInstance", cb=3 * PAGE, align=8),
    *_with("JetReadFileInstance", cb=3 * PAGE, h=1),
    *_with("JetReadFileInstance", cb=3 * PAGE, pv="null"),
    *_with("JetCloseFileInstance", h=[0, 1]),
    *_with("JetGetLogInfoInstance"),
    *_with("JetGetLogInfoInstanceA", cbMax=[65536, 4]),
    *_with("JetGetLogInfoInstanceA", buf=False, cbMax=65536),
    *(
        {"op": f"{name}A", "buf": False, "cbMax": 4}
        for name in (
            "JetGetAttachInfoInstance",
            "JetGetLogInfoInstance",
            "JetGetLogInfoInstance2",
            "JetGetTruncateLogInfoInstance",
        )
    ),
    *_with("JetGetLogInfoInstance2"),
    *_with("JetGetLogInfoInstance2A"),
    *_with("JetGetLogInfoInstance2A", cbSize=12),
    *_with("JetGetTruncateLogInfoInstance"),
    *_with("JetGetTruncateLogInfoInstanceA"),
    *_with("JetTruncateLogInstance"),
    *_with("JetEndExternalBackupInstance"),
    *_with("JetEndExternalBackupInstance2", grbit=[0x1, 0x2, 0x3, 0x0, 0x101, 0x201]),
    *_with("JetStopBackupInstance"),
    *_with("JetStopBackupInstance", inst=["zero", "bogus"]),
    *_with("JetBeginSurrogateBackup", first=1, last=2, grbit=[0, 1]),
    *_with("JetBeginSurrogateBackup", first=2, last=1),
    *_with("JetBeginSurrogateBackup", first=1, last=99),
    *_with("JetEndSurrogateBackup", grbit=[0x1, 0x2, 0x3, 0x0, 0x101]),
)
"""Streaming and surrogate backups."""

WHOLE: Final[tuple[Description, ...]] = (
    *_with("JetBackupInstance", path="C:\\backup", grbit=[0, 1, 4]),
    *_with("JetBackupInstance", path=TOO_LONG),
)
"""Backups that the engine makes itself."""

SERVICES: Final[tuple[Description, ...]] = (
    *_with("JetStopServiceInstance"),
    *_with("JetStopServiceInstance2", grbit=[0x0, 0x1, 0x2, 0x8, 0xA, 0x80000000, 0x80000002, 0x80000008]),
)
"""Stopping services, and letting them go on."""

ENDING: Final[tuple[Description, ...]] = (
    *_with("JetTerm"),
    *_with("JetTerm2", grbit=[0, 2, 4, 8]),
    *_with("JetGetInstanceInfo"),
)
"""The end of the instance."""

SESSIONS: Final[tuple[Description, ...]] = (
    *_with("JetBeginSession"),
    *_with("JetBeginTransaction"),
    *_with("JetCommitTransaction", grbit=[0x0, 0x2, 0x3, 0x8, 0x10, 0x40]),
    *_with("JetRollback", grbit=[0x0, 0x1, 0x2]),
    *_with("JetEndSession"),
)
"""Sessions, and transactions of the only one."""

DATABASE_CALLS: Final[tuple[Description, ...]] = (
    *_with("JetAttachDatabase", name=[A, "C:\\data\\no.edb", None, "C:\\app\\readme.txt"]),
    *_with("JetCreateDatabase", name=[A, "D:\\new.edb", None]),
    *_with("JetCreateDatabase", name="C:\\data\\new.edb", grbit=0x40),
    *_with("JetDetachDatabase", name=[A, None, "C:\\data\\no.edb"]),
    *_with("JetDetachDatabase", name=A, grbit=1),
    *_with("JetOpenDatabase", name=A, grbit=[0x0, 0x2]),
    *_with("JetOpenDatabase", name=["C:\\data\\no.edb", None]),
    *_with("JetCloseDatabase", dbid=[1, 9]),
    *_with("JetResizeDatabase", pages=1, dbid=[1, 9]),
    *_with("JetGetDatabaseInfo", dbid=[1, 9]),
    *_with("JetGetDatabaseInfo", level=99),
    *_with("JetGetVersion"),
)
"""Databases of the only session."""


SINGLE: Final[tuple[Description, ...]] = (
    *_with("JetBeginExternalBackup", grbit=0),
    *_with("JetGetAttachInfo"),
    *_with("JetGetAttachInfoA"),
    *_with("JetOpenFile", name=A),
    *_with("JetReadFile", cb=16 * PAGE),
    *_with("JetCloseFile", h=0),
    *_with("JetGetLogInfo"),
    *_with("JetGetLogInfoA"),
    *_with("JetTruncateLog"),
    *_with("JetEndExternalBackup"),
    *_with("JetBackup", path="C:\\backup", grbit=1),
    *_with("JetStopBackup"),
    *_with("JetStopService"),
)
"""The forms without an instance."""

ALPHABET: Final = (*STREAMING, *WHOLE, *SERVICES, *ENDING, *SESSIONS, *DATABASE_CALLS, *SINGLE)
"""All of them."""


def spelled(description: Description, process: Process) -> Description:
    """Return the description with the names of logs as they are in this state."""
    log = _NAMES.get(description.get("name") or "")
    if log is None or not process.instances:
        return description
    instance = process.live()[0]
    return {**description, "name": lognames.log_name(instance, log(instance))}


def made(description: Description, process: Process) -> Any:
    """Return the call that a description stands for, ready to be performed."""
    api = CALLS[description["op"]]
    return api.described(_handle(description, process, api), description)


def _handle(description: Description, process: Process, api: ApiCall) -> int:
    """Return the handle of the only instance or of its only session, whichever the call takes, or another on purpose."""
    if "inst" in description:
        return {"zero": 0, "bogus": BOGUS}[description["inst"]]
    if isinstance(api, SessionForm):
        return next(iter(process.sessions), BOGUS)
    return process.instances[0].handle if process.instances and process.instances[0] else BOGUS
