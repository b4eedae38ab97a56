# SPDX-License-Identifier: MIT
"""Making, verifying and streaming pages of a generated database, beside a bare copy and a checksum that is computed naively."""

import random
import tracemalloc
from collections.abc import Iterator
from typing import Any

from measure import Row, Subject, best, slowness
from verification import naive_checksum

import esemu
from esemu.formats.checksum import unsound_pages
from esemu.world.generated import GeneratedPages

SIZE = 8192  # bytes in a page, where nothing else is said
BYTES = 4 << 20  # of the run of pages that is copied, summed up or verified
LAST = 2**32 - 1  # of a database of 16 TiB
FIRST = 1 << 31  # where in it pages are copied and verified
PART = 1 << 20  # bytes that are made at once in a stream
MADE_MB_S = 500.0
VERIFIED_MB_S = 200.0
ZEROS = 1 << 17  # pages of a database in which nearly all repeat, 1 GiB
COPIED = 0.75  # of the speed of a bare copy is copy speed: the engine's start and the first pages are in it
OPEN_MS = 1.0
KEPT_MIB = 12.0  # 8 of them are the pages that were read last
MAIL = r"C:\data\mail.edb"


def run_of_pages(page_size: int = SIZE) -> bytes:
    """Return pages from the middle of the largest database."""
    return bytes(GeneratedPages(LAST, page_size).read(FIRST, BYTES // page_size))


def levels(page_size: int) -> dict[str, tuple[Subject, int, int]]:
    """Return what makes new pages of each level of the largest database's tree, how many at once, and how many there are."""
    source = GeneratedPages(LAST, page_size)
    source.read(1, 1)
    made = {}
    for first, last, _ in source.layout.runs:
        if count := min(PART // page_size, (last - first) // 64):
            made[f"{page_size} from {first}"] = (
                level(source, range(first, last - count, count), count),
                count,
                last - first,
            )
    return made


def level(source: GeneratedPages, places: range, count: int) -> Subject:
    """Return what makes so many pages at one place after the other, without what is kept."""
    names = {"read": source._made, "count": count}  # noqa: SLF001 - see above
    return Subject("read(next(first), count)", lambda: names | {"first": iter(places)}, 20)


def average(page_size: int, times: dict[str, float]) -> float:
    """Return the bytes that are made in a second if all pages of the largest database are."""
    found = levels(page_size)
    seconds = sum(times[name] / count * pages for name, (_, count, pages) in found.items())
    return page_size * sum(pages for _, _, pages in found.values()) / seconds


def streaming(pages: int, *, tables: Any = None) -> dict[str, Any]:
    """Return what reads a whole database of this many pages in a streaming backup."""

    def stream() -> None:
        engine = esemu.Engine()
        inst = engine.start(databases=[esemu.Database(MAIL, pages, SIZE, tables=tables)])
        engine.jet.JetBeginExternalBackupInstance(inst)
        handle = engine.jet.JetOpenFileInstance(inst, MAIL).handle
        buffer = bytearray(1 << 20)
        while engine.jet.JetReadFileInstance(inst, handle, buffer):
            pass

    return {"stream": stream}


def opening() -> dict[str, Any]:
    """Return what opens a database of 16 TiB in a backup."""

    def open_and_close() -> None:
        engine = esemu.Engine()
        inst = engine.start(databases=[esemu.Database(MAIL, LAST)])
        engine.jet.JetBeginExternalBackupInstance(inst)
        engine.jet.JetOpenFileInstance(inst, MAIL)

    return {"open_and_close": open_and_close}


def kept_of_reads() -> int:
    """Return the bytes that are kept at most while pages all over the largest database are read, its layout included."""
    places = random.Random(1).sample(range(1, LAST), 1000)
    tracemalloc.start()
    try:
        source = GeneratedPages(LAST, 4096)
        for pgno in places:
            source.read(pgno, 1)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def rows() -> Iterator[Row]:
    """Print megabytes a second, and the milliseconds that it takes to open the largest database."""
    stretch = slowness()
    run = run_of_pages()
    target = memoryview(bytearray(BYTES))
    subjects = {
        "copy": Subject("target[:] = source", lambda: {"target": target, "source": memoryview(run)}),
        "naive": Subject("checksum(page)", lambda: {"checksum": naive_checksum, "page": run[:SIZE]}, 200),
        "verify": Subject(
            "verify(run, first, size)", lambda: {"verify": unsound_pages, "run": run, "first": FIRST, "size": SIZE}, 20
        ),
        "stream": Subject("stream()", lambda: streaming(4096), 3),
        "zeros": Subject("stream()", lambda: streaming(ZEROS, tables={}), 3),
        "open": Subject("open_and_close()", opening, 50),
    }
    sizes = (4096, 8192, 16384, 32768)
    subjects |= {name: subject for size in sizes for name, (subject, _, _) in levels(size).items()}
    times = best(subjects)
    copied = BYTES / times["copy"] / 1e6
    naive = SIZE / times["naive"] / 1e6
    for size in sizes:
        speed, what = average(size, times) / 1e6, f"16 TiB made, pages of {size}"
        yield Row(what, "bare copy", copied, speed, "MB/s", MADE_MB_S / stretch, more_is_better=True)
    verified = BYTES / times["verify"] / 1e6
    yield Row(
        "pages of 8192 bytes verified",
        "naive checksum",
        naive,
        verified,
        "MB/s",
        VERIFIED_MB_S / stretch,
        more_is_better=True,
    )
    whole = (4096 + 3) * SIZE
    yield Row(
        "database streamed, all pages differ",
        "bare copy",
        copied,
        whole / times["stream"] / 1e6,
        "MB/s",
        MADE_MB_S / stretch,
        more_is_better=True,
    )
    yield Row(
        "database streamed, pages of zeros",
        "bare copy",
        copied,
        (ZEROS + 3) * SIZE / times["zeros"] / 1e6,
        "MB/s",
        COPIED * copied,
        more_is_better=True,
    )
    yield Row("1,000 pages of 16 TiB read, kept", "", None, kept_of_reads() / 2**20, "MiB", KEPT_MIB)
    yield Row("database of 16 TiB started and opened", "", None, times["open"] * 1e3, "ms", OPEN_MS * stretch)
