# SPDX-License-Identifier: MIT
"""Functions on pages, status callbacks and terms: who waits for whom, and what may be called from where.

Events and barriers decide what happens when; the time-outs only keep a test that has gone wrong from hanging.
"""

import threading
from collections.abc import Callable
from typing import Any

import pytest

import esemu
import esemu.testing
from esemu.vocabulary.exceptions import InvalidInstanceError, TermInProgressError
from esemu.vocabulary.grbits import JET_bitTermAbrupt

MAIL = r"C:\data\mail.edb"
SAFETY = 60
"""Seconds after which a test gives up."""


def test_a_term_waits_for_a_read(
    engine: esemu.Engine, inst: esemu.Instance, reading: int, in_thread: Any, inside_a_read: Any
) -> None:
    """JetTerm lets a read that is inside the instance complete, refuses every other call meanwhile, and then ends."""
    with inside_a_read() as reader:
        term = in_thread(lambda: engine.jet.JetTerm(inst))
        refused = None
        while refused is None and term.waits:
            try:
                engine.jet.JetGetAttachInfoInstance(inst)
            except TermInProgressError as error:
                refused = error
        assert term.waits
        second = in_thread(lambda: engine.jet.JetTerm2(inst, JET_bitTermAbrupt))
        assert isinstance(second.result(), TermInProgressError)
    assert reader.result() == 5 * 4096
    assert term.result() is None
    assert refused is not None
    with pytest.raises(InvalidInstanceError):
        engine.jet.JetReadFileInstance(inst, reading, bytearray(5 * 4096))


def test_a_jetbackup_gives_way_to_a_term(engine: esemu.Engine, inst: esemu.Instance, in_thread: Any) -> None:
    """JetBackupInstance notices the term of another thread, ends with JET_errTermInProgress, and the term goes on."""
    terms: list[Any] = []

    def hook() -> None:
        terms.append(in_thread(lambda: engine.jet.JetTerm(inst)))
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


def test_terms_that_wait_for_each_other_can_never_end(engine: esemu.Engine, in_thread: Any) -> None:
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
        in_thread(lambda: read(one, other, r"C:\data\1.edb")),
        in_thread(lambda: read(other, one, r"C:\data\2.edb")),
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
    messages: list[str] = []

    def hook() -> None:
        try:
            call(jet, inst)
        except esemu.EsemuError as error:
            messages.append(str(error))

    inst.faults.on_page(MAIL, page, hook)
    try:
        for _ in range(10):
            jet.JetReadFileInstance(inst, handle, bytearray(5 * 4096))
    except esemu.EsemuError as error:
        messages.append(str(error))
    jet.JetTerm(inst)
    assert all(messages)
    assert engine.process.live() == []


def test_an_exception_of_a_hook_comes_out_of_the_read(
    engine: esemu.Engine, inst: esemu.Instance, reading: int, in_thread: Any
) -> None:
    """What a function on a page raises is raised by the read, and the engine answers on, to other threads too."""

    def hook() -> None:
        raise RuntimeError("the test's own")

    inst.faults.on_page(MAIL, 3, hook)
    with pytest.raises(RuntimeError, match="the test's own"):
        engine.jet.JetReadFileInstance(inst, reading, bytearray(5 * 4096))
    assert MAIL in in_thread(lambda: engine.jet.JetGetAttachInfoInstance(inst)).result()
    assert inst.state.calls_inside == ()
    engine.jet.JetTerm(inst)


def test_a_call_that_was_broken_off_has_no_answer(engine: esemu.Engine, inst: esemu.Instance, reading: int) -> None:
    """The trace names the exception, a script does not make the call, and no check takes it for a success."""

    def hook() -> None:
        raise RuntimeError("the test's own")

    inst.faults.on_page(MAIL, 3, hook)
    with pytest.raises(RuntimeError, match="the test's own"):
        engine.jet.JetReadFileInstance(inst, reading, bytearray(5 * 4096))
    last = engine.trace.as_dicts()[-1]
    assert (last["error"], last["raised"]) == ("no answer: RuntimeError was raised", "RuntimeError")
    assert engine.trace.as_dicts()[-2]["raised"] is None
    assert "was broken off by RuntimeError" in esemu.testing.script(engine).splitlines()[-1]
    assert {found.code for found in esemu.testing.check(engine, reported_success=False)} == {"ESB101", "ESB114"}


@pytest.mark.parametrize("status", [5, 6])  # JET_sntBegin, JET_sntComplete
def test_an_exception_of_a_status_callback_ends_the_backup(
    engine: esemu.Engine, inst: esemu.Instance, status: int
) -> None:
    """It comes out of JetBackupInstance, whose backup has ended as any that fails."""

    def told(snt: int, percent: int) -> None:
        if snt == status:
            raise KeyError("the test's own")

    for folder in ("backup", "again"):
        engine.disk.create_folders(rf"C:\{folder}")
    with pytest.raises(KeyError, match="the test's own"):
        engine.jet.JetBackupInstance(inst, r"C:\backup", 0, told)
    assert not inst.state.backup.in_progress
    assert inst.phase == "not started"
    assert [*engine.events][-1].name == "STOP_BACKUP_ERROR_ABORT_BY_CALLER_INSTANCE_ID"
    engine.jet.JetBackupInstance(inst, r"C:\again", 0, lambda *told: None)
    assert [*engine.events][-1].name == "STOP_BACKUP_INSTANCE_ID"


def test_an_exception_of_a_page_ends_a_jetbackup(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """No client can end the engine's own backup, so it does not go on when a function on a page raises."""

    def hook() -> None:
        raise RuntimeError("the test's own")

    engine.disk.create_folders(r"C:\backup")
    inst.faults.on_page(MAIL, 3, hook)
    with pytest.raises(RuntimeError, match="the test's own"):
        engine.jet.JetBackupInstance(inst, r"C:\backup", 4)  # JET_bitBackupAtomic
    assert not inst.state.backup.in_progress
    assert not engine.disk.exists(r"C:\backup\temp")
    engine.jet.JetBeginExternalBackupInstance(inst)


def test_a_read_that_a_hook_has_broken_off_was_not_made(
    engine: esemu.Engine, inst: esemu.Instance, reading: int
) -> None:
    """The next read delivers what it would have delivered, at the first attempt or at one of its repetitions."""

    def hook() -> None:
        raise RuntimeError("the test's own")

    jet, buffer, last = engine.jet, bytearray(5 * 4096), bytearray(3 * 4096)
    for times, broken in ((1, lambda: None), (0, hook)):
        inst.faults.page(MAIL, 7, times=times)
        inst.faults.on_page(MAIL, 7, broken, times=1)
        inst.faults.on_page(MAIL, 8, hook, times=1)
        with pytest.raises(RuntimeError, match="the test's own"):
            jet.JetReadFileInstance(inst, reading, bytearray(20 * 4096))
        assert inst.state.backup.slot.offset == 0
    assert jet.JetReadFileInstance(inst, reading, buffer) == len(buffer)
    assert jet.JetReadFileInstance(inst, reading, last) == len(last)
    assert last == bytes(inst.state.databases[0].pages.read(4, 3))


def test_others_may_call_during_a_hook_and_a_status_callback(
    engine: esemu.Engine, inst: esemu.Instance, reading: int, in_thread: Any, inside_a_read: Any
) -> None:
    """Functions of a test run without the process's lock, so another thread's calls go through meanwhile."""
    told: list[Any] = []
    with inside_a_read():
        told.append(in_thread(lambda: engine.jet.JetGetAttachInfoInstance(inst)).result())
    engine.jet.JetCloseFileInstance(inst, reading)
    engine.jet.JetEndExternalBackupInstance(inst)
    engine.jet.JetBackupInstance(
        inst,
        r"C:\app",
        0,
        lambda *_: told.append(in_thread(lambda: engine.jet.JetGetAttachInfoInstance(inst)).result()),
    )
    assert len(told) == 3
    assert all(MAIL in names for names in told)
