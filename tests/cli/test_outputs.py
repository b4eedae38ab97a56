# SPDX-License-Identifier: MIT
"""What cannot be written is one line and exit status 2, whichever command was to write it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from esemu.cli.commands import commands
from esemu.faces.library import Library


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="NO /dev/full on this machine: no disk is full when one is written to"
)
@pytest.mark.parametrize(
    "arguments",
    [
        ["conform", "esemu:Engine", "--kind", "random", "--random", "1", "--report", "full.txt"],
        ["record", "--library", "libc.so.6", "cases.jsonl", "-o", "full.txt"],
    ],
)
def test_a_disk_that_is_full(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the host refuses in the middle is one line too."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full.txt").symlink_to("/dev/full")
    (tmp_path / "cases.jsonl").touch()
    monkeypatch.setattr("esemu.cli.record.recorded", lambda *_, **__: iter([{"id": "case"}]))
    monkeypatch.setattr("esemu.cli.conform.found", lambda target: Library)
    result = CliRunner().invoke(commands, arguments)
    assert (result.exit_code, type(result.exception)) == (2, SystemExit)
    assert result.output == "Error: [Errno 28] No space left on device\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["build-library", "-o", "file/libesent.so"],
        ["conform", "esemu:Engine", "--report", "file/report.html"],
        ["conform", "esemu:Engine", "--script", "nowhere/show.py"],
        ["record", "--library", "libc.so.6", "cases.jsonl", "-o", "nowhere/recording.jsonl"],
    ],
)
def test_a_folder_that_is_not_there(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback, and nothing is run for it first."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "cases.jsonl").touch()
    result = CliRunner().invoke(commands, arguments)
    assert (result.exit_code, type(result.exception)) == (2, SystemExit)
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1


COMMANDS = [["rules"], ["explain", "-801"], ["demo"], ["contract"], ["matrix", "--json"]]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the host has no file that is always full")
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_full_disk(arguments: list[str]) -> None:
    """The error of the host, and no traceback."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "esemu", *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (2, f"Error: {os.strerror(28)}\n")  # ENOSPC


@pytest.mark.skipif(os.name == "nt", reason="it takes a shell that closes a stream")
def test_no_standard_output() -> None:
    """Nobody would see what a command prints, so it is not run."""
    line = f'"{sys.executable}" -m esemu rules >&-'
    done = subprocess.run(line, shell=True, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "Error: standard output is closed\n")
