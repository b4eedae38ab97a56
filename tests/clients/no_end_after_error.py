# SPDX-License-Identifier: MIT
"""A client that ends its backup when all went well, and only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from esemu.faces.jet import Jet

CHUNK = 65536


def back_up(jet: Jet, inst: int) -> dict[str, bytes]:
    """Return a full backup: the content of each database and log by its name."""
    saved: dict[str, bytes] = {}

    jet.JetBeginExternalBackupInstance(inst, 0)

    for name in jet.JetGetAttachInfoInstance(inst):
        saved[name] = read_file(jet, inst, name)
    for name in jet.JetGetLogInfoInstance(inst):
        saved[name] = read_file(jet, inst, name)

    jet.JetTruncateLogInstance(inst)
    jet.JetEndExternalBackupInstance(inst)
    return saved


def read_file(jet: Jet, inst: int, name: str) -> bytes:
    """Return the content of one file."""
    handle = jet.JetOpenFileInstance(inst, name).handle
    buffer = bytearray(CHUNK)
    chunks = []
    while count := jet.JetReadFileInstance(inst, handle, buffer):
        chunks.append(bytes(buffer[:count]))
    jet.JetCloseFileInstance(inst, handle)
    return b"".join(chunks)
