# SPDX-License-Identifier: MIT
"""The command line as a whole: what it needs, what it imports, and how it ends when nobody reads on."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from click.testing import Result

import esemu
from esemu.cli.commands import COMMANDS

RUN_MODULE = "runpy.run_module('esemu', run_name='__main__', alter_sys=True)"


def run_without(libraries: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process in which some libraries cannot be imported."""
    code = f"import runpy, sys; sys.modules.update({libraries}); sys.argv[:] = {['esemu', *arguments]!r}; {RUN_MODULE}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("arguments", [(), ("demo",), ("run", "-"), ("--help",)])
def test_without_click_one_line_says_what_to_install(arguments: tuple[str, ...]) -> None:
    """Without the extra every command ends with status 2 and a line that names the extra."""
    result = run_without("click=None, rich=None", *arguments)
    assert result.returncode == 2
    assert result.stderr == 'esemu: click is missing; pip install "esemu[cli]" installs it\n'
    assert result.stdout == ""


def test_without_rich_only_a_terminal_misses_it() -> None:
    """Rich draws the progress bar on a terminal; everything else works without it."""
    result = run_without("rich=None", "demo")
    assert (result.returncode, result.stderr) == (0, "")


def test_an_import_error_of_another_module_is_not_hidden() -> None:
    """What is missing and does not belong to the extra is a defect, and shows as one."""
    result = run_without("json=None", "rules", "--json")
    assert "ModuleNotFoundError" in result.stderr


@pytest.mark.parametrize("arguments", [("run", "-"), ("rules",), ("explain", "-801"), ("demo",)])
def test_rich_is_not_imported_off_a_terminal(arguments: tuple[str, ...]) -> None:
    """No command waits for the import of rich, least of all `run`."""
    code = (
        f"import runpy, sys; sys.argv[:] = {['esemu', *arguments]!r}\n"
        f"try: {RUN_MODULE}\nexcept SystemExit as ended: assert not ended.code, ended.code\n"
        "assert 'click' in sys.modules and 'rich' not in sys.modules"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], input="", capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 0, result.stderr


def test_the_help_names_every_command(invoke: Callable[..., Result]) -> None:
    """--help and -h list all commands."""
    for option in ("--help", "-h"):
        result = invoke(option)
        assert result.exit_code == 0
        assert all(f"\n  {name} " in result.stdout for name in COMMANDS)


def test_the_version(invoke: Callable[..., Result]) -> None:
    """--version prints that of the package."""
    assert invoke("--version").stdout == f"esemu, version {esemu.__version__}\n"


def test_an_unknown_command_is_a_usage_error(invoke: Callable[..., Result]) -> None:
    """What is no command is said so, with status 2."""
    result = invoke("restore")
    assert result.exit_code == 2
    assert "No such command 'restore'" in result.stderr


def test_python_m(python_m: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """`python -m esemu` is the command line."""
    result = python_m("rules", "JetStopBackupInstance")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("JetStopBackupInstance: ")


def test_a_closed_pipe_is_no_traceback() -> None:
    """A reader that has seen enough, such as head, ends the command quietly."""
    with subprocess.Popen(
        [sys.executable, "-m", "esemu", "rules", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "{\n"
        process.stdout.close()
        assert process.stderr.read() == ""
