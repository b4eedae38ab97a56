# SPDX-License-Identifier: MIT
"""The shapes of the calls of a backup: streaming, surrogate, or the engine's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from esemu.machine.call import GRBIT, Call, GrbitCall, ImpliedGrbitCall, field, thread_id
from esemu.vocabulary.grbits import JET_bitBackupEndNormal

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from esemu.machine.api import ApiCall
    from esemu.machine.call import Fields


class NormalEndCall(ImpliedGrbitCall):
    """JetEndExternalBackupInstance (jetapi.cxx:18190)."""

    grbit = JET_bitBackupEndNormal


class SurrogateCall(GrbitCall):
    """JetBeginSurrogateBackup: the first and last generation that the other copy backs up."""

    fields: ClassVar[Fields] = (field("first"), field("last"), GRBIT)

    def __init__(self, api: ApiCall, handle: int, first: int, last: int, grbit: int) -> None:
        super().__init__(api, handle, grbit)
        self.first = first
        self.last = last


FILE: Final = field("file", "h", shown="handle")


class OpenCall(Call):
    """JetOpenFile and JetOpenFileSection."""

    fields: ClassVar[Fields] = (field("name", default=None),)
    offset = 0  # ibRead, bytes
    sections = 1  # cSections
    make_patch_file = False  # fIncludePatch: JetBackup opens databases itself, and adds an empty patch file
    path = ""  # the completed name

    def __init__(self, api: ApiCall, handle: int, name: str | None) -> None:
        self.api = api
        self.handle = handle
        self.thread = thread_id()
        self.name = name


class SectionCall(OpenCall):
    """JetOpenFileSection."""

    fields: ClassVar[Fields] = (*OpenCall.fields, field("offset", "ib"), field("sections", "cSections", 1))

    def __init__(self, api: ApiCall, handle: int, name: str | None, offset: int, sections: int) -> None:
        super().__init__(api, handle, name)
        self.offset = offset
        self.sections = sections


class ReadCall(Call):
    """JetReadFile: `size` is that of the buffer in bytes."""

    fields: ClassVar[Fields] = (FILE, field("size", "cb"))
    repeatable = True  # by calls of the same size; a call with an odd buffer is not
    misaligned = False  # the buffer does not begin at a 4096-byte boundary
    no_buffer = False  # pv is NULL
    read_error = 0  # with which the last attempt to read the pages ended

    def __init__(self, api: ApiCall, handle: int, file: int, size: int) -> None:
        self.api = api
        self.handle = handle
        self.thread = thread_id()
        self.file = file
        self.size = size

    @classmethod
    def described(cls, api: ApiCall, handle: int, description: dict[str, Any]) -> Self:
        """Return the call that a description stands for: its buffer begins at `align`, or `pv` is "null"."""
        call = super().described(api, handle, description)
        if "pv" in description or "align" in description:
            no_buffer = description.get("pv") == "null"
            misaligned = description.get("align", 0) % 4096 != 0 and not no_buffer
            if misaligned or no_buffer:
                call.into_odd_buffer(misaligned=misaligned, no_buffer=no_buffer)
        return call

    def into_odd_buffer(self, *, misaligned: bool = False, no_buffer: bool = False) -> None:
        """Say that the buffer is misaligned, or NULL."""
        self.misaligned = misaligned
        self.no_buffer = no_buffer
        self.repeatable = False


class CloseCall(Call):
    """JetCloseFile."""

    fields: ClassVar[Fields] = (FILE,)

    def __init__(self, api: ApiCall, handle: int, file: int) -> None:
        self.api = api
        self.handle = handle
        self.thread = thread_id()
        self.file = file


class ListCall(Call):
    """A call that hands out a multi-string: names, each ended by a NUL, and one more NUL.

    `size_max` is the size of the buffer in bytes, None where the caller takes a list of any length.  After the call
    `result` has the names, `size_needed` what pcbActual says, and `size_written` how many bytes of a buffer changed: both are
    worked out for a buffer only.
    """

    fields: ClassVar[Fields] = (field("size_max", "cbMax", 65536),)
    no_buffer = False
    full = True  # it was a full backup when the log was rolled; a snapshot that times out meanwhile clears the flag
    info_size: int | None = None  # cbSize of the JET_LOGINFO of JetGetLogInfo2, None where it is right or there is none
    size_needed: int | None = None
    size_written = 0

    def __init__(self, api: ApiCall, handle: int, size_max: int | None = None) -> None:
        self.api = api
        self.handle = handle
        self.thread = thread_id()
        self.size_max = size_max

    @classmethod
    def described(cls, api: ApiCall, handle: int, description: dict[str, Any]) -> Self:
        """Return the call that a description stands for: `buf` says that there is a buffer, `info` a JET_LOGINFO."""
        call = super().described(api, handle, description)
        call.no_buffer = not description.get("buf", True)
        if description.get("info", True):
            call.info_size = description.get("cbSize")
        return call


class BackupCall(GrbitCall):
    """JetBackup: the folder, and the status callback as `status(snt, percent)`."""

    fields: ClassVar[Fields] = (field("path", default=None), GRBIT)
    destination = ""  # the folder that files are copied to
    target = ""  # the file that is being copied to
    copy_error = 0  # what the disk answered last

    def __init__(
        self,
        api: ApiCall,
        handle: int,
        path: str | None,
        grbit: int,
        status: Callable[[int, int], Any] | None = None,
    ) -> None:
        super().__init__(api, handle, grbit)
        self.path = path
        self.status = status
