# SPDX-License-Identifier: MIT
"""A read of 64 KiB into the caller's buffer, in the middle of a big database, beside the bare copy and a fake file."""

from collections.abc import Iterator
from typing import Any

from measure import Row, Subject, best, microseconds, slowness

import esemu

OVERHEAD_BUDGET_US = 0.6
DATABASE = r"C:\data\mail.edb"
CHUNK = 65536
PAGES = 100_000
READS = 5_000  # of the 6,250 that the database has
BUFFER = bytearray(CHUNK)  # of all


class OneBlock:
    """Pages that are the same 64 KiB over and over, in memory that was written: what is left to measure is the call and the copy."""

    header = None
    sound = True
    made = memoryview(b"esemu   " * (CHUNK // 8))

    def __init__(self) -> None:
        self.page_size = 4096
        self.block = self.made

    def read(self, first: int, count: int) -> memoryview:
        """Return as much of the block as is asked for."""
        return self.block[: count * self.page_size]

    def check(self, first: int, count: int) -> int:
        """Find nothing."""
        return 0


def in_memory() -> dict[str, Any]:
    """Return an instance whose backup reads pages that lie in memory, and in the processor's cache."""
    return in_a_file([esemu.Database(DATABASE, PAGES, source=OneBlock())])


def made_on_demand() -> dict[str, Any]:
    """Return an instance whose backup reads a database whose pages are all different, and made when they are read."""
    return in_a_file({DATABASE: PAGES})


def in_a_file(databases: Any) -> dict[str, Any]:
    """Return an instance whose backup has read a part of a database."""
    engine = esemu.Engine()
    inst = engine.start(databases=databases)
    jet = engine.jet
    jet.JetBeginExternalBackupInstance(inst, 0)
    handle = jet.JetOpenFileInstance(inst, DATABASE).handle
    for _ in range(10):
        jet.JetReadFileInstance(inst, handle, BUFFER)
    return {"engine": engine, "read": jet.JetReadFileInstance, "inst": inst, "handle": handle, "buffer": BUFFER}


def copy() -> dict[str, Any]:
    """Return the pages, and a view of the buffer that they are read into: how fast a copy is depends on where both lie."""
    return {"source": OneBlock.made, "target": memoryview(BUFFER)}


def fake_file() -> dict[str, Any]:
    """Return a file of pyfakefs."""
    from pyfakefs.fake_filesystem import FakeFilesystem  # noqa: PLC0415 - optional
    from pyfakefs.fake_open import FakeFileOpen  # noqa: PLC0415 - optional

    filesystem = FakeFilesystem()
    filesystem.create_file("/mail.edb", contents=bytes(256 * CHUNK))
    file = FakeFileOpen(filesystem)("/mail.edb", "rb")
    return {"filesystem": filesystem, "file": file, "buffer": bytearray(CHUNK)}


def rows() -> Iterator[Row]:
    """Time reads."""
    subjects = {
        "in memory": Subject("read(inst, handle, buffer)", in_memory, READS),
        "made on demand": Subject("read(inst, handle, buffer)", made_on_demand, READS),
        "copy of 64 KiB": Subject("target[:] = source", copy),
    }
    try:
        fake_file()
    except ImportError:
        pass
    else:
        subjects["pyfakefs"] = Subject("file.readinto(buffer) or file.seek(0)", fake_file)
    times = microseconds(best(subjects))
    budget = times["copy of 64 KiB"] + OVERHEAD_BUDGET_US * slowness(times)
    for rival in list(subjects)[2:]:
        yield Row("64 KiB read, pages in memory", rival, times[rival], times["in memory"], "us", budget)
    yield Row(
        "64 KiB read, pages made on demand", "copy of 64 KiB", times["copy of 64 KiB"], times["made on demand"], "us"
    )
