# SPDX-License-Identifier: MIT
"""Contract checks see calls alike, whichever face they come through: here those of a client in the manner of C."""

import ctypes
import mmap
from ctypes import byref, c_uint32, c_uint64, create_string_buffer
from typing import Any

import pytest
from backup_server import Server

from esemu.testing import script

NORMAL, ABORT = 1, 2


class CClient:
    """A backup client that looks at return codes, and has a bug if it is asked for one."""

    def __init__(self, server: Server, bug: str = "") -> None:
        self.library: Any = server.engine.library()
        self.inst = server.inst
        self.bug = bug
        self.memory = mmap.mmap(-1, 131072)
        self.buffer = ctypes.addressof((ctypes.c_char * 131072).from_buffer(self.memory))

    def back_up(self) -> int:
        """Make a full backup and return its first error."""
        error: int = self.library.JetBeginExternalBackupInstance(self.inst, 0)
        if error < 0 and self.bug != "begin":
            return error
        error = self.copy_all()
        how = NORMAL if error >= 0 or self.bug == "normal" else ABORT
        if self.bug != "end":
            ended: int = self.library.JetEndExternalBackupInstance2(self.inst, how)
            return min(error, ended)
        return error

    def copy_all(self) -> int:
        """Copy the files of both lists and truncate the logs."""
        for function in ("JetGetAttachInfoInstanceW", "JetGetLogInfoInstanceW"):
            error, names = self.names(getattr(self.library, function))
            for name in names:
                error = error if error < 0 else self.copy(name)
            if error < 0:
                return error
        return int(self.library.JetTruncateLogInstance(self.inst))

    def names(self, function: Any) -> tuple[int, list[str]]:
        """Ask for the size of a list, then for the list."""
        size = c_uint32()
        error = function(self.inst, None, 0, byref(size))
        if error < 0:
            return error, []
        text = create_string_buffer(size.value)
        error = function(self.inst, text, size, byref(size))
        return error, [name for name in text.raw.decode("utf-16-le").split("\0") if name]

    def copy(self, name: str) -> int:
        """Read a file to its end."""
        handle, low, high, read = c_uint64(), c_uint32(), c_uint32(), c_uint32(1)
        error: int = self.library.JetOpenFileInstanceW(self.inst, name, byref(handle), byref(low), byref(high))
        if error < 0:
            return error
        if self.bug == "zero" and not handle.value:
            return -1
        size = 1024 if self.bug == "small" else 65536
        where = self.buffer + (16 if self.bug == "misaligned" else 0)
        while error >= 0 and read.value:
            error = self.library.JetReadFileInstance(self.inst, handle, where, size, byref(read))
        if self.bug != "close":
            closed: int = self.library.JetCloseFileInstance(self.inst, handle)
            return min(error, closed)
        return error


@pytest.mark.parametrize("contract", ["source", "documented"])
@pytest.mark.parametrize(
    ("bug", "codes"),
    [
        ("", []),
        ("end", ["ESB101"]),
        ("close", ["ESB102"]),
        ("zero", ["ESB103"]),
        ("small", ["ESB106", "ESB108"]),
        ("misaligned", ["ESB107"]),
    ],
)
def test_a_client_in_the_manner_of_c(bug, codes, contract) -> None:
    """Its bug has the name that it has in Python, and there is none where it is correct."""
    server = Server(contract=contract)
    error = CClient(server, bug).back_up()
    assert (error < 0) == bool(bug and bug != "end")
    assert server.codes() == codes


@pytest.mark.parametrize(("bug", "codes"), [("", []), ("normal", ["ESB105"])])
def test_a_stop(bug, codes) -> None:
    """A client that is stopped while it reads aborts its backup, or has a bug."""
    server = Server()
    server.inst.faults.on_page(r"C:\data\mail.edb", 50, server.stop)
    assert CClient(server, bug).back_up() == -801
    assert server.codes() == codes


def test_a_begin_whose_return_code_nobody_reads() -> None:
    """The client works in somebody else's backup."""
    server = Server()
    server.begin()
    (*_, other) = server.engine.trace
    CClient(server, "begin").back_up()
    assert server.codes(ignore=[other.number]) == ["ESB118"]


def test_its_calls_as_a_script() -> None:
    """A script makes them with `engine.jet`, where a list needs no buffer."""
    server = Server()
    CClient(server).back_up()
    namespace: dict[str, Any] = {}
    exec(script(server.engine), namespace)
    made = [(call.api.name, call.err) for call in namespace["engine"].trace]
    assert made == [(call.api.name, call.err) for call in server.engine.trace]
