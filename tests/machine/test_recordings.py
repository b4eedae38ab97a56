# SPDX-License-Identifier: MIT
"""The machine answers as the engine's own source text did when it was compiled and recorded: `data/README.md`."""

import json
import lzma
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from esemu.scenario import run_case

DATA = Path(__file__).resolve().parent.parent / "data"

RECORDINGS = {"directed": 899, "random": 9001, "several": 2502}
"""How many calls were recorded in each."""

def rows(name: str) -> Iterator[dict[str, Any]]:
    """Read one of the files."""
    with lzma.open(DATA / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def advance(state: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return the whole state after a call; changes of several instances lie one level deeper."""
    state = dict(state)
    for key, value in changes.items():
        if value is None:
            state.pop(key, None)
        else:
            state[key] = advance(state.get(key, {}), value) if is_instance(key) else value
    return state


def is_instance(key: str) -> bool:
    """Whether the key of a state is that of an instance: i0, i1 ..."""
    return key[0] == "i" and key[1:].isdigit()


def answers(result: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return what each call answered, with the whole state after it; undefined behaviour has neither."""
    state = result["s0"]
    found = []
    for call in result["r"]:
        if call["err"] == "UB":
            found.append(({"op": call["op"], "err": "UB"}, {}))
        else:
            state = advance(state, call.get("s", {}))
            told = {field: value for field, value in call.items() if field != "s" and value is not None}
            found.append((told, state))
    return found


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_call_is_answered_as_recorded(name: str) -> None:
    """Errors, values, events, log records and the whole state after each call are those of the engine's own code."""
    wanted = list(rows(f"{name}-results"))
    for case, want in zip(rows(f"{name}-cases"), wanted, strict=True):
        got = run_case(case)
        assert got["id"] == want["id"]
        assert answers(got) == answers(want), case
    assert len(list(chain.from_iterable(want["r"] for want in wanted))) == RECORDINGS[name]
