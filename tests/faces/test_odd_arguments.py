# SPDX-License-Identifier: MIT
"""What arranges a test takes what it says and refuses the rest in its own words, and a refusal leaves nothing behind."""

import array
import inspect
import linecache
import math
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import esemu
from esemu.world.disk import VirtualDisk

MAIL = r"C:\data\mail.edb"


class Anything:
    """An object of no use to anybody."""


ODD: list[Any] = [
    *(None, True, False, 0, 1, -1, 2**31, 2**64, 2**100, 1.5, math.nan, math.inf, "", "x", "a\0b", "C:\\\ud800"),
    *("x" * 300, b"x", bytearray(5), [], [1], (), (1, 2), {}, {1: 2}, {"x": 1}, set(), Anything(), len, ..., object),
    *(Path("x"), memoryview(b"x"), array.array("Q", [1]), "C:\\logs\\", "NUL", r"\\server\share\x.edb", "C:", MAIL),
]

REFUSALS = (TypeError, ValueError, LookupError, OSError, esemu.EsemuError)

START = [name for name in inspect.signature(esemu.Engine.start).parameters if name != "self"]
DATABASE = list(inspect.signature(esemu.Database).parameters)
DISK = sorted(
    name
    for name, value in inspect.getmembers(VirtualDisk, inspect.isfunction)
    if name[0] != "_"
    and list(inspect.signature(value).parameters) == ["self", "path"]
    and name not in {"read_only", "on_host"}
)
"""Functions of a path alone, but for two that ask for a mounted folder first, and have none here."""


def refused(action: Callable[[], object]) -> Exception | None:
    """Return how something is refused: by a `raise` of esemu's own, with a message; None if it is not."""
    try:
        action()
    except REFUSALS as refusal:
        found: Exception = refusal
    else:
        return None
    assert str(found)
    innermost = traceback.extract_tb(found.__traceback__)[-1]
    line = linecache.getline(innermost.filename, innermost.lineno or 0).strip()
    assert line.startswith("raise"), (line, found)
    return found


def is_too_much(name: str, value: Any) -> bool:
    """Whether this would be done, and would take for ever: billions of logs or pages."""
    return name in {"generations", "pages", "databases"} and isinstance(value, int) and value > 2**30


@pytest.mark.untraced
@pytest.mark.parametrize("name", ["build", "contract", "trace_limit", "calls_in_errors", "wait_limit"])
def test_an_engine_is_made_as_described_or_not_at_all(name: str) -> None:
    """Each argument of `Engine` is taken, or refused in esemu's words."""
    outcomes = [refused(lambda value=value: esemu.Engine(**{name: value})) for value in ODD]  # type: ignore[misc]
    assert any(outcomes)


@pytest.mark.untraced
@pytest.mark.parametrize("name", START)
def test_an_instance_that_is_refused_leaves_nothing(name: str) -> None:
    """Each argument of `Engine.start` is taken, or refused before or after the engine's calls: no file or folder stays."""
    for value in ODD:
        if is_too_much(name, value):
            continue
        engine = esemu.Engine()
        before = engine.disk.tree()
        given = {"databases": {MAIL: 10}, name: value}
        if refused(lambda given=given, engine=engine: engine.start(**given)):  # type: ignore[misc]
            assert engine.process.live() == []
            assert engine.disk.tree() == before, (name, value)


@pytest.mark.untraced
@pytest.mark.parametrize("name", DATABASE)
def test_a_database_is_as_described_or_not_at_all(name: str) -> None:
    """Each argument of `Database` is taken, or refused when it is described or started."""
    for value in ODD:
        if not is_too_much(name, value):
            given = {"path": MAIL, name: value}
            refused(lambda given=given: esemu.Engine().start([esemu.Database(**given)]))  # type: ignore[misc]


@pytest.mark.untraced
def test_what_a_test_does_to_an_instance_is_refused_in_words() -> None:
    """Switches, methods and hooks of an instance, its engine's clock, trace and library."""
    engine = esemu.Engine()
    inst: Any = engine.start({MAIL: 40})
    for value in ODD:
        actions: list[Callable[[Any], object]] = [
            lambda odd: setattr(inst, "checkpoint", odd),
            lambda odd: inst.grow(odd, 1),
            lambda odd: inst.write_page(odd, 1),
            lambda odd: inst.write_page(MAIL, odd),
            inst.delete_log,
            lambda odd: inst.faults.on_page(odd, 1, len),
            lambda odd: inst.faults.on_page(MAIL, odd, len),
            lambda odd: inst.faults.on_page(MAIL, 3, odd),
            lambda odd: inst.faults.page(MAIL, odd),
            engine.clock.advance,
            engine.trace.text,
        ]
        for action in actions:
            refused(lambda action=action, value=value: action(value))  # type: ignore[misc]
    assert isinstance(refused(lambda: engine.library([])), TypeError)  # type: ignore[arg-type]
    assert refused(lambda: engine.clock.advance(-1))
    assert refused(lambda: engine.clock.advance(1.0))  # type: ignore[arg-type]


@pytest.mark.untraced
@pytest.mark.parametrize("name", DISK)
def test_a_path_is_a_string(name: str) -> None:
    """Every function of the disk that takes a path says so of what is none."""
    function: Any = getattr(esemu.Engine().disk, name)
    for value in ODD:
        if not isinstance(value, str):
            assert isinstance(refused(lambda value=value: function(value)), TypeError)  # type: ignore[misc]
