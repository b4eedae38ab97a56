# SPDX-License-Identifier: MIT
"""Setting and getting system parameters (CJetParam::SetInteger, SetString, SetFolder; JetEnableMultiInstance)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esemu.machine import lognames
from esemu.machine.effects.instances import set_mode
from esemu.machine.rules.parameters import current, target
from esemu.machine.shapes.instances import ParameterCall
from esemu.machine.state import MULTI_INSTANCE
from esemu.vocabulary.errors import JET_errSuccess
from esemu.vocabulary.parameters import PARAMETERS, JET_paramDatabasePageSize, JET_paramEnableAdvanced

if TYPE_CHECKING:
    from esemu.machine.api import ApiCall
    from esemu.machine.shapes.instances import MultiInstanceCall
    from esemu.machine.state import Process
    from esemu.machine.step import Effect


def reject_unmodelled(process: Process, call: ParameterCall) -> None:  # noqa: ARG001 - an effect gets both
    """Say that esemu does not know a parameter which the engine has."""
    if call.paramid not in PARAMETERS:
        from esemu.vocabulary.exceptions import NotEmulated  # noqa: PLC0415 - hardly ever needed

        raise NotEmulated(f"system parameter {call.paramid} is not emulated")


def set_parameter(process: Process, call: ParameterCall) -> None:
    """Set a parameter; an advanced one is left alone where JET_paramEnableAdvanced is off."""
    parameter = PARAMETERS[call.paramid]
    instance = target(process, call)
    advanced = (
        process.parameters[JET_paramEnableAdvanced]
        if instance is None
        else (instance.parameter(JET_paramEnableAdvanced))
    )
    if parameter.advanced and not advanced:
        return
    value = call.value
    assert value is not None, call  # noqa: S101 - the rules before saw to it
    if parameter.type == "boolean":
        value = int(bool(value))
    if parameter.type == "folder":
        value = folder(process, str(value))
    if instance is None:
        process.set_parameter(call.paramid, value)
        if call.paramid == JET_paramDatabasePageSize:
            process.page_size = int(value)
    else:
        instance.parameters[call.paramid] = value
        instance.changed()


def folder(process: Process, path: str) -> str:
    """Return the full path of a folder with its backslash at the end."""
    return lognames.as_folder(process.world.disk.complete(path) or path)


def get_parameter(process: Process, call: ParameterCall) -> None:
    """Return the value of a parameter."""
    value = current(process, call)
    call.result = folder(process, str(value)) if PARAMETERS[call.paramid].type == "folder" else value


def setting_all(api: ApiCall) -> Effect:
    """Return the effect of setting one parameter after the other by the call that sets one."""

    def set_all(process: Process, call: MultiInstanceCall) -> int:
        """Set them; the first error ends that, and those set before stay (jetapi.cxx:21297)."""
        for paramid, value in call.settings:
            one = ParameterCall(api, 0, 0, paramid, value)
            error = api.run(process, one)
            if error:
                call.rule = one.rule
                return error
            call.succeeded += 1
        set_mode(process, MULTI_INSTANCE)
        return JET_errSuccess

    return set_all
