# SPDX-License-Identifier: MIT
"""The calls of a case about OS snapshots, and how results show sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.machine.calls import CALLS
from esemu.scenario.handles import handle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from esemu.machine.call import Call
    from esemu.machine.effects.instances import InstanceInfo
    from esemu.machine.shapes.snapshots import SnapshotInfoCall
    from esemu.machine.state import Process
    from esemu.scenario.run import CaseRun

    Operation = Callable[[CaseRun, dict[str, Any], dict[str, Any]], Call | None]

BOGUS: Final = 0xBEEF
"""A number that no snapshot has."""


def snapshot_id(run: CaseRun, described: dict[str, Any]) -> int:
    """Return the number of the snapshot that a call is about."""
    given = described.get("snap", "last")
    if isinstance(given, int):
        return given
    return run.last_snapshot if given == "last" else BOGUS


def _made(run: CaseRun, name: str, described: dict[str, Any]) -> Any:
    """Make the call that a case describes, of this row of the table, and return it."""
    call = CALLS[name].described(handle(run, described), {**described, "snap": snapshot_id(run, described)})
    call.api.perform(run.case.process, call)
    return call


def _prepare(run: CaseRun, described: dict[str, Any], result: dict[str, Any]) -> Call:
    call: Call = _made(run, "JetOSSnapshotPrepare", described)
    if not call.err:
        run.last_snapshot = result["snap"] = call.result
    return call


def _snapshot(name: str) -> Operation:
    return lambda run, described, result: _made(run, name, described)  # noqa: ARG005 - it gives nothing back


def _info(name: str, *, ansi: bool) -> Operation:
    def operation(run: CaseRun, described: dict[str, Any], result: dict[str, Any]) -> Call:
        call: SnapshotInfoCall = _made(run, name, described)
        show_infos(run, described, call.result or () if call.written else None, result, ansi=ansi)
        return call

    return operation


def show_infos(
    run: CaseRun, described: dict[str, Any], infos: Sequence[InstanceInfo] | None, result: dict[str, Any], *, ansi: bool
) -> None:
    """Show the array of instances that a call has stored, as far as it was given pointers; None: it stored nothing."""
    numbers = {instance.handle: k for k, instance in enumerate(run.case.instances)}
    told = [[numbers[info.handle], info.name, info.databases] for info in infos or ()]
    if described.get("pc", True):
        result["c"] = None if infos is None else len(told)
    if described.get("pa", True):
        # The A form allocates a list of none where the W form stores NULL.
        stored = told or ([] if ansi else None)
        result["insts"] = "unwritten" if infos is None else stored


def fire(run: CaseRun, which: bool | int | str) -> None:
    """Let the timers of frozen snapshots fire: all of them, that of the last one, or that of one."""
    process, waits = run.case.process, run.case.world.waits
    if which is True or which == "all":
        while waits.fire(process):
            waits.finish()
        return
    session = process.snapshots.get(run.last_snapshot if which == "last" else int(which))
    if session is not None and session.timer is not None:
        waits.fire(process, session.timer)
        waits.finish()


def shown(process: Process) -> list[list[Any]]:
    """Return the sessions as results show them."""
    return [
        [
            session.id,
            session.state,
            "full" if session.full else "inc",
            "copy" if session.copy else "normal",
            "cont" if session.continues_after_thaw else "end",
            [instance.number for instance in session.members(process)],
            session.thread_open,
            session.freeze_error,
        ]
        for session in process.snapshots.values()
    ]


PLAIN_OF_SNAPSHOTS: Final = (
    "JetOSSnapshotPrepareInstance",
    "JetOSSnapshotThaw",
    "JetOSSnapshotAbort",
    "JetOSSnapshotTruncateLog",
    "JetOSSnapshotTruncateLogInstance",
    "JetOSSnapshotEnd",
)
"""The calls whose results have nothing of their own."""

SNAPSHOT_OPERATIONS: Final[dict[str, Operation]] = {
    "JetOSSnapshotPrepare": _prepare,
    **{name: _snapshot(name) for name in PLAIN_OF_SNAPSHOTS},
    **{
        f"{name}{form}": _info(f"{name}A" if form == "A" else name, ansi=form == "A")
        for name in ("JetOSSnapshotFreeze", "JetOSSnapshotGetFreezeInfo")
        for form in ("", "W", "A")
    },
}
