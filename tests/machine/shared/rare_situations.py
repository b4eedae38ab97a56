# SPDX-License-Identifier: MIT
"""Situations of snapshots that no call leads to in one thread, and what every call about snapshots answers in them.

A term holds the lock of all snapshot calls, the thread of a snapshot is letting go, a time-out comes while a call waits
for that; or something that only the world can do has happened to a frozen instance.
"""

from collections.abc import Callable, Iterator
from typing import Any

from esemu.machine.call import GrbitCall
from esemu.machine.calls import CALLS
from esemu.machine.effects.freeze import thaw_steps
from esemu.machine.explore.alphabet import Description
from esemu.machine.explore.bare import BareDisk, BareWorld
from esemu.machine.explore.snapshots.alphabet import OF_INSTANCES, OF_PROCESS, spelled
from esemu.machine.explore.snapshots.control import control_of
from esemu.machine.explore.snapshots.search import perform
from esemu.machine.explore.snapshots.worlds import WORLDS
from esemu.machine.explore.starts import start
from esemu.machine.state import Process
from esemu.machine.step import NO_RETURN
from esemu.vocabulary.grbits import JET_bitForceNewLog, JET_bitWaitAllLevel0Commit

BOTH_WRONG: tuple[Description, ...] = tuple(
    {"op": f"JetOSSnapshot{name}{form}", "grbit": 1, "pc": False}
    for name in ("Freeze", "GetFreezeInfo")
    for form in ("", "A")
)
COMMITS: tuple[Description, ...] = tuple(
    {"op": "JetCommitTransaction", "grbit": grbit, "inst": 0}
    for grbit in (JET_bitForceNewLog, JET_bitWaitAllLevel0Commit)
)
CALLS_TRIED = (*OF_PROCESS, {"op": "JetOSSnapshotPrepare", "grbit": 4}, *BOTH_WRONG, *OF_INSTANCES[0], *COMMITS)


class TimesOut(BareWorld):
    """A world in which every wait ends because the frozen snapshot times out."""

    __slots__ = ()

    def wait(self, process: Any, rule: Any, state: Any, call: Any) -> bool:
        """Let it time out."""
        for snapshot in process.snapshots.values():
            for waits in thaw_steps(process, snapshot, timed_out=True):
                if waits:
                    break
        return not rule.holds(state, call)


class ReadOnly(BareDisk):
    """A disk whose files must not be written."""

    __slots__ = ()

    def read_only(self, path: str) -> bool:
        """Return True."""
        return True


def _prepared(grbit: int = 4) -> Process:
    process = start(WORLDS["backups on both"][0])
    perform({"op": "JetOSSnapshotPrepare", "grbit": grbit}, process)
    return process


def _frozen(grbit: int = 4) -> Process:
    process = _prepared(grbit)
    perform({"op": "JetOSSnapshotFreeze"}, process)
    return process


def _locked(process: Process) -> Process:
    process.snapshot_lock = GrbitCall(CALLS["JetTerm2"], 0, 4)
    return process


def _nobody() -> Process:
    process = start(WORLDS["backups on both"][0])
    for number in (0, 1):
        perform({"op": "JetTerm2", "grbit": 1, "inst": number}, process)
    return process


def _letting_go(grbit: int) -> Process:
    process = _frozen(grbit)
    for snapshot in process.snapshots.values():
        snapshot.timer = None
    return process


def _times_out(grbit: int) -> Process:
    process = _letting_go(grbit)
    disk: Any = process.world.disk
    process.world = TimesOut(disk, 8192)
    return process


def _without_log(attribute: str) -> Process:
    process = _frozen()
    setattr(process.live()[0].log, attribute, True)
    return process


def _read_only() -> Process:
    process = _frozen()
    disk: Any = process.world.disk
    disk.__class__ = ReadOnly
    return process


def _log_in_use() -> Process:
    process = _frozen()
    perform({"op": "JetOSSnapshotThaw"}, process)
    process.world.disk.hold("C:\\logs\\edb00001.log")
    return process


SITUATIONS: dict[str, Callable[[], Process]] = {
    "a term keeps calls about a prepared snapshot out": lambda: _locked(_prepared()),
    "a term keeps calls about a frozen snapshot out": lambda: _locked(_frozen()),
    "a term keeps calls out, and no instance is left": lambda: _locked(_nobody()),
    "the thread is letting go": lambda: _letting_go(4),
    "the time-out comes first": lambda: _times_out(4),
    "the time-out comes first, to a snapshot that ends with the thaw": lambda: _times_out(0),
    "frozen, and the log is at its end": lambda: _without_log("sequence_end"),
    "frozen, and the log cannot be written": lambda: _without_log("write_failed"),
    "frozen, and the file of the database is read-only": _read_only,
    "thawed, and a log to delete is in use": _log_in_use,
}


def answers(ops: list[str]) -> Iterator[tuple[object, ...]]:
    """Return what calls of these names come to in each situation: error, rule, and the control state afterwards."""
    for name, make in SITUATIONS.items():
        for call in CALLS_TRIED:
            if call["op"] in ops:
                process = make()
                if "inst" in call and not process.live():
                    continue
                err, rule = perform(spelled(call, process), process)
                yield name, str(call), err, rule, None if err in NO_RETURN else control_of(process)
