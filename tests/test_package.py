# SPDX-License-Identifier: MIT
"""What is shipped: the wheel's contents, what it asks for, what an import costs, and what every file must say.

`make test` builds the wheel, installs it and runs these tests against it; an editable install is refused on purpose.
"""

import importlib.metadata
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

import esemu

ROOT = Path(__file__).resolve().parent.parent

# Made by tools, or somebody else's.
NOT_OURS = {ROOT / name for name in ("build", "dist", "docs/_build", "htmlcov", "tests/data")}
OUR_HIDDEN = {".ci", ".github", ".gitattributes", ".gitignore"}
WITHOUT_COMMENTS = {"LICENSE", "py.typed"}

# Machine paths and hosts of package indexes, spelt so that this file does not hold what it looks for.
FORBIDDEN = [
    pattern.replace("~", "")
    for pattern in (
        r"(?<![\w.])/(wo~rk|ro~ot|ho~me)/",
        r"(?<![\w-])sha~red/",
        r"py~pi\.org|python~hosted",
        r"npm~js\.|crates~\.io",
    )
]


def our_files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file of the source tree that the project's contributors wrote."""
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith(".") and path.name not in OUR_HIDDEN
        if hidden or path.name == "__pycache__" or path in NOT_OURS:
            continue
        if path.is_dir():
            yield from our_files(path)
        else:
            yield path


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter, which has imported nothing."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(scope="module")
def distribution() -> importlib.metadata.Distribution:
    """Return the installed distribution."""
    return importlib.metadata.distribution("esemu")


def test_the_installed_wheel_is_under_test() -> None:
    """Tests import esemu from site-packages, not from the source tree: run `make test`."""
    assert Path(esemu.__file__).is_relative_to(sysconfig.get_path("purelib"))


def test_the_wheel_holds_every_file_of_the_package(distribution: importlib.metadata.Distribution) -> None:
    """The wheel installs exactly the files of esemu/, py.typed among them, and nothing outside its folder."""
    installed = {
        file.as_posix()
        for file in distribution.files or ()
        if "__pycache__" not in file.parts and not file.parts[0].endswith(".dist-info") and file.parts[0] != ".."
    }
    assert installed == {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "esemu").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert "esemu/py.typed" in installed


def test_the_version_has_one_source(distribution: importlib.metadata.Distribution) -> None:
    """esemu.__version__ is the version of the distribution."""
    assert esemu.__version__ == distribution.version


def test_the_changelog_knows_the_version() -> None:
    """The version that is built has a section in the changelog."""
    assert f"## {esemu.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_attrs_is_all_that_is_required(distribution: importlib.metadata.Distribution) -> None:
    """Outside the extras the distribution requires attrs and nothing else."""
    required = [requirement for requirement in distribution.requires or () if "extra ==" not in requirement]
    assert [re.split(r"[^\w.-]", requirement)[0] for requirement in required] == ["attrs"]


def test_the_command_is_installed(distribution: importlib.metadata.Distribution) -> None:
    """The command `esemu` is esemu.cli:main."""
    commands = {entry.name: entry.value for entry in distribution.entry_points if entry.group == "console_scripts"}
    assert commands == {"esemu": "esemu.cli:main"}


def test_the_command_line_says_what_to_install() -> None:
    """Without the libraries of the extra `cli`, `python -m esemu` names the extra instead of failing with a traceback."""
    result = run_python(
        "import runpy, sys; sys.modules.update(click=None, rich=None); sys.argv[:] = ['esemu', 'demo'];"
        "runpy.run_module('esemu', run_name='__main__', alter_sys=True)"
    )
    assert result.returncode != 0
    assert "esemu[cli]" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_import_is_light() -> None:
    """`import esemu`, and an engine started from a mapping, load small parts of the standard library only."""
    result = run_python(
        "import sys; before = {*sys.modules}; import esemu; esemu.Engine().start({'C:\\\\mail.edb': 10});"
        "print(*({*sys.modules} - before), sep='\\n')"
    )
    assert result.returncode == 0, result.stderr
    loaded = set(result.stdout.split())
    assert "esemu" in loaded
    assert {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names == {"esemu"}
    assert loaded.isdisjoint(
        {
            "asyncio",
            "concurrent.futures",
            "ctypes",
            "importlib.metadata",
            "json",
            "logging",
            "multiprocessing",
            "socket",
            "unittest",
        }
    )


def test_every_public_name_can_be_had() -> None:
    """What `__all__` lists is there before anybody has used it, and in `dir(esemu)`."""
    code = "import esemu; assert {*esemu.__all__} <= {*dir(esemu)}; [getattr(esemu, name) for name in esemu.__all__]"
    assert run_python(code).returncode == 0


def test_every_file_states_its_licence() -> None:
    """Each file that can carry a comment has the SPDX line among its first three lines."""
    files = [path for path in our_files() if path.name not in WITHOUT_COMMENTS and path.suffix not in {".json", ".svg"}]
    assert [
        str(path.relative_to(ROOT))
        for path in files
        if "SPDX-License-Identifier: MIT" not in "".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:3])
    ] == []


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_no_file_names_a_machine_or_a_host(pattern: str) -> None:
    """No file holds a path of the machine it was written on, or the host of a package index."""
    found = re.compile(pattern)
    assert [str(path.relative_to(ROOT)) for path in our_files() if found.search(path.read_text(encoding="utf-8"))] == []
