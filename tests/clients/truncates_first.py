# SPDX-License-Identifier: MIT
"""A client that lets the server delete its old logs at once, to have less to copy."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import esemu
from esemu.vocabulary.grbits import JET_bitBackupEndAbort, JET_bitBackupEndNormal

if TYPE_CHECKING:
    from esemu.faces.jet import Jet


def back_up(jet: Jet, inst: int) -> dict[str, bytes]:
    """Return the files of a full backup by their names."""
    jet.JetBeginExternalBackupInstance(inst, 0)
    how = JET_bitBackupEndAbort
    try:
        files = {name: slurp(jet, inst, name) for name in jet.JetGetAttachInfoInstance(inst)}
        logs = jet.JetGetLogInfoInstance(inst)
        with suppress(esemu.LogFileNotCopiedError):  # seen now and then; does no harm
            jet.JetTruncateLogInstance(inst)
        files.update((name, slurp(jet, inst, name)) for name in logs)
        how = JET_bitBackupEndNormal
    finally:
        jet.JetEndExternalBackupInstance2(inst, how)
    return files


def slurp(jet: Jet, inst: int, name: str) -> bytes:
    """Return the content of one file."""
    file = jet.JetOpenFileInstance(inst, name)
    try:
        content, chunk = b"", bytearray(1 << 16)
        while count := jet.JetReadFileInstance(inst, file.handle, chunk):
            content += chunk[:count]
        return content
    finally:
        jet.JetCloseFileInstance(inst, file.handle)
