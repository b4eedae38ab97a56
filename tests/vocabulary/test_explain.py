# SPDX-License-Identifier: MIT
"""`explain`: whatever form an error was met in, it is found; whatever is none, something close is suggested."""

import subprocess
import sys

import pytest

from esemu.vocabulary.error_table import ALIASES, ERRORS, WARNINGS
from esemu.vocabulary.explain import explain


@pytest.mark.parametrize(
    "given",
    [
        -801,
        "-801",
        " -801 ",
        "0xFFFFFCDF",
        "0xfffffcdf",
        0xFFFFFCDF,
        "-0x321",
        "JET_errBackupAbortByServer",
        "jet_errbackupabortbyserver",
        "errBackupAbortByServer",
        "BackupAbortByServer",
        "BACKUPABORTBYSERVER",
        "BackupAbortByServerError",
        "EsentBackupAbortByServerException",
    ],
)
def test_forms_of_one_error(given: str | int) -> None:
    """A number in any notation and a name in any spelling mean the same error."""
    assert explain(given).value == -801


def test_what_is_told_about_an_error() -> None:
    """An explanation has name, number, kind, meaning, categories, class, and the documented conditions."""
    told = explain("OutOfMemory")
    assert (told.name, told.value, told.kind) == ("JET_errOutOfMemory", -1011, "error")
    assert told.categories == ("Operation", "Resource", "Memory")
    assert told.exception == "OutOfMemoryError"
    assert told.meaning == ERRORS[-1011][3]
    assert told.aliases == ()


def test_which_pages_document_it() -> None:
    """The functions come with the condition of the reference page, and only those that list the error."""
    documented = explain(-801).documented
    assert "JetStopBackup" in documented["JetGetAttachInfoInstance"]
    assert "JetReadFileInstance" in documented
    assert "JetCloseFileInstance" not in documented


def test_two_conditions_of_one_error_are_both_told() -> None:
    """Where a page lists an error twice, both conditions are there."""
    assert "; " in explain(-521).documented["JetGetTruncateLogInfoInstance"]


def test_success_and_warnings() -> None:
    """Success and warnings are explained too, though no exception is raised for them."""
    assert (explain(0).kind, explain(0).exception) == ("success", None)
    attached = explain(1007)
    assert (attached.name, attached.kind, attached.exception) == ("JET_wrnDatabaseAttached", "warning", None)
    assert explain("JET_wrnNyi").kind == "error"


def test_second_names() -> None:
    """A second name leads to the first, which lists it."""
    told = explain("JET_errDatabaseInconsistent")
    assert told.name == "JET_errDatabaseDirtyShutdown"
    assert told.aliases == ("JET_errDatabaseInconsistent",)


def test_every_name_and_number_is_found() -> None:
    """Each declared name leads to its own number, and each number to itself."""
    for table in (ERRORS, WARNINGS):
        for value, row in table.items():
            assert explain(row[0]).value == explain(value).value == explain(str(value)).value == value
    assert {name: explain(name).value for name in ALIASES} == ALIASES


def test_a_short_name_means_the_error() -> None:
    """Where a name without its start is both an error and a warning, the error is meant."""
    assert explain("DataHasChanged").kind == "error"
    assert explain("JET_wrnDataHasChanged").kind == "warning"


@pytest.mark.parametrize(
    ("given", "suggested"),
    [
        ("BackupAbortedByServer", r"JET_errBackupAbortByServer \(-801\)"),
        ("JET_errInvalidGrbits", r"JET_errInvalidGrbit \(-900\)"),
        (801, r"JET_errBackupAbortByServer \(-801\)"),
        ("-802", r"JET_errBackupAbortByServer \(-801\)"),
        ("JET_errBackupAbortByCaller", r"pages of JetEndExternalBackup, .* document it"),
        ("qqqqqqqq", r"nothing is called anything like it"),
        ("", r"no error ''"),
    ],
)
def test_what_is_unknown_gets_suggestions(given: str | int, suggested: str) -> None:
    """A typing error, a lost sign or a number next to one are answered with what may have been meant."""
    with pytest.raises(LookupError, match=suggested):
        explain(given)


def test_the_tables_are_read_by_the_first_question() -> None:
    """Importing the function reads neither the errors nor the reference pages."""
    code = (
        "import sys; import esemu.vocabulary.explain; "
        "print([name for name in ('error_table', 'documented_returns') if f'esemu.vocabulary.{name}' in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.strip() == "[]"
