# SPDX-License-Identifier: MIT
"""The bytes of a backup: what a client reads through `engine.jet`, and what JetBackupInstance writes by itself."""

import array
import ctypes
import gzip
import mmap
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import esemu
from esemu.formats.checksum import header_error
from esemu.formats.database_header import DIRTY_SHUTDOWN, DatabaseHeader
from esemu.formats.stream import parse_trailer, trailer_error
from esemu.vocabulary.exceptions import ReadVerifyFailureError

DATA = Path(__file__).parent.parent / "data"
MAIL = r"C:\data\mail.edb"
REAL = {"basic.edb": 4096, "multi.edb": 4096, "Current.mdb": 4096, "large-first-12-pages.edb": 32768}


def unpacked(name: str) -> bytes:
    """Return a real database file."""
    return gzip.decompress((DATA / f"{name}.gz").read_bytes())


def host_file(folder: Path, name: str) -> Path:
    """Put a real database file on the host."""
    (folder / name).write_bytes(unpacked(name))
    return folder / name


def pieces(engine: esemu.Engine, inst: esemu.Instance, path: str, size: int) -> Iterator[bytes]:
    """Copy a file of a backup as a client does."""
    handle = engine.jet.JetOpenFileInstance(inst, path).handle
    buffer = bytearray(size)
    while count := engine.jet.JetReadFileInstance(inst, handle, buffer):
        yield bytes(buffer[:count])
    engine.jet.JetCloseFileInstance(inst, handle)


def streamed(engine: esemu.Engine, inst: esemu.Instance, path: str, size: int = 1 << 18) -> bytes:
    """Return all that a client reads of a file."""
    return b"".join(pieces(engine, inst, path, size))


def described(kind: str, folder: Path) -> esemu.Database:
    """Return a database of one of the kinds that there are."""
    if kind == "pattern":
        return esemu.Database(MAIL, 300)
    if kind == "bytes":
        return esemu.Database(MAIL, source=bytes(range(256)) * 16 * 9)
    return esemu.Database.from_file(host_file(folder, kind), MAIL)


@pytest.mark.parametrize("kind", ["pattern", "bytes", *REAL])
@pytest.mark.parametrize("pages_a_read", [3, 4, 64])
def test_a_database_is_headers_pages_and_trailer(kind: str, pages_a_read: int, tmp_path: Path) -> None:
    """A stream is the header twice, every page as it is in the file, and a trailer that belongs to the header."""
    engine = esemu.Engine()
    inst = engine.start(databases=[described(kind, tmp_path)], generations=8, checkpoint=5)
    engine.jet.JetBeginExternalBackupInstance(inst)
    size = engine.process.page_size
    opened = engine.jet.JetOpenFileInstance(inst, MAIL)
    engine.jet.JetCloseFileInstance(inst, opened.handle)
    stream = streamed(engine, inst, MAIL, pages_a_read * size)
    assert len(stream) == opened.size
    first, second, pages, trailer = stream[:size], stream[size : 2 * size], stream[2 * size : -size], stream[-size:]
    assert first == second
    assert pages == engine.disk.read(MAIL)[2 * size :]
    assert (header_error(first), trailer_error(trailer, DatabaseHeader.parse(first))) == (0, 0)


def test_the_header_of_a_stream_says_where_the_backup_began(engine: esemu.Engine) -> None:
    """The header copy is of an attached database, with the checkpoint's generation as the first and no last one yet."""
    inst = engine.start(databases={MAIL: 20}, generations=8, checkpoint=5)
    engine.jet.JetBeginExternalBackupInstance(inst)
    inst.roll_log(2)
    stream = streamed(engine, inst, MAIL)
    header, trailer = DatabaseHeader.parse(stream[:4096]), parse_trailer(stream[-4096:])
    assert (header.dbstate, header.page_size) == (DIRTY_SHUTDOWN, 4096)
    assert (header.bkinfo_full_cur.gen_low, header.bkinfo_full_cur.gen_high) == (5, 0)
    assert (trailer.bkinfo.gen_low, trailer.bkinfo.gen_high) == (5, 10)
    assert header.bkinfo_full_cur.mark == trailer.bkinfo.mark
    assert header.bkinfo_full_cur.mark.generation == 8


@pytest.mark.parametrize("name", REAL)
def test_the_pages_of_a_real_file_are_those_of_the_file(name: str, tmp_path: Path) -> None:
    """A real database keeps its signature and its pages, byte for byte, whatever is streamed around them."""
    image, size = unpacked(name), REAL[name]
    engine = esemu.Engine()
    inst = engine.start(databases=[esemu.Database.from_file(host_file(tmp_path, name), MAIL)])
    engine.jet.JetBeginExternalBackupInstance(inst)
    stream = streamed(engine, inst, MAIL)
    assert stream[2 * size : -size] == image[2 * size :]
    assert DatabaseHeader.parse(stream).sign_db == DatabaseHeader.parse(image).sign_db


def test_logs_are_streamed_as_they_are(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """A log is as many bytes as its file, and the same."""
    engine.jet.JetBeginExternalBackupInstance(inst)
    names = engine.jet.JetGetLogInfoInstance(inst)
    assert names == [rf"C:\logs\edb0000{generation}.log" for generation in (3, 4, 5)]
    for name in names:
        assert streamed(engine, inst, name) == engine.disk.read(name)


def flip(file: Path, offset: int, *bits: int) -> None:
    """Turn bits of a byte over."""
    data = bytearray(file.read_bytes())
    for bit in bits:
        data[offset] ^= 1 << bit
    file.write_bytes(data)


def test_a_damaged_page_leaves_its_database_out(tmp_path: Path) -> None:
    """A page that does not verify ends the copy of its database after 17 attempts; the backup and the rest go on."""
    file = host_file(tmp_path, "multi.edb")
    data = bytearray(file.read_bytes())
    data[6 * 4096 : 6 * 4096 + 64] = bytes(range(64))
    file.write_bytes(data)
    engine = esemu.Engine()
    inst = engine.start(databases=[esemu.Database.from_file(file, MAIL), esemu.Database(r"C:\data\b.edb", 5)])
    engine.jet.JetBeginExternalBackupInstance(inst)
    with pytest.raises(ReadVerifyFailureError):
        streamed(engine, inst, MAIL)
    assert engine.clock.now_ms == 13_600
    assert [event.name for event in engine.events][-2:] == [
        "BACKUP_ERROR_FOR_ONE_DATABASE",
        "BACKUP_FILE_STOP_BEFORE_END",
    ]
    assert len(streamed(engine, inst, r"C:\data\b.edb")) == 8 * 4096
    engine.jet.JetGetLogInfoInstance(inst)
    engine.jet.JetEndExternalBackupInstance(inst)
    assert list(engine.events)[-1].name == "STOP_BACKUP_INSTANCE_ID"


def test_a_page_that_is_mended_in_time_is_read(tmp_path: Path) -> None:
    """Each attempt reads the file again: a page that is good by then is delivered."""
    file = host_file(tmp_path, "multi.edb")
    image = file.read_bytes()
    file.write_bytes(image[: 6 * 4096] + bytes(range(256)) * 16 + image[7 * 4096 :])
    engine = esemu.Engine()
    inst = engine.start(databases=[esemu.Database.from_file(file, MAIL)])
    engine.clock.call_at(5_000, lambda: file.write_bytes(image))
    engine.jet.JetBeginExternalBackupInstance(inst)
    assert streamed(engine, inst, MAIL)[2 * 4096 : -4096] == image[2 * 4096 :]
    assert engine.clock.now_ms == 5_500


def test_a_single_flipped_bit_is_repaired_on_the_way(tmp_path: Path) -> None:
    """What a client gets of a page with one wrong bit is the good page; the file stays as it is."""
    file = host_file(tmp_path, "multi.edb")
    good = file.read_bytes()
    flip(file, 6 * 4096 + 1000, 3)
    engine = esemu.Engine()
    inst = engine.start(databases=[esemu.Database.from_file(file, MAIL)])
    engine.jet.JetBeginExternalBackupInstance(inst)
    assert streamed(engine, inst, MAIL)[2 * 4096 : -4096] == good[2 * 4096 :]
    assert file.read_bytes() != good
    assert engine.clock.now_ms == 0


def numbers(size: int) -> Any:
    """Return a buffer of 32-bit numbers."""
    return array.array("I", bytes(size))


def table(size: int) -> Any:
    """Return a buffer of two dimensions."""
    return memoryview(bytearray(size)).cast("B", (4, size // 4))


class Pair(ctypes.Structure):
    """Eight bytes of the API's kind."""

    _fields_ = (("low", ctypes.c_uint32), ("high", ctypes.c_uint32))


@pytest.mark.parametrize(
    "make",
    [
        bytearray,
        lambda size: memoryview(bytearray(size)),
        lambda size: mmap.mmap(-1, size),
        ctypes.create_string_buffer,
        lambda size: (Pair * (size // 8))(),
        numbers,
        table,
    ],
    ids=["bytearray", "memoryview", "mmap", "char array", "structures", "numbers", "table"],
)
def test_any_writable_buffer_takes_a_read(make: Callable[[int], Any], engine: esemu.Engine) -> None:
    """Bytes are read into a buffer of any format and shape, as far as they go, and the rest of it stays as it is."""
    inst = engine.start(databases={MAIL: 20})
    engine.jet.JetBeginExternalBackupInstance(inst)
    handle = engine.jet.JetOpenFileInstance(inst, MAIL).handle
    buffer = make(16 * 4096)
    counts = [engine.jet.JetReadFileInstance(inst, handle, buffer) for _ in range(3)]
    assert counts == [16 * 4096, 7 * 4096, 0]
    data = memoryview(buffer).tobytes()
    assert data[: 6 * 4096] == engine.disk.read(MAIL)[-6 * 4096 :]
    assert data[7 * 4096 :] == engine.disk.read(MAIL)[7 * 4096 : 16 * 4096]


def test_cb_limits_what_is_read(engine: esemu.Engine, inst: esemu.Instance, reading: int) -> None:
    """With cb a read takes the front of a larger buffer, and leaves the rest alone."""
    buffer = bytearray(b"\xff" * 65536)
    assert engine.jet.JetReadFileInstance(inst, reading, buffer, 3 * 4096) == 3 * 4096
    assert buffer[3 * 4096 :] == b"\xff" * (65536 - 3 * 4096)


def test_the_engine_writes_a_backup_set_by_itself(engine: esemu.Engine, inst: esemu.Instance, tmp_path: Path) -> None:
    """JetBackupInstance writes what a client would have read: databases with headers and trailer, logs, patch files."""
    engine.disk.create_folders(r"D:\backup")
    status: list[tuple[int, int]] = []
    engine.jet.JetBackupInstance(inst, r"D:\backup", 0, lambda *told: status.append(told))
    written = {path: size for path, size in engine.disk.tree().items() if path.startswith("D:\\backup\\")}
    assert set(written) == {
        rf"D:\backup\{name}"
        for name in (
            *("mail.edb", "calendar.edb", "mail.pat", "calendar.pat"),
            *("edb00003.log", "edb00004.log", "edb00005.log"),
        )
    }
    copy = engine.disk.read(r"D:\backup\mail.edb")
    assert copy[2 * 4096 : -4096] == engine.disk.read(MAIL)[2 * 4096 :]
    assert copy[:4096] == copy[4096:8192]
    assert (header_error(copy[:4096]), trailer_error(copy[-4096:], DatabaseHeader.parse(copy))) == (0, 0)
    assert engine.disk.read(r"D:\backup\edb00005.log") == engine.disk.read(r"C:\logs\edb00005.log")
    assert written[r"D:\backup\mail.pat"] == 0
    assert status == [(5, 0), (6, 100)]


def test_a_new_database_is_restorable(engine: esemu.Engine) -> None:
    """What a client saves of an engine of which nothing but a number of pages was said is a set that verify accepts."""
    inst = engine.start(databases={MAIL: 300}, generations=3)
    engine.jet.JetBeginExternalBackupInstance(inst)
    saved = {"mail.edb": streamed(engine, inst, MAIL)}
    for path in engine.jet.JetGetLogInfoInstance(inst):
        saved[path.rpartition("\\")[2]] = streamed(engine, inst, path)
    engine.jet.JetEndExternalBackupInstance(inst)
    assert esemu.verify(saved).restorable


def test_a_database_changes_while_it_is_read(engine: esemu.Engine) -> None:
    """A page that is written behind the reader is delivered as it was, one before it as it is then; so is growth."""
    inst = engine.start(databases={MAIL: 300})
    before = engine.disk.read(MAIL)
    engine.jet.JetBeginExternalBackupInstance(inst)
    handle = engine.jet.JetOpenFileInstance(inst, MAIL).handle
    buffer = bytearray(100 * 4096)
    first = bytes(buffer[: engine.jet.JetReadFileInstance(inst, handle, buffer)])
    inst.write_page(MAIL, 50)
    inst.write_page(MAIL, 250)
    inst.write_page(MAIL, 251, b"x" * 4096)
    rest = b""
    while count := engine.jet.JetReadFileInstance(inst, handle, buffer):
        rest += bytes(buffer[:count])
    stream = first + rest
    at = 251 * 4096
    assert stream[2 * 4096 : at] == before[2 * 4096 : at]
    assert stream[at : at + 4096] != before[at : at + 4096]
    assert stream[at + 4096 : at + 8192] == b"x" * 4096
    assert stream[at + 8192 : -4096] == before[at + 8192 :]
    header = DatabaseHeader.parse(engine.disk.read(MAIL))
    assert header.dbtime_dirtied == DatabaseHeader.parse(stream).dbtime_dirtied + 3 == 0x43
    inst.grow(MAIL, 40)
    assert len(engine.disk.read(MAIL)) == (342) * 4096
    with pytest.raises(LookupError):
        inst.write_page(r"C:\\none.edb", 1)


def test_pages_of_others_cannot_be_written(engine: esemu.Engine) -> None:
    """Bytes and files that a test brings stay as they are."""
    inst = engine.start(databases=[esemu.Database(MAIL, source=bytes(4096 * 9))])
    with pytest.raises(esemu.NotEmulated):
        inst.write_page(MAIL, 1)


def test_the_largest_database_opens_like_a_small_one() -> None:
    """Starting, beginning a backup and opening a database of 16 TiB takes as many calls as with 100 pages, and makes no page."""
    counts, sources = [], []
    for pages in (100, 100, 2**32 - 1):  # the first one imports what there is to import
        calls: list[str] = []
        sys.setprofile(lambda frame, event, argument, calls=calls: calls.append(event))  # type: ignore[misc]
        try:
            engine = esemu.Engine()
            inst = engine.start(databases={MAIL: pages})
            engine.jet.JetBeginExternalBackupInstance(inst)
            size = engine.jet.JetOpenFileInstance(inst, MAIL).size
        finally:
            sys.setprofile(None)
        assert size == (pages + 3) * 4096
        counts.append(len(calls))
        sources.append(inst.state.databases[0].pages)
    assert counts[1] == counts[2]
    assert all(source._layout is None for source in sources)  # type: ignore[attr-defined] # nobody asked where anything lies


def test_a_description_brings_its_tables(engine: esemu.Engine) -> None:
    """The tables of a description are in the file, which has as many pages as they take unless it says more."""
    tables = {"mail": esemu.Table({"Id": "Long", "Text": "Text"}, [(1, "one"), (2, "two")])}
    engine.start(databases=[esemu.Database(MAIL, tables=tables), esemu.Database(r"C:\data\b.edb", 500, tables=tables)])
    assert len(engine.disk.read(MAIL)) == (31 + 2) * 4096
    assert len(engine.disk.read(r"C:\data\b.edb")) == 502 * 4096
    assert "one".encode("utf-16-le") in engine.disk.read(MAIL)
