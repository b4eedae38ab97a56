# SPDX-License-Identifier: MIT
"""The programs of the manual's pages about clients in C and C# do what the pages say."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

HOWTO = Path(__file__).resolve().parent.parent.parent / "docs" / "howto"


def program(page: str, kind: str) -> str:
    """Return the program of a page."""
    found = re.search(rf"^```{kind}\n(.*?)^```$", (HOWTO / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def run(command: list[str], folder: Path, **variables: str) -> str:
    """Run a command and return what it prints."""
    environment = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False).stdout


def test_the_c_client_of_the_manual(built: Path, tmp_path: Path) -> None:
    """It copies the database that it made, and is stopped by ESEMU_STOPS."""
    (tmp_path / "client.c").write_text(program("c-client.md", "c"))
    flags = [f"-I{built}", f"-L{built}", "-lesent", f"-Wl,-rpath,{built}"]
    subprocess.run(["cc", "client.c", "-o", "client", "-Wall", "-Werror", *flags], cwd=tmp_path, check=True)
    assert run(["./client"], tmp_path) == "1060864 of 1060864 bytes\n"
    assert {"mail.edb", "edb.log", "edb.chk", "edbres00001.jrs"} <= {path.name for path in tmp_path.iterdir()}
    (tmp_path / "mail.edb").unlink()
    stopped = run(["./client"], tmp_path, ESEMU_STOPS="after 3 reads")
    assert stopped.startswith("JetReadFileInstance(")
    assert stopped.endswith(": -801\n")


def test_the_csharp_client_of_the_manual(built: Path, tmp_path: Path) -> None:
    """Its own P/Invoke declarations, exact and in both forms, find the functions."""
    if shutil.which("mono") is None or shutil.which("mcs") is None:
        pytest.skip("NO MONO (mono, mcs) on this machine: no C# client is tested at all")
    (tmp_path / "client.cs").write_text(program("csharp-client.md", "csharp"))
    subprocess.run(["mcs", "client.cs"], cwd=tmp_path, check=True)
    assert run(["mono", "client.exe"], tmp_path, LD_LIBRARY_PATH=str(built)) == "True\n-801\n"


MEMORY = """
using System;
using System.Runtime.InteropServices;

static class Program
{
    [DllImport("kernel32.dll", SetLastError = true)]
    static extern IntPtr VirtualAlloc(IntPtr where, UIntPtr size, uint type, uint protection);
    [DllImport("kernel32.dll", SetLastError = true)]
    static extern bool VirtualFree(IntPtr block, UIntPtr size, uint type);
    [DllImport("kernel32.dll")]
    static extern IntPtr LocalAlloc(int flags, UIntPtr size);
    [DllImport("kernel32.dll")]
    static extern IntPtr LocalFree(IntPtr block);
    [DllImport("kernel32.dll")]
    static extern int GetCurrentProcessId();

    static void Main()
    {
        IntPtr pages = VirtualAlloc(IntPtr.Zero, (UIntPtr)262144, 0x3000, 4), block = LocalAlloc(0, (UIntPtr)16);
        Console.WriteLine(pages != IntPtr.Zero && (long)pages % 65536 == 0 && block != IntPtr.Zero);
        Console.WriteLine(VirtualFree(pages, UIntPtr.Zero, 0x8000) && LocalFree(block) == IntPtr.Zero);
        Console.WriteLine(GetCurrentProcessId() == System.Diagnostics.Process.GetCurrentProcess().Id);
    }
}
"""
"""What a library of managed wrappers wants of Windows beside the engine."""


def test_the_memory_of_managed_wrappers(tmp_path: Path) -> None:
    """The functions of Windows that the manual makes up are found through the map beside the assembly."""
    if shutil.which("mono") is None or shutil.which("mcs") is None:
        pytest.skip("NO MONO (mono, mcs) on this machine: no C# client is tested at all")
    (tmp_path / "memory.c").write_text(program("csharp-client.md", "c"))
    (tmp_path / "memory.exe.config").write_text(program("csharp-client.md", "xml"))
    (tmp_path / "memory.cs").write_text(MEMORY)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", "libmemory.so", "memory.c"], cwd=tmp_path, check=True)
    subprocess.run(["mcs", "memory.cs"], cwd=tmp_path, check=True)
    assert run(["mono", "memory.exe"], tmp_path, LD_LIBRARY_PATH=str(tmp_path)) == "True\nTrue\nTrue\n"
