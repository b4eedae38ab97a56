# SPDX-License-Identifier: MIT
"""Every system parameter that the engine is asked about: default, bounds, whose it is, and when it is locked."""

from typing import Any

import pytest

from esemu.machine.calls import CALLS
from esemu.machine.shapes.instances import CreateInstanceCall, ParameterCall
from esemu.machine.state import Instance, Process
from esemu.vocabulary import errors as err
from esemu.vocabulary.parameters import PARAMETERS
from esemu.world.emulated import EmulatedWorld

MANY = 2**31 - 1

# number: default, least, most (of a string its length), whose it is, from when on it is locked; sysparamtable.g.cxx:11-216
ROWS: dict[int, tuple[int | str, int, int, str, str]] = {
    0: (".\\", 0, 246, "instance", "init"),
    1: ("tmp.edb", 0, 247, "instance", "init"),
    2: (".\\", 0, 246, "instance", "init"),
    3: ("edb", 3, 3, "instance", "init"),
    4: ("", 0, 259, "instance", "init"),
    5: (16, 0, 30000, "instance", "init"),
    10: (20, 0, MANY, "instance", "init"),
    11: (5120, 64, 32768, "instance", "init"),
    17: (0, 0, 1, "instance", "init"),
    34: ("on", 0, 259, "instance", "init"),
    49: ("", 0, 259, "instance", "init"),
    50: (0, 0, 1, "instance", "init"),
    52: (0, 0, 1, "instance", "init"),
    64: (4096, 4096, 32768, "process", "mode"),
    66: (16, 1, MANY, "instance", "init"),
    67: (8, 1, MANY, "instance", "init"),
    71: (0, 0, 1, "instance", "init"),
    77: (0, 0, 1, "instance", "init"),
    82: (70000, 0, MANY, "process", "never"),
    90: (0, 0, 1, "instance", "never"),
    100: (0, 0, 1, "instance", "never"),
    102: (0, 0, 1, "instance", "init"),
    104: (16, 1, 10240, "process", "mode"),
    130: (1, 0, 1, "instance", "never"),
    136: (3, 0, 255, "instance", "init"),
    157: (0, 0, 1, "instance", "init"),
    184: (0, 0, 0xFFFF, "instance", "init"),
    192: (0, 0, 1, "instance", "never"),
}
FLAGS = {17, 50, 52, 71, 77, 90, 100, 102, 130, 157}
"""Any number but 0 counts as 1; of 192, which is a flag too, the engine's table says that 1 is the most."""

FOLDERS = {0, 2}
"""They are completed."""


@pytest.fixture
def process() -> Process:
    """Return a process in which nothing was made yet."""
    return Process(EmulatedWorld())


@pytest.fixture(params=ROWS)
def paramid(request: pytest.FixtureRequest) -> int:
    """Return one parameter after the other."""
    return int(request.param)


def call(process: Process, name: str, paramid: int, value: Any = None, handle: int = 0) -> tuple[int, Any]:
    """Get or set a parameter; return the error and the value."""
    made = ParameterCall(CALLS[name], handle, 0, paramid, value)
    return made.api.perform(process, made), made.result


def put(process: Process, paramid: int, value: Any, handle: int = 0) -> int:
    """Set a parameter; return the error."""
    return call(process, "JetSetSystemParameter", paramid, value, handle)[0]


def get(process: Process, paramid: int, handle: int = 0) -> Any:
    """Return the value of a parameter."""
    error, value = call(process, "JetGetSystemParameter", paramid, None, handle)
    assert error == 0
    return value


def value_of_size(paramid: int, size: int) -> int | str:
    """Return a number, or a string of so many characters."""
    return "x" * size if isinstance(ROWS[paramid][0], str) else size


def instance_in(process: Process) -> Instance:
    """Make an instance, which sets the running mode."""
    made = CreateInstanceCall(CALLS["JetCreateInstance"], 0, "a")
    assert made.api.perform(process, made) == 0
    instance: Instance = made.result
    return instance


def other_value(paramid: int) -> int | str:
    """Return a value that the parameter may take and does not have."""
    default, least, _, *_ = ROWS[paramid]
    if isinstance(default, str):
        return "abc"
    return {64: 8192}.get(paramid, least if least != default else least + 1)


def test_there_are_no_others() -> None:
    """Every parameter that is emulated stands in the table above."""
    assert ROWS.keys() == PARAMETERS.keys()


def test_the_default(process: Process, paramid: int) -> None:
    """It is what the engine's table says; folders are shown in full."""
    default = ROWS[paramid][0]
    assert get(process, paramid) == ("C:\\app\\" if paramid in FOLDERS else default)


def test_the_ese_build_names_files_otherwise() -> None:
    """JET_paramLegacyFileNames is 1 there and 3 in the ESENT build."""
    assert get(Process(EmulatedWorld(), "ese"), 136) == 1


def test_the_bounds(process: Process, paramid: int) -> None:
    """The bounds themselves are good, and what lies outside is JET_errInvalidParameter; flags have no bounds."""
    _, least, most, *_ = ROWS[paramid]
    for size in (least, most):
        assert put(process, paramid, value_of_size(paramid, size)) == 0
    outside = [size for size in (least - 1, most + 1) if size >= 0 and size <= MANY]
    for size in outside:
        wanted = 0 if paramid in FLAGS else err.JET_errInvalidParameter
        assert put(process, paramid, value_of_size(paramid, size)) == wanted
    if paramid in FLAGS:
        assert get(process, paramid) == 1


def test_whose_it_is(process: Process, paramid: int) -> None:
    """What is set before there is a mode is everybody's; afterwards an instance has values of its own, or not."""
    *_, whose, locked = ROWS[paramid]
    instance = instance_in(process)
    error = put(process, paramid, other_value(paramid), instance.handle)
    if locked == "mode":
        assert error == err.JET_errAlreadyInitialized
    else:
        assert error == 0
        assert get(process, paramid, instance.handle) != get(process, paramid) or whose == "process"


def test_when_it_is_locked(process: Process, paramid: int) -> None:
    """From JetInit on most cannot be changed, but setting a number to what it is always succeeds."""
    default, *_, locked = ROWS[paramid]
    instance = instance_in(process)
    instance.initialized = True
    error = put(process, paramid, other_value(paramid), instance.handle)
    assert error == (0 if locked == "never" else err.JET_errAlreadyInitialized)
    if isinstance(default, int):
        assert put(process, paramid, get(process, paramid, instance.handle), instance.handle) == 0
