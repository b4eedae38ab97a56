# SPDX-License-Identifier: MIT
"""A database that Windows wrote is streamed up to its trailer, from wherever it comes and with a buffer of any size."""

import gzip
from pathlib import Path

import pytest

import esemu
from esemu.formats.database_header import DatabaseHeader
from esemu.formats.stream import parse_trailer, trailer_error

DATA = Path(__file__).resolve().parent.parent / "data"
PATH = r"C:\shared\real.edb"
SMALL, LARGE = "basic.edb.gz", "large-first-12-pages.edb.gz"  # pages of 4 and of 32 KiB
WAYS = [(SMALL, "bytes"), (SMALL, "file"), (SMALL, "mounted folder"), (LARGE, "bytes"), (LARGE, "file")]
"""A file that lacks most of its pages, as the large one does, is refused where it is attached from a folder."""


@pytest.fixture(params=WAYS, ids=" ".join)
def way(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Return which database is streamed, and where it comes from."""
    return request.param


@pytest.fixture
def real(way: tuple[str, str]) -> bytes:
    """Return the file of the database."""
    return gzip.decompress((DATA / way[0]).read_bytes())


@pytest.fixture
def inst(way: tuple[str, str], engine: esemu.Engine, real: bytes, tmp_path: Path) -> esemu.Instance:
    """Return an instance that has the database attached."""
    (tmp_path / "real.edb").write_bytes(real)
    if way[1] == "mounted folder":
        engine.disk.mount(r"C:\shared", tmp_path, writable=True)
        return engine.start({PATH: None}, generations=6, checkpoint=4)
    if way[1] == "file":
        database = esemu.Database.from_file(tmp_path / "real.edb", PATH)
    else:
        database = esemu.Database(PATH, source=real)
    return engine.start([database], generations=6, checkpoint=4)


def reads(engine: esemu.Engine, inst: esemu.Instance, size: int) -> list[bytes]:
    """Return what each read of the database delivers into a buffer of this many bytes."""
    jet, found, buffer = engine.jet, [], bytearray(size)
    jet.JetBeginExternalBackupInstance(inst, 0)
    file = jet.JetOpenFileInstance(inst, PATH)
    while count := jet.JetReadFileInstance(inst, file.handle, buffer):
        found.append(bytes(buffer[:count]))
    jet.JetCloseFileInstance(inst, file.handle)
    jet.JetEndExternalBackupInstance2(inst, 1)
    assert sum(map(len, found)) == file.size
    return found


def test_a_stream_ends_with_a_trailer(engine: esemu.Engine, inst: esemu.Instance, real: bytes) -> None:
    """With any buffer come both headers, every page of the file, and a trailer that belongs to them.

    The trailer needs room beyond the last page.  Where pages end with the buffer it comes alone, with one more read.
    """
    page_size = int.from_bytes(real[236:240], "little")
    file_pages = len(real) // page_size
    for pages in {3, 4, 5, 6, file_pages // 2, *range(file_pages - 1, file_pages + 3)}:
        parts = reads(engine, inst, pages * page_size)
        stream = b"".join(parts)
        assert len(stream) == len(real) + page_size
        assert stream[:page_size] == stream[page_size : 2 * page_size]
        assert stream[2 * page_size : -page_size] == real[2 * page_size :]
        whole, rest = divmod(file_pages, pages)
        assert [len(part) // page_size for part in parts] == [pages] * whole + [rest + 1]
        check_trailer(stream, page_size)


def check_trailer(stream: bytes, page_size: int) -> None:
    """Check that the trailer says what the header does, and where the backup ended."""
    header, page = DatabaseHeader.parse(stream), stream[-page_size:]
    assert trailer_error(page, header) == 0
    trailer = parse_trailer(page)
    assert (trailer.sign_db, trailer.sign_log) == (header.sign_db, header.sign_log)
    assert (trailer.bkinfo.gen_low, trailer.bkinfo.gen_high) == (4, 6)
    assert (header.bkinfo_full_cur.gen_low, header.bkinfo_full_cur.gen_high) == (4, 0)
    assert not any(page[148:])
