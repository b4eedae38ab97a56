# SPDX-License-Identifier: MIT
"""`esemu backup` on real databases: what is saved is what the engine delivers, and other programs can read it."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from dissect.esedb import EseDB

from esemu.faces.jet import Jet
from esemu.formats.checksum import header_error
from esemu.formats.database_header import DatabaseHeader
from esemu.formats.stream import trailer_error

REAL = ["basic.edb", "multi.edb", "Current.mdb", "large-first-12-pages.edb"]


def names(folder: Path) -> set[str]:
    """Return the names of the files in a folder."""
    return {path.name for path in folder.iterdir()}


def rows(path: Path) -> dict[str, list[str]]:
    """Return every row that dissect.esedb reads, by table."""
    with path.open("rb") as file:
        return {table.name: [repr(record.as_dict()) for record in table.records()] for table in EseDB(file).tables()}


@pytest.mark.parametrize("name", REAL)
def test_the_saved_file_is_the_stream(
    invoke: Callable[..., Result], unpack: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    """A saved database is two equal good headers, the pages of the source, and the trailer that belongs to it."""
    source, target = unpack(name), tmp_path / "target"
    result = invoke("backup", source, target)
    assert (result.exit_code, result.stderr) == (0, "")
    assert names(target) == {name, "edb00001.log"}
    before, after = source.read_bytes(), (target / name).read_bytes()
    size = int.from_bytes(before[236:240], "little")
    assert len(after) == len(before) + size
    assert after[2 * size : -size] == before[2 * size :]
    assert after[:size] == after[size : 2 * size]
    assert header_error(after[:size]) == 0
    header = DatabaseHeader.parse(after[:size])
    assert header.sign_db == DatabaseHeader.parse(before[:size]).sign_db
    assert trailer_error(after[-size:], header) == 0


@pytest.mark.parametrize("name", ["basic.edb", "multi.edb", "Current.mdb"])
def test_another_program_reads_every_row(
    invoke: Callable[..., Result], unpack: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    """dissect.esedb reads from the saved file every row that it reads from the source."""
    source, target = unpack(name), tmp_path / "target"
    assert invoke("backup", source, target).exit_code == 0
    expected = rows(source)
    assert sum(map(len, expected.values())) > 10
    assert rows(target / name) == expected


def test_what_is_printed_off_a_terminal(
    python_m: Callable[..., subprocess.CompletedProcess[str]], unpack: Callable[[str], Path]
) -> None:
    """A line for each file, the answer to the end of the backup, and the last entry of the event log."""
    unpack("basic.edb")
    unpack("multi.edb")
    result = python_m("backup", "sources/basic.edb", "sources/multi.edb", "target", "--chunk", "1M")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == (
        "C:\\data\\basic.edb: 1052672 bytes\n"
        "C:\\data\\multi.edb: 1052672 bytes\n"
        "C:\\logs\\edb00001.log: 5242880 bytes\n"
        "JetEndExternalBackupInstance: JET_errSuccess. Event 213: The backup ended well.\n"
    )


def test_a_stop(
    python_m: Callable[..., subprocess.CompletedProcess[str]], unpack: Callable[[str], Path], tmp_path: Path
) -> None:
    """A stopped backup prints the error, ends with success, leaves a partial file and has status 3."""
    source, target = unpack("basic.edb"), tmp_path / "target"
    result = python_m("backup", source, "target", "--stop-after", "40%")
    assert result.returncode == 3
    assert result.stderr.startswith("JetReadFileInstance(handle=0, size=65536): JET_errBackupAbortByServer (-801). ")
    assert "Allowed now: JetCloseFileInstance, JetEndExternalBackupInstance(2)." in result.stderr
    ended, partial = result.stdout.splitlines()
    assert ended.startswith("JetEndExternalBackupInstance: JET_errSuccess. Event 226: ")
    assert names(target) == {"basic.edb.partial"}
    saved = (target / "basic.edb.partial").read_bytes()
    assert partial.endswith(f"basic.edb.partial is incomplete: {len(saved)} bytes")
    assert 0.4 * 1052672 <= len(saved) <= 0.4 * 1052672 + 65536
    assert saved[8192:] == source.read_bytes()[8192 : len(saved)]


def test_a_stop_between_two_databases(
    invoke: Callable[..., Result], unpack: Callable[[str], Path], tmp_path: Path
) -> None:
    """What was complete before the stop has its name; the logs were never copied."""
    target = tmp_path / "target"
    result = invoke("backup", unpack("basic.edb"), unpack("multi.edb"), target, "--stop-after", "60%")
    assert result.exit_code == 3
    assert names(target) == {"basic.edb", "multi.edb.partial"}


def test_a_stop_that_comes_too_late(
    invoke: Callable[..., Result], unpack: Callable[[str], Path], tmp_path: Path
) -> None:
    """A backup with fewer bytes is not stopped, and says so."""
    result = invoke("backup", unpack("basic.edb"), tmp_path / "target", "--stop-after", "1G")
    assert result.exit_code == 0
    assert result.stderr == "The backup was over before 1073741824 bytes were delivered, and was not stopped.\n"


def test_a_stop_after_everything_counts(
    invoke: Callable[..., Result], unpack: Callable[[str], Path], tmp_path: Path
) -> None:
    """100% stops after the last byte of the last database, before the engine said that it was the last."""
    result = invoke("backup", unpack("basic.edb"), tmp_path / "target", "--stop-after", "100%")
    assert result.exit_code == 3
    assert (tmp_path / "target" / "basic.edb.partial").stat().st_size == 1052672


def test_a_damaged_page(invoke: Callable[..., Result], unpack: Callable[[str], Path], tmp_path: Path) -> None:
    """A damaged database is left out with the engine's error, the others go on, and the status is 1."""
    source, other, target = unpack("basic.edb"), unpack("multi.edb"), tmp_path / "target"
    data = bytearray(source.read_bytes())
    data[5 * 4096 + 100 : 5 * 4096 + 110] = b"0123456789"
    source.write_bytes(data)
    result = invoke("backup", source, other, target)
    assert result.exit_code == 1
    assert result.stderr.startswith("C:\\data\\basic.edb was left out. JetReadFileInstance(handle=0, size=65536): ")
    assert "JET_errReadVerifyFailure (-1018)" in result.stderr
    assert "basic.edb.partial is incomplete: 0 bytes" in result.stdout
    assert names(target) == {"basic.edb.partial", "multi.edb", "edb00001.log"}


def test_a_flipped_bit_is_repaired(
    invoke: Callable[..., Result], unpack: Callable[[str], Path], tmp_path: Path
) -> None:
    """The engine repairs a page with one flipped bit, and the backup has the page as it was."""
    source, target = unpack("basic.edb"), tmp_path / "target"
    before = source.read_bytes()
    data = bytearray(before)
    data[5 * 4096 + 100] ^= 4
    source.write_bytes(data)
    assert invoke("backup", source, target).exit_code == 0
    assert (target / "basic.edb").read_bytes()[8192:-4096] == before[8192:]


@pytest.fixture
def heeded() -> Iterator[None]:
    """Let Ctrl-C be heeded, also where the tests run in the background of a shell, which lets it be ignored there."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_interruption_ends_the_backup(
    invoke: Callable[..., Result],
    unpack: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
) -> None:
    """Ctrl-C during a read aborts the backup properly: the engine is told, and the status is that of an interruption."""
    read, made = Jet.JetReadFileInstance, []

    def interrupted(self: Jet, *arguments: Any) -> int:
        made.append(arguments)
        if len(made) == number:
            signal.raise_signal(signal.SIGINT)
        return read(self, *arguments)

    monkeypatch.setattr(Jet, "JetReadFileInstance", interrupted)
    result = invoke("backup", unpack("basic.edb"), tmp_path / "target")
    assert result.exit_code == 130
    assert result.stderr == "Interrupted.\n"
    assert result.stdout.startswith("JetEndExternalBackupInstance2: JET_errSuccess. Event ")
    assert names(tmp_path / "target") == {"basic.edb.partial"}


def test_an_end_that_fails_is_told(
    invoke: Callable[..., Result], unpack: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the engine does not even end the backup both errors are printed, and the answer to the end."""
    read = Jet.JetReadFileInstance

    def stop_service(self: Jet, instance: int, *arguments: Any) -> int:
        self.JetStopServiceInstance(instance)
        return read(self, instance, *arguments)

    monkeypatch.setattr(Jet, "JetReadFileInstance", stop_service)
    result = invoke("backup", unpack("basic.edb"), tmp_path / "target")
    assert result.exit_code == 1
    first, second = result.stderr.splitlines()
    assert first.startswith("JetReadFileInstance(handle=0, size=65536): JET_errClientRequestToStopJetService (-1329).")
    assert second.startswith("The backup could not be ended: JetEndExternalBackupInstance2")
    assert result.stdout.startswith("JetEndExternalBackupInstance2: JET_errClientRequestToStopJetService. ")


def test_a_closed_pipe_is_no_traceback(unpack: Callable[[str], Path], tmp_path: Path) -> None:
    """A backup whose output nobody reads is aborted quietly."""
    command = [sys.executable, "-m", "esemu", "backup", str(unpack("basic.edb")), str(tmp_path / "target")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1


def test_a_log_never_overwrites_a_database(
    invoke: Callable[..., Result], unpack: Callable[[str], Path], tmp_path: Path
) -> None:
    """A database that is called like a log keeps its file; the backup fails when the log comes."""
    source, target = tmp_path / "edb00001.log", tmp_path / "target"
    shutil.copy(unpack("basic.edb"), source)
    result = invoke("backup", source, target)
    assert result.exit_code == 1
    assert "edb00001.log: File exists" in result.stderr
    assert "JetEndExternalBackupInstance2: JET_errSuccess." in result.stdout
    assert (target / "edb00001.log").stat().st_size == 1052672


@pytest.mark.skipif(sys.platform == "win32", reason="Python has no pseudo-terminals on Windows")
def test_a_terminal_gets_a_bar(
    on_terminal: Callable[..., tuple[int, str]], unpack: Callable[[str], Path], tmp_path: Path
) -> None:
    """On a terminal each file has a bar, which is full in the end; the last line is the same as elsewhere."""
    unpack("basic.edb")
    status, printed = on_terminal("backup", "sources/basic.edb", "target")
    assert status == 0
    assert "1.0/1.0 MiB" in printed
    assert "5.0/5.0 MiB" in printed
    assert printed.splitlines()[-1].endswith("Event 213: The backup ended well.")
    assert names(tmp_path / "target") == {"basic.edb", "edb00001.log"}
