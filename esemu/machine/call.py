# SPDX-License-Identifier: MIT
"""One call of the API: its arguments, which rules and effects read by name, and then its outcome.

There is one class for each shape of argument list.  A finished call stays in the trace of its process, and an error
that was raised for it asks it for the message.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.machine.api import ApiCall
    from esemu.machine.effects.headers import HeaderUpdate
    from esemu.machine.snapshot_state import SnapshotSession
    from esemu.machine.state import Instance, Process, Session
    from esemu.machine.step import Rule

_thread = threading.get_ident


class Call:
    """A call with no arguments but the instance.

    What a call does not have from the start stands in the class until it is set: calls are made by the million, and
    each attribute that need not be set makes one of them cheaper.
    """

    arguments: ClassVar[tuple[str, ...]] = ()
    number = 0  # of all calls of the process, from 1
    instance: Instance | None = None
    err = 0
    warning = 0
    rule: Rule | None = None  # the one that refused it
    result: Any = None
    part_of: Any = None  # what made it, where that is no client: the start of an instance
    holder: SnapshotSession | Call | None = None  # who had what the call waited for
    process: Process | None = None  # of a call about no instance

    def __init__(self, api: ApiCall, handle: int = 0) -> None:
        self.api = api
        self.handle = handle
        self.thread = _thread()

    def describe(self) -> str:
        """Return what happened, why, what is allowed instead and where the engine's source says so."""
        from esemu.machine.message import describe  # noqa: PLC0415 - most errors are caught and never read

        return describe(self)

    def shown_arguments(self) -> dict[str, Any]:
        """Return the arguments by the names under which messages show them: "handle=file" shows `file` as handle."""
        pairs = (name.partition("=") for name in self.arguments)
        return {shown: getattr(self, attribute or shown) for shown, _, attribute in pairs}

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.shown_arguments().items())
        return f"{self.api.name}({shown})"


class GrbitCall(Call):
    """A call with a grbit."""

    arguments: ClassVar[tuple[str, ...]] = ("grbit",)
    outcome = 0  # of the backup that the call ends, as the event log and the headers show it
    update: HeaderUpdate | None = None  # of the header that is being written
    update_error = 0  # of the first header that could not be
    waited_for_snapshot = False  # a term did, and so leaves the backup alone

    def __init__(self, api: ApiCall, handle: int, grbit: int) -> None:
        self.api = api
        self.handle = handle
        self.thread = _thread()
        self.grbit = grbit


class ImpliedGrbitCall(GrbitCall):
    """A call without a grbit that the engine makes with one: JetTerm, JetEndExternalBackupInstance."""

    arguments: ClassVar[tuple[str, ...]] = ()


class SurrogateCall(GrbitCall):
    """JetBeginSurrogateBackup: the first and last generation that the other copy backs up."""

    arguments: ClassVar[tuple[str, ...]] = ("first", "last", "grbit")

    def __init__(self, api: ApiCall, handle: int, first: int, last: int, grbit: int) -> None:
        super().__init__(api, handle, grbit)
        self.first = first
        self.last = last


class OpenCall(Call):
    """JetOpenFile and JetOpenFileSection."""

    arguments: ClassVar[tuple[str, ...]] = ("name",)
    offset = 0  # ibRead, bytes
    sections = 1  # cSections
    make_patch_file = False  # fIncludePatch: JetBackup opens databases itself, and adds an empty patch file
    path = ""  # the completed name

    def __init__(self, api: ApiCall, handle: int, name: str | None) -> None:
        self.api = api
        self.handle = handle
        self.thread = _thread()
        self.name = name


class SectionCall(OpenCall):
    """JetOpenFileSection."""

    arguments: ClassVar[tuple[str, ...]] = ("name", "sections", "offset")

    def __init__(self, api: ApiCall, handle: int, name: str | None, offset: int, sections: int) -> None:
        super().__init__(api, handle, name)
        self.offset = offset
        self.sections = sections


class ReadCall(Call):
    """JetReadFile. `size` is that of the buffer in bytes; `key` is what its rules look at, None for an odd buffer."""

    arguments: ClassVar[tuple[str, ...]] = ("handle=file", "size")
    misaligned = False  # the buffer does not begin at a 4096-byte boundary
    no_buffer = False  # pv is NULL
    read_error = 0  # with which the last attempt to read the pages ended

    def __init__(self, api: ApiCall, handle: int, file: int, size: int) -> None:
        self.api = api
        self.handle = handle
        self.thread = _thread()
        self.file = file
        self.size = size
        self.key: tuple[int, int] | None = (file, size)

    def into_odd_buffer(self, *, misaligned: bool = False, no_buffer: bool = False) -> None:
        """Say that the buffer is misaligned, or NULL."""
        self.misaligned = misaligned
        self.no_buffer = no_buffer
        self.key = None


class CloseCall(Call):
    """JetCloseFile."""

    arguments: ClassVar[tuple[str, ...]] = ("handle=file",)

    def __init__(self, api: ApiCall, handle: int, file: int) -> None:
        self.api = api
        self.handle = handle
        self.thread = _thread()
        self.file = file


class ListCall(Call):
    """A call that hands out a multi-string: names, each ended by a NUL, and one more NUL.

    `size_max` is the size of the buffer in bytes, None where the caller takes a list of any length.  After the call
    `result` has the names, `size_needed` what pcbActual says, and `size_written` how many bytes of a buffer changed.
    """

    arguments: ClassVar[tuple[str, ...]] = ("size_max",)
    no_buffer = False
    full = True  # it was a full backup when the log was rolled; a snapshot that times out meanwhile clears the flag
    want_info = False  # JetGetLogInfo2 with a JET_LOGINFO
    info_size: int | None = None  # its cbSize, None where it is right
    size_needed: int | None = None
    size_written = 0

    def __init__(self, api: ApiCall, handle: int, size_max: int | None = None) -> None:
        self.api = api
        self.handle = handle
        self.thread = _thread()
        self.size_max = size_max


class BackupCall(GrbitCall):
    """JetBackup: the folder, and the status callback as `status(snt, percent)`."""

    arguments: ClassVar[tuple[str, ...]] = ("path", "grbit")
    destination = ""  # the folder that files are copied to
    target = ""  # the file that is being copied to
    copy_error = 0  # what the disk answered last

    def __init__(
        self,
        api: ApiCall,
        handle: int,
        path: str | None,
        grbit: int,
        status: Callable[[int, int], None] | None = None,
    ) -> None:
        super().__init__(api, handle, grbit)
        self.path = path
        self.status = status


class CreateInstanceCall(GrbitCall):
    """JetCreateInstance and JetCreateInstance2."""

    arguments: ClassVar[tuple[str, ...]] = ("name", "display_name", "grbit")

    def __init__(self, api: ApiCall, name: str | None, display_name: str | None = None, grbit: int = 0) -> None:
        super().__init__(api, 0, grbit)
        self.name = name
        self.display_name = display_name


class InitCall(GrbitCall):
    """JetInit, JetInit2 and JetInit3; `no_pointer` says that pinstance is NULL."""

    arguments: ClassVar[tuple[str, ...]] = ("handle", "grbit")

    def __init__(self, api: ApiCall, handle: int, grbit: int = 0, *, no_pointer: bool = False) -> None:
        super().__init__(api, handle, grbit)
        self.no_pointer = no_pointer
        self.allocated = False


class SnapshotCall(GrbitCall):
    """A call about an OS snapshot: its number, and the instance where there is one."""

    arguments = ("snapId=snapshot_id", "grbit")

    def __init__(self, api: ApiCall, snapshot_id: int, grbit: int = 0, handle: int = 0) -> None:
        super().__init__(api, handle, grbit)
        self.snapshot_id = snapshot_id


class SnapshotPrepareCall(GrbitCall):
    """JetOSSnapshotPrepare; `no_pointer` says that psnapId is NULL."""

    no_pointer = False

    def __init__(self, api: ApiCall, grbit: int = 0) -> None:
        super().__init__(api, 0, grbit)


class SnapshotInfoCall(SnapshotCall):
    """A snapshot call that tells of instances: `result` has them, `written` says that the engine stored something."""

    no_pointer = False  # pcInstanceInfo or paInstanceInfo is NULL
    written = False


class MultiInstanceCall(Call):
    """JetEnableMultiInstance: parameters to set, as (paramid, value) pairs."""

    arguments: ClassVar[tuple[str, ...]] = ("settings",)

    def __init__(self, api: ApiCall, settings: tuple[tuple[int, int | str], ...]) -> None:
        super().__init__(api)
        self.settings = settings
        self.succeeded = 0


class ParameterCall(Call):
    """JetSetSystemParameter and JetGetSystemParameter."""

    arguments: ClassVar[tuple[str, ...]] = ("paramid", "value")

    def __init__(self, api: ApiCall, handle: int, session: int, paramid: int, value: int | str | None = None) -> None:
        super().__init__(api, handle)
        self.session = session
        self.paramid = paramid
        self.value = value
        self.size_max: int | None = None  # room for a string in bytes, None where any length will do


class SessionCall(GrbitCall):
    """A call of a session: transactions and the end of the session itself. `handle` is the sesid."""

    arguments: ClassVar[tuple[str, ...]] = ("handle", "grbit")

    def __init__(self, api: ApiCall, handle: int, grbit: int = 0) -> None:
        super().__init__(api, handle, grbit)
        self.session: Session | None = None


class DatabaseCall(SessionCall):
    """A call of a session about a database: by path, or by dbid where `path` is not used."""

    arguments: ClassVar[tuple[str, ...]] = ("path", "grbit")

    def __init__(  # noqa: PLR0913 - as many as the API calls themselves have
        self, api: ApiCall, handle: int, path: str | None, grbit: int = 0, *, dbid: int = 0, pages: int = 0
    ) -> None:
        super().__init__(api, handle, grbit)
        self.path = path
        self.dbid = dbid
        self.pages = pages  # of a new database, 0: the engine's smallest
        self.full_path = ""
        self.database: Any = None


class RestoreCall(Call):
    """JetRestore and its like: the folder with the backup, where its databases go, and the status callback.

    What the set turns out to be is noted here while it is checked: `log` and `database` are those that a rule looks at.
    """

    arguments: ClassVar[tuple[str, ...]] = ("path", "destination")
    allocated = False  # the call makes an instance and frees it
    restores = False  # it has locked the instance
    source = ""  # the database in the set
    folder = ""  # with the logs of the set, and its trailing backslash
    low = 0  # first generation of the set
    high = 0  # last one
    generation = 0  # of `log`
    log_file = ""  # its path
    log: Any = None
    previous: Any = None  # the log before it
    database_name = ""  # the path of `database`
    database: Any = None
    disk_error = 0  # what the disk answered last
    percent = 0  # that the status callback was told of
    skipped: tuple[str, ...] = ()  # databases in the logs of which the set has none
    name: str | None = None  # of the instance that is made
    target: Instance | None = None  # that runs and whose logs are replayed too
    target_high = 0  # the last of those logs

    def __init__(self, api: ApiCall, handle: int, path: str | None, destination: str | None, status: Any) -> None:
        super().__init__(api, handle)
        self.path = path
        self.destination = destination
        self.status = status
        self.logs: list[Any] = []  # all that are replayed, in order
        self.databases: list[tuple[str, str]] = []  # name in the logs and new name
        self.checked: list[Any] = []  # the databases that were found good


class ExternalRestoreCall(RestoreCall):
    """JetExternalRestore and JetExternalRestore2: `databases` is the map, `target_name` and the rest what to roll on with."""

    arguments: ClassVar[tuple[str, ...]] = ("log_path", "path", "low", "high")
    base_name: str | None = None
    target_name: str | None = None
    target_log_path: str | None = None
    target_system_path: str | None = None
    info_missing = False  # pLogInfo is NULL, or its cbSize is wrong
    count: int | None = None  # crstfilemap where that is not the length of the map
    no_map = False  # rgrstmap is NULL

    def __init__(  # noqa: PLR0913 - as many as the API call itself has
        self,
        api: ApiCall,
        system_path: str | None,
        log_path: str | None,
        path: str | None,
        generations: tuple[int, int],
        status: Any,
    ) -> None:
        super().__init__(api, 0, path, None, status)
        self.system_path = system_path
        self.log_path = log_path
        self.low, self.high = generations

    @property
    def map_count(self) -> int:
        """How many entries the map has: crstfilemap."""
        return len(self.databases) if self.count is None else self.count


class ResizeCall(DatabaseCall):
    """JetResizeDatabase: `pages` is the wanted size, with the two that hold the header."""

    arguments: ClassVar[tuple[str, ...]] = ("dbid", "pages", "grbit")

    def __init__(self, api: ApiCall, handle: int, dbid: int, pages: int, grbit: int = 0) -> None:
        super().__init__(api, handle, None, grbit, dbid=dbid, pages=pages)


class DatabaseInfoCall(SessionCall):
    """JetGetDatabaseInfo: `size` is that of the buffer in bytes, twice as much for the A form."""

    arguments: ClassVar[tuple[str, ...]] = ("dbid", "level", "size")

    def __init__(self, api: ApiCall, handle: int, dbid: int, level: int, size: int) -> None:
        super().__init__(api, handle)
        self.dbid = dbid
        self.level = level
        self.size = size


class FileInfoCall(Call):
    """JetGetDatabaseFileInfo: a database by its path, attached or not."""

    arguments: ClassVar[tuple[str, ...]] = ("path", "level", "size")

    def __init__(self, api: ApiCall, path: str | None, level: int, size: int) -> None:
        super().__init__(api)
        self.path = path
        self.level = level
        self.size = size
