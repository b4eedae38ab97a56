# SPDX-License-Identifier: MIT
"""A saved backup set to damage: what a client has on its disk after a full backup of one database."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from esemu.formats.database_header import DIRTY_SHUTDOWN, DatabaseHeader
from esemu.formats.logs import LogHeader, log_file, segment, segments_checksum
from esemu.formats.stream import header_copy, trailer
from esemu.formats.structures import Lgpos, Logtime, Signature

DATA = Path(__file__).resolve().parent.parent / "data"

Set = dict[str, bytes]
SIGN_LOG = Signature(77)


def time_of(generation: int) -> Logtime:
    """Return the time at which a log was created."""
    return Logtime(generation % 60, generation // 60 % 60, 12, 24, 12, 125)


def saved_logs(first: int, last: int, sign_log: Signature, base: str = "edb", *, segments: int = 16) -> Set:
    """Return the logs of a log stream, five of whose segments are in use, with a shadow of the last one."""
    found, checksum = {}, 0
    for generation in range(first, last + 1):
        header = LogHeader.new(
            generation=generation,
            sign_log=sign_log,
            created=time_of(generation),
            previous_created=time_of(generation - 1),
            previous_segments_checksum=checksum,
            segments=segments,
        )
        used = [
            segment(bytes([generation % 256]) * 99 * isec, generation=generation, isec=isec) for isec in range(1, 6)
        ]
        log = log_file(header, used, shadow=True)
        checksum = segments_checksum(log)
        found[f"logs/{base}{generation:05X}.log"] = log
    return found


def streamed(image: bytes, first: int, last: int, sign_log: Signature, mark: Lgpos | None = None) -> bytes:
    """Return what a backup delivers of a database file whose bytes are `image`, while logs `first` to `last` are written."""
    header = DatabaseHeader.parse(image)
    header.dbstate = DIRTY_SHUTDOWN
    header.sign_log = sign_log
    header.gen_min_required = header.gen_max_required = header.gen_max_committed = first
    mark = mark or Lgpos(last, 3, 40)
    size = header.page_size
    copy = header_copy(header, mark=mark, mark_time=time_of(last), gen_low=first, page_size=size)
    end = trailer(header, mark=mark, mark_time=time_of(last), gen_low=first, gen_current=last)
    return copy * 2 + image[2 * size :] + end


@pytest.fixture(scope="session")
def image() -> bytes:
    """Return the bytes of a database that Windows wrote."""
    return gzip.decompress((DATA / "basic.edb.gz").read_bytes())


@pytest.fixture
def full_backup(image: bytes) -> Callable[..., Set]:
    """Return a function that makes a set: mail.edb and logs 3 to 6."""

    def make(first: int = 3, last: int = 6, sign_log: Signature = SIGN_LOG) -> Set:
        return {"mail.edb": streamed(image, first, last, sign_log)} | saved_logs(first, last, sign_log)

    return make
