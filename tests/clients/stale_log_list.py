# SPDX-License-Identifier: MIT
"""A client that plans first, for its progress bar, and then copies what it planned: a log that was new by then is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from esemu.vocabulary.grbits import JET_bitBackupEndAbort, JET_bitBackupEndNormal

if TYPE_CHECKING:
    from esemu.faces.jet import Jet


class Plan(NamedTuple):
    """What there is to copy."""

    databases: list[str]
    logs: list[str]
    total: int  # bytes of all databases


def back_up(jet: Jet, inst: int) -> dict[str, bytes]:
    """Return the files of a full backup by their names; the server's logs are left as they are."""
    plan = make_plan(jet, inst)
    files: dict[str, bytes] = {}
    jet.JetBeginExternalBackupInstance(inst, 0)
    try:
        for name in plan.databases:
            files[name] = transfer(jet, inst, name, plan.total)
        jet.JetGetLogInfoInstance(inst)  # from here on logs can be opened
        for name in plan.logs:
            files[name] = transfer(jet, inst, name, plan.total)
    except BaseException:
        jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndAbort)
        raise
    jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndNormal)
    return files


def make_plan(jet: Jet, inst: int) -> Plan:
    """Look what there is, in a backup that is broken off."""
    jet.JetBeginExternalBackupInstance(inst, 0)
    try:
        databases = jet.JetGetAttachInfoInstance(inst)
        total = 0
        for name in databases:
            file = jet.JetOpenFileInstance(inst, name)
            total += file.size
            jet.JetCloseFileInstance(inst, file.handle)
        return Plan(databases, jet.JetGetLogInfoInstance(inst), total)
    finally:
        jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndAbort)


def transfer(jet: Jet, inst: int, name: str, total: int) -> bytes:
    """Return the content of one file."""
    file = jet.JetOpenFileInstance(inst, name)
    buffer, content = bytearray(max(65536, min(total, 1 << 20) // 65536 * 65536)), bytearray()
    try:
        while count := jet.JetReadFileInstance(inst, file.handle, buffer):
            content += buffer[:count]
    finally:
        jet.JetCloseFileInstance(inst, file.handle)
    return bytes(content)
