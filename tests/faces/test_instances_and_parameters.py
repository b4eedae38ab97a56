# SPDX-License-Identifier: MIT
"""The calls around a backup as Python functions: how their arguments are ordered, and what NULL pointers become."""

from typing import Any

import pytest

import esemu
from esemu.vocabulary.exceptions import (
    AlreadyInitializedError,
    BufferTooSmallError,
    DatabaseInUseError,
    FileAccessDeniedError,
    InvalidParameterError,
    InvalidPathError,
    RunningInMultiInstanceModeError,
    SystemParamsAlreadySetError,
)
from esemu.vocabulary.grbits import JET_bitDbExclusive, JET_bitDbOverwriteExisting
from esemu.vocabulary.parameters import (
    JET_paramBaseName,
    JET_paramCircularLog,
    JET_paramCreatePathIfNotExist,
    JET_paramLogFilePath,
    JET_paramLogFileSize,
    JET_paramMaxVerPages,
    JET_paramRecovery,
    JET_paramSystemPath,
    JET_paramTempPath,
)


def test_init_without_a_pointer_makes_the_only_instance(engine: esemu.Engine) -> None:
    """JetInit(None) in a new process starts the one instance that it will have, and the short forms work."""
    handle = engine.jet.JetInit()
    assert [info.handle for info in engine.jet.JetGetInstanceInfo()] == [handle]
    engine.jet.JetBeginExternalBackup()
    assert engine.jet.JetGetAttachInfo() == []
    engine.jet.JetEndExternalBackup()


@pytest.mark.parametrize("init", ["JetInit", "JetInit2", "JetInit3"])
def test_init_needs_a_pointer_where_there_are_several(engine: esemu.Engine, inst: esemu.Instance, init: str) -> None:
    """None is a NULL pointer, which several instances do not allow; 0 is a pointer to no instance, which makes one."""
    with pytest.raises(RunningInMultiInstanceModeError):
        getattr(engine.jet, init)(None)
    engine.disk.create_folders("C:\\sys2")
    engine.jet.JetSetSystemParameter(0, 0, 0, 0, "C:\\sys2")
    engine.jet.JetSetSystemParameter(0, 0, JET_paramLogFilePath, 0, "C:\\sys2")
    assert getattr(engine.jet, init)(0) not in {0, inst}


def test_init_starts_an_instance_that_was_made(engine: esemu.Engine) -> None:
    """JetInit takes and returns the handle of JetCreateInstance, once."""
    handle = engine.jet.JetCreateInstance("one")
    assert engine.jet.JetInit3(handle, None, 0) == handle
    with pytest.raises(AlreadyInitializedError):
        engine.jet.JetInit2(handle)


def test_without_logging_no_folder_is_needed(engine: esemu.Engine) -> None:
    """With JET_paramRecovery off there are neither logs nor a checkpoint, and nobody misses their folders (tm.cxx:975)."""
    handle = engine.jet.JetCreateInstance("one")
    for parameter in (JET_paramSystemPath, JET_paramLogFilePath):
        engine.jet.JetSetSystemParameter(handle, 0, parameter, 0, r"C:\none")
    engine.jet.JetSetSystemParameter(handle, 0, JET_paramRecovery, 0, "off")
    assert engine.jet.JetInit(handle) == handle
    assert not engine.disk.exists(r"C:\none")


def test_the_folder_of_a_new_database_can_be_made(engine: esemu.Engine) -> None:
    """JetCreateDatabase makes the folders of its path if JET_paramCreatePathIfNotExist says so (db.cxx:1762)."""
    inst = engine.start()
    for path in (r"C:\one\two\new.edb", "C:\\top.edb"):
        if path != "C:\\top.edb":
            with pytest.raises(InvalidPathError):
                engine.jet.JetCreateDatabase(inst.session, path)
        engine.jet.JetSetSystemParameter(inst, 0, JET_paramCreatePathIfNotExist, 1)
        engine.jet.JetCreateDatabase(inst.session, path)
    assert [database.name for database in inst.state.databases] == [r"C:\one\two\new.edb", "C:\\top.edb"]


@pytest.mark.parametrize(
    ("temp", "folder"), [("C:\\tmp\\deep\\", "C:\\tmp\\deep"), ("within\\my.edb", "C:\\app\\within")]
)
def test_the_folder_of_the_temporary_database_is_made_or_not_missed(
    engine: esemu.Engine, temp: str, folder: str
) -> None:
    """JetInit makes it if JET_paramCreatePathIfNotExist says so (tm.cxx:843); else the first table would miss it (sysinit.cxx:396)."""
    jet = engine.jet
    jet.JetSetSystemParameter(0, 0, JET_paramTempPath, 0, temp)
    for makes in (0, 1):
        handle = jet.JetCreateInstance(f"instance {makes}")
        jet.JetSetSystemParameter(handle, 0, JET_paramCreatePathIfNotExist, makes)
        assert jet.JetInit(handle) == handle
        assert engine.disk.exists(folder) == bool(makes)
        jet.JetTerm(handle)


def test_recovery_to_other_paths_is_not_emulated(engine: esemu.Engine) -> None:
    """JetInit3 with a JET_RSTINFO says that esemu does not do that, and makes nothing."""
    with pytest.raises(esemu.NotEmulated):
        engine.jet.JetInit3(0, object())
    assert engine.process.live() == []


def test_parameters_are_set_in_the_order_of_the_header(engine: esemu.Engine) -> None:
    """JetSetSystemParameter takes instance, session, number, integer and string, and looks at the one that fits."""
    jet = engine.jet
    handle = jet.JetCreateInstance("one")
    jet.JetSetSystemParameter(handle, 0, JET_paramLogFileSize, 128)
    jet.JetSetSystemParameter(handle, 0, JET_paramBaseName, 7, "abc")
    jet.JetSetSystemParameter(handle, 0, JET_paramLogFilePath, 0, "logs")
    assert jet.JetGetSystemParameter(handle, 0, JET_paramLogFileSize) == 128
    assert jet.JetGetSystemParameter(handle, 0, JET_paramBaseName) == "abc"
    assert jet.JetGetSystemParameter(handle, 0, JET_paramLogFilePath) == "C:\\app\\logs\\"
    assert jet.JetGetSystemParameter(0, 0, JET_paramBaseName) == "edb"


def test_the_default_counts_for_instances_that_come_later(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """Without an instance the default changes, and an instance that runs keeps what it has."""
    engine.jet.JetSetSystemParameter(0, 0, JET_paramCircularLog, 5)
    assert engine.jet.JetGetSystemParameter(0, 0, JET_paramCircularLog) == 1
    assert engine.jet.JetGetSystemParameter(inst, 0, JET_paramCircularLog) == 0
    assert engine.jet.JetGetSystemParameter(0, inst.session, JET_paramCircularLog) == 0
    size = engine.jet.JetGetSystemParameter(inst, 0, JET_paramLogFileSize)
    engine.jet.JetSetSystemParameter(0, 0, JET_paramLogFileSize, 128)
    assert engine.jet.JetGetSystemParameter(inst, 0, JET_paramLogFileSize) == size != 128
    assert engine.start().state.log_size == 128 * 1024


def test_a_string_parameter_needs_a_string(engine: esemu.Engine) -> None:
    """A number for a string is a NULL pointer to the engine, which refuses it."""
    with pytest.raises(InvalidParameterError):
        engine.jet.JetSetSystemParameter(0, 0, JET_paramBaseName, 3)


def test_room_for_a_string_is_counted_in_bytes(engine: esemu.Engine) -> None:
    """Three characters and a NUL need eight bytes."""
    assert engine.jet.JetGetSystemParameter(0, 0, JET_paramBaseName, 8) == "edb"
    with pytest.raises(BufferTooSmallError):
        engine.jet.JetGetSystemParameter(0, 0, JET_paramBaseName, 7)


@pytest.mark.parametrize(
    "call",
    [
        lambda jet: jet.JetSetSystemParameter(0, 0, JET_paramMaxVerPages, 1),
        lambda jet: jet.JetGetSystemParameter(0, 0, JET_paramMaxVerPages),
        lambda jet: jet.JetEnableMultiInstance({JET_paramCircularLog: 1, JET_paramMaxVerPages: 1}),
    ],
)
def test_a_parameter_that_is_not_emulated_says_so(engine: esemu.Engine, call: Any) -> None:
    """A parameter that only the engine knows is NotEmulated, and those given with it are not set either."""
    with pytest.raises(esemu.NotEmulated, match=str(JET_paramMaxVerPages)):
        call(engine.jet)
    assert engine.jet.JetGetSystemParameter(0, 0, JET_paramCircularLog) == 0
    assert len(engine.trace) == 1


def test_enable_multi_instance_sets_defaults(engine: esemu.Engine) -> None:
    """JetEnableMultiInstance counts what it set; a second time is an error even with the same values."""
    assert engine.jet.JetEnableMultiInstance({JET_paramCircularLog: 1, JET_paramBaseName: "abc"}) == 2
    with pytest.raises(SystemParamsAlreadySetError):
        engine.jet.JetEnableMultiInstance({JET_paramCircularLog: 1})
    assert engine.jet.JetGetSystemParameter(0, 0, JET_paramBaseName) == "abc"


@pytest.mark.parametrize(
    ("settings", "error"),
    [(7, TypeError), ({"a": 1}, TypeError), ({17: None}, TypeError), ({17: -1}, ValueError), ({3: "a\0"}, ValueError)],
)
def test_settings_that_mean_nothing_set_nothing(engine: esemu.Engine, settings: Any, error: type[Exception]) -> None:
    """Settings of the wrong sort are refused before the first of them is set."""
    with pytest.raises(error):
        engine.jet.JetEnableMultiInstance(
            {JET_paramCircularLog: 1} | settings if isinstance(settings, dict) else settings
        )
    assert engine.process.mode == 0
    assert engine.jet.JetGetSystemParameter(0, 0, JET_paramCircularLog) == 0


def test_a_new_database_is_attached_and_open(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """JetCreateDatabase returns the number of a database that the session has open, in one call."""
    jet, path = engine.jet, r"C:\data\new.edb"
    engine.trace.clear()
    dbid = jet.JetCreateDatabase(inst.session, path)
    assert [call.api.name for call in engine.trace] == ["JetCreateDatabase"]
    assert [each.dbid for each in inst.state.databases if each.name == path] == [dbid]
    with pytest.raises(DatabaseInUseError):
        jet.JetDetachDatabase(inst.session, path)
    jet.JetCloseDatabase(inst.session, dbid)
    jet.JetDetachDatabase(inst.session, path)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("C:\\data", FileAccessDeniedError),
        (r"C:\data\<>.edb", InvalidPathError),
        (r"C:\logs\edb.log", FileAccessDeniedError),
    ],
)
def test_a_database_that_cannot_be_made_is_refused(
    engine: esemu.Engine, inst: esemu.Instance, path: str, error: type[Exception]
) -> None:
    """A folder, an impossible name and a file in use are no places for a new database."""
    with pytest.raises(error):
        engine.jet.JetCreateDatabase(inst.session, path, None, JET_bitDbOverwriteExisting)
    assert len(inst.state.databases) == 2


def test_a_database_of_one_session_alone_bars_its_backup(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """A database that a session has open for itself cannot be opened by the backup, which goes on."""
    engine.jet.JetOpenDatabase(inst.session, r"C:\data\mail.edb", None, JET_bitDbExclusive)
    engine.jet.JetBeginExternalBackupInstance(inst)
    with pytest.raises(esemu.JetError, match="JET_errDatabaseLocked"):
        engine.jet.JetOpenFileInstance(inst, r"C:\data\mail.edb")
    assert engine.jet.JetOpenFileInstance(inst, r"C:\data\calendar.edb").size == 8 * 4096


def test_a_section_begins_at_its_offset(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """JetOpenFileSectionInstance takes section, number of sections and offset in the order of the header."""
    engine.jet.JetBeginExternalBackupInstance(inst)
    handle = engine.jet.JetOpenFileSectionInstance(inst, r"C:\data\mail.edb", 0, 1, 4 * 4096).handle
    buffer = bytearray(4096)
    engine.jet.JetReadFileInstance(inst, handle, buffer)
    assert buffer == engine.disk.read(r"C:\data\mail.edb")[4 * 4096 : 5 * 4096]


def test_sessions_and_transactions_bar_a_clean_term(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """An open transaction keeps an instance from ending; without it the end is clean."""
    session = engine.jet.JetBeginSession(inst)
    engine.jet.JetBeginTransaction(session)
    with pytest.raises(esemu.JetError, match="JET_errTooManyActiveUsers"):
        engine.jet.JetTerm2(inst, 0)
    engine.jet.JetCommitTransaction(session)
    engine.jet.JetEndSession(session)
    engine.jet.JetTerm2(inst, 0)
    engine.jet.JetFreeBuffer(None)
    assert engine.jet.JetGetInstanceInfo() == []
