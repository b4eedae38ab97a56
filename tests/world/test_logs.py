# SPDX-License-Identifier: MIT
"""Log files of esemu's own: what is in their bytes, and that each is a function of its sequence and generation."""

import struct
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, strategies as st

import esemu
from esemu.formats.checkpoint import parse_checkpoint
from esemu.formats.checksum import header_error
from esemu.formats.log_environment import parse_attachments
from esemu.formats.log_verification import log_error
from esemu.formats.logs import SEGMENT_SIZE, LogHeader, SegmentHeader, log_file, segment, segments_checksum
from esemu.formats.structures import NEVER
from esemu.vocabulary.exceptions import TooManyAttachedDatabasesError
from esemu.vocabulary.parameters import JET_paramLogFileSize
from esemu.world.generated import DBTIME_START
from esemu.world.logs import LogFile, LogSequence, Settings

KIB = 1024


def made(generation: int, *, number: int = 1, kib: int = 64, **database: Any) -> LogFile:
    """Return a log of an instance with small logs."""
    engine = esemu.Engine()
    databases = [esemu.Database(r"C:\data\mail.edb", 20, **database)]
    inst = engine.start(databases, parameters={JET_paramLogFileSize: kib}, circular=number > 1)
    return LogFile(LogSequence(number, Settings(inst.state)), generation, tuple(inst.state.databases))


def whole(log: LogFile) -> bytes:
    """Return all bytes of a log."""
    return log.read(0, log.size)


@pytest.mark.parametrize("kib", [64, 68, 5120])
@pytest.mark.parametrize("generation", [1, 2, 0x100000])
def test_a_log_is_what_the_format_makes_of_its_segments(generation: int, kib: int) -> None:
    """A log is a header, segments that each have their own checksum, and the shadow of the last."""
    data = whole(made(generation, kib=kib))
    count = kib // 4 - 2
    started = SegmentHeader.parse(data[SEGMENT_SIZE:]).started
    records = data[SEGMENT_SIZE + 40 : 2 * SEGMENT_SIZE]
    segments = [segment(records, generation=generation, isec=isec, started=started) for isec in range(1, count + 1)]
    assert data == log_file(LogHeader.parse(data), segments, shadow=True)
    assert (len(data), log_error(data), header_error(data[:SEGMENT_SIZE])) == (kib * KIB, 0, 0)


@pytest.mark.parametrize("kib", [64, 68, 1000])
def test_a_log_goes_on_where_the_one_before_it_ends(kib: int) -> None:
    """Each header repeats when the log before was created, and the sum of its segments; the first has nothing to repeat."""
    logs = [whole(made(generation, kib=kib)) for generation in (1, 2, 3)]
    headers = [LogHeader.parse(log) for log in logs]
    assert [header.generation for header in headers] == [1, 2, 3]
    assert len({header.sign_log for header in headers}) == 1
    assert (headers[0].previous_created, headers[0].previous_segments_checksum) == (NEVER, 0)
    for before, header, log in zip(headers, headers[1:], logs, strict=False):
        assert header.previous_created == before.created
        assert header.previous_segments_checksum == segments_checksum(log) != 0
    assert len({header.created for header in headers}) == 3


def test_a_record_says_whose_it_is() -> None:
    """The log record of every segment is one that people can read, lrtypTrace, with type, process, length and text."""
    data = whole(made(7, number=3))
    kind, process, size = struct.unpack_from("<BHH", data, SEGMENT_SIZE + 40)
    assert (kind, process) == (22, 0)
    assert data[SEGMENT_SIZE + 45 : SEGMENT_SIZE + 45 + size] == b"esemu: log sequence 3, generation 7"


def test_a_header_tells_of_its_instance() -> None:
    """A header has the parameters of the instance, and the databases that were attached."""
    header = LogHeader.parse(whole(made(2)))
    assert (header.dbms_param.log_path, header.dbms_param.system_path) == (b"C:\\logs\\", b"C:\\sys\\")
    assert (header.segments, header.page_size, header.flags, header.filetype) == (16, 4096, 0, 3)
    assert [(each.dbid, each.path) for each in parse_attachments(header.attachments)] == [(1, r"C:\data\mail.edb")]
    assert LogHeader.parse(whole(made(2, number=2))).flags == 2


def test_a_header_tells_how_far_dbtimes_had_been_counted() -> None:
    """A header has the dbtime of each database when the log began, whatever was changed since; the checkpoint has that of now."""
    engine = esemu.Engine()
    inst = engine.start({r"C:\data\mail.edb": 40})
    inst.write_page(r"C:\data\mail.edb", 4)
    inst.roll_log(2)
    inst.write_page(r"C:\data\mail.edb", 4)
    inst.roll_log()
    inst.write_page(r"C:\data\mail.edb", 4)
    headers = [LogHeader.parse(engine.disk.read(rf"C:\logs\edb{name}.log")) for name in ("00001", "00002", "00003", "")]
    dbtimes = [parse_attachments(header.attachments)[0].dbtime for header in headers]
    assert dbtimes == [DBTIME_START, DBTIME_START + 1, DBTIME_START + 1, DBTIME_START + 2]
    checkpoint = parse_checkpoint(engine.disk.read(r"C:\sys\edb.chk"))
    assert parse_attachments(checkpoint.attachments)[0].dbtime == DBTIME_START + 3


@pytest.mark.parametrize("more", [0, 1])
def test_a_header_has_room_for_all_databases_that_can_be_attached(more: int) -> None:
    """JetAttachDatabase refuses what would not fit into 2048 bytes; characters outside the BMP count twice."""
    engine = esemu.Engine()
    names = ["C:\\" + letter * 169 for letter in "abcd"] + ["C:\\" + "\N{GRINNING FACE}" * 80 + "e" * (8 + more)]
    if more:
        with pytest.raises(TooManyAttachedDatabasesError):
            engine.start(dict.fromkeys(names, 10))
    else:
        engine.start(dict.fromkeys(names, 10))
        header = LogHeader.parse(engine.disk.read(r"C:\logs\edb.log"))
        assert [each.path for each in parse_attachments(header.attachments)] == names
        assert header.attachments[-1:] == b"\0" == header.attachments[-2:-1]


@given(st.integers(0, 17 * SEGMENT_SIZE), st.integers(0, 17 * SEGMENT_SIZE))
def test_bytes_do_not_depend_on_how_they_are_read(offset: int, count: int) -> None:
    """Any piece of a log is that piece of the whole; nothing comes after its end."""
    log = made(5)
    assert log.read(offset, count) == whole(log)[offset : offset + count]


def test_sequences_differ() -> None:
    """Logs of the same generation in two sequences have different signatures and no segment in common."""
    one, two = whole(made(4)), whole(made(4, number=2))
    assert LogHeader.parse(one).sign_log != LogHeader.parse(two).sign_log
    assert all(one[at : at + 4096] != two[at : at + 4096] for at in range(0, len(one), 4096))


def test_a_log_that_nobody_reads_is_a_name() -> None:
    """Logs cost no bytes before they are read: a hundred thousand of them less than two megabytes of logs."""
    log = made(1)
    tracemalloc.start()
    logs = [LogFile(log.sequence, generation, log.attached) for generation in range(1, 100_001)]
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert used < 200 * len(logs)
    assert LogHeader.parse(logs[-1].read(0, 4096)).generation == 100_000
