# SPDX-License-Identifier: MIT
"""Written cases, which tell a story: instances, parameters, sessions, databases, JetBackup."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from esemu.testing.conformance.players.arranged import IN_FRONT_ONLY
from esemu.testing.conformance.players.calls import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    Case = dict[str, Any]


def directed() -> Iterator[Case]:
    """Yield those whose calls can be made of a library."""
    for case in json.loads(files(__package__).joinpath("written_cases.json").read_text(encoding="utf-8")):
        calls = [
            {"op": op, **({"name": None} if "OpenFile" in op else {}), **fields} for op, fields, *_ in case["calls"]
        ]
        if all(call["op"] in OPERATIONS or call["op"] in IN_FRONT_ONLY for call in calls):
            yield {key: value for key, value in case.items() if key != "calls"} | {"calls": calls}
