# SPDX-License-Identifier: MIT
"""A backup client without a bug: what it begins it ends, and what it returns is whole."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import esemu
from esemu.vocabulary.grbits import JET_bitBackupEndAbort, JET_bitBackupEndNormal

if TYPE_CHECKING:
    from esemu.faces.jet import Jet


class ShortFileError(Exception):
    """Fewer bytes came than the engine had promised."""


def back_up(jet: Jet, inst: int) -> dict[str, bytes]:
    """Return a full backup: the content of each database and log by its name."""
    jet.JetBeginExternalBackupInstance(inst, 0)
    try:
        files = {name: copy(jet, inst, name) for name in jet.JetGetAttachInfoInstance(inst)}
        files |= {name: copy(jet, inst, name) for name in jet.JetGetLogInfoInstance(inst)}
        jet.JetTruncateLogInstance(inst)
    except BaseException:
        with suppress(esemu.JetError):  # it may be over already, and the first error is the one to tell
            jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndAbort)
        raise
    jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndNormal)
    return files


def copy(jet: Jet, inst: int, name: str) -> bytes:
    """Return the content of one file of the backup."""
    file = jet.JetOpenFileInstance(inst, name)
    content = bytearray()
    buffer = bytearray(65536)
    try:
        while count := jet.JetReadFileInstance(inst, file.handle, buffer):
            content += memoryview(buffer)[:count]
    except esemu.JetError:
        with suppress(esemu.JetError):  # an engine that could not read a file has closed it
            jet.JetCloseFileInstance(inst, file.handle)
        raise
    jet.JetCloseFileInstance(inst, file.handle)
    if len(content) != file.size:
        raise ShortFileError(f"{name}: {len(content)} of {file.size} bytes")
    return bytes(content)
