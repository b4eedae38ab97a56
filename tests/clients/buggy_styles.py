# SPDX-License-Identifier: MIT
"""Clients in other styles, with a bug each that their style brings with it: threads, retries, caches, snapshots, log files."""

from __future__ import annotations

import logging
import queue
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from correct_styles import BACKUPS, streaming

import esemu
from esemu.vocabulary.grbits import JET_bitBackupEndAbort, JET_bitBackupEndNormal, JET_bitContinueAfterThaw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from esemu.faces.instance import Instance
    from esemu.faces.jet import Jet

log = logging.getLogger(__name__)


@contextmanager
def opened(jet: Jet, inst: int, name: str) -> Iterator[int]:
    """Open a file, and close it."""
    handle = jet.JetOpenFileInstance(inst, name).handle
    try:
        yield handle
    finally:
        with suppress(esemu.JetError):
            jet.JetCloseFileInstance(inst, handle)


def read(jet: Jet, inst: int, name: str) -> bytes:
    """Return the content of a file."""
    content, buffer = bytearray(), bytearray(65536)
    with opened(jet, inst, name) as handle:
        while count := jet.JetReadFileInstance(inst, handle, buffer):
            content += buffer[:count]
    return bytes(content)


def reader_that_dies(jet: Jet, inst: int) -> dict[str, bytes]:
    """Read in a thread, which takes its exception with it: the main thread sees the end of the queue, and a good backup."""
    pipe: queue.Queue[tuple[str, bytes] | None] = queue.Queue()

    def produce() -> None:
        try:
            for names in (jet.JetGetAttachInfoInstance, jet.JetGetLogInfoInstance):
                for name in names(inst):
                    pipe.put((name, read(jet, inst, name)))
        except esemu.JetError:
            log.debug("the reader has failed", exc_info=True)
        finally:
            pipe.put(None)

    jet.JetBeginExternalBackupInstance(inst, 0)
    thread = threading.Thread(target=produce)
    thread.start()
    files = dict(iter(pipe.get, None))
    thread.join()
    jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndNormal)
    return files


def list_of_the_last_time(jet: Jet, inst: int) -> dict[str, bytes]:
    """Keep the list of logs of the backup before; a log is new since then, and the truncation is refused for it."""
    with suppress(InterruptedError), streaming(jet, inst):
        jet.JetGetAttachInfoInstance(inst)
        logs = jet.JetGetLogInfoInstance(inst)
        raise InterruptedError
    with streaming(jet, inst):
        files = {name: read(jet, inst, name) for name in jet.JetGetAttachInfoInstance(inst)}
        jet.JetGetLogInfoInstance(inst)
        files |= {name: read(jet, inst, name) for name in logs}
        jet.JetTruncateLogInstance(inst)
    return files


def reads_once_more(jet: Jet, inst: int) -> dict[str, bytes]:
    """Try a read that has failed once more, whatever it failed for, and go on where the engine has given up the file."""

    def patiently(handle: int, buffer: bytearray) -> int:
        try:
            return jet.JetReadFileInstance(inst, handle, buffer)
        except esemu.JetError:
            return jet.JetReadFileInstance(inst, handle, buffer)

    files: dict[str, bytes] = {}
    with streaming(jet, inst):
        for names in (jet.JetGetAttachInfoInstance, jet.JetGetLogInfoInstance):
            for name in names(inst):
                with opened(jet, inst, name) as handle:
                    buffer = bytearray(65536)
                    files[name] = b""
                    while count := patiently(handle, buffer):
                        files[name] += buffer[:count]
    return files


def failure_in_the_log(jet: Jet, inst: Instance) -> None:
    """Let the engine make the backup, and write to a log file that nobody reads that it has not."""
    inst.state.process.world.disk.create_folders(BACKUPS)
    try:
        jet.JetBackupInstance(inst, BACKUPS)
    except esemu.JetError:
        log.debug("the backup has failed", exc_info=True)


def writer_without_an_end(jet: Jet, inst: int) -> int:
    """Take a snapshot that is to go on after its thaw, and do not end it."""
    snapshot = jet.JetOSSnapshotPrepare(JET_bitContinueAfterThaw)
    try:
        return len(jet.JetOSSnapshotFreeze(snapshot))
    finally:
        jet.JetOSSnapshotThaw(snapshot)


def ended_by_somebody(jet: Jet, inst: int) -> dict[str, bytes]:
    """Take JET_errNoBackup for "it is ended already": a writer in the same program gives up its snapshot in between."""
    jet.JetBeginExternalBackupInstance(inst, 0)
    try:
        files = {name: read(jet, inst, name) for name in jet.JetGetAttachInfoInstance(inst)}
        files |= {name: read(jet, inst, name) for name in jet.JetGetLogInfoInstance(inst)}
        jet.JetOSSnapshotAbort(jet.JetOSSnapshotPrepare())
    except BaseException:
        jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndAbort)
        raise
    with suppress(esemu.NoBackupError):
        jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndNormal)
    return files


BUGGY_STYLES: Final[dict[str, tuple[Callable[..., Any], str]]] = {
    each.__name__: (each, code)
    for each, code in (
        (reader_that_dies, "ESB105"),
        (list_of_the_last_time, "ESB111"),
        (reads_once_more, "ESB104"),
        (failure_in_the_log, "ESB118"),
        (writer_without_an_end, "ESB122"),
        (ended_by_somebody, "ESB123"),
    )
}
"""Each client, and the code of its bug."""
