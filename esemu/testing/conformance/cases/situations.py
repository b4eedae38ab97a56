# SPDX-License-Identifier: MIT
"""Situations that neither a call nor a client leads to: another thread, or the world, has done something to the process.

A case says which one it is in; only a library in front of an emulated process can be brought into it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from esemu.machine.call import GrbitCall
from esemu.machine.calls import CALLS
from esemu.machine.effects.freeze import thaw_steps
from esemu.scenario.recorded import ScenarioDisk
from esemu.vocabulary.errors import JET_errFileAccessDenied, JET_errFileAlreadyExists
from esemu.vocabulary.grbits import JET_bitTermAbrupt

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.machine.state import Instance, Process
    from esemu.world.content import Content

    Case = dict[str, Any]

TERM_LOCKS: Final[Case] = {"op": "situation", "is": "a term keeps snapshot calls out"}
LETS_GO: Final[Case] = {"op": "situation", "is": "the snapshot's thread lets go"}
READ_ONLY: Final[Case] = {"op": "situation", "is": "no file can be written"}


def set_state(instance: Instance, described: Case) -> None:
    """Set attributes of an instance by their paths from it, such as `databases.0.attached`, and parameters by their numbers."""
    for number, value in described.get("parameters", {}).items():
        instance.parameters[int(number)] = value
    for path, value in described.items():
        if path not in {"op", "inst", "parameters"}:
            *owners, name = path.split(".")
            owner: Any = instance
            for step in owners:
                owner = owner[int(step)] if step.isdigit() else getattr(owner, step)
            setattr(owner, name, value)
    instance.changed()


def _term_locks(process: Process) -> None:
    process.snapshot_lock = GrbitCall(CALLS["JetTerm2"], 0, JET_bitTermAbrupt)


def _lets_go(process: Process) -> None:
    """Let the time of each snapshot be up, and its thread take the first step; it goes on when a call waits and time passes."""
    world: Any = process.world
    for snapshot in process.snapshots.values():
        if snapshot.timer is not None:
            snapshot.timer.cancel()
            thread = thaw_steps(process, snapshot, timed_out=True)
            next(thread)
            world.clock.call_at(world.clock.now_ms, partial(world.run_thread, process, thread))


class _ReadOnly(ScenarioDisk):
    """A disk whose files must not be written; new ones can be made."""

    __slots__ = ()

    def read_only(self, path: str) -> bool:  # noqa: ARG002 - any of them
        """Return True."""
        return True

    def create(self, path: str, content: Content | None, *, overwrite: bool) -> int:
        """Make a file, but replace none."""
        error = super().create(path, content, overwrite=False)
        return JET_errFileAccessDenied if overwrite and error == JET_errFileAlreadyExists else error

    def patch(self, path: str, offset: int, data: bytes | memoryview) -> int:  # noqa: ARG002 - any of them
        """Refuse to write."""
        return JET_errFileAccessDenied


def _read_only(process: Process) -> None:
    disk: Any = process.world.disk
    disk.__class__ = _ReadOnly


CHANGES: Final[dict[str, Callable[[Process], None]]] = {
    TERM_LOCKS["is"]: _term_locks,
    LETS_GO["is"]: _lets_go,
    READ_ONLY["is"]: _read_only,
}
"""What makes a situation of a process."""
