# SPDX-License-Identifier: MIT
"""The calls of a case: how each is read from JSON, made, and its results written back."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from esemu.machine import lognames
from esemu.machine.calls import CALLS
from esemu.machine.effects.logs import roll_log
from esemu.machine.effects.reading import Delivery
from esemu.machine.rules.logs import ansi_size
from esemu.scenario import checksums
from esemu.scenario.databases import DATABASE_OPERATIONS
from esemu.scenario.handles import handle, place
from esemu.scenario.snapshots import SNAPSHOT_OPERATIONS, fire, show_infos
from esemu.vocabulary.error_table import ERRORS, WARNINGS
from esemu.vocabulary.grbits import JET_bitBackupIncremental
from esemu.world.stored_database import StoredDatabase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from esemu.machine.api import ApiCall
    from esemu.machine.call import Call
    from esemu.machine.shapes.backup import ListCall, OpenCall, ReadCall
    from esemu.scenario.run import CaseRun

    Operation = Callable[[CaseRun, dict[str, Any], dict[str, Any]], Call | None]

NAMES: Final[dict[int, str]] = (
    {0: "JET_errSuccess"}
    | {number: row[0] for number, row in ERRORS.items()}
    | {number: row[0] for number, row in WARNINGS.items()}
)


def made(run: CaseRun, api: ApiCall, described: dict[str, Any]) -> Any:
    """Make the call that a case describes, of this row of the table, and return it."""
    call = api.shape.described(api, handle(run, described), described)
    api.perform(run.case.process, call)
    return call


def _with_file(run: CaseRun, described: dict[str, Any]) -> dict[str, Any]:
    """Return the description with the handle of the file: of the one opened last where it names none."""
    return {**described, "h": run.handles[place(described)]} if described.get("h", "last") == "last" else described


def _plain(name: str) -> Operation:
    api = CALLS[name]
    return lambda run, described, result: made(run, api, described)  # noqa: ARG005 - it gives nothing back


def _close(name: str) -> Operation:
    api = CALLS[name]
    return lambda run, described, result: made(run, api, _with_file(run, described))  # noqa: ARG005 - likewise


def _open(name: str) -> Operation:
    api = CALLS[name]

    def operation(run: CaseRun, described: dict[str, Any], result: dict[str, Any]) -> Call:
        call: OpenCall = made(run, api, described)
        if not call.err:
            run.handles[place(described)] = result["h"] = call.result.handle
            result["size"] = call.result.size
            assert call.instance is not None  # noqa: S101 - it was opened
            record = call.instance.backup.slot.header_record
            if record is not None:
                result["hdr_fullcur"] = [record.low, record.high, record.mark >> 32]
        return call

    return operation


def _read(name: str) -> Operation:
    api = CALLS[name]

    def operation(run: CaseRun, described: dict[str, Any], result: dict[str, Any]) -> Call:
        call: ReadCall = made(run, api, _with_file(run, described))
        if described.get("pcb", True):
            result["cbActual"] = call.result.size if not call.err else None
        if not call.err and call.result.size:
            _show_delivery(call.result, result)
        return call

    return operation


def _show_delivery(delivery: Any, result: dict[str, Any]) -> None:
    """Tell what was delivered, and the checksums of the bytes."""
    if not isinstance(delivery, Delivery):
        result["crc"] = checksums.of_log(delivery.file, delivery.offset, delivery.size)
        return
    layout: list[Any] = ["header", "header"] if delivery.header is not None else []
    count = max(0, delivery.last - delivery.first + 1)
    if count:
        layout.append([delivery.first, delivery.last])
        result["crc_pages"] = checksums.of_pages(delivery.database.pages, delivery.first, count)
    if delivery.trailer is not None:
        layout.append("trailer")
        trailer = delivery.trailer
        result["trailer"] = {
            "genLow": trailer.low,
            "genHigh": trailer.high,
            "mark": trailer.mark >> 32,
            "minreq": delivery.required[0],
            "maxreq": delivery.required[1],
            "maxcommitted": delivery.required[1],
        }
    result["layout"] = layout


def _list(name: str, *, ansi: bool) -> Operation:
    api = CALLS[name]
    info_form = "LogInfo" in name and "2" in name

    def operation(run: CaseRun, described: dict[str, Any], result: dict[str, Any]) -> Call:
        call: ListCall = made(run, api, described)
        if described.get("pcb", True):
            result["cbActual"] = call.size_needed if not call.err else None
        if not call.no_buffer:
            _show_names(call, result, ansi=ansi)
        if info_form and described.get("info", True) and not call.err:
            assert call.instance is not None  # noqa: S101 - it was listed
            backup = call.instance.backup
            result["loginfo"] = [backup.copy_low, (backup.copy_high - 1) & 0xFFFFFFFF, call.instance.base_name]
        elif info_form and not call.err:
            result["loginfo"] = [0, 0, ""]  # what was in the structure before
        return call

    return operation


def _show_names(call: ListCall, result: dict[str, Any], *, ansi: bool) -> None:
    """Show what is in the buffer after the call: whole names, and one that was cut short."""
    written = call.size_written
    names: list[str] = call.result or []
    too_small = ansi and call.rule is not None and call.rule.name == "ansi_list_too_long"
    if too_small:
        written = call.size_max or 0
    result["cbWritten"] = written
    width = 1 if ansi else 2
    text = "\0".join([*names, "", ""]) if names else "\0"
    kept = text[: written // width]
    if too_small:
        kept = kept[:-1] + "\0" if kept else kept
    result["terminated"] = bool(written) and not too_small and written == width * ansi_size(names)
    shown = kept.split("\0")
    tail = shown.pop()
    result["names"] = [name for name in shown if name]
    if tail:
        result["names"].append(f"{tail}|CUT")


def _backup(run: CaseRun, described: dict[str, Any], result: dict[str, Any]) -> Call:
    with as_recorded(run, described.get("grbit", 0)):
        call: Call = made(run, CALLS["JetBackupInstance"], described)
    result["backup_dir"] = files_outside(run)
    return call


@contextmanager
def as_recorded(run: CaseRun, grbit: int) -> Iterator[None]:
    """Let JetBackup leave out what it leaves out in the recordings.

    Those of one instance leave databases out that are attached for recovery; the engine does not.
    """
    left_out = (
        []
        if run.case.several or grbit & JET_bitBackupIncremental
        else [
            database
            for database in run.case.instances[0].databases
            if database.attached_for_recovery and database.logged
        ]
    )
    for database in left_out:
        database.logged = False
    yield
    for database in left_out:
        database.logged = True


def files_outside(run: CaseRun) -> dict[str, int]:
    r"""Return the files that JetBackup or the case itself has put on the disk, and their sizes.

    As in the recordings: no logs of instances, patch files only below C:\backup, and folders that were moved in lower
    case.
    """
    shown: dict[str, int] = {}
    for path, size in run.case.world.disk.tree().items():
        lower = path.lower()
        if size is None or lower in run.case.known_files or _is_of_instance(run, path):
            continue
        if lower.endswith(".pat") and not lower.startswith("c:\\backup\\"):
            continue
        parent, _, name = path.rpartition("\\")
        moved = parent.lower().endswith(("\\new", "\\old"))
        shown[f"{parent.lower()}\\{name}" if moved else path] = size
    return shown


def _is_of_instance(run: CaseRun, path: str) -> bool:
    """Return whether the file is a database, or a log of one of the instances."""
    return isinstance(run.case.world.disk.content(path), StoredDatabase) or any(
        path.lower().startswith(instance.log_path.lower()) and lognames.generation_of(instance, path) is not None
        for instance in run.case.instances
    )


def _instance_info(run: CaseRun, described: dict[str, Any], result: dict[str, Any]) -> Call:
    ansi = described["op"].endswith("A")
    call: Call = made(run, CALLS["JetGetInstanceInfoA" if ansi else "JetGetInstanceInfo"], described)
    show_infos(run, described, None if call.err else call.result, result, ansi=ansi)
    return call


def _env(run: CaseRun, described: dict[str, Any], result: dict[str, Any]) -> None:  # noqa: ARG001
    """Change the world from outside the engine."""
    instance = run.case.instances[place(described)]
    log, backup = instance.log, instance.backup
    if "checkpoint" in described:
        log.checkpoint = described["checkpoint"]
    for _ in range(described.get("roll", 0)):
        roll_log(instance)
    if "grow" in described:
        dbid, pages = described["grow"]
        run.case.databases[place(described)][dbid - 1].last_page += pages
    if "delete_gen" in described:
        run.case.world.disk.remove(lognames.log_name(instance, described["delete_gen"]))
    log.write_failed = bool(described.get("log_write_fail", log.write_failed))
    log.disk_full = bool(described.get("log_disk_full", log.disk_full))
    instance.unavailable = described.get("instance_unavailable", instance.unavailable)
    backup.suspended = bool(described.get("suspended", backup.suspended))
    instance.recovering = bool(described.get("recovering", instance.recovering))
    instance.backup_allowed = bool(described.get("backup_allowed", instance.backup_allowed))
    instance.changed()
    if "snapshot_timeout" in described:
        fire(run, described["snapshot_timeout"])


def _listing(name: str) -> dict[str, Operation]:
    return {
        name: _list(name, ansi=False),
        f"{name}W": _list(name, ansi=False),
        f"{name}A": _list(f"{name}A", ansi=True),
    }


PLAIN: Final = (
    "JetBeginExternalBackupInstance",
    "JetBeginExternalBackup",
    "JetEndExternalBackupInstance",
    "JetEndExternalBackup",
    "JetEndExternalBackupInstance2",
    "JetBeginSurrogateBackup",
    "JetEndSurrogateBackup",
    "JetTruncateLogInstance",
    "JetTruncateLog",
    "JetStopBackupInstance",
    "JetStopBackup",
    "JetStopServiceInstance",
    "JetStopServiceInstance2",
    "JetStopService",
    "JetTerm",
    "JetTerm2",
)
"""The calls whose results have nothing of their own."""

OPERATIONS: Final[dict[str, Operation]] = {
    "env": _env,
    **{name: _plain(name) for name in PLAIN},
    "JetReadFileInstance": _read("JetReadFileInstance"),
    "JetReadFile": _read("JetReadFile"),
    "JetCloseFileInstance": _close("JetCloseFileInstance"),
    "JetCloseFile": _close("JetCloseFile"),
    "JetBackupInstance": _backup,
    "JetBackupInstanceW": _backup,
    "JetGetInstanceInfo": _instance_info,
    "JetGetInstanceInfoW": _instance_info,
    "JetGetInstanceInfoA": _instance_info,
    **{f"{name}{form}": _open(name) for name in ("JetOpenFileInstance", "JetOpenFile") for form in ("", "W", "A")},
    **{f"JetOpenFileSectionInstance{form}": _open("JetOpenFileSectionInstance") for form in ("", "W", "A")},
    **_listing("JetGetAttachInfoInstance"),
    **_listing("JetGetAttachInfo"),
    **_listing("JetGetLogInfoInstance"),
    **_listing("JetGetLogInfo"),
    **_listing("JetGetLogInfoInstance2"),
    **_listing("JetGetTruncateLogInfoInstance"),
    **DATABASE_OPERATIONS,
    **SNAPSHOT_OPERATIONS,
}
