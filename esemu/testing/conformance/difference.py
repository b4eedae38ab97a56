# SPDX-License-Identifier: MIT
"""The first call of a case that two implementations answer differently, and the shortest case that still shows one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from esemu.scenario.apart import FORKS, Crashed, TimedOut, apart
from esemu.scenario.arrangeable import NotArranged, Refused
from esemu.testing.described_calls import shown

if TYPE_CHECKING:
    from esemu.testing.conformance.players.player import Case, Play

UNSHOWN: Final = {"ub"}
"""What only one of two implementations can tell: why it would crash."""

BROKEN: Final = "BROKEN"
"""The "error" of a call in which an implementation raised an exception of Python's."""


@dataclass(frozen=True)
class Difference:
    """What a call of a case gave, and what it should have given: the fields in which they differ."""

    case: dict[str, Any]
    place: int  # of the call, from 0
    expected: dict[str, Any]
    got: dict[str, Any]

    @property
    def call(self) -> dict[str, Any]:
        """The call."""
        return self.case["calls"][self.place]  # type: ignore[no-any-return]

    def text(self) -> str:
        """Return the case up to the call, one call a line, and what it gave."""
        world = self.case.get("world")
        lines = [] if world is None else [f"# world: {json.dumps(world)}"]
        lines += [shown(call) for call in self.case["calls"][: self.place + 1]]
        lines += [
            f"    {field}: {self.got.get(field)!r}, and esemu {value!r}" for field, value in self.expected.items()
        ]
        lines += [
            f"    {field}: {value!r}, and esemu nothing"
            for field, value in self.got.items()
            if field not in self.expected
        ]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """Return it as a dictionary of JSON values."""
        return {"case": self.case, "place": self.place, "expected": self.expected, "got": self.got}


def difference(case: Case, expected: list[dict[str, Any]], play: Play) -> Difference | None:
    """Play a case and return the first call that gives something else than expected, None where none does.

    Raises NotArranged where no calls bring the implementation into the world of the case.  A call for that which it refuses, and the
    emulated engine does not, is a difference.
    """
    try:
        undefined = bool(expected) and expected[-1]["err"] == "UB"
        got = played_apart(play, case) if undefined and FORKS else play(case)
    except NotArranged as wrong:
        if not isinstance(wrong, Refused):
            raise
        return _broken(case, expected, wrong)
    except Exception as raised:  # noqa: BLE001 - another implementation may do anything
        return _broken(case, expected, raised)
    for place, wanted in enumerate(expected):
        found = got[place] if place < len(got) else {"err": "no answer"}
        told = {key: value for key, value in wanted.items() if key not in UNSHOWN}
        given = {key: value for key, value in found.items() if key not in UNSHOWN}
        if told != given:
            return Difference(case, place, *_apart(told, given))
    return None


def _broken(case: Case, expected: list[dict[str, Any]], raised: Exception) -> Difference:
    broken = {"err": BROKEN, "name": f"{type(raised).__name__}: {raised}"}
    return Difference(case, len(case["calls"]) - 1, {"err": expected[-1]["err"] if expected else None}, broken)


def played_apart(play: Play, case: Case) -> list[dict[str, Any]]:
    """Play a case in a process of its own, for an implementation may crash where the engine would, or never return.

    Then it answers nothing but {"err": "CRASHED"} or {"err": "NO ANSWER"}.
    """
    try:
        return apart(play, case)  # type: ignore[no-any-return]
    except Crashed as wrong:
        return [{"err": "CRASHED", "name": f"{wrong}"}]
    except TimedOut as wrong:
        return [{"err": "NO ANSWER", "name": f"{wrong}"}]


def _apart(one: dict[str, Any], other: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what differs between two dictionaries, of those inside them too."""
    mine, theirs = {}, {}
    for key in one | other:
        here, there = one.get(key), other.get(key)
        if here == there:
            continue
        if isinstance(here, dict) and isinstance(there, dict):
            here, there = _apart(here, there)
        if key in one:
            mine[key] = here
        if key in other:
            theirs[key] = there
    return mine, theirs


def shrunk(found: Difference, reference: Play, play: Play, tries: int = 400) -> Difference:
    """Leave calls out of a case, one after the other, as long as there is a difference; `tries` bounds the attempts."""
    smallest = found
    again = True
    while again and tries > 0:
        again = False
        calls = smallest.case["calls"][: smallest.place + 1]
        for place in range(len(calls) - 2, -1, -1):
            if tries <= 0:
                break
            tries -= 1
            shorter = {**smallest.case, "calls": calls[:place] + calls[place + 1 :]}
            other = _difference_of(shorter, reference, play)
            if other is not None:
                smallest, calls, again = other, shorter["calls"][: other.place + 1], True
                break
    case = {**smallest.case, "calls": smallest.case["calls"][: smallest.place + 1]}
    return Difference(case, smallest.place, smallest.expected, smallest.got)


def _difference_of(case: Case, reference: Play, play: Play) -> Difference | None:
    try:
        return difference(case, reference(case), play)
    except (LookupError, NotArranged):  # a handle that a call has named which is left out, or a file that it has made
        return None
