# SPDX-License-Identifier: MIT
"""Threads: who waits for whom, and what a stop from another thread does to a read.

Events and barriers decide what happens when; the time-outs only keep a test that has gone wrong from hanging.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import esemu
from esemu.vocabulary.exceptions import BackupAbortByServerError, InvalidInstanceError, TermInProgressError
from esemu.vocabulary.grbits import JET_bitTermAbrupt

MAIL = r"C:\data\mail.edb"
SAFETY = 60
"""Seconds after which a test gives up."""


@pytest.fixture
def restless() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


class Caller:
    """A thread that makes one call and keeps what came of it."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self.outcome: Any = None
        self._call = call
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.outcome = self._call()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test wants to see it
            self.outcome = error

    def result(self) -> Any:
        """Wait for the call to end and return what came of it."""
        self._thread.join(SAFETY)
        assert not self._thread.is_alive(), "the call hangs"
        return self.outcome

    @property
    def waits(self) -> bool:
        """Whether the call has not ended yet."""
        return self._thread.is_alive()


@contextmanager
def inside_a_read(engine: esemu.Engine, inst: esemu.Instance, reading: int) -> Iterator[Caller]:
    """Keep another thread inside a read, in the function on a page, as long as the block runs."""
    inside, go_on = threading.Event(), threading.Event()

    def hook() -> None:
        inside.set()
        assert go_on.wait(SAFETY)

    inst.faults.on_page(MAIL, 3, hook)
    reader = Caller(lambda: engine.jet.JetReadFileInstance(inst, reading, bytearray(5 * 4096)))
    try:
        assert inside.wait(SAFETY)
        yield reader
    finally:
        go_on.set()


def test_a_stop_does_not_wait_for_a_read(engine: esemu.Engine, inst: esemu.Instance, reading: int) -> None:
    """While another thread is inside a read, a stop returns; that read completes, and the next one is refused."""
    with inside_a_read(engine, inst, reading) as reader:
        engine.jet.JetStopBackupInstance(inst)
        assert reader.waits
    assert reader.result() == 5 * 4096
    with pytest.raises(BackupAbortByServerError):
        engine.jet.JetReadFileInstance(inst, reading, bytearray(5 * 4096))


def test_a_stop_does_not_wait_for_the_lock_of_the_process(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """While this thread holds the process's lock, as every call does, a stop from another thread returns."""
    engine.jet.JetBeginExternalBackupInstance(inst)
    with engine.process.lock:
        assert Caller(lambda: engine.jet.JetStopBackupInstance(inst)).result() is None
        assert inst.state.backup.stop_requested
        other = Caller(lambda: engine.jet.JetGetAttachInfoInstance(inst))
        assert other.waits
    assert isinstance(other.result(), BackupAbortByServerError)


def test_a_stop_of_the_only_instance_does_not_wait_either() -> None:
    """JetStopBackup, the form without an instance, takes no lock."""
    engine = esemu.Engine()
    engine.jet.JetInit()
    with engine.process.lock:
        assert Caller(engine.jet.JetStopBackup).result() is None


def test_a_stop_during_a_status_callback_ends_jetbackup(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """A stop from another thread while JetBackupInstance tells its status makes that fail at its next step."""

    def status(snt: int, percent: int) -> None:
        assert Caller(lambda: engine.jet.JetStopBackupInstance(inst)).result() is None

    with pytest.raises(BackupAbortByServerError):
        engine.jet.JetBackupInstance(inst, r"C:\app", 0, status)


def test_others_may_call_during_a_hook_and_a_status_callback(
    engine: esemu.Engine, inst: esemu.Instance, reading: int
) -> None:
    """Functions of a test run without the process's lock, so another thread's calls go through meanwhile."""
    told: list[Any] = []
    with inside_a_read(engine, inst, reading):
        told.append(Caller(lambda: engine.jet.JetGetAttachInfoInstance(inst)).result())
    engine.jet.JetCloseFileInstance(inst, reading)
    engine.jet.JetEndExternalBackupInstance(inst)
    engine.jet.JetBackupInstance(
        inst, r"C:\app", 0, lambda *_: told.append(Caller(lambda: engine.jet.JetGetAttachInfoInstance(inst)).result())
    )
    assert len(told) == 3
    assert all(MAIL in names for names in told)


def test_no_stop_is_lost(engine: esemu.Engine, restless: None) -> None:
    """Thousands of stops hit a reading loop: every read after the stop fails, and none fails for another reason.

    The reader counts its reads; when the stop has returned, one more read may be under way, and no more.
    """
    inst = engine.start(databases={MAIL: 2**31})
    jet, rounds = engine.jet, 5_000
    started, ended = threading.Barrier(2, timeout=SAFETY), threading.Barrier(2, timeout=SAFETY)
    reads = [0]
    wrong: list[Any] = []

    def read() -> None:
        buffer = bytearray(4096 * 4)
        for _ in range(rounds):
            jet.JetBeginExternalBackupInstance(inst)
            handle = jet.JetOpenFileInstance(inst, MAIL).handle
            jet.JetReadFileInstance(inst, handle, buffer)
            reads[0] += 1
            started.wait()
            try:
                while True:
                    jet.JetReadFileInstance(inst, handle, buffer)
                    reads[0] += 1
            except BackupAbortByServerError:
                pass
            except BaseException as error:  # noqa: BLE001 - none other may come
                wrong.append(error)
            ended.wait()
            jet.JetEndExternalBackupInstance(inst)

    reader = Caller(read)
    for _ in range(rounds):
        started.wait()
        jet.JetStopBackupInstance(inst)
        so_far = reads[0]
        ended.wait()
        if reads[0] > so_far + 1:
            wrong.append((so_far, reads[0]))
    assert reader.result() is None
    assert wrong == []
    assert reads[0] > rounds


def test_the_next_read_after_a_stop_fails_whoever_makes_it(engine: esemu.Engine, restless: None) -> None:
    """While one thread reads and reads, a thread that has stopped the backup never gets a byte any more."""
    inst = engine.start(databases={MAIL: 2**31})
    jet = engine.jet
    for _ in range(1_000):
        jet.JetBeginExternalBackupInstance(inst)
        handle = jet.JetOpenFileInstance(inst, MAIL).handle
        running = threading.Event()

        def read(handle: int = handle, running: threading.Event = running) -> None:
            buffer = bytearray(4096 * 4)
            while jet.JetReadFileInstance(inst, handle, buffer):
                running.set()

        reader = Caller(read)
        assert running.wait(SAFETY)
        jet.JetStopBackupInstance(inst)
        with pytest.raises(BackupAbortByServerError):
            jet.JetReadFileInstance(inst, handle, bytearray(4096 * 4))
        assert isinstance(reader.result(), BackupAbortByServerError)
        jet.JetEndExternalBackupInstance(inst)


def test_several_readers_get_every_page_once(engine: esemu.Engine, restless: None) -> None:
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

    readers = [Caller(read) for _ in range(4)]
    assert [reader.result() for reader in readers] == [None] * 4
    pages = [part[at : at + 4096] for part in parts for at in range(0, len(part), 4096)]
    assert len(pages) == 4_003
    assert set(pages) >= {expected[at : at + 4096] for at in range(0, len(expected), 4096)}


def test_a_term_waits_for_a_read(engine: esemu.Engine, inst: esemu.Instance, reading: int) -> None:
    """JetTerm lets a read that is inside the instance complete, refuses every other call meanwhile, and then ends."""
    with inside_a_read(engine, inst, reading) as reader:
        term = Caller(lambda: engine.jet.JetTerm(inst))
        refused = None
        while refused is None and term.waits:
            try:
                engine.jet.JetGetAttachInfoInstance(inst)
            except TermInProgressError as error:
                refused = error
        assert term.waits
        second = Caller(lambda: engine.jet.JetTerm2(inst, JET_bitTermAbrupt))
        assert isinstance(second.result(), TermInProgressError)
    assert reader.result() == 5 * 4096
    assert term.result() is None
    assert refused is not None
    with pytest.raises(InvalidInstanceError):
        engine.jet.JetReadFileInstance(inst, reading, bytearray(5 * 4096))


def test_a_jetbackup_gives_way_to_a_term(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """JetBackupInstance notices the term of another thread, ends with JET_errTermInProgress, and the term goes on."""
    terms: list[Caller] = []

    def hook() -> None:
        terms.append(Caller(lambda: engine.jet.JetTerm(inst)))
        while not inst.state.term_in_progress:
            assert terms[0].waits

    inst.faults.on_page(MAIL, 3, hook)
    with pytest.raises(TermInProgressError):
        engine.jet.JetBackupInstance(inst, r"C:\app")
    assert terms[0].result() is None
    assert engine.process.live() == []


def test_a_term_from_inside_a_read_can_never_end(engine: esemu.Engine, inst: esemu.Instance, reading: int) -> None:
    """A hook that terminates the instance whose read it is called from gets WouldBlockForever, and the read completes."""
    raised: list[Any] = []

    def hook() -> None:
        with pytest.raises(esemu.WouldBlockForever) as info:
            engine.jet.JetTerm(inst)
        raised.append(str(info.value))

    inst.faults.on_page(MAIL, 3, hook)
    assert engine.jet.JetReadFileInstance(inst, reading, bytearray(5 * 4096)) == 5 * 4096
    assert ["would wait for ever" in message for message in raised] == [True]
    engine.jet.JetTerm(inst)


def test_terms_that_wait_for_each_other_can_never_end(engine: esemu.Engine) -> None:
    """Two hooks of two instances, each terminating the other's: the second term is the one that is told."""
    one, other = engine.start(databases={r"C:\data\1.edb": 5}), engine.start(databases={r"C:\data\2.edb": 5})
    inside = threading.Barrier(2, timeout=SAFETY)
    outcomes: list[Any] = []

    def read(inst: esemu.Instance, target: esemu.Instance, path: str) -> None:
        def hook() -> None:
            inside.wait()
            try:
                engine.jet.JetTerm(target)
                outcomes.append("ended")
            except esemu.WouldBlockForever:
                outcomes.append("would block")

        inst.faults.on_page(path, 1, hook)
        engine.jet.JetBeginExternalBackupInstance(inst)
        handle = engine.jet.JetOpenFileInstance(inst, path).handle
        engine.jet.JetReadFileInstance(inst, handle, bytearray(65536))

    readers = [
        Caller(lambda: read(one, other, r"C:\data\1.edb")),
        Caller(lambda: read(other, one, r"C:\data\2.edb")),
    ]
    for reader in readers:
        reader.result()
    assert outcomes == ["would block", "ended"]


CALLS: list[Callable[[Any, Any], Any]] = [
    lambda jet, inst: jet.JetStopBackupInstance(inst),
    lambda jet, inst: jet.JetReadFileInstance(inst, 0, bytearray(5 * 4096)),
    lambda jet, inst: jet.JetCloseFileInstance(inst, 0),
    lambda jet, inst: jet.JetEndExternalBackupInstance(inst),
    lambda jet, inst: (jet.JetCloseFileInstance(inst, 0), jet.JetOpenFileInstance(inst, MAIL)),
    lambda jet, inst: (jet.JetEndExternalBackupInstance(inst), jet.JetBeginExternalBackupInstance(inst)),
    lambda jet, inst: (jet.JetEndExternalBackupInstance(inst), jet.JetBackupInstance(inst, r"C:\app")),
    lambda jet, inst: (jet.JetEndExternalBackupInstance(inst), jet.JetDetachDatabase(inst.session, MAIL)),
    lambda jet, inst: (jet.JetCloseFileInstance(inst, 0), jet.JetGetLogInfoInstance(inst)),
    lambda jet, inst: jet.JetStopServiceInstance(inst),
    lambda jet, inst: jet.JetEndSession(inst.session),
    lambda jet, inst: jet.JetCreateDatabase(inst.session, "new.edb"),
    lambda jet, inst: jet.JetTerm2(inst, 0),
    lambda jet, inst: inst.roll_log(),
    lambda jet, inst: inst.faults.page(MAIL, 3, times=20),
    lambda jet, inst: inst.faults.on_page(MAIL, 4, lambda: jet.JetStopBackupInstance(inst)),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("page", [1, 4, 20])
def test_a_hook_may_call_anything(engine: esemu.Engine, inst: esemu.Instance, call: Any, page: int) -> None:
    """Whatever a function on a page does to the backup, reads end with data or an error, and the instance with a term."""
    jet = engine.jet
    jet.JetBeginExternalBackupInstance(inst)
    handle = jet.JetOpenFileInstance(inst, MAIL).handle

    def hook() -> None:
        try:
            call(jet, inst)
        except esemu.EsemuError as error:
            assert str(error)

    inst.faults.on_page(MAIL, page, hook)
    try:
        for _ in range(10):
            jet.JetReadFileInstance(inst, handle, bytearray(5 * 4096))
    except esemu.EsemuError as error:
        assert str(error)
    jet.JetTerm(inst)
    assert engine.process.live() == []


def test_an_exception_of_a_hook_comes_out_of_the_read(
    engine: esemu.Engine, inst: esemu.Instance, reading: int
) -> None:
    """What a function on a page raises is raised by the read, and the engine answers on, to other threads too."""

    def hook() -> None:
        raise RuntimeError("the test's own")

    inst.faults.on_page(MAIL, 3, hook)
    with pytest.raises(RuntimeError, match="the test's own"):
        engine.jet.JetReadFileInstance(inst, reading, bytearray(5 * 4096))
    assert MAIL in Caller(lambda: engine.jet.JetGetAttachInfoInstance(inst)).result()
    assert inst.state.calls_inside == ()
    engine.jet.JetTerm(inst)
