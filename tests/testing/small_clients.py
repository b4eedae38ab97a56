# SPDX-License-Identifier: MIT
"""Clients for the tests of explorations: a correct one, and some with one mistake each."""

from contextlib import suppress

import esemu
from esemu.vocabulary.exceptions import JetError
from esemu.vocabulary.grbits import JET_bitBackupEndAbort, JET_bitBackupEndNormal
from esemu.vocabulary.parameters import JET_paramLogFileSize


def small_world() -> tuple[esemu.Engine, esemu.Instance]:
    """Return an engine with one small database and two archived logs of 128 KiB, one of them to copy."""
    engine = esemu.Engine()
    sizes = {JET_paramLogFileSize: 128}
    return engine, engine.start(databases={r"C:\data\mail.edb": 20}, generations=3, checkpoint=2, parameters=sizes)


def copy_everything(jet, inst) -> None:
    """Copy databases and logs, and truncate."""
    buffer = bytearray(65536)
    for name in jet.JetGetAttachInfoInstance(inst):
        copy(jet, inst, name, buffer)
    for name in jet.JetGetLogInfoInstance(inst):
        copy(jet, inst, name, buffer)
    jet.JetTruncateLogInstance(inst)


def copy(jet, inst, name, buffer) -> None:
    """Read a file to its end."""
    file = jet.JetOpenFileInstance(inst, name)
    left = file.size
    while count := jet.JetReadFileInstance(inst, file.handle, buffer):
        left -= count
    assert left == 0
    jet.JetCloseFileInstance(inst, file.handle)


def correct(jet, inst) -> None:
    """End every backup that was begun, and report each failure."""
    jet.JetBeginExternalBackupInstance(inst, 0)
    try:
        copy_everything(jet, inst)
    except BaseException:
        jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndAbort)
        raise
    jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndNormal)


def never_ends_after_an_error(jet, inst) -> None:
    """Forget that a backup has to be ended."""
    jet.JetBeginExternalBackupInstance(inst, 0)
    copy_everything(jet, inst)
    jet.JetEndExternalBackupInstance(inst)


def takes_an_abort_for_success(jet, inst) -> None:
    """End a backup normally that was stopped, and believe the answer."""
    jet.JetBeginExternalBackupInstance(inst, 0)
    with suppress(JetError):
        copy_everything(jet, inst)
    jet.JetEndExternalBackupInstance(inst)


def begins_for_ever(jet, inst) -> None:
    """Begin again and again until it works."""
    while True:
        try:
            jet.JetBeginExternalBackupInstance(inst, 0)
        except JetError:
            continue
        break
    try:
        copy_everything(jet, inst)
    finally:
        jet.JetEndExternalBackupInstance(inst)


def reads_too_little(jet, inst) -> None:
    """Read with a buffer of 1 KiB."""
    jet.JetBeginExternalBackupInstance(inst, 0)
    try:
        copy(jet, inst, jet.JetGetAttachInfoInstance(inst)[0], bytearray(1024))
    finally:
        jet.JetEndExternalBackupInstance(inst)
