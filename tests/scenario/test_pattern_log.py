# SPDX-License-Identifier: MIT
"""Contents of log files: the pattern that recordings hold the checksums of."""

import struct

import pytest
from hypothesis import given, strategies as st

from esemu.scenario.pattern_log import PatternLog

SIZE = 200_000


def expected(instance: int, generation: int, size: int) -> bytes:
    """Return the pattern, value by value."""
    values = -(-size // 8)
    return struct.pack(
        f"<{values}Q", *[(0xA5 + instance) << 56 | generation << 24 | i & 0xFFFFFF for i in range(values)]
    )[:size]


@pytest.mark.parametrize("instance", [0, 3])
@pytest.mark.parametrize("generation", [1, 0x100, 0xFFFFF, 0x7FFFFFFF])
@pytest.mark.parametrize("size", [0, 8, 65536, SIZE])
def test_a_log_reads_as_the_pattern(instance: int, generation: int, size: int) -> None:
    """Every value names the instance, the generation and its own place in the file."""
    log = PatternLog(instance, generation, size)
    assert log.size == size
    assert bytes(log.read(0, size + 1)) == expected(instance, generation, size)


WHOLE = expected(1, 0x12345, SIZE)


@given(st.lists(st.tuples(st.integers(0, SIZE + 99), st.integers(0, SIZE)), min_size=1, max_size=4))
def test_a_log_may_be_read_anywhere(reads: list[tuple[int, int]]) -> None:
    """A read delivers the bytes from the offset on, clipped at the end, whatever was read before."""
    log = PatternLog(1, 0x12345, SIZE)
    for offset, count in reads:
        assert bytes(log.read(offset, count)) == WHOLE[offset : offset + count]


def test_values_begin_again_after_24_bits() -> None:
    """In a log of more than 128 MiB the place starts over; nothing of it is made that is not read."""
    log = PatternLog(0, 1, 16 << 40)
    place = 8 * 0xFFFFFF
    assert bytes(log.read(place, 16)) == struct.pack("<2Q", 0xA5 << 56 | 1 << 24 | 0xFFFFFF, 0xA5 << 56 | 1 << 24)


def test_what_was_read_is_not_changed_by_later_reads() -> None:
    """Delivered bytes stay what they are: a writer may keep them."""
    log = PatternLog(0, 1, SIZE)
    first = log.read(0, 100)
    log.read(150_000, 100)
    assert bytes(first) == expected(0, 1, 100)
    assert memoryview(first).readonly
