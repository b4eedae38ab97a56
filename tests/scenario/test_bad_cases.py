# SPDX-License-Identifier: MIT
"""Scenario files with anything in them: what is wrong is said with its line and place, and the other lines still run."""

import gzip
import io
import json
import lzma
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from esemu.scenario import run_case, run_file, run_lines
from esemu.scenario.calls import OPERATIONS
from esemu.scenario.fields import CALL, DATABASE, INSTANCE, WORLD, BadCase

DB = {"name": r"C:\data\a.edb", "pages": 3}
GOOD: dict[str, Any] = {
    "id": "good",
    "world": {"dbs": [DB], "gen_cur": 3},
    "calls": [
        {"op": "JetBeginExternalBackupInstance"},
        {"op": "JetOpenFileInstanceW", "name": r"C:\data\a.edb"},
        {"op": "JetReadFileInstance", "cb": 65536},
    ],
}


def with_world(**fields: Any) -> dict[str, Any]:
    """Return the good case with other fields in its world."""
    return GOOD | {"world": GOOD["world"] | fields}


def with_call(**call: Any) -> dict[str, Any]:
    """Return the good case with one call more."""
    return GOOD | {"calls": [*GOOD["calls"], call]}


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ([], "a case: [] is no object"),
        (None, "a case: None is no object"),
        ({}, "field 'id' is missing"),
        ({"id": 1, "world": {"dbs": []}}, "field 'calls' is missing"),
        (GOOD | {"word": {}}, "there is no field 'word'"),
        (GOOD | {"world": []}, "world: [] is not an object"),
        (GOOD | {"calls": {}}, "calls: {} is not a list"),
        (GOOD | {"calls": [3]}, "calls[0]: a call is an object with the field 'op', the name of a call"),
        (GOOD | {"calls": [{"op": 3}]}, "calls[0]: a call is an object with the field 'op', the name of a call"),
        (GOOD | {"world": {}}, "world: field 'dbs' is missing"),
        (with_world(dbs={}), "world.dbs: {} is not a list of databases"),
        (with_world(dbs=[{}]), "world.dbs[0]: field 'name' is missing"),
        (with_world(dbs=[7]), "world.dbs[0]: 7 is no object"),
        (with_world(dbs=[{"name": "a.edb"}]), "world.dbs[0].name: 'a.edb' is not the full path of a file"),
        (with_world(dbs=[DB | {"pages": 0}]), "world.dbs[0].pages: 0 is not a whole number from 1 to 1048576"),
        (with_world(dbs=[DB | {"logged": 1}]), "world.dbs[0].logged: 1 is not False or True"),
        (with_world(dbs=[DB | {"full_prev": [1]}]), "world.dbs[0].full_prev: [1] is not a list of 2 values"),
        (with_world(dbs=[DB, DB | {"name": r"c:\DATA\a.edb"}]), "world.dbs: two databases have the same name"),
        (
            with_world(dbs=[{"name": rf"C:\data\{n}.edb"} for n in range(7)]),
            "world.dbs: there are 7, and an instance has 6 at most",
        ),
        (with_world(gen_cur=-1), "world.gen_cur: -1 is not a whole number from 1 to 2147483647"),
        (with_world(gen_cur=2**30), "world: from gen_first to gen_cur there are more than 100000 logs"),
        (with_world(gen_cur=1.5), "world.gen_cur: 1.5 is not a whole number from 1 to 2147483647"),
        (with_world(circular="yes"), "world.circular: 'yes' is not False or True"),
        (with_world(page_size=4097), "world.page_size: 4097 is not 4096 or 8192 or 16384 or 32768"),
        (with_world(runmode=["one"]), "world.runmode: ['one'] is not 'multi' or 'one' or 'none'"),
        (with_world(colour="red"), "world: there is no field 'colour'"),
        (with_world(read_errors=[[2, 1, 1]]), "world: a page of database 2, and there are 1"),
        (with_world(stop_at_page=[1]), "world.stop_at_page: [1] is not a list of 2 values"),
        (with_world(missing_gens=[0]), "world.missing_gens: [0] is not a list of which each is a whole number"),
        (
            with_world(extra_files=[["x", 1]]),
            "world.extra_files: [['x', 1]] is not a list of which each is a list whose",
        ),
        (with_world(instances=[]), "world.instances: there are 0, and there can be from 1 to 16"),
        (with_world(instances=[{}] * 17), "world.instances: there are 17, and there can be from 1 to 16"),
        (with_world(instances=[{"page_size": 4096}]), "world.instances[0]: there is no field 'page_size'"),
        (with_world(dbs=[DB | {"name": r"C:\data\a.edb\b"}, DB]), "world: no file can be made at"),
        (with_call(op="JetFly"), "calls[3]: there is no call 'JetFly'"),
        (with_call(op="JetReadFileInstance"), "calls[3]: field 'cb' is missing"),
        (with_call(op="JetOpenFileInstance"), "calls[3]: field 'name' is missing"),
        (with_call(op="JetReadFileInstance", cb=-1), "calls[3].cb: -1 is not a whole number from 0 to 67108864"),
        (with_call(op="JetReadFileInstance", cb=4096, h="first"), "calls[3].h: 'first' is not a whole number from"),
        (with_call(op="JetStopBackupInstance", inst=1), "calls[3].inst: 1, and the instances are 0 to 0"),
        (with_call(op="JetStopBackupInstance", inst=True), "calls[3].inst: True is not a whole number from"),
        (with_call(op="JetBeginExternalBackupInstance", grbit=-1), "calls[3].grbit: -1 is not a whole number from"),
        (
            with_call(op="JetOpenFileInstance", name="a\0"),
            "calls[3].name: 'a\\x00' is not null or a string without NUL",
        ),
        (with_call(op="env", roll=-1), "calls[3].roll: -1 is not a whole number from 0 to 100000"),
        (with_call(op="env", grow=[2, 1]), "calls[3].grow: there is no database 2"),
        (with_call(op="env", weather=1), "calls[3]: there is no field 'weather'"),
    ],
)
def test_a_message_names_place_and_fault(case: Any, message: str) -> None:
    """A case that cannot be run is a BadCase that says where it is wrong and what would be right."""
    with pytest.raises(BadCase) as raised:
        run_case(case)
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "no JSON at character 2: Expecting property name enclosed in double quotes"),
        ("nonsense", "no JSON at character 1: Expecting value"),
        ('{"id": 1} {}', "no JSON at character 11: Extra data"),
        ("[" * 100_000, "no JSON that could be a case: a number is too long, or lists lie too deep in each other"),
        ("1" * 5_000, "no JSON that could be a case: a number is too long, or lists lie too deep in each other"),
        (b'{"id": "\xff"}', "not UTF-8 at byte 9"),
        ("NaN", "a case: nan is no object"),
    ],
)
def test_a_line_that_is_no_json(line: str | bytes, message: str) -> None:
    """A line that cannot be read gives its number and the place in it, and the lines around it run."""
    good = json.dumps(GOOD)
    results = list(run_lines([good, "", line, "  \n", good]))
    assert [result.get("id") for result in results] == ["good", None, "good"]
    assert results[1] == {"line": 3, "error": message}
    assert results[0] == results[2]


@pytest.mark.parametrize("packed", [lambda data: data, gzip.compress, lzma.compress], ids=["plain", "gz", "xz"])
def test_a_file_is_read_packed_or_not(packed: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Results go to the output, one a line; what is wrong goes to standard error, and is counted."""
    names = {gzip.compress: "x.gz", lzma.compress: "x.xz"}
    path = tmp_path / names.get(packed, "x.jsonl")
    lines = [json.dumps(GOOD).encode(), b"\xff\xfe", b"", b"\xef\xbb\xbf" + json.dumps(GOOD).encode()]
    path.write_bytes(packed(b"\r\n".join(lines)))
    output = io.StringIO()
    assert run_file(str(path), output) == 1
    assert [json.loads(line)["id"] for line in output.getvalue().splitlines()] == ["good", "good"]
    assert capsys.readouterr().err == "line 2: not UTF-8 at byte 1\n"


@pytest.mark.parametrize("name", ["x.gz", "x.xz"])
@pytest.mark.parametrize("cut", [True, False])
def test_a_packed_file_that_is_damaged_is_an_oserror(name: str, cut: bool, tmp_path: Path) -> None:
    """A file that cannot be unpacked to its end is an OSError, whatever the library calls it."""
    whole = (gzip.compress if name.endswith("gz") else lzma.compress)(json.dumps(GOOD).encode() * 50)
    (tmp_path / name).write_bytes(whole[:-9] if cut else b"not packed at all")
    with pytest.raises(OSError, match=name if cut or name.endswith("xz") else "Not a gzipped file"):
        run_file(str(tmp_path / name), io.StringIO())


def test_a_file_that_is_missing_is_an_oserror(tmp_path: Path) -> None:
    """A file that is not there is what Python says of it."""
    with pytest.raises(FileNotFoundError):
        run_file(str(tmp_path / "none.jsonl"), io.StringIO())


def test_every_documented_field_is_known() -> None:
    """The fields in the reference are those that a case may have."""
    text = (Path(__file__).parents[2] / "docs" / "reference" / "scenarios.md").read_text(encoding="utf-8")
    known = {*WORLD, *DATABASE, *CALL}
    table = [line.split("|")[1] for line in text.split("## A result")[0].splitlines() if line.startswith("| `")]
    named = {name for cell in table for name in cell.split("`")[1::2]}
    assert len(named) > 20
    assert named <= known


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 12) | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PATHS = st.sampled_from(
    [r"C:\data\a.edb", r"C:\data\b.edb", "C:\\data", r"C:\logs\edb.log", r"C:\logs\edb00001.log", "C:\\"]
)
VALUES = st.one_of(
    st.booleans(), st.integers(-1, 8), st.lists(st.integers(0, 3), max_size=3), PATHS, JSON,
    st.sampled_from([4096, 8192, 65536, 2**31, 2**32 - 1, "multi", "one", "none", "restoring", "nil", "bogus", "last"]),
)  # fmt: skip


def fields(table: dict[str, Any], **always: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Draw an object with some of these fields, hardly ever with values that they do not take."""
    drawn = st.dictionaries(st.sampled_from(sorted({*table} - {"dbs", "instances", "op"})), VALUES, max_size=5)
    spoilt = st.integers(0, 50)

    def made(given: dict[str, Any], spoil: int, more: dict[str, Any]) -> dict[str, Any]:
        fitting = {name: value for name, value in given.items() if spoil == 1 or not table[name](value)}
        return fitting | {
            name: value for name, value in more.items() if spoil == 2 or name not in table or not table[name](value)
        }

    return st.builds(made, drawn, spoilt, st.fixed_dictionaries(always))


DATABASES = st.lists(fields(DATABASE, name=PATHS), max_size=3)
CASES = st.fixed_dictionaries(
    {
        "id": JSON,
        "world": fields(WORLD, dbs=DATABASES)
        | fields(WORLD, instances=st.lists(fields(INSTANCE, dbs=DATABASES), max_size=3)),
        "calls": st.lists(
            fields(CALL, op=st.sampled_from(sorted(OPERATIONS)), name=PATHS, cb=st.just(65536)), max_size=6
        ),
    }
)


@pytest.mark.untraced
@given(st.lists(JSON.map(json.dumps) | st.text(max_size=20) | st.binary(max_size=20), max_size=4))
@settings(deadline=None)
def test_any_line_has_a_result_or_an_error(lines: list[Any]) -> None:
    """Whatever is in a line, the runner goes on to the next one."""
    results = list(run_lines([*lines, json.dumps(GOOD)]))
    assert results[-1]["id"] == "good"
    assert all("error" in result for result in results[:-1])


@pytest.mark.untraced
@given(CASES)
@settings(max_examples=400, deadline=None)
def test_any_case_runs_or_is_a_bad_case(case: dict[str, Any]) -> None:
    """A case in which everything is of the right sort runs to its end, however strange; any other is a BadCase."""
    messages, results = [], []
    try:
        results = run_case(case)["r"]
    except BadCase as wrong:
        messages.append(str(wrong))
    assert all(messages)
    assert len(results) <= len(case["calls"])
    json.dumps(results)
