# SPDX-License-Identifier: MIT
"""`Engine` and `Engine.start`: what an instance has when it was started, and that a bad argument leaves nothing behind."""

import copy
import gc
import pickle
import sys
import weakref
from typing import Any

import pytest

import esemu
from esemu.vocabulary.exceptions import (
    DatabaseCorruptedError,
    InstanceNameInUseError,
    InvalidParameterError,
    TooManyAttachedDatabasesError,
)
from esemu.vocabulary.parameters import (
    JET_paramBaseName,
    JET_paramCircularLog,
    JET_paramDatabasePageSize,
    JET_paramLogFileSize,
    JET_paramMaxVerPages,
)

MAIL = r"C:\data\mail.edb"


def everything(engine: esemu.Engine) -> tuple[Any, ...]:
    """Return what a start must not change when it fails."""
    process = engine.process
    folders = {path for path, size in engine.disk.tree().items() if size is None}
    files = {path: size for path, size in engine.disk.tree().items() if size is not None}
    live = [(instance.handle, instance.name, len(instance.databases)) for instance in process.live()]
    return live, process.page_size, process.mode, dict(process.parameters), files, folders


def test_an_instance_has_its_databases_attached_in_order(engine: esemu.Engine) -> None:
    """A mapping of paths to pages becomes attached databases with these numbers of pages."""
    inst = engine.start(databases={MAIL: 20, r"C:\data\calendar.edb": 5})
    assert [(each.name, each.last_page) for each in inst.state.databases] == [(MAIL, 20), (r"C:\data\calendar.edb", 5)]


def test_logs_and_checkpoint_stand_where_they_were_put(engine: esemu.Engine) -> None:
    """With generations=5 logs 1 to 4 are archived and 5 is written; the checkpoint stands where it was put."""
    inst = engine.start(generations=5, checkpoint=3)
    assert (inst.generations, inst.generation, inst.checkpoint) == ([1, 2, 3, 4], 5, 3)


def test_a_million_logs_are_a_description_until_somebody_looks(engine: esemu.Engine) -> None:
    """However many generations there are, starting costs the same; all of them are there for whoever asks."""
    engine.start(databases={"C:\\mail.edb": 10})
    before = sys.getallocatedblocks()
    inst = engine.start(generations=1_000_000, checkpoint=999_998)
    assert sys.getallocatedblocks() - before < 1_000
    assert (inst.generation, inst.checkpoint) == (1_000_000, 999_998)
    few = engine.start(generations=4)
    assert few.generations == [1, 2, 3]
    names = [path.rpartition("\\")[2] for path in engine.disk.names(few.state.log_path)]
    assert names == ["edb.log", "edb00001.log", "edb00002.log", "edb00003.log", "edbres00001.jrs", "edbres00002.jrs"]


def test_circular_logging_keeps_the_generations_asked_for(engine: esemu.Engine) -> None:
    """Archived logs that were asked for are there although circular logging would have thrown them away."""
    inst = engine.start(generations=5, circular=True)
    assert inst.generations == [1, 2, 3, 4]
    assert engine.jet.JetGetSystemParameter(inst, 0, JET_paramCircularLog) == 1


def test_parameters_are_set_before_the_instance_is_initialised(engine: esemu.Engine) -> None:
    """Parameters that are locked after JetInit can be given to start."""
    inst = engine.start(parameters={JET_paramBaseName: "abc", JET_paramLogFileSize: 128}, generations=2)
    assert engine.disk.tree()[r"C:\logs\abc00001.log"] == 128 * 1024
    assert engine.jet.JetGetSystemParameter(inst, 0, JET_paramBaseName) == "abc"


def test_folders_may_be_chosen(engine: esemu.Engine) -> None:
    """Logs and checkpoint lie in the folders that were given, with or without a backslash at the end."""
    engine.start(log_path=r"D:\log files", system_path="E:\\")
    assert {r"D:\log files\edb.log", r"E:\edb.chk"} <= set(engine.disk.tree())


def test_the_page_size_is_that_of_the_process(engine: esemu.Engine) -> None:
    """The first instance fixes the page size, and databases without one of their own take it."""
    inst = engine.start(databases=[esemu.Database(MAIL, 10)], page_size=8192)
    assert inst.state.databases[0].page_size == 8192
    assert engine.start().state.parameter(JET_paramDatabasePageSize) == 8192


def test_a_place_that_was_given_up_is_taken_again(engine: esemu.Engine) -> None:
    """After the first of two instances has ended, the next one gets its name and folders, and clashes with nothing."""
    first, second = engine.start(), engine.start()
    engine.stop(first)
    third = engine.start()
    assert [each.state.name for each in (second, third)] == ["instance2", "instance1"]
    assert third.state.log_path == "C:\\logs\\"


def test_an_instance_that_is_started_again_goes_on(engine: esemu.Engine) -> None:
    """Logs, checkpoint and databases of an instance that ended are there when the next one starts in its place."""
    inst = engine.start(databases={MAIL: 20}, generations=5, checkpoint=3)
    inst.grow(MAIL, 2)
    engine.stop(inst)
    again = engine.start(databases={MAIL: None})
    assert (again.generations, again.generation, again.checkpoint) == ([1, 2, 3, 4], 5, 3)
    assert again.state.databases[0].last_page == 22


def test_a_file_on_the_disk_is_attached_if_nothing_is_said_about_its_pages(engine: esemu.Engine) -> None:
    """Bytes of a database file that a test wrote to the disk are attached as they are."""
    source = esemu.Engine()
    source.start(databases={MAIL: 7})
    engine.disk.create_folders("C:\\data")
    engine.disk.write(MAIL, source.disk.read(MAIL))
    inst = engine.start(databases={MAIL: None})
    assert inst.state.databases[0].last_page == 7


def test_a_file_that_is_no_database_is_refused(engine: esemu.Engine) -> None:
    """Attaching any other file is the engine's error, and the file stays as it is."""
    engine.disk.create_folders("C:\\data")
    engine.disk.write(MAIL, b"no database")
    with pytest.raises(DatabaseCorruptedError):
        engine.start(databases={MAIL: None})
    assert engine.disk.read(MAIL) == b"no database"
    assert engine.process.live() == []


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"databases": MAIL}, TypeError),
        ({"databases": 7}, TypeError),
        ({"databases": [MAIL]}, TypeError),
        ({"databases": {3: 10}}, TypeError),
        ({"databases": {MAIL: "10"}}, TypeError),
        ({"databases": {MAIL: True}}, TypeError),
        ({"databases": {MAIL: 2.0}}, TypeError),
        ({"databases": {MAIL: -1}}, ValueError),
        ({"databases": {MAIL: 0}}, ValueError),
        ({"databases": {MAIL: 2**32}}, ValueError),
        ({"databases": {"": 1}}, ValueError),
        ({"databases": {"a\0b": 1}}, ValueError),
        ({"databases": {r"C:\what?.edb": 1}}, ValueError),
        ({"databases": {"C:\\data\\": 1}}, ValueError),
        ({"databases": {"C:\\" + "x" * 300: 1}}, ValueError),
        ({"databases": {r"C:\app\old.edb\new.edb": 1}}, ValueError),
        ({"databases": {r"C:\app\old.edb": 1}}, ValueError),
        ({"databases": {r"C:\x.edb": 1, r"c:\X.EDB": 2}}, ValueError),
        ({"databases": [esemu.Database(r"C:\x.edb", 1, 4096), esemu.Database(r"C:\y.edb", 1, 8192)]}, ValueError),
        ({"databases": [esemu.Database(r"C:\x.edb", 1, 4096)], "page_size": 8192}, ValueError),
        ({"name": 7}, TypeError),
        ({"name": "a\0b"}, ValueError),
        ({"page_size": 4097}, ValueError),
        ({"page_size": 2048}, ValueError),
        ({"page_size": 4096.0}, TypeError),
        ({"page_size": 0}, ValueError),
        ({"generations": 0}, ValueError),
        ({"generations": -3}, ValueError),
        ({"generations": 2**31}, ValueError),
        ({"generations": 1.0}, TypeError),
        ({"checkpoint": 0}, ValueError),
        ({"generations": 3, "checkpoint": 4}, ValueError),
        ({"checkpoint": "1"}, TypeError),
        ({"circular": 1}, TypeError),
        ({"log_path": 7}, TypeError),
        ({"log_path": ""}, ValueError),
        ({"log_path": r"C:\app\old.edb"}, ValueError),
        ({"system_path": "C:\\<>"}, ValueError),
        ({"parameters": 7}, TypeError),
        ({"parameters": {"BaseName": "abc"}}, TypeError),
        ({"parameters": {-1: 0}}, ValueError),
        ({"parameters": {JET_paramLogFileSize: 1.5}}, TypeError),
        ({"parameters": {JET_paramLogFileSize: -1}}, ValueError),
        ({"parameters": {JET_paramBaseName: "a\0b"}}, ValueError),
        ({"parameters": {JET_paramMaxVerPages: 1}}, esemu.NotEmulated),
    ],
)
def test_arguments_that_mean_nothing_change_nothing(arguments: dict[str, Any], error: type[Exception]) -> None:
    """Start refuses what it cannot make sense of before it makes a call."""
    engine = esemu.Engine()
    engine.disk.write(r"C:\app\old.edb", b"old")
    before, calls = everything(engine), len(engine.trace)
    with pytest.raises(error) as raised:
        engine.start(**arguments)
    assert (everything(engine), len(engine.trace)) == (before, calls)
    assert str(raised.value)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"parameters": {JET_paramBaseName: "abcd"}}, InvalidParameterError),
        ({"parameters": {JET_paramLogFileSize: "64"}}, InvalidParameterError),
        ({"parameters": {1000: 1}}, InvalidParameterError),
        ({"name": "first"}, InstanceNameInUseError),
        ({"databases": {f"C:\\data\\{n}.edb": 1 for n in range(7)}, "generations": 4}, TooManyAttachedDatabasesError),
    ],
)
def test_what_the_engine_refuses_leaves_no_instance_behind(arguments: dict[str, Any], error: type[Exception]) -> None:
    """After an error of the engine there is no half-started instance, and no file of one."""
    engine = esemu.Engine()
    engine.start(name="first")
    engine.disk.create_folders("C:\\data")
    before = everything(engine)
    with pytest.raises(error):
        engine.start(**arguments)
    assert everything(engine) == before


def test_a_failed_first_start_gives_the_page_size_back(engine: esemu.Engine) -> None:
    """The page size of a process is free again when its first instance could not be started."""
    with pytest.raises(InvalidParameterError):
        engine.start(page_size=8192, parameters={JET_paramBaseName: "abcd"})
    assert engine.process.page_size == 4096
    assert engine.start(page_size=16384).state.process.page_size == 16384


def test_stop_is_a_clean_term(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """Stop ends an instance with JetTerm2(JET_bitTermComplete), which a running backup bars."""
    engine.jet.JetBeginExternalBackupInstance(inst, 0)
    with pytest.raises(esemu.JetError) as raised:
        engine.stop(inst)
    assert raised.value.name == "JET_errBackupInProgress"
    engine.jet.JetEndExternalBackupInstance(inst)
    engine.stop(inst)
    assert engine.process.live() == []


@pytest.mark.parametrize("build", ["", "ESE", None, 7])
def test_there_are_two_builds(build: Any) -> None:
    """Any other build than "esent" and "ese" is a ValueError that names them."""
    with pytest.raises(ValueError, match="'esent' and 'ese'"):
        esemu.Engine(build)


def test_two_engines_know_nothing_of_each_other() -> None:
    """What happens to one engine, stop and time included, does not happen to another with the same handles."""
    one, other = esemu.Engine(), esemu.Engine()
    first, second = one.start(databases={MAIL: 5}), other.start(databases={MAIL: 5})
    assert int(first) == int(second)
    for engine, inst in ((one, first), (other, second)):
        engine.jet.JetBeginExternalBackupInstance(inst, 0)
    one.jet.JetStopBackupInstance(first)
    one.clock.advance(1000)
    one.disk.write(r"C:\app\note", b"")
    assert other.jet.JetGetAttachInfoInstance(second) == [MAIL]
    assert other.clock.now_ms == 0
    assert not other.disk.exists(r"C:\app\note")


def test_processes_share_defaults_that_nobody_can_change() -> None:
    """A parameter that is set for later instances counts in its process alone, and only the API's own call sets it."""
    one, other = esemu.Engine(), esemu.Engine()
    assert one.process.parameters is other.process.parameters
    one.jet.JetSetSystemParameter(0, 0, JET_paramLogFileSize, 128)
    assert one.process.parameters[JET_paramLogFileSize] == 128 != other.process.parameters[JET_paramLogFileSize]
    for engine in (one, other):
        with pytest.raises(TypeError):
            engine.process.parameters[JET_paramLogFileSize] = 64  # type: ignore[index]


def test_dropping_an_engine_frees_it() -> None:
    """Nothing keeps an engine, its instances or its pages alive when the last reference to it is gone."""

    class Watched:
        """Something that only the engine keeps alive."""

        def __call__(self) -> None:
            """Do nothing."""

    engine, watched = esemu.Engine(), Watched()
    inst = engine.start(databases={MAIL: 5})
    inst.faults.on_page(MAIL, 1, watched, times=-1)
    engine.jet.JetBeginExternalBackupInstance(inst, 0)
    handle = engine.jet.JetOpenFileInstance(inst, MAIL).handle
    engine.jet.JetReadFileInstance(inst, handle, bytearray(65536))
    references: list[weakref.ref[Any]] = [weakref.ref(engine), weakref.ref(watched)]
    del watched
    gc.collect()
    assert None not in [each() for each in references]
    del engine, inst
    gc.collect()
    assert [each() for each in references] == [None, None]


def test_an_engine_stays_where_it_is(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """An engine cannot be pickled or copied; an instance travels as the number that it is."""
    for travel in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be pickled or copied"):
            travel(engine)
    assert type(pickle.loads(pickle.dumps(inst))) is int
    assert pickle.loads(pickle.dumps(inst)) == inst


def test_everything_shows_what_it_is(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """Engine, instance and API have a repr that says which they are and how the backup stands."""
    engine.jet.JetBeginExternalBackupInstance(inst, 0)
    assert "esent engine" in repr(engine)
    assert repr(inst) == "<instance 1 instance1 0x10000: <full backup: databases>>"
    assert "instance1" in repr(engine.jet)
