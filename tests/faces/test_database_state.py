# SPDX-License-Identifier: MIT
"""What the header of a database says of its state: attached, detached, ended with its instance, or copied by a backup."""

from typing import Any

import pytest

import esemu
from esemu.formats.database_header import CLEAN_SHUTDOWN, DIRTY_SHUTDOWN, DatabaseHeader
from esemu.formats.logs import LogHeader
from esemu.vocabulary.exceptions import SoftRecoveryOnBackupDatabaseError
from esemu.vocabulary.grbits import JET_bitDbReadOnly, JET_bitTermAbrupt, JET_bitTermComplete, JET_bitTermDirty
from esemu.vocabulary.parameters import JET_paramLogFileSize

MAIL = r"C:\data\mail.edb"
COPY = r"C:\data\copy.edb"


def started(engine: esemu.Engine) -> esemu.Instance:
    """Start an instance with a database."""
    parameters = {JET_paramLogFileSize: 64}
    return engine.start({MAIL: 40}, generations=4, checkpoint=2, parameters=parameters)


def header_of(engine: esemu.Engine, path: str = MAIL) -> DatabaseHeader:
    """Return the header of a database's file."""
    return DatabaseHeader.parse(engine.disk.read(path))


def streamed(engine: esemu.Engine, inst: esemu.Instance, **between: Any) -> bytes:
    """Copy the database; `roll` generations come between its opening and its first read."""
    engine.jet.JetBeginExternalBackupInstance(inst)
    handle = engine.jet.JetOpenFileInstance(inst, MAIL).handle
    inst.roll_log(between.get("roll", 0))
    buffer, found = bytearray(65536), b""
    while count := engine.jet.JetReadFileInstance(inst, handle, buffer):
        found += buffer[:count]
    engine.jet.JetEndExternalBackupInstance2(inst, 2)
    return found


def test_an_attached_database_is_dirty(engine: esemu.Engine) -> None:
    """While it is attached it requires the logs from the checkpoint on, and has the signature of the logs."""
    inst = started(engine)
    header = header_of(engine)
    log = LogHeader.parse(engine.disk.read(r"C:\logs\edb.log"))
    assert (header.dbstate, header.sign_log, header.dbid) == (DIRTY_SHUTDOWN, log.sign_log, 1)
    assert (header.gen_min_required, header.gen_max_required, header.gen_max_committed) == (2, 4, 4)
    assert inst.generation == 4


def test_a_detached_database_is_clean(engine: esemu.Engine) -> None:
    """Detaching writes that no log is required any more, and keeps the signature of the logs."""
    inst = started(engine)
    engine.jet.JetDetachDatabase(inst.session, MAIL)
    header = header_of(engine)
    log = LogHeader.parse(engine.disk.read(r"C:\logs\edb.log"))
    assert (header.dbstate, header.sign_log) == (CLEAN_SHUTDOWN, log.sign_log)
    assert (header.gen_min_required, header.gen_max_required, header.gen_max_committed) == (0, 0, 0)
    engine.jet.JetAttachDatabase(inst.session, MAIL)
    assert header_of(engine).dbstate == DIRTY_SHUTDOWN


@pytest.mark.parametrize(
    ("grbit", "state"),
    [(JET_bitTermComplete, CLEAN_SHUTDOWN), (JET_bitTermAbrupt, CLEAN_SHUTDOWN), (JET_bitTermDirty, DIRTY_SHUTDOWN)],
)
def test_the_end_of_an_instance_shuts_its_databases_down(engine: esemu.Engine, grbit: int, state: int) -> None:
    """An instance that ends as it should leaves its databases clean, one that is ended dirtily leaves them dirty."""
    inst = started(engine)
    try:
        engine.jet.JetTerm2(inst, grbit)
    except esemu.JetError as error:
        assert error.name == "JET_errDirtyShutdown"  # noqa: PT017 - the error is not what this is about
    assert header_of(engine).dbstate == state


def test_the_header_of_a_stream_is_that_of_the_opening(engine: esemu.Engine) -> None:
    """What happens between JetOpenFile and the first read does not change what the header requires (backup.cxx:2325)."""
    inst = started(engine)
    header = DatabaseHeader.parse(streamed(engine, inst, roll=3))
    assert (header.gen_min_required, header.gen_max_required, header.gen_max_committed) == (2, 4, 4)
    log = LogHeader.parse(engine.disk.read(r"C:\logs\edb00004.log"))
    assert header.logtime_gen_max_create == log.created
    assert inst.generation == 7


def test_a_copy_out_of_a_backup_has_to_be_restored(engine: esemu.Engine) -> None:
    """A saved copy cannot just be attached: JET_errSoftRecoveryOnBackupDatabase and event 619 (db.cxx:2829)."""
    inst = started(engine)
    engine.disk.write(COPY, streamed(engine, inst))
    for grbit in (0, JET_bitDbReadOnly):
        with pytest.raises(SoftRecoveryOnBackupDatabaseError):
            engine.jet.JetAttachDatabase(inst.session, COPY, grbit)
    assert [event.strings for event in engine.events if event.number == 619] == [(COPY,), (COPY,)]
    assert [database.name for database in inst.state.databases] == [MAIL]


def test_a_restored_copy_can_be_attached(engine: esemu.Engine) -> None:
    """Once a restore is through, the copy is a database like any other."""
    inst = started(engine)
    engine.jet.JetBeginExternalBackupInstance(inst)
    handle = engine.jet.JetOpenFileInstance(inst, MAIL).handle
    buffer = bytearray(1 << 20)
    engine.disk.write(COPY, buffer[: engine.jet.JetReadFileInstance(inst, handle, buffer)])
    engine.jet.JetCloseFileInstance(inst, handle)
    engine.jet.JetGetLogInfoInstance(inst)
    engine.jet.JetEndExternalBackupInstance(inst)
    engine.jet.JetExternalRestore(r"C:\new", r"C:\new", [(MAIL, COPY)], r"C:\logs", 2, 4)
    engine.jet.JetAttachDatabase(inst.session, COPY)
    assert header_of(engine, COPY).dbstate == DIRTY_SHUTDOWN
    engine.jet.JetDetachDatabase(inst.session, COPY)
    assert header_of(engine, COPY).dbstate == CLEAN_SHUTDOWN
