# SPDX-License-Identifier: MIT
"""What `esemu backup` does not even begin: each refusal says why, has status 2, and leaves no target behind."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result


def assert_refused(result: Result, target: Path, *words: str) -> None:
    """Assert that the command said these words and made nothing."""
    assert result.exit_code == 2
    assert result.stdout == ""
    for word in words:
        assert word in result.stderr
    assert not target.exists()


@pytest.mark.parametrize(
    ("chunk", "words"),
    [
        ("5000", ["5000 bytes, and a page has 4096", "no multiple of the page size", "backup.cxx:2747"]),
        ("8K", ["8192 bytes, and a page has 4096", "the first one three", "backup.cxx:2816"]),
        ("0", ["the first one three"]),
        ("4G", ["4294967295 at most"]),
        ("64X", ["'64X' is no number of bytes"]),
        ("-4096", ["'-4096' is no number of bytes"]),
    ],
)
def test_a_chunk_that_the_engine_refuses(
    invoke: Callable[..., Result], unpack: Callable[[str], Path], tmp_path: Path, chunk: str, words: list[str]
) -> None:
    """A chunk that no read takes is refused before the backup begins, with the engine's rule."""
    target = tmp_path / "target"
    assert_refused(invoke("backup", unpack("basic.edb"), target, "--chunk", chunk), target, *words)


def test_the_smallest_chunk(invoke: Callable[..., Result], unpack: Callable[[str], Path], tmp_path: Path) -> None:
    """Three pages are enough, of whatever size pages are."""
    for name, chunk in (("basic.edb", "12K"), ("large-first-12-pages.edb", "96K")):
        assert invoke("backup", unpack(name), tmp_path / name, "--chunk", chunk).exit_code == 0


@pytest.mark.parametrize("amount", ["101%", "forty", "-5%"])
def test_no_amount_to_stop_after(
    invoke: Callable[..., Result], unpack: Callable[[str], Path], tmp_path: Path, amount: str
) -> None:
    """What is no amount is refused."""
    target = tmp_path / "target"
    assert_refused(invoke("backup", unpack("basic.edb"), target, f"--stop-after={amount}"), target, "--stop-after")


def test_page_sizes_do_not_mix(invoke: Callable[..., Result], unpack: Callable[[str], Path], tmp_path: Path) -> None:
    """Databases of different page sizes are refused, and grouped so that they can be backed up."""
    target = tmp_path / "target"
    sources = [unpack(name) for name in ("basic.edb", "large-first-12-pages.edb", "multi.edb")]
    groups = "basic.edb, multi.edb (4096 bytes); large-first-12-pages.edb (32768 bytes)"
    assert_refused(invoke("backup", *sources, target), target, "one page size", groups)


def test_names_clash(invoke: Callable[..., Result], unpack: Callable[[str], Path], tmp_path: Path) -> None:
    """Two databases whose names differ by case at most do not fit into one folder."""
    target, other = tmp_path / "target", tmp_path / "BASIC.edb"
    source = unpack("basic.edb")
    shutil.copy(source, other)
    assert_refused(invoke("backup", source, other, target), target, "two of the databases are called BASIC.edb")


def test_more_databases_than_an_instance_has_room_for(
    invoke: Callable[..., Result], unpack: Callable[[str], Path], tmp_path: Path
) -> None:
    """The seventh database is refused by the engine itself."""
    source, target = unpack("basic.edb"), tmp_path / "target"
    copies = [shutil.copy(source, tmp_path / f"{number}.edb") for number in range(7)]
    assert_refused(invoke("backup", *copies, target), target, "JET_errTooManyAttachedDatabases (-1805)")


@pytest.mark.parametrize(
    ("length", "words"),
    [(0, "not the bytes of an ESE database"), (4096, "before its first page"), (8192, "before its first page")],
)
def test_a_file_that_is_no_database(
    invoke: Callable[..., Result], unpack: Callable[[str], Path], tmp_path: Path, length: int, words: str
) -> None:
    """A file without a header, or without a page, is no database."""
    source, target = unpack("basic.edb"), tmp_path / "target"
    source.write_bytes(source.read_bytes()[:length])
    assert_refused(invoke("backup", source, target), target, str(source), words)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files to begin with")
@pytest.mark.parametrize("name", ["a\\b.edb", "C:b.edb", "a*b.edb"])
def test_a_name_that_windows_does_not_have(
    invoke: Callable[..., Result], unpack: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    """The engine's paths are those of Windows, and the host may have files that they cannot name."""
    source, target = tmp_path / name, tmp_path / "target"
    shutil.copy(unpack("basic.edb"), source)
    assert_refused(invoke("backup", source, target), target)


def test_sources_that_are_not_there(invoke: Callable[..., Result], tmp_path: Path) -> None:
    """A missing source is named."""
    target = tmp_path / "target"
    assert_refused(invoke("backup", tmp_path / "none.edb", target), target, "none.edb' does not exist")


def test_a_target_that_is_not_empty(
    invoke: Callable[..., Result], unpack: Callable[[str], Path], tmp_path: Path
) -> None:
    """A folder with something in it is refused, and what is in it stays."""
    target = tmp_path / "target"
    target.mkdir()
    (target / "old").write_text("kept", encoding="utf-8")
    result = invoke("backup", unpack("basic.edb"), target)
    assert result.exit_code == 2
    assert "not empty" in result.stderr
    assert [path.name for path in target.iterdir()] == ["old"]


def test_a_forgotten_target(invoke: Callable[..., Result], unpack: Callable[[str], Path]) -> None:
    """Where the last database stands in the place of the folder, that is said, and the file stays."""
    source, other = unpack("basic.edb"), unpack("multi.edb")
    before = other.read_bytes()
    result = invoke("backup", source, other)
    assert result.exit_code == 2
    assert "is a file" in result.stderr
    assert other.read_bytes() == before
