# SPDX-License-Identifier: MIT
"""What JetSetSystemParameter and JetGetSystemParameter refuse (CJetParam::ValidateSet, jetapi.cxx:5605)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esemu.machine.state import (
    CHECKPOINTING,
    INITIALIZING,
    JET_INSTANCE_NIL,
    MODE_NOT_SET,
    MULTI_INSTANCE,
    ONE_INSTANCE,
    RESTORING,
    TERMINATING,
)
from esemu.machine.step import rule
from esemu.vocabulary import errors as err
from esemu.vocabulary.parameters import PARAMETERS

if TYPE_CHECKING:
    from esemu.machine.shapes.instances import MultiInstanceCall, ParameterCall
    from esemu.machine.state import Instance, Process

PARAMETERS_MAX = 221
"""JET_paramMaxValueInvalid: one past the last parameter (jethdr.w)."""

CHARACTER = 2
"""Bytes of a character in the W form."""

TEXT = ("string", "folder", "path")
"""Types whose values are strings."""


def target(process: Process, call: ParameterCall) -> Instance | None:
    """Return the instance whose parameter is meant, None for the process-wide ones (jetapi.cxx:20466)."""
    if process.mode == ONE_INSTANCE:
        parameter = PARAMETERS.get(call.paramid)
        return None if parameter is not None and parameter.scope == "global" else process.live()[0]
    if process.mode == MULTI_INSTANCE:
        if call.session not in {0, JET_INSTANCE_NIL}:
            return process.sessions[call.session].instance
        if call.handle not in {0, JET_INSTANCE_NIL}:
            return process.found[call.handle]
    return None


@rule(err.JET_errInvalidSesid, source="jetapi.cxx:20484")
def parameter_session_unknown(process: Process, call: ParameterCall) -> bool:
    """The process runs several instances, and no session has this number."""
    if process.mode != MULTI_INSTANCE or call.session in {0, JET_INSTANCE_NIL}:
        return False
    return call.session not in process.sessions


@rule(err.JET_errInvalidInstance, source="jetapi.cxx:20495")
def parameter_instance_unknown(process: Process, call: ParameterCall) -> bool:
    """The process runs several instances, and none of them has this handle."""
    return (
        process.mode == MULTI_INSTANCE
        and call.session in {0, JET_INSTANCE_NIL}
        and call.handle not in {0, JET_INSTANCE_NIL}
        and call.handle not in process.found
    )


def _locked(process: Process, call: ParameterCall, bit: int) -> bool:
    instance = target(process, call)
    return instance is not None and bool(instance.api_lock & bit and not instance.api_lock & CHECKPOINTING)


@rule(err.JET_errTermInProgress, source="jetapi.cxx:4499")
def parameter_while_terminating(process: Process, call: ParameterCall) -> bool:
    """The instance is being terminated."""
    return _locked(process, call, TERMINATING)


@rule(err.JET_errRestoreInProgress, source="jetapi.cxx:4503")
def parameter_while_restoring(process: Process, call: ParameterCall) -> bool:
    """The instance is being restored."""
    return _locked(process, call, RESTORING)


@rule(err.JET_errInitInProgress, source="jetapi.cxx:4510")
def parameter_while_initializing(process: Process, call: ParameterCall) -> bool:
    """JetInit of the instance is running."""
    return _locked(process, call, INITIALIZING)


@rule(err.JET_errInvalidParameter, source="jetapi.cxx:7686")
def parameter_unknown(process: Process, call: ParameterCall) -> bool:  # noqa: ARG001 - a rule about the call
    """There is no system parameter with this number."""
    return not 0 <= call.paramid < PARAMETERS_MAX


def current(process: Process, call: ParameterCall) -> int | str:
    """Return the present value of the parameter."""
    instance = target(process, call)
    return process.parameters[call.paramid] if instance is None else instance.parameter(call.paramid)


def _unchanged(process: Process, call: ParameterCall) -> bool:
    """An integer may always be set to the value that it has."""
    return PARAMETERS[call.paramid].type not in TEXT and call.value == current(process, call)


@rule(err.JET_errInvalidParameter, source="jetapi.cxx:5638")
def value_of_wrong_kind(process: Process, call: ParameterCall) -> bool:  # noqa: ARG001 - a rule about the call
    """A string was given for a number, or a number for a string."""
    return (PARAMETERS[call.paramid].type in TEXT) != isinstance(call.value, str)


@rule(err.JET_errAlreadyInitialized, source="jetapi.cxx:5630")
def locked_by_mode(process: Process, call: ParameterCall) -> bool:
    """The parameter cannot be changed once an instance was made."""
    parameter = PARAMETERS[call.paramid]
    return parameter.locked == "after_mode" and process.mode != MODE_NOT_SET and not _unchanged(process, call)


@rule(err.JET_errAlreadyInitialized, source="jetapi.cxx:5634")
def locked_by_init(process: Process, call: ParameterCall) -> bool:
    """The parameter cannot be changed after JetInit of the instance."""
    instance = target(process, call)
    parameter = PARAMETERS[call.paramid]
    return (
        parameter.locked == "after_init"
        and instance is not None
        and instance.initialized
        and not _unchanged(process, call)
    )


@rule(err.JET_errInvalidParameter, source="jetapi.cxx:5640")
def value_out_of_range(process: Process, call: ParameterCall) -> bool:
    """The value, or the length of the string in characters, is outside the bounds of the parameter."""
    parameter = PARAMETERS[call.paramid]
    if _unchanged(process, call):
        return False
    value = call.value
    size = len(value) if isinstance(value, str) else value
    if parameter.type == "block_size" and isinstance(value, int) and value & (value - 1):
        return True
    return size is None or size < parameter.minimum or (parameter.maximum is not None and size > parameter.maximum)


@rule(err.JET_errBufferTooSmall, source="jetapi.cxx:5591")
def string_does_not_fit(process: Process, call: ParameterCall) -> bool:
    """The buffer is too small for the string; older engines cut it short."""
    value = current(process, call)
    return isinstance(value, str) and call.size_max is not None and CHARACTER * (len(value) + 1) > call.size_max


# JetEnableMultiInstance.


@rule(err.JET_errRunningInOneInstanceMode, source="jetapi.cxx:21168")
def already_one_instance(process: Process) -> bool:
    """The process was started with the only instance that it will have."""
    return process.mode == ONE_INSTANCE


@rule(err.JET_errSystemParameterConflict, source="jetapi.cxx:21237")
def parameters_differ(process: Process, call: MultiInstanceCall) -> bool:
    """The process runs several instances already, with other values."""
    return process.mode == MULTI_INSTANCE and any(
        paramid not in PARAMETERS or process.parameters[paramid] != value for paramid, value in call.settings
    )


@rule(err.JET_errSystemParamsAlreadySet, source="jetapi.cxx:21289")
def already_multi_instance(process: Process) -> bool:
    """The process runs several instances already, with these very values: still an error."""
    return process.mode == MULTI_INSTANCE
