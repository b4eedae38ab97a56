# SPDX-License-Identifier: MIT
"""What stands in the way of a backup's end, which is next to nothing (ErrIsamEndExternalBackup, ErrBKExternalBackupCleanUp)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esemu.machine.step import rule
from esemu.vocabulary import errors as err
from esemu.vocabulary.grbits import JET_bitBackupEndAbort, JET_bitBackupEndNormal

if TYPE_CHECKING:
    from esemu.machine.call import GrbitCall
    from esemu.machine.state import Instance


@rule(err.JET_errInvalidParameter, source="backup.cxx:3978")
def normal_and_abort(instance: Instance, call: GrbitCall) -> bool:  # noqa: ARG001 - a rule about the call
    """A backup ends normally or is aborted, not both."""
    return bool(call.grbit & JET_bitBackupEndNormal and call.grbit & JET_bitBackupEndAbort)


@rule(err.JET_errInvalidParameter, source="backup.cxx:3983")
def neither_normal_nor_abort(instance: Instance, call: GrbitCall) -> bool:  # noqa: ARG001 - a rule about the call
    """The grbit does not say how the backup ends."""
    return not call.grbit & (JET_bitBackupEndNormal | JET_bitBackupEndAbort)


@rule(err.JET_errNoBackup, source="backup.cxx:4138", cause="end")
def no_backup(instance: Instance) -> bool:
    """No backup of any kind is in progress."""
    return not instance.backup.in_progress
