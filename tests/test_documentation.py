# SPDX-License-Identifier: MIT
"""Every code block of the README and the manual runs, page by page, from top to bottom.

```python   runs in the page's one namespace, unless it begins with `# name.py`: then it is that file
```text     directly after a python block: what that block prints
```console  `$ python -m esemu ...` and `$ pytest ...` run; the lines below, if any, are the output; `$ make x` names a target

Expected output is compared as doctest does with ELLIPSIS. A page runs in an empty folder of its own.
"""

import contextlib
import doctest
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import esemu.testing

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted(path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts)]
BLOCK = re.compile(r"^(?P<fence>```+)(?P<kind>[^\s`]+)[^\n]*\n(?P<code>.*?)^(?P=fence)\s*?$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (?P<name>\w+\.py)\n")
COMMAND = re.compile(r"^\$ (?P<command>.*)\n(?P<output>(?:(?!\$ ).*\n)*)", re.MULTILINE)
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


OTHER_PLUGINS = ("-p", "no:hypothesispytest", "-p", "no:pytest_fakefs", "-p", "no:xdist")
"""Plugins that a reader need not have, and that take longer than the tests of a page."""


def assert_output(expected: str, actual: str) -> None:
    """Compare as doctest does; a difference is shown line by line."""
    if not doctest.OutputChecker().check_output(expected, actual, doctest.ELLIPSIS):
        assert actual == expected


def run_console(block: str) -> None:
    """Run the commands of a console block in the current folder."""
    for match in COMMAND.finditer(block):
        match shlex.split(match["command"], comments=True):
            case ["python", "-m", "esemu", *arguments]:
                command = [sys.executable, "-m", "esemu", *arguments]
                result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=60)
                assert result.returncode == 0, f"{match['command']}\n{result.stderr}"
                if match["output"].strip():
                    assert_output(match["output"], result.stdout)
            case ["pytest", *arguments]:
                command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *OTHER_PLUGINS, *arguments]
                environment = {**os.environ, "PYTHONPATH": ".", "COLUMNS": "80"}
                result = subprocess.run(
                    command, capture_output=True, encoding="utf-8", check=False, timeout=60, env=environment
                )
                assert_output(match["output"], result.stdout)
            case ["make", target]:
                assert target in TARGETS
            case ["pip", "install", *_]:
                pass
            case words:
                pytest.fail(f"This command of a console block is not checked: {words}")


@pytest.mark.usefixtures("plain_output")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's code does what the page says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONUTF8", "1")
    text = page.read_text(encoding="utf-8")
    namespace: dict[str, Any] = {"__name__": "__documentation__"}
    printed, end_of_python = "", 0
    for block in BLOCK.finditer(text):
        code = block["code"]
        file = FILE.match(code) if block["kind"] == "python" else None
        if file is not None:
            Path(file["name"]).write_text(code, encoding="utf-8")
        elif block["kind"] == "python":
            padding = "\n" * text.count("\n", 0, block.start("code"))  # a traceback names the page's own line
            with contextlib.redirect_stdout(io.StringIO()) as output:
                exec(compile(padding + code, str(page), "exec"), namespace)
            printed, end_of_python = output.getvalue(), block.end()
        elif block["kind"] == "text" and not text[end_of_python : block.start()].strip():
            assert_output(code, printed)
        elif block["kind"] == "console":
            run_console(code)


def test_every_name_of_the_test_kit_has_an_entry() -> None:
    """The reference of the Python API describes whatever `esemu.testing` makes public."""
    text = (ROOT / "docs" / "reference" / "python.md").read_text(encoding="utf-8")
    entries = re.findall(r"^\.\. (?:auto|py:)\w+:: esemu\.testing\.(\w+)$", text, re.MULTILINE)
    assert set(esemu.testing.__all__) <= set(entries)


def test_blocks_are_found() -> None:
    """The README and the tutorial hold Python and console blocks: what finds blocks has not gone blind."""
    for page in (ROOT / "README.md", ROOT / "docs" / "tutorial.md"):
        kinds = {block["kind"] for block in BLOCK.finditer(page.read_text(encoding="utf-8"))}
        assert {"python", "console"} <= kinds
