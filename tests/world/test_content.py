# SPDX-License-Identifier: MIT
"""Contents of files: every kind reads as the bytes that it stands for."""

from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from esemu.world.content import EMPTY, BytesContent, PieceContent, ZeroContent, unchanging
from esemu.world.views import has_gil


def in_pieces(data: bytes) -> PieceContent:
    """Return a content that was written three bytes at a time."""
    content = PieceContent()
    for start in range(0, len(data), 3):
        content.append(data[start : start + 3])
    return content


@pytest.mark.parametrize("make", [BytesContent, in_pieces])
@given(data=st.binary(max_size=40), offset=st.integers(0, 50), count=st.integers(0, 50))
def test_a_content_reads_as_its_bytes(
    make: Callable[[bytes], BytesContent | PieceContent], data: bytes, offset: int, count: int
) -> None:
    """A read delivers the bytes from the offset on, clipped at the end, whatever was read before."""
    content = make(data)
    assert content.size == len(data)
    assert bytes(content.read(offset, count)) == data[offset : offset + count]
    assert bytes(content.read(0, content.size)) == data


@pytest.mark.parametrize(("offset", "delivered"), [(0, 10), (16 << 40, 0), ((16 << 40) - 4, 4), ((16 << 40) + 1, 0)])
def test_a_file_of_16_tib_takes_no_memory(offset: int, delivered: int) -> None:
    """Zeros are made when they are read."""
    content = ZeroContent(16 << 40)
    assert content.size == 16 << 40
    assert content.read(offset, 10) == bytes(delivered)


def test_a_file_may_be_empty() -> None:
    """The empty content has no bytes."""
    assert EMPTY.size == 0
    assert bytes(EMPTY.read(0, 10)) == b""


@given(st.lists(st.binary(max_size=5)), st.lists(st.binary(max_size=5)))
def test_pieces_may_be_appended_after_a_read(before: list[bytes], after: list[bytes]) -> None:
    """What is written after a read is read too."""
    content = PieceContent()
    for piece in before:
        content.append(piece)
    assert bytes(content.read(0, 99)) == b"".join(before)[:99]
    for piece in after:
        content.append(memoryview(piece))
    assert content.size == len(b"".join(before + after))
    assert bytes(content.read(0, content.size)) == b"".join(before + after)


def test_a_buffer_may_be_used_again_after_it_was_written() -> None:
    """What can change is copied; what cannot is not."""
    buffer = bytearray(b"first")
    whole, pieces = BytesContent(buffer), PieceContent()
    pieces.append(buffer)
    pieces.append(memoryview(buffer))
    buffer[:] = b"other"
    assert bytes(whole.read(0, 5)) == b"first"
    assert bytes(pieces.read(0, 10)) == b"firstfirst"
    constant = b"constant"
    assert unchanging(constant)[:].obj is constant
    assert (unchanging(memoryview(constant))[:].obj is constant) == has_gil()


def test_values_of_any_width_are_bytes() -> None:
    """A view of wider values counts as its bytes."""
    wide = memoryview(bytes(8)).cast("I")
    content = PieceContent()
    content.append(wide)
    assert content.size == BytesContent(wide).size == 8
