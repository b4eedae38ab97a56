# SPDX-License-Identifier: MIT
"""A client that takes its leave in good order when the server stops it, and tells engine and caller that all is well."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import esemu
from esemu.vocabulary.grbits import JET_bitBackupEndNormal

if TYPE_CHECKING:
    from esemu.faces.jet import Jet

log = logging.getLogger(__name__)


class Backup:
    """One backup of an instance."""

    def __init__(self, jet: Jet, inst: int) -> None:
        self.jet = jet
        self.inst = inst
        self.buffer = bytearray(64 * 1024)
        self.files: dict[str, bytes] = {}

    def run(self) -> None:
        """Copy everything; a server that wants us to stop is obeyed at once."""
        self.jet.JetBeginExternalBackupInstance(self.inst, 0)
        try:
            self._copy_all()
        except esemu.BackupAbortByServerError:
            log.info("the server asked us to stop")
        finally:
            self.jet.JetEndExternalBackupInstance2(self.inst, JET_bitBackupEndNormal)

    def _copy_all(self) -> None:
        for name in self.jet.JetGetAttachInfoInstance(self.inst):
            self._copy(name)
        for name in self.jet.JetGetLogInfoInstance(self.inst):
            self._copy(name)
        self.jet.JetTruncateLogInstance(self.inst)

    def _copy(self, name: str) -> None:
        file = self.jet.JetOpenFileInstance(self.inst, name)
        content = bytearray()
        try:
            while count := self.jet.JetReadFileInstance(self.inst, file.handle, self.buffer):
                content += self.buffer[:count]
        finally:
            self.jet.JetCloseFileInstance(self.inst, file.handle)
        self.files[name] = bytes(content)


def back_up(jet: Jet, inst: int) -> dict[str, bytes]:
    """Return the files of a full backup by their names."""
    backup = Backup(jet, inst)
    backup.run()
    return backup.files
