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


@rule(source="backup.cxx:4037")
def header_update_logged(instance: Instance, call: GrbitCall) -> bool:  # noqa: ARG001 - left in the call
    """What the header will remember is in the log."""
    return call.update is not None


@rule(source="backup.cxx:4379")
def ended_well(instance: Instance, call: GrbitCall) -> bool:  # noqa: ARG001 - left in the call
    """The backup is a success: nobody stopped or aborted it."""
    return call.outcome == err.JET_errSuccess


@rule(err.JET_errNoBackup, source="backup.cxx:4138", cause="end")
def no_backup(instance: Instance) -> bool:
    """No backup of any kind is in progress."""
    return not instance.backup.in_progress
