# SPDX-License-Identifier: MIT
"""Log files: header, segments, shadows and the chain, and what a backup verifies of them."""

import random
from functools import reduce
from operator import xor
from typing import Any

import pytest
from hypothesis import given, strategies as st

from esemu.formats.checksum import header_error, page_number, set_header_checksum
from esemu.formats.log_environment import Attachment, DbmsParam, parse_attachments
from esemu.formats.log_verification import LogVerification, log_error, segment_repair
from esemu.formats.logs import SEGMENT_SIZE, LogHeader, SegmentHeader, log_file, segment, segments_checksum
from esemu.formats.structures import NEVER, Lgpos, Logtime, Signature
from esemu.vocabulary.errors import JET_errLogReadVerifyFailure
from esemu.vocabulary.failures import NotEmulated

CREATED = Logtime(1, 2, 3, 4, 5, 126, is_utc=True)
SEGMENTS = 16


def new_header(generation: int = 3, **fields: Any) -> LogHeader:
    """Return the header of a small log."""
    return LogHeader.new(generation=generation, sign_log=Signature(2), created=CREATED, segments=SEGMENTS, **fields)


def new_segments(count: int = 5, generation: int = 3) -> list[bytes]:
    """Return segments with random records."""
    source = random.Random(generation)
    return [segment(source.randbytes(4056), generation=generation, isec=isec) for isec in range(1, count + 1)]


def flip(data: bytes, *bits: int) -> bytearray:
    """Return the data with these bits the other way round."""
    damaged = bytearray(data)
    for bit in bits:
        damaged[bit // 8] ^= 1 << bit % 8
    return damaged


@pytest.mark.parametrize(("layout", "size"), [(LogHeader, 2719), (SegmentHeader, 40)])
def test_the_tables_cover_every_byte(layout: type[LogHeader | SegmentHeader], size: int) -> None:
    """The fields follow each other without gap or overlap (log.hxx:143, _logstream.hxx:12)."""
    ends = [field.offset + field.size for field in layout.FIELDS]
    assert [0, *ends[:-1]] == [field.offset for field in layout.FIELDS]
    assert size == layout.SIZE


def test_a_header_says_what_it_heads() -> None:
    """A log header states generation, geometry, version, signature and type, and has the right checksum."""
    page = new_header(previous_created=CREATED, previous_segments_checksum=99).to_bytes()
    header = LogHeader.parse(page)
    assert len(page) == SEGMENT_SIZE
    assert header_error(page) == 0
    assert (header.generation, header.segments, header.segment_size, header.header_segments) == (3, 16, 4096, 1)
    assert (header.major, header.minor, header.update_major, header.update_minor) == (8, 4000, 5, 16)
    assert (header.filetype, header.sign_log, header.created) == (3, Signature(2), CREATED)
    assert (header.previous_created, header.previous_segments_checksum) == (CREATED, 99)
    assert page[667:671] == bytes([3, 0, 0, 0])


def test_a_header_holds_parameters_and_attachments() -> None:
    """A log header repeats the parameters of the instance and the databases that were attached."""
    param = DbmsParam(rb"C:\sys", rb"C:\logs", 1, sessions=16, log_segments=SEGMENTS)
    databases = [
        Attachment(1, r"C:\data\grün.edb", 99, 8, 256, Lgpos(1, 2, 3), Lgpos(1, 1, 1), Signature(5)),
        Attachment(2, r"C:\data\b.edb", flags=0x60),
    ]
    header = LogHeader.parse(new_header(dbms_param=param, attachments=databases).to_bytes())
    assert header.dbms_param == param
    assert parse_attachments(header.attachments) == databases


def test_a_header_has_defaults() -> None:
    """A log is one of 5 MiB of an engine with pages of 4 KiB, without attachments, checkpoint at the start of the log."""
    header = LogHeader.new(generation=1, sign_log=Signature(2), created=CREATED)
    assert (header.segments * 4096, header.page_size) == (5 * 1024 * 1024, 4096)
    assert header.dbms_param.log_segments == 1280
    assert header.lgpos_checkpoint == Lgpos(1, 1, 0)
    assert (header.previous_created, header.previous_segments_checksum) == (NEVER, 0)
    assert parse_attachments(header.attachments) == []


def test_what_is_not_given_is_zero() -> None:
    """Parameters and attachments that are left out are stored as zeros; a path is in UTF-16 (0x20)."""
    assert DbmsParam().to_bytes() == bytes(567)
    assert DbmsParam.parse(bytes(567)) == DbmsParam()
    assert DbmsParam.parse(DbmsParam(rb"C:\sys").to_bytes()).system_path == rb"C:\sys"
    assert Attachment(1, "").to_bytes() == bytes([1, 0x20, 2]) + bytes(63)


def test_attachments_before_unicode() -> None:
    """A list written before 2005 has paths in the code page of the machine."""
    database = Attachment(1, r"C:\data\a.edb", flags=0)
    stored = database.to_bytes()
    assert len(stored) == 64 + len(database.path) + 1
    assert parse_attachments(stored) == [database]


def test_attachments_have_limited_room() -> None:
    """More attachments than fit into 2048 bytes are refused; the engine would stop (log.cxx:2387)."""
    for length in (1982, 1983):
        database = Attachment(1, "x" * length, flags=0)
        assert parse_attachments(new_header(attachments=[database]).attachments) == [database]
    with pytest.raises(ValueError, match="The attachments need 2049 bytes of 2048"):
        new_header(attachments=[Attachment(1, "x" * 1984, flags=0)])


def test_a_segment_knows_its_place() -> None:
    """A segment begins with its position and the checksum of its index, then come the records."""
    made = segment(b"records", generation=3, isec=7, started=CREATED)
    header = SegmentHeader.parse(made)
    assert (header.lgpos, header.started, header.flags) == (Lgpos(3, 7, 0), CREATED, 0x2000)
    assert page_number(made, SEGMENT_SIZE) == 7
    assert made[40:] == b"records".ljust(4056, b"\0")


def test_sizes_are_checked() -> None:
    """A segment has room for 4056 bytes of records; the last slot of a log only for a shadow."""
    with pytest.raises(ValueError, match="4057 bytes of records"):
        segment(bytes(4057), generation=1, isec=1)
    assert log_error(log_file(new_header(), new_segments(SEGMENTS - 2), shadow=True)) == 0
    with pytest.raises(ValueError, match="15 segments do not fit into a log of 16"):
        log_file(new_header(), new_segments(SEGMENTS - 1))


@pytest.mark.parametrize("shadow", [False, True])
def test_a_log_verifies(shadow: bool) -> None:
    """Header, segments, a shadow and zeros are what a good log consists of."""
    log = log_file(new_header(), new_segments(), shadow=shadow)
    assert shadow or log == log_file(new_header(), new_segments())
    assert len(log) == SEGMENTS * SEGMENT_SIZE
    assert (log[6 * 4096 : 7 * 4096] == log[5 * 4096 : 6 * 4096]) == shadow
    assert log_error(log) == 0


def test_an_empty_log_verifies() -> None:
    """A header and zeros are enough: nothing says that a log holds records."""
    assert log_error(log_file(new_header())) == 0


def test_the_name_and_the_chain_are_not_verified() -> None:
    """A backup reads a log whose generation, signature or type is wrong (logread.cxx:1035): checksums are all it sees."""
    assert log_error(log_file(new_header(generation=99, filetype=1), new_segments())) == 0


@pytest.mark.parametrize("size", [0, 1, 4095, 4097, 5 * 4096 + 512])
def test_a_log_consists_of_whole_segments(size: int) -> None:
    """Less than a header, and a rest that is no segment, cannot be verified."""
    assert log_error(log_file(new_header(), new_segments())[:size]) == JET_errLogReadVerifyFailure


@given(st.integers(0, SEGMENT_SIZE * 8 - 1))
def test_a_damaged_header_is_found(bit: int) -> None:
    """One flipped bit in the header cannot be repaired."""
    assert log_error(flip(log_file(new_header(), new_segments()), bit)) == JET_errLogReadVerifyFailure


@given(st.integers(1, 6), st.integers(64, SEGMENT_SIZE * 8 - 1))
def test_a_flipped_bit_in_a_segment_is_repaired(isec: int, bit: int) -> None:
    """The buffer gets the log as it should be, also where the damage is in the shadow."""
    log = log_file(new_header(), new_segments(), shadow=True)
    buffer = flip(log, isec * SEGMENT_SIZE * 8 + bit)
    flag_is_hit = bit == 9 * 32 + 13
    assert LogVerification().read(memoryview(buffer)) == (JET_errLogReadVerifyFailure if flag_is_hit else 0)
    assert (buffer == log) != flag_is_hit


def test_two_flipped_bits_in_a_segment_are_not() -> None:
    """The damage to model for JET_errLogReadVerifyFailure is two flipped bits in one segment."""
    log = log_file(new_header(), new_segments())
    assert log_error(flip(log, 2 * SEGMENT_SIZE * 8 + 500, 2 * SEGMENT_SIZE * 8 + 900)) == JET_errLogReadVerifyFailure


def test_segments_have_their_place() -> None:
    """A segment is good in its own slot and in the next, as shadow; nowhere else."""
    made = segment(b"records", generation=3, isec=7)
    assert [isec for isec in range(1, 20) if segment_repair(made, isec) == made] == [7, 8]


@pytest.mark.parametrize("read_size", [8192, 65536, 4096 * 3])
def test_a_log_is_verified_read_by_read(read_size: int) -> None:
    """Reads of any number of segments verify the same as one read of the whole log."""
    log = log_file(new_header(), new_segments(), shadow=True)
    verification = LogVerification()
    for at in range(0, len(log), read_size):
        assert verification.read(bytearray(log[at : at + read_size])) == 0
    swapped = log[: 4 * 4096] + log[5 * 4096 : 6 * 4096] + log[4 * 4096 : 5 * 4096] + log[6 * 4096 :]
    verification = LogVerification()
    errors = [verification.read(bytearray(swapped[at : at + read_size])) for at in range(0, 4 * 4096 + 1, read_size)]
    assert errors[-1] == JET_errLogReadVerifyFailure


@pytest.mark.parametrize(("name", "value"), [("major", 7), ("segment_size", 512), ("header_segments", 2)])
def test_logs_that_no_engine_since_windows_8_wrote(name: str, value: int) -> None:
    """Old formats are verified by rules that are not emulated, and that is what is said."""
    with pytest.raises(NotEmulated):
        log_error(log_file(new_header(**{name: value})))


def test_a_bad_header_is_found_before_its_version() -> None:
    """The version in a header counts only if the checksum is right."""
    page = bytearray(new_header(major=7).to_bytes())
    page[100] ^= 1
    assert log_error(page) == JET_errLogReadVerifyFailure
    set_header_checksum(page)
    with pytest.raises(NotEmulated, match="version 7"):
        log_error(page)


def test_the_chain_sums_up_the_segments() -> None:
    """The next generation repeats the sum of all segment checksums, in which a shadow does not count."""
    segments = new_segments()
    expected = reduce(xor, (SegmentHeader.parse(made).checksum for made in segments))
    for shadow in (False, True):
        assert segments_checksum(log_file(new_header(), segments, shadow=shadow)) == expected
    assert segments_checksum(log_file(new_header())) == 0
