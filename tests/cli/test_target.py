# SPDX-License-Identifier: MIT
"""The folder that a backup is saved to."""

import os
import sys
from pathlib import Path

import pytest

from esemu.cli.target import TargetFolder


def test_a_file_gets_its_name_when_it_is_complete(tmp_path: Path) -> None:
    """While it is written a file is called NAME.partial."""
    target = TargetFolder(tmp_path / "new" / "folder")
    with target.create("a.edb") as file:
        file.write(b"1")
        assert [path.name for path in target.path.iterdir()] == ["a.edb.partial"]
    assert {path.name: path.read_bytes() for path in target.path.iterdir()} == {"a.edb": b"1"}
    assert target.partial_files() == []


def test_a_file_that_failed_stays_partial(tmp_path: Path) -> None:
    """After an error the file keeps the name that says that it is incomplete, and what was written."""
    target = TargetFolder(tmp_path)

    def interrupted() -> None:
        with target.create("a.edb") as file:
            file.write(b"1")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert {path.name: path.read_bytes() for path in target.partial_files()} == {"a.edb.partial": b"1"}


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Neither a complete nor a partial file is written again."""
    target = TargetFolder(tmp_path)
    for name in ("a.edb", "b.edb.partial"):
        (tmp_path / name).write_bytes(b"old")
        with pytest.raises(FileExistsError), target.create(name.removesuffix(".partial")) as file:
            file.write(b"new")
        assert (tmp_path / name).read_bytes() == b"old"
    assert {path.name for path in tmp_path.iterdir()} == {"a.edb", "b.edb.partial"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets few users make links")
def test_a_link_to_nowhere_is_not_overwritten(tmp_path: Path) -> None:
    """A name that is taken by a link is taken, whether there is a file behind it or not."""
    target = TargetFolder(tmp_path)
    (tmp_path / "a.edb").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError), target.create("a.edb") as file:
        file.write(b"new")
    assert (tmp_path / "a.edb").is_symlink()


def test_a_file_is_on_the_disk_before_it_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All bytes are written and synchronised while the file is still called partial: logs are deleted after that."""
    target = TargetFolder(tmp_path)
    synchronised = []
    monkeypatch.setattr(os, "fsync", lambda _: synchronised.append([path.name for path in tmp_path.iterdir()]))
    with target.create("a.edb") as file:
        file.write(b"1")
    assert synchronised == [["a.edb.partial"]]


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    """Somebody else's file keeps its name, and ours stays partial."""
    target = TargetFolder(tmp_path)

    def overtaken() -> None:
        with target.create("a.edb") as file:
            file.write(b"new")
            (tmp_path / "a.edb").write_bytes(b"old")

    with pytest.raises(FileExistsError):
        overtaken()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.edb": b"old", "a.edb.partial": b"new"}
