# SPDX-License-Identifier: MIT
"""The instance in which a restore happens: one that it makes for itself, or the one that it is given, and the target of its logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine import lognames
from esemu.machine.effects.instances import allocate, free, set_mode
from esemu.machine.effects.logs import roll_log
from esemu.machine.state import MODE_NOT_SET, MULTI_INSTANCE, ONE_INSTANCE, RESTORING
from esemu.vocabulary import errors as err
from esemu.vocabulary.parameters import (
    JET_paramBaseName,
    JET_paramLogFilePath,
    JET_paramSystemPath,
    JET_paramTempPath,
)

if TYPE_CHECKING:
    from esemu.machine.shapes.restore import ExternalRestoreCall, RestoreCall
    from esemu.machine.state import Instance, Process

NAME: Final = "Restore"
"""wszRestoreInstanceName: what an instance that a restore makes for itself is called (jetapi.cxx:22155)."""


def set_one_instance_mode(process: Process, call: RestoreCall) -> None:
    """JetRestore makes the process one with a single instance, unless it is, and restores that one if it is there."""
    if process.mode == MODE_NOT_SET:
        set_mode(process, ONE_INSTANCE)
    live = process.live()
    call.handle = live[0].handle if live else 0


def set_several_instances_mode(process: Process, call: RestoreCall) -> None:  # noqa: ARG001 - an effect gets both
    """A process without a mode becomes one of several instances."""
    if process.mode == MODE_NOT_SET:
        set_mode(process, MULTI_INSTANCE)


def name_instance(process: Process, call: RestoreCall) -> None:  # noqa: ARG001 - an effect gets both
    """The instance that is made has a name of its own."""
    call.name = NAME


def name_numbered(process: Process, call: ExternalRestoreCall) -> None:
    """External restores are counted in the names of their instances (jetapi.cxx:18613)."""
    process.restores += 1
    of = "" if call.target is None else f"{call.target.display_name or call.target.name or ''} "
    call.name = f"{of}{NAME}{process.restores % 10_000:04}"


def make_instance(process: Process, call: RestoreCall) -> None:
    """Make the instance; it is freed when the call is done."""
    call.instance = allocate(process, call.name)
    call.allocated = True


def take_instance(process: Process, call: RestoreCall) -> None:
    """Take the instance that is given."""
    call.instance = process.found.get(call.handle) or process.live()[0]


def find_target(process: Process, call: ExternalRestoreCall) -> None:
    """Look whether the target instance runs, by its name or by the folder of its logs."""
    disk = process.world.disk
    wanted = (
        call.target_log_path
        if call.target_log_path is None
        else lognames.as_folder(disk.complete(call.target_log_path))
    )
    for instance in process.live():
        named = call.target_name is not None and instance.name == call.target_name
        logs_there = (
            wanted is not None and lognames.as_folder(disk.complete(instance.log_path)).lower() == wanted.lower()
        )
        if instance.initialized and (named or logs_there):
            call.target = instance


def log_restore(instance: Instance, call: ExternalRestoreCall) -> None:
    """Log LREXTRESTORE2 and roll the log, unless logging is circular."""
    if instance.circular:
        return
    roll_log(instance)
    instance.log.records.append(("ExtRestore2", instance.log_path, instance.name or ""))
    call.target_high = instance.log.generation - 1
    instance.changed()


def set_paths(process: Process, call: ExternalRestoreCall) -> None:  # noqa: ARG001 - an effect gets both
    """The restore runs in the folders that it is given, or in those of a target that does not run."""
    instance = call.instance
    assert instance is not None, call  # noqa: S101 - it was just made
    use_target = call.target is None and call.target_log_path is not None
    settings = {
        JET_paramBaseName: call.base_name,
        JET_paramLogFilePath: call.target_log_path if use_target else call.log_path,
        JET_paramSystemPath: call.target_system_path if use_target else call.system_path,
    }
    for paramid, value in settings.items():
        if value is not None:
            folder = value if paramid == JET_paramBaseName else lognames.as_folder(value)
            instance.parameters[paramid] = folder
            if paramid == JET_paramSystemPath:
                instance.parameters[JET_paramTempPath] = folder


def leave(call: RestoreCall) -> None:
    """Let others into the instance again, and free it if the call has made it."""
    instance = call.instance
    assert instance is not None, call  # noqa: S101 - it was found before
    if call.restores:
        instance.api_lock &= ~RESTORING
        instance.initialized = False
        instance.changed()
    if call.allocated:
        free(instance)


def lock(instance: Instance, call: RestoreCall) -> None:
    """Nobody else gets into the instance until the restore is over."""
    call.restores = True
    instance.api_lock |= RESTORING
    instance.initialized = True
    instance.changed()


def warn_of_target(process: Process, call: ExternalRestoreCall) -> None:  # noqa: ARG001 - an effect gets both
    """Tell the caller that the target runs: somebody has to take care of the logs (logutil.cxx:1731)."""
    if call.target_high:
        call.warning = err.JET_wrnTargetInstanceRunning
