# SPDX-License-Identifier: MIT
"""The library loaded into the very Python that it runs: its functions, called from outside, in front of any process.

That is how the tests of esemu, and its conformance runs, give a library in C the modelled world of a case.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

from esemu.faces.abi.passing import declare
from esemu.faces.clib.start import HOST, serve

if TYPE_CHECKING:
    from os import PathLike

    from esemu.machine.state import Process


class Loaded:
    """A library at a path of the host; what escaped from a call inside of it is raised outside."""

    def __init__(self, path: str | PathLike[str]) -> None:
        """Load it, and let it start.  Raises OSError."""
        self._library = ctypes.CDLL(str(path))
        self._library.JetFreeBuffer(None)
        if HOST.ffi is None:
            raise OSError(f"{path} runs in another Python")

    def of(self, process: Process) -> Loaded:
        """Let it serve a process from now on."""
        serve(process)
        return self

    def __getattr__(self, name: str) -> Any:
        """Return an exported function for raw numbers."""
        function = self._library[name]
        declare(function, name)

        def exported(*raw: int) -> int:
            HOST.failure = None
            error: int = function(*raw)
            if HOST.failure is not None:
                raise HOST.failure
            return error

        setattr(self, name, exported)
        return exported
