# SPDX-License-Identifier: MIT
"""The programs of the manual's pages about clients in C and C# do what the pages say."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

HOWTO = Path(__file__).resolve().parent.parent.parent / "docs" / "howto"


def program(page: str, kind: str) -> str:
    """Return the program of a page."""
    found = re.search(rf"^```{kind}\n(.*?)^```$", (HOWTO / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def run(command: list[str], folder: Path, **variables: str) -> str:
    """Run a command and return what it prints."""
    environment = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False).stdout


def test_the_c_client_of_the_manual(built: Path, tmp_path: Path) -> None:
    """It copies the database that it made, and is stopped by ESEMU_STOPS."""
    (tmp_path / "client.c").write_text(program("c-client.md", "c"))
    flags = [f"-I{built}", f"-L{built}", "-lesent", f"-Wl,-rpath,{built}"]
    subprocess.run(["cc", "client.c", "-o", "client", "-Wall", "-Werror", *flags], cwd=tmp_path, check=True)
    assert run(["./client"], tmp_path) == "1060864 of 1060864 bytes\n"
    assert {"mail.edb", "edb.log", "edb.chk", "edbres00001.jrs"} <= {path.name for path in tmp_path.iterdir()}
    (tmp_path / "mail.edb").unlink()
    stopped = run(["./client"], tmp_path, ESEMU_STOPS="after 3 reads")
    assert stopped.startswith("JetReadFileInstance(")
    assert stopped.endswith(": -801\n")


def test_the_csharp_client_of_the_manual(built: Path, tmp_path: Path) -> None:
    """Its own P/Invoke declarations, exact and in both forms, find the functions."""
    if shutil.which("mono") is None or shutil.which("mcs") is None:
        pytest.skip("NO MONO (mono, mcs) on this machine: no C# client is tested at all")
    (tmp_path / "client.cs").write_text(program("csharp-client.md", "csharp"))
    subprocess.run(["mcs", "client.cs"], cwd=tmp_path, check=True)
    assert run(["mono", "client.exe"], tmp_path, LD_LIBRARY_PATH=str(built)) == "True\n-801\n"
