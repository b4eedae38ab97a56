# SPDX-License-Identifier: MIT
"""Contents of log files that are made when they are read: every 8 bytes say which instance, generation and place.

A log is the little-endian u64 values `((0xA5 + instance) << 56) | (generation << 24) | (i & 0xffffff)`, i = 0, 1, ...
from the start of the file, so a byte in the wrong place is noticed.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

# Logs are made in runs of this many bytes: a whole log of a test, a fraction of a log of the default 5120 KiB.
_RUN: Final = 65536
# Values that differ in the lowest byte of i only, and how many such stretches a run has.
_STRETCH: Final = 256
_STRETCHES: Final = _RUN // 8 // _STRETCH


class PatternLog:
    """The content of the log file `generation` of the instance in table slot `instance`: `size` bytes."""

    __slots__ = ("_run", "_start", "_top", "generation", "instance", "size")

    def __init__(self, instance: int, generation: int, size: int) -> None:
        self._top = (0xA5 + instance) & 0xFF
        self._start = -1
        self._run = memoryview(b"")
        #: The place of the instance in the values.
        self.instance = instance
        #: The generation in the values.
        self.generation = generation
        #: Bytes in the file.
        self.size = size

    def read(self, offset: int, count: int) -> bytes | memoryview:
        """Return up to `count` bytes from `offset` on; fewer, or none, at the end of the file."""
        end = min(offset + count, self.size)
        start = offset - offset % _RUN
        if end <= start + _RUN:
            return self._run_at(start)[offset - start : max(end, offset) - start]
        pieces = []
        while offset < end:
            start = offset - offset % _RUN
            pieces.append(self._run_at(start)[offset - start : end - start])
            offset = start + _RUN
        return b"".join(pieces)

    def _run_at(self, start: int) -> memoryview:
        """Return the run that begins at byte `start`.  One is kept, because small reads come one after the other."""
        if start != self._start:
            self._run = memoryview(self._made(start // 8)).toreadonly()
            self._start = start
        return self._run

    def _made(self, first: int) -> bytearray:
        """Return the run whose first value has i = `first`, a multiple of 65536 / 8."""
        stretch = bytearray(_STRETCH * 8)
        stretch[0::8] = bytes(range(_STRETCH))
        constant = bytes((first >> 16 & 0xFF,)) + self.generation.to_bytes(4, "little") + bytes((self._top,))
        for place, byte in enumerate(constant, 2):
            if byte:
                stretch[place::8] = bytes((byte,)) * _STRETCH
        run = stretch * _STRETCHES
        middle = first >> 8 & 0xFF
        run[1::8] = b"".join([bytes((byte,)) * _STRETCH for byte in range(middle, middle + _STRETCHES)])
        return run
