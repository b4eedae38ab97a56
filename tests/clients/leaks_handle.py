# SPDX-License-Identifier: MIT
"""A client that reads each file to its end and leaves it to somebody else to close it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esemu.vocabulary.grbits import JET_bitBackupEndAbort, JET_bitBackupEndNormal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.faces.jet import Jet


def back_up(jet: Jet, inst: int) -> dict[str, bytes]:
    """Return the files of a full backup by their names."""
    jet.JetBeginExternalBackupInstance(inst, 0)
    try:
        files = {name: b"".join(chunks(jet, inst, name)) for name in jet.JetGetAttachInfoInstance(inst)}
        for name in jet.JetGetLogInfoInstance(inst):
            files[name] = b"".join(chunks(jet, inst, name))
        jet.JetTruncateLogInstance(inst)
    except BaseException:
        jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndAbort)
        raise
    jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndNormal)
    return files


def chunks(jet: Jet, inst: int, name: str) -> Iterator[bytes]:
    """Yield the content of a file piece by piece."""
    file = jet.JetOpenFileInstance(inst, name)
    buffer = bytearray(64 * 1024)
    while count := jet.JetReadFileInstance(inst, file.handle, buffer):
        yield bytes(buffer[:count])
