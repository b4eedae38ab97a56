# SPDX-License-Identifier: MIT
"""The restore calls of `engine.jet`: what a client saved, or JetBackup wrote, is put back on the virtual disk.

Redo is not emulated: logs of esemu's own need none, and a log with records of a real engine raises `NotEmulated` after
everything about the set was checked.  Functions raise as those of backups do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from esemu.faces.arguments import handle, long, status_callback, text
from esemu.faces.jet_backup import LogInfo
from esemu.machine.calls import CALLS
from esemu.machine.shapes.restore import ExternalRestoreCall, RestoreCall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from esemu.machine.call import Call

    Status = Callable[[int, int], object]
    Map = Iterable[tuple[str, str]]


class RestoreCalls:
    """The restore calls."""

    __slots__ = ()

    def _make(self, call: Call) -> Any:
        """Make a call and return its result."""
        raise NotImplementedError

    def JetRestoreInstance(
        self, instance: int, sz: str | None, szDest: str | None = None, pfn: Status | None = None
    ) -> None:
        """Restore what JetBackupInstance wrote to folder `sz`, its databases to `szDest` or where they were (jetapi.cxx:22118).

        The instance must not be initialised; 0 lets the call make one for itself.  `pfn(snt, percent)` is called with
        JET_sntBegin, JET_sntProgress after each log, and JET_sntComplete.
        """
        status = status_callback(pfn)
        api = CALLS["JetRestoreInstance"]
        self._make(RestoreCall(api, handle(instance), text(sz, "sz"), text(szDest, "szDest"), status))

    def JetRestore(self, szSource: str | None, pfn: Status | None = None) -> None:
        """Restore in the only instance of the process (jetapi.cxx:17063)."""
        self._make(RestoreCall(CALLS["JetRestore"], 0, text(szSource, "szSource"), None, status_callback(pfn)))

    def JetRestore2(self, sz: str | None, szDest: str | None = None, pfn: Status | None = None) -> None:
        """Restore in the only instance of the process, databases to another folder (jetapi.cxx:17102)."""
        status = status_callback(pfn)
        self._make(RestoreCall(CALLS["JetRestore2"], 0, text(sz, "sz"), text(szDest, "szDest"), status))

    def JetExternalRestore(  # noqa: PLR0913 - as many as the API has
        self,
        szCheckpointFilePath: str | None,
        szLogPath: str | None,
        rgrstmap: Map | None,
        szBackupLogPath: str | None,
        genLow: int,
        genHigh: int,
        pfn: Status | None = None,
    ) -> None:
        """Restore databases that a client has put back: pairs of their old and new names (jetapi.cxx:18875).

        The logs `genLow` to `genHigh` are in `szBackupLogPath`; those of the restore itself go to `szLogPath`.
        """
        paths = (szCheckpointFilePath, szLogPath, szBackupLogPath)
        self._external("JetExternalRestore", paths, rgrstmap, (genLow, genHigh), pfn)

    def JetExternalRestoreA(  # noqa: PLR0913 - likewise
        self,
        szCheckpointFilePath: str | None,
        szLogPath: str | None,
        rgrstmap: Map | None,
        szBackupLogPath: str | None,
        genLow: int,
        genHigh: int,
        pfn: Status | None = None,
    ) -> None:
        """Do the same through the ANSI form, which looks whether an empty map is none (jetapi.cxx:18862)."""
        paths = (szCheckpointFilePath, szLogPath, szBackupLogPath)
        self._external("JetExternalRestoreA", paths, rgrstmap, (genLow, genHigh), pfn)

    def JetExternalRestore2(  # noqa: PLR0913 - likewise
        self,
        szCheckpointFilePath: str | None,
        szLogPath: str | None,
        rgrstmap: Map | None,
        szBackupLogPath: str | None,
        pLogInfo: LogInfo | None,
        szTargetInstanceName: str | None = None,
        szTargetInstanceLogPath: str | None = None,
        szTargetInstanceCheckpointPath: str | None = None,
        pfn: Status | None = None,
    ) -> int:
        """Restore with the base name in `pLogInfo`, and roll on with the logs of a target instance (jetapi.cxx:18920).

        Returns JET_wrnTargetInstanceRunning if that runs, else 0.
        """
        paths = (szCheckpointFilePath, szLogPath, szBackupLogPath)
        targets = (szTargetInstanceName, szTargetInstanceLogPath, szTargetInstanceCheckpointPath)
        return self._external("JetExternalRestore2", paths, rgrstmap, pLogInfo, pfn, targets)

    def JetExternalRestore2A(  # noqa: PLR0913 - likewise
        self,
        szCheckpointFilePath: str | None,
        szLogPath: str | None,
        rgrstmap: Map | None,
        szBackupLogPath: str | None,
        pLogInfo: LogInfo | None,
        szTargetInstanceName: str | None = None,
        szTargetInstanceLogPath: str | None = None,
        szTargetInstanceCheckpointPath: str | None = None,
        pfn: Status | None = None,
    ) -> int:
        """Do the same through the ANSI form (jetapi.cxx:18907)."""
        paths = (szCheckpointFilePath, szLogPath, szBackupLogPath)
        targets = (szTargetInstanceName, szTargetInstanceLogPath, szTargetInstanceCheckpointPath)
        return self._external("JetExternalRestore2A", paths, rgrstmap, pLogInfo, pfn, targets)

    def _external(  # noqa: PLR0913 - likewise
        self,
        name: str,
        paths: tuple[str | None, str | None, str | None],
        rgrstmap: Map | None,
        given: tuple[int, int] | LogInfo | None,
        pfn: Status | None,
        targets: tuple[str | None, str | None, str | None] = (None, None, None),
    ) -> int:
        system, logs, backup = (text(path, "a path") for path in paths)
        if given is None or isinstance(given, tuple):
            low, high = given or (0, 0)
            base = None
        elif not isinstance(given, LogInfo):
            raise TypeError(f"pLogInfo is {given!r}; it must be a LogInfo, or None for NULL")
        else:
            low, high, base = given.gen_low, given.gen_high, text(given.base_name, "base_name")
        first, last = long(low, "genLow"), long(high, "genHigh")
        call = ExternalRestoreCall(CALLS[name], 0, system, logs, backup, first, last, status_callback(pfn))
        call.base_name = base
        call.info_missing = given is None
        call.no_map = rgrstmap is None
        call.databases = [(_name(old), _name(new)) for old, new in rgrstmap or ()]
        call.target_name, call.target_log_path, call.target_system_path = (text(each, "a target") for each in targets)
        self._make(call)
        return call.warning


def _name(value: Any) -> str:
    name = text(value, "a name in rgrstmap")
    if name is None:
        raise TypeError("a name in rgrstmap is None; it must be a str")
    return name
