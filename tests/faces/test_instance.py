# SPDX-License-Identifier: MIT
"""`Instance` and its faults: what a test may look at, move on and spoil."""

from typing import Any

import pytest

import esemu
from esemu.vocabulary.errors import JET_errDiskIO, JET_errLogDiskFull
from esemu.vocabulary.exceptions import (
    BackupAbortByServerError,
    CheckpointCorruptError,
    DiskIOError,
    InstanceUnavailableDueToFatalLogDiskFullError,
    LogDiskFullError,
    LogReadVerifyFailureError,
    LogSequenceEndError,
    LogWriteFailError,
    NoBackupError,
    ReadVerifyFailureError,
)

MAIL = r"C:\data\mail.edb"


def test_an_instance_is_the_number_that_the_api_knows(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """JetGetInstanceInfo tells of the instance by the same number."""
    assert [info.handle for info in engine.jet.JetGetInstanceInfo()] == [inst]


def test_the_phase_follows_the_backup(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """The phase goes from databases to logs when the logs are listed, and back when the backup ends."""
    seen = [inst.phase]
    for call in (
        engine.jet.JetBeginExternalBackupInstance,
        engine.jet.JetGetLogInfoInstance,
        engine.jet.JetEndExternalBackupInstance,
    ):
        call(inst)
        seen.append(inst.phase)
    assert seen == ["not started", "databases", "logs", "not started"]


def test_the_log_can_be_rolled(inst: esemu.Instance) -> None:
    """Rolling the log archives the current generation, as often as asked for."""
    inst.roll_log(2)
    inst.roll_log(0)
    assert (inst.generation, inst.generations) == (7, [1, 2, 3, 4, 5, 6])


def test_the_checkpoint_moves_on(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """A full backup copies the logs from the checkpoint on."""
    inst.checkpoint = 5
    engine.jet.JetBeginExternalBackupInstance(inst)
    assert engine.jet.JetGetLogInfoInstance(inst) == [r"C:\logs\edb00005.log"]


def test_a_log_can_be_deleted(inst: esemu.Instance) -> None:
    """A deleted log is gone from the disk; one that is not there is a FileNotFoundError."""
    inst.delete_log(2)
    assert inst.generations == [1, 3, 4]
    with pytest.raises(FileNotFoundError):
        inst.delete_log(2)


def test_a_database_grows_for_the_next_open(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """Pages that a database gets are in the size that the next open tells."""
    inst.grow(MAIL.upper(), 4)
    engine.jet.JetBeginExternalBackupInstance(inst)
    assert engine.jet.JetOpenFileInstance(inst, MAIL).size == (20 + 4 + 3) * 4096


@pytest.mark.parametrize(
    ("switch", "error"),
    [
        ("log_disk_full", LogDiskFullError),
        ("log_sequence_end", LogSequenceEndError),
        ("log_write_failed", LogWriteFailError),
        ("checkpoint_unreadable", CheckpointCorruptError),
    ],
)
def test_a_switch_bars_the_beginning_until_it_is_turned_off(
    engine: esemu.Engine, inst: esemu.Instance, switch: str, error: type[esemu.JetError]
) -> None:
    """Each switch makes the beginning of a backup fail in its own way, and nothing else once it is off again."""
    assert getattr(inst.faults, switch) is False
    setattr(inst.faults, switch, True)
    assert getattr(inst.faults, switch) is True
    with pytest.raises(error):
        engine.jet.JetBeginExternalBackupInstance(inst)
    setattr(inst.faults, switch, False)
    engine.jet.JetBeginExternalBackupInstance(inst)


def test_a_header_that_cannot_be_written_is_only_an_event(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """With header_write_fails the end of a backup is a success, and the event log has the error."""
    inst.faults.header_write_fails = True
    engine.jet.JetBackupInstance(inst, r"C:\app")
    assert list(engine.events)[-1].name == "BACKUP_ERROR_INFO_UPDATE"


def test_an_instance_can_give_up(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """An unavailable instance answers every call with the error that belongs to the reason, until it is taken back."""
    inst.faults.unavailable = JET_errLogDiskFull
    with pytest.raises(InstanceUnavailableDueToFatalLogDiskFullError):
        engine.jet.JetBeginExternalBackupInstance(inst)
    inst.faults.unavailable = 0
    engine.jet.JetBeginExternalBackupInstance(inst)


def test_a_page_that_cannot_be_read_closes_the_file(engine: esemu.Engine, inst: esemu.Instance, reading: int) -> None:
    """17 attempts take 13.6 seconds of the engine's clock; then the database is left out and the backup goes on."""
    engine.jet.JetReadFileInstance(inst, reading, bytearray(3 * 4096))
    inst.faults.page(MAIL, 7)
    with pytest.raises(ReadVerifyFailureError):
        engine.jet.JetReadFileInstance(inst, reading, bytearray(65536))
    assert engine.clock.now_ms == 13_600
    with pytest.raises(esemu.JetError, match="JET_errInvalidParameter"):
        engine.jet.JetCloseFileInstance(inst, reading)
    assert engine.jet.JetOpenFileInstance(inst, r"C:\data\calendar.edb").size == 8 * 4096


def test_a_page_that_fails_16_times_is_read(engine: esemu.Engine, inst: esemu.Instance, reading: int) -> None:
    """The last of 17 attempts may succeed: the data comes, and the event log tells of the failures."""
    inst.faults.page(MAIL, 7, times=16, error=JET_errDiskIO)
    assert engine.jet.JetReadFileInstance(inst, reading, bytearray(65536)) == 65536
    assert list(engine.events)[-1].name == "TRANSIENT_READ_ERROR_DETECTED_ID"


def test_a_fault_can_have_another_error_and_be_undone(engine: esemu.Engine, inst: esemu.Instance, reading: int) -> None:
    """The error of a page is the one that was arranged, and with times=0 the page is good again."""
    inst.faults.page(MAIL, 7, error=JET_errDiskIO)
    with pytest.raises(DiskIOError):
        engine.jet.JetReadFileInstance(inst, reading, bytearray(65536))
    inst.faults.page(MAIL, 7, times=0)
    engine.jet.JetOpenFileInstance(inst, MAIL)
    assert engine.jet.JetReadFileInstance(inst, reading, bytearray(65536)) == 65536


def test_a_hook_runs_while_its_page_is_read(engine: esemu.Engine, inst: esemu.Instance, reading: int) -> None:
    """A function on a page is called once, during the read that delivers the page, even after many reads before it."""
    buffer, calls = bytearray(3 * 4096), []
    for _ in range(4):
        engine.jet.JetReadFileInstance(inst, reading, buffer)
    inst.faults.on_page(MAIL, 12, lambda: calls.append(engine.trace.as_dicts()[-1]["number"]))
    while engine.jet.JetReadFileInstance(inst, reading, buffer):
        pass
    assert len(calls) == 1


def test_a_stop_from_a_hook_is_seen_by_the_next_read(engine: esemu.Engine, inst: esemu.Instance, reading: int) -> None:
    """A read that has passed its checks completes, and the next one is refused."""
    inst.faults.on_page(MAIL, 1, lambda: engine.jet.JetStopBackupInstance(inst))
    assert engine.jet.JetReadFileInstance(inst, reading, bytearray(5 * 4096)) == 5 * 4096
    with pytest.raises(BackupAbortByServerError):
        engine.jet.JetReadFileInstance(inst, reading, bytearray(5 * 4096))


def test_a_damaged_log_ends_the_backup(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """Reading a log that does not verify is an error after which there is no backup any more."""
    inst.faults.log(3)
    engine.jet.JetBeginExternalBackupInstance(inst)
    name = engine.jet.JetGetLogInfoInstance(inst)[0]
    handle = engine.jet.JetOpenFileInstance(inst, name).handle
    with pytest.raises(LogReadVerifyFailureError):
        engine.jet.JetReadFileInstance(inst, handle, bytearray(65536))
    with pytest.raises(NoBackupError):
        engine.jet.JetEndExternalBackupInstance(inst)


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda inst: inst.faults.page(r"C:\none.edb", 1), LookupError),
        (lambda inst: inst.faults.page("", 1), LookupError),
        (lambda inst: inst.faults.page(7, 1), TypeError),
        (lambda inst: inst.faults.page(MAIL, 0), ValueError),
        (lambda inst: inst.faults.page(MAIL, 1.0), TypeError),
        (lambda inst: inst.faults.page(MAIL, 1, times=-2), ValueError),
        (lambda inst: inst.faults.page(MAIL, 1, error=5), ValueError),
        (lambda inst: inst.faults.on_page(MAIL, 1, None), TypeError),
        (lambda inst: inst.faults.on_page(MAIL, True, print), TypeError),
        (lambda inst: inst.faults.log(0), ValueError),
        (lambda inst: setattr(inst.faults, "log_disk_full", 1), TypeError),
        (lambda inst: setattr(inst.faults, "unavailable", 1), ValueError),
        (lambda inst: setattr(inst.faults, "log_disc_full", True), AttributeError),
        (lambda inst: setattr(inst, "checkpoint", 6), ValueError),
        (lambda inst: setattr(inst, "checkpoint", 0), ValueError),
        (lambda inst: setattr(inst, "checkpoint", "3"), TypeError),
        (lambda inst: inst.roll_log(-1), ValueError),
        (lambda inst: inst.grow(MAIL, -1), ValueError),
        (lambda inst: inst.grow(r"C:\none.edb", 1), LookupError),
        (lambda inst: inst.delete_log("1"), TypeError),
    ],
)
def test_what_cannot_be_arranged_is_refused(inst: esemu.Instance, spoil: Any, error: type[Exception]) -> None:
    """A fault or a change that means nothing is refused, and the instance is as it was."""
    before = (inst.generation, inst.checkpoint, inst.generations, [each.last_page for each in inst.state.databases])
    with pytest.raises(error):
        spoil(inst)
    after = (inst.generation, inst.checkpoint, inst.generations, [each.last_page for each in inst.state.databases])
    assert before == after
