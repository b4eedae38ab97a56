# SPDX-License-Identifier: MIT
"""How `Engine.start` makes an instance: all that it was told is checked first, then the API's own calls are made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from esemu.faces.arguments import text
from esemu.faces.checks import GENERATION_MAX, file_path, page_size as checked_page_size, whole
from esemu.faces.described import Described, NamedDatabase
from esemu.faces.instance import Instance
from esemu.faces.settings import setting
from esemu.machine.call import Call, GrbitCall
from esemu.machine.calls import CALLS
from esemu.machine.lognames import log_names
from esemu.machine.shapes.databases import DatabaseCall
from esemu.machine.shapes.instances import CreateInstanceCall, InitCall, ParameterCall
from esemu.machine.state import MODE_NOT_SET
from esemu.vocabulary.exceptions import exception_for
from esemu.vocabulary.grbits import JET_bitTermAbrupt
from esemu.vocabulary.parameters import (
    JET_paramCircularLog,
    JET_paramDatabasePageSize,
    JET_paramLogFilePath,
    JET_paramSystemPath,
)
from esemu.world.paths import folder, key

if TYPE_CHECKING:
    from esemu.machine.state import Instance as State, Process
    from esemu.world.emulated import EmulatedWorld


class Start:
    """One start of an instance.  Until `run` nothing changes; whatever makes that fail is undone."""

    __slots__ = (
        "_checkpoint",
        "_databases",
        "_files",
        "_fresh",
        "_generations",
        "_made",
        "_name",
        "_page_size",
        "_parameters",
        "_place",
        "_process",
        "_settings",
        "_size_before",
        "_world",
    )

    def __init__(self, process: Process, world: EmulatedWorld) -> None:
        self._process = process
        self._world = world
        places = process.instances
        self._place = places.index(None) if None in places else len(places)
        self._size_before = process.page_size
        self._made: list[str] = []  # files of databases
        self._fresh: list[str] = []  # folders that were not there before

    def describe(
        self, databases: Any, page_size: int | None, *, name: str | None, parameters: Any, circular: bool
    ) -> None:
        """Take what the instance is to be and to have."""
        self._name = text(name, "name") or f"instance{self._place + 1}"
        if not isinstance(circular, bool):
            raise TypeError(f"circular is {circular!r}; it must be a bool")
        self._parameters: dict[int, int | str] = {JET_paramCircularLog: int(circular)}
        if parameters and not isinstance(parameters, Mapping):
            raise TypeError(f"parameters is {parameters!r}; it must map numbers of parameters to values")
        self._settings = [setting(*pair) for pair in parameters.items()] if parameters else []
        self._databases = _described(databases)
        self._page_size = self._settle_page_size(page_size)
        self._check_files()

    def place(self, log_path: str | None, system_path: str | None) -> None:
        """Take the folders of the instance: defaults of esemu's own, which JetSetSystemParameter would take as well."""
        suffix = str(self._place) if self._place else ""
        logs, system = f"C:\\logs{suffix}\\", f"C:\\sys{suffix}\\"
        self._parameters[JET_paramLogFilePath] = logs if log_path is None else self._folder(log_path, "log_path")
        self._parameters[JET_paramSystemPath] = (
            system if system_path is None else self._folder(system_path, "system_path")
        )

    def position(self, generations: int, checkpoint: int | None) -> None:
        """Take where the log and its checkpoint stand."""
        self._generations = whole(generations, "generations", 1, GENERATION_MAX)
        self._checkpoint = checkpoint
        if checkpoint is not None and whole(checkpoint, "checkpoint", 1, None) > generations:
            raise ValueError(f"checkpoint is {checkpoint}, which is behind the last of {generations} generations")

    def arguments(self) -> dict[str, Any]:
        """Return what would start such an instance again: arguments of `Engine.start` that are not its defaults."""
        place = str(self._place) if self._place else ""
        circular, logs, system = list(self._parameters.values())[:3]
        given: dict[str, tuple[Any, Any]] = {
            "name": (self._name, f"instance{self._place + 1}"),
            "page_size": (self._page_size, self._size_before),
            "log_path": (logs, f"C:\\logs{place}\\"),
            "system_path": (system, f"C:\\sys{place}\\"),
            "generations": (self._generations, 1),
            "checkpoint": (self._checkpoint, None),
            "circular": (bool(circular), False),
            "parameters": (dict(self._settings), {}),
        }
        differing = {name: value for name, (value, default) in given.items() if value != default}
        return {"databases": self._databases, **differing}

    def run(self) -> Instance:
        """Make the calls."""
        if self._page_size != self._size_before:
            self._set_page_size(self._page_size)
        create = CreateInstanceCall(CALLS["JetCreateInstance2"], 0, self._name)
        self._call(create)
        state: State = create.result
        try:
            session = self._initialise(state)
            for path, database in self._files.values():
                self._attach(session, path, database)
        except BaseException:
            self._undo(state)
            raise
        return Instance(state, session)

    def _initialise(self, state: State) -> int:
        """Start the instance and return a session of it."""
        parameters = state.parameters
        parameters |= self._parameters
        for paramid, value in self._settings:
            self._call(ParameterCall(CALLS["JetSetSystemParameter"], state.handle, 0, paramid, value))
        disk = self._world.disk
        for paramid in (JET_paramLogFilePath, JET_paramSystemPath):
            disk.create_folders(parameters[paramid], self._fresh)
        self._call(InitCall(CALLS["JetInit3"], state.handle))
        if self._generations > state.log.generation or self._checkpoint is not None:
            self._set_log(state)
        begin = Call(CALLS["JetBeginSession"], state.handle)
        self._call(begin)
        return int(begin.result)

    def _set_log(self, state: State) -> None:
        """Let the log be where the caller wants it."""
        log = state.log
        first, log.generation = log.generation, max(log.generation, self._generations)
        if not log.disabled:
            self._world.plan_logs(state, first, log_names(state, first, log.generation))
        log.checkpoint = log.generation if self._checkpoint is None else self._checkpoint
        state.changed()

    def _attach(self, session: int, path: str, database: Described) -> None:
        """Put a database file on the disk, unless there is one, and attach it."""
        disk, world = self._world.disk, self._world
        if not (database.may_exist and disk.exists(path)):
            disk.create_folders(folder(path), self._fresh)
            world.databases += 1
            error = disk.create(path, database.stored(world.databases, self._process.page_size), overwrite=False)
            if error:
                raise exception_for(error)(f"{path}: the file of the database could not be made")
            self._made.append(path)
        attach = DatabaseCall(CALLS["JetAttachDatabase"], session, path)
        self._call(attach)
        database.describe(attach.result)

    def _undo(self, state: State) -> None:
        """End the instance, if it is still there, and remove what was made for it."""
        process, disk = self._process, self._world.disk
        if not state.freed:
            term = GrbitCall(CALLS["JetTerm2"], state.handle, JET_bitTermAbrupt)
            term.part_of = self
            term.api.perform(process, term)
        for path in [*self._made, *(name for fresh in self._fresh for name in disk.files_in(fresh))]:
            disk.remove(path)
        for fresh in sorted(self._fresh, key=len, reverse=True):  # what is inside another one first
            disk.remove_folder(fresh)
        if self._page_size != self._size_before:
            self._set_page_size(self._size_before)

    def _set_page_size(self, size: int) -> None:
        self._call(ParameterCall(CALLS["JetSetSystemParameter"], 0, 0, JET_paramDatabasePageSize, size))

    def _call(self, call: Call) -> None:
        """Make a call and raise its error."""
        call.part_of = self
        error = call.api.perform(self._process, call)
        if error < 0:
            raise exception_for(error)(call)

    def _settle_page_size(self, given: int | None) -> int:
        """Return the page size of the process, which is set with the first instance and fixed from then on."""
        size = None if given is None else checked_page_size(given)
        for database in self._databases:
            if size is None:
                size = database.page_size
            elif database.page_size not in {None, size}:
                sizes = sorted({size, database.page_size})
                raise ValueError(f"the databases of a process have one page size, not {sizes}")
        present = self._process.page_size
        if size not in {None, present} and self._process.mode != MODE_NOT_SET:
            raise ValueError(f"the page size of this engine is {present} since its first instance")
        return size or present

    def _check_files(self) -> None:
        """Look whether every database has a path of its own, and a file if and only if it may have one."""
        disk = self._world.disk
        self._files: dict[str, tuple[str, Described]] = {}  # by key
        for database in self._databases:
            full = disk.complete(database.path)
            if full is None or full.endswith("\\") or disk.behind_a_file(full):
                raise ValueError(f"no database can lie at {database.path!r}")
            name = key(full)
            if name in self._files:
                raise ValueError(f"{database.path!r} is described twice")
            self._files[name] = full, database
            if not database.may_exist and disk.exists(full):
                raise ValueError(
                    f"{database.path!r} is on the disk already; to attach it as it is, do not say how many pages it has"
                )

    def _folder(self, given: Any, name: str) -> str:
        """Return the full path of a folder with its backslash at the end."""
        disk, path = self._world.disk, file_path(given, name)
        full = disk.complete(path) or path
        full = full if full.endswith("\\") else f"{full}\\"
        if disk.behind_a_file(f"{full}any"):
            raise ValueError(f"{name} is {given!r}, where no folder can be")
        return full


def _described(databases: Any) -> list[Described]:
    """Return the databases as descriptions."""
    items = getattr(databases, "items", None)
    if items is not None:
        return [NamedDatabase(path, pages) for path, pages in items()]
    if isinstance(databases, str | bytes) or not isinstance(databases, Iterable):
        raise TypeError(f"databases is {databases!r}; it must map paths to numbers of pages, or hold Database objects")
    described = list(databases)
    for database in described:
        if not isinstance(database, Described):
            raise TypeError(f"databases has {database!r} in it; every one must be an esemu.Database")
    return described
