# SPDX-License-Identifier: MIT
"""Clients in the styles of other people: searches name the bug of each under either contract, and leave the correct ones alone."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from buggy_styles import BUGGY_STYLES
from correct_styles import CORRECT_STYLES

import esemu
from esemu.faces.jet import Jet
from esemu.testing import explore, interleave, replay, sweep
from esemu.testing.points import Failure, Injected, Point
from esemu.vocabulary import errors as err
from esemu.vocabulary.grbits import JET_bitBackupEndAbort
from esemu.vocabulary.parameters import JET_paramLogFileSize

pytestmark = pytest.mark.untraced


def tiny_world(contract: str) -> tuple[esemu.Engine, esemu.Instance]:
    """Return an engine and its instance: a database of 31 pages, two logs behind the one that is written."""
    engine = esemu.Engine(contract=contract)
    databases = {r"C:\data\mail.edb": 31}
    return engine, engine.start(databases, generations=3, checkpoint=2, parameters={JET_paramLogFileSize: 64})


@pytest.fixture(params=["source", "documented"])
def setup(request: pytest.FixtureRequest) -> Callable[[], tuple[esemu.Engine, esemu.Instance]]:
    """Return what makes a world under either contract."""
    return partial(tiny_world, request.param)


SWEPT = sorted(CORRECT_STYLES) if os.environ.get("ESEMU_EVERY_CLIENT") else ["engines_own", "vss_writer"]
"""Clients that are swept; ESEMU_EVERY_CLIENT=1 sweeps all of them, which takes ten times as long."""


@pytest.mark.parametrize("name", sorted(CORRECT_STYLES))
def test_correct_clients_are_left_alone(name, setup) -> None:
    """Nothing is wrong with them wherever they are stopped, nor where any of their calls fails."""
    explore(CORRECT_STYLES[name], setup=setup).check()
    if name in SWEPT:
        sweep(CORRECT_STYLES[name], setup=setup, documented=True, usage=True).check()


def test_a_thread_that_has_nothing_to_do_is_no_hope() -> None:
    """The server's JetTerm that would wait for the client's snapshot is not waited for, whatever other threads there are."""
    setup = partial(tiny_world, "source")
    alone = sweep(CORRECT_STYLES["vss_writer"], setup=setup)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        beside_another = sweep(CORRECT_STYLES["vss_writer"], setup=setup)
    assert beside_another.text() == alone.text()


@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize(
    ("number", "name", "error", "rule"),
    [
        (2, "JetGetAttachInfoInstance", err.JET_errInvalidBackupSequence, "backup_is_incremental"),
        (3, "JetOpenFileInstance", err.JET_errOutOfMemory, "a_file_is_open_already"),
        (4, "JetReadFileInstance", err.JET_errInvalidParameter, "buffer_below_three_pages"),
        (4, "JetReadFileInstance", err.JET_errInvalidParameter, "instance_unknown"),
        (18, "JetEndExternalBackupInstance2", err.JET_errInvalidParameter, "no_instance"),
    ],
)
def test_nobody_is_blamed_for_a_mistake_that_a_sweep_pretends(setup, number, name, error, rule, lasting) -> None:
    """An error that only a caller's mistake brings about is an error like any other where the caller has made none."""
    run = replay(CORRECT_STYLES["verified"], Failure(number, name, error, rule, lasting), setup=setup)
    assert run.happened
    assert run.findings == []


SHOWN_BY = {
    "reader_that_dies": explore,
    "list_of_the_last_time": explore,
    "reads_once_more": explore,
    "failure_in_the_log": sweep,
    "writer_without_an_end": explore,
    "ended_by_somebody": explore,
}
"""The search that a bug is found by."""


@pytest.mark.parametrize("name", sorted(BUGGY_STYLES))
def test_the_bug_is_named(name, setup) -> None:
    """A search finds the bug of a client under its own code."""
    client, code = BUGGY_STYLES[name]
    assert code in SHOWN_BY[name](client, setup=setup).codes


def test_what_is_said_helps() -> None:
    """A message names the file that is missing, or the call that had failed before."""
    client, _ = BUGGY_STYLES["list_of_the_last_time"]
    run = replay(client, Point(), setup=partial(tiny_world, "source"))
    assert r"was not copied as a whole. C:\LOGS\EDB00004.LOG is missing. (call #" in run.findings[0].message
    client, _ = BUGGY_STYLES["reader_that_dies"]
    failed = Injected(9, "JetGetLogInfoInstance", err.JET_errLogDiskFull)
    run = replay(client, failed, setup=partial(tiny_world, "source"))
    assert [finding.code for finding in run.findings] == ["ESB111"]
    assert "were not even listed. Call #14, JetGetLogInfoInstance, had failed with JET_errLogDiskFull. (call #" in (
        run.findings[0].message
    )


def test_a_thread_that_loses_to_another_backup_is_no_fault_of_the_winner() -> None:
    """Of two clients that back up at once one is refused and says so; the other's success is its own."""

    def refused(jet: Jet, inst: int) -> None:
        jet.JetBeginExternalBackupInstance(inst, 0)
        jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndAbort)
        raise InterruptedError

    result = interleave(
        CORRECT_STYLES["verified"], refused, setup=partial(tiny_world, "source"), preemptions=1, orders=12
    )
    result.check()
