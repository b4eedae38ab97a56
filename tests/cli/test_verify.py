# SPDX-License-Identifier: MIT
"""`python -m esemu verify`: its exit statuses, and that it takes what `backup` leaves."""

import json


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
