# SPDX-License-Identifier: MIT
"""A client in C# under Mono, with P/Invoke declarations of its own, does what it would with esent.dll."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import esemu

SOURCE = Path(__file__).resolve().parent.parent / "csharp" / "Backup.cs"


@pytest.fixture
def saved(built: Path, tmp_path: Path) -> Path:
    """Compile and run the client, and return the folder of its backups."""
    if shutil.which("mono") is None or shutil.which("mcs") is None:
        pytest.skip("NO MONO (mono, mcs) on this machine: no C# client is tested at all")
    data, target = tmp_path / "data", tmp_path / "target"
    data.mkdir()
    target.mkdir()
    program = tmp_path / "Backup.exe"
    made = subprocess.run(
        ["mcs", "-warnaserror", f"-out:{program}", str(SOURCE)], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    environment = {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": str(built), "DYLD_LIBRARY_PATH": str(built)}
    command = ["mono", str(program), str(data), str(target)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert (result.returncode, result.stdout) == (0, "backed up\n"), result.stderr
    return target


def test_a_csharp_client(saved: Path) -> None:
    """What its full backup and the engine's own saved can be restored, and what it saved until the stop cannot."""
    assert esemu.verify(saved / "full").restorable
    assert esemu.verify(saved / "own").restorable
    assert not esemu.verify(saved / "stopped").restorable
