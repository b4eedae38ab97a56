# SPDX-License-Identifier: MIT
"""A client that takes handle 0 for a file that could not be opened; it is the only handle that the engine gives out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from esemu.vocabulary.grbits import JET_bitBackupEndAbort, JET_bitBackupEndNormal

if TYPE_CHECKING:
    from esemu.faces.jet import Jet

log = logging.getLogger(__name__)


def back_up(jet: Jet, inst: int) -> dict[str, bytes]:
    """Return the files of a full backup by their names."""
    files: dict[str, bytes] = {}
    jet.JetBeginExternalBackupInstance(inst, 0)
    try:
        for name in jet.JetGetAttachInfoInstance(inst):
            save(jet, inst, name, files)
        for name in jet.JetGetLogInfoInstance(inst):
            save(jet, inst, name, files)
        jet.JetTruncateLogInstance(inst)
    except BaseException:
        jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndAbort)
        raise
    jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndNormal)
    return files


def save(jet: Jet, inst: int, name: str, files: dict[str, bytes]) -> None:
    """Save one file."""
    handle = jet.JetOpenFileInstance(inst, name).handle
    if not handle:
        log.error("%s cannot be opened", name)
        return
    content, buffer = bytearray(), bytearray(65536)
    try:
        while count := jet.JetReadFileInstance(inst, handle, buffer):
            content += buffer[:count]
    finally:
        jet.JetCloseFileInstance(inst, handle)
    files[name] = bytes(content)
