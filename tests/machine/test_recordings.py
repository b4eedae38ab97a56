# SPDX-License-Identifier: MIT
"""The machine answers as the engine's own source text did when it was compiled and recorded: `data/README.md`."""

from typing import Any

import pytest

from esemu.scenario import run_case

RECORDED = {"directed": 899, "random": 9001, "several": 2502}
"""How many calls were recorded in each."""


@pytest.mark.parametrize("name", RECORDED)
def test_every_call_is_answered_as_recorded(name: str, recordings: Any) -> None:
    """Errors, values, events, log records and the whole state after each call are those of the engine's own code."""
    calls = 0
    for case, want in recordings.pairs(name):
        got = run_case(case)
        assert got["id"] == want["id"]
        assert recordings.answers(got) == recordings.answers(want), case
        calls += len(want["r"])
    assert calls == RECORDED[name]
