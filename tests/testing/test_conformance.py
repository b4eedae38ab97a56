# SPDX-License-Identifier: MIT
"""Implementations are compared with the emulated engine: equal ones are equal, and what differs is told with few calls."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import other_libraries
import pytest

from esemu.testing.conformance import Conformance, conform
from esemu.testing.conformance.cases.at_random import at_random
from esemu.testing.conformance.cases.directed import directed
from esemu.testing.conformance.cases.every import KINDS, every_case
from esemu.testing.conformance.cases.restores import of_restores
from esemu.testing.conformance.players.arranged import by_calls_alone
from esemu.testing.conformance.reports import FORMATS
from esemu.testing.conformance.run import replay
from esemu.testing.conformance.targets import NoTarget, found
from esemu.vocabulary.errors import JET_errNoBackup

pytestmark = pytest.mark.untraced


@pytest.fixture(scope="module")
def differing() -> Conformance:
    """Return the comparison with a library whose stop does nothing."""
    return conform(
        other_libraries.forgets_the_stop,
        name="other_libraries:forgets_the_stop",
        most=5,
        kinds=["directed", "random"],
        random_cases=20,
    )


def test_the_same_is_the_same_in_front_of_a_process() -> None:
    """The library of esemu answers as itself in cases of every kind, those included in which an engine would crash."""
    every = [*every_case(worlds=["backup after backup"], random_cases=100)]
    result = conform(other_libraries.in_front, every=every[::23])
    assert result.same, result.differences[0].text()
    assert {each.kind for each in result.played} == {*KINDS}
    assert len(result.played) > 100


def test_the_same_is_the_same_with_a_process_of_its_own() -> None:
    """A library that only calls can change plays the cases whose worlds calls can make."""
    every = [*every_case(worlds=["backup after backup"], random_cases=100)]
    result = conform(other_libraries.alone, every=every[::17])
    assert result.same, result.differences[0].text()
    assert len(result.played) > 50


def test_a_world_that_calls_cannot_make_is_left_out() -> None:
    """Recovery and the like are not reached by calls, and the reason is told; a world of databases and logs is."""
    result = conform(other_libraries.alone, every=[("", case) for case in (*at_random(60, 1), *directed())])
    assert result.played
    reasons = {each.reason.partition(":")[0] for each in result.left_out}
    assert reasons >= {"recovering", "set", "files", "build"}
    circular = {"dbs": [], "gen_cur": 2, "circular": True}
    calls = by_calls_alone({"id": "", "world": circular, "calls": []})["calls"]
    assert [call["op"] for call in calls][:2] == ["JetCreateInstance", "JetSetSystemParameter"]
    assert {"op": "JetSetSystemParameter", "paramid": "JET_paramCircularLog", "value": 1} in calls


def test_files_are_damaged_where_they_can_be_reached() -> None:
    """Of the restores those are left out whose files would have to be changed where only the library knows them."""
    every = [("restores", case) for case in of_restores()][::11]
    in_front, alone = (conform(each, every=every) for each in (other_libraries.in_front, other_libraries.alone))
    assert in_front.same
    assert alone.same
    assert not in_front.left_out
    assert 0 < len(alone.played) < len(every) == len(in_front.played)
    assert "damage: nobody knows where the library has its files" in {each.reason for each in alone.left_out}


def test_what_was_left_out_is_reported() -> None:
    """Every report says how many cases were left out, and why."""
    result = conform(other_libraries.alone, every=[("restores", case) for case in of_restores()][:8])
    reason, left_out = result.left_out[0].reason, len(result.left_out)
    assert f"{left_out} left out" in FORMATS[".txt"](result)
    assert all(reason in each(result) for each in FORMATS.values())
    assert sum(json.loads(FORMATS[".json"](result))["left_out"].values()) == left_out
    assert len(ET.fromstring(FORMATS[".xml"](result)).findall(".//skipped")) == left_out


def test_an_engine_that_would_crash_is_not_asked_alone() -> None:
    """A target with a process of its own is not led where the engine would crash: neither in a case nor while one is shrunk."""
    begin = {"op": "JetBeginExternalBackupInstance", "grbit": 0}
    world = {"dbs": [{"name": "C:\\data\\a.edb", "pages": 4}], "gen_cur": 2}
    case = {"id": "", "world": world, "calls": [begin, {"op": "JetReadFileInstance", "h": 1, "cb": 65536}]}
    result = conform(other_libraries.alone, every=[("crash", case)])
    assert [each.reason for each in result.left_out] == ["JetReadFileInstance: an engine would not return from it"]


def test_a_difference_is_shrunk(differing) -> None:
    """Of all that was called before, only what shows the difference is left."""
    assert not differing.same
    assert len(differing.differences) == 5
    smallest = differing.smallest
    assert smallest is not None
    ops = [call["op"] for call in smallest.case["calls"]]
    assert len(ops) <= 2
    assert "JetStopBackupInstance" in ops
    assert smallest.expected.keys() == smallest.got.keys()


def test_a_difference_comes_with_a_program_that_shows_it(differing, tmp_path) -> None:
    """The program prints both answers to each call and marks those that differ."""
    program = tmp_path / "show.py"
    program.write_text(differing.script, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(other_libraries.__file__).parent)}
    shown = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, check=True, env=environment, timeout=60
    )
    assert "\n!" in f"\n{shown.stdout}"
    assert "JetStopBackupInstance" in shown.stdout


def test_what_a_client_sees_is_compared_alone() -> None:
    """Without a process behind it an implementation is told by errors and out-parameters."""
    result = conform(other_libraries.closes_for_good, kinds=["random"], random_cases=200, most=1)
    smallest = result.smallest
    assert smallest is not None
    assert smallest.call["op"] == "JetCloseFileInstance"
    assert smallest.got["err"] == JET_errNoBackup
    assert smallest.expected["err"] == 0


def test_an_implementation_may_raise() -> None:
    """An exception of Python's is a difference like any other, not the end of the comparison."""
    result = conform(other_libraries.raises, kinds=["arguments"], most=2)
    assert [each.got["err"] for each in result.differences] == ["BROKEN", "BROKEN"]
    assert "not written yet" in result.differences[0].text()


def test_a_crash_is_told(monkeypatch) -> None:
    """Where the engine would crash, an implementation that crashes does not take the comparison with it."""

    def reads_nothing(process: Any) -> other_libraries.Changed:
        library = other_libraries.Changed(other_libraries.in_front(process))
        library._changed["JetReadFileInstance"] = lambda *raw: os._exit(7)
        return library

    null = {"op": "JetReadFileInstance", "cb": 65536, "pv": "null"}
    opened = [
        {"op": "JetBeginExternalBackupInstance", "grbit": 0},
        {"op": "JetOpenFileInstance", "name": "C:\\data\\a.edb"},
    ]
    world = {"dbs": [{"name": "C:\\data\\a.edb", "pages": 4}], "gen_first": 1, "gen_cur": 3, "checkpoint": 3}
    case = {"id": "null", "world": world, "calls": [*opened, null]}
    result = conform(reads_nothing, every=[("null", case)])
    assert result.differences[0].got["err"] == "CRASHED"


def test_reports_say_the_same(differing) -> None:
    """Text, JSON, JUnit XML and HTML have the counts, the differences, and the shortest one."""
    document = json.loads(FORMATS[".json"](differing))
    assert document["same"] is False
    assert len(document["differences"]) == 5
    assert document["smallest"]["case"]["calls"]
    suites = ET.fromstring(FORMATS[".xml"](differing))
    assert sum(int(suite.get("tests", "0")) for suite in suites) == len(differing.played)
    assert len(suites.findall(".//failure")) == 5
    page = FORMATS[".html"](differing)
    assert page.startswith("<!doctype html>")
    assert "5 of" in page
    assert "JetStopBackupInstance" in page
    text = FORMATS[".txt"](differing)
    assert text.splitlines()[0].startswith("other_libraries:forgets_the_stop: 5 of")
    assert "as few calls as show one" in text


def test_targets_are_named() -> None:
    """module:attribute names a function, a class, or a library; what is none of them is refused with the reason."""
    assert found("other_libraries:alone") is other_libraries.alone
    assert found("other_libraries:A_LIBRARY")() is other_libraries.A_LIBRARY
    for wrong in (
        "other_libraries",
        "other_libraries:NO_LIBRARY",
        "other_libraries:nothing",
        "no_such_module:x",
        "x.so",
    ):
        with pytest.raises(NoTarget, match=wrong.split(":")[-1].split(".")[0]):
            found(wrong)


def test_kinds_of_cases_are_named() -> None:
    """A kind that there is not is refused."""
    with pytest.raises(ValueError, match="nonsense"):
        conform(other_libraries.in_front, kinds=["nonsense"])


def test_a_case_can_be_replayed() -> None:
    """A replay shows both answers, call by call."""
    case = {"id": "", "calls": [{"op": "JetInit", "as": "self"}, {"op": "JetStopBackup"}]}
    assert "!" not in replay(other_libraries.in_front, case)


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    environment = {**os.environ, "PYTHONPATH": str(Path(other_libraries.__file__).parent)}
    return subprocess.run(
        [sys.executable, "-m", "esemu", "conform", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_command_compares(tmp_path) -> None:
    """The exit status is 1 for a difference, 0 for none, 2 for what cannot be compared; reports are written."""
    reports = [f"report{ending}" for ending in FORMATS]
    options = [option for report in reports for option in ("--report", report)]
    kinds = ["--kind", "random", "--random", "40", "--most", "1", "--script", "show.py"]
    differing = run("other_libraries:forgets_the_stop", *kinds, *options, folder=tmp_path)
    assert differing.returncode == 1, differing.stderr
    assert "1 of" in differing.stdout
    assert all((tmp_path / report).stat().st_size for report in [*reports, "show.py"])
    same = run("other_libraries:in_front", "--kind", "random", "--random", "10", folder=tmp_path)
    assert (same.returncode, "the same in all of 10 cases" in same.stdout) == (0, True)
    assert run("other_libraries:nothing", folder=tmp_path).returncode == 2
    assert run("other_libraries:in_front", "--report", "x.pdf", folder=tmp_path).returncode == 2
