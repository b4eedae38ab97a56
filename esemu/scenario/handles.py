# SPDX-License-Identifier: MIT
"""Which instance a call of a case is for, and which handle it passes: the field `inst`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.machine.state import JET_INSTANCE_NIL

if TYPE_CHECKING:
    from esemu.scenario.run import CaseRun


HANDLES: Final = {"zero": 0, "nil": JET_INSTANCE_NIL, "bogus": 0xDEAD0000BEEF}
"""The handles that cases name: no instance has one of them."""


def place(described: dict[str, Any]) -> int:
    """Return which of the instances a call is for."""
    inst = described.get("inst", "self")
    return inst if isinstance(inst, int) else 0


def handle(run: CaseRun, described: dict[str, Any]) -> int:
    """Return the instance handle that the call passes."""
    inst = described.get("inst", "self")
    if inst in HANDLES:
        return HANDLES[inst]
    return run.case.instances[0 if inst == "self" else inst].handle
