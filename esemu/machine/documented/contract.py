# SPDX-License-Identifier: MIT
"""Answering calls by the documented contract: the table of the source decides first, then what the pages promise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine.documented.changes import Cancels, Refuses, Renames, Tells
from esemu.machine.documented.differences import DIFFERENCES
from esemu.machine.effects.backup import clean_up
from esemu.machine.rules.gate import handle_of_no_instance
from esemu.machine.state import MULTI_INSTANCE
from esemu.machine.step import Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.machine.call import Call
    from esemu.machine.documented.changes import Difference
    from esemu.machine.state import Instance, Process

_NEVER_CANCELS: Final = frozenset({"no_streaming_backup", "backup_stopped"})
"""There is no backup, or it was stopped and JetEndExternalBackup has still to say so."""


def documented_contract(process: Process) -> Callable[[Call], int]:
    """Return what stands before every call of a process that answers by the documented contract."""

    def perform(call: Call) -> int:
        """Make a call as `ApiCall.perform` does, with the differences that there are for it."""
        differences = BY_CALL.get(call.api.name)
        if differences is None:
            return call.api.perform(process, call, told=True)
        call.number = next(process.numbers)
        process.trace.append(call)
        if call.api.lock_free:
            error = _answer(process, call, differences)
        else:
            with process.lock:
                error = _answer(process, call, differences)
        if error:
            call.err = error
        return error

    return perform


def _answer(process: Process, call: Call, differences: list[Difference]) -> int:
    """Answer a call; the differences are asked in the order of the table."""
    instance = _instance_of(process, call)
    told = None
    for each in differences:
        change = each.change
        if isinstance(change, Refuses | Tells) and change.condition(process, instance, call):
            if isinstance(change, Refuses):
                call.instance = instance
                return _refuse(call, each, change.error)
            told = told or each
    error = call.api.find_and_answer(process, call)
    if error < 0:
        return _amended(call, error, differences)
    if not error and told is not None:
        return _refuse(call, told, told.change.error)  # type: ignore[union-attr]
    return error


def _amended(call: Call, error: int, differences: list[Difference]) -> int:
    """Return the documented error of a refused call, and end the backup where the page says that it ends."""
    rule = call.rule
    name = rule.name if rule is not None else ""
    for each in differences:
        change = each.change
        if isinstance(change, Renames) and name in change.rules:
            return change.error
        if isinstance(change, Cancels) and name not in change.but | _NEVER_CANCELS and rule not in _before_backup(call):
            instance = call.instance
            if instance is not None and instance.backup.streaming:
                clean_up(instance, call, error)
    return error


def _refuse(call: Call, difference: Difference, error: int) -> int:
    """Refuse a call, with the difference in the place of the rule that messages and traces name."""
    call.rule = RULES[difference.name]
    return error


def _before_backup(call: Call) -> tuple[Rule, ...]:
    """Return the rules that find the instance of a call and let it in."""
    return call.api.before + call.api.find + call.api.gate


def _instance_of(process: Process, call: Call) -> Instance | None:
    """Return the instance that a call is about, None where the rules will not find one."""
    found = process.found.get(call.handle)
    if found is None and process.mode != MULTI_INSTANCE and not handle_of_no_instance.holds(process, call):
        return next(iter(process.live()), None)
    return found


RULES: Final = {
    each.name: Rule(each.change.condition, each.change.error, (), f"{each.page} (documentation)", "")
    for each in DIFFERENCES
    if isinstance(each.change, Refuses | Tells)
}
"""What refuses a call that the source would not refuse, as the rule that messages name; by the name of the difference."""

BY_CALL: Final[dict[str, list[Difference]]] = {}
"""The differences that are emulated, by the name of the call."""

for _difference in DIFFERENCES:
    if _difference.change is not None:
        for _call in _difference.calls:
            BY_CALL.setdefault(_call, []).append(_difference)
