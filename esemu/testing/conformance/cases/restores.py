# SPDX-License-Identifier: MIT
"""Cases about restores: a backup set, what is wrong with it or with the call, the call, and what is there afterwards.

Each rule of a restore has troubles that it refuses, and neighbours that could change places have both at once; all in every
form of the call that asks the rule.
"""

from __future__ import annotations

from itertools import pairwise, product
from typing import TYPE_CHECKING, Any, Final

from esemu.machine.calls import CALLS
from esemu.machine.explore.alphabet import A
from esemu.machine.step import Part, Rule
from esemu.testing.conformance.cases.saved_set import COPY_OF_A, SAVED, parameters
from esemu.testing.conformance.cases.troubles import FOLDER, RESTORED, RESTORED_A, TROUBLES, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

    Case = dict[str, Any]

_OLD: Final = {"path": SAVED}
_TO: Final = {**_OLD, "destination": RESTORED}
_EXTERNAL: Final = {
    **_OLD,
    **dict.fromkeys(("system_path", "log_path"), f"{FOLDER}\\"),
    "map": [[A, RESTORED_A]],
    "count": 1,
    "low": 1,
    "high": 3,
}
_EXTERNAL_2: Final = {
    **_EXTERNAL,
    "info": True,
    "cbSize": None,
    **dict.fromkeys(("target", "target_logs", "target_system")),
}
FORMS: Final[dict[str, dict[str, Any]]] = {
    "JetRestoreInstance": {**_TO, "inst": "zero"},
    "JetRestore": _OLD,
    "JetRestore2": _TO,
    "JetExternalRestore2": _EXTERNAL_2,
    "JetExternalRestore2A": _EXTERNAL_2,
    "JetExternalRestore": _EXTERNAL,
    "JetExternalRestoreA": _EXTERNAL,
}
"""The calls that restore what JetBackup wrote, and those for what a client has put back itself, with arguments that are right."""


def of_restores() -> Iterator[Case]:
    """Yield all of them: each trouble in every form that can have it, and two at once that are asked one after the other."""
    asked: set[tuple[bool, str, str]] = set()
    for op, arguments in FORMS.items():
        yield _case(op, "nothing is wrong", Trouble())
        troubles = {rule.name: [*TROUBLES[rule.name]] for rule in CALLS[op].rules()}
        for one, other in _neighbours(CALLS[op]):
            if (_is_external(op), one, other) not in asked:
                asked.add((_is_external(op), one, other))
                troubles[f"{one} and {other}"] = [*_at_once(one, other)]
        for name, each in troubles.items():
            possible = [trouble for trouble in each if trouble.arguments.keys() <= arguments.keys()]
            yield from (_case(op, f"{name} ({k})" if k else name, trouble) for k, trouble in enumerate(possible))


def _is_external(op: str) -> bool:
    return "External" in op


def _neighbours(part: Part) -> Iterator[tuple[str, str]]:
    """Yield the rules of a part, and of the parts in it, between which nothing happens."""
    for one, other in pairwise(part.steps):
        if isinstance(one, Rule) and isinstance(other, Rule):
            yield one.name, other.name
    for step in part.steps:
        if isinstance(step, Part):
            yield from _neighbours(step)


def _at_once(one: str, other: str) -> Iterator[Trouble]:
    """Yield two troubles at once, in both orders where these are possible and not the same."""
    for first, second in product(TROUBLES[one], TROUBLES[other]):
        orders = [first + second] if first + second == second + first else [first + second, second + first]
        yield from (both for both in orders if both.is_possible)


def _case(op: str, name: str, trouble: Trouble) -> Case:
    """Return a case in which a restore is called, and what is there afterwards is looked at."""
    given = {name: value for name, value in FORMS[op].items() if value is not None}
    put_back = [{"op": "copy", "path": COPY_OF_A, "to": RESTORED_A}] if _is_external(op) else []
    return {
        "id": f"{op}, {name}",
        "build": trouble.build,
        "saved": True,
        "folders": [FOLDER, RESTORED],
        "calls": [
            *parameters("zero", FOLDER),
            *trouble.before,
            *put_back,
            {"op": op, **given, **trouble.arguments},
            *({"op": "look", "path": folder} for folder in ("C:\\data", RESTORED, FOLDER)),
        ],
    }
