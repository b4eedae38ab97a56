# SPDX-License-Identifier: MIT
"""Stops from other threads: they wait for nobody, and what they do to reads.  tests/testing/test_stops.py has many more.

Events and barriers decide what happens when; the time-outs only keep a test that has gone wrong from hanging.
"""

import sys
import threading
from typing import Any

import pytest

import esemu
from esemu.vocabulary.exceptions import BackupAbortByServerError

MAIL = r"C:\data\mail.edb"
SAFETY = 60
"""Seconds after which a test gives up."""


def test_a_stop_does_not_wait_for_a_read(
    engine: esemu.Engine, inst: esemu.Instance, reading: int, inside_a_read: Any
) -> None:
    """While another thread is inside a read, a stop returns; that read completes, and the next one is refused."""
    with inside_a_read() as reader:
        engine.jet.JetStopBackupInstance(inst)
        assert reader.waits
    assert reader.result() == 5 * 4096
    with pytest.raises(BackupAbortByServerError):
        engine.jet.JetReadFileInstance(inst, reading, bytearray(5 * 4096))


def test_a_stop_does_not_wait_for_the_lock_of_the_process(
    engine: esemu.Engine, inst: esemu.Instance, in_thread: Any
) -> None:
    """While this thread holds the process's lock, as every call does, a stop from another thread returns."""
    engine.jet.JetBeginExternalBackupInstance(inst)
    with engine.process.lock:
        assert in_thread(lambda: engine.jet.JetStopBackupInstance(inst)).result() is None
        assert inst.state.backup.stop_requested
        other = in_thread(lambda: engine.jet.JetGetAttachInfoInstance(inst))
        assert other.waits
    assert isinstance(other.result(), BackupAbortByServerError)


def test_a_stop_of_the_only_instance_does_not_wait_either(in_thread: Any) -> None:
    """JetStopBackup, the form without an instance, takes no lock."""
    engine = esemu.Engine()
    engine.jet.JetInit()
    with engine.process.lock:
        assert in_thread(engine.jet.JetStopBackup).result() is None


def test_a_stop_during_a_status_callback_ends_jetbackup(
    engine: esemu.Engine, inst: esemu.Instance, in_thread: Any
) -> None:
    """A stop from another thread while JetBackupInstance tells its status makes that fail at its next step."""

    def status(snt: int, percent: int) -> None:
        assert in_thread(lambda: engine.jet.JetStopBackupInstance(inst)).result() is None

    with pytest.raises(BackupAbortByServerError):
        engine.jet.JetBackupInstance(inst, r"C:\app", 0, status)


@pytest.mark.untraced
def test_the_next_read_after_a_stop_fails_whoever_makes_it(
    engine: esemu.Engine, restless: None, in_thread: Any
) -> None:
    """While one thread reads and reads, a thread that has stopped the backup never gets a byte any more."""
    inst = engine.start(databases={MAIL: 2**31})
    jet = engine.jet
    for _ in range(300):
        jet.JetBeginExternalBackupInstance(inst)
        handle = jet.JetOpenFileInstance(inst, MAIL).handle
        running = threading.Event()

        def read(handle: int = handle, running: threading.Event = running) -> None:
            buffer = bytearray(4096 * 4)
            while jet.JetReadFileInstance(inst, handle, buffer):
                if not running.is_set():  # its lock is for the thread that waits
                    running.set()

        reader = in_thread(read)
        assert running.wait(SAFETY)
        jet.JetStopBackupInstance(inst)
        with pytest.raises(BackupAbortByServerError):
            jet.JetReadFileInstance(inst, handle, bytearray(4096 * 4))
        assert isinstance(reader.result(), BackupAbortByServerError)
        jet.JetEndExternalBackupInstance(inst)


def test_a_read_at_any_moment_of_a_stop_loses_nothing(engine: esemu.Engine, in_thread: Any) -> None:
    """With a read by another thread before every line of the stop, reads succeed up to one of them and never after it."""
    inst = engine.start(databases={MAIL: 2**31})
    engine.jet.JetBeginExternalBackupInstance(inst)
    handle = engine.jet.JetOpenFileInstance(inst, MAIL).handle

    def read() -> int:
        return engine.jet.JetReadFileInstance(inst, handle, bytearray(4096 * 4))

    outcomes: list[Any] = [read(), read()]

    def before_every_line(frame: Any, event: str, arg: Any) -> Any:
        if event == "line":
            outcomes.append(in_thread(read).result())
        return before_every_line

    def stop() -> None:
        sys.settrace(before_every_line)
        engine.jet.JetStopBackupInstance(inst)
        sys.settrace(None)

    assert in_thread(stop).result() is None
    outcomes.append(in_thread(read).result())
    good = [outcome == 4096 * 4 for outcome in outcomes]
    assert good == sorted(good, reverse=True)
    assert len(outcomes) > 10
    assert type(outcomes[-1]) is BackupAbortByServerError


def test_several_readers_get_every_page_once(engine: esemu.Engine, restless: None, in_thread: Any) -> None:
    """Threads that read the same file get its parts, each part once and whole."""
    inst = engine.start(databases={MAIL: 4_000})
    engine.jet.JetBeginExternalBackupInstance(inst)
    handle = engine.jet.JetOpenFileInstance(inst, MAIL).handle
    expected = engine.disk.read(MAIL)[2 * 4096 :]
    parts: list[bytes] = []

    def read() -> None:
        buffer = bytearray(4096 * 3)
        while count := engine.jet.JetReadFileInstance(inst, handle, buffer):
            parts.append(bytes(buffer[:count]))

    readers = [in_thread(read) for _ in range(4)]
    assert [reader.result() for reader in readers] == [None] * 4
    pages = [part[at : at + 4096] for part in parts for at in range(0, len(part), 4096)]
    assert len(pages) == 4_003
    assert set(pages) >= {expected[at : at + 4096] for at in range(0, len(expected), 4096)}
