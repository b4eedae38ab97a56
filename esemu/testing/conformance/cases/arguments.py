# SPDX-License-Identifier: MIT
"""Cases about arguments: combinations of those that matter to each other, in the states where they do."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final

from esemu.machine.explore.alphabet import PAGE, TOO_LONG, A, B
from esemu.machine.explore.worlds import ONE, TWO

if TYPE_CHECKING:
    from collections.abc import Iterator

    Case = dict[str, Any]

BEGIN: Final[Case] = {"op": "JetBeginExternalBackupInstance", "grbit": 0}
LOGS: Final[Case] = {"op": "JetGetLogInfoInstance"}
STOP: Final[Case] = {"op": "JetStopBackupInstance"}
LOG: Final = "C:\\logs\\edb00003.log"

OPENED: Final[dict[str, list[Case]]] = {
    "database": [BEGIN, {"op": "JetOpenFileInstance", "name": A}],
    "log": [BEGIN, LOGS, {"op": "JetOpenFileInstance", "name": LOG}],
    "other file": [BEGIN, LOGS, {"op": "JetOpenFileInstance", "name": "C:\\app\\readme.txt"}],
    "nothing": [BEGIN],
    "nothing any more": [BEGIN, LOGS, {"op": "JetEndExternalBackupInstance"}],
}
"""What may be open, and the calls that open it."""


def with_arguments() -> Iterator[Case]:
    """Yield all of them."""
    yield from _beginnings()
    yield from _reads()
    yield from _opens()
    yield from _in_recovery()
    yield from _lists()
    yield from _of_another_instance()
    yield from _while_pages_are_read()


def _beginnings() -> Iterator[Case]:
    """Begin with every grbit where something is in the way, whole and surrogate backups likewise."""
    spoiled: dict[str, dict[str, Any]] = {
        "plain": {},
        "circular": {"circular": True},
        "no log": {"log_disabled": True},
        "disk full": {"log_disk_full": True},
        "circular, disk full": {"circular": True, "log_disk_full": True},
        "recovery": {"recovering": True},
        "backups barred": {"backup_allowed": False},
    }
    for name, spoil in spoiled.items():
        world: dict[str, Any] = {**TWO, **spoil}
        for bits in product((0, 0x1), (0, 0x4), (0, 0x20), (0, 0x40)):
            yield {"id": f"begin {sum(bits):#x}, {name}", "world": world, "calls": [{**BEGIN, "grbit": sum(bits)}]}
        for path, grbit in product(("C:\\backup", TOO_LONG, None), (0, 1, 4)):
            whole = {"op": "JetBackupInstance", "path": path, "grbit": grbit}
            yield {"id": f"JetBackup {grbit}, {name}", "world": world, "calls": [whole]}
        for (first, last), grbit in product(((1, 2), (2, 1), (1, 99)), (0, 1, 4)):
            surrogate = {"op": "JetBeginSurrogateBackup", "first": first, "last": last, "grbit": grbit}
            yield {"id": f"surrogate {first}, {last}, {grbit}, {name}", "world": world, "calls": [surrogate]}


def _reads() -> Iterator[Case]:
    """Read from whatever is open with every handle, alignment and size."""
    sizes = (0, 100, PAGE, 2 * PAGE, 3 * PAGE, 16 * PAGE)
    for (name, calls), h, align, cb in product(OPENED.items(), (0, 1), (0, 8), sizes):
        read = {"op": "JetReadFileInstance", "h": h, "cb": cb, **({"align": align} if align else {})}
        yield {"id": f"read of {name}, {h}, {align}, {cb}", "world": TWO, "calls": [*calls, read]}
        yield {"id": f"read of {name} after a stop", "world": TWO, "calls": [*calls, STOP, read]}


def _opens() -> Iterator[Case]:
    """Open everything, at every offset, beside whatever is open."""
    names = (A, B, None, LOG, "C:\\logs\\edb00009.log", TOO_LONG, "C:\\logs\\edbx.log")
    for (name, calls), other, ib in product(OPENED.items(), names, (0, 100, PAGE, 3 * PAGE)):
        section = {"op": "JetOpenFileSectionInstance", "name": other, "ib": ib, "cSections": 1}
        yield {"id": f"open beside {name}, {ib}", "world": TWO, "calls": [*calls, section]}


def _in_recovery() -> Iterator[Case]:
    """Open and read where recovery begins under a backup."""
    changes: tuple[dict[str, Any], ...] = ({}, {"recovering": True}, {"recovering": True, "backup.suspended": True})
    opens: Case = {"op": "JetOpenFileInstance", "name": A}
    reads: Case = {"op": "JetReadFileInstance", "cb": 3 * PAGE}
    ways = ([BEGIN], [BEGIN, STOP], [BEGIN, LOGS], OPENED["database"])
    for change, attached, call, way in product(changes, (False, True), (opens, reads), ways):
        spoil = {"op": "set", "inst": "self", **change, "databases.0.attached_for_recovery": attached}
        yield {"id": "in recovery", "world": TWO, "calls": [*way, spoil, call]}


def _lists() -> Iterator[Case]:
    """Ask for every list with every room."""
    names = ("JetGetAttachInfoInstance", "JetGetLogInfoInstance", "JetGetTruncateLogInfoInstance")
    for size, op, form, buf in product((0, 1, 4, 60, 65536), names, ("", "A"), (True, False)):
        call = {"op": f"{op}{form}", "cbMax": size, "buf": buf}
        yield {"id": f"{op}{form} into {size} bytes", "world": TWO, "calls": [BEGIN, call]}


def _of_another_instance() -> Iterator[Case]:
    """Do with a database what there is to do while another instance has it attached, or opened."""
    calls: list[Case] = []
    for name in ("a", "b"):
        calls.append({"op": "JetCreateInstance", "name": name, "as": name})
        calls += [
            {"op": "JetSetSystemParameter", "inst": name, "paramid": f"JET_param{place}Path", "value": f"C:\\{name}\\"}
            for place in ("LogFile", "System", "Temp")
        ]
        calls += [{"op": "JetInit", "inst": name}, {"op": "JetBeginSession", "inst": name, "as": f"session {name}"}]
    calls.append({"op": "JetCreateDatabase", "session": "session a", "name": A})
    folders = ["C:\\a", "C:\\b", "C:\\data"]
    for opened, op in product((True, False), ("Create", "Attach", "Detach", "Open")):
        close: list[Case] = [] if opened else [{"op": "JetCloseDatabase", "session": "session a", "dbid": 1}]
        call = {"op": f"Jet{op}Database", "session": "session b", "name": A}
        state = "open" if opened else "closed"
        yield {"id": f"{op} another's database, {state}", "folders": folders, "calls": [*calls, *close, call]}
    detach = {"op": "JetDetachDatabase", "session": "session a", "name": B}
    yield {"id": "detach what is not attached beside an open one", "folders": folders, "calls": [*calls, detach]}


def _while_pages_are_read() -> Iterator[Case]:
    """Let pages be unreadable, and a stop or a term come, while they are read."""
    read: Case = {"op": "JetReadFileInstance", "cb": 16 * PAGE}
    for times in (1, 16, 17, 40):
        world = {**TWO, "read_errors": [[1, 1, times]]}
        calls = [*OPENED["database"], read, read, LOGS]
        yield {"id": f"page unreadable {times} times", "world": world, "calls": calls}
    large = [{**database, "pages": 40} for database in ONE["dbs"]]
    for grbit, pgno, hook in product((0, 1, 4), (1, 5), ("term_at_page", "stop_at_page")):
        world = {**ONE, hook: [1, pgno], "dbs": large}
        whole = {"op": "JetBackupInstance", "path": "C:\\backup", "grbit": grbit}
        yield {"id": f"JetBackup {grbit}, {hook} {pgno}", "world": world, "calls": [whole]}
