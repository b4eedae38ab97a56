# SPDX-License-Identifier: MIT
"""`Database`: what it is made of, what it settles by itself, and what its header remembers."""

import gzip
from pathlib import Path
from typing import Any

import pytest

import esemu
from esemu.formats.database_header import CLEAN_SHUTDOWN, DIRTY_SHUTDOWN, DatabaseHeader
from esemu.formats.structures import Bkinfo, Lgpos, Logtime
from esemu.vocabulary.exceptions import MissingFullBackupError
from esemu.vocabulary.grbits import JET_bitBackupIncremental
from esemu.world.pages import PatternPages

DATA = Path(__file__).parent.parent / "data"
MAIL = r"C:\data\mail.edb"
FULL = Bkinfo(Lgpos(7, 12, 345), Logtime(1, 2, 3, 4, 5, 118, 678, is_utc=True, is_snapshot=True), 5, 9)


@pytest.fixture
def host_file(tmp_path: Path) -> Path:
    """Put a real database file on the host."""
    file = tmp_path / "basic.edb"
    file.write_bytes(gzip.decompress((DATA / "basic.edb.gz").read_bytes()))
    return file


@pytest.fixture
def with_backup(host_file: Path) -> Path:
    """Write a full backup into its header."""
    data = bytearray(host_file.read_bytes())
    header = DatabaseHeader.parse(data[:4096])
    header.bkinfo_full_prev = FULL
    data[:4096] = data[4096:8192] = header.to_bytes()
    host_file.write_bytes(data)
    return host_file


def header_on_disk(engine: esemu.Engine, path: str) -> DatabaseHeader:
    """Return the header in a file of the virtual disk."""
    return DatabaseHeader.parse(engine.disk.read(path)[:4096])


def test_nothing_said_is_a_pattern_of_100_pages(engine: esemu.Engine) -> None:
    """A path alone describes 100 pages of the engine's page size."""
    inst = engine.start(databases=[esemu.Database(MAIL)])
    assert (inst.state.databases[0].last_page, inst.state.databases[0].page_size) == (100, 4096)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_are_pages(engine: esemu.Engine, kind: Any) -> None:
    """Bytes are as many pages as they are long, and are taken as they were at that moment."""
    data = bytearray(range(256)) * 48
    database = esemu.Database(MAIL, source=kind(data))
    data[:] = bytes(len(data))
    engine.start(databases=[database])
    assert database.pages == 3
    assert engine.disk.read(MAIL)[8192:] == bytes(range(256)) * 48


def in_use(file: bytes, image: bytes) -> None:
    """Assert that a file is this image with the header of a database that somebody has attached."""
    header, before = DatabaseHeader.parse(file), DatabaseHeader.parse(image)
    assert (header.dbstate, before.dbstate) == (DIRTY_SHUTDOWN, CLEAN_SHUTDOWN)
    assert header.sign_db == before.sign_db
    assert file[:4096] == file[4096:8192]
    assert file[8192:] == image[8192:]


def test_bytes_of_a_database_file_are_one(engine: esemu.Engine, host_file: Path) -> None:
    """Bytes that begin with a database header say their page size, and page 1 comes behind two headers, dirty ones now."""
    image = host_file.read_bytes()
    database = esemu.Database(MAIL, source=image)
    engine.start(databases=[database])
    assert (database.pages, database.page_size) == (len(image) // 4096 - 2, 4096)
    in_use(engine.disk.read(MAIL), image)


def test_a_host_file_is_found_by_its_name(engine: esemu.Engine, host_file: Path) -> None:
    r"""A real database lies at C:\data\ under its own name, and has the pages that it has on the host."""
    engine.start(databases=[esemu.Database.from_file(host_file)])
    in_use(engine.disk.read(r"C:\data\basic.edb"), host_file.read_bytes())


def test_fewer_pages_than_the_source_has_can_be_asked_for(engine: esemu.Engine, host_file: Path) -> None:
    """With `pages` a database is as long as that, whatever the source has."""
    inst = engine.start(databases=[esemu.Database.from_file(host_file, MAIL, pages=3)])
    assert inst.state.databases[0].last_page == 3


def test_backups_in_the_header_of_a_host_file_count(engine: esemu.Engine, with_backup: Path) -> None:
    """The full backup that the header of a real file remembers is the one that an incremental one follows."""
    inst = engine.start(databases=[esemu.Database.from_file(with_backup, MAIL)], generations=11)
    record = inst.state.databases[0].full_previous
    assert (record.low, record.high) == (5, 9)
    engine.jet.JetBeginExternalBackupInstance(inst, JET_bitBackupIncremental)


def test_a_backup_that_nobody_replaced_stays_in_the_header_byte_for_byte(
    engine: esemu.Engine, with_backup: Path
) -> None:
    """Attaching a real file does not change a bit of the backup in its header, flags of the time included."""
    engine.start(databases=[esemu.Database.from_file(with_backup, MAIL)])
    assert header_on_disk(engine, MAIL).bkinfo_full_prev == FULL


def test_a_new_backup_takes_the_place_of_the_one_in_the_header(engine: esemu.Engine, with_backup: Path) -> None:
    """After a full backup with truncation the header has its generations."""
    inst = engine.start(databases=[esemu.Database.from_file(with_backup, MAIL)], generations=12, checkpoint=11)
    engine.jet.JetBackupInstance(inst, r"C:\app")
    assert header_on_disk(engine, MAIL).bkinfo_full_prev.gen_low == 11
    assert header_on_disk(engine, MAIL).bkinfo_full_prev.gen_high == 12


def test_a_description_may_give_the_backups(engine: esemu.Engine) -> None:
    """full_backup and incremental_backup stand in the header, so that an incremental backup can begin."""
    described = esemu.Database(MAIL, 5, full_backup=(1, 3), incremental_backup=(2, 4))
    inst = engine.start(databases=[described], generations=6)
    engine.jet.JetBeginExternalBackupInstance(inst, JET_bitBackupIncremental)
    header = header_on_disk(engine, MAIL)
    assert (header.bkinfo_full_prev.gen_low, header.bkinfo_full_prev.gen_high) == (1, 3)
    assert (header.bkinfo_inc_prev.gen_low, header.bkinfo_inc_prev.gen_high) == (2, 4)


def test_detaching_and_attaching_keeps_the_backups(engine: esemu.Engine) -> None:
    """The header of a database remembers its backups while nobody has it attached, and gives them back."""
    inst = engine.start(databases=[esemu.Database(MAIL, 5, full_backup=(1, 3))], generations=6)
    engine.jet.JetDetachDatabase(inst.session, MAIL)
    assert header_on_disk(engine, MAIL).bkinfo_full_prev.gen_high == 3
    engine.jet.JetAttachDatabase(inst.session, MAIL)
    engine.jet.JetBeginExternalBackupInstance(inst, JET_bitBackupIncremental)


def test_without_a_full_backup_no_incremental_one_can_begin(engine: esemu.Engine) -> None:
    """A database that was never backed up has no record, and the engine says so."""
    inst = engine.start(databases={MAIL: 5})
    with pytest.raises(MissingFullBackupError):
        engine.jet.JetBeginExternalBackupInstance(inst, JET_bitBackupIncremental)


@pytest.mark.parametrize("switch", ["read_only", "logged"])
def test_a_database_that_is_not_logged_is_in_no_backup(engine: esemu.Engine, switch: str) -> None:
    """A database that is read-only or not logged is not among those to copy."""
    switches: dict[str, Any] = {switch: switch == "read_only"}
    inst = engine.start(databases=[esemu.Database(MAIL, 5, **switches), esemu.Database(r"C:\data\b.edb", 5)])
    engine.jet.JetBeginExternalBackupInstance(inst)
    assert engine.jet.JetGetAttachInfoInstance(inst) == [r"C:\data\b.edb"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"path": None}, TypeError),
        ({"path": b"C:\\x"}, TypeError),
        ({"path": ""}, ValueError),
        ({"pages": 0}, ValueError),
        ({"pages": 1.0}, TypeError),
        ({"page_size": 5000}, ValueError),
        ({"source": "text"}, TypeError),
        ({"source": object()}, TypeError),
        ({"source": b""}, ValueError),
        ({"source": bytes(5000)}, ValueError),
        ({"source": bytes(8192), "page_size": 16384}, ValueError),
        ({"source": PatternPages(1), "page_size": 8192}, ValueError),
        ({"full_backup": 3}, TypeError),
        ({"full_backup": (1,)}, TypeError),
        ({"full_backup": (2, 1)}, ValueError),
        ({"incremental_backup": (0, 1)}, ValueError),
        ({"incremental_backup": ("1", "2")}, TypeError),
        ({"read_only": 1}, TypeError),
        ({"logged": None}, TypeError),
    ],
)
def test_what_is_no_database_is_refused(arguments: dict[str, Any], error: type[Exception]) -> None:
    """A description that means nothing is a TypeError or a ValueError when it is written down."""
    with pytest.raises(error):
        esemu.Database(**{"path": MAIL} | arguments)


@pytest.mark.parametrize("content", [b"", b"no database", bytes(8192)])
def test_a_host_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file without the header of a database is a ValueError when it is described."""
    (tmp_path / "x.edb").write_bytes(content)
    with pytest.raises(ValueError, match="not the bytes of an ESE database"):
        esemu.Database.from_file(tmp_path / "x.edb")


def test_a_host_file_without_a_page_is_refused(host_file: Path) -> None:
    """Two headers and nothing behind them are no database that could be read."""
    host_file.write_bytes(host_file.read_bytes()[:8192])
    with pytest.raises(ValueError, match="no page"):
        esemu.Database.from_file(host_file)


def test_a_host_file_that_is_missing_is_an_oserror(tmp_path: Path) -> None:
    """A file that does not exist is what Python says of it."""
    with pytest.raises(FileNotFoundError):
        esemu.Database.from_file(tmp_path / "none.edb")
