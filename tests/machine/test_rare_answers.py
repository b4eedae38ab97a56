# SPDX-License-Identifier: MIT
"""Answers that only a strange file system or a strange process brings about, through the Python face."""

import pytest

import esemu
from esemu.machine.call import Call
from esemu.machine.calls import CALLS
from esemu.machine.message import describe
from esemu.machine.repeated_read import found_again
from esemu.machine.rules.instances import instances_max
from esemu.machine.shapes.databases import FileInfoCall
from esemu.machine.shapes.instances import ParameterCall
from esemu.vocabulary.error_table import ERRORS
from esemu.vocabulary.errors import JET_errDiskIO
from esemu.vocabulary.grbits import JET_bitBackupAtomic
from esemu.vocabulary.parameters import JET_paramAggressiveLogRollover, JET_paramMaxCursors, JET_paramMaxInstances

MAIL = r"C:\data\mail.edb"


def test_attaching_may_roll_the_log(engine: esemu.Engine) -> None:
    """With JET_paramAggressiveLogRollover every attach begins a new log."""
    parameters = {JET_paramAggressiveLogRollover: 1}
    inst = engine.start(databases={MAIL: 10}, generations=5, parameters=parameters)
    assert inst.generation == 6


def test_a_log_that_cannot_be_deleted(engine: esemu.Engine) -> None:
    """Truncation ends with the first log that another program holds open; those before it are gone."""
    inst = engine.start(databases={MAIL: 10}, generations=6)
    jet = engine.jet
    engine.disk.hold(r"C:\logs\edb00003.log")
    jet.JetBeginExternalBackupInstance(inst, 0)
    handle = jet.JetOpenFileInstance(inst, MAIL).handle
    while jet.JetReadFileInstance(inst, handle, bytearray(65536)):
        pass
    jet.JetCloseFileInstance(inst, handle)
    for log in jet.JetGetLogInfoInstance(inst):
        handle = jet.JetOpenFileInstance(inst, log).handle
        while jet.JetReadFileInstance(inst, handle, bytearray(1 << 20)):
            pass
        jet.JetCloseFileInstance(inst, handle)
    with pytest.raises(esemu.FileAccessDeniedError):
        jet.JetTruncateLogInstance(inst)
    left = [name for name in engine.disk.names("C:\\logs\\") if name.endswith(("1.log", "2.log", "3.log", "4.log"))]
    assert left == [r"C:\logs\edb00003.log", r"C:\logs\edb00004.log"]


def test_an_old_backup_that_cannot_be_deleted(engine: esemu.Engine) -> None:
    """An atomic JetBackup begins by clearing away what an earlier one left half done, and says so where it cannot."""
    inst = engine.start(databases={MAIL: 10})
    left = r"C:\backup\temp\mail.edb"
    engine.disk.create_folders("C:\\backup\\temp\\")
    engine.disk.create(left, None, overwrite=False)
    engine.disk.hold(left)
    with pytest.raises(esemu.DeleteBackupFileFailError):
        engine.jet.JetBackupInstance(inst, "C:\\backup\\", JET_bitBackupAtomic)


def test_a_status_callback_that_ends_the_backup(engine: esemu.Engine) -> None:
    """Told that all is copied, it ends the backup, which JetBackup then misses."""
    inst = engine.start(databases={MAIL: 10})
    engine.disk.create_folders("C:\\backup\\")

    def status(_kind: int, percent: int) -> None:
        if percent == 100:
            engine.jet.JetEndExternalBackupInstance(inst)

    with pytest.raises(esemu.NoBackupError):
        engine.jet.JetBackupInstance(inst, "C:\\backup\\", 0, status)
    assert inst.phase == "not started"


def test_a_name_in_use_leaves_the_running_mode(engine: esemu.Engine) -> None:
    """A process with an instance keeps its mode when a second one is refused."""
    engine.jet.JetCreateInstance("a")
    mode = engine.process.mode
    with pytest.raises(esemu.InstanceNameInUseError):
        engine.jet.JetCreateInstance("a")
    assert engine.process.mode == mode


def test_how_many_instances_before_there_is_a_mode(engine: esemu.Engine) -> None:
    """Until the first instance settles the mode, JET_paramMaxInstances counts."""
    assert instances_max(engine.process) == engine.process.parameters[JET_paramMaxInstances]


def test_a_parameter_that_is_not_emulated(engine: esemu.Engine) -> None:
    """The machine itself says so too, whichever way the call came."""
    call = ParameterCall(CALLS["JetSetSystemParameter"], 0, 0, JET_paramMaxCursors, 1)
    with pytest.raises(esemu.NotEmulated, match="system parameter 8 is not emulated"):
        call.api.perform(engine.process, call)


def test_information_that_is_not_emulated(engine: esemu.Engine) -> None:
    """The cost of an upgrade is not known, and nothing is made up for it."""
    engine.start(databases={MAIL: 10})
    call = FileInfoCall(CALLS["JetGetDatabaseFileInfo"], 0, MAIL, 13, 24)
    with pytest.raises(esemu.NotEmulated, match="information of level 13 is not emulated"):
        call.api.perform(engine.process, call)


def test_a_message_without_a_rule() -> None:
    """An error of the file system has its name and number, and nothing made up about a rule."""
    call = Call(CALLS["JetTruncateLogInstance"], 1)
    call.err = JET_errDiskIO
    assert ERRORS[JET_errDiskIO][0] == "JET_errDiskIO"
    assert describe(call) == "JetTruncateLogInstance(): JET_errDiskIO (-1022)."


def test_undefined_behaviour_in_the_trace(engine: esemu.Engine) -> None:
    """The trace says where a real engine would have crashed."""
    inst = engine.start(databases={MAIL: 10})
    engine.jet.JetBeginExternalBackupInstance(inst, 0)
    with pytest.raises(esemu.UndefinedBehaviour):
        engine.jet.JetReadFileInstance(inst, 7, bytearray(4096))
    assert engine.trace.text().splitlines()[-1].endswith("-> undefined behaviour")


def test_a_repeated_read_that_comes_too_late_is_judged_again() -> None:
    """Where the state has changed since the read was found, by a stop from another thread, it is no longer made unasked."""
    engine = esemu.Engine()
    inst = engine.start({r"C:\data\mail.edb": 100})
    engine.jet.JetBeginExternalBackupInstance(inst, 0)
    file = engine.jet.JetOpenFileInstance(inst, r"C:\data\mail.edb")
    for _ in range(2):
        engine.jet.JetReadFileInstance(inst, file.handle, bytearray(5 * 4096))
    read = found_again(engine.process, inst, 5 * 4096)
    assert read is not None
    engine.jet.JetStopBackupInstance(inst)
    assert read.take() is None


def test_reads_are_made_again_whoever_asks_for_them(engine: esemu.Engine) -> None:
    """Reads of two instances in turn, by their handles and by other ints of the same value, each go on where they were."""
    instances = [engine.start({rf"C:\{name}\mail.edb": 100}, name=name) for name in ("first", "second")]
    buffer, firsts = bytearray(5 * 4096), []
    for inst in instances:
        engine.jet.JetBeginExternalBackupInstance(inst, 0)
        engine.jet.JetOpenFileInstance(inst, rf"C:\{inst.state.name}\mail.edb")
    for number in range(6):
        for inst in instances:
            assert engine.jet.JetReadFileInstance(int(inst) if number % 2 else inst, 0, buffer) == len(buffer)
            firsts.append(list(engine.trace)[-1].result.first)
    assert firsts == [first for first in (1, 4, 9, 14, 19, 24) for _ in instances]
    with pytest.raises(TypeError, match="it must be an int"):
        engine.jet.JetReadFileInstance(float(instances[1]), 0, buffer)  # type: ignore[arg-type]


def test_a_remembered_read_keeps_no_instance(engine: esemu.Engine) -> None:
    """Once an instance is gone, nothing in the process leads to it, however it was read."""
    inst = engine.start({MAIL: 100})
    engine.jet.JetBeginExternalBackupInstance(inst, 0)
    engine.jet.JetOpenFileInstance(inst, MAIL)
    for _ in range(4):
        engine.jet.JetReadFileInstance(inst, 0, bytearray(5 * 4096))
    assert engine.process.last_read is not None
    engine.jet.JetCloseFileInstance(inst, 0)
    engine.jet.JetEndExternalBackupInstance(inst)
    engine.jet.JetTerm(inst)
    assert engine.process.last_read is None
