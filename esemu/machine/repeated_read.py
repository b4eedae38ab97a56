# SPDX-License-Identifier: MIT
"""A read that its rules have let pass, made again: the next pages of a database, and nothing else.

A client reads a database with the same buffer until it ends, and all those reads are judged alike as long as the state
stays as it is.  So the first of them leaves a `RepeatedRead` where verdicts are remembered, and a face that finds it
there need not make a call at all.  It is gone with the verdicts: after a stop, a close, or any other change.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from esemu.machine.effects.reading import Delivery
from esemu.machine.shapes.backup import ReadCall

if TYPE_CHECKING:
    from esemu.machine.state import Instance, Process

_thread = threading.get_ident


class RepeatedRead:
    """The next read of `size` bytes from the open database."""

    __slots__ = (
        "_acquire",
        "_number",
        "_read",
        "_release",
        "_trace",
        "_verdicts",
        "call",
        "database",
        "handle",
        "instance",
        "pages",
        "size",
        "slot",
        "target",
    )

    def __init__(self, instance: Instance, call: ReadCall) -> None:
        process = instance.process
        # The very object by which a caller has named the instance last; whichever thread that was, it names this one.
        self.handle: int = call.handle
        self.instance = instance
        self._verdicts = instance.verdicts
        self.call = call
        self.slot = instance.backup.slot
        self.database = call.result.database
        self.size = call.size
        self.target: Any = None  # where a face has stored the last one, if it will look there again
        self.pages = call.size // self.database.page_size
        self._read = self.database.pages.read
        self._acquire, self._release = process.lock.acquire, process.lock.release
        self._number = process.numbers.__next__
        self._trace = process.trace.append

    def take(self) -> Any:
        """Return the bytes that this read delivers, None where it has to be judged as any other.

        Whatever has changed the state has put others in the place of the verdicts that this read belongs to; a stop that
        comes later finds the read under way, and lets it complete.
        """
        acquire = self._acquire  # what is called off an attribute that is no method takes longer to find
        acquire()
        try:
            if self.instance.verdicts is not self._verdicts:
                self.instance.process.last_read = None
                return None
            database = self.database
            copied = database.copied_most
            last = copied + self.pages
            if last > database.most:
                return None
            database.copied_most = last
            self.slot.offset += self.size
            first = copied + 1
            number, trace = self._number, self._trace
            trace((number(), _thread(), self, first))
        finally:
            release = self._release
            release()
        read = self._read
        return read(first, self.pages)

    def as_call(self, number: int, thread: int, first: int) -> ReadCall:
        """Return the call that stands in the trace for one such read."""
        call = ReadCall(self.call.api, self.call.handle, self.call.file, self.size)
        call.number = number
        call.thread = thread
        call.instance = self.instance
        call.result = Delivery(self.database, None, first, first + self.pages - 1)
        return call


def found_again(process: Process, handle: Any, size: int) -> RepeatedRead | None:
    """Return the read of `size` bytes that is remembered, None if none is; where the handle stays the same, look at `last_read` first."""
    instance = process.found.get(handle) if isinstance(handle, int) else None
    again: RepeatedRead | None = None if instance is None else instance.verdicts.get(size)
    if again is not None:
        again.handle = handle
        process.last_read = again
    return again


def repeated_read(instance: Instance, call: ReadCall) -> Any:
    """Return what makes an equal read again, None where there is more to it than pages that can be read."""
    database = instance.backup.slot.database
    if database is None or database.faults is not None or not database.pages.sound or not database.copied_most:
        return None
    if instance.process.interposer is not None:  # it wants to be told of each
        return None
    return RepeatedRead(instance, call)


def calls_of(process: Process, first: int = 0) -> list[Any]:
    """Return the calls in the trace of a process from place `first` on, those included that were no calls."""
    entries = _entries(process)[first:]
    return [entry[2].as_call(entry[0], entry[1], entry[3]) if type(entry) is tuple else entry for entry in entries]


def _entries(process: Process) -> list[Any]:
    """Return what is in the trace.  Only stops are noted meanwhile, and where there is no GIL one may disturb the copy."""
    with process.lock:
        while True:
            try:
                return list(process.trace)
            except RuntimeError:
                continue
