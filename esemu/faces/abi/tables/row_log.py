# SPDX-License-Identifier: MIT
"""What changes of rows do to the log: it fills, and rolls to the next generation, as the set-up of many backup tests has it.

The records themselves are not written: the rows are in memory only.  Their sizes are those of the engine's records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine.effects.logs import roll_log

if TYPE_CHECKING:
    from esemu.machine.state import Instance

RECORD: Final = 50
"""Bytes of a log record about a row beside key and data: LRPAGE_, LRNODE_ and LRINSERT (logapi.hxx:377, 426, 637)."""

HEADER: Final = 4096
"""Bytes at the start of a log that hold no records."""


class RowLog:
    """How far the current log of each instance is filled with changes of rows: its generation, and bytes."""

    __slots__ = ("_filled",)

    def __init__(self) -> None:
        self._filled: dict[int, tuple[int, int]] = {}

    def change(self, instance: Instance, size: int) -> None:
        """Log a change with `size` bytes of key and data; the log rolls where its file is full."""
        if instance.log.disabled:
            return
        with instance.process.lock:
            generation, filled = self._filled.get(instance.handle, (0, 0))
            if generation != instance.log.tip:  # it has rolled for another reason
                filled = 0
            filled += RECORD + size
            if filled > instance.log_size - HEADER and can_roll(instance):
                filled = 0
                roll_log(instance)
                instance.changed()
            self._filled[instance.handle] = instance.log.tip, filled


def can_roll(instance: Instance) -> bool:
    """Return whether the next log can be begun: the disk has room for it, and nothing has gone wrong."""
    log = instance.log
    return not (log.write_failed or log.disk_full or log.sequence_end)
