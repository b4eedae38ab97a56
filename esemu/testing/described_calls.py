# SPDX-License-Identifier: MIT
"""Calls that are described as scenarios describe them, made through `engine.jet` or anything of its shape.

A description is a dictionary: `op` and the fields of the call.
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
    for parameter, described, missing in _plan(description["op"]):
        if parameter == "instance":
            values.append(inst if handle is None else handle)
        elif parameter == "sesid":
            values.append(inst.session if handle is None else handle)
        elif parameter == "pv":
            buffer = bytearray(description["cb"])
            values.append(misaligned(buffer) if description.get("align", 0) % 4096 else buffer)
        else:
            values.append(description.get(described, missing))
    return values


def make(jet: Any, inst: Any, description: Description) -> Any:
    """Make a call and return its result, for a read the bytes that were delivered; whatever it raises is raised."""
    given = _arguments(inst, description)
    function: Callable[..., Any] = getattr(jet, description["op"])
    if "ReadFile" not in description["op"]:
        return function(*given)
    buffer = given[-1]
    return bytes(memoryview(getattr(buffer, "buffer", buffer))[: function(*given)])


@cache
def _plan(op: str) -> list[tuple[str, str, Any]]:
    """Return the parameters of a function of `engine.jet`, none where it has no such function.

    Each with its name in descriptions, and what it is where they leave it out.
    """
    plan = []
    for parameter in list(signature(getattr(Jet, op, lambda _: None)).parameters.values())[1:]:
        field, default = field_of(CALLS[op], parameter.name), parameter.default
        if field is None:
            plan.append((parameter.name, "", default))
        elif parameter.name != "cb":  # the buffer has as many bytes
            plan.append((parameter.name, field.described, field.default if default is Parameter.empty else default))
    return plan


def shown(description: Description) -> str:
    """Return any call of a case as text for readers."""
    fields = ", ".join(f"{name}={value!r}" for name, value in description.items() if name != "op")
    return f"{description['op']}({fields})"
