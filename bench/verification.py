# SPDX-License-Identifier: MIT
"""The verdict on a saved set, in bytes of databases per second, beside a plain copy and a naive checksum of the same pages."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from measure import Row, Subject, best, microseconds, slowness

import esemu

BUDGET_MB = 200
"""At pages of 8 KiB, all different, with everything that is looked at: checksums, contents, trees, logs."""
BYTES = 16 << 20
FILES = 20_000
DATABASE = r"C:\data\mail.edb"
PAGE_SIZES = (4096, 8192, 16384, 32768)


def saved_set(page_size: int) -> dict[str, bytes]:
    """Return a set of one database and a log, read in large reads."""
    engine = esemu.Engine()
    inst = engine.start(databases={DATABASE: BYTES // page_size}, page_size=page_size)
    jet, buffer = engine.jet, bytearray(1 << 20)
    jet.JetBeginExternalBackupInstance(inst, 0)

    def read(name: str) -> bytes:
        content = bytearray()
        file = jet.JetOpenFileInstance(inst, name)
        while count := jet.JetReadFileInstance(inst, file.handle, buffer):
            content += memoryview(buffer)[:count]
        jet.JetCloseFileInstance(inst, file.handle)
        return bytes(content)

    saved = {name: read(name) for name in jet.JetGetAttachInfoInstance(inst)}
    return saved | {name: read(name) for name in jet.JetGetLogInfoInstance(inst)}


def verified(page_size: int) -> dict[str, Any]:
    """Return a set and the function that verifies it."""
    saved = saved_set(page_size)
    assert esemu.verify(saved).restorable, str(esemu.verify(saved))
    return {"verify": esemu.verify, "saved": saved}


def summed(page_size: int) -> dict[str, Any]:
    """Return the same bytes, page by page, and a checksum as anybody would write it first."""
    files = saved_set(page_size).values()
    pages = [file[at : at + page_size] for file in files for at in range(0, len(file), page_size)]
    return {"pages": pages, "checksum": naive_checksum}


def naive_checksum(page: bytes) -> int:
    """Return XOR and ECC of a page taken as one integer: halve it, add the halves, and note the upper one's parity."""
    rest = int.from_bytes(page, "little")
    width, position = len(page) * 8, 0
    while width > 32:
        width //= 2
        upper = rest >> width
        position = position << 1 | upper.bit_count() & 1
        rest = rest & (1 << width) - 1 ^ upper
    return position << 32 | rest


def copied(page_size: int) -> dict[str, Any]:
    """Return the same bytes, and a view of a target of the same size."""
    source = b"".join(saved_set(page_size).values())
    return {"source": source, "target": memoryview(bytearray(len(source)))}


def many_files() -> dict[str, Any]:
    """Return a folder's worth of files that do not belong to any set."""
    return {"verify": esemu.verify, "saved": {f"{number}.txt": b"text" for number in range(FILES)}}


def rows() -> Iterator[Row]:
    """Time verdicts."""
    for page_size in PAGE_SIZES:
        megabytes = sum(map(len, saved_set(page_size).values())) / 1e6
        subjects = {
            "esemu": Subject("verify(saved)", partial(verified, page_size), 1),
            "naive checksum": Subject("[checksum(page) for page in pages]", partial(summed, page_size), 1),
            "memoryview copy": Subject("target[:] = source", partial(copied, page_size), 10),
        }
        seconds = best(subjects)
        speeds = {name: megabytes / seconds[name] for name in subjects}
        budget = BUDGET_MB / slowness(microseconds(seconds)) if page_size == 8192 else None
        for rival in ("naive checksum", "memoryview copy"):
            what = f"set verified, pages of {page_size // 1024} KiB"
            yield Row(what, rival, speeds[rival], speeds["esemu"], "MB/s", budget, more_is_better=True)
    times = microseconds(best({"files": Subject("verify(saved)", many_files, 1)}))
    yield Row("each of many foreign files", "", None, times["files"] / FILES, "us")
