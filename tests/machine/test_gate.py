# SPDX-License-Identifier: MIT
"""What every call of an instance passes first: the search for the instance, and the API gate (jetapi.cxx:3811, 4421)."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product

from esemu.machine.explore.starts import start
from esemu.machine.explore.worlds import ONE
from esemu.machine.rules.gate import GATE, wide_open
from esemu.vocabulary.errors import JET_errDiskIO, JET_errLogDiskFull

Gates = tuple[Callable[[str], Iterator[tuple[object, int, int]]], ...]


def test_the_gate_asks_in_one_order(call_of_instance: str, gates: Gates) -> None:
    """Stopped service, unavailable, terminating, restoring, not initialised: whatever else holds, the first one tells."""
    for reasons, error, wanted in gates[0](call_of_instance):
        assert (reasons, error) == (reasons, wanted)


def test_handles_that_are_none(call_of_instance: str, gates: Gates) -> None:
    """Handles are validated by the ESENT build, needed where there are several instances, and else not looked at."""
    for what, error, wanted in gates[1](call_of_instance):
        assert (what, error) == (what, wanted)


def test_where_the_gate_is_wide_open_none_of_its_rules_refuses() -> None:
    """In every combination of what the gate looks at: if it is wide open no rule of it holds, and both ways are met."""
    met = Counter[bool]()
    switches = ("initialized", "service_stopped", "term_in_progress", "recovering", "allows_calls_in_recovery")
    (instance,) = start(ONE).live()
    for values in product((False, True), repeat=len(switches)):
        for name, value in zip(switches, values, strict=True):
            setattr(instance, name, value)
        for instance.unavailable, instance.api_lock in product((0, JET_errLogDiskFull, JET_errDiskIO), range(16)):
            refused = any(rule.test(instance) for rule in GATE)
            assert not (wide_open(instance) and refused)
            met[refused] += 1
    assert set(met) == {False, True}
    assert wide_open(start(ONE).live()[0])
