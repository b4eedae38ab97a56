# SPDX-License-Identifier: MIT
"""The library loaded into the Python that runs it: every call of a case through C gives what it gives without."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from esemu.faces.abi.exports import EXPORTS, is_emulated, required
from esemu.faces.clib.build import LIBRARY
from esemu.faces.clib.loaded import Loaded
from esemu.machine.state import Process
from esemu.scenario import run_case
from esemu.scenario.through import run_case_through
from esemu.vocabulary.errors import JET_errFeatureNotAvailable, JET_errInvalidParameter
from esemu.world.emulated import EmulatedWorld

EVERY = {"directed": 1, "random": 25, "several": 8, "snapshots-directed": 1, "snapshots": 25}
"""Of how many cases of a recording one is played."""


@pytest.fixture(scope="module")
def loaded(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """Load a copy of the library: other tests load that itself, and would find in it what it served last."""
    return Loaded(shutil.copy(built / LIBRARY, tmp_path_factory.mktemp("loaded")))


@pytest.mark.parametrize("name", EVERY)
def test_a_case_ends_the_same_through_c(
    loaded: Loaded, name: str, cases: Callable[[str], list[dict[str, Any]]], capfd: Any
) -> None:
    """Errors, values, names, bytes, events, log records and state of a case are those that it has without a library."""
    for case in cases(name)[:: EVERY[name]]:
        assert run_case_through(case, loaded.of) == run_case(case), case["id"]


def test_every_function_of_the_engine_is_exported(loaded: Loaded) -> None:
    """A client finds every name, and gets JET_errFeatureNotAvailable from those that do nothing."""
    process = Process(EmulatedWorld())
    library: Any = loaded.of(process)
    for symbol, export in EXPORTS.items():
        function = getattr(library, symbol)
        if not is_emulated(symbol):
            assert function(*[0] * len(export.prototype.arguments)) == JET_errFeatureNotAvailable, symbol
            assert repr(process.trace[-1]) == f"NotEmulated: {export.name}"


def test_null_for_every_pointer(loaded: Loaded) -> None:
    """Every function refuses NULL where the engine would store something."""
    library: Any = loaded.of(Process(EmulatedWorld()))
    for symbol, export in EXPORTS.items():
        if required(export.prototype) and not symbol.startswith("JetReadFile"):
            error = getattr(library, symbol)(*[0] * len(export.prototype.arguments))
            assert error < 0, symbol
    assert library.JetInit(0) == 0
    assert library.JetReadFileInstance(0, 0, 0, 0, 0) < 0
    assert library.JetGetInstanceInfo(0, 0) == JET_errInvalidParameter
