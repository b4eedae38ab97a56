# SPDX-License-Identifier: MIT
"""What every call of an instance passes first: finding the instance, and the API gate (ErrFindPinst, ErrAPIEnter)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine.state import (
    CHECKPOINTING,
    JET_INSTANCE_NIL,
    MODE_NOT_SET,
    MULTI_INSTANCE,
    RESTORING,
    TERMINATING,
)
from esemu.machine.step import rule
from esemu.vocabulary import errors as err

if TYPE_CHECKING:
    from esemu.machine.call import Call
    from esemu.machine.state import Instance, Process


@rule(err.JET_errInvalidInstance, source="jetapi.cxx:5269")
def handle_of_no_instance(process: Process, call: Call) -> bool:
    """The ESENT build validates handles, and this one belongs to no live instance."""
    return (
        process.validates_handles
        and call.handle not in {0, JET_INSTANCE_NIL}
        and all(call.handle != instance.handle for instance in process.live())
    )


@rule(err.JET_errInvalidParameter, source="jetapi.cxx:3859")
def no_instance(process: Process) -> bool:
    """No instance exists in the process."""
    return process.mode == MODE_NOT_SET or not process.live()


@rule(err.JET_errInvalidParameter, source="jetapi.cxx:3837")
def instance_not_given(process: Process, call: Call) -> bool:
    """The process runs several instances, and the handle is 0 or JET_instanceNil."""
    return process.mode == MULTI_INSTANCE and call.handle in {0, JET_INSTANCE_NIL}


@rule(err.JET_errInvalidParameter, source="jetapi.cxx:3844")
def instance_unknown(process: Process, call: Call) -> bool:
    """The process runs several instances, and none of them has this handle."""
    return process.mode == MULTI_INSTANCE and call.handle not in process.found


@rule(err.JET_errInvalidParameter, source="jetapi.cxx:2976")
def running_mode_not_set(process: Process) -> bool:
    """A single-instance form was called, and no instance was ever made."""
    return process.mode == MODE_NOT_SET


@rule(err.JET_errRunningInMultiInstanceMode, source="jetapi.cxx:2986")
def running_in_multi_instance_mode(process: Process) -> bool:
    """A single-instance form was called in a process that runs several instances."""
    return process.mode == MULTI_INSTANCE


@rule(err.JET_errClientRequestToStopJetService, source="jetapi.cxx:4425", cause="service")
def service_stopped(instance: Instance) -> bool:
    """JetStopServiceInstance was called: the instance answers no more calls."""
    return instance.service_stopped


@rule(err.JET_errInstanceUnavailableDueToFatalLogDiskFull, source="daedef.hxx:5423")
def unavailable_because_log_disk_full(instance: Instance) -> bool:
    """The instance gave up because the disk of its logs was full."""
    return instance.unavailable == err.JET_errLogDiskFull


@rule(err.JET_errInstanceUnavailable, source="jetapi.cxx:4429")
def unavailable(instance: Instance) -> bool:
    """The instance gave up after a fatal error."""
    return instance.unavailable != 0


@rule(err.JET_errNotInitialized, source="jetapi.cxx:4442")
def not_initialized(instance: Instance) -> bool:
    """The instance is not initialised, or JetInit is still running."""
    locked = instance.api_lock and not instance.api_lock & CHECKPOINTING
    return bool(locked) or not (instance.initialized or (instance.recovering and instance.allows_calls_in_recovery))


_closed: Final = not_initialized.test
"""The API does not let calls in: something other than a checkpoint has locked it, or it is not initialised."""


@rule(err.JET_errTermInProgress, source="jetapi.cxx:4403")
def terminating(instance: Instance) -> bool:
    """The instance is being terminated."""
    return bool(instance.api_lock & TERMINATING) and _closed(instance)


@rule(err.JET_errTermInProgress, source="jetapi.cxx:4207")
def terminating_sessions(instance: Instance) -> bool:
    """The instance is being terminated, though calls of no session may still come in."""
    return instance.term_in_progress or (bool(instance.api_lock & TERMINATING) and _closed(instance))


@rule(err.JET_errRestoreInProgress, source="jetapi.cxx:4407")
def restoring(instance: Instance) -> bool:
    """The instance is being restored."""
    return bool(instance.api_lock & RESTORING) and _closed(instance)


GATE: Final = frozenset(
    {
        service_stopped,
        unavailable_because_log_disk_full,
        unavailable,
        terminating,
        terminating_sessions,
        restoring,
        not_initialized,
    }
)
"""The rules of the gate of instances: none of them holds where it is `wide_open`."""


def wide_open(instance: Instance) -> bool:
    """Tell whether an instance runs and nothing stands in the way of any call, as is nearly always so."""
    return instance.initialized and not (
        instance.service_stopped or instance.unavailable or instance.api_lock or instance.term_in_progress
    )


@rule(err.JET_errInvalidSesid, source="jetapi.cxx:5274")
def session_unknown(process: Process, call: Call) -> bool:
    """No session has this number."""
    return call.handle not in process.sessions
