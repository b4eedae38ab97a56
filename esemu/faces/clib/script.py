# SPDX-License-Identifier: MIT
"""What happens to a client in a library without its doing: backups are stopped, pages cannot be read.

A script stands before every call of the process; without one calls go the short way.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from esemu.machine.call import Call
from esemu.machine.calls import CALLS
from esemu.world.faults import ReadFaults

if TYPE_CHECKING:
    from esemu.machine.state import Instance, Process

_STOP: Final = re.compile(r"(?:stop )?(?:instance (?P<instance>\d+) )?after (?P<reads>\d+) reads?")
_FAULT: Final = re.compile(r"page (?P<page>\d+)(?: (?:(?P<times>\d+) times|(?P<word>once|twice)))?")
_TIMES: Final = {"once": 1, "twice": 2, None: -1}


class BadScript(ValueError):
    """A line of a script says nothing that can be done."""


class Script:
    """Stops and faults; the texts are those of the settings."""

    def __init__(self, stops: str, faults: str) -> None:
        self.stops = dict(map(_stop, _parts(stops)))
        self.faults = list(map(_fault, _parts(faults)))
        self._reads: dict[int, int] = {}  # by the number of the instance: since its backup began

    def play(self, process: Process) -> None:
        """Stand before the calls of a process, if there is anything to do."""
        if self.stops or self.faults:
            process.interposer = lambda call: self._perform(process, call)

    def _perform(self, process: Process, call: Call) -> int:
        error = call.api.perform(process, call, told=True)
        instance = call.instance
        if instance is None or error:
            return error
        name, number = call.api.name, instance.number + 1
        if name.startswith("JetBeginExternalBackup"):
            self._reads[number] = 0
        elif name.startswith("JetOpenFile"):
            self._spoil(instance)
        elif name.startswith("JetReadFile"):
            self._reads[number] = self._reads.get(number, 0) + 1
            if self._reads[number] == self.stops.get(number):
                stop = CALLS["JetStopBackupInstance"]
                stop.perform(process, Call(stop, instance.handle), told=True)
        return error

    def _spoil(self, instance: Instance) -> None:
        """Let pages of a database fail that has just been opened for the first time."""
        database = instance.backup.slot.database
        if database is None or database.faults is not None or not self.faults:
            return
        faults = ReadFaults()
        for page, times in self.faults:
            faults.fail(page, times)
        database.faults = faults
        instance.changed()


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _stop(text: str) -> tuple[int, int]:
    """Return an instance, by default the first, and after how many reads of a backup that is stopped."""
    found = _STOP.fullmatch(text)
    if found is None:
        raise BadScript(f"stops: {text!r} is not like `instance 1 after 3 reads`")
    return int(found["instance"] or 1), int(found["reads"])


def _fault(text: str) -> tuple[int, int]:
    """Return a page, and how often it cannot be read, -1 for always."""
    found = _FAULT.fullmatch(text)
    if found is None:
        raise BadScript(f"faults: {text!r} is not like `page 7` or `page 7 twice`")
    return int(found["page"]), int(found["times"]) if found["times"] else _TIMES[found["word"]]
