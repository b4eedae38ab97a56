# SPDX-License-Identifier: MIT
"""A call from C through the built library: it crosses into Python and back."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from measure import Row, slowness

from esemu.faces.clib.build import LIBRARY, build

BUDGET_US = 0.3


def rows() -> Iterator[Row]:
    """Build the library, compile the loop and run it."""
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder, LIBRARY))
        program = Path(folder, "bench")
        source = Path(__file__).with_name("clib.c")
        flags = ["-O2", f"-I{folder}", f"-L{folder}", f"-Wl,-rpath,{folder}"]
        subprocess.run(["cc", str(source), "-o", str(program), *flags, "-lesent"], check=True)
        told = subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout
    empty, stop = (float(number) / 1000 for number in told.split())
    yield Row("clib: JetFreeBuffer(NULL)", "", None, empty, "us", BUDGET_US * slowness())
    yield Row("clib: JetStopBackupInstance", "", None, stop, "us", BUDGET_US * slowness())
