# SPDX-License-Identifier: MIT
"""OS snapshots: the machine answers as the engine's own source text did when it was recorded: `data/README.md`."""

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from esemu.scenario import run_case

DATA = Path(__file__).resolve().parent.parent / "data"

RECORDINGS = {"snapshots-directed": 597, "snapshots": 8342}
"""How many calls were recorded in each."""

WITHOUT_ANSWER = {"UB", "BLOCKS"}
"""Outcomes of calls that do not return."""

NO_PAGES = ("crc_pages", None)


def rows(name: str) -> Iterator[dict[str, Any]]:
    """Read one of the files."""
    with lzma.open(DATA / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def advance(state: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return the whole state after a call; changes of several instances lie one level deeper."""
    after = {key: value for key, value in (state | changes).items() if value is not None}
    deeper = {key for key in changes if isinstance(changes[key], dict)}
    return after | {key: advance(state[key], changes[key]) for key in deeper}


def answers(result: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Return what each call answered, with the whole state after it; a call that does not return has neither."""
    state = result["s0"]
    for call in result["r"]:
        if call["err"] in WITHOUT_ANSWER:
            yield {"op": call["op"], "err": call["err"]}, {}
        else:
            state = advance(state, call.get("s", {}))
            # A read of the trailer alone has no pages, which one recording tells and another does not.
            yield {field: value for field, value in call.items() if field != "s" and (field, value) != NO_PAGES}, state


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_call_is_answered_as_recorded(name: str) -> None:
    """Errors, values, events, log records and changes of the state are those of the engine's own code."""
    calls = 0
    for case, want in zip(rows(f"{name}-cases"), rows(f"{name}-results"), strict=True):
        got = run_case(case)
        assert list(answers(got)) == list(answers(want)), case
        calls += len(want["r"])
    assert calls == RECORDINGS[name]
