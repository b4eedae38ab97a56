# SPDX-License-Identifier: MIT
"""The command line as a function, as a process, and the real databases that it backs up."""

import contextlib
import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from esemu.cli.commands import commands

DATA = Path(__file__).resolve().parent.parent / "data"


@pytest.fixture
def invoke() -> Callable[..., Result]:
    """Return a function that runs a command in this process."""

    def run(*arguments: object, **options: Any) -> Result:
        return CliRunner().invoke(
            commands, [str(argument) for argument in arguments], catch_exceptions=False, **options
        )

    return run


@pytest.fixture
def python_m(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs `python -m esemu` in a process of its own, in an empty folder."""

    def run(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "esemu", *map(str, arguments)],
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
            cwd=tmp_path,
            env=os.environ | {"PYTHONUTF8": "1"},
            **options,
        )

    return run


@pytest.fixture
def unpack(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that unpacks one of the real databases."""

    def unpacked(name: str) -> Path:
        path = tmp_path / "sources" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(gzip.decompress((DATA / f"{name}.gz").read_bytes()))
        return path

    return unpacked


@pytest.fixture
def on_terminal(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Return a function that runs `python -m esemu` on a pseudo-terminal, 60 columns wide: exit status and output."""

    def run(*arguments: object) -> tuple[int, str]:
        import pty

        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "esemu", *map(str, arguments)],
            stdout=theirs,
            cwd=tmp_path,
            env=os.environ | {"COLUMNS": "60", "TERM": "xterm", "PYTHONUTF8": "1"},
        )
        os.close(theirs)
        printed = b""
        # Linux reports an error where other systems report the end of the file.
        with contextlib.suppress(OSError):
            while data := os.read(ours, 65536):
                printed += data
        os.close(ours)
        return process.wait(timeout=60), printed.decode().replace("\r\n", "\n")

    return run
