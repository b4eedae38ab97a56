# SPDX-License-Identifier: MIT
"""What the functions of the API take, and the calls of the table have, is the same."""

import inspect

import pytest

from esemu.faces.abi.exports import EXPORTS
from esemu.faces.fields import field_of
from esemu.machine.call import Call
from esemu.machine.calls import CALLS

HANDLES = {"JET_INSTANCE", "JET_SESID"}

IGNORED = {"iSection", "szConnect", "szUserName", "szPassword"}
"""Arguments that the engine ignores."""

WRITTEN_OUT = {
    "pfnStatus",
    "pfn",
    "prstInfo",
    "psetsysparam",
    "csetsysparam",
    "lParam",
    "szParam",
    "rgrstmap",
    "crstfilemap",
    "szTargetInstanceName",
    "szTargetInstanceLogPath",
    "szTargetInstanceCheckpointPath",
}
"""Functions, structures, and one of two that count."""


@pytest.mark.parametrize("name", [name for name in CALLS if name in EXPORTS])
def test_what_a_function_is_told_is_a_field_of_its_call(name: str) -> None:
    """Nothing that a client hands in is lost on the way to the table unless the engine ignores it."""
    for argument in EXPORTS[name].prototype.arguments:
        if argument.direction == "in" and argument.c_type not in HANDLES:
            known = field_of(CALLS[name], argument.name) is not None
            assert known != (argument.name in IGNORED | WRITTEN_OUT), argument


@pytest.mark.parametrize("shape", {api.shape.__name__: api.shape for api in CALLS.values()}.values())
def test_fields_are_the_arguments_of_the_shape(shape: type[Call]) -> None:
    """A call takes its handle and then its fields, under their names and in their order."""
    _, _, handle, *fields = inspect.signature(shape.__init__).parameters.values()
    assert handle.name == "handle"
    assert [each.name for each in fields if each.name != "status"] == [field.name for field in shape.fields]


def test_a_description_is_a_call() -> None:
    """A call has the fields that a description names, and those by default that it does not name."""
    call = CALLS["JetOpenFileSectionInstance"].described(1, {"name": "C:\\a.edb", "ib": 8192})
    assert (call.handle, call.name, call.offset, call.sections) == (1, "C:\\a.edb", 8192, 1)
