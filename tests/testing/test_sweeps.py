# SPDX-License-Identifier: MIT
"""Clients that are stopped everywhere, and clients whose every call fails: what is tried, and what is said about it."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial

import pytest

from esemu.testing import explore as explore_in, replay as replay_in, sweep as sweep_in
from esemu.testing.points import Failure, Point, StopBefore, StopInside
from esemu.vocabulary import errors as err

BEGIN = "JetBeginExternalBackupInstance"
READ = "JetReadFileInstance"


@pytest.fixture
def explore(clients) -> partial:
    """Return `explore` in a small world."""
    return partial(explore_in, setup=clients.small_world)


@pytest.fixture
def sweep(clients) -> partial:
    """Return `sweep` in a small world."""
    return partial(sweep_in, setup=clients.small_world)


@pytest.fixture
def replay(clients) -> partial:
    """Return `replay` in a small world."""
    return partial(replay_in, setup=clients.small_world)


def test_a_client_is_stopped_before_each_call_and_inside_each_read_of_pages(clients, explore, replay) -> None:
    """Every call of the untouched run has its stop, and every read that delivers pages one more."""
    untouched = replay(clients.correct, Point())
    report = explore(clients.correct)
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


def test_a_correct_client_reports_every_stop_that_it_can_know_of(clients) -> None:
    """A stop before the beginning or before the end goes unnoticed, any other is reported; nothing is wrong with that."""
    report = explore_in(clients.correct)
    report.check()
    unnoticed = [row.point.call for row in report if row.client == "returned None"]
    assert unnoticed == ["", BEGIN, "JetEndExternalBackupInstance2"]
    assert sum(row.client == "raised BackupAbortByServerError (-801)" for row in report) == len(report) - 3


def test_a_correct_client_survives_every_error_of_every_call(clients, replay, sweep) -> None:
    """The sweep gets to every call of the untouched run with many errors, and has nothing to say."""
    report = sweep(clients.correct, documented=True)
    report.check()
    untouched = replay(clients.correct, Point())
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


@pytest.mark.parametrize(
    ("client", "search", "code"),
    [
        ("never_ends_after_an_error", explore_in, "backup-not-ended"),
        ("takes_an_abort_for_success", explore_in, "false-success"),
        ("begins_for_ever", sweep_in, "never-ends"),
        ("reads_too_little", explore_in, "fails-untouched"),
    ],
)
def test_mistakes_are_found(clients, client, search, code) -> None:
    """Each mistake is found and named, and the report fails a test."""
    report = search(getattr(clients, client), setup=clients.small_world)
    assert code in report.codes
    with pytest.raises(AssertionError, match=code):
        report.check()


def test_a_client_that_never_ends_is_cut_off(clients, replay) -> None:
    """It is cut off after so many calls, and that is what is said about it."""
    lasting = Failure(1, BEGIN, err.JET_errRestoreInProgress, "restoring", lasting=True)
    run = replay(clients.begins_for_ever, lasting, limit=100)
    assert run.outcome == "cut off after 100 calls"
    assert [finding.code for finding in run.findings] == ["never-ends"]


def test_a_failure_leaves_what_the_engines_own_would(clients, replay) -> None:
    """A log that cannot be read ends the backup, a page that cannot be read does not."""
    calls = replay(clients.correct, Point()).calls
    reads = [number for number, call in enumerate(calls, 1) if call.api.name == READ]
    run = replay(clients.correct, Failure(reads[-2], READ, err.JET_errLogReadVerifyFailure, "log_damaged"))
    assert run.happened
    assert [call.err for call in run.calls][-2:] == [err.JET_errLogReadVerifyFailure, err.JET_errNoBackup]
    run = replay(clients.correct, Failure(reads[0], READ, err.JET_errReadVerifyFailure, "pages_unreadable"))
    assert [call.err for call in run.calls][-2:] == [err.JET_errReadVerifyFailure, 0]
    assert [event.name for event in run.engine.events][-2:] == [
        "BACKUP_FILE_STOP_BEFORE_END",
        "STOP_BACKUP_ERROR_ABORT_BY_CALLER_INSTANCE_ID",
    ]


def test_an_error_that_lasts_meets_every_later_call(clients, replay) -> None:
    """What is to last refuses the call whenever it is made again, what is not refuses it once."""
    once = Failure(1, BEGIN, err.JET_errRestoreInProgress, "restoring")
    assert replay(clients.begins_for_ever, once).claim is True
    for error, rule in ((err.JET_errRestoreInProgress, "restoring"), (err.JET_errLogDiskFull, "log_disk_full")):
        lasting = Failure(1, BEGIN, error, rule, lasting=True)
        assert replay(clients.begins_for_ever, lasting, limit=100).claim is None


def test_a_documented_error_that_no_rule_has_is_injected(clients, replay, sweep) -> None:
    """It is raised, the call is not made, and the state is what it was."""
    rows = [row for row in sweep(clients.correct, documented=True) if "(documented)" in row.point.fault]
    assert rows
    run = replay(clients.correct, rows[0].point)
    assert run.calls[rows[0].point.number - 1].err == rows[0].point.error


def test_only_the_server_s_errors_are_swept_by_default(clients, sweep) -> None:
    """Errors that a caller alone brings about come with `usage` only."""
    by_default = {row.point.error for row in sweep(clients.correct).rows[1:]}
    every = {row.point.error for row in sweep(clients.correct, usage=True).rows[1:]}
    assert err.JET_errInvalidBackupSequence in every - by_default


def test_reports_are_text_and_data(clients, explore) -> None:
    """The table has a line for each row, and the data has the same and the messages."""
    report = explore(clients.never_ends_after_an_error)
    lines = report.text().splitlines()
    assert lines[0].split() == ["point", "fault", "client", "verdict"]
    assert len(lines) == len(report) + 1
    assert report.as_dicts()[2] == {
        "point": "before call 2, JetGetAttachInfoInstance",
        "fault": "JetStopBackupInstance",
        "calls": 2,
        "client": "raised BackupAbortByServerError (-801)",
        "verdict": "backup-not-ended",
        "messages": ["The client has begun a backup and left it running."],
    }
    assert repr(report) == report.text()


def test_what_is_left_of_a_run_can_be_looked_at(clients, replay) -> None:
    """A run that is played again has its engine, with the trace of what was done to the client too."""
    run = replay(clients.correct, StopBefore(2, "JetGetAttachInfoInstance"))
    assert [call["call"] for call in run.engine.trace.as_dicts()][-4:] == [
        BEGIN,
        "JetStopBackupInstance",
        "JetGetAttachInfoInstance",
        "JetEndExternalBackupInstance2",
    ]


@pytest.mark.parametrize("processes", [False, True])
def test_runs_can_be_spread(clients, sweep, processes) -> None:
    """Threads and processes give the same rows in the same order."""
    here = sweep(clients.never_ends_after_an_error)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) if processes else ThreadPoolExecutor(2) as executor:
        there = sweep(clients.never_ends_after_an_error, executor=executor)
    assert there.as_dicts() == here.as_dicts()
