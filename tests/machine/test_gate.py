# SPDX-License-Identifier: MIT
"""What every call of an instance passes first: the search for the instance, and the API gate (jetapi.cxx:3811, 4421)."""

from collections.abc import Callable, Iterator

Gates = tuple[Callable[[str], Iterator[tuple[object, int, int]]], ...]


def test_the_gate_asks_in_one_order(call_of_instance: str, gates: Gates) -> None:
    """Stopped service, unavailable, terminating, restoring, not initialised: whatever else holds, the first one tells."""
    for reasons, error, wanted in gates[0](call_of_instance):
        assert (reasons, error) == (reasons, wanted)


def test_handles_that_are_none(call_of_instance: str, gates: Gates) -> None:
    """Handles are validated by the ESENT build, needed where there are several instances, and else not looked at."""
    for what, error, wanted in gates[1](call_of_instance):
        assert (what, error) == (what, wanted)
