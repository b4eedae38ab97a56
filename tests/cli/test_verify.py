# SPDX-License-Identifier: MIT
"""`python -m esemu verify`: its exit statuses, and that it takes what `backup` leaves."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from no_databases import NO_DATABASES
from saved_sets import made_sets


def saved_in(folder: Path, **changes: bytes) -> Path:
    """Write a set into a folder, with other contents for some of its files; return the folder."""
    for name, content in (made_sets(4096).whole | changes).items():
        (folder / name).write_bytes(content)
    return folder


def test_what_backup_saves_is_restorable(invoke, unpack, tmp_path) -> None:
    """The set that `backup` leaves is restorable, and the status is 0."""
    invoke("backup", unpack("basic.edb"), unpack("multi.edb"), tmp_path / "saved")
    result = invoke("verify", tmp_path / "saved")
    assert result.exit_code == 0
    assert result.stdout.startswith("restorable\n  basic.edb: 254 pages of 4096 bytes, needs logs 1 to 1\n")


def test_a_stopped_backup_is_not_restorable(invoke, unpack, tmp_path) -> None:
    """The set of a stopped backup is not, the status is 1, and the partial file is named."""
    invoke("backup", "--stop-after", "40%", unpack("basic.edb"), tmp_path / "saved")
    result = invoke("verify", "--json", tmp_path / "saved")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["verdict"] == "not restorable"
    found = {finding["code"] for finding in told["findings"] if finding["file"] == "basic.edb.partial"}
    assert {"file-partial", "trailer-bad", "log-missing"} <= found


def test_what_an_engine_would_accept_has_its_own_status(invoke, unpack, tmp_path) -> None:
    """A flipped bit, which the engine repairs, is status 3."""
    invoke("backup", unpack("basic.edb"), tmp_path / "saved")
    path = tmp_path / "saved" / "basic.edb"
    content = bytearray(path.read_bytes())
    content[5 * 4096 + 1000] ^= 1
    path.write_bytes(content)
    result = invoke("verify", tmp_path / "saved")
    assert result.exit_code == 3
    assert result.stdout.startswith("accepted but incomplete\n")


def test_no_folder_is_wrong_usage(invoke, tmp_path) -> None:
    """A folder that does not exist, or a file, is status 2."""
    (tmp_path / "file").touch()
    for path in (tmp_path / "nowhere", tmp_path / "file"):
        assert invoke("verify", path).exit_code == 2


@pytest.mark.parametrize("name", ["mail.edb", "edb00005.log"])
@pytest.mark.parametrize("content", NO_DATABASES.values(), ids=NO_DATABASES.keys())
def test_what_is_no_database_is_status_1(invoke, tmp_path, name: str, content: bytes) -> None:
    """Empty files, text, noise, headers that are cut or say absurd sizes: the verdict is one line for the file, and status 1."""
    result = invoke("verify", saved_in(tmp_path, **{name: content}))
    assert result.exit_code == 1
    assert result.stdout.startswith("not restorable\n")
    assert result.stdout.splitlines()[-1].startswith(name)


@pytest.mark.parametrize("content", [None, *NO_DATABASES.values()], ids=["nothing at all", *NO_DATABASES])
def test_a_folder_without_a_set_is_status_1(invoke, tmp_path, content: bytes | None) -> None:
    """A folder that is empty, or in which one file lies that is nothing, has no database: status 1."""
    if content is not None:
        (tmp_path / "readme.txt").write_bytes(content)
    result = invoke("verify", "--json", tmp_path)
    assert result.exit_code == 1
    assert {finding["code"] for finding in json.loads(result.stdout)["findings"]} <= {
        "database-missing",
        "database-header",
    }


@contextmanager
def somebody_else() -> Iterator[None]:
    """Be a user who may not do everything, where the tests are run by one who may."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.name != "posix", reason="these rights are those of POSIX")
def test_folders_and_files_without_rights_are_status_1(invoke, tmp_path, monkeypatch) -> None:
    """What may not be read is named with the error of the host, and the rest is looked at all the same."""
    tmp_path.chmod(0o755)
    monkeypatch.chdir(saved_in(tmp_path))  # somebody else may not come here
    assert invoke("verify", ".").exit_code == 0
    (tmp_path / "locked").mkdir(mode=0)
    (tmp_path / "edb00004.log").chmod(0)
    with somebody_else():
        result = invoke("verify", ".")
    assert result.exit_code == 1
    assert [line.split(":")[0] for line in result.stdout.splitlines() if "Permission denied" in line] == [
        "locked/",
        "edb00004.log",
    ]
    with somebody_else():
        result = invoke("verify", "locked")
    assert result.exit_code == 1
    assert "Permission denied" in result.stdout
    (tmp_path / "locked").chmod(0o755)
