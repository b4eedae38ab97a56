# SPDX-License-Identifier: MIT
"""Calls that are described as scenarios describe them, made through `engine.jet` or anything of its shape.

A description is a dictionary: `op` and the fields of the call.  `written` returns it as a line of Python.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.arguments import misaligned
from esemu.machine.api import SessionForm, SingleInstanceForm
from esemu.machine.calls import CALLS
from esemu.machine.state import JET_INSTANCE_NIL

if TYPE_CHECKING:
    from collections.abc import Callable

    Description = dict[str, Any]

BOGUS: Final = 0xDEAD0000BEEF
"""A handle that belongs to no instance."""

HANDLES: Final = {"zero": 0, "nil": JET_INSTANCE_NIL, "bogus": BOGUS}

FIELDS: Final[dict[str, tuple[tuple[str, Any], ...]]] = {
    "JetBeginExternalBackup": (("grbit", 0),),
    "JetBeginSurrogateBackup": (("first", 0), ("last", 0), ("grbit", 0)),
    "JetEndExternalBackupInstance2": (("grbit", 0),),
    "JetEndSurrogateBackup": (("grbit", 0),),
    "JetOpenFile": (("name", None),),
    "JetOpenFileSection": (("name", None), ("iSection", 0), ("cSections", 1), ("ib", 0)),
    "JetReadFile": (("h", 0), ("buffer", None)),
    "JetCloseFile": (("h", 0),),
    "JetGetAttachInfo": (("cbMax", None),),
    "JetGetLogInfo": (("cbMax", None),),
    "JetGetTruncateLogInfo": (("cbMax", None),),
    "JetBackup": (("path", None), ("grbit", 0)),
    "JetStopServiceInstance2": (("grbit", 0),),
    "JetTerm2": (("grbit", 0),),
    "JetEndSession": (("grbit", 0),),
    "JetCommitTransaction": (("grbit", 0),),
    "JetRollback": (("grbit", 0),),
    "JetAttachDatabase": (("name", None), ("grbit", 0)),
    "JetDetachDatabase": (("name", None), ("grbit", 0)),
    "JetCreateDatabase": (("name", None), ("connect", None), ("grbit", 0)),
    "JetOpenDatabase": (("name", None), ("connect", None), ("grbit", 0)),
    "JetCloseDatabase": (("dbid", 0), ("grbit", 0)),
}
"""The fields that the calls whose names begin so take after the handle, in order; the longest beginning counts."""

SESSION: Final = frozenset(name for name, api in CALLS.items() if isinstance(api, SessionForm))
"""Calls that take a session instead of an instance."""

WITHOUT_HANDLE: Final = frozenset(name for name, api in CALLS.items() if isinstance(api, SingleInstanceForm)) | {
    "JetGetInstanceInfo"
}
"""Calls of the only instance, or of the process."""


def arguments(inst: Any, description: Description) -> list[Any]:
    """Return what the function of `engine.jet` is called with; a read gets a new buffer."""
    op = description["op"]
    given: list[Any] = []
    if op in SESSION:
        given.append(inst.session)
    elif op not in WITHOUT_HANDLE:
        given.append(HANDLES.get(description.get("inst", ""), inst))
    return given + [_value(description, field, default) for field, default in _fields(op)]


def make(jet: Any, inst: Any, description: Description) -> Any:
    """Make a call and return its result, for a read the bytes that were delivered; whatever it raises is raised."""
    given = arguments(inst, description)
    function: Callable[..., Any] = getattr(jet, description["op"])
    if "ReadFile" not in description["op"]:
        return function(*given)
    buffer = given[-1]
    return bytes(memoryview(getattr(buffer, "buffer", buffer))[: function(*given)])


def written(description: Description) -> str:
    """Return a call as a line of Python, for scripts in which `jet` and `inst` are known."""
    op = description["op"]
    shown = [] if op in WITHOUT_HANDLE else ["inst.session" if op in SESSION else "inst"]
    if "inst" in description:
        shown = [repr(HANDLES[description["inst"]])]
    for field, default in _fields(op):
        if field == "buffer":
            buffer = f"bytearray({description['cb']})"
            shown.append(f"esemu.misaligned({buffer})" if "align" in description else buffer)
        else:
            shown.append(repr(description.get(field, default)))
    return f"jet.{op}({', '.join(shown)})"


@cache
def _fields(op: str) -> tuple[tuple[str, Any], ...]:
    matching = [beginning for beginning in FIELDS if op.startswith(beginning)]
    return FIELDS[max(matching, key=len)] if matching else ()


def _value(description: Description, field: str, default: Any) -> Any:
    if field != "buffer":
        return description.get(field, default)
    buffer = bytearray(description["cb"])
    return misaligned(buffer) if description.get("align", 0) % 4096 else buffer


def shown(description: Description) -> str:
    """Return any call of a case as text for readers."""
    fields = ", ".join(f"{name}={value!r}" for name, value in description.items() if name != "op")
    return f"{description['op']}({fields})"
