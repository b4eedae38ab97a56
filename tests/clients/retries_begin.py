# SPDX-License-Identifier: MIT
"""A client that waits for its turn for as long as another backup runs, and if that one is never ended, for ever."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import esemu
from esemu.vocabulary.grbits import JET_bitBackupEndAbort, JET_bitBackupEndNormal

if TYPE_CHECKING:
    from esemu.faces.jet import Jet

PAUSE = 0.001
"""Seconds between two attempts."""


def back_up(jet: Jet, inst: int) -> dict[str, bytes]:
    """Return the files of a full backup by their names."""
    begin(jet, inst)
    try:
        files: dict[str, bytes] = {}
        for name in jet.JetGetAttachInfoInstance(inst):
            files[name] = content_of(jet, inst, name)
        for name in jet.JetGetLogInfoInstance(inst):
            files[name] = content_of(jet, inst, name)
        jet.JetTruncateLogInstance(inst)
    except BaseException:
        with suppress(esemu.JetError):
            jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndAbort)
        raise
    jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndNormal)
    return files


def begin(jet: Jet, inst: int) -> None:
    """Begin a backup as soon as none is in the way."""
    while True:
        try:
            jet.JetBeginExternalBackupInstance(inst, 0)
        except esemu.BackupInProgressError:
            time.sleep(PAUSE)
        else:
            return


def content_of(jet: Jet, inst: int, name: str) -> bytes:
    """Return the content of one file."""
    file = jet.JetOpenFileInstance(inst, name)
    content, buffer = bytearray(), bytearray(65536)
    try:
        while count := jet.JetReadFileInstance(inst, file.handle, buffer):
            content += buffer[:count]
    finally:
        with suppress(esemu.JetError):
            jet.JetCloseFileInstance(inst, file.handle)
    return bytes(content)
