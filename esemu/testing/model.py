# SPDX-License-Identifier: MIT
"""A model of an engine: its state without bytes, which can be copied and called on its own."""

from __future__ import annotations

from collections import deque
from copy import copy
from itertools import count
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

from esemu.machine.explore.bare import BareDisk, BareFile, BarePages, BareWorld
from esemu.machine.explore.control import control_of
from esemu.machine.explore.twin import twin
from esemu.machine.state import HANDLE_STEP

if TYPE_CHECKING:
    from esemu.machine.state import Process

LOG_SIZE: Final = 65536
"""Of the logs that a model makes where no instance says how large they are, in bytes."""


def model_of(process: Process) -> Process:
    """Return a process in the same state that has no bytes, knows nobody, and can be copied by `twin`.

    Raises ValueError where a file of a backup is open: what is read of it lies outside of the state.
    """
    live = process.live()
    if any(instance.backup.slot.in_use for instance in live):
        raise ValueError("a file of a backup is open; a model begins where none is")
    made = copy(process)
    made.world = _bare(process)
    made.trace = deque(maxlen=0)
    made.numbers = count(1)
    following = next(process.handles)  # counters are not copied: Python 3.14 cannot, and 3.12 warns
    process.handles, made.handles = count(following, HANDLE_STEP), count(following, HANDLE_STEP)
    made.lock = RLock()
    made.interposer = None
    model = twin(made)
    for instance in model.live():
        for database in instance.databases:
            database.pages = BarePages()  # type: ignore[assignment]
            database.faults = None
    return model


def _bare(process: Process) -> Any:
    """Return a world with the same files by name and size."""
    tree: dict[str, int | None] = process.world.disk.tree()  # type: ignore[attr-defined]
    disk = BareDisk(tuple(path for path, size in tree.items() if size is None))
    for path, size in tree.items():
        if size is not None:
            disk.create(path, BareFile(size), overwrite=True)
    live = process.live()
    for instance in live:
        for database in instance.databases:
            disk.files[database.name.lower()].database = database
            disk.hold(database.name)
    return BareWorld(disk, live[0].log_size if live else LOG_SIZE)


def key_of(model: Process) -> Any:
    """Return what the answers to all later calls depend on."""
    numbers = [
        (instance.log.generation, instance.backup.slot.offset, instance.backup.generations_copied)
        for instance in model.live()
    ]
    return control_of(model), tuple(numbers)
