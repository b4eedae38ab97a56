# SPDX-License-Identifier: MIT
"""JetCompact through the binary interface: what the new database is, what the status callback is told, and what is refused."""

from ctypes import CFUNCTYPE, POINTER, byref, c_int32, c_uint32, c_uint64
from typing import Any

import pytest

import esemu
from esemu.formats.database_header import DatabaseHeader
from esemu.vocabulary import errors
from esemu.vocabulary.choices import OPERATIONS, STATUS

SOURCE, TARGET = r"C:\data\large.edb", r"C:\data\small.edb"
Callback = CFUNCTYPE(c_int32, c_uint64, c_uint32, c_uint32, POINTER(c_uint32))


class Compaction:
    """A database that was made by a client and has grown, and JetCompact of it."""

    def __init__(self, engine: esemu.Engine, inst: esemu.Instance) -> None:
        self.engine, self.library, self.session = engine, engine.library(), inst.session
        self.inst = inst
        self.dbid = c_uint32()
        self.told: list[tuple[int, int, int]] = []
        self.answers: dict[int, int] = {}
        assert self.library.JetCreateDatabase(self.session, SOURCE.encode(), None, byref(self.dbid), 0) == 0
        assert self.library.JetResizeDatabase(self.session, self.dbid, 1000, byref(c_uint32()), 0) == 0

    def close(self) -> None:
        """Close the database: nobody may have it open."""
        assert self.library.JetCloseDatabase(self.session, self.dbid, 0) == 0

    def status(self, session: int, operation: int, status: int, progress: Any) -> int:
        """Keep what the callback is told, and answer as arranged."""
        assert (session, operation, progress[0]) == (self.session, OPERATIONS["JET_snpCompact"], 12)
        self.told.append((status, progress[1], progress[2]))
        return self.answers.get(status, 0)

    def __call__(self, target: str = TARGET, convert: Any = None, grbit: int = 0, callback: bool = True) -> int:
        """Compact the database."""
        status = Callback(self.status) if callback else None
        files = SOURCE.encode(), target.encode()
        return int(self.library.JetCompact(self.session, *files, status, convert, grbit))

    def size(self, path: str) -> int:
        """Return the bytes of a file."""
        return self.engine.disk.size(path)


@pytest.fixture
def compact(engine: esemu.Engine, inst: esemu.Instance) -> Compaction:
    """Make the database and close it."""
    made = Compaction(engine, inst)
    made.close()
    return made


def test_no_free_pages_are_left(compact: Compaction) -> None:
    """The new database is another one, shut down, and as small as its tables; the old one stays as it was."""
    before = compact.size(SOURCE)
    assert compact() == 0
    assert compact.size(SOURCE) == before > 20 * compact.size(TARGET)
    old, new = (DatabaseHeader.parse(compact.engine.disk.read(path)[:4096]) for path in (SOURCE, TARGET))
    assert new.sign_db != old.sign_db
    assert new.dbstate == 3
    free, dbid = c_uint32(7), c_uint32()
    assert compact.library.JetAttachDatabase(compact.session, TARGET.encode(), 0) == 0
    assert compact.library.JetOpenDatabase(compact.session, TARGET.encode(), None, byref(dbid), 0) == 0
    assert compact.library.JetGetDatabaseInfo(compact.session, dbid, byref(free), 4, 12) == 0
    assert free.value == 0


def test_the_tables_in_memory_are_in_both(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """What is changed in the new database afterwards is not changed in the old one."""
    compact, table = Compaction(engine, inst), c_uint64()
    assert compact.library.JetCreateTable(compact.session, compact.dbid, b"kept", 0, 0, byref(table)) == 0
    assert compact.library.JetCloseTable(compact.session, table) == 0
    compact.close()
    assert compact() == 0
    dbid = c_uint32()
    assert compact.library.JetAttachDatabase(compact.session, TARGET.encode(), 0) == 0
    assert compact.library.JetOpenDatabase(compact.session, TARGET.encode(), None, byref(dbid), 0) == 0
    assert compact.library.JetDeleteTable(compact.session, dbid, b"kept") == 0
    assert compact.library.JetOpenDatabase(compact.session, SOURCE.encode(), None, byref(dbid), 0) == 0
    assert compact.library.JetDeleteTable(compact.session, dbid, b"kept") == 0


def test_what_the_callback_is_told(compact: Compaction) -> None:
    """It begins, goes on, and is complete; what is done is never more than the whole (_comp.hxx:80)."""
    assert compact() == 0
    names = {number: name for name, number in STATUS.items()}
    assert [names[status] for status, *_ in compact.told] == [
        "JET_sntBegin",
        "JET_sntProgress",
        "JET_sntProgress",
        "JET_sntComplete",
    ]
    assert all(done <= total for _, done, total in compact.told)
    assert compact.told[-1][1] == compact.told[-1][2] > 0


@pytest.mark.parametrize("status", [STATUS["JET_sntBegin"], STATUS["JET_sntProgress"], STATUS["JET_sntComplete"]])
def test_the_callback_can_end_it(compact: Compaction, status: int) -> None:
    """An error that it returns is that of the call; it is told that the call has failed, and nothing stays open."""
    compact.answers[status] = errors.JET_errCallbackFailed
    assert compact() == errors.JET_errCallbackFailed
    assert compact.told[-1][0] in {STATUS["JET_sntFail"], STATUS["JET_sntComplete"]}
    assert compact.library.JetDetachDatabase(compact.session, SOURCE.encode()) == 0


def test_what_is_refused(compact: Compaction) -> None:
    """A conversion, a transaction, a database that is not attached or open, and a file that is there already."""
    assert compact(convert=1) == errors.JET_errFeatureNotAvailable
    assert compact.library.JetBeginTransaction(compact.session) == 0
    assert compact() == errors.JET_errInTransaction
    assert compact.library.JetCommitTransaction(compact.session, 0) == 0
    assert compact(SOURCE) == errors.JET_errDatabaseDuplicate
    assert compact(callback=False) == 0
    assert compact() == errors.JET_errDatabaseDuplicate
    assert compact.library.JetOpenDatabase(compact.session, SOURCE.encode(), None, byref(compact.dbid), 0) == 0
    assert compact() == errors.JET_errDatabaseInUse
    compact.close()
    assert compact.library.JetDetachDatabase(compact.session, SOURCE.encode()) == 0
    assert compact() == errors.JET_errDatabaseNotFound
    assert compact.told[-1][0] == STATUS["JET_sntFail"]


def test_changed_rows_are_copied(engine: esemu.Engine) -> None:
    """Pages of a database whose rows were changed are those of the new one, too, behind a header of its own."""
    table = esemu.Table({"n": "Long"}, [{"n": 1}])
    inst = engine.start(databases=[esemu.Database(SOURCE, tables={"t": table})])
    inst.insert_rows(SOURCE, "t", [{"n": 2}])
    assert engine.library().JetCompact(inst.session, SOURCE.encode(), TARGET.encode(), None, None, 0) == 0
    old, new = (engine.disk.read(path)[2 * 4096 :] for path in (SOURCE, TARGET))
    assert old == new
