# SPDX-License-Identifier: MIT
"""Calls that are described as scenarios describe them, made through `engine.jet` or anything of its shape.

A description is a dictionary: `op` and the fields of the call.  `written` returns it as a line of Python.
"""

from __future__ import annotations

from functools import cache
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

from esemu.faces.arguments import misaligned
from esemu.faces.fields import field_of
from esemu.faces.jet import Jet
from esemu.machine.calls import CALLS
from esemu.scenario.handles import HANDLES

if TYPE_CHECKING:
    from collections.abc import Callable

    Description = dict[str, Any]


def _arguments(inst: Any, description: Description) -> list[Any]:
    """Return what the function of `engine.jet` is called with; a read gets a new buffer."""
    handle = HANDLES.get(description.get("inst", ""))
    values: list[Any] = []
    for parameter, value in _given(description):
        if parameter == "instance":
            values.append(inst if handle is None else handle)
        elif parameter == "sesid":
            values.append(inst.session if handle is None else handle)
        elif parameter == "pv":
            buffer = bytearray(description["cb"])
            values.append(misaligned(buffer) if description.get("align", 0) % 4096 else buffer)
        else:
            values.append(value)
    return values


def make(jet: Any, inst: Any, description: Description) -> Any:
    """Make a call and return its result, for a read the bytes that were delivered; whatever it raises is raised."""
    given = _arguments(inst, description)
    function: Callable[..., Any] = getattr(jet, description["op"])
    if "ReadFile" not in description["op"]:
        return function(*given)
    buffer = given[-1]
    return bytes(memoryview(getattr(buffer, "buffer", buffer))[: function(*given)])


def written(description: Description) -> str:
    """Return a call as a line of Python, for scripts in which `jet` and `inst` are known."""
    op = description["op"]
    shown: list[str] = []
    for parameter, value in _given(description):
        if parameter in {"instance", "sesid"}:
            known = "inst" if parameter == "instance" else "inst.session"
            shown.append(repr(HANDLES[description["inst"]]) if "inst" in description else known)
        elif parameter == "pv":
            buffer = f"bytearray({description['cb']})"
            shown.append(f"esemu.misaligned({buffer})" if description.get("align", 0) % 4096 else buffer)
        else:
            shown.append(repr(value))
    return f"jet.{op}({', '.join(shown)})"


def _given(description: Description) -> list[tuple[str, Any]]:
    """Return the arguments by the names of the parameters, up to the last that is not what it is by default."""
    found = [(name, description.get(described, missing)) for name, described, missing, _ in _plan(description["op"])]
    while found and Parameter.empty is not _plan(description["op"])[len(found) - 1][3] == found[-1][1]:
        found.pop()
    return found


@cache
def _plan(op: str) -> list[tuple[str, str, Any, Any]]:
    """Return the parameters of a function of `engine.jet`, none where it has no such function.

    Each with its name in descriptions, what it is where they leave it out, and its default.
    """
    plan = []
    for parameter in list(signature(getattr(Jet, op, lambda _: None)).parameters.values())[1:]:
        field, default = field_of(CALLS[op], parameter.name), parameter.default
        if field is None or parameter.name == "cb":  # the buffer has as many bytes
            plan.append((parameter.name, "", default, default))
        else:
            missing = field.default if default is Parameter.empty else default
            plan.append((parameter.name, field.described, missing, default))
    return plan


def shown(description: Description) -> str:
    """Return any call of a case as text for readers."""
    fields = ", ".join(f"{name}={value!r}" for name, value in description.items() if name != "op")
    return f"{description['op']}({fields})"
