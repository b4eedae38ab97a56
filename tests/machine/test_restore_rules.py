# SPDX-License-Identifier: MIT
"""Every rule of a restore refuses what it says: the cases that implementations are compared by have something for each.

That each rule matters, and its place, is in `test_conformance_mutants`.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from esemu.machine.calls import CALLS
from esemu.machine.effects import redo, restore, restore_instance
from esemu.machine.step import Part, Rule, Within
from esemu.testing.conformance.cases.restores import FORMS, of_restores
from esemu.testing.conformance.cases.troubles import TROUBLES
from esemu.testing.conformance.players.in_front import in_front

PLAY = in_front()
ROOTS = [row for name, row in CALLS.items() if "Restore" in name]
RULES: dict[str, Rule] = {rule.name: rule for root in ROOTS for rule in root.rules()}
CASES: dict[str, list[dict[str, Any]]] = {}
for each in of_restores():
    CASES.setdefault(each["id"].partition(", ")[2].partition(" (")[0], []).append(each)


def answer(case: dict[str, Any]) -> Any:
    """Return the error of the restore in a case."""
    place = next(place for place, call in enumerate(case["calls"]) if "Restore" in call["op"])
    return PLAY(case)[place]["err"]


def test_every_form_of_a_restore_is_called() -> None:
    """Nothing is wrong with a call that succeeds, in every form; what is wrong with others is there for every rule."""
    assert {case["calls"][-4]["op"]: answer(case) for case in CASES["nothing is wrong"]} == dict.fromkeys(FORMS, 0)
    assert FORMS.keys() == {root.name for root in ROOTS}
    assert TROUBLES.keys() == RULES.keys()


@pytest.mark.parametrize("name", TROUBLES)
def test_every_rule_refuses_what_it_says(name: str) -> None:
    """The troubles of a rule are answered with the error of that rule."""
    wanted = {"UB" if error == 1 else error for error in RULES[name].errors}
    assert {answer(case) for case in CASES[name]} & wanted


def parts_in(part: Part) -> Iterator[Part]:
    """Return a part and all parts inside it."""
    yield part
    for step in part.steps:
        if isinstance(step, Part):
            yield from parts_in(step)


def test_no_effect_is_left_over() -> None:
    """Every effect of a restore is a step of some part, or runs one."""
    parts = {part for root in ROOTS for part in parts_in(root)}
    steps = {step for part in parts for step in part.steps}
    refusals = {part.refused for part in parts} | {getattr(part, "over", None) for part in parts}
    refusals |= {part.afterwards for part in parts if isinstance(part, Within)}
    for module in (redo, restore, restore_instance):
        public = {value for name, value in vars(module).items() if callable(value) and name[0].islower()}
        own = {value for value in public if getattr(value, "__module__", "") == module.__name__}
        assert own <= {*steps, *refusals}
