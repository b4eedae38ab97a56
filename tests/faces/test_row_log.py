# SPDX-License-Identifier: MIT
"""Rows that a program inserts fill the log, and so logs are archived before a backup is made."""

import struct
from ctypes import byref, c_uint32, c_uint64, create_string_buffer
from typing import Any

import pytest

import esemu
from esemu.vocabulary.grbits import JET_bitForceNewLog
from esemu.vocabulary.parameters import JET_paramLogFileSize, JET_paramRecovery

ROWS = 1059
"""A log of 64 KiB holds the records of so many rows: 50 bytes, four of the key and four of the number."""


@pytest.fixture
def insert() -> Any:
    """Return what starts an instance and inserts rows of one number: `insert(engine, rows, ...)` returns the instance."""

    def insert_(engine: esemu.Engine, rows: int, **parameters: Any) -> tuple[esemu.Instance, Any]:
        inst = engine.start(
            {"C:\\data\\mail.edb": 20}, parameters={JET_paramLogFileSize: 64} | parameters.get("more", {})
        )
        library, session, table, column = engine.library(), inst.session, c_uint64(), c_uint32()
        assert library.JetOpenDatabaseW(session, "C:\\data\\mail.edb", None, byref(column), 0) == 0
        assert library.JetCreateTable(session, column, b"T", 16, 100, byref(table)) == 0
        definition = create_string_buffer(struct.pack("<IIIHHHHII", 28, 0, 4, 0, 0, 0, 0, 0, 0), 28)
        assert library.JetAddColumn(session, table, b"number", definition, None, 0, byref(column)) == 0

        def more(count: int) -> None:
            for number in range(count):
                assert library.JetPrepareUpdate(session, table, 0) == 0
                assert library.JetSetColumn(session, table, column, struct.pack("<I", number), 4, 0, None) == 0
                assert library.JetUpdate(session, table, None, 0, None) == 0

        more(rows)
        return inst, more

    return insert_


def test_rows_roll_the_log(engine: esemu.Engine, insert: Any) -> None:
    """The log is archived where the records of rows have filled it, and a backup has it among its logs."""
    inst, more = insert(engine, 2 * ROWS)
    assert engine.disk.exists("C:\\logs\\edb00001.log")
    generation = inst.state.log.generation
    assert generation in {2, 3}
    engine.jet.JetBeginExternalBackupInstance(inst, 0)
    assert "C:\\logs\\edb00001.log" in engine.jet.JetGetLogInfoInstance(inst)
    engine.jet.JetEndExternalBackupInstance(inst)
    more(ROWS)
    assert inst.state.log.generation > generation


def test_a_log_that_rolls_otherwise_begins_empty(engine: esemu.Engine, insert: Any) -> None:
    """A commit that forces a new log leaves the whole of that to rows."""
    inst, more = insert(engine, ROWS - 200)
    engine.jet.JetCommitTransaction(inst.session, JET_bitForceNewLog)
    more(ROWS - 200)
    assert inst.state.log.generation == 2
    more(220)
    assert inst.state.log.generation == 3


def test_without_logs_nothing_rolls(engine: esemu.Engine, insert: Any) -> None:
    """With JET_paramRecovery off, or where the disk of the logs is full, rows are inserted all the same."""
    inst, _ = insert(engine, ROWS + 20, more={JET_paramRecovery: "off"})
    assert inst.state.log.generation == 1
    other, more = insert(esemu.Engine(), 10)
    other.state.log.disk_full = True
    more(ROWS + 20)
    assert other.state.log.generation == 1
