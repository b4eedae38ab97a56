# SPDX-License-Identifier: MIT
"""The test kit: what an author of a backup client adds to a test suite.

Every name is loaded when it is first used, so that a suite pays only for what it uses.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

_MODULES: Final = {
    "CHECKS": "checks",
    "Check": "checks",
    "Finding": "checks",
    "check": "checks",
    "explore": "sweeps",
    "fail": "interpose",
    "interposed": "interpose",
    "replay": "sweeps",
    "script": "scripts",
    "sweep": "sweeps",
}
"""The public names, and the module of this package that each lies in."""

__all__ = [*_MODULES]  # noqa: PLE0604 - they are strings


def __getattr__(name: str) -> Any:
    """Load the module of a name."""
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
