# SPDX-License-Identifier: MIT
"""`python -m esemu record` plays cases through a library with a process of its own, whose world is made by calls."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from esemu.faces.clib.build import LIBRARY
from esemu.scenario import run_case
from esemu.scenario.apart import FORKS, SharedLibrary, apart
from esemu.scenario.recording import recorded, version
from esemu.testing.conformance.cases.restores import of_restores
from esemu.testing.conformance.players.on_host import played_on_host
from esemu.testing.conformance.recording import of_cases

OF_THE_LIBRARY = {"crc", "crc_pages", "cbActual", "cbWritten", "log", "ev"}
"""What is the library's own: bytes, the lengths of paths; and what a client does not see."""

OF_ITS_FORMAT = {"minreq", "maxreq", "maxcommitted"}
"""What a trailer has only from a version of databases on."""

DIFFERENT = {
    "F08c-growth-after-open-ignored",
    "F13c-loginfo-sizes-W",
    "F13d-loginfo-sizes-A",
    "F13e-attach-sizes",
    "S35-attach-create-detach-during-streaming-backup",
    "S49-streaming-truncate-deletes-logs-while-frozen",
}
"""Cases that an engine answers otherwise: databases are made larger and grow by more pages than was asked for, paths are longer
than C:, and edb*.log is no path of Windows."""


def seen(call: dict[str, Any]) -> dict[str, Any]:
    """Return what two libraries must have in common."""
    kept = {name: value for name, value in call.items() if name not in OF_THE_LIBRARY}
    if kept.get("trailer"):
        kept["trailer"] = {name: value for name, value in kept["trailer"].items() if name not in OF_ITS_FORMAT}
    return kept


@pytest.mark.parametrize(
    ("recording", "reason"),
    [
        ("directed", "term_at_page: another thread would have to end the instance while that page is read"),
        ("snapshots-directed", "snapshot_timeout: only time brings it, and how much depends on the library's clock"),
    ],
)
def test_what_a_library_answers_is_recorded(
    recording: str, reason: str, built: Path, tmp_path: Path, cases: Callable[[str], list[dict[str, Any]]]
) -> None:
    """The recording names library, version and date; each case has the answers that it has in the emulator, or why it has none."""
    played = {case["id"]: case for case in cases(recording)[::5]}
    source, target = tmp_path / "cases.jsonl", tmp_path / "recording.jsonl"
    source.write_text("".join(json.dumps(case) + "\n" for case in played.values()))
    command = [
        sys.executable,
        "-m",
        "esemu",
        "record",
        "--library",
        str(built / LIBRARY),
        str(source),
        "-o",
        str(target),
    ]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (made.returncode, made.stderr) == (0, "")
    head, *results = map(json.loads, target.read_text().splitlines())
    assert head["version"] == "0xa04a6100"
    assert head["date"].endswith("+00:00")
    assert [result["id"] for result in results] == list(played)
    recorded = [result for result in results if "r" in result]
    reasons = {result["not_arranged"] for result in results if "not_arranged" in result}
    assert reason in reasons
    assert not any(reason.endswith("no call makes it") for reason in reasons)
    assert not any(reason.startswith("the library says") for reason in reasons)
    assert len(recorded) > len(results) * 3 / 4
    for result in recorded:
        expected = run_case(played[result["id"]])["r"][: len(result["r"])]
        told = [{name: call.get(name) for name in got} for got, call in zip(result["r"], expected, strict=True)]
        assert ([*map(seen, result["r"])] == [*map(seen, told)]) == (result["id"] not in DIFFERENT), result["id"]


def test_a_library_of_the_other_build(
    built: Path, tmp_path: Path, cases: Callable[[str], list[dict[str, Any]]]
) -> None:
    """With --build ese the cases of that build are played, and those of esent have a line that says why they are not."""
    (tmp_path / "cases.jsonl").write_text(
        "".join(
            json.dumps(case) + "\n" for case in cases("directed") if case["id"].startswith(("F30-", "F31b", "F24b"))
        )
    )
    command = ["record", "--build", "ese", "--library", str(built / LIBRARY), str(tmp_path / "cases.jsonl")]
    made = subprocess.run(
        [sys.executable, "-m", "esemu", *command],
        env=os.environ | {"ESEMU_BUILD": "ese"},
        capture_output=True,
        text=True,
        check=True,
    )
    told = {result["id"]: result for result in map(json.loads, made.stdout.splitlines()[1:])}
    assert [name for name in told if "r" in told[name]] == ["F31b-names-ese"]
    assert told["F31b-names-ese"]["r"][1]["names"][0].endswith("edb00000003.log")
    assert all("--build" in result["not_arranged"] for name, result in told.items() if name != "F31b-names-ese")


def test_cases_of_a_comparison_are_recorded_too(built: Path) -> None:
    """A line has the calls that bring the library there, and what it answers: here to restores of sets that it has made."""
    library = SharedLibrary(str(built / LIBRARY))
    every = [case for case in of_restores() if case["calls"][-4]["op"] == "JetRestoreInstance"][:8]
    head, *lines = recorded(library, "ours", every, of_cases(library))
    assert head["library"] == "ours"
    assert [line["id"] for line in lines] == [case["id"] for case in every]
    told = {line["id"]: line["r"][-4]["name"] for line in lines if "r" in line}
    assert told["JetRestoreInstance, nothing is wrong"] == "JET_errSuccess"
    assert told["JetRestoreInstance, handle_of_no_instance"] == "JET_errInvalidInstance"
    assert {line["not_arranged"].partition(":")[0] for line in lines if "r" not in line} == {"build"}
    assert all(len(line["calls"]) == len(line["r"]) for line in lines if "r" in line)


def test_either_a_file_or_kinds_of_cases_are_recorded(built: Path, tmp_path: Path) -> None:
    """With neither, or both, nothing is done."""
    (tmp_path / "cases").write_text("")
    command = [sys.executable, "-m", "esemu", "record", "--library", str(built / LIBRARY)]
    for arguments in ([], ["--kind", "restores", str(tmp_path / "cases")]):
        made = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
        assert (made.returncode, "--kind" in made.stderr) == (2, True)


@pytest.mark.parametrize("forks", [*{FORKS, False}], ids=lambda forks: "forked" if forks else "spawned")
def test_a_library_goes_to_another_process(built: Path, tmp_path: Path, *, forks: bool) -> None:
    """It is there already, or is loaded again."""
    assert apart(version, tmp_path, SharedLibrary(str(built / LIBRARY)), forks=forks) == "0xa04a6100"


def test_a_library_that_is_none(tmp_path: Path) -> None:
    """What cannot be loaded is named, and nothing is written."""
    (tmp_path / "cases").write_text("")
    command = [sys.executable, "-m", "esemu", "record", "--library", "no-such-library.so", str(tmp_path / "cases")]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 2
    assert "no-such-library.so" in made.stderr


def test_a_library_is_compared_case_by_case(built: Path, tmp_path: Path) -> None:
    """Each case finds a library that no other has changed, more of them than a process may have instances."""
    command = [sys.executable, "-m", "esemu", "conform", str(built / LIBRARY), "--kind", "random", "--random", "60"]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert made.stdout.splitlines()[0] == f"{built / LIBRARY}: the same in all of 24 cases", made.stdout + made.stderr
    assert made.returncode == 0
    assert not any(tmp_path.iterdir()), "its logs lie in folders of the cases"


def test_worlds_of_the_host_are_compared(built: Path) -> None:
    """Instances with snapshots are there, and damaged files of a set that the library has made; what cannot be arranged is told."""
    code = (
        "from esemu.testing.conformance import conform\n"
        "from esemu.testing.conformance.cases.every import every_case\n"
        "from esemu.testing.conformance.targets import found\n"
        "every = [*every_case(['restores'])][::25] + [*every_case(['snapshots'], ['services'])][::131]\n"
        f"result = conform(found({str(built / LIBRARY)!r}), every=every)\n"
        "print([each.difference.text() for each in result.played if each.difference])\n"
        "print(sorted({each.kind for each in result.played}))\n"
        "print(sorted({each.reason.partition(':')[0] for each in result.left_out}))\n"
    )
    made = subprocess.run([sys.executable, "-c", code], cwd=built, capture_output=True, text=True, check=False)
    assert made.stderr == ""
    differences, kinds, reasons = made.stdout.splitlines()
    assert (differences, kinds) == ("[]", "['restores', 'snapshots']")
    assert "'situation'" in reasons


def test_a_library_that_does_not_start_is_no_equal(built: Path, tmp_path: Path) -> None:
    """What it refuses while a world is made is a difference, and where nothing was played nothing is the same."""
    command = [sys.executable, "-m", "esemu", "conform", str(built / LIBRARY), "--kind", "random", "--most", "2"]
    wrong = {**os.environ, "ESEMU_BUILD": "neither"}
    made = subprocess.run(command, cwd=tmp_path, env=wrong, capture_output=True, text=True, check=False)
    assert made.returncode == 1
    assert "Refused: the library says JET_errInternalError" in made.stdout
    made = subprocess.run([*command, "--random", "0"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (made.returncode, "not one case was played" in made.stderr) == (2, True)


def test_a_case_is_played_where_processes_cannot_be_forked(built: Path, tmp_path: Path) -> None:
    """What plays a case goes to another process, which loads the library itself."""
    begin = {"op": "JetBeginExternalBackupInstance", "inst": "i0", "grbit": 0}
    calls: list[dict[str, Any]] = [{"op": "JetInit", "as": "i0"}, begin]
    play = partial(played_on_host, SharedLibrary(str(built / LIBRARY)))
    with chdir(tmp_path):
        answers = apart(play, {"calls": calls}, forks=False)
    assert [(answer["op"], answer["err"]) for answer in answers] == [(call["op"], 0) for call in calls]
    assert {"logs", "data"} & {path.name for path in tmp_path.iterdir()}
