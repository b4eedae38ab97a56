# SPDX-License-Identifier: MIT
"""`esemu explain`: what an error means, who returns it, and what the reference pages promise."""

from collections.abc import Callable

import pytest
from click.testing import Result

from esemu.cli.table import rules
from esemu.machine.calls import CALLS
from esemu.vocabulary.error_table import ERRORS


@pytest.mark.parametrize("given", ["-801", "0xFFFFFCDF", "BackupAbortByServer", "JET_errBackupAbortByServer"])
def test_a_stopped_backup(invoke: Callable[..., Result], given: str) -> None:
    """A name and a number in any notation give the same: name, number, class, rule, calls and pages."""
    result = invoke("explain", given)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "JET_errBackupAbortByServer (-801)"
    assert "category:  Operation" in lines
    assert "exception: esemu.BackupAbortByServerError" in lines
    rule = lines.index("Returned by these rules:") + 1
    assert lines[rule].startswith("  backup_stopped, backup.cxx:2706: ")
    assert {"JetReadFileInstance", "JetReadFile"} <= set(lines[rule + 1].removeprefix("    asked by ").split(", "))
    assert "JetCloseFileInstance" not in result.stdout


def test_a_promise_that_is_not_kept_is_marked(invoke: Callable[..., Result]) -> None:
    """Where a reference page lists an error that no rule returns there, the line says so, and only there."""
    lines = invoke("explain", "-801").stdout.splitlines()
    marked = [line.split(":")[0].strip() for line in lines if line.endswith("[no rule of the table returns it there]")]
    assert "JetEndExternalBackupInstance" in marked
    assert "JetReadFileInstance" not in marked


def test_a_category_is_a_path(invoke: Callable[..., Result]) -> None:
    """Categories go from the widest to the narrowest."""
    assert "category:  Operation > Resource > Memory\n" in invoke("explain", "OutOfMemory").stdout


def test_success_has_no_class_and_no_rule(invoke: Callable[..., Result]) -> None:
    """Success is explained without what it does not have."""
    printed = invoke("explain", "0").stdout
    assert printed.startswith("JET_errSuccess (0)\n")
    assert "kind:      success\n" in printed
    assert "exception:" not in printed
    assert "No rule of the table returns it.\n" in printed


def test_an_error_that_nothing_knows(invoke: Callable[..., Result]) -> None:
    """An error of another part of the engine is explained too."""
    printed = invoke("explain", "JET_errKeyDuplicate").stdout
    assert "No rule of the table returns it.\n" in printed
    assert "No reference page of the backup calls lists it.\n" in printed


def test_other_names(invoke: Callable[..., Result]) -> None:
    """A second name is listed."""
    assert "also:      JET_errDatabaseInconsistent\n" in invoke("explain", "JET_errDatabaseInconsistent").stdout


@pytest.mark.parametrize(
    "error",
    sorted({error for call in CALLS.values() for rule in rules(call) for error in rule.errors if error in ERRORS}),
)
def test_every_error_of_the_table(invoke: Callable[..., Result], error: int) -> None:
    """Each rule that returns an error is named with its source, and each call that asks it."""
    printed = invoke("explain", error).stdout
    for name, call in CALLS.items():
        for rule in rules(call):
            if error in rule.errors:
                title = printed.index(f"  {rule.name}, {rule.source}: {rule.text}\n    asked by ")
                asking = printed[title:].split("\n")[1].removeprefix("    asked by ").split(", ")
                assert asking.count(name) == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [("BackupAbortedByServer", "close to it are JET_errBackupAbortByServer (-801)"), ("-802", "(-801)")],
)
def test_an_unknown_error(invoke: Callable[..., Result], given: str, message: str) -> None:
    """What is no error gets a suggestion, with status 2."""
    result = invoke("explain", given)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""
