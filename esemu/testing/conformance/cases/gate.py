# SPDX-License-Identifier: MIT
"""Cases about the gate that every call has to pass: what closes it, and handles that are none."""

from __future__ import annotations

from itertools import combinations_with_replacement, product
from typing import TYPE_CHECKING, Any, Final

from esemu.machine.calls import CALLS
from esemu.machine.explore.alphabet import ALPHABET
from esemu.machine.explore.worlds import ONE
from esemu.machine.state import INITIALIZING, RESTORING, TERMINATING
from esemu.vocabulary.errors import JET_errInstanceUnavailable, JET_errLogDiskFull

if TYPE_CHECKING:
    from collections.abc import Iterator

    Case = dict[str, Any]

CLOSED: Final[dict[str, dict[str, Any]]] = {
    "service stopped": {"service_stopped": True},
    "log disk full": {"unavailable": JET_errLogDiskFull},
    "unavailable": {"unavailable": JET_errInstanceUnavailable},
    "not initialised": {"initialized": False},
    "terminating": {"api_lock": TERMINATING},
    "restoring": {"api_lock": RESTORING},
    "initializing": {"api_lock": INITIALIZING},
}
"""What closes the gate, and the attributes of an instance that say so."""

DESCRIBED: Final[tuple[Case, ...]] = (
    *(call for call in ALPHABET if call["op"] != "JetGetInstanceInfo"),
    *({"op": f"JetOSSnapshot{name}Instance", "grbit": 0} for name in ("Prepare", "TruncateLog")),
)
"""The calls that have to pass."""

ONE_OF_EACH: Final = {call["op"]: call for call in reversed(DESCRIBED)}.values()
"""The first of each."""


def both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of an instance about which two things are so; those of the first count, but for locks."""
    lock = one.get("api_lock", 0) | other.get("api_lock", 0)
    return other | one | ({"api_lock": lock} if lock else {})


def at_the_gate() -> Iterator[Case]:
    """Yield every call while one or two conditions close the gate, and with handles that are none."""
    yield from _while_closed()
    yield from _with_handles_of_none()


def _while_closed() -> Iterator[Case]:
    for one, other in combinations_with_replacement(CLOSED, 2):
        fields = both(CLOSED[one], CLOSED[other])
        for call in DESCRIBED if one == other else ONE_OF_EACH:
            single = CALLS[call["op"]].find[0].name == "running_mode_not_set"
            yield {
                "id": f"{call['op']}, {one}, {other}",
                "world": {**ONE, "runmode": "one" if single else "multi"},
                "calls": [{"op": "set", "inst": "self", **fields}, call],
            }


def _with_handles_of_none() -> Iterator[Case]:
    for esent, mode, inst in product((True, False), ("multi", "none", "one"), ("zero", "nil", "bogus")):
        for call in DESCRIBED if (esent, mode, inst) == (True, "multi", "bogus") else ONE_OF_EACH:
            yield {
                "id": f"{call['op']}, {mode}, {'esent' if esent else 'ese'}, handle {inst}",
                "world": {**ONE, "esent": esent, "runmode": mode},
                "calls": [{**call, "inst": inst}],
            }
