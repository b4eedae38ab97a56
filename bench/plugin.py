# SPDX-License-Identifier: MIT
"""What the pytest plugin costs a suite that uses none of it: its import, and what its hooks do for each test."""

import subprocess
import sys
from collections.abc import Iterator

from measure import Row, slowness

ROUNDS = 9
BUDGET_MS = 3.0
TESTS = 100

CODE = """
import sys, time
import pytest
from _pytest.config import get_config

begin = time.perf_counter()
import esemu.testing.plugin as plugin
imported = time.perf_counter() - begin

class Metafunc:
    fixturenames = ["tmp_path"]

class Item:
    fixturenames = ["tmp_path"]
    stash = {}
    def get_closest_marker(self, name):
        return None

class Fixture:
    func, scope, argname, argnames = len, "function", "tmp_path", ("request", "tmp_path_factory")

class Request:
    node = Item()

class Call:
    when = "call"

def taken(wrapper):
    next(wrapper)
    try:
        wrapper.send(None)
    except StopIteration:
        pass

items = [Item() for _ in range(TESTS)]
parser = get_config()._parser
begin = time.perf_counter()
plugin.pytest_addoption(parser)
for item in items:
    plugin.pytest_generate_tests(Metafunc)
plugin.pytest_collection_modifyitems(items)
for item in items:
    plugin.pytest_fixture_setup(Fixture, Request)
    taken(plugin.pytest_runtest_call(item))
    taken(plugin.pytest_runtest_teardown(item))
    for _ in range(3):
        taken(plugin.pytest_runtest_makereport(item, Call))
print(imported + time.perf_counter() - begin)
assert "esemu.faces" not in sys.modules
"""


def milliseconds(code: str) -> float:
    """Return what code prints, which is seconds, in a fresh interpreter."""
    command = [sys.executable, "-P", "-c", code]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) * 1000


def rows() -> Iterator[Row]:
    """Time the plugin beside an import of attrs, in turn."""
    attrs = "import time; begin = time.perf_counter(); import attrs; print(time.perf_counter() - begin)"
    ours = CODE.replace("TESTS", str(TESTS))
    rounds = [(milliseconds(attrs), milliseconds(ours)) for _ in range(ROUNDS)]
    theirs, unused = (min(times) for times in zip(*rounds, strict=True))
    yield Row(f"pytest plugin, unused, {TESTS} tests", "import attrs", theirs, unused, "ms", BUDGET_MS * slowness())
