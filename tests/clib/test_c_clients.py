# SPDX-License-Identifier: MIT
"""C programs, compiled against the generated header and linked with the library, do what they would with esent.dll."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from esemu.faces.abi.exports import EXPORTS
from esemu.vocabulary.errors import JET_errInternalError, JET_errInvalidPath

SOURCES = Path(__file__).resolve().parent.parent / "c"

SUPPRESSIONS = SOURCES / "python.supp"

CLIENTS = {
    "backup": "backed up",
    "stop": "stopped",
    "refusals": "refused",
    "tables": "set up",
    "snapshot": "thawed",
    "restore": "restored",
}
"""What each says when it is content: full and incremental backup; a stop from a second thread; refusals, a fork and a stale
handle; rows of a table; a snapshot; a restore."""


@pytest.mark.parametrize("name", CLIENTS)
def test_a_c_client(run: Any, name: str) -> None:
    """It is content, and nothing is said on standard error but that a read into NULL would crash an engine."""
    result = run(name)
    assert (result.returncode, result.stdout) == (0, f"{CLIENTS[name]}\n"), result.stderr
    lines = result.stderr.splitlines()
    assert [line.startswith("esemu: UndefinedBehaviour: JetReadFileInstance") for line in lines] == [True] * len(lines)
    assert len(lines) == (name == "refusals")


@pytest.mark.parametrize(
    ("folder", "database", "shown"),
    [
        ("{top}/data", "{top}/data/mail.edb", "{top}/data/mail.edb"),
        ("{top}/data/", "{top}//data//mail.edb", "{top}/data/mail.edb"),
        ("data", "data/mail.edb", "{top}/data/mail.edb"),
        (".\\data\\", "data\\mail.edb", "{top}/data/mail.edb"),
        ("{top}/link/data/", "link/data/mail.edb", "{top}/link/data/mail.edb"),
        ("{top}/within/..", "within/../mail.edb", "{top}/data/mail.edb"),
    ],
)
def test_paths_of_the_host(run: Any, tmp_path: Path, folder: str, database: str, shown: str) -> None:
    """Folders may end in a separator, paths be relative, written with either, and lead through links, as the host follows them."""
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "data" / "deeper").mkdir()
    (tmp_path / "within").symlink_to(tmp_path / "data" / "deeper")
    arguments = [each.format(top=tmp_path) for each in (folder, database, "full/", shown)]
    result = run("paths", *arguments)
    assert (result.returncode, result.stdout) == (0, "found\n"), result.stderr


def test_drives_are_folders_of_the_host(run: Any, tmp_path: Path) -> None:
    """What a client writes to a drive is in the folder that ESEMU_DRIVE_D names, and is shown as the client wrote it."""
    for folder in ("data", "full"):
        (tmp_path / "D:" / folder).mkdir(parents=True)
    arguments = ("D:\\data\\", "D:\\data\\mail.edb", "D:\\full", "D:\\data\\mail.edb")
    result = run("paths", *arguments, ESEMU_DRIVE_D=str(tmp_path / "D:"))
    assert (result.returncode, result.stdout) == (0, "found\n"), result.stderr


def test_files_are_on_the_disk_of_the_host(run: Any, tmp_path: Path) -> None:
    """After JetTerm the database, the logs and the checkpoint are files, and what was streamed are their bytes."""
    assert run("backup").returncode == 0
    data = {path.name: path.read_bytes() for path in (tmp_path / "data").iterdir()}
    assert {"edb.log", "edb.chk", "mail.edb", "edbres00001.jrs"} <= data.keys()
    copied = {path.name: path.read_bytes() for path in (tmp_path / "full").iterdir()}
    assert copied.keys() >= {"mail.edb", "edb00001.log"}
    pages = slice(2 * 4096, len(data["mail.edb"]))
    assert copied["mail.edb"][pages] == data["mail.edb"][pages]
    assert all(data[name] == copied[name] for name in data.keys() & copied.keys() - {"mail.edb"})


@pytest.mark.untraced
@pytest.mark.parametrize(
    "name", CLIENTS if os.environ.get("ESEMU_VALGRIND") == "all" else ["backup", "stop", "refusals"]
)
def test_a_c_client_under_valgrind(run: Any, tmp_path: Path, name: str) -> None:
    """No byte is touched that is not the client's, and what the library allocated for it is freed by JetFreeBuffer.

    Half of the clients, for the time it takes; all with ESEMU_VALGRIND=all.
    """
    if shutil.which("valgrind") is None:
        pytest.skip("NO VALGRIND on this machine: memory errors of the C clients and of the library would not be seen")
    log = tmp_path / "valgrind.txt"
    options = (
        "--error-exitcode=9",
        "--leak-check=full",
        "--show-leak-kinds=all",
        "--errors-for-leak-kinds=definite",
        f"--suppressions={SUPPRESSIONS}",
        f"--log-file={log}",
        "--child-silent-after-fork=yes",
    )
    result = run(name, before=("valgrind", *options))
    assert (result.returncode, result.stdout) == (0, f"{CLIENTS[name]}\n"), result.stderr + log.read_text()
    assert not (left := left_by_the_library(log.read_text())), left


def left_by_the_library(log: str) -> list[str]:
    """Return what a log of valgrind says of blocks for clients that nobody has freed: the library has them through ctypes."""
    records = log.split("loss record")[1:]
    return [each for each in records if "calloc" in each and ": ffi_call" in "\n".join(each.splitlines()[:6])]


def test_a_library_that_nobody_else_sees(run: Any, built: Path) -> None:
    """A host may load it locally: what Python itself loads then finds the symbols of libpython all the same."""
    result = run("local", str(built / "libesent.so"))
    assert (result.returncode, result.stdout) == (0, "0 0\n"), result.stderr


def test_a_python_that_cannot_start(run: Any) -> None:
    """One line on standard error says why, and every call returns an error."""
    for variables in ({"ESEMU_PYTHON": "/nonexistent/python"}, {"ESEMU_BUILD": "exchange"}):
        result = run("stop", **variables)
        assert result.returncode == 1
        first, *others = result.stderr.splitlines()
        assert first.startswith("esemu: the emulated engine cannot start: ")
        assert len(others) == 1
        assert f"returned {JET_errInternalError}" in others[0]


def test_exports(built: Path) -> None:
    """The library exports Foo, FooA and FooW, and nothing else."""
    command = ["nm", "-D", "--defined-only", str(built / "libesent.so")]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert {line.split()[-1] for line in listed.splitlines()} == set(EXPORTS)


@pytest.mark.parametrize(
    ("standard", "prefix"),
    [("c89", "L"), ("c99", "L"), ("c17", "u"), ("c++98", "L"), ("c++11", "u"), ("c++20", "L")],
)
def test_the_header_in_every_standard(built: Path, tmp_path: Path, standard: str, prefix: str) -> None:
    """Programs in old and new C and C++ include it without a warning; strings of WCHAR are u"", or L"" with -fshort-wchar."""
    compiler = shutil.which("c++" if "++" in standard else os.environ.get("CC", "cc"))
    if compiler is None:
        pytest.skip("NO C++ COMPILER: that the header suits C++ is not tested on this machine")
    source = tmp_path / ("client.cpp" if "++" in standard else "client.c")
    source.write_text(
        "#include <esent.h>\n"
        "JET_ERR ended(JET_LOGTIME at, JET_ERRCAT category);\n"
        "JET_ERR ended(JET_LOGTIME at, JET_ERRCAT category)\n"
        "{\n"
        f'    JET_PCWSTR name = {prefix}"mail";\n'
        "    JET_INSTANCE instance = JET_instanceNil;\n"
        "    JET_ERR err = JetCreateInstanceW(&instance, name);\n"
        "    return err < 0 || category == JET_errcatIO || at.fTimeIsUTC ? err : JetTerm2(instance, JET_bitTermComplete);\n"
        "}\n"
    )
    flags = [f"-std={standard}", "-fsyntax-only", "-Wall", "-Wextra", "-pedantic", "-Werror", f"-I{built}"]
    flags += ["-fshort-wchar"] if prefix == "L" else []
    made = subprocess.run([compiler, *flags, source], capture_output=True, text=True, check=False)
    assert (made.returncode, made.stderr) == (0, "")


def compiled_with_longs(built: Path, folder: Path, name: str, *flags: str) -> "subprocess.CompletedProcess[str]":
    """Compile and run a client that has the sizes of a file stored in unsigned longs, as it would on Windows."""
    source = folder / name
    source.write_text(
        "#include <esent.h>\n"
        "#include <stdio.h>\n"
        "int main(void)\n"
        "{\n"
        "    unsigned long low = ~0ul, high = ~0ul;\n"
        "    JET_HANDLE file;\n"
        "    JET_INSTANCE instance = JET_instanceNil;\n"
        "    JET_SESID session;\n"
        "    JET_DBID dbid;\n"
        '    if (JetCreateInstance(&instance, "long") || JetInit(&instance) || JetBeginSession(instance, &session, 0, 0)\n'
        '        || JetCreateDatabase(session, "a.edb", 0, &dbid, 0) || JetBeginExternalBackupInstance(instance, 0)\n'
        '        || JetOpenFileInstance(instance, "a.edb", &file, &low, &high))\n'
        "        return 1;\n"
        '    printf("%lu %lu\\n", high, low);\n'
        "    return JetEndExternalBackupInstance(instance) || JetTerm(instance);\n"
        "}\n"
    )
    compiler = shutil.which("c++" if "++" in "".join(flags) else os.environ.get("CC", "cc"))
    if compiler is None:
        pytest.skip(
            "NO C++ COMPILER: that a client with an unsigned long compiles in C++ is not tested on this machine"
        )
    command = [compiler, *flags, f"-I{built}", str(source), "-o", str(folder / "client"), f"-L{built}", "-lesent"]
    made = subprocess.run([*command, f"-Wl,-rpath,{built}"], capture_output=True, text=True, check=False)
    if made.returncode:
        return made
    return subprocess.run([folder / "client"], cwd=folder, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("standard", ["c++98", "c++11", "c++20"])
def test_an_unsigned_long_is_one_of_windows_in_cpp(built: Path, tmp_path: Path, standard: str) -> None:
    """A client in C++ that stores sizes in unsigned longs compiles without a warning, and all of them is written."""
    flags = [f"-std={standard}", "-O2", "-Wall", "-Wextra", "-Werror"]
    result = compiled_with_longs(built, tmp_path, "client.cpp", *flags)
    assert (result.returncode, result.stdout, result.stderr) == (0, "0 1060864\n", "")


@pytest.mark.parametrize("standard", ["c89", "c99", "c11", "gnu17"])
def test_an_unsigned_long_is_one_of_windows_in_c(built: Path, tmp_path: Path, standard: str) -> None:
    """The same client does in C."""
    result = compiled_with_longs(built, tmp_path, "client.c", f"-std={standard}", "-O2", "-Wall", "-Wextra", "-Werror")
    assert (result.returncode, result.stdout, result.stderr) == (0, "0 1060864\n", "")


def test_a_client_in_cpp(built: Path, tmp_path: Path) -> None:
    """Handles that close themselves, exceptions, lambdas as callbacks, and a thread that stops the backup of another."""
    compiler = shutil.which("c++")
    if compiler is None:
        pytest.skip("NO C++ COMPILER: no client in C++ is tested on this machine")
    flags = ["-std=c++17", "-Wall", "-Wextra", "-pedantic", "-Werror", f"-I{built}", str(SOURCES / "tool.cpp")]
    link = ["-o", str(tmp_path / "tool"), f"-L{built}", "-lesent", "-lpthread", f"-Wl,-rpath,{built}"]
    made = subprocess.run([compiler, *flags, *link], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    (tmp_path / "data").mkdir()
    command = [tmp_path / "tool", tmp_path / "data"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "full: databases and logs",
        "stopped: by the server",
        f"own: {JET_errInvalidPath}",
    ]


def test_pkg_config(built: Path) -> None:
    """The pkg-config file names the folder that it lies in."""
    text = (built / "esent.pc").read_text(encoding="utf-8")
    assert "prefix=${pcfiledir}" in text
    assert "-lesent" in text


def test_a_script_stops_a_client(run: Any, tmp_path: Path) -> None:
    """ESEMU_STOPS stops a backup that nobody else stops, and ESEMU_TRACE has every call in a file."""
    result = run("backup", ESEMU_STOPS="instance 1 after 3 reads", ESEMU_TRACE=str(tmp_path / "trace"))
    assert result.returncode == 1
    assert "JetReadFileInstance" in result.stderr
    assert "returned -801" in result.stderr
    assert (tmp_path / "trace").exists()
    result = run("stop", ESEMU_TRACE=str(tmp_path / "trace"))
    calls = [json.loads(line)["call"] for line in (tmp_path / "trace").read_text().splitlines()]
    assert calls[0] == "JetCreateInstance2"
    assert calls[-1] == "JetTerm"
    assert calls.count("JetStopBackupInstance") == 2


def test_a_page_that_cannot_be_read(run: Any, tmp_path: Path) -> None:
    """ESEMU_FAULTS, here from a file that ESEMU_CONFIG names, spoils a page of every database."""
    (tmp_path / "esemu.json").write_text('{"faults": "page 3"}')
    result = run("backup", ESEMU_CONFIG=str(tmp_path / "esemu.json"))
    assert "JetReadFileInstance(instance, handle, buffer, BUFFER, &count) returned -1018" in result.stderr
