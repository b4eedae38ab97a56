# SPDX-License-Identifier: MIT
"""`esemu run`: results on standard output, complaints on standard error, and an exit status that tells."""

import gzip
import json
import lzma
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

CASE = {
    "id": "stop",
    "world": {"dbs": [{"name": r"C:\data\mail.edb"}]},
    "calls": [{"op": "JetBeginExternalBackupInstance", "grbit": 0}, {"op": "JetStopBackupInstance"}],
}
LINE = json.dumps(CASE) + "\n"


@pytest.mark.parametrize(
    ("name", "pack"),
    [("cases.jsonl", lambda data: data), ("cases.jsonl.gz", gzip.compress), ("cases.jsonl.xz", lzma.compress)],
)
def test_a_file_plain_or_packed(
    invoke: Callable[..., Result], tmp_path: Path, name: str, pack: Callable[[bytes], bytes]
) -> None:
    """Cases come from a plain file, .gz or .xz; each result is one line with the id of its case."""
    path = tmp_path / name
    path.write_bytes(pack((LINE * 2).encode()))
    result = invoke("run", path)
    assert (result.exit_code, result.stderr) == (0, "")
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["stop", "stop"]


def test_standard_input(python_m: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """- stands for standard input."""
    result = python_m("run", "-", input=LINE)
    assert (result.returncode, result.stderr) == (0, "")
    assert [call["name"] for call in json.loads(result.stdout)["r"]] == ["JET_errSuccess", "JET_errSuccess"]


def test_results_into_a_file(invoke: Callable[..., Result], tmp_path: Path) -> None:
    """With -o the file holds exactly what would have been printed."""
    cases, results = tmp_path / "cases.jsonl", tmp_path / "results.jsonl"
    cases.write_text(LINE, encoding="utf-8")
    printed = invoke("run", cases).stdout
    assert printed
    result = invoke("run", cases, "-o", results)
    assert (result.exit_code, result.output) == (0, "")
    assert results.read_text(encoding="utf-8") == printed


def test_bad_lines_are_named_and_the_others_run(
    python_m: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """A line that is no case is named by its number; good lines before and after it run; the status is 1."""
    lines = [LINE.encode(), b'{"id": 1}\n', b"nonsense\n", b'{"id": "\xe9"}\n', LINE.encode()]
    (tmp_path / "cases.jsonl").write_bytes(b"".join(lines))
    result = python_m("run", "cases.jsonl")
    assert result.returncode == 1
    assert len(result.stdout.splitlines()) == 2
    first, second, third = result.stderr.splitlines()
    assert first.startswith("line 2: ")
    assert "world" in first
    assert second.startswith("line 3: ")
    assert third.startswith("line 4: ")


def test_a_missing_file(python_m: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """A file that is not there is named, with status 2."""
    result = python_m("run", "nowhere.jsonl")
    assert result.returncode == 2
    assert "'nowhere.jsonl' does not exist" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("cut.gz", gzip.compress(LINE.encode())[:-12]),
        ("none.gz", b"no gzip file"),
        ("none.xz", b"no xz file"),
    ],
)
def test_a_file_that_cannot_be_read(
    python_m: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, name: str, data: bytes
) -> None:
    """A damaged file is named in one line, with status 2."""
    (tmp_path / name).write_bytes(data)
    result = python_m("run", name)
    assert result.returncode == 2
    assert result.stderr.startswith(f"Error: {name}")
    assert result.stderr.count("\n") == 1


def test_the_results_never_replace_the_cases(invoke: Callable[..., Result], tmp_path: Path) -> None:
    """-o with the file of the cases is refused, and the cases stay."""
    cases = tmp_path / "cases.jsonl"
    cases.write_text(LINE, encoding="utf-8")
    result = invoke("run", cases, "-o", tmp_path / "." / "cases.jsonl")
    assert result.exit_code == 2
    assert "holds the cases" in result.stderr
    assert cases.read_text(encoding="utf-8") == LINE


def test_results_that_cannot_be_written(invoke: Callable[..., Result], tmp_path: Path) -> None:
    """A file that cannot be made is named, with status 2."""
    cases = tmp_path / "cases.jsonl"
    cases.write_text(LINE, encoding="utf-8")
    missing = tmp_path / "no folder" / "results.jsonl"
    result = invoke("run", cases, "-o", missing)
    assert result.exit_code == 2
    assert str(missing) in result.stderr


def test_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    """A reader that has seen enough ends the run quietly, however many cases are left."""
    cases = tmp_path / "cases.jsonl"
    cases.write_text(LINE * 2000, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "esemu", "run", str(cases)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
