# SPDX-License-Identifier: MIT
"""A call from C through the built library: it crosses into Python and back."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from calls import BUDGET_US as CALL_BUDGET_US
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
    slow = slowness()
    yield Row("clib: empty call", "", None, empty, "us", BUDGET_US * slow, note="JetFreeBuffer(NULL)")
    yield Row("clib: call of the machine", "", None, stop, "us", CALL_BUDGET_US * slow, note="JetStopBackupInstance")
