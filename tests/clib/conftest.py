# SPDX-License-Identifier: MIT
"""The library for C, built once, and C programs that are compiled against it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from esemu.faces.clib.build import LIBRARY, build

C = Path(__file__).resolve().parent.parent / "c"

COMPILER = os.environ.get("CC", "cc")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the library, its header and its pkg-config file, and return the folder."""
    if sys.platform == "win32":
        pytest.skip("NO libesent.so FOR WINDOWS: esent.dll is there, and the library for C is for hosts without it")
    if shutil.which(COMPILER) is None:
        pytest.skip(
            f"NO C COMPILER: there is no {COMPILER} on this machine, and without one no C client is tested at all"
        )
    folder = tmp_path_factory.mktemp("libesent")
    build(folder / LIBRARY)
    return folder


@pytest.fixture(scope="session")
def compiled(built: Path) -> Callable[[str], Path]:
    """Return what compiles a program of tests/c with every warning an error, and gives its path."""
    done: dict[str, Path] = {}

    def compile_(name: str) -> Path:
        if name not in done:
            done[name] = built / name
            flags = ["-std=c11", "-D_GNU_SOURCE", "-g", "-Wall", "-Wextra", "-Werror", f"-I{built}", f"-L{built}"]
            link = ["-lpthread", "-ldl"] if name == "local" else ["-lesent", "-lpthread", f"-Wl,-rpath,{built}"]
            command = [COMPILER, *flags, str(C / f"{name}.c"), "-o", str(done[name]), *link]
            made = subprocess.run(command, capture_output=True, text=True, check=False)
            assert made.returncode == 0, made.stderr
        return done[name]

    return compile_


@pytest.fixture
def run(compiled: Callable[[str], Path], tmp_path: Path) -> Run:
    """Return what runs a program of tests/c in an empty folder, with nothing of this Python in its environment."""
    for folder in ("data", "full", "incremental"):
        (tmp_path / folder).mkdir()

    def run_(
        name: str, *arguments: str, before: tuple[str, ...] = (), **variables: str
    ) -> subprocess.CompletedProcess[str]:
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        command = [*before, str(compiled(name)), *(arguments or (str(tmp_path),))]
        return subprocess.run(
            command, env=kept | variables, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
        )

    return run_
