# SPDX-License-Identifier: MIT
"""Calls from C through the built library: they cross into Python and back."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import megabyte
from calls import BUDGET_US as CALL_BUDGET_US
from measure import Row, slowness

from esemu.faces.clib.build import LIBRARY, build

BUDGET_US = 0.3


def compiled(name: str, library: Path, *flags: str) -> Path:
    """Compile a source of this folder beside a library and link it with that, and return what was made."""
    folder, made = library.parent, library.with_name(name)
    search = [f"-I{folder}", f"-L{folder}", f"-Wl,-rpath,{folder}"]
    source = Path(__file__).with_name(f"{name}.c")
    subprocess.run(["cc", *flags, str(source), "-o", str(made), *search, "-lesent"], check=True)
    return made


def rows() -> Iterator[Row]:
    """Build the library, compile the loops and run them."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder, LIBRARY)
        build(library)
        program = compiled("clib", library, "-O2")
        told = subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout
        yield megabyte.through_clib(library, compiled("megabyte", library, "-O2", "-shared", "-fPIC"))
    empty, stop = (float(number) / 1000 for number in told.split())
    slow = slowness()
    yield Row("clib: empty call", "", None, empty, "us", BUDGET_US * slow, note="JetFreeBuffer(NULL)")
    yield Row("clib: call of the machine", "", None, stop, "us", CALL_BUDGET_US * slow, note="JetStopBackupInstance")
