# SPDX-License-Identifier: MIT
"""`esemu contract` lists every difference between the documentation and the source."""

import json

from click.testing import CliRunner

from esemu.cli.commands import commands
from esemu.machine.documented.differences import DIFFERENCES


def run(*arguments: str) -> str:
    """Run the command and return what it prints."""
    result = CliRunner().invoke(commands, ["contract", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_every_difference_is_listed() -> None:
    """With both answers, their places, and the reason where it is not emulated."""
    printed = run()
    for each in DIFFERENCES:
        for text in (each.name, each.documented, each.source, each.where, each.page, each.reason):
            assert text in printed


def test_the_differences_of_one_call() -> None:
    """A call chooses; one without differences is said to have none."""
    assert "end_after_stop: emulated" in run("JetEndExternalBackup")
    assert "one_snapshot" not in run("JetEndExternalBackup")
    assert "agree on JetGetInstanceInfo" in run("JetGetInstanceInfo")


def test_a_name_that_is_no_call() -> None:
    """It is an error with a suggestion, and not a call without differences; letters may be of any case."""
    result = CliRunner().invoke(commands, ["contract", "JetStopBackupInstanc"])
    assert result.exit_code == 2
    assert "did you mean JetStopBackupInstance" in result.output
    assert "end_after_stop: emulated" in run("jetendexternalbackup")


def test_json() -> None:
    """Programs get the same as JSON."""
    rows = json.loads(run("--json"))
    assert [row["name"] for row in rows] == [each.name for each in DIFFERENCES]
    assert {row["emulated"] for row in rows} == {True, False}
