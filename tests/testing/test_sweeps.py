# SPDX-License-Identifier: MIT
"""Clients that are stopped everywhere, and clients whose every call fails: what is tried, and what is said about it."""

import multiprocessing
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from importlib import import_module

import pytest
from every_client import BUGGY, CODES, CORRECT
from small_world import small_world

from esemu.testing import explore as explore_in, replay as replay_in, sweep as sweep_in
from esemu.testing.points import Failure, Injected, Point, StopBefore, StopInside, failures
from esemu.vocabulary import errors as err

pytestmark = pytest.mark.untraced

BEGIN = "JetBeginExternalBackupInstance"
READ = "JetReadFileInstance"

explore = partial(explore_in, setup=small_world)
sweep = partial(sweep_in, setup=small_world)
replay = partial(replay_in, setup=small_world)

BEGINS_FOR_EVER = BUGGY["retries_begin"]
NEVER_ENDS = BUGGY["no_end_after_error"]


@pytest.fixture(autouse=True)
def no_sleep(monkeypatch) -> None:
    """Let clients that wait before they try again not wait."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)


def test_a_client_is_stopped_before_each_call_and_inside_each_read_of_pages() -> None:
    """Every call of the untouched run has its stop, and every read that delivers pages one more."""
    untouched = replay(CORRECT, Point())
    report = explore(CORRECT)
    before = [row.point for row in report if type(row.point) is StopBefore]
    inside = [row.point for row in report if type(row.point) is StopInside]
    assert [(point.number, point.call) for point in before] == [
        (number, call.api.name) for number, call in enumerate(untouched.calls, 1)
    ]
    assert [point.call for point in inside] == [READ] * 2
    assert {point.number for point in inside} == {
        number
        for number, call in enumerate(untouched.calls, 1)
        if call.api.name == READ and getattr(call.result, "last", 0) >= getattr(call.result, "first", 1)
    }


def test_a_correct_client_reports_every_stop_that_it_can_know_of() -> None:
    """A stop before the beginning or before the end goes unnoticed, any other is reported; nothing is wrong with that."""
    report = explore_in(CORRECT)
    report.check()
    unnoticed = [row.point.call for row in report if row.client.startswith("returned")]
    assert unnoticed == ["", BEGIN, "JetEndExternalBackupInstance2"]
    assert sum(row.client == "raised BackupAbortByServerError (-801)" for row in report) == len(report) - 3


def test_a_correct_client_survives_every_error_of_every_call() -> None:
    """The sweep gets to every call of the untouched run with many errors, and has nothing to say."""
    report = sweep(CORRECT, documented=True)
    report.check()
    untouched = replay(CORRECT, Point())
    assert {row.point.number for row in report} == set(range(len(untouched.calls) + 1))
    errors = {row.point.error for row in report if isinstance(row.point, Failure)}
    assert errors >= {
        err.JET_errBackupAbortByServer,
        err.JET_errDiskIO,
        err.JET_errLogDiskFull,
        err.JET_errLogReadVerifyFailure,
        err.JET_errMissingFileToBackup,
        err.JET_errTermInProgress,
    }
    assert len(report) > 300


@pytest.mark.parametrize("name", sorted(BUGGY.keys() - {"retries_begin"}))
def test_an_exploration_finds_bugs_and_names_them(name) -> None:
    """A client whose bug shows when it is left alone or stopped is found by `explore`, and fails a test by its code."""
    report = explore(BUGGY[name])
    assert CODES[name] in report.codes
    with pytest.raises(AssertionError, match=CODES[name]):
        report.check()


SWEPT = (
    sorted(BUGGY) if os.environ.get("ESEMU_EVERY_CLIENT") else ["retries_begin", "small_buffer", "zero_is_no_handle"]
)
"""Clients that are swept; ESEMU_EVERY_CLIENT=1 sweeps all of them, which takes ten times as long."""


@pytest.mark.parametrize("name", SWEPT)
def test_a_sweep_finds_bugs_and_names_them(name) -> None:
    """A bug is found by `sweep`, under the code that it has; one that shows only in failing begins is found by nothing else."""
    assert CODES[name] in sweep(BUGGY[name]).codes


def test_a_client_that_never_ends_is_cut_off() -> None:
    """It is cut off after so many calls, and that is what is said about it."""
    lasting = Failure(1, BEGIN, err.JET_errBackupInProgress, "backup_in_progress", lasting=True)
    run = replay(BEGINS_FOR_EVER, lasting, limit=100)
    assert run.outcome == "cut off after 100 calls"
    assert [finding.code for finding in run.findings] == ["never-ends"]


@pytest.mark.parametrize(
    ("report", "outcome"),
    [
        (lambda: False, "returned False"),
        (lambda: -1, "returned -1"),
        (lambda: sys.exit(3), "left with status 3"),
        (sys.exit, "left with status None"),
        (lambda: 0, "returned 0"),
    ],
)
def test_a_client_may_report_without_an_exception(report, outcome) -> None:
    """False, a JET error and an exit status other than 0 are reports of a failure, as an exception is."""
    failed = outcome not in {"left with status None", "returned 0"}
    run = replay(lambda jet, inst: report(), Point())
    assert (run.outcome, run.claim) == (outcome, not failed)
    assert [finding.code for finding in run.findings] == ["fails-untouched"] * failed


def test_coroutines_and_generators_are_clients() -> None:
    """They do nothing when they are called, so they are run to their ends; what they report counts."""

    async def coroutine(jet, inst) -> bool:
        jet.JetBeginExternalBackupInstance(inst, 0)
        return False

    def generator(jet, inst) -> Iterator[str]:
        jet.JetBeginExternalBackupInstance(inst, 0)
        yield from jet.JetGetAttachInfoInstance(inst)

    runs = [replay(client, Point()) for client in (coroutine, generator)]
    assert [(len(run.calls), run.claim) for run in runs] == [(1, False), (2, True)]
    assert all("ESB101" in {finding.code for finding in run.findings} for run in runs)


def test_a_report_keeps_no_engines() -> None:
    """What went wrong is told without the calls, which would keep every engine of the sweep."""
    report = explore(NEVER_ENDS)
    assert {finding.call for row in report.failures for finding in row.findings} == {None}


def test_a_failure_leaves_what_the_engines_own_would() -> None:
    """A log that cannot be read ends the backup, a page that cannot be read does not."""
    calls = replay(CORRECT, Point()).calls
    reads = [number for number, call in enumerate(calls, 1) if call.api.name == READ]
    run = replay(CORRECT, Failure(reads[-2], READ, err.JET_errLogReadVerifyFailure, "log_damaged"))
    assert run.happened
    assert [call.err for call in run.calls][-2:] == [err.JET_errNoBackup, err.JET_errNoBackup]
    assert run.calls[-3].err == err.JET_errLogReadVerifyFailure
    run = replay(CORRECT, Failure(reads[0], READ, err.JET_errReadVerifyFailure, "pages_unreadable"))
    assert [call.err for call in run.calls][-3:] == [err.JET_errReadVerifyFailure, err.JET_errInvalidParameter, 0]
    assert [event.name for event in run.engine.events][-2:] == [
        "BACKUP_FILE_STOP_BEFORE_END",
        "STOP_BACKUP_ERROR_ABORT_BY_CALLER_INSTANCE_ID",
    ]


def test_an_error_that_lasts_meets_every_later_call() -> None:
    """What is to last refuses the call whenever it is made again, what is not refuses it once."""
    once = Failure(1, BEGIN, err.JET_errBackupInProgress, "backup_in_progress")
    assert replay(BEGINS_FOR_EVER, once).claim is True
    lasting = Failure(1, BEGIN, err.JET_errBackupInProgress, "backup_in_progress", lasting=True)
    assert replay(BEGINS_FOR_EVER, lasting, limit=100).claim is None
    disk = Failure(1, BEGIN, err.JET_errLogDiskFull, "log_disk_full", lasting=True)
    run = replay(CORRECT, disk)
    assert run.state.log.disk_full
    assert not replay(CORRECT, Failure(1, BEGIN, err.JET_errLogDiskFull, "log_disk_full")).state.log.disk_full


def test_a_documented_error_that_no_rule_has_is_injected() -> None:
    """It is raised, the call is not made, and the state is what it was."""
    injected = Injected(2, "JetGetAttachInfoInstance", err.JET_errDiskIO, "documented")
    assert injected.fault == "JET_errDiskIO (documented)"
    run = replay(CORRECT, injected)
    assert [call.err for call in run.calls] == [0, err.JET_errDiskIO, 0]
    begins = Injected(1, BEGIN, err.JET_errBackupInProgress, "documented", lasting=True)
    assert replay(BEGINS_FOR_EVER, begins, limit=100).claim is None


def test_only_the_server_s_errors_are_swept_by_default() -> None:
    """Errors that a caller alone brings about come with `usage` only."""
    run = replay(CORRECT, Point())
    number = next(number for number, call in enumerate(run.calls, 1) if call.api.name == "JetGetLogInfoInstance")

    def errors(**asked: bool) -> set[int]:
        every = failures(number, run.calls[number - 1], **({"documented": False, "usage": False} | asked))
        return {point.error for point in every if isinstance(point, Failure)}

    assert err.JET_errInvalidBackupSequence in errors(usage=True) - errors()
    assert errors(documented=True) > errors()


def test_reports_are_text_and_data() -> None:
    """The table has a line for each row, and the data has the same and the messages."""
    report = explore(NEVER_ENDS)
    lines = report.text().splitlines()
    assert lines[0].split() == ["point", "fault", "client", "verdict"]
    assert len(lines) == len(report) + 1
    assert report.as_dicts()[2] == {
        "point": "before call 2, JetGetAttachInfoInstance",
        "fault": "JetStopBackupInstance",
        "calls": 2,
        "client": "raised BackupAbortByServerError (-801)",
        "verdict": "ESB101 backup-not-ended",
        "messages": [report.rows[2].findings[0].message],
    }
    assert repr(report) == report.text()


def test_what_is_left_of_a_run_can_be_looked_at() -> None:
    """A run that is played again has its engine, with the trace of what was done to the client too."""
    run = replay(CORRECT, StopBefore(2, "JetGetAttachInfoInstance"))
    assert [call["call"] for call in run.engine.trace.as_dicts()][-4:] == [
        BEGIN,
        "JetStopBackupInstance",
        "JetGetAttachInfoInstance",
        "JetEndExternalBackupInstance2",
    ]


@pytest.mark.parametrize("processes", [False, True])
def test_runs_can_be_spread(processes) -> None:
    """Threads and processes give the same rows in the same order."""
    here = explore(NEVER_ENDS)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) if processes else ThreadPoolExecutor(2) as executor:
        there = explore(NEVER_ENDS, executor=executor)
    assert there.as_dicts() == here.as_dicts()


@pytest.mark.filterwarnings("ignore")  # those of its libraries
def test_runs_can_be_spread_over_a_dask_cluster() -> None:
    """The executor of dask.distributed is one like any other."""
    distributed = import_module("distributed")
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        there = explore(NEVER_ENDS, executor=client.get_executor())
    assert there.as_dicts() == explore(NEVER_ENDS).as_dicts()


def test_calls_of_several_threads_have_numbers_of_their_own() -> None:
    """What is to happen at one call happens at one, and once."""
    met = []

    class Met(Point):
        def at(self, run, call, go_on) -> int:
            met.append(call)
            return go_on(call)

    def client(jet, inst) -> None:
        def stop() -> None:
            for _ in range(250):
                jet.JetStopBackupInstance(inst)

        threads = [threading.Thread(target=stop) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    for number in range(100, 1_000, 100):
        run = replay(client, Met(number, "JetStopBackupInstance"))
        assert len(met) == number // 100
        assert len(run.calls) == 1_000


class BrokenPoint(Point):
    """A point that has a mistake in it."""

    def at(self, run, call, go_on) -> int:
        """Raise."""
        raise ZeroDivisionError


def test_a_broken_point_is_no_failure_of_the_client() -> None:
    """What goes wrong in the test kit is raised by it, also when the client takes it for an answer to its call."""
    with pytest.raises(ZeroDivisionError):
        replay(CORRECT, BrokenPoint(3, "JetOpenFileInstance"))
