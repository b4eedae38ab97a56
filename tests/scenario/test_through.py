# SPDX-License-Identifier: MIT
"""A call through a library gives what the machine's own call gives, memory and all."""

from collections.abc import Callable
from typing import Any

import pytest

from esemu.faces.library import Library
from esemu.scenario import run_case
from esemu.scenario.through import run_case_through

EVERY: dict[str, int] = {"directed": 1, "random": 12, "several": 4, "snapshots-directed": 1, "snapshots": 12}
"""Of how many cases of a recording one is played."""


@pytest.mark.parametrize("name", EVERY)
def test_a_case_ends_the_same_through_the_library(name: str, cases: Callable[[str], list[dict[str, Any]]]) -> None:
    """Errors, values, names, bytes, events, log records and state of a case are those that it has without a library."""
    played = cases(name)[:: EVERY[name]]
    assert len(played) >= 20
    for case in played:
        assert run_case_through(case, Library) == run_case(case), case["id"]


@pytest.mark.parametrize("missing", ["pc", "pa"])
@pytest.mark.parametrize("form", ["W", "A"])
def test_an_array_of_instances_needs_both_pointers(form: str, missing: str) -> None:
    """JetGetInstanceInfo with a NULL pointer is refused and stores nothing through the other one (io.cxx:2144)."""
    call = {"op": f"JetGetInstanceInfo{form}", missing: False}
    case = {"id": 1, "world": {"dbs": [{"name": "C:\\data\\a.edb"}]}, "calls": [call]}
    (answer,) = run_case(case)["r"]
    assert answer["name"] == "JET_errInvalidParameter"
    assert {field: answer[field] for field in ("c", "insts") if field in answer} == (
        {"insts": "unwritten"} if missing == "pc" else {"c": None}
    )
    assert run_case_through(case, Library) == run_case(case)


@pytest.mark.parametrize("sections", [-1, 0, 1, 2])
def test_a_number_of_sections_may_be_negative(sections: int) -> None:
    """It is a long: only more than one section is not known, and less than one is no error (jetapi.cxx:17703)."""
    name = "C:\\data\\a.edb"
    calls = [
        {"op": "JetBeginExternalBackupInstance"},
        {"op": "JetOpenFileSectionInstanceW", "name": name, "ib": 0, "cSections": sections},
    ]
    case = {"id": 1, "world": {"dbs": [{"name": name}]}, "calls": calls}
    assert run_case(case)["r"][1]["name"] == ("JET_wrnNyi" if sections > 1 else "JET_errSuccess")
    assert run_case_through(case, Library) == run_case(case)
