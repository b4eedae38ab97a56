# SPDX-License-Identifier: MIT
"""The small values: they survive being stored, and compare as positions in the log do."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, strategies as st

from esemu.formats.layout import Structure
from esemu.formats.structures import (
    BKINFO,
    LGPOS,
    LOG_START,
    LOGTIME,
    NEVER,
    SIGNATURE,
    Bkinfo,
    Lgpos,
    Logtime,
    Signature,
)

BYTES = st.integers(0, 255)
LGPOSES = st.builds(Lgpos, st.integers(0, 2**31 - 1), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
LOGTIMES = st.builds(
    Logtime,
    *[BYTES] * 6,
    st.integers(0, 1023),
    is_utc=st.booleans(),
    is_snapshot=st.booleans(),
    unused=st.integers(0, 15),
)
SIGNATURES = st.builds(Signature, st.integers(0, 2**32 - 1), LOGTIMES, st.binary(min_size=16, max_size=16))
BKINFOS = st.builds(Bkinfo, LGPOSES, LOGTIMES, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))


@given(st.one_of(LGPOSES, LOGTIMES, SIGNATURES, BKINFOS))
def test_values_survive_being_stored(value: Lgpos | Logtime | Signature | Bkinfo) -> None:
    """What is stored is read back, at any offset."""
    assert type(value).parse(value.to_bytes()) == value
    assert type(value).parse(b"abc" + value.to_bytes(), 3) == value


@pytest.mark.parametrize("kind", [LGPOS, LOGTIME, SIGNATURE, BKINFO], ids=lambda kind: kind.name)
@given(st.data())
def test_bytes_survive_being_read(kind: Structure[Any], data: st.DataObject) -> None:
    """Whatever bytes a real file holds, they are read without loss."""
    stored = data.draw(st.binary(min_size=kind.size, max_size=kind.size))
    assert kind.value_class.parse(stored).to_bytes() == stored


@given(LGPOSES, LGPOSES)
def test_later_positions_are_greater(first: Lgpos, second: Lgpos) -> None:
    """Positions compare as the engine compares them: as one integer of eight bytes (daedef.hxx:866)."""
    stored = [int.from_bytes(lgpos.to_bytes(), "little") for lgpos in (first, second)]
    assert (first < second) == (stored[0] < stored[1])


def test_where_the_parts_are() -> None:
    """The layouts are those of jethdr.w: ib, isec, generation; seconds first; milliseconds spread over two bytes."""
    assert Lgpos(generation=3, isec=2, ib=1).to_bytes() == bytes([1, 0, 2, 0, 3, 0, 0, 0])
    time = Logtime(second=1, minute=2, hour=3, day=4, month=5, year=126, millisecond=999, is_utc=True)
    assert time.to_bytes() == bytes([1, 2, 3, 4, 5, 126, (999 & 127) << 1 | 1, 999 >> 7 << 1])
    assert Logtime(is_snapshot=True).to_bytes() == bytes([0, 0, 0, 0, 0, 0, 0, 1])
    signature = Signature(7, time)
    assert signature.to_bytes() == bytes([7, 0, 0, 0]) + time.to_bytes() + bytes(16)
    bkinfo = Bkinfo(Lgpos(1, 2, 3), time, 8, 9)
    assert bkinfo.to_bytes() == Lgpos(1, 2, 3).to_bytes() + time.to_bytes() + bytes([8, 0, 0, 0, 9, 0, 0, 0])


def test_times_are_made_of_datetimes() -> None:
    """A datetime becomes a time in milliseconds, with January as month 1; one with a zone is in UTC."""
    moment = dt.datetime(2026, 1, 31, 23, 59, 58, 999000, dt.UTC)
    assert Logtime.of(moment) == Logtime(58, 59, 23, 31, 1, 126, 999, is_utc=True)
    assert not Logtime.of(moment.replace(tzinfo=None)).is_utc


def test_nothing_is_all_zeros() -> None:
    """A time that never came is stored as zeros, and so is every other value that is not given."""
    assert NEVER.to_bytes() == Lgpos().to_bytes() == bytes(8)
    assert Signature().to_bytes() == bytes(28)
    assert Signature().computer_name == bytes(16)
    assert Bkinfo().to_bytes() == bytes(24)


def test_where_a_log_stream_starts() -> None:
    """The first position is the start of the first segment behind the header of generation 1 (log.cxx:3976)."""
    assert Lgpos(generation=1, isec=1, ib=0) == LOG_START


@pytest.mark.parametrize("time", [Logtime(millisecond=1024), Logtime(unused=16)])
def test_bits_do_not_spill(time: Logtime) -> None:
    """A part that is too large for its bits is refused instead of changing its neighbour."""
    with pytest.raises(ValueError, match="does not fit"):
        time.to_bytes()
