# SPDX-License-Identifier: MIT
"""A server whose tables change while it is backed up: what a client saves, what the log says of it, and what a restore does."""

import pytest
from database_reader import Reader, check_space
from saved_sets import Client, Set

import esemu
from esemu.formats.database_header import DatabaseHeader
from esemu.formats.log_verification import segment_repair
from esemu.vocabulary.parameters import JET_paramRecovery
from esemu.world.generated import GeneratedPages

MAIL = r"C:\data\mail.edb"
COLUMNS = {"Id": "Long", "Body": "LongBinary"}


def server(rows: int = 300) -> tuple[esemu.Engine, esemu.Instance]:
    """Return an engine whose database has a table of rows of half a KiB."""
    engine = esemu.Engine()
    table = esemu.Table(COLUMNS, [(key, b"x" * 500) for key in range(rows)])
    return engine, engine.start(databases=[esemu.Database(MAIL, tables={"mail": table})], generations=3)


def test_a_client_saves_rows_of_different_moments() -> None:
    """Rows that come and go between two reads leave a set that a restore takes, with old and new pages in it."""
    engine, inst = server()
    jet, buffer = engine.jet, bytearray(20 * 4096)
    saved: Set = {}
    before = engine.disk.read(MAIL)
    jet.JetBeginExternalBackupInstance(inst)
    file, content = jet.JetOpenFileInstance(inst, MAIL), b""
    for key in range(100):
        count = jet.JetReadFileInstance(inst, file.handle, buffer)
        if not count:
            break
        content += bytes(buffer[:count])
        inst.insert_rows(MAIL, "mail", [(1000 + key, b"new"), (-1 - key, b"y" * 5000)])
        inst.delete_rows(MAIL, "mail", [key])
        inst.update_rows(MAIL, "mail", [(299 - key, b"z" * 900)])
    jet.JetCloseFileInstance(inst, file.handle)
    saved[MAIL] = content
    for name in jet.JetGetLogInfoInstance(inst):
        Client(engine, inst).copy(name, saved)
    jet.JetEndExternalBackupInstance(inst)
    stream = saved[MAIL]
    assert stream[8192:-4096] not in {before[8192:], engine.disk.read(MAIL)[8192 : len(stream) - 4096]}
    verified = esemu.verify(saved)
    assert verified.restorable, str(verified)


def test_the_next_backup_has_all_rows() -> None:
    """What is saved afterwards is a database like any other: every row, every page, and the dbtime of the last change."""
    engine, inst = server(50)
    inst.insert_rows(MAIL, "mail", [{"Id": key, "Body": b"y" * key} for key in range(1000, 1300)])
    inst.delete_rows(MAIL, "mail", range(25))
    inst.update_rows(MAIL, "mail", [(30, None)])
    saved = Client(engine, inst).back_up()
    assert esemu.verify(saved).restorable
    header = DatabaseHeader.parse(saved["mail.edb"])
    assert header.dbtime_dirtied == 0x40 + 300 + 25 + 1
    pages = inst.state.databases[0].pages
    assert isinstance(pages, GeneratedPages)
    reader = Reader(pages)
    assert reader.data == saved["mail.edb"][8192:-4096]
    check_space(reader)
    expected = dict.fromkeys(range(25, 50), b"x" * 500) | {30: None} | {key: b"y" * key for key in range(1000, 1300)}
    assert {row["Id"]: row["Body"] for row in reader.rows("mail")} == expected


def test_the_log_says_that_rows_changed() -> None:
    """Each change moves the log on, and the segments of its generation name database and dbtime; their chain still holds."""
    engine, inst = server()
    position = inst.state.log.position
    inst.insert_rows(MAIL, "mail", [(1000, b""), (1001, b"")])
    assert inst.state.log.position == position + 2
    inst.roll_log(2)
    log = engine.disk.read(rf"C:\logs\edb{inst.generation - 2:05X}.log")
    assert b"rows of database 1 changed until dbtime 66" in log
    assert segment_repair(log[4096:8192], 1) == log[4096:8192]
    assert DatabaseHeader.parse(engine.disk.read(MAIL)).gen_max_required == inst.generation
    assert b"changed" not in engine.disk.read(rf"C:\logs\edb{inst.generation - 1:05X}.log")
    assert esemu.verify(Client(engine, inst).back_up()).restorable


def test_a_restore_does_not_pretend_to_redo() -> None:
    """Changes that are in the saved pages need no redo; of those that only the log has a restore would have to make rows."""
    for late in (False, True):
        engine, inst = server()
        if not late:
            inst.insert_rows(MAIL, "mail", [(1000, b"early")])
        jet, client = engine.jet, Client(engine, inst)
        saved: Set = {}
        jet.JetBeginExternalBackupInstance(inst)
        client.copy(MAIL, saved)
        if late:
            inst.insert_rows(MAIL, "mail", [(1000, b"late")])
        for name in jet.JetGetLogInfoInstance(inst):
            client.copy(name, saved)
        jet.JetEndExternalBackupInstance(inst)
        other = esemu.Engine()
        other.disk.create_folder("C:\\restored")
        for name, content in saved.items():
            other.disk.write(f"C:\\restored\\{name}", content)
        generations = sorted(int(name[3:8], 16) for name in saved if name.startswith("edb"))
        databases, folder = [(MAIL, r"C:\restored\mail.edb")], "C:\\restored\\"
        if late:
            with pytest.raises(esemu.NotEmulated, match=r"has changes that .*mail.edb has not"):
                other.jet.JetExternalRestore(folder, folder, databases, folder, generations[0], generations[-1])
        else:
            other.jet.JetExternalRestore(folder, folder, databases, folder, generations[0], generations[-1])


def test_a_database_without_a_log_changes_too() -> None:
    """Where there is no log, none says anything."""
    engine = esemu.Engine()
    inst = engine.start(databases={MAIL: 100}, parameters={JET_paramRecovery: "off"})
    inst.insert_rows(MAIL, "Numbers", [(-number, b"x" * 900) for number in range(1, 200)])
    assert inst.state.databases[0].last_page == 100 + 256


def test_rows_that_cannot_be_changed() -> None:
    """Rows before a bad one are in, and the database and the log are as the engine has them then."""
    engine, inst = server()
    position = inst.state.log.position
    with pytest.raises(ValueError, match="There is a row already"):
        inst.insert_rows(MAIL, "mail", [(1000, b"a" * 9000), (1000, b"b")])
    assert inst.state.databases[0].last_page + 2 == len(engine.disk.read(MAIL)) // 4096
    assert inst.state.log.position > position
    with pytest.raises(LookupError, match="no database"):
        inst.insert_rows(r"C:\none.edb", "mail", [])
    inst = engine.start(databases=[esemu.Database(r"C:\b.edb", source=bytes(4096 * 9))])
    with pytest.raises(esemu.NotEmulated):
        inst.delete_rows(r"C:\b.edb", "mail", [1])
