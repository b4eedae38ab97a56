# SPDX-License-Identifier: MIT
"""Clients in C# under Mono, with P/Invoke declarations of their own, do what they would with esent.dll."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import esemu

CSHARP = Path(__file__).resolve().parent.parent / "csharp"


def run(built: Path, folder: Path, name: str, *arguments: str) -> str:
    """Compile a program of tests/csharp, run it in a folder, and return what it prints."""
    if shutil.which("mono") is None or shutil.which("mcs") is None:
        pytest.skip("NO MONO (mono, mcs) on this machine: no C# client is tested at all")
    program = folder.parent / f"{name}.exe"
    made = subprocess.run(
        ["mcs", "-warnaserror", f"-out:{program}", str(CSHARP / f"{name}.cs")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    environment = {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": str(built), "DYLD_LIBRARY_PATH": str(built)}
    command = ["mono", str(program), *arguments]
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_a_client_that_streams(built: Path, tmp_path: Path) -> None:
    """What its full backup and the engine's own saved can be restored, and what it saved until the stop cannot."""
    data, target = tmp_path / "data", tmp_path / "target"
    data.mkdir()
    target.mkdir()
    assert run(built, data, "Backup", str(data), str(target)) == "backed up\n"
    assert esemu.verify(target / "full").restorable
    assert esemu.verify(target / "own").restorable
    assert not esemu.verify(target / "stopped").restorable


def test_a_client_that_comes_back(built: Path, tmp_path: Path) -> None:
    """It finds its row in the database that it has restored to another folder, and in one that recovery finds elsewhere."""
    folder = tmp_path / "work"
    folder.mkdir()
    assert run(built, folder, "Restore") == "restored\n"
    assert esemu.verify(folder / "backup" / "new").restorable
