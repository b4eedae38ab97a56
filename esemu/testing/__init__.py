# SPDX-License-Identifier: MIT
"""The test kit: what an author of a backup client adds to a test suite.

Every name is loaded when it is first used, so that a suite pays only for what it uses.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from esemu.testing.backup_machine import BackupMachine as BackupMachine
    from esemu.testing.checks import CHECKS as CHECKS, Check as Check, Finding as Finding, check as check
    from esemu.testing.histories import History as History
    from esemu.testing.interleavings import interleave as interleave, replay_order as replay_order
    from esemu.testing.interpose import fail as fail, interposed as interposed
    from esemu.testing.linearizability import linearizable as linearizable
    from esemu.testing.scripts import script as script
    from esemu.testing.sweeps import explore as explore, replay as replay, sweep as sweep

_MODULES: Final = {
    "BackupMachine": "backup_machine",
    "CHECKS": "checks",
    "History": "histories",
    "Check": "checks",
    "Finding": "checks",
    "check": "checks",
    "explore": "sweeps",
    "fail": "interpose",
    "interleave": "interleavings",
    "interposed": "interpose",
    "linearizable": "linearizability",
    "replay": "sweeps",
    "replay_order": "interleavings",
    "script": "scripts",
    "sweep": "sweeps",
}
"""The public names, and the module of this package that each lies in."""

__all__ = [*_MODULES]  # noqa: PLE0604 - they are strings


def __getattr__(name: str) -> Any:
    """Load the module of a name.  Raises ModuleNotFoundError where that needs Hypothesis, and Hypothesis is missing."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    except ModuleNotFoundError as missing:
        if missing.name != "hypothesis":
            raise
        advice = f'{name} needs Hypothesis; pip install "esemu[hypothesis]" installs it'
        raise ModuleNotFoundError(advice, name=missing.name) from None
