# SPDX-License-Identifier: MIT
"""What an error says, what the trace keeps, and that an error can travel."""

import copy
import gc
import json
import pickle
import threading
import weakref
from typing import Any

import pytest

import esemu
from esemu.machine.call import Call
from esemu.vocabulary.exceptions import BackupAbortByServerError, InvalidInstanceError, NoBackupError

MAIL = r"C:\data\mail.edb"


@pytest.fixture
def stopped(engine: esemu.Engine, inst: esemu.Instance, reading: int) -> BackupAbortByServerError:
    """Forget the calls so far, stop the backup and return the error of the next read."""
    engine.trace.clear()
    engine.jet.JetStopBackupInstance(inst)
    with pytest.raises(BackupAbortByServerError) as raised:
        engine.jet.JetReadFileInstance(inst, reading, bytearray(65536))
    return raised.value


def test_a_message_names_error_cause_ways_out_and_source(
    engine: esemu.Engine, stopped: BackupAbortByServerError
) -> None:
    """The message tells the call, the error, which call brought it about, what is allowed now, and the engine's line."""
    stop = next(iter(engine.trace)).number
    assert str(stopped) == (
        "JetReadFileInstance(handle=0, size=65536): JET_errBackupAbortByServer (-801). The backup of instance 1 was "
        f"stopped by call #{stop}, JetStopBackupInstance. Allowed now: JetCloseFileInstance, "
        "JetEndExternalBackupInstance(2). Rule: backup.cxx:2706"
    )


@pytest.mark.parametrize("name", ["JetReadFileInstance", "JetCloseFileInstance"])
def test_an_error_that_was_caught_is_gone_at_once(engine: esemu.Engine, inst: esemu.Instance, name: str) -> None:
    """Nothing of an error waits for the garbage collector: a client's loop may raise millions."""
    given = (bytearray(4096),) if name == "JetReadFileInstance" else ()
    gc.disable()
    try:
        with pytest.raises(NoBackupError) as caught:
            getattr(engine.jet, name)(inst, 0, *given)
        left = weakref.ref(caught.value)
        del caught
        assert left() is None
    finally:
        gc.enable()


def test_what_is_allowed_is_told_as_of_now(
    engine: esemu.Engine, inst: esemu.Instance, stopped: BackupAbortByServerError
) -> None:
    """A text that is read late says what is allowed by then, and how many calls were made since the error."""
    engine.jet.JetCloseFileInstance(inst, 0)
    assert "Allowed now, 1 call later: JetEndExternalBackupInstance(2)." in str(stopped)
    engine.jet.JetEndExternalBackupInstance(inst)
    assert "Allowed now, 2 calls later: JetBeginExternalBackupInstance." in str(stopped)


def test_a_trace_that_keeps_nothing_counts_no_calls() -> None:
    """Without a trace nobody knows how many calls were made since."""
    engine = esemu.Engine(trace_limit=0)
    inst = engine.start()
    with pytest.raises(esemu.JetError, match="Allowed now: JetBegin") as raised:
        engine.jet.JetTruncateLogInstance(inst)
    engine.jet.JetBeginExternalBackupInstance(inst)
    assert "Allowed now: Jet" in str(raised.value)


def test_an_error_has_number_and_name(stopped: BackupAbortByServerError) -> None:
    """An error knows its number and its name in the header, and its class is one of a family."""
    assert (stopped.err, stopped.name) == (-801, "JET_errBackupAbortByServer")
    assert isinstance(stopped, esemu.JetError)


def test_an_error_without_an_instance_says_less(engine: esemu.Engine) -> None:
    """Where no instance was found there is nothing that is allowed, and the message ends with the rule."""
    with pytest.raises(InvalidInstanceError) as raised:
        engine.jet.JetTruncateLogInstance(7)
    assert str(raised.value) == (
        "JetTruncateLogInstance(): JET_errInvalidInstance (-1115). The ESENT build validates handles, and this one "
        "belongs to no live instance. Rule: jetapi.cxx:5269"
    )


def test_the_end_that_came_first_is_named(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """A call after the end of a backup is told which call ended it."""
    engine.jet.JetBeginExternalBackupInstance(inst)
    engine.jet.JetEndExternalBackupInstance(inst)
    end = list(engine.trace)[-1].number
    with pytest.raises(NoBackupError, match=f"ended by call #{end}, JetEndExternalBackupInstance"):
        engine.jet.JetGetAttachInfoInstance(inst)


def test_messages_can_end_with_the_last_calls() -> None:
    """With calls_in_errors=2 a message ends with the call itself and the one before it, whatever came later."""
    engine = esemu.Engine(calls_in_errors=2)
    inst = engine.start()
    engine.jet.JetStopBackupInstance(inst)
    with pytest.raises(NoBackupError) as raised:
        engine.jet.JetTruncateLogInstance(inst)
    engine.jet.JetStopBackupInstance(inst)
    number = list(engine.trace)[-1].number
    assert str(raised.value).splitlines()[1:] == [
        f"#{number - 2} [thread 1] JetStopBackupInstance() -> JET_errSuccess",
        f"#{number - 1} [thread 1] JetTruncateLogInstance() -> JET_errNoBackup",
    ]


@pytest.mark.parametrize("travel", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_an_error_keeps_its_message_wherever_it_goes(stopped: BackupAbortByServerError, travel: Any) -> None:
    """A copied or pickled error has the same class and says the same."""
    twin = travel(stopped)
    assert type(twin) is BackupAbortByServerError
    assert (str(twin), twin.err) == (str(stopped), -801)


def test_a_copied_error_shares_what_happened(stopped: BackupAbortByServerError) -> None:
    """The occurrence of an error is the call that failed; it stays in this process and is shared by copies."""
    assert isinstance(stopped.occurrence, Call)
    assert copy.deepcopy(stopped).occurrence is stopped.occurrence
    assert isinstance(pickle.loads(pickle.dumps(stopped)).occurrence, str)


def test_the_trace_is_text(engine: esemu.Engine, stopped: BackupAbortByServerError) -> None:
    """The trace has a line for each call, with its number, its thread, its arguments and its outcome."""
    stop, read = (call.number for call in engine.trace)
    assert engine.trace.text() == (
        f"#{stop} [thread 1] JetStopBackupInstance() -> JET_errSuccess\n"
        f"#{read} [thread 1] JetReadFileInstance(handle=0, size=65536) -> JET_errBackupAbortByServer"
    )
    assert engine.trace.text(last=1) == engine.trace.text().splitlines()[1]
    assert engine.trace.text(last=0) == ""
    assert repr(engine.trace) == engine.trace.text()


def test_the_trace_is_json(engine: esemu.Engine, stopped: BackupAbortByServerError) -> None:
    """As JSON a call has its arguments, the number and the name of its error, and the rule with its source."""
    assert json.loads(engine.trace.json())[1] == {
        "number": list(engine.trace)[1].number,
        "thread": 1,
        "call": "JetReadFileInstance",
        "arguments": {"handle": 0, "size": 65536},
        "err": -801,
        "error": "JET_errBackupAbortByServer",
        "rule": "backup_stopped",
        "source": "backup.cxx:2706",
        "raised": None,
    }


def test_every_read_is_in_the_trace(engine: esemu.Engine, inst: esemu.Instance, reading: int) -> None:
    """Reads that follow each other quickly are calls like any other, numbered without gaps."""
    engine.trace.clear()
    while engine.jet.JetReadFileInstance(inst, reading, bytearray(3 * 4096)):
        pass
    calls = list(engine.trace)
    assert {repr(call) for call in calls} == {"JetReadFileInstance(handle=0, size=12288)"}
    assert len(calls) == 9
    assert [call.number - calls[0].number for call in calls] == list(range(9))


def test_the_trace_tells_threads_apart(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """Threads are numbered in the order in which they called."""
    engine.trace.clear()
    engine.jet.JetStopBackupInstance(inst)
    other = threading.Thread(target=engine.jet.JetStopBackupInstance, args=(inst,))
    other.start()
    other.join(60)
    assert [call["thread"] for call in engine.trace.as_dicts()] == [1, 2]


@pytest.mark.parametrize(("limit", "kept"), [(0, 0), (2, 2), (10, 5)])
def test_the_trace_keeps_the_last_calls(limit: int, kept: int) -> None:
    """The trace keeps as many calls as it was told to, the last ones, and numbers go on."""
    engine = esemu.Engine(trace_limit=limit)
    for _ in range(5):
        engine.jet.JetGetInstanceInfo()
    assert len(engine.trace) == kept
    assert [call.number for call in engine.trace] == [1, 2, 3, 4, 5][5 - kept :]


@pytest.mark.parametrize("limits", [{"trace_limit": -1}, {"calls_in_errors": -1}])
def test_limits_are_not_negative(limits: dict[str, Any]) -> None:
    """A negative number of calls to keep or to show is a ValueError."""
    with pytest.raises(ValueError, match="-1"):
        esemu.Engine(**limits)


def test_undefined_behaviour_says_what_the_engine_would_do(
    engine: esemu.Engine, inst: esemu.Instance, reading: int
) -> None:
    """A call that would crash the engine raises UndefinedBehaviour, which is no error of the engine."""
    with pytest.raises(esemu.UndefinedBehaviour) as raised:
        engine.jet.JetReadFileInstance(inst, reading + 1, bytearray(65536))
    assert not isinstance(raised.value, esemu.JetError)
    assert "undefined behaviour. The handle is used as an index without a test" in str(raised.value)


def test_a_function_that_is_not_emulated_says_so(engine: esemu.Engine) -> None:
    """A function of the API that esemu leaves out is NotEmulated; a name that is none is an AttributeError."""
    with pytest.raises(esemu.NotEmulated, match="JetOpenTable"):
        engine.jet.JetOpenTable  # noqa: B018 - asking is enough
    assert not hasattr(engine.jet, "JetFoo")
    assert not hasattr(engine.jet, "foo")
