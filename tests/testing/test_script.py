# SPDX-License-Identifier: MIT
"""The script of an engine's calls makes the same calls again, and expects the same answers."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from backup_server import Server
from broken_contracts import BROKEN, truncated_after_a_refused_list, truncation_after_a_time_out
from every_client import CORRECT
from legal_clients import LEGAL

import esemu
from esemu.testing import fail, interposed, script

HALF_WAY = {truncated_after_a_refused_list, truncation_after_a_time_out}
"""Clients that change the world of their server between two calls, which no script does."""

CLIENTS = [
    client
    for client in [*(client for clients in BROKEN.values() for client in clients), *LEGAL]
    if client not in HALF_WAY
]
ARRANGED = {
    "read_again_after_an_io_error": [r"inst.faults.page('C:\\data\\mail.edb', 3)"],
    "left_out_a_damaged_database": [r"inst.faults.page('C:\\data\\mail.edb', 3)"],
    "after_a_damaged_log": ["inst.faults.log(2)"],
    "engines_own": [r"engine.disk.create_folders('C:\\backup\\')"],
}
"""What these clients do to the world of their server."""


def run(text: str) -> esemu.Engine:
    """Run a script and return its engine."""
    namespace: dict[str, esemu.Engine] = {}
    exec(text, namespace)
    return namespace["engine"]


@pytest.mark.parametrize("contract", ["source", "documented"])
@pytest.mark.parametrize("client", CLIENTS, ids=lambda each: each.__name__)
def test_a_script_makes_the_same_calls(client: Callable[[Server], None], contract) -> None:
    """What was called and answered stands in the trace of the script's engine as in that of the first."""
    server = Server(contract=contract)
    with suppress(esemu.EsemuError, pytest.fail.Exception):
        client(server)
    again = run(script(server.engine, ARRANGED.get(client.__name__, ())))
    assert again.trace.as_dicts() == server.engine.trace.as_dicts()


def test_every_sort_of_argument() -> None:
    """Calls about instances, sessions, databases, parameters and snapshots come back as they were."""
    engine = esemu.Engine("ese")
    jet = engine.jet
    jet.JetEnableMultiInstance({2: "C:\\elsewhere\\"})
    inst = engine.start(
        [esemu.Database(r"C:\a.edb", 9, read_only=True)],
        name="mine",
        generations=4,
        checkpoint=2,
        circular=True,
        parameters={17: 5120},
    )
    other = jet.JetCreateInstance2("other", "shown", 0)
    jet.JetSetSystemParameter(other, 0, 2, 0, "C:\\more\\")
    jet.JetSetSystemParameter(other, 0, 0, 0, "C:\\sys9\\")
    jet.JetSetSystemParameter(other, 0, 17, 5120)
    jet.JetGetSystemParameter(other, 0, 17)
    with suppress(esemu.JetError):
        jet.JetInit3(other)
    session = jet.JetBeginSession(inst)
    jet.JetBeginTransaction(session)
    jet.JetRollback(session, 0)
    number = jet.JetCreateDatabase(session, r"C:\b.edb")
    jet.JetCloseDatabase(session, number)
    jet.JetDetachDatabase(session, r"C:\b.edb")
    jet.JetEndSession(session)
    jet.JetGetInstanceInfo()
    snapshot = jet.JetOSSnapshotPrepare(8)
    jet.JetOSSnapshotPrepareInstance(snapshot, inst)
    jet.JetOSSnapshotGetFreezeInfo(snapshot)
    jet.JetOSSnapshotAbort(snapshot)
    jet.JetStopServiceInstance2(inst, 0)
    assert run(script(engine)).trace.as_dicts() == engine.trace.as_dicts()


def test_the_start_of_an_instance() -> None:
    """Its arguments come back, those that are defaults are left out."""
    engine = esemu.Engine()
    engine.start({r"C:\a.edb": 9}, page_size=8192, log_path="D:\\logs")
    text = script(engine)
    assert "engine.start(databases={'C:\\\\a.edb': 9}, page_size=8192, log_path='D:\\\\logs\\\\')" in text
    assert run(text).trace.as_dicts() == engine.trace.as_dicts()


def test_a_start_that_fails() -> None:
    """A start that the engine refused is refused again, with all that undoes it."""
    engine = esemu.Engine()
    engine.start(name="mine")
    with suppress(esemu.JetError):
        engine.start(name="mine")
    with suppress(esemu.JetError):
        engine.start(log_path="C:\\logs")
    engine.start()
    assert run(script(engine)).trace.as_dicts() == engine.trace.as_dicts()


def test_single_instance_calls() -> None:
    """A process without engine.start is one of calls alone."""
    engine = esemu.Engine()
    engine.jet.JetInit(None)
    engine.jet.JetBeginExternalBackup(0)
    with suppress(esemu.JetError):
        engine.jet.JetOpenFile(None)
    engine.jet.JetEndExternalBackup()
    assert run(script(engine)).trace.as_dicts() == engine.trace.as_dicts()


def test_a_restore() -> None:
    """A restore of what the engine backed up is made again; one with a map of files is a comment."""
    engine = esemu.Engine()
    inst = engine.start({r"C:\data\mail.edb": 10})
    engine.disk.create_folders("C:\\backup\\")
    engine.jet.JetBackupInstance(inst, "C:\\backup")
    engine.stop(inst)
    for restore in (
        lambda: engine.jet.JetRestoreInstance(0, "C:\\backup", "D:\\"),
        lambda: engine.jet.JetExternalRestore("C:\\x\\", "C:\\y\\", {}, "C:\\backup", 1, 1),
    ):
        with suppress(esemu.EsemuError):
            restore()
    text = script(engine, ["engine.disk.create_folders('C:\\\\backup\\\\')"])
    assert "jet.JetRestoreInstance" in text
    assert "# This call cannot be written as one of engine.jet: JetExternalRestore(" in text
    made, again = engine.trace.as_dicts(), run(text).trace.as_dicts()
    assert again == made[: len(again)]


def test_repeated_calls_are_a_loop() -> None:
    """Equal calls in a row take two lines."""
    server = Server()
    CORRECT(server.jet, server.inst)
    text = script(server.engine)
    assert "for _ in range(8):\n    jet.JetReadFileInstance(inst, 0, bytearray(65536))\n" in text
    assert len(text.splitlines()) < 50


def test_what_cannot_be_made_again_is_a_comment() -> None:
    """Calls that were made to fail, and those that the trace no longer has."""
    engine = esemu.Engine(trace_limit=2)
    inst = engine.start()
    with interposed(engine, lambda call, go_on: fail(engine.process, call, -1022)), suppress(esemu.JetError):
        engine.jet.JetBeginExternalBackupInstance(inst, 0)
    text = script(engine)
    assert "# Calls #1 to #2 have dropped out of the trace." in text
    assert "# JetBeginExternalBackupInstance(grbit=0) was made to fail with -1022." in text
