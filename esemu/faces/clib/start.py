# SPDX-License-Identifier: MIT
"""What runs inside the library: one engine for the process that has loaded it, and a Python function for each export.

An exception that escapes from a call is told on standard error and makes JET_errInternalError: an engine that would have
crashed, or would wait for ever, has no error to return.  What is not emulated is JET_errFeatureNotAvailable.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.exports import EXPORTS, function
from esemu.faces.abi.interface import Interface
from esemu.faces.clib.source import prototypes
from esemu.vocabulary.errors import JET_errFeatureNotAvailable, JET_errInternalError, JET_errSuccess
from esemu.vocabulary.exceptions import EsemuError, NotEmulated

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from esemu.machine.state import Process

WRITING: Final = frozenset(
    {
        "JetTerm",
        "JetTerm2",
        "JetEndExternalBackup",
        "JetEndExternalBackupInstance",
        "JetEndExternalBackupInstance2",
        "JetBackup",
        "JetBackupInstance",
        "JetDetachDatabase",
        "JetDetachDatabase2",
        "JetOSSnapshotFreeze",
        "JetOSSnapshotThaw",
        "JetRestore",
        "JetRestore2",
        "JetRestoreInstance",
        "JetExternalRestore",
        "JetExternalRestore2",
    }
)
"""The calls after which everything is on the disk, and in the file of the trace: nothing is called when a process ends."""


class Host:
    """What the library serves: the engine that it has started, or a process that a test has put in its place."""

    def __init__(self) -> None:
        self.ffi: Any = None
        self.failure: BaseException | None = None  # what the last call that failed so ended with
        self._trace_file = ""
        self._traced = 0  # number of the last call that was written

    def begin(self) -> None:
        """Make the engine that the environment describes.  Raises ValueError and OSError where that makes no sense."""
        from esemu.faces.clib.script import Script  # noqa: PLC0415 - json and re, which a test's own process has no use for
        from esemu.faces.clib.settings import interface_from, settings_of_environment  # noqa: PLC0415 - likewise

        settings = settings_of_environment()
        interface = interface_from(settings)
        Script(settings.get("stops"), settings.get("faults")).play(interface.process)
        self._trace_file = settings.get("trace")
        if self._trace_file:
            with open(self._trace_file, "w", encoding="utf-8"):  # noqa: PTH123 - it can be made, or that fails here
                pass
        self.serve(interface, self._written)

    def serve(self, interface: Interface, write: Callable[[Interface], None] | None = None) -> None:
        """Let the exported functions be those of a process; `write` is called after those that end something."""
        for symbol, prototype in prototypes().items():
            call = function(interface, symbol)
            if write is not None and EXPORTS[prototype.symbol].name in WRITING:
                call = _with_writing(call, interface, write)
            define = self.ffi.def_extern(name=f"py_{symbol}", error=JET_errInternalError, onerror=self._failed)
            define(call)
        define = self.ffi.def_extern(name="py_esemu_not_emulated", error=JET_errInternalError, onerror=self._failed)
        define(lambda name: function(interface, self.ffi.string(name).decode())())

    def _written(self, interface: Interface) -> None:
        """Write what the disk of the host and the file of the trace do not have yet."""
        if self._trace_file:
            from esemu.faces.trace import Trace  # noqa: PLC0415 - few programs want it

            calls = [call for call in Trace(interface.process).as_dicts() if call["number"] > self._traced]
            with open(self._trace_file, "a", encoding="utf-8") as file:  # noqa: PTH123 - as above
                file.writelines(json.dumps(call) + "\n" for call in calls)
            self._traced = calls[-1]["number"] if calls else self._traced

    def _failed(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> int:
        """Tell of an exception, and return the error that the caller gets."""
        self.failure = error
        if isinstance(error, EsemuError):
            sys.stderr.write(f"esemu: {kind.__name__}: {error}\n")
        else:
            import traceback  # noqa: PLC0415 - a defect, or memory has run out

            traceback.print_exception(kind, error, trace)
        sys.stderr.flush()
        return JET_errFeatureNotAvailable if isinstance(error, NotEmulated) else JET_errInternalError


HOST: Final = Host()
"""The one of this process."""


def _with_writing(
    call: Callable[..., int], interface: Interface, write: Callable[[Interface], None]
) -> Callable[..., int]:
    def calling(*raw: int) -> int:
        error = call(*raw)
        write(interface)
        return error

    return calling


def connect(ffi: Any) -> None:
    """Let cffi's functions be those of this module."""
    HOST.ffi = ffi
    ffi.def_extern(name="py_esemu_start", error=-1)(start)


def start() -> int:
    """Make the engine, as the environment says; return 0, or -1 where that does not work."""
    try:
        HOST.begin()
    except Exception as wrong:  # noqa: BLE001 - whatever it is, every call shall return an error
        missing = isinstance(wrong, HOST.ffi.error)  # a function that the library does not have
        why = "the library was built by another version of esemu: build it again" if missing else wrong
        sys.stderr.write(f"esemu: the emulated engine cannot start: {why}\n")
        return -1
    return JET_errSuccess


def serve(process: Process) -> Interface:
    """Let the library, loaded by a program in the same Python, be that of a process that this program has made."""
    interface = Interface(process)
    HOST.serve(interface)
    return interface
