# SPDX-License-Identifier: MIT
"""Standing before the calls of an engine: every face tells, calls can be delayed, joined or refused, and it ends."""

import pytest

import esemu
from esemu.machine.repeated_read import RepeatedRead
from esemu.testing import fail, interposed
from esemu.vocabulary.errors import JET_errDiskIO
from esemu.vocabulary.exceptions import BackupAbortByServerError

MAIL = r"C:\data\mail.edb"
PAGE = 4096


@pytest.fixture
def engine() -> esemu.Engine:
    """Return a fresh engine."""
    return esemu.Engine()


@pytest.fixture
def inst(engine: esemu.Engine) -> esemu.Instance:
    """Return an instance with one database, whose backup has begun."""
    inst = engine.start(databases={MAIL: 100})
    engine.jet.JetBeginExternalBackupInstance(inst)
    return inst


def read_all(engine: esemu.Engine, inst: esemu.Instance) -> int:
    """Read the database to its end and return in how many reads."""
    handle = engine.jet.JetOpenFileInstance(inst, MAIL).handle
    buffer, reads = bytearray(8 * PAGE), 1
    while engine.jet.JetReadFileInstance(inst, handle, buffer):
        reads += 1
    engine.jet.JetCloseFileInstance(inst, handle)
    return reads


def test_every_call_is_told(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """Each call is told once and in order, the reads among them that need not be judged again."""
    told = []

    def listen(call, go_on) -> int:
        told.append(call)
        return go_on(call)

    handle = engine.jet.JetOpenFileInstance(inst, MAIL).handle
    engine.jet.JetReadFileInstance(inst, handle, bytearray(8 * PAGE))
    engine.jet.JetReadFileInstance(inst, handle, bytearray(8 * PAGE))
    engine.jet.JetCloseFileInstance(inst, handle)
    before = len(engine.trace)
    with interposed(engine, listen):
        reads = read_all(engine, inst)
    assert reads > 10
    assert [call.api.name for call in told] == [
        "JetOpenFileInstance",
        *["JetReadFileInstance"] * reads,
        "JetCloseFileInstance",
    ]
    assert [call.number for call in told] == [call.number for call in engine.trace][before:]


def test_reads_are_told_that_would_not_have_been_calls(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """Whoever comes while a file is read is told of the very next read; afterwards reads are short again."""
    told = []

    def listen(call, go_on) -> int:
        told.append(call.api.name)
        return go_on(call)

    handle, buffer = engine.jet.JetOpenFileInstance(inst, MAIL).handle, bytearray(4 * PAGE)

    def read() -> None:
        assert engine.jet.JetReadFileInstance(inst, handle, buffer) == 4 * PAGE

    def short() -> bool:
        return any(type(verdict) is RepeatedRead for verdict in inst.state.verdicts.values())

    read()
    read()
    assert short()
    with interposed(engine, listen):
        read()
        assert not short()
        read()
    assert told == ["JetReadFileInstance"] * 2
    read()
    assert short()


def test_something_can_happen_first(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """An interposer may call the engine before it goes on, and is not told of that; the trace has both in order."""
    told = []

    def stop(call, go_on) -> int:
        told.append(call.api.name)
        engine.jet.JetStopBackupInstance(inst)
        return go_on(call)

    with interposed(engine, stop), pytest.raises(BackupAbortByServerError):
        engine.jet.JetGetAttachInfoInstance(inst)
    assert told == ["JetGetAttachInfoInstance"]
    assert [call.api.name for call in engine.trace][-2:] == ["JetStopBackupInstance", "JetGetAttachInfoInstance"]
    numbers = [call.number for call in engine.trace]
    assert numbers == sorted(numbers)


def test_calls_from_inside_a_call_are_told(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """What a function on a page calls is told too."""
    told = []

    def listen(call, go_on) -> int:
        told.append(call.api.name)
        return go_on(call)

    inst.faults.on_page(MAIL, 1, lambda: engine.jet.JetStopBackupInstance(inst))
    handle = engine.jet.JetOpenFileInstance(inst, MAIL).handle
    with interposed(engine, listen):
        engine.jet.JetReadFileInstance(inst, handle, bytearray(8 * PAGE))
    assert told == ["JetReadFileInstance", "JetStopBackupInstance"]


def test_a_call_can_fail_without_being_made(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """A call that fails raises its error, stands in the trace, and leaves the state alone."""

    def refuse(call, go_on) -> int:
        return fail(engine.process, call, JET_errDiskIO)

    with interposed(engine, refuse), pytest.raises(esemu.JetError, match="JetOpenFileInstance") as caught:
        engine.jet.JetOpenFileInstance(inst, MAIL)
    assert caught.value.err == JET_errDiskIO
    assert engine.trace.as_dicts()[-1]["err"] == JET_errDiskIO
    assert not inst.state.backup.slot.in_use


def test_interposers_nest(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """The last to come is told first; when it has gone, the one before is told again, and in the end nobody."""
    told = []

    def outer(call, go_on) -> int:
        told.append("outer")
        return go_on(call)

    def inner(call, go_on) -> int:
        told.append("inner")
        return go_on(call)

    with interposed(engine, outer):
        with interposed(engine, inner):
            engine.jet.JetGetAttachInfoInstance(inst)
        engine.jet.JetGetAttachInfoInstance(inst)
    engine.jet.JetGetAttachInfoInstance(inst)
    assert told == ["inner", "outer", "outer"]
    assert engine.process.interposer is None


def test_engines_are_told_apart(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """Nobody is told of the calls of another engine."""
    other = esemu.Engine()

    def refuse(call, go_on) -> int:
        return fail(engine.process, call, JET_errDiskIO)

    with interposed(engine, refuse):
        other.jet.JetBeginExternalBackupInstance(other.start(databases={MAIL: 10}))
