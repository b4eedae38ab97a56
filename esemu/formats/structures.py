# SPDX-License-Identifier: MIT
"""The small values that headers and log files are made of: log positions, times, signatures and backup information.

They are what JET_LGPOS, JET_LOGTIME, JET_SIGNATURE and JET_BKINFO hand to a client, and are stored in the same form.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from esemu.formats.layout import Structure

if TYPE_CHECKING:
    from datetime import datetime

    from esemu.formats.checksum import Buffer

_LGPOS: Final = struct.Struct("<HHi")
_LOGTIME: Final = struct.Struct("<8B")
_SIGNATURE: Final = struct.Struct("<I8s16s")
_BKINFO: Final = struct.Struct("<8s8sII")


class Lgpos(NamedTuple):
    """A position in the log stream: LE_LGPOS, 8 bytes (daedef.hxx:874). Later positions compare greater.

    Stored are `ib`, `isec`, `generation`, in this order, so that the eight bytes also compare as one integer.
    """

    #: Number of the log file, from 1.
    generation: int = 0
    #: Segment in the file; 0 is its header.
    isec: int = 0
    #: Byte in the segment.
    ib: int = 0

    @classmethod
    def parse(cls, data: Buffer, offset: int = 0) -> Self:
        """Return the position stored at `offset`."""
        ib, isec, generation = _LGPOS.unpack_from(data, offset)
        return cls(generation, isec, ib)

    def to_bytes(self) -> bytes:
        """Return the 8 bytes as stored."""
        return _LGPOS.pack(self.ib, self.isec, self.generation)


class Logtime(NamedTuple):
    """A time as ESE stores it: LOGTIME, 8 bytes (daedef.hxx:2209). All zeros mean "never"."""

    second: int = 0
    minute: int = 0
    hour: int = 0
    day: int = 0
    #: 1 to 12: the comment in the engine says 0 to 11, its code and real files do not (io.cxx:638).
    month: int = 0
    #: Years since 1900.
    year: int = 0
    millisecond: int = 0
    is_utc: bool = False
    #: Only in the times of backups: the backup was a snapshot (JET_BKLOGTIME.fOSSnapshot, jethdr.w:2126).
    is_snapshot: bool = False
    #: The four bits of the last byte that mean nothing.
    unused: int = 0

    @classmethod
    def parse(cls, data: Buffer, offset: int = 0) -> Self:
        """Return the time stored at `offset`."""
        second, minute, hour, day, month, year, low, high = _LOGTIME.unpack_from(data, offset)
        millisecond = low >> 1 | (high >> 1 & 7) << 7
        return cls(second, minute, hour, day, month, year, millisecond, bool(low & 1), bool(high & 1), high >> 4)

    @classmethod
    def of(cls, moment: datetime) -> Self:
        """Return the time of a datetime, cut to milliseconds; one with a time zone is taken to be in UTC."""
        return cls(
            moment.second,
            moment.minute,
            moment.hour,
            moment.day,
            moment.month,
            moment.year - 1900,
            moment.microsecond // 1000,
            is_utc=moment.tzinfo is not None,
        )

    def to_bytes(self) -> bytes:
        """Return the 8 bytes as stored; ValueError or struct.error if a part does not fit into its bits."""
        if self.millisecond >> 10 or self.unused >> 4:
            raise ValueError(f"{self} does not fit into 8 bytes")
        low = (self.millisecond & 0x7F) << 1 | self.is_utc
        high = self.unused << 4 | self.millisecond >> 7 << 1 | self.is_snapshot
        return _LOGTIME.pack(self.second, self.minute, self.hour, self.day, self.month, self.year, low, high)


#: The time that means "never".
NEVER: Final = Logtime()
#: The first position of a log stream, behind the header of its first file (log.cxx:3976).
LOG_START: Final = Lgpos(1, 1, 0)


class Signature(NamedTuple):
    """What identifies a database or a log stream: SIGNATURE, 28 bytes (daedef.hxx:2298)."""

    #: 32 random bits.
    random: int = 0
    created: Logtime = NEVER
    #: 16 bytes; the engine leaves them zero (logwrite.cxx:262).
    computer_name: bytes = bytes(16)

    @classmethod
    def parse(cls, data: Buffer, offset: int = 0) -> Self:
        """Return the signature stored at `offset`."""
        random, created, computer_name = _SIGNATURE.unpack_from(data, offset)
        return cls(random, Logtime.parse(created), computer_name)

    def to_bytes(self) -> bytes:
        """Return the 28 bytes as stored."""
        return _SIGNATURE.pack(self.random, self.created.to_bytes(), self.computer_name)


class Bkinfo(NamedTuple):
    """A backup, as databases remember it: BKINFO, 24 bytes (daedef.hxx:2306)."""

    #: Where in the log the backup was marked: its identity.
    mark: Lgpos = Lgpos()
    #: When that was logged.
    mark_time: Logtime = NEVER
    #: First and last log generation of the backup set. A streamed header has `gen_high` 0: the trailer knows it.
    gen_low: int = 0
    gen_high: int = 0

    @classmethod
    def parse(cls, data: Buffer, offset: int = 0) -> Self:
        """Return the backup information stored at `offset`."""
        mark, mark_time, gen_low, gen_high = _BKINFO.unpack_from(data, offset)
        return cls(Lgpos.parse(mark), Logtime.parse(mark_time), gen_low, gen_high)

    def to_bytes(self) -> bytes:
        """Return the 24 bytes as stored."""
        return _BKINFO.pack(self.mark.to_bytes(), self.mark_time.to_bytes(), self.gen_low, self.gen_high)


LGPOS: Final = Structure(Lgpos, _LGPOS.size)
LOGTIME: Final = Structure(Logtime, _LOGTIME.size)
SIGNATURE: Final = Structure(Signature, _SIGNATURE.size)
BKINFO: Final = Structure(Bkinfo, _BKINFO.size)
