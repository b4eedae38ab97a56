# SPDX-License-Identifier: MIT
"""A C program that calls every function of the library with wild arguments: no crash, no hang, no success that an engine refuses.

ESEMU_FUZZ_CALLS says how many calls it makes; a million take a minute or two.
"""

import os
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from esemu.faces.abi.exports import EXPORTS, is_emulated
from esemu.vocabulary.declarations import Argument, Prototype
from esemu.vocabulary.structures import STRUCTURES

CALLS = int(os.environ.get("ESEMU_FUZZ_CALLS", "20000"))

STRINGS = {"JET_PCSTR": "a", "JET_PSTR": "a", "JET_PCWSTR": "w", "JET_PWSTR": "w"}

HANDLES = {
    "JET_INSTANCE": "i",
    "JET_SESID": "s",
    "JET_TABLEID": "t",
    "JET_DBID": "d",
    "JET_HANDLE": "h",
    "JET_OSSNAPID": "S",
    "JET_INSTANCE *": "I",
    "JET_PFNSTATUS": "f",
    "JET_PFNREALLOC": "r",
}

ENDING = (
    "JetBeginSurrogateBackup",
    "JetCloseDatabase",
    "JetCloseTable",
    "JetDetachDatabase",
    "JetEndSession",
    "JetOSSnapshotFreeze",
    "JetRestore",
    "JetExternalRestore",
    "JetStop",
    "JetTerm",
)
"""What calls begin with that end what other calls are about, and are made less often for that."""

OF_THE_PROCESS = ("JetSetSystemParameter", "JetGetSystemParameter", "JetRestoreInstance")
"""Calls that no instance is fine for: what they name may be the whole process's, and a restore makes one (jetapi.cxx:22118)."""

OF_A_BACKUP = (
    "JetOpenFile",
    "JetReadFile",
    "JetGetAttachInfo",
    "JetGetLogInfo",
    "JetGetTruncateLogInfo",
    "JetTruncateLog",
)
"""What calls begin with that need a backup which was not stopped; who reads nothing needs no open file (backup.cxx:2743)."""

NULL_IS_FINE = {
    ("JetFreeBuffer", "pbBuf"),
    ("JetBackup", "szBackupPath"),
    ("JetBackupInstance", "szBackupPath"),
    ("JetCompact", "pfnStatus"),
    ("JetGetCursorInfo", "pvResult"),
    ("JetReadFile", "pv"),
    ("JetReadFileInstance", "pv"),
}
"""Pointers that the header does not call optional, and the engine takes NULL for, to read into where there is no more to read."""

FITS_NEXT = 0xFFFFFFFF
"""As the size of what an argument points to: the next argument says it."""


def kind(argument: Argument, before: Argument | None, *, free: bool = False) -> str:
    """Return the letter for an argument, that of a number for a `free` handle; what tells the size of the input before it must not lie."""
    c_type = argument.c_type.removeprefix("const ")
    if c_type in HANDLES:
        return "n" if free and c_type in {"JET_INSTANCE", "JET_SESID"} else HANDLES[c_type]
    if c_type in STRINGS and argument.direction == "in":
        return STRINGS[c_type]
    if c_type.startswith("JET_RSTMAP"):
        return "m"
    if says_its_size(c_type):
        return "x"
    if c_type.endswith("*") or c_type in STRINGS:
        return "p" if argument.direction == "in" else "o"
    if argument.name.startswith("cpg"):
        return "g"
    if argument.name == "cEnumColumnId":  # it comes before what it counts
        return "c"
    if before is None or c_type not in {"long", "unsigned long"} or kind(before, None) not in "opx":
        return "n"
    return "c" if before.direction == "in" else "z" if argument.name.startswith("cb") else "n"


def says_its_size(c_type: str) -> bool:
    """Return whether a type is that of a pointer to a structure that begins with its size."""
    structure = STRUCTURES.get(c_type.removesuffix(" *"))
    return structure is not None and structure.fields[0].name == "cbStruct"


def size(argument: Argument, after: Argument | None) -> int:
    """Return how many bytes an argument points to."""
    c_type = argument.c_type.removeprefix("const ").removesuffix("*").rstrip()
    if after is not None and kind(after, argument) == "z":
        return FITS_NEXT
    if c_type in STRUCTURES:
        return STRUCTURES[c_type].size
    return 4 if c_type in {"unsigned long", "long", "JET_DBID", "JET_COLUMNID"} else 8


def needs(name: str, kinds: str) -> Iterator[str]:
    """Yield what a call needs to succeed, and whether it ends things."""
    if any(letter in kinds for letter in "ist") and not name.startswith(("JetTerm", "JetStop")):
        yield "INSTANCE"
    if name.startswith(OF_A_BACKUP):
        yield "GOES_ON"
    if name.startswith("JetCloseFile"):
        yield "OPEN"
    if name.startswith(ENDING):
        yield "ENDS"


def row(symbol: str, prototype: Prototype) -> str:
    """Return the row of a function for the program: its name, and what it knows of its arguments."""
    name, arguments = EXPORTS[symbol].name, prototype.arguments
    free = name.startswith(OF_THE_PROCESS)
    kinds = "".join(kind(each, before, free=free) for before, each in pairwise((None, *arguments)) if each)
    optional = "".join("-+"[each.optional or (name, each.name) in NULL_IS_FINE] for each in arguments)
    sizes = ", ".join(f"{size(each, after)}u" for each, after in pairwise((*arguments, None)) if each) or "0"
    flags = " | ".join(needs(name, kinds)) or "0"
    return f'{{"{symbol}", "{kinds}", "{optional}", {{{sizes}}}, {flags}, 0, 0, 0, 0}},\n'


@pytest.fixture(scope="session")
def fuzz(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the program with the table of all functions that look at their arguments."""
    folder = tmp_path_factory.mktemp("fuzz")
    emulated = [(symbol, EXPORTS[symbol].prototype) for symbol in sorted(EXPORTS) if is_emulated(symbol)]
    (folder / "functions.h").write_text("".join(row(*each) for each in emulated))
    source = Path(__file__).resolve().parent.parent / "c" / "fuzz.c"
    flags = ["-std=c11", "-D_GNU_SOURCE", "-O1", "-g", "-Wall", "-Wextra", "-Werror", f"-I{folder}"]
    subprocess.run([os.environ.get("CC", "cc"), *flags, str(source), "-o", str(folder / "fuzz"), "-ldl"], check=True)
    return folder / "fuzz"


def test_wild_arguments(fuzz: Path, built: Path, tmp_path: Path) -> None:
    """No crash, no hang, no exception, no write beyond a buffer, no success that an engine refuses; and all met what is alive."""
    (tmp_path / "folder").mkdir()
    errors = tmp_path / "errors.txt"
    with errors.open("wb") as stderr:
        command = [str(fuzz), str(built / "libesent.so"), str(CALLS), "1"]
        result = subprocess.run(
            command,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            check=False,
            timeout=60 + CALLS / 100,
        )
    said = errors.read_text(errors="replace")
    assert result.returncode == 0, said[-2000:]
    assert "Traceback" not in said, said[-2000:]
    *functions, share = [line.split() for line in result.stdout.splitlines()]
    never_met = [name for name, _, live, _ in functions if live == "0"]
    assert not never_met
    instance, backup, file, table = (int(each) / CALLS for each in share)
    assert min(instance, table) > 0.99
    assert 0.3 < file < backup < 0.95
