# SPDX-License-Identifier: MIT
"""Log files: the header, the segments of 4 KiB behind it, and the chain that links one generation to the next.

Each segment holds its own position and a checksum that contains it. A segment that is written before it is full is
written a second time, unchanged, into the slot behind it: its shadow. What was never written is zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

from esemu.formats.checksum import set_page_checksum, xor_checksum
from esemu.formats.database_header import FILETYPE_LOG
from esemu.formats.layout import I32, U8, U16, U32, U64, Field, Layout, Raw
from esemu.formats.log_environment import ATTACHMENTS_SIZE, DBMS_PARAM, DbmsParam, attachments_to_bytes
from esemu.formats.structures import LGPOS, LOG_START, LOGTIME, NEVER, SIGNATURE, Lgpos, Logtime

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from esemu.formats.checksum import Buffer
    from esemu.formats.log_environment import Attachment
    from esemu.formats.structures import Signature

#: Bytes of the header and of each segment behind it (_logstream.hxx:24).
SEGMENT_SIZE: Final = 4096
#: Segments of a log file by default, header included: JET_paramLogFileSize is 5120 KiB.
SEGMENTS_DEFAULT: Final = 1280
#: Major, minor, update major, update minor, as belong to databases of version 1568.20.0 (sysver.cxx:58).
LOG_VERSION: Final = (8, 4000, 5, 16)


class LogHeader(Layout):
    """The header of a log file, LGFILEHDR: 2719 bytes, the rest of the 4096 is zero (log.hxx:143-213)."""

    __slots__ = ()

    checksum = Field(0, U32, "le_ulChecksum")
    generation = Field(4, I32, "le_lGeneration")
    segment_size = Field(8, U16, "le_cbSec")
    header_segments = Field(10, U16, "le_csecHeader")
    segments = Field(12, U16, "le_csecLGFile")
    page_size = Field(14, U16, "le_cbPageSize")
    created = Field(16, LOGTIME, "tmCreate")
    previous_created = Field(24, LOGTIME, "tmPrevGen")
    major = Field(32, U32, "le_ulMajor")
    minor = Field(36, U32, "le_ulMinor")
    update_major = Field(40, U32, "le_ulUpdateMajor")
    sign_log = Field(44, SIGNATURE, "signLog")
    dbms_param = Field(72, DBMS_PARAM, "dbms_param")
    flags = Field(639, U8, "fLGFlags")  # 1: was a reserve log; 2, 4: circular logging is, was on (log.hxx:136)
    lgpos_checkpoint = Field(640, LGPOS, "le_lgposCheckpoint")
    update_minor = Field(648, U32, "le_ulUpdateMinor")
    sector_size_mismatch = Field(652, U8, "bDiskSecSizeMismatch")
    previous_segments_checksum = Field(653, U64, "checksumPrevLogAllSegments")
    engine_format = Field(661, U32, "le_efvEngineCurrentDiagnostic")
    reserved = Field(665, Raw(2), "rgbReserved")
    filetype = Field(667, U32, "le_filetype")
    attachments = Field(671, Raw(ATTACHMENTS_SIZE), "rgbAttach")

    @classmethod
    def new(
        cls,
        *,
        generation: int,
        sign_log: Signature,
        created: Logtime,
        segments: int = SEGMENTS_DEFAULT,
        attachments: Iterable[Attachment] = (),
        **fields: Any,
    ) -> Self:
        """Return the header of log `generation`, a file of `segments` segments; `to_bytes` sets its checksum.

        Every other field can be given by its name. Generations behind the first need `previous_created`, which is
        `created` of the one before, and `previous_segments_checksum`, its `segments_checksum`.
        Source: logstream.cxx:2388-2443 and 2619-2682.
        """
        defaults: dict[str, Any] = {
            "generation": generation,
            "segment_size": SEGMENT_SIZE,
            "header_segments": 1,
            "segments": segments,
            "page_size": 4096,
            "created": created,
            "major": LOG_VERSION[0],
            "minor": LOG_VERSION[1],
            "update_major": LOG_VERSION[2],
            "update_minor": LOG_VERSION[3],
            "sign_log": sign_log,
            "dbms_param": DbmsParam(log_segments=segments),
            "lgpos_checkpoint": LOG_START,
            "filetype": FILETYPE_LOG,
            "attachments": attachments_to_bytes(attachments),
        }
        return cls(**defaults | fields)

    def to_bytes(self) -> bytes:
        """Return the 4096 bytes of the header with its checksum."""
        self.checksum = xor_checksum(self.data)
        return bytes(self.data).ljust(SEGMENT_SIZE, b"\0")


class SegmentHeader(Layout):
    """What each used segment begins with, LGSEGHDR: 40 bytes, then come log records (_logstream.hxx:12)."""

    __slots__ = ()

    checksum = Field(0, U64, "checksum")
    lgpos = Field(8, LGPOS, "le_lgposSegment")
    started = Field(16, LOGTIME, "logtimeSegmentStart")
    reserved = Field(24, Raw(12), "rgbReserved")
    flags = Field(36, U32, "fFlags")  # where a page has its flags: 0x2000, new checksum


def segment(records: bytes, *, generation: int, isec: int, started: Logtime = NEVER) -> bytes:
    """Return the 4096 bytes of segment `isec` of a log: up to 4056 bytes of log records behind their header.

    Records of zeros are legal: a zero is a record that does nothing (lrtypNOP). Source: logwrite.cxx:2497-2515.
    """
    if len(records) > SEGMENT_SIZE - SegmentHeader.SIZE:
        raise ValueError(f"{len(records)} bytes of records do not fit into a segment")
    header = SegmentHeader(lgpos=Lgpos(generation, isec, 0), started=started)
    page = bytearray(header.data + records).ljust(SEGMENT_SIZE, b"\0")
    set_page_checksum(page, isec)
    return bytes(page)


def log_file(header: LogHeader, segments: Sequence[bytes] = (), *, shadow: bool = False) -> bytes:
    """Return a whole log file: header, used segments from 1 on, with `shadow` the last of them once more, and zeros.

    ValueError: they do not fit into the `header.segments` segments of the file, of which the last can only hold a
    shadow (logwrite.cxx:2491).
    """
    if len(segments) > header.segments - 2:
        raise ValueError(f"{len(segments)} segments do not fit into a log of {header.segments}")
    used = b"".join((header.to_bytes(), *segments, *(segments[-1:] if shadow else ())))
    return used.ljust(header.segments * SEGMENT_SIZE, b"\0")


def segments_checksum(log: Buffer) -> int:
    """Return the XOR of the checksums of all segments of a log file: the header of the next one repeats it.

    Shadows do not count. Source: _logstream.hxx:758, logredo.cxx:4443 (JET_errLogSequenceChecksumMismatch).
    """
    total = 0
    for isec in range(1, len(log) // SEGMENT_SIZE):
        header = SegmentHeader.parse(log[isec * SEGMENT_SIZE : isec * SEGMENT_SIZE + SegmentHeader.SIZE])
        if header.lgpos.isec == isec:
            total ^= header.checksum
    return total
