# SPDX-License-Identifier: MIT
"""The backup calls of `engine.jet`: streaming, surrogate, and the engine's own.

Every function raises `JetError` with the engine's error, `UndefinedBehaviour` where a retail engine would crash, and
TypeError or ValueError for what could not be handed to an engine at all; then nothing has changed.  Grbits are ints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.arguments import Misaligned, handle, long, offset, status_callback, text, ulong, writable
from esemu.faces.failure import failure
from esemu.machine.call import Call, GrbitCall
from esemu.machine.calls import CALLS
from esemu.machine.repeated_read import found_again
from esemu.machine.shapes.backup import (
    BackupCall,
    CloseCall,
    ListCall,
    NormalEndCall,
    OpenCall,
    ReadCall,
    SectionCall,
    SurrogateCall,
)
from esemu.machine.step import NO_RETURN

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.machine.api import ApiCall
    from esemu.machine.effects.files import OpenedFile
    from esemu.machine.state import Process

    Status = Callable[[int, int], None]

_FILE: Final = 0
"""The handle of the open file (backup.cxx:2208), which CPython has once; where another 0 comes, a read is a call like any other."""

_READ = CALLS["JetReadFileInstance"]
_READ_SINGLE = CALLS["JetReadFile"]


class LogInfo:
    """JET_LOGINFO: the first and last generation of the logs to copy, and the base name of the log files."""

    __slots__ = ("base_name", "gen_high", "gen_low")

    def __init__(self, gen_low: int, gen_high: int, base_name: str) -> None:
        self.gen_low = gen_low
        self.gen_high = gen_high
        self.base_name = base_name

    def __repr__(self) -> str:
        return f"LogInfo(gen_low={self.gen_low}, gen_high={self.gen_high}, base_name={self.base_name!r})"


class BackupCalls:
    """The backup calls, with and without an instance."""

    __slots__ = ()

    _process: Process

    def _make(self, call: Call) -> Any:
        """Make a call and return its result."""
        raise NotImplementedError

    # Beginning and ending.

    def JetBeginExternalBackupInstance(self, instance: int, grbit: int = 0) -> None:
        """Begin a full backup, or an incremental one with JET_bitBackupIncremental (backup.cxx:1628)."""
        self._make(GrbitCall(CALLS["JetBeginExternalBackupInstance"], handle(instance), ulong(grbit, "grbit")))

    def JetBeginExternalBackup(self, grbit: int = 0) -> None:
        """Begin a backup of the only instance (jetapi.cxx:17466)."""
        self._make(GrbitCall(CALLS["JetBeginExternalBackup"], 0, ulong(grbit, "grbit")))

    def JetEndExternalBackupInstance(self, instance: int) -> None:
        """End a backup.  Success does not mean that it is good: the event log says that (backup.cxx:4130)."""
        self._make(NormalEndCall(CALLS["JetEndExternalBackupInstance"], handle(instance)))

    def JetEndExternalBackupInstance2(self, instance: int, grbit: int) -> None:
        """End a backup with JET_bitBackupEndNormal or JET_bitBackupEndAbort (backup.cxx:3972)."""
        self._make(GrbitCall(CALLS["JetEndExternalBackupInstance2"], handle(instance), ulong(grbit, "grbit")))

    def JetEndExternalBackup(self) -> None:
        """End the backup of the only instance (jetapi.cxx:18196)."""
        self._make(NormalEndCall(CALLS["JetEndExternalBackup"], 0))

    def JetStopBackupInstance(self, instance: int) -> None:
        """Ask a backup to stop: a flag is set, nothing is waited for (jetapi.cxx:22618)."""
        self._make(Call(CALLS["JetStopBackupInstance"], handle(instance)))

    def JetStopBackup(self) -> None:
        """Ask the backup of the only instance to stop (jetapi.cxx:22640)."""
        self._make(Call(CALLS["JetStopBackup"]))

    # Databases and files.

    def JetGetAttachInfoInstance(self, instance: int, cbMax: int | None = None) -> list[str]:
        """Return the full paths of the databases to copy (backup.cxx:1943); `cbMax` bytes may cut the list short."""
        return self._list(CALLS["JetGetAttachInfoInstance"], instance, cbMax)

    def JetGetAttachInfoInstanceA(self, instance: int, cbMax: int | None = None) -> list[str]:
        """Return the same through the ANSI form, which refuses a buffer that is too small (jetapi.cxx:17506)."""
        return self._list(CALLS["JetGetAttachInfoInstanceA"], instance, cbMax)

    def JetGetAttachInfo(self, cbMax: int | None = None) -> list[str]:
        """Return the databases of the only instance (jetapi.cxx:17569)."""
        return self._list(CALLS["JetGetAttachInfo"], 0, cbMax)

    def JetGetAttachInfoA(self, cbMax: int | None = None) -> list[str]:
        """Return the same through the ANSI form (jetapi.cxx:17557)."""
        return self._list(CALLS["JetGetAttachInfoA"], 0, cbMax)

    def JetOpenFileInstance(self, instance: int, szFileName: str | None) -> OpenedFile:
        """Open a database, or in the log phase a log; one file may be open, and its handle is 0 (backup.cxx:2125)."""
        return self._make(OpenCall(CALLS["JetOpenFileInstance"], handle(instance), text(szFileName, "szFileName")))  # type: ignore[no-any-return]

    def JetOpenFile(self, szFileName: str | None) -> OpenedFile:
        """Open a file of the only instance (jetapi.cxx:17733)."""
        return self._make(OpenCall(CALLS["JetOpenFile"], 0, text(szFileName, "szFileName")))  # type: ignore[no-any-return]

    def JetOpenFileSectionInstance(
        self, instance: int, szFileName: str | None, iSection: int = 0, cSections: int = 1, ibRead: int = 0
    ) -> OpenedFile:
        """Open a database to be read from byte `ibRead` of its stream on; `iSection` is ignored (jetapi.cxx:17690)."""
        long(iSection, "iSection")
        sections, start = long(cSections, "cSections"), offset(ibRead, "ibRead")
        api = CALLS["JetOpenFileSectionInstance"]
        return self._make(SectionCall(api, handle(instance), text(szFileName, "szFileName"), start, sections))  # type: ignore[no-any-return]

    def JetReadFileInstance(self, instance: int, hfFile: int, pv: Any, cb: int | None = None) -> int:
        """Read the next bytes of the open file into `pv`, and return how many: 0 at its end (backup.cxx:2683).

        `pv` is a writable buffer, whole pages of it (`cb` bytes, by default all); for a database the first read needs
        three pages.  A read that has passed its checks completes, whatever another thread does meanwhile.
        """
        process = self._process
        if cb is None and hfFile is _FILE and type(pv) is bytearray:
            again = process.last_read
            if again is None or again.handle is not instance or again.size != len(pv):
                again = found_again(process, instance, len(pv))
            if again is not None and (pages := again.take()) is not None:
                memoryview(pv)[:] = pages
                return again.size
        call, buffer = _read_call(_READ, instance, hfFile, pv, cb)
        error = _READ.perform(process, call)
        if error and (error < 0 or error in NO_RETURN):  # as in `_make`, and one function less to leave
            raise failure(error, call)
        return _delivered(process, call, buffer)

    def JetReadFile(self, hfFile: int, pv: Any, cb: int | None = None) -> int:
        """Read from the open file of the only instance (jetapi.cxx:17790)."""
        call, buffer = _read_call(_READ_SINGLE, 0, hfFile, pv, cb)
        self._make(call)
        return _delivered(self._process, call, buffer)

    def JetCloseFileInstance(self, instance: int, hfFile: int) -> None:
        """Close the open file; this works after a stop too (backup.cxx:2959)."""
        self._make(CloseCall(CALLS["JetCloseFileInstance"], handle(instance), handle(hfFile, "hfFile")))

    def JetCloseFile(self, hfFile: int) -> None:
        """Close the open file of the only instance (jetapi.cxx:17823)."""
        self._make(CloseCall(CALLS["JetCloseFile"], 0, handle(hfFile, "hfFile")))

    # Logs.

    def JetGetLogInfoInstance(self, instance: int, cbMax: int | None = None) -> list[str]:
        """Return the full paths of the logs to copy; the first such call rolls the log (backup.cxx:3425)."""
        return self._list(CALLS["JetGetLogInfoInstance"], instance, cbMax)

    def JetGetLogInfoInstanceA(self, instance: int, cbMax: int | None = None) -> list[str]:
        """Return the same through the ANSI form (jetapi.cxx:17911)."""
        return self._list(CALLS["JetGetLogInfoInstanceA"], instance, cbMax)

    def JetGetLogInfo(self, cbMax: int | None = None) -> list[str]:
        """Return the logs of the only instance (jetapi.cxx:18036)."""
        return self._list(CALLS["JetGetLogInfo"], 0, cbMax)

    def JetGetLogInfoA(self, cbMax: int | None = None) -> list[str]:
        """Return the same through the ANSI form (jetapi.cxx:18024)."""
        return self._list(CALLS["JetGetLogInfoA"], 0, cbMax)

    def JetGetLogInfoInstance2(self, instance: int, cbMax: int | None = None) -> tuple[list[str], LogInfo]:
        """Return the logs to copy, and their generations and base name (jetapi.cxx:18011)."""
        return self._list_with_info(CALLS["JetGetLogInfoInstance2"], instance, cbMax)

    def JetGetLogInfoInstance2A(self, instance: int, cbMax: int | None = None) -> tuple[list[str], LogInfo]:
        """Return the same through the ANSI form (jetapi.cxx:17999)."""
        return self._list_with_info(CALLS["JetGetLogInfoInstance2A"], instance, cbMax)

    def JetGetTruncateLogInfoInstance(self, instance: int, cbMax: int | None = None) -> list[str]:
        """Return the logs that JetTruncateLogInstance would delete (backup.cxx:3456)."""
        return self._list(CALLS["JetGetTruncateLogInfoInstance"], instance, cbMax)

    def JetGetTruncateLogInfoInstanceA(self, instance: int, cbMax: int | None = None) -> list[str]:
        """Return the same through the ANSI form (jetapi.cxx:18071)."""
        return self._list(CALLS["JetGetTruncateLogInfoInstanceA"], instance, cbMax)

    def JetTruncateLogInstance(self, instance: int) -> None:
        """Delete the logs that nobody needs any more (backup.cxx:3502)."""
        self._make(Call(CALLS["JetTruncateLogInstance"], handle(instance)))

    def JetTruncateLog(self) -> None:
        """Delete the logs of the only instance that nobody needs any more (jetapi.cxx:18146)."""
        self._make(Call(CALLS["JetTruncateLog"]))

    # Surrogate backup, and the engine's own.

    def JetBeginSurrogateBackup(self, instance: int, lgenFirst: int, lgenLast: int, grbit: int = 0) -> None:
        """Begin the backup of another copy of the databases, which needs these generations (backup.cxx:1548)."""
        first, last = ulong(lgenFirst, "lgenFirst"), ulong(lgenLast, "lgenLast")
        api = CALLS["JetBeginSurrogateBackup"]
        self._make(SurrogateCall(api, handle(instance), first, last, ulong(grbit, "grbit")))

    def JetEndSurrogateBackup(self, instance: int, grbit: int) -> None:
        """End a surrogate backup with JET_bitBackupEndNormal or JET_bitBackupEndAbort (backup.cxx:1578)."""
        self._make(GrbitCall(CALLS["JetEndSurrogateBackup"], handle(instance), ulong(grbit, "grbit")))

    def JetBackupInstance(
        self, instance: int, szBackupPath: str | None, grbit: int = 0, pfnStatus: Status | None = None
    ) -> None:
        """Let the engine write a backup to a folder of the virtual disk (backup.cxx:1345).

        `pfnStatus(snt, percent)` is called with JET_sntBegin and JET_sntComplete, for a full backup only.
        """
        path = text(szBackupPath, "szBackupPath")
        status = status_callback(pfnStatus)
        self._make(BackupCall(CALLS["JetBackupInstance"], handle(instance), path, ulong(grbit, "grbit"), status))

    def JetBackup(self, szBackupPath: str | None, grbit: int = 0, pfnStatus: Status | None = None) -> None:
        """Let the only instance write a backup to a folder of the virtual disk (jetapi.cxx:17039)."""
        path = text(szBackupPath, "szBackupPath")
        self._make(BackupCall(CALLS["JetBackup"], 0, path, ulong(grbit, "grbit"), status_callback(pfnStatus)))

    # What several of them do.

    def _list(self, api: ApiCall, instance: int, cbMax: int | None) -> list[str]:
        size = None if cbMax is None else ulong(cbMax, "cbMax")
        call = ListCall(api, handle(instance), size)
        names: list[str] = self._make(call)
        return names if size is None else _fitting(names, call)

    def _list_with_info(self, api: ApiCall, instance: int, cbMax: int | None) -> tuple[list[str], LogInfo]:
        size = None if cbMax is None else ulong(cbMax, "cbMax")
        call = ListCall(api, handle(instance), size)
        names: list[str] = self._make(call)
        assert call.instance is not None  # noqa: S101 - the call has succeeded
        backup = call.instance.backup
        info = LogInfo(backup.copy_low, backup.copy_high - 1, call.instance.base_name)
        return names if size is None else _fitting(names, call), info


def _read_call(api: ApiCall, instance: int, file: int, buffer: Any, cb: int | None) -> tuple[ReadCall, Any]:
    """Return a read, and the buffer that it is to fill."""
    misaligned = False
    if type(buffer) is not bytearray:  # what most clients read into; anything else takes a little longer
        misaligned = isinstance(buffer, Misaligned)
        buffer = writable(buffer.buffer if misaligned else buffer)
    size = len(buffer) if cb is None else _size(cb, len(buffer))
    call = ReadCall(api, handle(instance), handle(file, "hfFile"), size)
    if misaligned:
        call.into_odd_buffer(misaligned=True)
    return call, buffer


def _delivered(process: Process, call: ReadCall, buffer: Any) -> int:
    """Fill the buffer with what a read delivers, and return how many bytes that is."""
    delivery = call.result
    delivered: int = delivery.size
    if delivered:
        process.world.deliver(call.instance, delivery, memoryview(buffer))
    return delivered


def _size(cb: int, room: int) -> int:
    """Return the size of a read, which must fit the buffer."""
    size = ulong(cb, "cb")
    if size > room:
        raise ValueError(f"cb is {size}, and the buffer has {room} bytes")
    return size


def _fitting(names: list[str], call: ListCall) -> list[str]:
    """Return what a caller finds in a buffer that was too small: whole names, and perhaps the start of one more."""
    width = 1 if call.api.name.endswith("A") else 2
    kept = ("\0".join([*names, "", ""]) if names else "\0")[: call.size_written // width]
    return [name for name in kept.split("\0") if name]
