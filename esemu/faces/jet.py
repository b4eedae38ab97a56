# SPDX-License-Identifier: MIT
"""`engine.jet`: the API as Python functions, under its own names, which raise where the engine returns an error.

The plain names stand for the Unicode forms; an ANSI form has a function of its own only where it answers differently.
Out-parameters are results.  Warnings, which are positive, do not raise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from esemu.faces.failure import failure
from esemu.faces.jet_backup import BackupCalls
from esemu.faces.jet_instances import InstanceCalls
from esemu.faces.jet_restore import RestoreCalls
from esemu.faces.jet_snapshots import SnapshotCalls
from esemu.machine.step import NO_RETURN

if TYPE_CHECKING:
    from typing import NoReturn

    from esemu.machine.call import Call
    from esemu.machine.state import Process


class Jet(BackupCalls, InstanceCalls, RestoreCalls, SnapshotCalls):
    """The API of one engine.  Any thread may call; JetStopBackupInstance waits for nobody."""

    __slots__ = ("_process",)

    def __init__(self, process: Process) -> None:
        self._process = process

    def _make(self, call: Call) -> Any:
        """Make a call and return its result, or raise its error."""
        error = call.api.perform(self._process, call)
        if error and (error < 0 or error in NO_RETURN):
            raise failure(error, call)
        return call.result

    def __getattr__(self, name: str) -> NoReturn:
        """Say of a function of the API that it is not emulated."""
        if name.startswith("Jet"):
            from esemu.vocabulary.exceptions import NotEmulated  # noqa: PLC0415 - hardly ever needed
            from esemu.vocabulary.signatures import SIGNATURES  # noqa: PLC0415 - a large table

            if name in SIGNATURES:
                raise NotEmulated(f"{name} is not emulated")
        raise AttributeError(f"the API has no function {name!r}")

    def __repr__(self) -> str:
        """Show whose API it is."""
        return f"<API of {self._process.live()!r}>"
