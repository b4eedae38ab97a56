# SPDX-License-Identifier: MIT
"""A client that reads files of a backup as it reads any other file, 1 KiB at a time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from esemu.vocabulary.grbits import JET_bitBackupEndAbort, JET_bitBackupEndNormal

if TYPE_CHECKING:
    from esemu.faces.jet import Jet

BUFSIZE = 1024


def back_up(jet: Jet, inst: int) -> dict[str, bytes]:
    """Return the files of a full backup by their names."""
    jet.JetBeginExternalBackupInstance(inst, 0)
    try:
        files: dict[str, bytes] = {}
        for name in jet.JetGetAttachInfoInstance(inst):
            files[name] = read_all(jet, inst, name)
        for name in jet.JetGetLogInfoInstance(inst):
            files[name] = read_all(jet, inst, name)
        jet.JetTruncateLogInstance(inst)
    except BaseException:
        jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndAbort)
        raise
    jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndNormal)
    return files


def read_all(jet: Jet, inst: int, name: str) -> bytes:
    """Return the content of one file."""
    file = jet.JetOpenFileInstance(inst, name)
    try:
        buffer = bytearray(BUFSIZE)
        parts = [
            bytes(buffer[:count]) for count in iter(partial(jet.JetReadFileInstance, inst, file.handle, buffer), 0)
        ]
    finally:
        jet.JetCloseFileInstance(inst, file.handle)
    return b"".join(parts)
