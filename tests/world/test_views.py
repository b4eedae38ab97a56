# SPDX-License-Identifier: MIT
"""Bytes that threads take parts of: alike with a GIL and without, where no part may be one of a view that threads share."""

import gc
import threading

import pytest

from esemu.world import views


@pytest.mark.parametrize("gil", [True, False])
@pytest.mark.parametrize(
    "data", [b"abcdef", bytearray(b"abcdef"), memoryview(b"abcdef"), memoryview(b"abcdef").cast("H")]
)
def test_parts_are_read_only_views(monkeypatch: pytest.MonkeyPatch, data: bytes, *, gil: bool) -> None:
    """They have the length and the bytes that were asked for, whatever they are taken of."""
    monkeypatch.setattr(views, "has_gil", lambda: gil)
    shared = views.shared(data)
    assert len(shared) == shared.nbytes == 6
    part = shared[2:4]
    assert bytes(part) == b"cd"
    assert part.readonly
    assert bytes(shared[:]) == b"abcdef"


def test_without_the_gil_parts_have_nothing_in_common(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one view each part is a referrer of the same buffer, which would be counted by several threads at once."""
    monkeypatch.setattr(views, "has_gil", lambda: False)
    shared = views.shared(b"abcdef")
    first, second = shared[:3], shared[3:]
    assert not {*map(id, gc.get_referents(first))} & {*map(id, gc.get_referents(second))}


def test_threads_take_parts_side_by_side() -> None:
    """However many of them do, the bytes are there until the end."""
    shared = views.shared(bytes(range(256)) * 16)

    def take() -> None:
        for at in range(0, 4_000, 8):
            assert shared[at : at + 8][0] == at % 256

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bytes(shared[:256]) == bytes(range(256))
