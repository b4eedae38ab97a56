# SPDX-License-Identifier: MIT
"""An engine with a folder of the host: databases in it are attached and streamed, backups are written into it."""

import errno
import gzip
import os
import tracemalloc
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from correct_client import copy

import esemu
from esemu.formats.checkpoint import parse_checkpoint
from esemu.formats.database_header import CLEAN_SHUTDOWN, DIRTY_SHUTDOWN, DatabaseHeader
from esemu.formats.log_verification import log_error
from esemu.formats.logs import LogHeader, segments_checksum
from esemu.formats.stream import trailer_error
from esemu.vocabulary.exceptions import (
    DatabaseFileReadOnlyError,
    DirtyShutdownError,
    DiskFullError,
    DiskIOError,
    FileAccessDeniedError,
    InvalidPathError,
    MissingFileToBackupError,
    ReadVerifyFailureError,
)
from esemu.vocabulary.grbits import JET_bitBackupAtomic, JET_bitDbReadOnly, JET_bitTermDirty
from esemu.vocabulary.parameters import JET_paramLogFileSize
from esemu.world import host_folder

DATA = Path(__file__).parent.parent / "data"
BASIC = r"C:\shared\basic.edb"


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """Return a folder of the host with a real database."""
    (tmp_path / "basic.edb").write_bytes(gzip.decompress((DATA / "basic.edb.gz").read_bytes()))
    return tmp_path


@pytest.fixture
def engine(shared: Path) -> esemu.Engine:
    """Return an engine that may change that folder."""
    made = esemu.Engine()
    made.disk.mount(r"C:\shared", shared, writable=True)
    return made


def started(engine: esemu.Engine, *databases: str) -> esemu.Instance:
    """Start an instance with small logs."""
    return engine.start(dict.fromkeys(databases), generations=3, parameters={JET_paramLogFileSize: 64})


def test_a_database_of_the_host_is_streamed(engine: esemu.Engine, shared: Path) -> None:
    """Its pages are those of the file, between header copies and a trailer of this backup."""
    inst = started(engine, BASIC)
    engine.jet.JetBeginExternalBackupInstance(inst)
    stream = copy(engine.jet, inst, BASIC)
    assert stream[8192:-4096] == (shared / "basic.edb").read_bytes()[8192:]
    assert trailer_error(stream[-4096:], DatabaseHeader.parse(stream)) == 0


def test_the_header_of_the_host_remembers_the_backup(engine: esemu.Engine, shared: Path) -> None:
    """After a full backup with truncation, whoever reads the file on the host sees the record, twice, with its checksum."""
    inst = started(engine, BASIC)
    engine.jet.JetBeginExternalBackupInstance(inst)
    copy(engine.jet, inst, BASIC)
    for name in engine.jet.JetGetLogInfoInstance(inst):
        copy(engine.jet, inst, name)
    engine.jet.JetTruncateLogInstance(inst)
    engine.jet.JetEndExternalBackupInstance(inst)
    image = (shared / "basic.edb").read_bytes()
    header = DatabaseHeader.parse(image)
    assert (header.bkinfo_full_prev.gen_low, header.bkinfo_full_prev.gen_high) == (3, 3)
    assert image[:4096] == image[4096:8192] == header.to_bytes()
    assert header.dbstate == DIRTY_SHUTDOWN
    engine.jet.JetDetachDatabase(inst.session, BASIC)
    assert DatabaseHeader.parse((shared / "basic.edb").read_bytes()).dbstate == CLEAN_SHUTDOWN
    engine.jet.JetAttachDatabase(inst.session, BASIC)
    assert inst.state.databases[0].full_previous.high == 3


def test_the_header_of_the_host_remembers_how_the_instance_ended(engine: esemu.Engine, shared: Path) -> None:
    """After JET_bitTermDirty the file is dirty, and after a term clean."""
    inst = started(engine, BASIC)
    with pytest.raises(DirtyShutdownError):
        engine.jet.JetTerm2(inst, JET_bitTermDirty)
    assert DatabaseHeader.parse((shared / "basic.edb").read_bytes()).dbstate == DIRTY_SHUTDOWN
    engine.jet.JetTerm2(started(engine, BASIC), 0)
    assert DatabaseHeader.parse((shared / "basic.edb").read_bytes()).dbstate == CLEAN_SHUTDOWN


def test_a_header_that_cannot_be_written_is_an_event(engine: esemu.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The backup ends well all the same; event 219 has the error of the disk."""
    inst = started(engine, BASIC)
    engine.jet.JetBeginExternalBackupInstance(inst)
    copy(engine.jet, inst, BASIC)
    engine.jet.JetGetLogInfoInstance(inst)
    monkeypatch.setattr(host_folder, "_write", failing(errno.ENOSPC))
    engine.jet.JetEndExternalBackupInstance(inst)
    assert [event.strings for event in engine.events if event.number == 219] == [("-1808",)]


def test_damage_on_the_host_is_found(engine: esemu.Engine, shared: Path) -> None:
    """Two flipped bits of a page make its read fail after seventeen attempts, even if they come while it is attached."""
    inst = started(engine, BASIC)
    engine.jet.JetBeginExternalBackupInstance(inst)
    image = bytearray((shared / "basic.edb").read_bytes())
    image[5 * 4096 + 100] ^= 1
    image[5 * 4096 + 1000] ^= 2
    with (shared / "basic.edb").open("r+b") as file:
        file.write(image)
    with pytest.raises(ReadVerifyFailureError):
        copy(engine.jet, inst, BASIC)


def failing(number: int) -> Any:
    """Return a function of the host that fails."""

    def fail(*_: Any, **__: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_disk_of_the_host_that_fails_is_an_error(engine: esemu.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and logs that the host cannot read are JET_errDiskIO: of a database that one is left out, else it is over."""
    engine.disk.create_folders(r"C:\shared\saved")
    inst = started(engine, BASIC)
    engine.jet.JetBeginExternalBackupInstance(inst)
    file = engine.jet.JetOpenFileInstance(inst, BASIC)
    pages: Any = inst.state.databases[0].pages
    monkeypatch.setattr(type(pages).__mro__[1], "_verified", failing(errno.EIO))
    with pytest.raises(DiskIOError):
        engine.jet.JetReadFileInstance(inst, file.handle, bytearray(65536))
    name = engine.jet.JetGetLogInfoInstance(inst)[0]
    log = engine.disk.read(name)
    engine.disk.write(r"C:\shared\saved\edb00003.log", log)
    log_file = engine.jet.JetOpenFileInstance(inst, r"C:\shared\saved\edb00003.log")
    with Path(os.devnull).open("wb", buffering=0) as unreadable:
        inst.state.backup.slot.file._content._file = unreadable
        with pytest.raises(DiskIOError):
            engine.jet.JetReadFileInstance(inst, log_file.handle, bytearray(65536))


def test_a_database_that_must_not_be_written_can_be_read(shared: Path) -> None:
    """In a folder mounted for reading a database is attached with JET_bitDbReadOnly, and not backed up (db.cxx:4111)."""
    engine = esemu.Engine()
    engine.disk.mount(r"C:\shared", shared)
    inst = started(engine)
    with pytest.raises(DatabaseFileReadOnlyError):
        engine.jet.JetAttachDatabase(inst.session, BASIC)
    engine.jet.JetAttachDatabase(inst.session, BASIC, JET_bitDbReadOnly)
    engine.jet.JetBeginExternalBackupInstance(inst)
    assert engine.jet.JetGetAttachInfoInstance(inst) == []


@pytest.mark.parametrize("content", [b"", b"text", bytes(8192), b"\xff" * 10_000])
def test_what_is_no_database_is_not_attached(engine: esemu.Engine, shared: Path, content: bytes) -> None:
    """A file of the host without the header of a database is JET_errDatabaseCorrupted."""
    (shared / "bad.edb").write_bytes(content)
    inst = started(engine)
    with pytest.raises(esemu.JetError) as caught:
        engine.jet.JetAttachDatabase(inst.session, r"C:\shared\bad.edb")
    assert caught.value.name == "JET_errDatabaseCorrupted"


def test_a_backup_of_the_engine_s_own_lands_on_the_host(engine: esemu.Engine, shared: Path) -> None:
    """JetBackupInstance writes real files; an atomic one leaves them in `new`."""
    inst = started(engine, BASIC)
    (shared / "backup").mkdir()
    engine.jet.JetBackupInstance(inst, r"C:\shared\backup", JET_bitBackupAtomic)
    engine.jet.JetBackupInstance(inst, r"C:\shared\backup", JET_bitBackupAtomic)
    assert sorted(path.name for path in (shared / "backup").iterdir()) == ["new"]
    names = sorted(path.name for path in (shared / "backup" / "new").iterdir())
    assert names == ["basic.edb", "basic.pat", "edb00003.log", "edb00004.log"]
    saved = (shared / "backup" / "new" / "basic.edb").read_bytes()
    assert saved[8192:-4096] == (shared / "basic.edb").read_bytes()[8192:]
    assert (shared / "backup" / "new" / "edb00003.log").read_bytes() == engine.disk.read(r"C:\logs\edb00003.log")


def test_a_full_disk_ends_the_backup(engine: esemu.Engine, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written is JET_errDiskFull from JetBackupInstance, and the backup is over (backup.cxx:1083)."""
    inst = started(engine, BASIC)
    (shared / "backup").mkdir()
    original = host_folder._write

    def write(file: Any, data: Any) -> None:
        """Have room for headers and nothing more."""
        if len(data) > 8192:
            raise OSError(errno.ENOSPC, "full")
        original(file, data)

    monkeypatch.setattr(host_folder, "_write", write)
    with pytest.raises(DiskFullError):
        engine.jet.JetBackupInstance(inst, r"C:\shared\backup")
    assert inst.phase == "not started"


def test_a_folder_for_reading_takes_no_backup(shared: Path) -> None:
    """A client that names a folder which cannot be written gets the error of the first file."""
    engine = esemu.Engine()
    (shared / "backup").mkdir()
    engine.disk.mount(r"C:\shared", shared)
    inst = engine.start({r"C:\data\mail.edb": 10}, parameters={JET_paramLogFileSize: 64})
    with pytest.raises(FileAccessDeniedError):
        engine.jet.JetBackupInstance(inst, r"C:\shared\backup")


def test_new_databases_are_files_of_the_host(engine: esemu.Engine, shared: Path) -> None:
    """JetCreateDatabase and `Engine.start` write whole files."""
    inst = engine.start({r"C:\shared\made.edb": 20}, parameters={JET_paramLogFileSize: 64})
    engine.jet.JetCreateDatabase(inst.session, r"C:\shared\created.edb")
    assert (shared / "made.edb").stat().st_size == 22 * 4096
    assert (shared / "created.edb").stat().st_size == 258 * 4096
    assert (shared / "created.edb").read_bytes() == engine.disk.read(r"C:\shared\created.edb")


def test_logs_and_checkpoint_are_files_of_the_host(engine: esemu.Engine, shared: Path) -> None:
    """They are written when a generation ends and when the instance does; the next instance goes on with them."""
    folders: Any = {"log_path": r"C:\shared\logs", "system_path": r"C:\shared\sys"}
    inst = engine.start({BASIC: None}, generations=3, parameters={JET_paramLogFileSize: 64}, **folders)
    inst.roll_log()
    logs = [(shared / "logs" / name).read_bytes() for name in ("edb00002.log", "edb00003.log", "edb.log")]
    assert [LogHeader.parse(log).generation for log in logs] == [2, 3, 4]
    assert [log_error(log) for log in logs] == [0, 0, 0]
    for before, log in pairwise(logs):
        assert LogHeader.parse(log).previous_segments_checksum == segments_checksum(before)
    inst.checkpoint = 4
    engine.stop(inst)
    assert parse_checkpoint((shared / "sys" / "edb.chk").read_bytes()).lgpos_checkpoint.generation == 4
    again = engine.start(parameters={JET_paramLogFileSize: 64}, **folders)
    assert (again.generation, again.checkpoint) == (4, 4)
    assert LogHeader.parse((shared / "logs" / "edb.log").read_bytes()).sign_log == LogHeader.parse(logs[0]).sign_log


@pytest.mark.parametrize("folder", ["log_path", "system_path"])
def test_a_folder_for_reading_takes_no_logs(shared: Path, folder: str) -> None:
    """An instance cannot start with its logs or its checkpoint in a folder that must not be written."""
    engine = esemu.Engine()
    engine.disk.mount(r"C:\shared", shared)
    folders: Any = {folder: r"C:\shared"}
    with pytest.raises(FileAccessDeniedError):
        engine.start(**folders)
    assert engine.process.live() == []


def test_a_drive_can_be_a_folder_of_the_host(shared: Path) -> None:
    """A drive that does not exist can be mounted, and is listed when somebody asks."""
    engine = esemu.Engine()
    engine.disk.mount("Z:\\", shared)
    assert engine.disk.names("Z:\\") == [r"Z:\basic.edb"]
    assert engine.disk.tree()[r"Z:\basic.edb"] == (shared / "basic.edb").stat().st_size
    with pytest.raises(ValueError, match="something at"):
        engine.disk.mount("C:\\", shared)


def test_files_that_vanish_are_missing(engine: esemu.Engine, shared: Path) -> None:
    """A log that the host has lost is JET_errMissingFileToBackup; one in a lost folder has no path."""
    inst = started(engine)
    engine.jet.JetBeginExternalBackupInstance(inst)
    name = engine.jet.JetGetLogInfoInstance(inst)[0]
    (shared / "logs").mkdir()
    engine.disk.write(r"C:\shared\logs\edb00003.log", engine.disk.read(name))
    assert copy(engine.jet, inst, r"C:\shared\logs\edb00003.log") == engine.disk.read(name)
    (shared / "logs" / "edb00003.log").unlink()
    with pytest.raises(MissingFileToBackupError):
        engine.jet.JetOpenFileInstance(inst, r"C:\shared\logs\edb00003.log")
    inst = engine.start(parameters={JET_paramLogFileSize: 64})
    engine.jet.JetBeginExternalBackupInstance(inst)
    engine.jet.JetGetLogInfoInstance(inst)
    (shared / "logs").rmdir()
    with pytest.raises(InvalidPathError):
        engine.jet.JetOpenFileInstance(inst, r"C:\shared\logs\edb00003.log")


def test_a_database_on_the_host_is_not_kept_in_memory(tmp_path: Path) -> None:
    """What is written into the folder is not needed once the database is detached, though the trace knows it still."""
    engine = esemu.Engine()
    engine.disk.mount(r"C:\shared", tmp_path, writable=True)
    inst = engine.start()
    tracemalloc.start()
    try:
        for number in range(5):
            path = rf"C:\shared\{number}.edb"
            engine.jet.JetCreateDatabase(inst.session, path)
            engine.jet.JetCloseDatabase(inst.session, 1)
            engine.jet.JetDetachDatabase(inst.session, path)
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (tmp_path / "4.edb").stat().st_size > 1 << 20
    assert kept < 1 << 20 < most
