# SPDX-License-Identifier: MIT
"""`Engine`: one emulated process that has loaded the engine, with the ways into it and everything a test looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from esemu.faces.database import Database
from esemu.faces.instance import Instance
from esemu.faces.jet import Jet
from esemu.faces.trace import Trace
from esemu.machine.call import Call, CreateInstanceCall, DatabaseCall, GrbitCall, InitCall, ParameterCall
from esemu.machine.calls import CALLS
from esemu.machine.state import MODE_NOT_SET, Process
from esemu.vocabulary.exceptions import exception_for
from esemu.vocabulary.parameters import (
    JET_paramCircularLog,
    JET_paramDatabasePageSize,
    JET_paramLogFilePath,
    JET_paramSystemPath,
)
from esemu.world.emulated import EmulatedWorld
from esemu.world.paths import folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from esemu.world.clock import Clock
    from esemu.world.disk import VirtualDisk
    from esemu.world.eventlog import EventLog

BUILDS = ("esent", "ese")
"""Windows' esent.dll, which validates handles, and the open-source build."""


class Engine:
    """One emulated process.  Two engines know nothing of each other, and dropping one frees everything in it.

    `build` is "esent" (Windows: handles are validated, log names have five digits) or "ese".  The trace keeps the last
    `trace_limit` calls; messages of errors end with the last `calls_in_errors` of them.
    """

    __slots__ = ("__weakref__", "_world", "jet", "process")

    def __init__(self, build: str = "esent", *, trace_limit: int = 10_000, calls_in_errors: int = 0) -> None:
        if build not in BUILDS:
            raise ValueError(f"build is {build!r}; there are {' and '.join(map(repr, BUILDS))}")
        self._world = EmulatedWorld()
        #: The state of the process, with every variable of the engine that this emulator has.
        self.process = Process(self._world, build, trace_limit)
        self.process.calls_in_errors = calls_in_errors
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
        databases: Mapping[str, int] | Iterable[Database] = (),
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
        The first instance logs to C:\logs\ and keeps its checkpoint in C:\sys\, the next to C:\logs1\ and so on.
        `generations` is the number of the log that is being written: logs 1 to `generations` - 1 are archived, and the
        checkpoint stands at `checkpoint`, by default there too.  `parameters` are system parameters by number.
        Raises `JetError` where the engine refuses, such as for a name that is in use.
        """
        described = _described(databases, page_size)
        self._set_page_size(page_size, described)
        number = len(self.process.live())
        suffix = str(number) if number else ""
        create = CreateInstanceCall(CALLS["JetCreateInstance2"], name or f"instance{number + 1}")
        self._call(create)
        state = create.result
        # Defaults of this function, which JetSetSystemParameter would take without a word.
        state.parameters = {
            JET_paramLogFilePath: _folder(log_path or f"C:\\logs{suffix}"),
            JET_paramSystemPath: _folder(system_path or f"C:\\sys{suffix}"),
            JET_paramCircularLog: int(circular),
        }
        for paramid, value in (parameters or {}).items():
            self._call(ParameterCall(CALLS["JetSetSystemParameter"], state.handle, 0, paramid, value))
        self.disk.create_folders(state.log_path)
        self.disk.create_folders(state.system_path)
        self._call(InitCall(CALLS["JetInit3"], state.handle))
        if generations > 1 or checkpoint is not None:
            _set_log(state, generations, checkpoint)
        begin = Call(CALLS["JetBeginSession"], state.handle)
        self._call(begin)
        for database in described:
            self._attach(begin.result, database)
        return Instance(state, begin.result)

    def stop(self, instance: int) -> None:
        """End an instance as a well-behaved server would: with JetTerm2(JET_bitTermComplete)."""
        self._call(GrbitCall(CALLS["JetTerm2"], instance, 1))

    def _set_page_size(self, page_size: int | None, described: list[Database]) -> None:
        """The page size belongs to the process: it is set with the first instance, and fixed from then on."""
        sizes = {database.page_size for database in described} | ({page_size} if page_size else set())
        if len(sizes) > 1:
            raise ValueError(f"the databases of a process have one page size, not {sorted(sizes)}")
        if not sizes or sizes == {self.process.page_size}:
            return
        if self.process.mode != MODE_NOT_SET:
            raise ValueError(f"the page size of this engine is {self.process.page_size} since its first instance")
        self._call(ParameterCall(CALLS["JetSetSystemParameter"], 0, 0, JET_paramDatabasePageSize, sizes.pop()))

    def _attach(self, session: int, database: Database) -> None:
        """Put a database file on the disk and attach it."""
        disk, world = self.disk, self._world
        path = disk.complete(database.path) or database.path
        disk.create_folders(folder(path))
        world.databases += 1
        stored = database.stored(world.databases)
        error = disk.create(path, stored, overwrite=False)
        if error:
            raise exception_for(error)(f"{path}: the file of the database could not be made")
        attach = DatabaseCall(CALLS["JetAttachDatabase"], session, path)
        self._call(attach)
        attached = attach.result
        attached.read_only = database.read_only
        attached.logged = database.logged and not database.read_only
        for place, record in database.records().items():
            setattr(attached, place, record)

    def _call(self, call: Any) -> None:
        """Make a call that is not expected to fail."""
        error = call.api.perform(self.process, call)
        if error < 0:
            raise exception_for(error)(call)

    def __repr__(self) -> str:
        """Show the build and the instances."""
        return f"<{self.process.build} engine: {self.process.live()!r}>"


def _described(databases: Mapping[str, int] | Iterable[Database], page_size: int | None) -> list[Database]:
    """Return the databases as descriptions."""
    items = getattr(databases, "items", None)
    if items is not None:
        return [Database(path, pages, page_size or 4096) for path, pages in items()]
    return list(databases)  # type: ignore[arg-type]


def _folder(path: str) -> str:
    return path if path.endswith("\\") else path + "\\"


def _set_log(state: Any, generations: int, checkpoint: int | None) -> None:
    """Let the log be where the caller wants it."""
    from esemu.machine.effects.logs import roll_log  # noqa: PLC0415 - most tests begin with the first log

    circular = state.parameters[JET_paramCircularLog]
    state.parameters[JET_paramCircularLog] = 0  # which would throw away the logs that the caller asks for
    while state.log.generation < generations:
        roll_log(state)
    state.parameters[JET_paramCircularLog] = circular
    state.log.checkpoint = state.log.generation if checkpoint is None else checkpoint
