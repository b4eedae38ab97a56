# SPDX-License-Identifier: MIT
"""What tests of every subject use: the cases of the recordings, and what keeps them quick.

An exploration takes seconds, so the tests that ask for one are given to one worker.  Tracing for coverage quadruples the
time of code that does nothing but call the machine, so a test that goes through all states or all mutants is not traced:
what it covers the tests of single rules and the replayed recordings cover too, or the coverage would be incomplete.
"""

import json
import lzma
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import coverage
import pytest
from hypothesis import settings

settings.register_profile("the same in every run", derandomize=True, deadline=None)
settings.load_profile("the same in every run")

DATA = Path(__file__).resolve().parent / "data"

EXPLORATIONS = ("exploration", "snapshot_exploration")
"""Fixtures that take seconds and are made once in each worker that needs them."""


def pytest_configure(config: pytest.Config) -> None:
    """Leave untraced what tests start, which would import coverage first, and covers nothing that is not covered here.

    The process that only hands tests to workers lets these be traced.
    """
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        for name in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
            os.environ.pop(name, None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests of one exploration to one worker (`--dist loadgroup`)."""
    for item in items:
        for name in EXPLORATIONS:
            if name in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group(name))
                break


@contextmanager
def not_traced() -> Iterator[None]:
    """Let what happens inside be no part of the coverage."""
    current = coverage.Coverage.current()
    if current is None:
        yield
        return
    current.stop()
    try:
        yield
    finally:
        current.start()


def pytest_sessionfinish() -> None:
    """Write down what was covered as long as there is time: a worker that has ten seconds left may be ended before it has."""
    current = coverage.Coverage.current()
    if current is not None:
        current.save()


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """Run a test with the marker `untraced` without tracing."""
    untraced = pyfuncitem.get_closest_marker("untraced") is not None
    with not_traced() if untraced else nullcontext():
        return (yield)


@pytest.fixture(scope="session")
def untraced() -> Callable[[], Any]:
    """Return a context in which a fixture takes its time without tracing."""
    return not_traced


SHAPES_OUTPUT = (
    "CI",
    "BUILD_NUMBER",
    "COLUMNS",
    "FORCE_COLOR",
    "NO_COLOR",
    "PYTHON_COLORS",
    "PY_COLORS",
    "PYTEST_ADDOPTS",
    "PYTEST_THEME",
)
"""Variables that pytest and others heed: colours, widths, and with CI whole messages in pytest's summary."""


@pytest.fixture
def plain_output(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let programs that a test runs print the same wherever the test runs."""
    for name in SHAPES_OUTPUT:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def cases() -> Callable[[str], list[dict[str, Any]]]:
    """Return what reads the cases of one recording."""

    def read(name: str) -> list[dict[str, Any]]:
        with lzma.open(DATA / f"{name}-cases.jsonl.xz") as lines:
            return [json.loads(line) for line in lines]

    return read
