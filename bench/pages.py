# SPDX-License-Identifier: MIT
"""Making, verifying and streaming pages of a generated database, beside a bare copy and a checksum that is computed naively."""

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
FIRST = 1 << 31  # where in it the pages are taken from: its leaves, which are all but one page in 128 or less
MADE_MB_S = 500.0
VERIFIED_MB_S = 200.0
OPEN_MS = 1.0
MAIL = r"C:\data\mail.edb"


def run_of_pages(page_size: int = SIZE) -> bytes:
    """Return pages from the middle of the largest database."""
    return bytes(GeneratedPages(LAST, page_size).read(FIRST, BYTES // page_size))


def making(page_size: int) -> dict[str, Any]:
    """Return a source that has been read once, and where the next pages are."""
    source = GeneratedPages(LAST, page_size)
    source.read(FIRST, 1)
    return {"read": source._made, "first": iter(range(FIRST, LAST, BYTES // page_size)), "count": BYTES // page_size}  # noqa: SLF001 - without what is kept


def made(page_size: int) -> Subject:
    """Return what makes a run of new pages."""
    return Subject("read(next(first), count)", lambda: making(page_size), 20)


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
        "zeros": Subject("stream()", lambda: streaming(4096, tables={}), 5),
        "open": Subject("open_and_close()", opening, 50),
    }
    sizes = (4096, 8192, 16384, 32768)
    subjects |= {f"made {size}": made(size) for size in sizes}
    times = best(subjects)
    copied = BYTES / times["copy"] / 1e6
    naive = SIZE / times["naive"] / 1e6
    for size in sizes:
        speed = BYTES / times[f"made {size}"] / 1e6
        yield Row(
            f"pages of {size} bytes made", "bare copy", copied, speed, "MB/s", MADE_MB_S / stretch, more_is_better=True
        )
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
    yield Row("database streamed, pages of zeros", "bare copy", copied, whole / times["zeros"] / 1e6, "MB/s")
    yield Row("database of 16 TiB started and opened", "", None, times["open"] * 1e3, "ms", OPEN_MS * stretch)
