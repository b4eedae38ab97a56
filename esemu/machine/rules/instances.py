# SPDX-License-Identifier: MIT
"""What stands in the way of making, starting, stopping and ending instances (JetCreateInstance, JetInit, JetTerm, JetStopService)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine.rules.begin import backup_in_progress, surrogate_in_progress
from esemu.machine.state import (
    CHECKPOINTING,
    JET_INSTANCE_NIL,
    MODE_NOT_SET,
    MULTI_INSTANCE,
    ONE_INSTANCE,
    RESTORING,
    TERMINATING,
)
from esemu.machine.step import FOR_EVER, UNDEFINED, rule
from esemu.vocabulary import errors as err
from esemu.vocabulary.grbits import (
    JET_bitStopServiceBackgroundUserTasks,
    JET_bitStopServiceQuiesceCaches,
    JET_bitStopServiceResume,
    JET_bitStopServiceStopAndEmitLog,
    JET_bitTermAbrupt,
    JET_bitTermDirty,
    JET_bitTermStopBackup,
)
from esemu.vocabulary.parameters import (
    JET_paramCleanupMismatchedLogFiles,
    JET_paramLogFilePath,
    JET_paramMaxInstances,
    JET_paramMaxTemporaryTables,
    JET_paramSystemPath,
    JET_paramTempPath,
)

if TYPE_CHECKING:
    from esemu.machine.call import GrbitCall
    from esemu.machine.shapes.instances import CreateInstanceCall, InitCall
    from esemu.machine.state import Instance, Process

__all__ = ["backup_in_progress", "surrogate_in_progress"]

RESUMABLE: Final = JET_bitStopServiceBackgroundUserTasks | JET_bitStopServiceQuiesceCaches
SERVICE_BITS: Final = RESUMABLE | JET_bitStopServiceStopAndEmitLog | JET_bitStopServiceResume
ALL_SERVICES: Final = 1
"""bitStopServiceAllInternal: JET_bitStopServiceAll is 0 to clients and 1 inside (jetapi.cxx:22327)."""


# Making an instance.


@rule(err.JET_errRunningInOneInstanceMode, source="jetapi.cxx:21926")
def running_in_one_instance_mode(process: Process) -> bool:
    """The process was started with the only instance that it will have."""
    return process.mode == ONE_INSTANCE


@rule(err.JET_errTooManyInstances, source="jetapi.cxx:3518")
def too_many_instances(process: Process) -> bool:
    """JET_paramMaxInstances, as it was when the running mode was set, is reached."""
    return len(process.live()) >= instances_max(process)


def instances_max(process: Process) -> int:
    """Return how many instances the process may have: g_cpinstMax, or what it will be once a mode is set."""
    if process.mode == MODE_NOT_SET:
        return int(process.parameters[JET_paramMaxInstances])
    return process.cpinst_max


@rule(err.JET_errInstanceNameInUse, source="jetapi.cxx:3532")
def instance_name_in_use(process: Process, call: CreateInstanceCall) -> bool:
    """Another instance has the same name; all unnamed ones share one name, an empty name clashes with none."""
    return bool(process.instances and call.name != "") and any(
        instance.name == call.name for instance in process.live()
    )


# Starting it.


@rule(err.JET_errRunningInMultiInstanceMode, source="jetapi.cxx:21389")
def no_pointer_to_instance(process: Process, call: InitCall) -> bool:
    """The process runs several instances, and pinstance is NULL."""
    return process.mode == MULTI_INSTANCE and call.no_pointer


@rule(err.JET_errAlreadyInitialized, source="jetapi.cxx:21395")
def the_instance_exists(process: Process) -> bool:
    """The process has the only instance that it may have."""
    return process.mode == ONE_INSTANCE and bool(process.live())


@rule(err.JET_errTooManyInstances, source="jetapi.cxx:3518")
def no_room_for_unnamed(process: Process, call: InitCall) -> bool:
    """JetInit has to make an instance, and JET_paramMaxInstances is reached."""
    return (
        process.mode == MULTI_INSTANCE
        and call.handle in {0, JET_INSTANCE_NIL}
        and len(process.live()) >= instances_max(process)
    )


@rule(err.JET_errInstanceNameInUse, source="jetapi.cxx:3532")
def unnamed_instance_exists(process: Process, call: InitCall) -> bool:
    """JetInit has to make an instance without a name, and there is one already."""
    return (
        process.mode == MULTI_INSTANCE
        and call.handle in {0, JET_INSTANCE_NIL}
        and any(instance.name is None for instance in process.live())
    )


@rule(err.JET_errInvalidParameter, source="jetapi.cxx:21427")
def instance_to_start_unknown(process: Process, call: InitCall) -> bool:
    """None of the instances has this handle."""
    return (
        process.mode == MULTI_INSTANCE and call.handle not in {0, JET_INSTANCE_NIL} and call.handle not in process.found
    )


@rule(err.JET_errAlreadyInitialized, source="jetapi.cxx:4472")
def already_initialized(instance: Instance) -> bool:
    """The instance was initialised before."""
    return instance.initialized


def _others(instance: Instance) -> list[Instance]:
    return [other for other in instance.process.live() if other is not instance and other.initialized]


@rule(source="jetapi.cxx:4934")
def others_initialized(instance: Instance) -> bool:
    """Another instance is initialised, and could use the same paths."""
    return len(instance.process.instances) > 1 and bool(_others(instance))


@rule(err.JET_errTempPathInUse, source="jetapi.cxx:4956")
def temp_path_in_use(instance: Instance) -> bool:
    """An initialised instance uses the same temporary database; default paths clash here first."""
    if not instance.parameter(JET_paramMaxTemporaryTables):
        return False
    return any(
        other.parameter(JET_paramMaxTemporaryTables) and temp_path(other).upper() == temp_path(instance).upper()
        for other in _others(instance)
    )


def temp_path(instance: Instance) -> str:
    """Return the full path of the temporary database, or of its folder with a delimiter: it is relative to the system path."""
    disk = instance.process.world.disk
    temp = str(instance.parameter(JET_paramTempPath))
    folder = temp if ":" in temp or temp.startswith("\\") else instance.system_path + temp
    return disk.complete(folder) or folder


@rule(err.JET_errSystemPathInUse, source="jetapi.cxx:4979")
def system_path_in_use(instance: Instance) -> bool:
    """An initialised instance that logs keeps its checkpoint in the same folder."""
    return not instance.log.disabled and any(
        not other.log.disabled and other.system_path.upper() == instance.system_path.upper()
        for other in _others(instance)
    )


@rule(err.JET_errLogFilePathInUse, source="jetapi.cxx:4994")
def log_path_in_use(instance: Instance) -> bool:
    """An initialised instance that logs keeps its logs in the same folder."""
    return not instance.log.disabled and any(
        not other.log.disabled and other.log_path.upper() == instance.log_path.upper() for other in _others(instance)
    )


@rule(err.JET_errInvalidSettings, source="tm.cxx:868")
def cleanup_without_circular_log(instance: Instance) -> bool:
    """JET_paramCleanupMismatchedLogFiles makes sense with circular logging only."""
    return bool(instance.parameters[JET_paramCleanupMismatchedLogFiles]) and not instance.circular


@rule(err.JET_errInvalidPath, source="logredo.cxx:14893")
def log_folder_missing(instance: Instance) -> bool:
    """The folder of the logs does not exist, and JET_paramCreatePathIfNotExist is off: no log can be opened there.

    The error is that of the file system; JET_errInvalidLogDirectory is none that the engine returns (errdata.txt:290).
    """
    return not instance.log.disabled and not instance.process.world.disk.is_folder(
        instance.parameters[JET_paramLogFilePath]
    )


@rule(err.JET_errInvalidPath, source="log.cxx:2500")
def system_folder_missing(instance: Instance) -> bool:
    """The folder of the checkpoint does not exist, and nobody has made it for JET_paramCreatePathIfNotExist: it cannot be opened.

    Without logging there is no checkpoint.  The error is that of the file system; JET_errInvalidSystemPath is none that the
    engine returns (errdata.txt:289).
    """
    return not instance.log.disabled and not instance.process.world.disk.is_folder(
        instance.parameters[JET_paramSystemPath]
    )


@rule(err.JET_errFileAccessDenied, source="logstream.cxx:2904")
def folder_write_protected(instance: Instance) -> bool:
    """The folder of the logs, or that of the checkpoint, must not be written."""
    disk = instance.process.world.disk
    parameters = instance.parameters
    return not instance.log.disabled and (
        disk.read_only(parameters[JET_paramSystemPath]) or disk.read_only(parameters[JET_paramLogFilePath])
    )


# Ending it.


@rule(source="jetapi.cxx:20868")
def never_initialized(instance: Instance) -> bool:
    """The instance was made and never started; ending it only frees it."""
    return not instance.initialized and not instance.recovering


@rule(source="jetapi.cxx:20884")
def was_initialized(instance: Instance) -> bool:
    """The instance was started, or recovery is still under way."""
    return instance.initialized or instance.recovering


@rule(err.JET_errTermInProgress, source="jetapi.cxx:4403")
def term_while_terminating(instance: Instance) -> bool:
    """Another thread is terminating the instance, though it may still wait for calls of sessions."""
    locked = instance.api_lock & TERMINATING and not instance.api_lock & CHECKPOINTING
    return bool(locked or instance.term_waits_for_sessions)


@rule(err.JET_errRestoreInProgress, source="jetapi.cxx:4407")
def term_while_restoring(instance: Instance) -> bool:
    """The instance is being restored."""
    return bool(instance.api_lock & RESTORING and not instance.api_lock & CHECKPOINTING)


@rule(err.JET_errNotInitialized, source="jetapi.cxx:4415")
def term_while_initializing(instance: Instance) -> bool:
    """JetInit is still running and lets no calls in."""
    locked = instance.api_lock and not instance.api_lock & CHECKPOINTING
    return bool(locked) or not (instance.initialized or instance.allows_calls_in_recovery)


@rule(UNDEFINED, source="jetapi.cxx:4571")
def term_waits_for_checkpoint(instance: Instance) -> bool:
    """A checkpoint that never ends holds the API: the engine waits for ever."""
    return bool(instance.api_lock & CHECKPOINTING)


@rule(FOR_EVER, source="jetapi.cxx:4571")
def term_inside_the_instance(instance: Instance) -> bool:
    """A term waits for the calls that are inside the instance, and one of them waits for this very term."""
    return bool(instance.calls_inside) and instance.process.world.waits_for_itself(instance)


@rule(UNDEFINED, source="sysinit.cxx:479")
def term_waits_for_recovery(instance: Instance) -> bool:
    """Recovery that never ends is under way: the engine waits for ever."""
    return not instance.initialized


@rule(source="jetapi.cxx:20943")
def term_aborts_backup(instance: Instance, call: GrbitCall) -> bool:  # noqa: ARG001 - a rule about the call
    """JET_bitTermAbrupt or JET_bitTermStopBackup ends a backup first."""
    return bool(call.grbit & (JET_bitTermAbrupt | JET_bitTermStopBackup))


@rule(source="tm.cxx:1168")
def terminates_cleanly(instance: Instance, call: GrbitCall) -> bool:
    """The instance is neither unavailable nor terminated with JET_bitTermDirty."""
    return not instance.unavailable and not call.grbit & JET_bitTermDirty


@rule(err.JET_errTooManyActiveUsers, source="sysinit.cxx:597")
def transaction_open(instance: Instance) -> bool:
    """A session is inside a transaction."""
    return any(session.level > 0 for session in instance.sessions.values())


@rule(err.JET_errDirtyShutdown, source="tm.cxx:1193")
def terminated_dirtily(instance: Instance, call: GrbitCall) -> bool:  # noqa: ARG001 - a rule about the call
    """JET_bitTermDirty: the instance is gone, and the return code says how."""
    return bool(call.grbit & JET_bitTermDirty)


# Stopping its services.


@rule(err.JET_errInvalidGrbit, source="jetapi.cxx:22342")
def unknown_service_bit(instance: Instance, call: GrbitCall) -> bool:  # noqa: ARG001 - a rule about the call
    """A bit is set that stands for no service."""
    return bool(call.grbit & ~SERVICE_BITS)


def _to_resume(instance: Instance, call: GrbitCall) -> int:
    """Return the services that JET_bitStopServiceResume is about: those named, or else all that were stopped."""
    if not call.grbit & JET_bitStopServiceResume:
        return 0
    return call.grbit & ~JET_bitStopServiceResume or instance.stopped_services


@rule(err.JET_errInvalidGrbit, source="jetapi.cxx:22366")
def service_not_resumable(instance: Instance, call: GrbitCall) -> bool:
    """Logging that was stopped for good cannot be resumed."""
    return bool(_to_resume(instance, call) & JET_bitStopServiceStopAndEmitLog)


@rule(err.JET_errClientRequestToStopJetService, source="jetapi.cxx:22373")
def everything_was_stopped(instance: Instance, call: GrbitCall) -> bool:
    """JET_bitStopServiceAll cannot be taken back."""
    return bool(_to_resume(instance, call) & ALL_SERVICES)


@rule(err.JET_errInvalidGrbit, source="jetapi.cxx:22445")
def log_stop_with_others(instance: Instance, call: GrbitCall) -> bool:  # noqa: ARG001 - a rule about the call
    """JET_bitStopServiceStopAndEmitLog stands alone."""
    bits = call.grbit
    return bool(bits & JET_bitStopServiceStopAndEmitLog) and bits != JET_bitStopServiceStopAndEmitLog
