# SPDX-License-Identifier: MIT
"""`Engine`: one emulated process that has loaded the engine, with the ways into it and everything a test looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.checks import seconds, whole
from esemu.faces.jet import Jet
from esemu.faces.start import Start
from esemu.faces.trace import Trace
from esemu.machine.state import Process
from esemu.vocabulary.grbits import JET_bitTermComplete
from esemu.world.emulated import WAIT_LIMIT_S, EmulatedWorld

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from esemu.faces.database import Database
    from esemu.faces.instance import Instance
    from esemu.faces.library import Library
    from esemu.world.clock import Clock
    from esemu.world.disk import VirtualDisk
    from esemu.world.eventlog import EventLog

BUILDS: Final = ("esent", "ese")
"""Windows' esent.dll, which validates handles, and the open-source build."""


CONTRACTS: Final = ("source", "documented")
"""What the engine's source does, and what its reference pages promise."""


class Engine:
    """One emulated process.  Two engines know nothing of each other, and dropping one frees everything in it.

    `build` is "esent" (Windows: handles are validated, log names have five digits) or "ese".  `contract` is "source" or
    "documented": what the reference pages promise, where they differ (`python -m esemu contract`).  The trace keeps the
    last `trace_limit` calls; messages of errors end with the last `calls_in_errors` of them.  A call that waits for
    other threads gives up after `wait_limit` seconds of the host, and at once where none of them can end the wait.
    """

    __slots__ = ("__weakref__", "_world", "jet", "process")

    def __init__(
        self,
        build: str = "esent",
        *,
        contract: str = "source",
        trace_limit: int = 10_000,
        calls_in_errors: int = 0,
        wait_limit: float = WAIT_LIMIT_S,
    ) -> None:
        if build not in BUILDS:
            raise ValueError(f"build is {build!r}; there are {' and '.join(map(repr, BUILDS))}")
        if contract not in CONTRACTS:
            raise ValueError(f"contract is {contract!r}; there are {' and '.join(map(repr, CONTRACTS))}")
        self._world = EmulatedWorld()
        self._world.wait_limit_s = seconds(wait_limit, "wait_limit")
        #: The state of the process, with every variable of the engine that this emulator has.
        self.process = Process(self._world, build, whole(trace_limit, "trace_limit", 0, 2**31))
        if contract == "documented":
            from esemu.machine.documented.contract import documented_contract  # noqa: PLC0415 - others pay nothing

            self.process.contract = contract
            self.process.interposer = documented_contract(self.process)
        self.process.calls_in_errors = whole(calls_in_errors, "calls_in_errors", 0, None)
        #: The API: JetXxx functions that raise `JetError`.
        self.jet = Jet(self.process)

    @property
    def disk(self) -> VirtualDisk:
        """The files of the process, those that the engine makes and those that a test puts there."""
        return self._world.disk

    @property
    def clock(self) -> Clock:
        """The engine's clock: it moves when it is told to, or when the engine would sleep."""
        return self._world.clock

    @property
    def events(self) -> EventLog:
        """The event log, in order."""
        return self._world.events

    @property
    def trace(self) -> Trace:
        """The calls that were made, in order."""
        return Trace(self.process)

    def start(  # noqa: PLR0913 - every part of an instance has a default
        self,
        databases: Mapping[str, int | None] | Iterable[Database] = (),
        *,
        name: str | None = None,
        page_size: int | None = None,
        log_path: str | None = None,
        system_path: str | None = None,
        generations: int = 1,
        checkpoint: int | None = None,
        circular: bool = False,
        parameters: Mapping[int, int | str] | None = None,
    ) -> Instance:
        r"""Return an instance that is created, initialised, and has its databases attached, through the API's own calls.

        `databases` maps paths to numbers of pages (of `page_size` bytes, 4096 by default), or holds `Database` objects.
        A path that exists already is attached if no number of pages was given (None), and refused if one was.
        The first instance logs to C:\logs\ and keeps its checkpoint in C:\sys\, the second to C:\logs1\ and so on; one
        that is started where another has ended goes on with its logs.
        `generations` is the number of the log that is being written: logs 1 to `generations` - 1 are archived, and the
        checkpoint stands at `checkpoint`, by default there too.  `parameters` are system parameters by number.

        Raises TypeError and ValueError for arguments that mean nothing, `NotEmulated` for a parameter that esemu does
        not know, and `JetError` where the engine refuses, such as for a name that is in use.  None of
        them leaves an instance, or a file of one, behind.
        """
        start = Start(self.process, self._world)
        start.describe(databases, page_size, name=name, parameters=parameters, circular=circular)
        start.place(log_path, system_path)
        start.position(generations, checkpoint)
        return start.run()

    def stop(self, instance: int) -> None:
        """End an instance as a well-behaved server would: with JetTerm2(JET_bitTermComplete)."""
        self.jet.JetTerm2(instance, JET_bitTermComplete)

    def library(self, code_page: str = "cp1252") -> Library:
        """Return what `ctypes.WinDLL("esent")` is on Windows: every exported function, for arguments of ctypes.

        `code_page` is Python's name of the encoding of the A forms.  Raises LookupError for one that it does not know.
        """
        from esemu.faces.library import Library  # noqa: PLC0415 - few programs use ctypes

        if not isinstance(code_page, str):
            raise TypeError(f"code_page is {code_page!r}; it must be the name of an encoding")
        return Library(self.process, code_page)

    def __repr__(self) -> str:
        """Show the build and the instances."""
        return f"<{self.process.build} engine: {self.process.live()!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Refuse to be pickled: an engine stays where it is.  Raises TypeError."""
        raise TypeError("an engine cannot be pickled or copied")
