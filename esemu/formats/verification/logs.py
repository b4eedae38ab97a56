# SPDX-License-Identifier: MIT
"""One saved log: its header, and its segments as redo looks through them before it replays the first record.

The file is read once from start to end. What the next log must know of it comes back as `LogFacts`.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from esemu.formats.checksum import header_error, repair, unsound_pages
from esemu.formats.database_header import FILETYPE_LOG
from esemu.formats.log_environment import parse_attachments
from esemu.formats.logs import SEGMENT_SIZE, LogHeader
from esemu.formats.structures import Lgpos
from esemu.formats.verification import checks
from esemu.formats.verification.files import whole
from esemu.formats.verification.findings import Place

if TYPE_CHECKING:
    from esemu.formats.database_header import DatabaseHeader
    from esemu.formats.log_environment import Attachment
    from esemu.formats.structures import Logtime, Signature
    from esemu.formats.verification.files import SavedFile
    from esemu.formats.verification.findings import Findings
    from esemu.formats.verification.saved_logs import SavedLogs

_MAJOR, _MINOR = 8, 4000
_MAJOR_OLD: Final = 7  # daedef.hxx:2567
_UPDATE_MAJOR_MOST: Final = 130  # sysver.cxx:104
_CHAINED_FROM: Final = 13  # ulLGVersionUpdateMinorPrevGenAllSegmentChecksum, daedef.hxx:2595
_RUN: Final = 1 << 20
_SEGMENT: Final = struct.Struct("<QHHi")  # of LGSEGHDR: checksum, and ib, isec and lGeneration of its place
_EMPTY: Final = bytes(SEGMENT_SIZE)


class LogFacts(NamedTuple):
    """What a log says to the logs next to it."""

    generation: int
    sign_log: Signature
    created: Logtime
    previous_created: Logtime
    page_size: int
    #: How many segments the file should have.
    segments: int
    #: The XOR of its segments' checksums; None if a segment is damaged.
    segments_checksum: int | None
    #: What it says that of the previous log to be; None before log format 8.4000.x.13.
    previous_checksum: int | None
    #: The list of attached databases, as stored.
    attachments: bytes


def check_log(file: SavedFile, findings: Findings) -> LogFacts | None:
    """Check a log by itself. Return None if its header says nothing that can be believed. Raises OSError."""
    name, size = file.name, file.size
    start = file.read(0, SEGMENT_SIZE)
    if len(start) < SEGMENT_SIZE:
        findings.add(checks.LOG_HEADER, name, f"The log ends within its header, after {len(start)} bytes.")
        return None
    if header_error(start):
        findings.add(checks.LOG_HEADER, name, "The checksum of the header is wrong.")
        return None
    header = LogHeader.parse(start)
    if not _known_format(header, name, findings):
        return None
    segments = _Segments(file, header.generation, findings)
    if size != header.segments * SEGMENT_SIZE:
        stated = header.segments * SEGMENT_SIZE
        findings.add(checks.LOG_SIZE, name, f"The log has {size} bytes, and {stated} by its header.")
    segments.check(min(header.segments, size // SEGMENT_SIZE), header.segments)
    return LogFacts(
        header.generation,
        header.sign_log,
        header.created,
        header.previous_created,
        header.page_size or 4096,
        header.segments,
        segments.checksum,
        header.previous_segments_checksum if header.update_minor >= _CHAINED_FROM else None,
        header.attachments,
    )


def header_of(file: SavedFile) -> LogHeader | None:
    """Return the header of a log, None if it cannot be read."""
    try:
        start = file.read(0, SEGMENT_SIZE)
    except OSError:
        return None
    finally:
        file.close()
    return LogHeader.parse(start) if len(start) == SEGMENT_SIZE and not header_error(start) else None


def dbtime_at_begin(logs: SavedLogs, header: DatabaseHeader) -> int:
    """Return how far the dbtimes of a database had been counted, at least, when its backup began.

    The log in which it began says how far they had been when that log did, if the database was attached by then
    (log.cxx:2336); if nothing says so, it is what the saved header says.
    """
    for log in logs.of(header.bkinfo_full_cur.mark.generation):
        if (found := header_of(log.file)) is not None and found.sign_log == header.sign_log:
            for attachment in attachments_in(found.attachments):
                if attachment.sign_db == header.sign_db and attachment.dbtime:
                    return min(attachment.dbtime, header.dbtime_dirtied)
    return header.dbtime_dirtied


def attachments_in(stored: bytes) -> list[Attachment]:
    """Return the databases in a list of attachments, none if it makes no sense."""
    try:
        return parse_attachments(stored)
    except (struct.error, UnicodeDecodeError):
        return []


def _known_format(header: LogHeader, name: str, findings: Findings) -> bool:
    """Return whether the segments behind a header can be understood."""
    if header.filetype not in {0, FILETYPE_LOG}:
        findings.add(checks.LOG_KIND, name, f"The header states file type {header.filetype}.")
        return False
    version = f"{header.major}.{header.minor}.{header.update_major}.{header.update_minor}"
    if header.major == _MAJOR_OLD:
        findings.add(checks.LOG_OLD, name, f"The log has format {version}.")
        return False
    if (header.major, header.minor) != (_MAJOR, _MINOR) or header.update_major > _UPDATE_MAJOR_MOST:
        findings.add(checks.LOG_VERSION, name, f"The log has format {version}.")
        return False
    if (header.segment_size, header.header_segments) != (SEGMENT_SIZE, 1):
        findings.add(
            checks.LOG_GEOMETRY,
            name,
            f"The header states {header.header_segments} segments of {header.segment_size} bytes for itself.",
        )
        return False
    return True


class _Segments:
    """The segments of one log, in order (LOG_READ_BUFFER::ErrLGCheckReadLastLogRecordFF, logread.cxx:1276-1720)."""

    def __init__(self, file: SavedFile, generation: int, findings: Findings) -> None:
        self.file = file
        self.generation = generation
        self.findings = findings
        #: The XOR of the checksums of the used segments, until one is damaged.
        self.checksum: int | None = 0
        #: A segment that is not in use was seen: the used ones have ended, ...
        self.ended = False
        #: ... and this was the last one.
        self.last = 0

    def check(self, count: int, stated: int) -> None:
        """Check `count` slots, the header included, of the `stated` that the log should have."""
        isec = 1
        while isec < count:
            size = min(_RUN, (count - isec) * SEGMENT_SIZE)
            run = whole(self.file.read(isec * SEGMENT_SIZE, size), size)
            slots = size // SEGMENT_SIZE
            unsound = set(unsound_pages(run, isec, SEGMENT_SIZE))
            for number in range(isec, isec + slots):
                at = (number - isec) * SEGMENT_SIZE
                if number == stated - 1:
                    self._check_last(bytes(run[at : at + SEGMENT_SIZE]), number)
                elif number in unsound:
                    self._check_unsound(bytes(run[at : at + SEGMENT_SIZE]), number)
                else:
                    self._check_sound(bytes(run[at : at + 40]), number)
            isec += slots

    def _add(self, check: checks.Check, isec: int, message: str) -> None:
        self.findings.add(check, self.file.name, message, Place("segment", isec, isec))

    def _check_sound(self, header: bytes, isec: int) -> None:
        """Take in a segment that is good as itself, or zero."""
        checksum, *place = _SEGMENT.unpack_from(header)
        if place == [0, isec, self.generation] and not self.ended:
            self.last = isec
            if self.checksum is not None:
                self.checksum ^= checksum
            return
        if header == _EMPTY[:40]:
            self.ended = True
            return
        found, own = Lgpos.parse(header, 8), Lgpos(self.generation, isec, 0)
        if found < own:  # left over from the log that this file was before
            self.ended = True
            if found.isec != isec:
                self._add(checks.LOG_SHADOW, isec, f"It states that it is segment {found.isec}.")
        elif found > own:
            self._add(checks.LOG_ORDER, isec, "It states a place further on in the log stream.")
            self.checksum = None
        else:
            self._add(checks.LOG_ORDER, isec, "It is in use, and one before it is not.")
            self.checksum, self.last = None, isec

    def _check_unsound(self, segment: bytes, isec: int) -> None:
        """Take in a segment whose checksum does not hold for its own place."""
        repaired = repair(segment, isec, SEGMENT_SIZE)
        if repaired is not None:
            self._add(checks.LOG_BIT, isec, "One bit has flipped, which the engine repairs.")
            self._check_sound(repaired[:40], isec)
            return
        shadow = repair(segment, isec - 1, SEGMENT_SIZE) if isec > 1 else None
        if shadow is not None:
            self._check_shadow(segment, shadow, isec)
            return
        self.checksum = None
        self.last = isec  # it was in use
        if not self.ended and self._shadow_of(isec):
            self._add(checks.LOG_TORN, isec, "It is damaged, and its shadow behind it is good.")
        else:
            self._add(checks.LOG_SEGMENT, isec, "Its checksum does not hold.")

    def _shadow_of(self, isec: int) -> bool:
        """Return whether the slot behind a segment holds it once more."""
        behind = bytes(self.file.read((isec + 1) * SEGMENT_SIZE, SEGMENT_SIZE))
        if len(behind) < SEGMENT_SIZE or behind == _EMPTY:
            return False
        shadow = repair(behind, isec, SEGMENT_SIZE)
        return shadow is not None and Lgpos.parse(shadow, 8) == Lgpos(self.generation, isec, 0)

    def _check_last(self, segment: bytes, isec: int) -> None:
        """Check the last slot, into which no segment goes but the shadow of the one before (logwrite.cxx:2491)."""
        if segment == _EMPTY:
            return
        shadow = repair(segment, isec - 1, SEGMENT_SIZE)
        if shadow is not None:
            self._check_shadow(segment, shadow, isec)
        else:
            self._add(checks.LOG_SHADOW, isec, "The last slot of the log holds no shadow.")

    def _check_shadow(self, segment: bytes, shadow: bytes, isec: int) -> None:
        """Take in the shadow of the segment before."""
        self.ended = True
        if shadow != segment:
            self._add(checks.LOG_BIT, isec, "One bit of a shadow has flipped, which the engine repairs.")
        if Lgpos.parse(shadow, 8) == Lgpos(self.generation, isec - 1, 0) and self.last != isec - 1:
            self._add(checks.LOG_SHADOW, isec, "It is the shadow of a segment that is not there.")
