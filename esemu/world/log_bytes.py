# SPDX-License-Identifier: MIT
"""The bytes of logs and checkpoint: pure functions of the log sequence and the generation, made when they are read.

A log that was archived is full: every segment holds one log record that says in words whose it is (lrtypTrace), and the
last of them is there a second time, as its own shadow.  Where a test changed rows, the words say so, but not which: that
is as much as there is of the engine's own records.  All segments of a log are alike but for their number, so one
checksum is computed, and the others follow from it.
"""

from __future__ import annotations

import re
import struct
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from esemu.formats.checkpoint import (
    CHECKPOINT_SIZE,
    Checkpoint,
    checkpoint_error,
    parse_checkpoint,
)
from esemu.formats.checksum import block_checksum, header_error
from esemu.formats.database_header import FILETYPE_CHECKPOINT
from esemu.formats.log_environment import Attachment, DbmsParam
from esemu.formats.logs import SEGMENT_SIZE, LogHeader, segment, segments_checksum
from esemu.formats.structures import NEVER, Lgpos, Logtime, Signature
from esemu.vocabulary.errors import (
    JET_errBadCheckpointSignature,
    JET_errCheckpointCorrupt,
    JET_errFileInvalidType,
    JET_errSuccess,
)
from esemu.world.generated import DBTIME_START, GeneratedPages
from esemu.world.logs import LogSequence
from esemu.world.stored_database import StoredDatabase
from esemu.world.stored_header import lgpos, logtime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from esemu.world.content import Content
    from esemu.world.logs import AnyLog, CheckpointFile, Settings

BETWEEN_LOGS_MS: Final = 1000
"""From the creation of one generation to that of the next: each has a time of its own, whatever the clock does."""

_TRACE: Final = 22  # lrtypTrace (logapi.hxx:142), LRTRACE: type, two bytes of a process, length, characters
_CHANGE: Final = b"; rows of database %d changed until dbtime %d"
_CIRCULAR: Final = 2  # fLGCircularLoggingCurrent (log.hxx:137)

_ISEC_OFFSET: Final = 10  # of le_lgposSegment.isec in a segment
_ISEC: Final = struct.Struct("<H")
_CHECKSUM: Final = struct.Struct("<Q")


def sign_log(sequence: LogSequence) -> Signature:
    """Return what identifies the sequence, in logs, checkpoint and databases."""
    return sequence.sign_log or Signature(random=0x65746500 + sequence.number, created=logtime(0))


def created(generation: int) -> Logtime:
    """Return when a generation was begun."""
    return logtime(BETWEEN_LOGS_MS * generation)


def continued(found: Content, settings: Settings, number: int, *, behind: int) -> LogSequence | None:
    """Return the sequence that a log file belongs to, for going on with it, or, if it is full, `behind` it.

    None: the file does not begin with the header of a log.
    """
    page = bytes(found.read(0, SEGMENT_SIZE))
    if len(page) < SEGMENT_SIZE or header_error(page):
        return None
    header = LogHeader.parse(page)
    previous = (header.previous_created, header.previous_segments_checksum)
    if behind:
        previous = (header.created, segments_checksum(bytes(found.read(0, found.size))))
    return LogSequence(number, settings, header.generation + behind, header.sign_log, previous)


def generation_in(found: Content, otherwise: int) -> int:
    """Return the generation that a checkpoint file of unknown origin says, `otherwise` where it is damaged."""
    stored = found.read(0, found.size)
    return otherwise if checkpoint_error(stored) else parse_checkpoint(stored).lgpos_checkpoint.generation


def checkpoint_of(sequence: LogSequence, found: Content) -> tuple[int, int]:
    """Return the error of reading a checkpoint file that should be of a sequence, and the generation in it (log.cxx:2553)."""
    try:
        stored = found.read(0, 2 * CHECKPOINT_SIZE)
    except OSError:
        return JET_errCheckpointCorrupt, 0  # the engine then takes both copies for damaged (fileu.cxx:316)
    if error := checkpoint_error(stored):
        return error, 0
    parsed = parse_checkpoint(stored)
    if parsed.sign_log != sign_log(sequence):
        return JET_errBadCheckpointSignature, 0
    if parsed.filetype not in {0, FILETYPE_CHECKPOINT}:
        return JET_errFileInvalidType, 0
    return JET_errSuccess, parsed.lgpos_checkpoint.generation


def checkpoint(file: CheckpointFile) -> bytes:
    """Return the bytes of the checkpoint file."""
    log, backup = file.log, file.backup
    return Checkpoint.new(
        sign_log=sign_log(log.sequence),
        lgpos=Lgpos(log.checkpoint, 1, 0),
        attachments=_attachments(file.attached),
        dbms_param=_dbms_param(log.sequence.settings),
        lgpos_full_backup=lgpos(backup.full_position) if backup.full_position else Lgpos(),
        logtime_full_backup=logtime(backup.full_time) if backup.full_position else NEVER,
        lgpos_inc_backup=lgpos(backup.incremental_position) if backup.incremental_position else Lgpos(),
        logtime_inc_backup=logtime(backup.incremental_time) if backup.incremental_position else NEVER,
    ).to_bytes()


def part_of_log(log: AnyLog, offset: int, count: int) -> bytes:
    """Return up to `count` bytes of a log: a full one, or one of which a single segment is written, and its shadow."""
    used = log.size // SEGMENT_SIZE - 2 if log.full else 1
    end = min(offset + count, log.size)
    if offset >= end:
        return b""
    first, behind = offset // SEGMENT_SIZE, -(-end // SEGMENT_SIZE)
    parts: list[bytes | bytearray] = [] if first else [_header(log)]
    numbers = range(max(first, 1), min(behind, used + 2))
    if numbers:
        parts.append(_run(_segment(log.sequence, log.generation), numbers, used))
    whole = b"".join(parts).ljust((behind - first) * SEGMENT_SIZE, b"\0")
    return whole[offset - first * SEGMENT_SIZE : end - first * SEGMENT_SIZE]


def _header(log: AnyLog) -> bytes:
    sequence, generation = log.sequence, log.generation
    settings = sequence.settings
    previous = sequence.previous or (NEVER, 0)
    if generation > sequence.first:
        previous = created(generation - 1), _sum_of_segments(sequence, generation - 1)
    return LogHeader.new(
        generation=generation,
        sign_log=sign_log(sequence),
        created=created(generation),
        segments=settings.size // SEGMENT_SIZE,
        attachments=_attachments(log.attached, sequence, generation),
        previous_created=previous[0],
        previous_segments_checksum=previous[1],
        page_size=settings.page_size,
        dbms_param=_dbms_param(settings),
        flags=_CIRCULAR * settings.circular,
    ).to_bytes()


def _segment(sequence: LogSequence, generation: int) -> bytes:
    """Return what every segment of a log consists of, as segment 0."""
    text = f"esemu: log sequence {sequence.number}, generation {generation}".encode()
    changes = (sequence.changes or {}).get(generation, {}).copy()  # rows may be changed meanwhile
    text += b"".join(_CHANGE % change for change in changes.items())
    kept, made = sequence.segment_kept
    if kept != text:
        records = bytes((_TRACE, 0, 0)) + len(text).to_bytes(2, "little") + text
        made = segment(records, generation=generation, isec=0, started=created(generation))
        sequence.segment_kept = (text, made)
    return made


def changes_in(records: bytes) -> list[tuple[int, int]]:
    """Return of which databases a segment of esemu says that rows were changed, and the dbtime of the last change."""
    pattern = _CHANGE.replace(b"%d", rb"(\d+)")
    return [(int(dbid), int(dbtime)) for dbid, dbtime in re.findall(pattern, records)]


def _sum_of_segments(sequence: LogSequence, generation: int) -> int:
    """Return what `segments_checksum` says of a full log: a shadow does not count."""
    used = sequence.settings.size // SEGMENT_SIZE - 2
    total: int = _CHECKSUM.unpack_from(_segment(sequence, generation))[0] if used % 2 else 0
    for of_number in _of_numbers(used.bit_length())[1 : used + 1]:
        total ^= of_number
    return total


def _run(made: bytes, numbers: range, last: int) -> bytearray:
    """Return the segments with these numbers; the one behind the last is its shadow."""
    run = bytearray(made) * len(numbers)
    checksum = _CHECKSUM.unpack_from(made)[0]
    of_numbers = _of_numbers(last.bit_length())
    for place, number in enumerate(numbers):
        isec = min(number, last)
        _CHECKSUM.pack_into(run, place * SEGMENT_SIZE, checksum ^ of_numbers[isec])
        _ISEC.pack_into(run, place * SEGMENT_SIZE + _ISEC_OFFSET, isec)
    return run


@cache
def _of_numbers(bits: int) -> list[int]:
    """Return what segments 0 to 2 ** `bits` - 1 have in their checksums that segment 0 with the same records has not.

    The checksum is linear, so what two numbers have apart from each other they have together.
    """
    found = [0]
    for bit in range(bits):
        of_power = _of_power(1 << bit)
        found += [of_power ^ of_rest for of_rest in found]
    return found


def _of_power(isec: int) -> int:
    block = bytearray(SEGMENT_SIZE)
    _ISEC.pack_into(block, _ISEC_OFFSET, isec)
    return block_checksum(bytes(block), isec, is_header=True)


def _dbms_param(settings: Settings) -> DbmsParam:
    """Return the parameters of the instance; paths are in a code page, where some characters have no place."""
    return DbmsParam(
        settings.system_path.encode("ascii", "replace"),
        settings.log_path.encode("ascii", "replace"),
        flags=int(settings.circular),
        log_segments=settings.size // SEGMENT_SIZE,
    )


def _attachments(
    databases: Sequence[Any], sequence: LogSequence | None = None, generation: int = 0
) -> list[Attachment]:
    """Return the databases as a log's header lists them; JetAttachDatabase refuses those that would not fit.

    Their dbtimes are those of the beginning of a log, or, without a sequence, of now (log.cxx:2336).
    """
    listed = []
    for database in databases:
        header = StoredDatabase(database.pages, database.last_page, database).header()
        dbtime = header.dbtime_dirtied
        if sequence is not None:
            unchanged = DBTIME_START if isinstance(database.pages, GeneratedPages) else dbtime
            dbtime = sequence.dbtime_at(generation, database.dbid, unchanged)
        attach, sign_db = header.lgpos_attach, header.sign_db
        listed.append(Attachment(database.dbid, database.name, dbtime, lgpos_attach=attach, sign_db=sign_db))
    return listed
