# SPDX-License-Identifier: MIT
"""Restores that succeed, what they leave behind, and what others see of them meanwhile."""

import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from correct_client import copy

import esemu
from esemu.faces.jet_backup import LogInfo
from esemu.formats.checksum import header_error
from esemu.formats.database_header import CLEAN_SHUTDOWN, DatabaseHeader
from esemu.formats.logs import SEGMENT_SIZE, LogHeader, log_file, segment
from esemu.formats.structures import Bkinfo
from esemu.machine.state import MODE_NOT_SET
from esemu.vocabulary.errors import JET_wrnTargetInstanceRunning
from esemu.vocabulary.exceptions import (
    AlreadyInitializedError,
    BadLogVersionError,
    BadRestoreTargetInstanceError,
    LogCorruptDuringHardRestoreError,
    NotEmulated,
    RequiredLogFilesMissingError,
    RestoreInProgressError,
)
from esemu.vocabulary.grbits import JET_bitBackupAtomic
from esemu.vocabulary.parameters import (
    JET_paramCreatePathIfNotExist,
    JET_paramLogFilePath,
    JET_paramLogFileSize,
    JET_paramSystemPath,
)

SMALL_LOGS = {JET_paramLogFileSize: 64}
A, B = r"C:\data\a.edb", r"C:\data\b.edb"
FOLDERS = ("C:\\checkpoint", "C:\\newlogs")


def backed_up(grbit: int = 0, **arguments: Any) -> tuple[esemu.Engine, esemu.Instance]:
    r"""Return an engine whose instance has written a backup to C:\backup."""
    engine = esemu.Engine()
    inst = engine.start({A: 40, B: 20}, generations=5, checkpoint=3, parameters=SMALL_LOGS, **arguments)
    engine.disk.create_folders(r"C:\backup")
    engine.disk.create_folders(r"C:\restored")
    engine.jet.JetBackupInstance(inst, r"C:\backup", grbit)
    return engine, inst


def saved_by_a_client() -> esemu.Engine:
    r"""Return an engine on whose disk a client has put back what it streamed: databases to C:\restored, logs to C:\saved."""
    engine, inst = backed_up()
    jet, disk = engine.jet, engine.disk
    disk.create_folders(r"C:\saved")
    jet.JetBeginExternalBackupInstance(inst)
    for name in jet.JetGetAttachInfoInstance(inst):
        disk.write(name.replace("data", "restored"), copy(engine.jet, inst, name))
    for name in jet.JetGetLogInfoInstance(inst):
        disk.write(name.replace("logs", "saved"), copy(engine.jet, inst, name))
    jet.JetEndExternalBackupInstance(inst)
    return engine


MAP = [(A, r"C:\restored\a.edb"), (B, r"C:\restored\b.edb")]


def header_of(engine: esemu.Engine, path: str) -> DatabaseHeader:
    """Return the header of a database file; both copies are good and the same."""
    data = engine.disk.read(path)
    assert data[:4096] == data[4096:8192]
    assert header_error(data[:4096]) == 0
    return DatabaseHeader.parse(data)


def numbers(engine: esemu.Engine, since: int) -> list[int]:
    """Return the numbers of the events from a place on."""
    return [event.number for event in list(engine.events)[since:]]


@pytest.mark.parametrize("grbit", [0, JET_bitBackupAtomic])
@pytest.mark.parametrize("destination", [None, r"C:\restored", "C:\\restored\\"])
def test_what_jet_backup_wrote_is_restored(grbit: int, destination: str | None) -> None:
    """Databases go where they were or to another folder, shut down cleanly, with the pages of the backup."""
    engine, inst = backed_up(grbit)
    engine.stop(inst)
    source = engine.disk.read(r"C:\backup\new\a.edb" if grbit else r"C:\backup\a.edb")
    engine.disk.write(A, b"lost")
    since = len(engine.events)
    told: list[tuple[int, int]] = []
    engine.jet.JetRestoreInstance(0, r"C:\backup", destination, lambda *status: told.append(status))
    path = A if destination is None else r"C:\restored\a.edb"
    header, restored = header_of(engine, path), engine.disk.read(path)
    assert restored[8192:-4096] == source[8192:-4096]
    assert (len(restored), restored[-4096:]) == (len(source), bytes(4096))
    assert (header.dbstate, header.gen_min_required, header.gen_max_required) == (CLEAN_SHUTDOWN, 0, 0)
    assert [header.bkinfo_full_prev, header.bkinfo_full_cur, header.bkinfo_inc_prev] == [Bkinfo()] * 3
    assert numbers(engine, since) == [204, 205]
    assert told == [(5, 0), (0, 33), (0, 66), (0, 100), (6, 100)]
    assert engine.process.live() == []


def test_a_restored_database_is_attached_and_backed_up_again() -> None:
    """Whoever goes on in the folders of the restore has the next generation and the same signature."""
    engine, inst = backed_up()
    engine.stop(inst)
    engine.jet.JetSetSystemParameter(0, 0, JET_paramLogFilePath, 0, "C:\\later\\")
    engine.jet.JetSetSystemParameter(0, 0, JET_paramSystemPath, 0, "C:\\later\\")
    engine.disk.create_folders(r"C:\later")
    engine.jet.JetRestoreInstance(0, r"C:\backup", r"C:\restored")
    again = engine.start(
        {r"C:\restored\a.edb": None}, log_path="C:\\later", system_path="C:\\later", parameters=SMALL_LOGS
    )
    assert (again.generation, again.checkpoint) == (6, 6)
    last = LogHeader.parse(engine.disk.read(r"C:\backup\edb00005.log"))
    current = LogHeader.parse(engine.disk.read(r"C:\later\edb.log"))
    assert (current.sign_log, current.previous_created) == (last.sign_log, last.created)
    engine.jet.JetBeginExternalBackupInstance(again)
    assert copy(engine.jet, again, r"C:\restored\a.edb")


def test_a_given_instance_is_left_as_it_was() -> None:
    """The instance that restores is not initialised afterwards, and can be started."""
    engine, inst = backed_up()
    engine.stop(inst)
    engine.jet.JetSetSystemParameter(0, 0, JET_paramCreatePathIfNotExist, 1)
    other = engine.jet.JetCreateInstance2("other")
    engine.jet.JetSetSystemParameter(other, 0, JET_paramLogFilePath, 0, "C:\\other\\")
    engine.jet.JetSetSystemParameter(other, 0, JET_paramSystemPath, 0, "C:\\other\\")
    with pytest.raises(esemu.InvalidPathError, match="folder of the checkpoint"):  # which a restore does not make
        engine.jet.JetRestoreInstance(other, r"C:\backup", r"C:\made\by\restore")
    engine.disk.create_folder("C:\\other")
    engine.jet.JetRestoreInstance(other, r"C:\backup", r"C:\made\by\restore")
    assert engine.disk.exists(r"C:\made\by\restore\b.edb")
    engine.jet.JetInit3(other)
    assert engine.process.found[other].log.generation == 6


def test_the_only_instance_is_restored() -> None:
    """JetRestore and JetRestore2 make an instance where there is none, and leave the process without a mode."""
    engine, inst = backed_up()
    engine.stop(inst)
    for restore in (engine.jet.JetRestore, engine.jet.JetRestore2):
        restore(r"C:\backup")
        assert engine.process.mode == MODE_NOT_SET
    assert header_of(engine, B).dbstate == CLEAN_SHUTDOWN
    engine.jet.JetInit()
    with pytest.raises(AlreadyInitializedError):
        engine.jet.JetRestore(r"C:\backup")


def test_what_a_client_saved_is_restored() -> None:
    """JetExternalRestore takes the files where the client has put them, and keeps its own logs apart."""
    engine = saved_by_a_client()
    pages = engine.disk.read(r"C:\restored\a.edb")[8192:-4096]
    since = len(engine.events)
    engine.jet.JetExternalRestore(*FOLDERS, MAP, r"C:\saved", 3, 6)
    assert header_of(engine, r"C:\restored\a.edb").dbstate == CLEAN_SHUTDOWN
    assert engine.disk.read(r"C:\restored\a.edb")[8192:-4096] == pages
    assert numbers(engine, since) == [204, 205]
    assert LogHeader.parse(engine.disk.read(r"C:\newlogs\edb.log")).generation == 7
    assert engine.disk.exists(r"C:\checkpoint\edb.chk")


def test_every_form_restores() -> None:
    """The A and W forms, with and without JET_LOGINFO, do the same."""
    engine = saved_by_a_client()
    before = {name: engine.disk.read(name) for _, name in MAP}
    info = LogInfo(3, 6, "edb")
    jet = engine.jet
    forms: list[Any] = [
        lambda: jet.JetExternalRestore(*FOLDERS, MAP, r"C:\saved", 3, 6),
        lambda: jet.JetExternalRestoreA(*FOLDERS, MAP, r"C:\saved", 3, 6),
        lambda: jet.JetExternalRestore2(*FOLDERS, MAP, r"C:\saved", info),
        lambda: jet.JetExternalRestore2A(*FOLDERS, MAP, r"C:\saved", info),
    ]
    results = []
    for form in forms:
        for name in engine.disk.files_in(r"C:\newlogs"):
            engine.disk.remove(name)
        for name, data in before.items():
            engine.disk.write(name, data)
        assert form() in {None, 0}
        results.append([engine.disk.read(name) for name in before])
    assert all(one == other for one, other in pairwise(results))
    calls: list[Any] = [call for call in engine.trace if call.api.name.startswith("JetExternal")]
    assert [call.instance.name for call in calls] == [f"Restore{number:04}" for number in (1, 2, 3, 4)]


def test_databases_that_are_not_in_the_map_are_left_alone() -> None:
    """An external restore ignores databases of the logs that the map does not name."""
    engine = saved_by_a_client()
    other = engine.disk.read(r"C:\restored\b.edb")
    engine.jet.JetExternalRestore(*FOLDERS, MAP[:1], r"C:\saved", 3, 6)
    assert header_of(engine, r"C:\restored\a.edb").dbstate == CLEAN_SHUTDOWN
    assert engine.disk.read(r"C:\restored\b.edb") == other


def test_logs_alone_can_be_restored() -> None:
    """A map may be empty: nothing is brought up to date then."""
    engine = saved_by_a_client()
    engine.jet.JetExternalRestore(*FOLDERS, None, r"C:\saved", 3, 6)
    assert engine.disk.exists(r"C:\newlogs\edb.log")


def test_a_failed_restore_has_changed_the_header() -> None:
    """The header gets the end of the backup before redo, and keeps it; another restore does not look for a trailer then."""
    engine = saved_by_a_client()
    data = engine.disk.read(r"C:\restored\a.edb")
    header = DatabaseHeader.parse(data)
    header.gen_max_required = 9
    engine.disk.write(r"C:\restored\a.edb", header.to_bytes() * 2 + data[8192:])
    with pytest.raises(RequiredLogFilesMissingError):
        engine.jet.JetExternalRestore(*FOLDERS, MAP[:1], r"C:\saved", 3, 6)
    header = header_of(engine, r"C:\restored\a.edb")
    assert (header.bkinfo_full_cur.gen_low, header.bkinfo_full_cur.gen_high) == (3, 6)
    assert engine.disk.read(r"C:\restored\a.edb")[-4096:] == bytes(4096)
    header.gen_max_required = 6
    engine.disk.patch(r"C:\restored\a.edb", 0, header.to_bytes() * 2)
    engine.jet.JetExternalRestore(*FOLDERS, MAP[:1], r"C:\saved", 3, 6)
    assert header_of(engine, r"C:\restored\a.edb").dbstate == CLEAN_SHUTDOWN


@pytest.mark.parametrize(("low", "high", "event"), [(3, 5, 432), (4, 6, 431)])
def test_logs_that_do_not_reach_are_an_event(low: int, high: int, event: int) -> None:
    """Fewer logs than the backup has are told in the event log; the engine assigns its error and overwrites it."""
    engine = saved_by_a_client()
    data = engine.disk.read(r"C:\restored\a.edb")
    header = DatabaseHeader.parse(data)
    header.gen_min_required = header.gen_max_required = header.gen_max_committed = high
    engine.disk.write(r"C:\restored\a.edb", header.to_bytes() * 2 + data[8192:])
    since = len(engine.events)
    engine.jet.JetExternalRestore(*FOLDERS, MAP[:1], r"C:\saved", low, high)
    assert numbers(engine, since) == [event, 204, 205]


def test_a_restore_rolls_on_with_the_logs_that_are_there() -> None:
    """Logs behind the set in the folder of the logs are replayed too, and the current log goes on."""
    engine, inst = backed_up()
    inst.roll_log(2)
    engine.stop(inst)
    other = engine.jet.JetCreateInstance2("other")
    engine.jet.JetSetSystemParameter(other, 0, JET_paramLogFilePath, 0, "C:\\logs\\")
    engine.jet.JetSetSystemParameter(other, 0, JET_paramSystemPath, 0, "C:\\sys\\")
    told: list[tuple[int, int]] = []
    engine.jet.JetRestoreInstance(other, r"C:\backup", r"C:\restored", lambda *status: told.append(status))
    assert told == [(5, 0), (0, 16), (0, 33), (0, 50), (0, 66), (0, 83), (0, 100), (6, 100)]
    assert LogHeader.parse(engine.disk.read(r"C:\logs\edb.log")).generation == 9


def test_older_logs_than_those_of_the_set_are_not_judged() -> None:
    """Where the folder of the logs ends before the set does, the engine picks and deletes by rules that are not emulated."""
    engine = saved_by_a_client()
    engine.disk.create_folders(r"C:\newlogs")
    engine.disk.write(r"C:\newlogs\edb00004.log", engine.disk.read(r"C:\saved\edb00004.log"))
    with pytest.raises(NotEmulated, match="end before those of the set"):
        engine.jet.JetExternalRestore(*FOLDERS, MAP, r"C:\saved", 3, 6)
    assert [instance.name for instance in engine.process.live()] == ["instance1"]


def test_a_restore_in_the_folder_of_its_logs() -> None:
    """The set may lie where the instance logs: nothing is behind it then."""
    engine = saved_by_a_client()
    engine.jet.JetExternalRestore(r"C:\checkpoint", r"C:\saved", MAP, r"C:\saved", 3, 6)
    assert LogHeader.parse(engine.disk.read(r"C:\saved\edb.log")).generation == 7


@pytest.mark.parametrize("by", ["name", "folder"])
def test_a_running_target_is_rolled_and_told_of(by: str) -> None:
    """A target that runs logs the restore, its logs up to then are replayed, and the caller gets a warning."""
    engine = saved_by_a_client()
    running = engine.process.live()[0]
    arguments: Any = ("instance1", None, None) if by == "name" else (None, "c:\\LOGS", r"C:\sys")
    told: list[tuple[int, int]] = []
    restore: Any = engine.jet.JetExternalRestore2
    warning = restore(*FOLDERS, MAP, r"C:\saved", LogInfo(3, 5, "edb"), *arguments, lambda *status: told.append(status))
    assert warning == JET_wrnTargetInstanceRunning
    assert running.log.generation == 8
    assert running.log.records[-1] == ("ExtRestore2", "C:\\logs\\", "instance1")
    assert len(told) == 2 + 5  # logs 3 to 5 of the set, 6 and 7 of the target
    last: Any = list(engine.trace)[-1]
    assert last.instance.name == "instance1 Restore0001"


def test_a_circular_target_is_left_alone() -> None:
    """A target with circular logging logs nothing, and its logs are not replayed: no warning."""
    engine, inst = backed_up(circular=True)
    generation = inst.generation
    info = LogInfo(3, 5, "edb")
    assert engine.jet.JetExternalRestore2(*FOLDERS, None, r"C:\backup", info, "instance1") == 0
    assert inst.generation == generation


def test_a_target_that_does_not_run_lends_its_folders() -> None:
    """Where no instance logs in the folder of the target, the restore runs there."""
    engine = saved_by_a_client()
    for folder in ("C:\\lent", "C:\\lentsys\\"):
        engine.disk.create_folders(folder)
    info = LogInfo(3, 6, "edb")
    engine.jet.JetExternalRestore2(*FOLDERS, MAP, r"C:\saved", info, None, r"C:\lent", "C:\\lentsys\\")
    assert engine.disk.exists(r"C:\lent\edb.log")
    assert engine.disk.exists(r"C:\lentsys\edb.chk")
    assert not engine.disk.exists(r"C:\newlogs")
    with pytest.raises(BadRestoreTargetInstanceError):
        engine.jet.JetExternalRestore2(*FOLDERS, MAP, r"C:\saved", info, "nobody")


def test_an_instance_that_restores_lets_nobody_in() -> None:
    """From inside the status callback other calls of the instance are refused, as the gate says."""
    engine, inst = backed_up()
    engine.stop(inst)
    other = engine.jet.JetCreateInstance2("other")
    engine.jet.JetSetSystemParameter(other, 0, JET_paramLogFilePath, 0, "C:\\newlogs\\")
    engine.jet.JetSetSystemParameter(other, 0, JET_paramSystemPath, 0, "C:\\newlogs\\")
    engine.disk.create_folders(r"C:\newlogs")
    told = []

    def status(snt: int, percent: int) -> int:
        for call in (
            lambda: engine.jet.JetBeginExternalBackupInstance(other),
            lambda: engine.jet.JetBeginSession(other),
            lambda: engine.jet.JetInit3(other),
            lambda: engine.jet.JetTerm(other),
        ):
            with pytest.raises((RestoreInProgressError, AlreadyInitializedError)) as caught:
                call()
            told.append(caught.value.name)
        return -1  # which is ignored

    engine.jet.JetRestoreInstance(other, r"C:\backup", r"C:\restored", status)
    assert set(told[:2]) == {"JET_errRestoreInProgress"}
    assert told[2:4] == ["JET_errAlreadyInitialized", "JET_errRestoreInProgress"]


def real_log(engine: esemu.Engine, path: str) -> None:
    """Put a record of a real engine into a log."""
    log = engine.disk.read(path)
    header = LogHeader.parse(log)
    made = segment(b"\x31 LRINIT2 or another record", generation=header.generation, isec=1)
    engine.disk.write(path, log_file(header, [made], shadow=True))


def test_redo_is_not_emulated() -> None:
    """A log with records of a real engine passes every check, and then NotEmulated says that nobody replays it."""
    engine = saved_by_a_client()
    real_log(engine, r"C:\saved\edb00006.log")
    with pytest.raises(NotEmulated, match="redo is not emulated"):
        engine.jet.JetExternalRestore(*FOLDERS, MAP, r"C:\saved", 3, 6)
    assert [instance.name for instance in engine.process.live()] == ["instance1"]
    header = header_of(engine, r"C:\restored\a.edb")
    assert (header.dbstate, header.bkinfo_full_cur.gen_high) == (2, 6)


def test_a_flipped_bit_of_a_log_is_no_record() -> None:
    """Redo repairs a single flipped bit in a segment, so it makes no log one of a real engine."""
    engine = saved_by_a_client()
    log = bytearray(engine.disk.read(r"C:\saved\edb00004.log"))
    log[5 * SEGMENT_SIZE + 3000] ^= 8
    engine.disk.write(r"C:\saved\edb00004.log", log)
    engine.jet.JetExternalRestore(*FOLDERS, MAP, r"C:\saved", 3, 6)
    assert header_of(engine, r"C:\restored\a.edb").dbstate == CLEAN_SHUTDOWN


def set_major_version(engine: esemu.Engine, major: int) -> None:
    """Let one of the saved logs be of another format."""
    log = engine.disk.read(r"C:\saved\edb00004.log")
    header = LogHeader.parse(log)
    header.major = major
    engine.disk.write(r"C:\saved\edb00004.log", header.to_bytes() + log[SEGMENT_SIZE:])


def test_a_log_of_a_format_to_come() -> None:
    """A log that only a later engine knows ends the restore, and an event names it."""
    engine = saved_by_a_client()
    set_major_version(engine, 9)
    since = len(engine.events)
    with pytest.raises(BadLogVersionError):
        engine.jet.JetExternalRestore(*FOLDERS, MAP, r"C:\saved", 3, 6)
    (event,) = [event for event in list(engine.events)[since:] if event.name == "LOG_BAD_VERSION_ERROR_ID"]
    assert event.strings == (r"C:\saved\edb00004.log",)


def test_databases_are_restored_where_the_set_has_them() -> None:
    """A database that lies in its place already is not copied."""
    engine, inst = backed_up()
    engine.stop(inst)
    engine.jet.JetRestoreInstance(0, r"C:\backup", r"C:\backup")
    assert header_of(engine, r"C:\backup\a.edb").dbstate == CLEAN_SHUTDOWN


def test_the_status_callback_is_told_of_whole_percents() -> None:
    """Of more than a hundred logs, some change nothing that it could be told."""
    engine = esemu.Engine()
    inst = engine.start({A: 40}, generations=130, checkpoint=3, parameters=SMALL_LOGS)
    engine.disk.create_folders(r"C:\backup")
    engine.jet.JetBackupInstance(inst, r"C:\backup")
    engine.stop(inst)
    told: list[int] = []
    engine.jet.JetRestoreInstance(
        0, r"C:\backup", None, lambda snt, percent: told.append(percent) if snt == 0 else None
    )
    assert told == [*range(1, 101)]


def test_logs_of_old_engines_are_not_judged() -> None:
    """A log from before Windows 8 is checked by rules that esemu does not have."""
    engine = saved_by_a_client()
    set_major_version(engine, 7)
    with pytest.raises(NotEmulated):
        engine.jet.JetExternalRestore(*FOLDERS, MAP, r"C:\saved", 3, 6)


def test_a_damaged_log_is_no_failure_in_the_event_log() -> None:
    """After the damage of a log there is event 463 for it and none that the restore failed."""
    engine = saved_by_a_client()
    log = bytearray(engine.disk.read(r"C:\saved\edb00004.log"))
    log[5 * SEGMENT_SIZE + 100 : 5 * SEGMENT_SIZE + 104] = b"oops"
    engine.disk.write(r"C:\saved\edb00004.log", log)
    since = len(engine.events)
    with pytest.raises(LogCorruptDuringHardRestoreError):
        engine.jet.JetExternalRestore(*FOLDERS, MAP, r"C:\saved", 3, 6)
    assert numbers(engine, since) == [204, 463, 205]
    (event,) = [event for event in engine.events if event.number == 463]
    assert event.strings == (r"C:\saved\edb00004.log", "", "5")


def test_a_set_in_a_folder_of_the_host_is_restored(tmp_path: Path) -> None:
    """What JetBackup wrote to a mounted folder is taken back from there, databases into it or out of it."""
    engine = esemu.Engine()
    engine.disk.mount(r"C:\shared", tmp_path, writable=True)
    inst = engine.start({A: 40}, parameters=SMALL_LOGS)
    (tmp_path / "backup").mkdir()
    engine.jet.JetBackupInstance(inst, r"C:\shared\backup")
    engine.stop(inst)
    engine.jet.JetRestoreInstance(0, r"C:\shared\backup", r"C:\shared")
    header = DatabaseHeader.parse((tmp_path / "a.edb").read_bytes())
    assert header.dbstate == CLEAN_SHUTDOWN
    for name in ("edb.log", "edb.chk"):
        engine.disk.remove(rf"C:\app\{name}")
    engine.jet.JetRestoreInstance(0, r"C:\shared\backup")
    assert header_of(engine, A).dbstate == CLEAN_SHUTDOWN


def test_arguments_are_checked_before_anything_changes() -> None:
    """What could not be handed to an engine is refused by Python."""
    engine, _ = backed_up()
    jet: Any = engine.jet
    for call in (
        lambda: jet.JetRestoreInstance("x", "y"),
        lambda: jet.JetRestoreInstance(0, 5),
        lambda: jet.JetRestoreInstance(0, "x", None, "no function"),
        lambda: jet.JetExternalRestore("a", "b", [(A, None)], "c", 1, 2),
        lambda: jet.JetExternalRestore("a", "b", [(A, B)], "c", "1", 2),
    ):
        with pytest.raises(TypeError):
            call()
    assert [instance.name for instance in engine.process.live()] == ["instance1"]


def test_a_restore_is_quick() -> None:
    """A set of a hundred logs is looked through in a moment."""
    engine = esemu.Engine()
    inst = engine.start({A: 40}, generations=100, checkpoint=1, parameters=SMALL_LOGS)
    engine.disk.create_folders(r"C:\backup")
    engine.jet.JetBackupInstance(inst, r"C:\backup")
    engine.stop(inst)
    start = time.process_time()
    engine.jet.JetRestoreInstance(0, r"C:\backup")
    assert time.process_time() - start < 5
