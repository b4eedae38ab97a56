# SPDX-License-Identifier: MIT
"""A client that knows how many pages a database has, and so does not read what comes behind the last one: the trailer."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from esemu.vocabulary.grbits import JET_bitBackupEndAbort, JET_bitBackupEndNormal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.faces.jet import Jet

PAGE = 4096
BUFFER = 16 * PAGE


def back_up(jet: Jet, inst: int) -> dict[str, bytes]:
    """Return a full backup; databases come as they lie on the server's disk, two header pages and all pages."""
    with session(jet, inst):
        databases = {name: read(jet, inst, name, behind=PAGE) for name in jet.JetGetAttachInfoInstance(inst)}
        logs = {name: read(jet, inst, name, behind=0) for name in jet.JetGetLogInfoInstance(inst)}
        jet.JetTruncateLogInstance(inst)
    return databases | logs


@contextmanager
def session(jet: Jet, inst: int) -> Iterator[None]:
    """Begin a backup, and end it well or badly."""
    jet.JetBeginExternalBackupInstance(inst, 0)
    try:
        yield
    except BaseException:
        jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndAbort)
        raise
    jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndNormal)


def read(jet: Jet, inst: int, name: str, *, behind: int) -> bytes:
    """Return a file but for so many bytes at its end."""
    file = jet.JetOpenFileInstance(inst, name)
    wanted = file.size - behind
    content = bytearray()
    try:
        while len(content) < wanted:
            buffer = bytearray(min(BUFFER, wanted - len(content)))
            count = jet.JetReadFileInstance(inst, file.handle, buffer)
            content += buffer[:count]
    finally:
        jet.JetCloseFileInstance(inst, file.handle)
    return bytes(content)
