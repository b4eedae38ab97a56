# SPDX-License-Identifier: MIT
"""Histories of many threads: what the machine allows in some order is accepted, what it allows in none is not."""

import sys
import threading
from collections.abc import Iterator

import pytest

import esemu
from esemu.testing import History, linearizable
from esemu.vocabulary.errors import JET_errBackupAbortByServer
from esemu.vocabulary.exceptions import BackupAbortByServerError

pytestmark = pytest.mark.untraced

MAIL = r"C:\data\mail.edb"


@pytest.fixture
def engine() -> esemu.Engine:
    """Return an engine that keeps few calls."""
    return esemu.Engine(trace_limit=10)


@pytest.fixture
def inst(engine: esemu.Engine) -> esemu.Instance:
    """Return an instance with a database that no reader gets to the end of."""
    return engine.start(databases={MAIL: 2**31})


@pytest.fixture
def restless() -> Iterator[None]:
    """Let threads take turns more often than they would."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def recorded(engine, inst) -> History:
    """Return the history of a backup that is stopped."""
    with History(engine) as history:
        engine.jet.JetBeginExternalBackupInstance(inst)
        handle = engine.jet.JetOpenFileInstance(inst, MAIL).handle
        engine.jet.JetReadFileInstance(inst, handle, bytearray(4 * 4096))
        engine.jet.JetStopBackupInstance(inst)
        with pytest.raises(BackupAbortByServerError):
            engine.jet.JetReadFileInstance(inst, handle, bytearray(4 * 4096))
        engine.jet.JetEndExternalBackupInstance(inst)
    return history


def test_one_thread_is_its_own_order(engine, inst) -> None:
    """The calls of one thread are accepted in the order in which it made them."""
    history = recorded(engine, inst)
    verdict = linearizable(history)
    assert verdict
    assert verdict.order == history.calls
    assert repr(verdict) == f"<linearizable: {len(history.calls)} calls>"


def test_an_answer_that_cannot_be_is_found(engine, inst) -> None:
    """A read that succeeds after a stop has returned is explained by no order, and is told with what came before."""
    history = recorded(engine, inst)
    refused = history.calls[4]
    assert refused.answer == JET_errBackupAbortByServer
    refused.answer = history.calls[2].answer
    verdict = linearizable(history)
    assert not verdict
    assert verdict.stuck == [refused]
    assert "JetReadFileInstance" in repr(verdict)
    assert "JetStopBackupInstance" in repr(verdict)


def test_calls_that_overlap_may_come_in_either_order(engine, inst) -> None:
    """A read that was under way when the stop came may have succeeded or failed, whichever was recorded first."""
    history = recorded(engine, inst)
    stop, read = history.calls[3], history.calls[4]  # [7, 8] and [9, 10]
    read.begin, stop.begin, stop.end, read.end = 7, 8, 9, 10
    history.calls[3:5] = [read, stop]
    assert linearizable(history), "the stop may have been first"
    first, second = history.calls[2].answer[1][0], history.calls[2].answer[1][1]
    read.answer = (0, (second + 1, second + 4, 4 * 4096, False, None))
    assert first < second
    assert linearizable(history), "the read may have been first"
    read.answer = (0, (second + 2, second + 5, 4 * 4096, False, None))
    assert not linearizable(history)


def test_several_readers_share_a_file(engine, restless) -> None:
    """Threads that read one file, list, and stop at once have a history that the machine allows."""
    inst = engine.start(databases={MAIL: 300})
    jet = engine.jet
    with History(engine) as history:
        jet.JetBeginExternalBackupInstance(inst)
        handle = jet.JetOpenFileInstance(inst, MAIL).handle

        def read() -> None:
            buffer = bytearray(4 * 4096)
            try:
                while jet.JetReadFileInstance(inst, handle, buffer):
                    jet.JetGetAttachInfoInstance(inst)
            except BackupAbortByServerError:
                pass

        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        jet.JetStopBackupInstance(inst)
        for thread in threads:
            thread.join()
        jet.JetCloseFileInstance(inst, handle)
        jet.JetEndExternalBackupInstance(inst)
    assert linearizable(history)


def test_a_history_begins_where_no_file_is_open(engine, inst) -> None:
    """What was read of an open file lies outside of the state, so a history cannot begin there."""
    engine.jet.JetBeginExternalBackupInstance(inst)
    engine.jet.JetOpenFileInstance(inst, MAIL)
    with pytest.raises(ValueError, match="open"):
        History(engine).__enter__()
    assert engine.process.interposer is None


def test_a_model_leaves_the_engine_alone(engine, inst) -> None:
    """Judging a history changes neither the engine nor its trace, and gives the same verdict again."""
    history = recorded(engine, inst)
    before = engine.trace.text(), repr(inst)
    assert linearizable(history)
    assert linearizable(history)
    assert (engine.trace.text(), repr(inst)) == before
