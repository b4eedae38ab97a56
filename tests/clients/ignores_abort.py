# SPDX-License-Identifier: MIT
"""A client that leaves out what it cannot read and goes on: it never looks whether the error was JET_errBackupAbortByServer."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import esemu

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.faces.jet import Jet

log = logging.getLogger(__name__)


def back_up(jet: Jet, inst: int) -> dict[str, bytes]:
    """Return as many files of a full backup as can be read, by their names."""
    files: dict[str, bytes] = {}
    jet.JetBeginExternalBackupInstance(inst, 0)
    for lister in (jet.JetGetAttachInfoInstance, jet.JetGetLogInfoInstance):
        for name in names(lister, inst):
            try:
                files[name] = one_file(jet, inst, name)
            except esemu.JetError as error:
                log.warning("%s left out: %s", name, error.name)
    try:
        jet.JetTruncateLogInstance(inst)
    except esemu.JetError as error:
        log.warning("logs are kept: %s", error.name)
    jet.JetEndExternalBackupInstance(inst)
    return files


def names(lister: Callable[[int], list[str]], inst: int) -> list[str]:
    """Return the names of a list, none where there is no list."""
    try:
        return lister(inst)
    except esemu.JetError as error:
        log.warning("no list: %s", error.name)
        return []


def one_file(jet: Jet, inst: int, name: str) -> bytes:
    """Return the content of one file."""
    file = jet.JetOpenFileInstance(inst, name)
    buffer = bytearray(65536)
    content = bytearray()
    try:
        while count := jet.JetReadFileInstance(inst, file.handle, buffer):
            content += buffer[:count]
    finally:
        jet.JetCloseFileInstance(inst, file.handle)
    return bytes(content)
