# SPDX-License-Identifier: MIT
"""A C program that calls every function of the library with wild arguments neither crashes nor hangs, nor finds an error of ours.

ESEMU_FUZZ_CALLS says how many calls it makes; a million take a minute or two.
"""

import os
import subprocess
from pathlib import Path

import pytest

from esemu.faces.abi.exports import EXPORTS, is_emulated
from esemu.vocabulary.declarations import Argument, Prototype

CALLS = int(os.environ.get("ESEMU_FUZZ_CALLS", "20000"))

OF_THE_PROCESS = ("JetSetSystemParameter", "JetGetSystemParameter")
"""Calls that are let pass without an instance or a session, for what they name may be the whole process's."""

OF_A_TABLE = (
    "JetCreateIndex",
    "JetDelete",
    "JetDeleteIndex",
    "JetDupCursor",
    "JetEscrowUpdate",
    "JetGetBookmark",
    "JetGetCurrentIndex",
    "JetGetLock",
    "JetGotoBookmark",
    "JetIndexRecordCount",
    "JetMakeKey",
    "JetMove",
    "JetPrepareUpdate",
    "JetRetrieveColumn",
    "JetRetrieveKey",
    "JetSeek",
    "JetSetColumn",
    "JetSetCurrentIndex",
    "JetSetIndexRange",
    "JetUpdate",
)
"""Calls that get a table which is open, for nothing that they take has pointers in it or is longer than it says."""

STRINGS = {"JET_PCSTR": "a", "JET_PSTR": "a", "JET_PCWSTR": "w", "JET_PWSTR": "w"}


def kind(argument: Argument, before: Argument | None, *, needs_handles: bool, has_table: bool) -> str:
    """Return the letter for an argument; one that says how large the input before it is must not lie."""
    c_type = argument.c_type.removeprefix("const ")
    if c_type in {"JET_INSTANCE", "JET_SESID"}:
        return c_type[4].lower() if needs_handles else "n"
    if c_type == "JET_TABLEID":
        return "t" if has_table else "n"
    if c_type == "JET_INSTANCE *":
        return "I"
    if c_type == "JET_PFNSTATUS":
        return "f"
    if c_type in STRINGS and argument.direction == "in":
        return STRINGS[c_type]
    if c_type.startswith("JET_RSTMAP"):
        return "m"
    if c_type.endswith("*") or c_type in STRINGS:
        return "p" if argument.direction == "in" else "o"
    is_input = before is not None and before.direction == "in" and before.c_type.endswith("*")
    return "c" if is_input and c_type in {"long", "unsigned long"} else "n"


def kinds(name: str, prototype: Prototype) -> str:
    """Return the letters for the arguments of a function."""
    arguments = prototype.arguments
    needs = not name.startswith(OF_THE_PROCESS)
    has_table = name.rstrip("AW234") in OF_A_TABLE
    pairs = zip((None, *arguments), arguments, strict=False)
    return "".join(kind(argument, before, needs_handles=needs, has_table=has_table) for before, argument in pairs)


@pytest.fixture(scope="session")
def fuzz(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the program with the table of all functions that look at their arguments."""
    folder = tmp_path_factory.mktemp("fuzz")
    emulated = [(symbol, EXPORTS[symbol].prototype) for symbol in sorted(EXPORTS) if is_emulated(symbol)]
    rows = [f'{{"{symbol}", "{kinds(symbol, prototype)}", 0}}' for symbol, prototype in emulated]
    (folder / "functions.h").write_text("#define FUNCTIONS " + ", \\\n".join(rows) + "\n")
    source = Path(__file__).resolve().parent.parent / "c" / "fuzz.c"
    flags = ["-std=c11", "-D_GNU_SOURCE", "-O1", "-g", "-Wall", "-Wextra", "-Werror", f"-I{folder}"]
    subprocess.run([os.environ.get("CC", "cc"), *flags, str(source), "-o", str(folder / "fuzz"), "-ldl"], check=True)
    return folder / "fuzz"


@pytest.mark.parametrize("seed", [1, 2])
def test_wild_arguments(fuzz: Path, built: Path, tmp_path: Path, seed: int) -> None:
    """No crash, no hang, no exception, and no success of a call about an instance or a session that does not exist."""
    (tmp_path / "folder").mkdir()
    errors = tmp_path / "errors.txt"
    with errors.open("wb") as stderr:
        command = [str(fuzz), str(built / "libesent.so"), str(CALLS // 2), str(seed)]
        result = subprocess.run(
            command,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            check=False,
            timeout=60 + CALLS / 500,
        )
    said = errors.read_text(errors="replace")
    assert result.returncode == 0, said[-2000:]
    assert "Traceback" not in said, said[-2000:]
    assert result.stdout == f"{CALLS // 2} calls, many that succeed\n"
