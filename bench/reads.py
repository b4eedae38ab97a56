# SPDX-License-Identifier: MIT
"""A read of 64 KiB into the caller's buffer, in the middle of a big database, beside the bare copy and a fake file."""

from collections.abc import Iterator
from typing import Any

from measure import Row, Subject, best, microseconds

import esemu

OVERHEAD_BUDGET_US = 0.6
DATABASE = r"C:\data\mail.edb"
CHUNK = 65536
PAGES = 1_000_000
READS = 10_000  # of the 62,500 that the database has


def in_a_file() -> dict[str, Any]:
    """Return an instance whose backup has read a part of a big database."""
    engine = esemu.Engine()
    inst = engine.start(databases={DATABASE: PAGES})
    jet, buffer = engine.jet, bytearray(CHUNK)
    jet.JetBeginExternalBackupInstance(inst, 0)
    handle = jet.JetOpenFileInstance(inst, DATABASE).handle
    for _ in range(100):
        jet.JetReadFileInstance(inst, handle, buffer)
    return {"engine": engine, "read": jet.JetReadFileInstance, "inst": inst, "handle": handle, "buffer": buffer}


def copy() -> dict[str, Any]:
    """Return a source, and a view of a target of the same size."""
    return {"source": bytes(CHUNK), "target": memoryview(bytearray(CHUNK))}


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
        "esemu": Subject("read(inst, handle, buffer)", in_a_file, READS),
        "copy of 64 KiB": Subject("target[:] = source", copy),
    }
    try:
        fake_file()
    except ImportError:
        pass
    else:
        subjects["pyfakefs"] = Subject("file.readinto(buffer) or file.seek(0)", fake_file)
    times = microseconds(best(subjects))
    budget = times["copy of 64 KiB"] + OVERHEAD_BUDGET_US
    for rival in list(subjects)[1:]:
        yield Row("JetReadFileInstance, 64 KiB", rival, times[rival], times["esemu"], "us", budget)
