# SPDX-License-Identifier: MIT
"""What JetReadFileInstance looks at in a log file before it hands the bytes out: checksums, and nothing else.

The file's name, the generation in the header, the signature and the chain are not compared with anything. A log that is
bad ends the whole backup, where a bad page only fails the read of its database.
"""

from __future__ import annotations

from typing import Final

from esemu.formats.checksum import Buffer, header_error, repair
from esemu.formats.logs import SEGMENT_SIZE, LogHeader
from esemu.vocabulary.errors import JET_errLogReadVerifyFailure, JET_errSuccess
from esemu.vocabulary.failures import NotEmulated

_EMPTY: Final = bytes(SEGMENT_SIZE)
_MAJOR_OLD_MOST: Final = 7  # ulLGVersionMajor_OldLrckFormat, daedef.hxx:2567


def segment_repair(segment: Buffer, isec: int) -> bytes | None:
    """Return segment `isec` of a log as it is handed out, or None if it is bad.

    Good are: zeros, the segment itself, and the shadow of the one before. One flipped bit is repaired. `segment` has
    4096 bytes. Source: LOG_VERIFY_STATE::ErrVerifyLogSegments, logread.cxx:1084-1143.
    """
    data = bytes(segment)
    if data == _EMPTY:
        return data
    return repair(data, isec, SEGMENT_SIZE) or repair(data, isec - 1, SEGMENT_SIZE)


class LogVerification:
    """The verification of one log file, read by read, as LOG_VERIFY_STATE does it (logread.cxx:1019-1228)."""

    __slots__ = ("isec",)

    def __init__(self) -> None:
        #: The segment that the next read starts with; 0 is the header.
        self.isec = 0

    def read(self, buffer: bytearray | memoryview) -> int:
        """Verify what one read has put into `buffer`, and repair it there, as far as single flipped bits go.

        Return 0 or JET_errLogReadVerifyFailure. The first read begins with the header, and must hold all of it.
        NotEmulated: the log has the format before Windows 8, version 7 (logread_legacy.cxx:713), or other sizes of
        header and segments than any engine has written since.
        """
        offset = 0
        if self.isec == 0:
            if len(buffer) < SEGMENT_SIZE or header_error(buffer[:SEGMENT_SIZE]) != JET_errSuccess:
                return JET_errLogReadVerifyFailure
            _check_geometry(LogHeader.parse(buffer))
            self.isec, offset = 1, SEGMENT_SIZE
        while offset < len(buffer):
            stored = bytes(buffer[offset : offset + SEGMENT_SIZE])
            good = segment_repair(stored, self.isec) if len(stored) == SEGMENT_SIZE else None
            if good is None:
                return JET_errLogReadVerifyFailure
            if good != stored:
                buffer[offset : offset + SEGMENT_SIZE] = good
            self.isec, offset = self.isec + 1, offset + SEGMENT_SIZE
        return JET_errSuccess


def log_error(data: Buffer) -> int:
    """Return 0 if a whole log file can be read in a backup, else JET_errLogReadVerifyFailure. See `LogVerification`."""
    return LogVerification().read(bytearray(data))


def _check_geometry(header: LogHeader) -> None:
    if header.major <= _MAJOR_OLD_MOST:
        raise NotEmulated(f"A log of version {header.major}, which is older than Windows 8")
    if (header.segment_size, header.header_segments) != (SEGMENT_SIZE, 1):
        raise NotEmulated(f"A log with {header.header_segments} header segments of {header.segment_size} bytes")
