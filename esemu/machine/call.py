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
    from esemu.machine.state import Instance, Process, Session
    from esemu.machine.step import Rule

_thread = threading.get_ident


class Call:
    """A call with no arguments but the instance."""

    __slots__ = ("api", "err", "handle", "instance", "number", "result", "rule", "thread", "warning")
    arguments: ClassVar[tuple[str, ...]] = ()

    def __init__(self, api: ApiCall, handle: int = 0) -> None:
        self.api = api
        self.handle = handle
        self.thread = _thread()
        self.instance: Instance | None = None
        self.number = 0
        self.err = 0
        self.warning = 0
        self.rule: Rule | None = None
        self.result: Any = None

    def describe(self) -> str:
        """Return what happened, why, what is allowed instead and where the engine's source says so."""
        from esemu.machine.message import describe  # noqa: PLC0415 - most errors are caught and never read

        return describe(self)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.arguments)
        return f"{self.api.name}({shown})"


class GrbitCall(Call):
    """A call with a grbit."""

    __slots__ = ("grbit",)
    arguments = ("grbit",)

    def __init__(self, api: ApiCall, handle: int, grbit: int) -> None:
        super().__init__(api, handle)
        self.grbit = grbit


class SurrogateCall(GrbitCall):
    """JetBeginSurrogateBackup: the first and last generation that the other copy backs up."""

    __slots__ = ("first", "last")
    arguments = ("first", "last", "grbit")

    def __init__(self, api: ApiCall, handle: int, first: int, last: int, grbit: int) -> None:
        super().__init__(api, handle, grbit)
        self.first = first
        self.last = last


class OpenCall(Call):
    """JetOpenFile and JetOpenFileSection; `make_patch_file` is what JetBackup adds when it opens one itself."""

    __slots__ = ("make_patch_file", "name", "offset", "path", "sections")
    arguments = ("name",)

    def __init__(self, api: ApiCall, handle: int, name: str | None, offset: int = 0, sections: int = 1) -> None:
        super().__init__(api, handle)
        self.name = name
        self.offset = offset  # ibRead, bytes
        self.sections = sections  # cSections
        self.make_patch_file = False  # fIncludePatch
        self.path = ""  # the completed name


class SectionCall(OpenCall):
    """JetOpenFileSection."""

    __slots__ = ()
    arguments = ("name", "sections", "offset")


class ReadCall(Call):
    """JetReadFile. `size` is that of the buffer in bytes."""

    __slots__ = ("file", "misaligned", "no_buffer", "read_error", "size")
    arguments = ("file", "size")

    def __init__(
        self, api: ApiCall, handle: int, file: int, size: int, *, misaligned: bool = False, no_buffer: bool = False
    ) -> None:
        super().__init__(api, handle)
        self.file = file
        self.size = size
        self.misaligned = misaligned  # the buffer does not begin at a 4096-byte boundary
        self.no_buffer = no_buffer  # pv is NULL
        self.read_error = 0  # with which the last attempt to read the pages ended


class CloseCall(Call):
    """JetCloseFile."""

    __slots__ = ("file",)
    arguments = ("file",)

    def __init__(self, api: ApiCall, handle: int, file: int) -> None:
        super().__init__(api, handle)
        self.file = file


class ListCall(Call):
    """A call that hands out a multi-string: names, each ended by a NUL, and one more NUL.

    `size_max` is the size of the buffer in bytes, None where the caller takes a list of any length.  After the call
    `result` has the names, `size_needed` what pcbActual says, and `size_written` how many bytes of a buffer changed.
    """

    __slots__ = ("ansi", "info_size", "no_buffer", "size_max", "size_needed", "size_written", "want_info")
    arguments = ("size_max",)

    def __init__(  # noqa: PLR0913 - as many as the API call itself has
        self,
        api: ApiCall,
        handle: int,
        size_max: int | None = None,
        *,
        no_buffer: bool = False,
        want_info: bool = False,
        info_size: int | None = None,
    ) -> None:
        super().__init__(api, handle)
        self.size_max = size_max
        self.no_buffer = no_buffer
        self.want_info = want_info
        self.info_size = info_size  # cbSize of the JET_LOGINFO, None where it is right
        self.size_needed: int | None = None
        self.size_written = 0
        self.ansi = False


class BackupCall(GrbitCall):
    """JetBackup: the folder, and the status callback as `status(snt, percent)`."""

    __slots__ = ("copy_error", "destination", "path", "status", "target")
    arguments = ("path", "grbit")

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
        self.destination = ""  # the folder that files are copied to
        self.target = ""  # the file that is being copied to
        self.copy_error = 0  # what the disk answered last


class CreateInstanceCall(GrbitCall):
    """JetCreateInstance and JetCreateInstance2."""

    __slots__ = ("display_name", "name")
    arguments = ("name", "display_name", "grbit")

    def __init__(self, api: ApiCall, name: str | None, display_name: str | None = None, grbit: int = 0) -> None:
        super().__init__(api, 0, grbit)
        self.name = name
        self.display_name = display_name


class InitCall(GrbitCall):
    """JetInit, JetInit2 and JetInit3; `no_pointer` says that pinstance is NULL."""

    __slots__ = ("allocated", "no_pointer")
    arguments = ("handle", "grbit")

    def __init__(self, api: ApiCall, handle: int, grbit: int = 0, *, no_pointer: bool = False) -> None:
        super().__init__(api, handle, grbit)
        self.no_pointer = no_pointer
        self.allocated = False


class MultiInstanceCall(Call):
    """JetEnableMultiInstance: parameters to set, as (paramid, value) pairs."""

    __slots__ = ("settings", "succeeded")
    arguments = ("settings",)

    def __init__(self, api: ApiCall, settings: tuple[tuple[int, int | str], ...]) -> None:
        super().__init__(api)
        self.settings = settings
        self.succeeded = 0


class ParameterCall(Call):
    """JetSetSystemParameter and JetGetSystemParameter."""

    __slots__ = ("paramid", "session", "size_max", "value")
    arguments = ("paramid", "value")

    def __init__(self, api: ApiCall, handle: int, session: int, paramid: int, value: int | str | None = None) -> None:
        super().__init__(api, handle)
        self.session = session
        self.paramid = paramid
        self.value = value
        self.size_max: int | None = None  # room for a string in bytes, None where any length will do


class SessionCall(GrbitCall):
    """A call of a session: transactions and the end of the session itself. `handle` is the sesid."""

    __slots__ = ("session",)
    arguments = ("handle", "grbit")

    def __init__(self, api: ApiCall, handle: int, grbit: int = 0) -> None:
        super().__init__(api, handle, grbit)
        self.session: Session | None = None


class DatabaseCall(SessionCall):
    """A call of a session about a database: by path, or by dbid where `path` is not used."""

    __slots__ = ("database", "dbid", "full_path", "pages", "path")
    arguments = ("path", "grbit")

    def __init__(  # noqa: PLR0913 - as many as the API calls themselves have
        self, api: ApiCall, handle: int, path: str | None, grbit: int = 0, *, dbid: int = 0, pages: int = 0
    ) -> None:
        super().__init__(api, handle, grbit)
        self.path = path
        self.dbid = dbid
        self.pages = pages  # of a new database, 0: the engine's smallest
        self.full_path = ""
        self.database: Any = None


def instance_of(call: Call) -> Instance:
    """Return the instance that the call was made for; only for calls that have found one."""
    instance = call.instance
    assert instance is not None, call  # noqa: S101 - a defect of the table, not of the caller
    return instance


