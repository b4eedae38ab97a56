# SPDX-License-Identifier: MIT
"""Clients without a bug in other styles: a VSS writer, the engine's own backup, coroutines, readers and writers that verify.

All are functions `client(jet, inst)` that return when the backup is good and raise when it is not.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import esemu
from esemu.vocabulary.grbits import (
    JET_bitAllDatabasesSnapshot,
    JET_bitBackupEndAbort,
    JET_bitBackupEndNormal,
    JET_bitBackupIncremental,
    JET_bitContinueAfterThaw,
    JET_bitExplicitPrepare,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from esemu.faces.instance import Instance
    from esemu.faces.jet import Jet

BACKUPS = "C:\\backups\\"


class VssWriter:
    """What a VSS writer does when the service tells it of an event."""

    def __init__(self, jet: Jet, inst: int) -> None:
        self.jet = jet
        self.inst = inst
        self.snapshot: int | None = None

    def on_prepare(self) -> None:
        """Let the instance join a snapshot."""
        self.snapshot = self.jet.JetOSSnapshotPrepare(JET_bitContinueAfterThaw | JET_bitExplicitPrepare)
        self.jet.JetOSSnapshotPrepareInstance(self.snapshot, self.inst)

    def on_freeze(self) -> None:
        """Stop all writing."""
        self.jet.JetOSSnapshotFreeze(self.joined)

    def on_thaw(self) -> None:
        """Let it go on; an error says that the freeze had timed out."""
        self.jet.JetOSSnapshotThaw(self.joined)

    def on_complete(self) -> None:
        """Delete what the copy makes dispensable, and end the snapshot as a good one."""
        self.jet.JetOSSnapshotTruncateLogInstance(self.joined, self.inst, JET_bitAllDatabasesSnapshot)
        self.jet.JetOSSnapshotEnd(self.joined)
        self.snapshot = None

    def on_abort(self) -> None:
        """Forget the snapshot, in whatever state it is."""
        if self.snapshot is not None:
            with suppress(esemu.JetError):
                self.jet.JetOSSnapshotAbort(self.snapshot)
            self.snapshot = None

    @property
    def joined(self) -> int:
        """The number of the snapshot."""
        assert self.snapshot is not None
        return self.snapshot


def vss_writer(jet: Jet, inst: int) -> None:
    """Go through a snapshot as the service does."""
    writer = VssWriter(jet, inst)
    try:
        writer.on_prepare()
        writer.on_freeze()
        writer.on_thaw()
        writer.on_complete()
    except BaseException:
        writer.on_abort()
        raise


def engines_own(jet: Jet, inst: Instance) -> list[int]:
    """Let the engine write a full backup and an incremental one to its disk, and return what it has told of the first."""
    inst.state.process.world.disk.create_folders(BACKUPS)  # as an administrator has done
    told: list[int] = []
    jet.JetBackupInstance(inst, BACKUPS, 0, lambda snt, percent: told.append(percent))
    jet.JetBackupInstance(inst, BACKUPS, JET_bitBackupIncremental)
    return told


def coroutine(jet: Jet, inst: int) -> dict[str, bytes]:
    """Make every call in a thread, so that the event loop goes on."""
    return asyncio.run(_back_up(jet, inst))


async def _back_up(jet: Jet, inst: int) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    await asyncio.to_thread(jet.JetBeginExternalBackupInstance, inst, 0)
    try:
        for names in (jet.JetGetAttachInfoInstance, jet.JetGetLogInfoInstance):
            for name in await asyncio.to_thread(names, inst):
                files[name] = await _copy(jet, inst, name)
        await asyncio.to_thread(jet.JetTruncateLogInstance, inst)
    except BaseException:
        with suppress(esemu.JetError):
            await asyncio.to_thread(jet.JetEndExternalBackupInstance2, inst, JET_bitBackupEndAbort)
        raise
    await asyncio.to_thread(jet.JetEndExternalBackupInstance2, inst, JET_bitBackupEndNormal)
    return files


async def _copy(jet: Jet, inst: int, name: str) -> bytes:
    file = await asyncio.to_thread(jet.JetOpenFileInstance, inst, name)
    content, buffer = bytearray(), bytearray(1 << 20)
    try:
        while count := await asyncio.to_thread(jet.JetReadFileInstance, inst, file.handle, buffer):
            content += buffer[:count]
    finally:
        await asyncio.to_thread(jet.JetCloseFileInstance, inst, file.handle)
    return bytes(content)


class DamagedSetError(Exception):
    """What was copied could not be restored."""


@contextmanager
def streaming(jet: Jet, inst: int) -> Iterator[None]:
    """Begin a backup, and end it as what it was."""
    jet.JetBeginExternalBackupInstance(inst, 0)
    try:
        yield
    except BaseException:
        with suppress(esemu.JetError):
            jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndAbort)
        raise
    jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndNormal)


def chunks(jet: Jet, inst: int, name: str) -> Iterator[bytes]:
    """Yield the header in a buffer that is small and large enough, and what follows in larger ones."""
    file = jet.JetOpenFileInstance(inst, name)
    try:
        buffer = bytearray(3 * 4096 if name.endswith(".edb") else 65536)
        while count := jet.JetReadFileInstance(inst, file.handle, buffer):
            yield bytes(buffer[:count])
            buffer = bytearray(1 << 18)
    finally:
        jet.JetCloseFileInstance(inst, file.handle)


def verified(jet: Jet, inst: int) -> dict[str, bytes]:
    """Read in one thread, store in others, and let the logs be deleted when what was stored could be restored."""
    stored: dict[str, list[bytes]] = {}
    with ThreadPoolExecutor(1) as store, streaming(jet, inst):
        for names in (jet.JetGetAttachInfoInstance, jet.JetGetLogInfoInstance):
            for name in names(inst):
                for written in [
                    store.submit(stored.setdefault(name, []).append, each) for each in chunks(jet, inst, name)
                ]:
                    written.result()
        files = {name: b"".join(parts) for name, parts in stored.items()}
        verdict = esemu.verify(files)
        if not verdict.restorable:
            raise DamagedSetError(str(verdict))
        jet.JetTruncateLogInstance(inst)
    return files


CORRECT_STYLES: Final[dict[str, Callable[..., Any]]] = {
    each.__name__: each for each in (vss_writer, engines_own, coroutine, verified)
}
