# SPDX-License-Identifier: MIT
"""Logs and checkpoint of an instance as files: what a client reads, what damage does, and what a restart goes on with."""

from collections.abc import Callable
from itertools import pairwise

import pytest

import esemu
from esemu.formats.checkpoint import parse_checkpoint
from esemu.formats.checksum import set_header_checksum
from esemu.formats.database_header import DatabaseHeader
from esemu.formats.log_environment import parse_attachments
from esemu.formats.log_verification import log_error
from esemu.formats.logs import SEGMENT_SIZE, LogHeader, segments_checksum
from esemu.formats.structures import Lgpos
from esemu.vocabulary.exceptions import (
    LogReadVerifyFailureError,
    NoBackupError,
    NotEmulated,
)
from esemu.vocabulary.parameters import (
    JET_paramLegacyFileNames,
    JET_paramLogFileSize,
    JET_paramRecovery,
)

MAIL = r"C:\data\mail.edb"
LOG_SIZE = 64 * 1024
THIRD = r"C:\logs\edb00003.log"


def started(engine: esemu.Engine, generations: int = 6, checkpoint: int = 3) -> esemu.Instance:
    """Start an instance with small logs and a database."""
    parameters = {JET_paramLogFileSize: LOG_SIZE // 1024}
    databases = {} if engine.disk.exists(MAIL) else {MAIL: 20}
    return engine.start(databases, generations=generations, checkpoint=checkpoint, parameters=parameters)


def in_log_phase(engine: esemu.Engine) -> tuple[esemu.Instance, list[str]]:
    """Begin a backup and list its logs."""
    inst = started(engine)
    engine.jet.JetBeginExternalBackupInstance(inst)
    return inst, engine.jet.JetGetLogInfoInstance(inst)


def copied(engine: esemu.Engine, inst: esemu.Instance, name: str, size: int = 2 * SEGMENT_SIZE) -> bytes:
    """Copy a file as a client does."""
    handle = engine.jet.JetOpenFileInstance(inst, name).handle
    buffer, found = bytearray(size), b""
    while count := engine.jet.JetReadFileInstance(inst, handle, buffer):
        found += buffer[:count]
    engine.jet.JetCloseFileInstance(inst, handle)
    return found


def flipped(data: bytes, *bits: int) -> bytes:
    """Return the data with these bits the other way round."""
    damaged = bytearray(data)
    for bit in bits:
        damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


@pytest.mark.parametrize("size", [2 * SEGMENT_SIZE, 5 * SEGMENT_SIZE, LOG_SIZE])
def test_a_client_gets_logs_that_follow_one_another(engine: esemu.Engine, size: int) -> None:
    """The logs of a backup verify, have the generations of their names, one signature, and each repeats the one before."""
    inst, names = in_log_phase(engine)
    logs = [copied(engine, inst, name, size) for name in names]
    headers = [LogHeader.parse(log) for log in logs]
    assert [log_error(log) for log in logs] == [0, 0, 0, 0]
    assert [header.generation for header in headers] == [int(name[-9:-4], 16) for name in names] == [3, 4, 5, 6]
    for before, header in zip(logs, headers[1:], strict=False):
        assert header.previous_created == LogHeader.parse(before).created
        assert header.previous_segments_checksum == segments_checksum(before)
        assert header.sign_log == headers[0].sign_log


def test_databases_and_checkpoint_belong_to_the_logs(engine: esemu.Engine) -> None:
    """A streamed database and the checkpoint have the signature of the logs; the header knows when the last log began."""
    inst = started(engine)
    engine.jet.JetBeginExternalBackupInstance(inst)
    header = DatabaseHeader.parse(copied(engine, inst, MAIL, 4 * SEGMENT_SIZE))
    last = LogHeader.parse(copied(engine, inst, engine.jet.JetGetLogInfoInstance(inst)[-1]))
    checkpoint = parse_checkpoint(engine.disk.read(r"C:\sys\edb.chk"))
    assert header.sign_log == last.sign_log == checkpoint.sign_log
    assert (header.gen_max_required, header.logtime_gen_max_create) == (last.generation, last.created)


def test_the_current_log_is_that_of_the_instance(engine: esemu.Engine) -> None:
    """The log that is being written has the generation of this moment, one segment, and the databases of this moment."""
    inst = started(engine)
    for generation in (6, 7):
        log = engine.disk.read(r"C:\logs\edb.log")
        header = LogHeader.parse(log)
        assert (log_error(log), header.generation) == (0, generation)
        assert any(log[2 * SEGMENT_SIZE : 3 * SEGMENT_SIZE])  # the shadow
        assert not any(log[3 * SEGMENT_SIZE :])
        assert header.previous_segments_checksum == segments_checksum(
            engine.disk.read(rf"C:\logs\edb{generation - 1:05X}.log")
        )
        inst.roll_log()
    engine.jet.JetDetachDatabase(inst.session, MAIL)
    assert parse_attachments(LogHeader.parse(engine.disk.read(r"C:\logs\edb.log")).attachments) == []


def test_the_checkpoint_follows_the_instance(engine: esemu.Engine) -> None:
    """The checkpoint file has where recovery would begin, the databases, and the backup that was made of them."""
    inst = started(engine)
    before = parse_checkpoint(engine.disk.read(r"C:\sys\edb.chk"))
    assert before.lgpos_checkpoint == Lgpos(3, 1, 0)
    assert before.lgpos_full_backup == Lgpos()
    assert before.dbms_param.log_segments == LOG_SIZE // SEGMENT_SIZE
    inst.checkpoint = 5
    engine.jet.JetBeginExternalBackupInstance(inst)
    copied(engine, inst, MAIL, 8 * SEGMENT_SIZE)
    engine.jet.JetGetLogInfoInstance(inst)
    after = parse_checkpoint(engine.disk.read(r"C:\sys\edb.chk"))
    assert after.lgpos_checkpoint == Lgpos(5, 1, 0)
    assert after.lgpos_full_backup.generation == 7
    assert [each.path for each in parse_attachments(after.attachments)] == [MAIL]


@pytest.mark.parametrize("build", ["esent", "ese"])
def test_names_are_those_of_the_build(build: str) -> None:
    """Both builds have a current log, two reserve logs of zeros and a checkpoint, with names of their own."""
    engine = esemu.Engine(build)
    engine.start(generations=2, parameters={JET_paramLogFileSize: 64})
    base = "edb" if build == "esent" else "edb000"
    names = [name for name in engine.disk.tree() if name.startswith(("C:\\logs\\", "C:\\sys\\"))]
    assert names == [
        r"C:\logs\edb.log",
        rf"C:\logs\{base}00001.log",
        r"C:\logs\edbres00001.jrs",
        r"C:\logs\edbres00002.jrs",
        r"C:\sys\edb.chk",
    ]
    assert engine.disk.read(r"C:\logs\edbres00002.jrs") == bytes(LOG_SIZE)


def test_new_names_are_used_where_they_are_asked_for() -> None:
    """JET_paramLegacyFileNames 0 gives .jtx and .jcp; the bytes are the same."""
    engine = esemu.Engine()
    engine.start(generations=2, parameters={JET_paramLogFileSize: 64, JET_paramLegacyFileNames: 0})
    assert log_error(engine.disk.read(r"C:\logs\edb00000001.jtx")) == 0
    assert parse_checkpoint(engine.disk.read(r"C:\sys\edb.jcp")).lgpos_checkpoint.generation == 2


def two_bits(log: bytes) -> bytes:
    """Flip two bits of a segment."""
    return flipped(log, 8 * 3 * SEGMENT_SIZE + 500, 8 * 3 * SEGMENT_SIZE + 900)


def header_bit(log: bytes) -> bytes:
    """Flip a bit of the header."""
    return flipped(log, 8 * 100)


def swapped(log: bytes) -> bytes:
    """Let two segments change places."""
    parts = [log[at : at + SEGMENT_SIZE] for at in range(0, len(log), SEGMENT_SIZE)]
    return b"".join([*parts[:2], parts[5], *parts[3:5], parts[2], *parts[6:]])


def cut_in_a_segment(log: bytes) -> bytes:
    """Lose the end."""
    return log[: 4 * SEGMENT_SIZE + 100]


def cut_in_the_header(log: bytes) -> bytes:
    """Lose nearly everything."""
    return log[:100]


def zero_header(log: bytes) -> bytes:
    """Lose the beginning."""
    return bytes(SEGMENT_SIZE) + log[SEGMENT_SIZE:]


def text(log: bytes) -> bytes:
    """Be something else."""
    return b"no log at all " * (len(log) // 14)


DAMAGES = (two_bits, header_bit, swapped, cut_in_a_segment, cut_in_the_header, zero_header, text)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_log_is_found_by_reading_it(engine: esemu.Engine, damage: Callable[[bytes], bytes]) -> None:
    """A log whose bytes are wrong cannot be read: JET_errLogReadVerifyFailure, and the backup is over."""
    inst, _ = in_log_phase(engine)
    engine.disk.write(THIRD, damage(engine.disk.read(THIRD)))
    with pytest.raises(LogReadVerifyFailureError):
        copied(engine, inst, THIRD)
    with pytest.raises(NoBackupError):
        engine.jet.JetGetLogInfoInstance(inst)
    told = {event.number: event.strings for event in engine.events}
    assert told[218] == ("-612", THIRD)
    assert told[214] == ("-612",)
    assert (552 in told) == (damage in {header_bit, zero_header, text})


def test_the_event_of_a_bad_header_has_both_checksums(engine: esemu.Engine) -> None:
    """Event 552 names the log, the reason, the checksum in the header and that of its bytes (logread.cxx:1045)."""
    inst, _ = in_log_phase(engine)
    log = engine.disk.read(THIRD)
    engine.disk.write(THIRD, flipped(log, 0))
    with pytest.raises(LogReadVerifyFailureError):
        copied(engine, inst, THIRD)
    right = int.from_bytes(log[:4], "little")
    (strings,) = [event.strings for event in engine.events if event.number == 552]
    checksums = [f"{checksum} (0x{checksum:x})" for checksum in (right ^ 1, right)]
    assert strings == (THIRD, "CorruptHeader", "0", "0", *checksums, "0 (0x00000000)")


def test_a_flipped_bit_of_a_segment_is_repaired(engine: esemu.Engine) -> None:
    """A single wrong bit behind the header is set right in the client's buffer; the file keeps it."""
    inst, names = in_log_phase(engine)
    log = engine.disk.read(THIRD)
    engine.disk.write(THIRD, flipped(log, 8 * 4 * SEGMENT_SIZE + 777))
    assert copied(engine, inst, THIRD) == log
    assert [copied(engine, inst, name) for name in names[1:]]
    assert engine.disk.read(THIRD) != log


def test_a_log_is_verified_by_checksums_alone(engine: esemu.Engine) -> None:
    """A log under the name of another is delivered as it is: nobody looks at its generation."""
    inst, names = in_log_phase(engine)
    engine.disk.write(names[1], engine.disk.read(THIRD))
    assert copied(engine, inst, names[1]) == engine.disk.read(THIRD)


def test_a_log_can_be_read_from_its_start_only(engine: esemu.Engine) -> None:
    """Whoever opens a log at an offset has its first bytes verified as if they were the header."""
    inst, _ = in_log_phase(engine)
    handle = engine.jet.JetOpenFileSectionInstance(inst, THIRD, ibRead=4 * SEGMENT_SIZE).handle
    with pytest.raises(LogReadVerifyFailureError):
        engine.jet.JetReadFileInstance(inst, handle, bytearray(LOG_SIZE))


def test_logs_of_old_engines_are_not_judged(engine: esemu.Engine) -> None:
    """A log from before Windows 8 is verified by rules that esemu does not have, and that is what it says."""
    inst, _ = in_log_phase(engine)
    log = bytearray(engine.disk.read(THIRD))
    old = LogHeader.parse(log)
    old.major = 7
    log[:SEGMENT_SIZE] = old.to_bytes()
    engine.disk.write(THIRD, log)
    with pytest.raises(NotEmulated, match="version 7"):
        copied(engine, inst, THIRD)


def test_a_switch_still_damages_a_log(engine: esemu.Engine) -> None:
    """`faults.log` needs no bytes: the log cannot be read, whatever is in it."""
    inst, _ = in_log_phase(engine)
    inst.faults.log(3)
    with pytest.raises(LogReadVerifyFailureError):
        copied(engine, inst, THIRD)


def test_an_instance_goes_on_with_its_logs(engine: esemu.Engine) -> None:
    """Whoever starts where an instance has ended has its signature and goes on with its generation."""
    engine.stop(started(engine))
    before = LogHeader.parse(engine.disk.read(r"C:\logs\edb.log"))
    inst = started(engine, generations=1, checkpoint=1)
    after = LogHeader.parse(engine.disk.read(r"C:\logs\edb.log"))
    assert (inst.generation, after.generation) == (6, 6)
    for name in ("sign_log", "created", "previous_created", "previous_segments_checksum"):
        assert getattr(after, name) == getattr(before, name)


def test_an_instance_knows_its_generation_without_archived_logs(engine: esemu.Engine) -> None:
    """The current log says which generation it is, even where all logs before it were deleted."""
    inst = started(engine)
    for generation in inst.generations:
        inst.delete_log(generation)
    engine.stop(inst)
    assert started(engine, generations=1, checkpoint=1).generation == 6


def test_an_instance_that_is_set_up_otherwise_goes_on_too(engine: esemu.Engine) -> None:
    """Other parameters change what headers say, not the signature, and the chain holds across the change."""
    engine.stop(started(engine))
    parameters = {JET_paramLogFileSize: LOG_SIZE // 1024}
    inst = engine.start(parameters=parameters, circular=True)
    fifth, current = (LogHeader.parse(engine.disk.read(rf"C:\logs\edb{name}.log")) for name in ("00005", ""))
    assert (inst.generation, current.generation) == (6, 6)
    assert (current.sign_log, current.previous_created) == (fifth.sign_log, fifth.created)
    assert current.previous_segments_checksum == segments_checksum(engine.disk.read(r"C:\logs\edb00005.log"))
    assert (fifth.flags, current.flags) == (0, 2)


@pytest.mark.parametrize("with_current", [True, False])
def test_an_instance_goes_on_with_logs_that_others_wrote(with_current: bool) -> None:
    """Log files that a test puts on the disk are the past of the instance: signature, generation and chain are theirs."""
    source = esemu.Engine()
    source.start()
    started(source)  # the second of its process, so that the signature is that of no first one
    engine = esemu.Engine()
    engine.disk.create_folders(r"C:\logs")
    names = ["00004", "00005", *[""] * with_current]
    for name in names:
        engine.disk.write(rf"C:\logs\edb{name}.log", source.disk.read(rf"C:\logs1\edb{name}.log"))
    inst = started(engine, generations=7, checkpoint=6)
    logs = [engine.disk.read(rf"C:\logs\edb{name}.log") for name in ("00005", "00006", "")]
    assert [LogHeader.parse(log).generation for log in logs] == [5, 6, 7]
    assert len({LogHeader.parse(log).sign_log for log in logs}) == 1
    for before, log in pairwise(logs):
        assert LogHeader.parse(log).previous_segments_checksum == segments_checksum(before)
        assert LogHeader.parse(log).previous_created == LogHeader.parse(before).created
    assert inst.generation == 7


def test_files_that_are_no_logs_begin_no_chain() -> None:
    """What is called like a log and is none has no signature to go on with: the instance begins a new sequence."""
    engine = esemu.Engine()
    engine.disk.create_folders(r"C:\logs")
    engine.disk.write(r"C:\logs\edb00004.log", b"text")
    engine.disk.write(r"C:\logs\edb.log", bytes(2 * LOG_SIZE))
    inst = started(engine, generations=6)
    assert inst.generation == 6
    assert log_error(engine.disk.read(r"C:\logs\edb00005.log")) == 0


@pytest.mark.parametrize("damaged", [False, True])
def test_a_checkpoint_that_others_wrote_counts(damaged: bool) -> None:
    """A checkpoint file on the disk says where recovery begins, unless both of its copies are damaged."""
    source = esemu.Engine()
    started(source, checkpoint=4)
    engine = esemu.Engine()
    engine.disk.create_folders(r"C:\sys")
    engine.disk.create_folders(r"C:\logs")
    engine.disk.write(r"C:\logs\edb00005.log", source.disk.read(r"C:\logs\edb00005.log"))
    checkpoint = bytearray(source.disk.read(r"C:\sys\edb.chk"))
    for copy in (0, *[4096] * damaged):
        checkpoint[copy + 100] ^= 1
    engine.disk.write(r"C:\sys\edb.chk", checkpoint)
    assert engine.start(parameters={JET_paramLogFileSize: 64}).checkpoint == (6 if damaged else 4)


def test_an_instance_without_recovery_has_no_logs() -> None:
    """JET_paramRecovery "off" leaves no file of a log, whatever generation is asked for."""
    engine = esemu.Engine()
    inst = engine.start(generations=5, parameters={JET_paramRecovery: "off"})
    assert inst.generation == 5
    assert not [name for name in engine.disk.tree() if name.startswith("C:\\logs\\")]


def test_a_log_with_a_good_checksum_is_good(engine: esemu.Engine) -> None:
    """A header that was changed and got its checksum again is delivered: verification is no proof against forgers."""
    inst, _ = in_log_phase(engine)
    log = bytearray(engine.disk.read(THIRD))
    log[100] ^= 1
    page = log[:SEGMENT_SIZE]
    set_header_checksum(page)
    engine.disk.write(THIRD, page + log[SEGMENT_SIZE:])
    assert copied(engine, inst, THIRD) == page + log[SEGMENT_SIZE:]
