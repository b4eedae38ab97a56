# SPDX-License-Identifier: MIT
"""What the tests of the test kit share."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the module `small_clients`, importable by its name, as a process of a pool needs it."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return import_module("small_clients")
