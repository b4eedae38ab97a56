# SPDX-License-Identifier: MIT
"""Instances, parameters, sessions, databases and JetBackup: the written cases, call by call."""


def test_every_call_is_answered_as_written(outcome) -> None:
    """Each call of the case returns the error that stands beside it, and the result where one stands there."""
    for place, got, told, error, result in outcome():
        assert (place, got, told) == (place, error, result)
