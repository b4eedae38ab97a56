# SPDX-License-Identifier: MIT
"""Making, starting, stopping and ending instances, and telling of them (ErrNewInst, ErrInitComplete, ErrTermComplete)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine import lognames
from esemu.machine.effects.backup import clean_up
from esemu.machine.effects.logs import generations, report
from esemu.machine.rules.instances import ALL_SERVICES, RESUMABLE, temp_path
from esemu.machine.state import JET_INSTANCE_NIL, MODE_NOT_SET, MULTI_INSTANCE, ONE_INSTANCE, TERMINATING, Instance
from esemu.vocabulary.errors import JET_errBackupAbortByServer
from esemu.vocabulary.grbits import (
    JET_bitStopServiceAll,
    JET_bitStopServiceResume,
    JET_bitStopServiceStopAndEmitLog,
    JET_bitTermDirty,
)
from esemu.vocabulary.parameters import (
    JET_paramCreatePathIfNotExist,
    JET_paramMaxInstances,
    JET_paramRecovery,
    JET_paramTempPath,
)

if TYPE_CHECKING:
    from esemu.machine.call import Call, GrbitCall
    from esemu.machine.shapes.instances import CreateInstanceCall, InitCall
    from esemu.machine.state import Process

LOGGING_ON: Final = ("on", "repair")
"""Values of JET_paramRecovery, upper or lower case, with which the engine logs (log.hxx:2276)."""


class InstanceInfo:
    """JET_INSTANCE_INFO: an instance and the databases of it that backups see."""

    __slots__ = ("databases", "handle", "name")

    def __init__(self, handle: int, name: str | None, databases: list[str]) -> None:
        self.handle = handle
        self.name = name
        self.databases = databases

    def __repr__(self) -> str:
        return f"InstanceInfo(handle={self.handle:#x}, name={self.name!r}, databases={self.databases!r})"


def set_mode(process: Process, mode: int) -> None:
    """Set the running mode; how many instances there may be is fixed with it (jetapi.cxx:2900)."""
    process.mode = mode
    if mode == MULTI_INSTANCE:
        process.cpinst_max = int(process.parameters[JET_paramMaxInstances])
    else:
        process.cpinst_max = 0 if mode == MODE_NOT_SET else 1


def set_multi_instance(process: Process, call: Call) -> None:  # noqa: ARG001 - an effect gets both
    """The first JetCreateInstance decides that there will be several."""
    if process.mode == MODE_NOT_SET:
        set_mode(process, MULTI_INSTANCE)


def create(process: Process, call: CreateInstanceCall) -> None:
    """Make an instance."""
    instance = allocate(process, call.name or None)
    instance.display_name = call.display_name
    call.result = instance


def allocate(process: Process, name: str | None) -> Instance:
    """Put a new instance into the first free place of the table."""
    places = process.instances
    number = places.index(None) if None in places else len(places)
    instance = Instance(process, number, next(process.handles), name)
    places[number : number + 1] = [instance]
    register(process)
    return instance


def register(process: Process) -> None:
    """Note which handles find which instance; in a process with one instance most do."""
    found = {}
    for instance in process.instances:
        if instance is not None:
            found[instance.handle] = instance
            if process.mode == ONE_INSTANCE:
                found[0] = found[JET_INSTANCE_NIL] = instance
    process.found = found
    process.last_read = None  # it would keep its instance


def free(instance: Instance) -> None:
    """Take an instance out of the table; with the last one the running mode goes (FreePinst, jetapi.cxx:3773)."""
    process = instance.process
    disk = process.world.disk
    process.world.settle(instance)
    for database in instance.databases:
        if database.attached:
            disk.release(database.name)
    disk.release(lognames.current_log_name(instance))
    for session in instance.sessions:
        process.sessions.pop(session, None)
    process.instances[instance.number] = None
    instance.freed = True
    instance.snapshot = None
    if not process.live():
        process.instances.clear()
        set_mode(process, MODE_NOT_SET)
    register(process)
    instance.changed()


def find_or_allocate(process: Process, call: InitCall) -> None:
    """Settle which instance JetInit starts; where it is given none it makes one."""
    if process.mode == MODE_NOT_SET:
        set_mode(process, ONE_INSTANCE)
    call.allocated = process.mode == ONE_INSTANCE or call.handle in {0, JET_INSTANCE_NIL}
    call.instance = allocate(process, None) if call.allocated else process.found[call.handle]
    call.result = call.instance


def found(call: InitCall) -> Instance:
    """Return the instance that JetInit found or made."""
    assert call.instance is not None, call  # noqa: S101 - the step before saw to it
    return call.instance


def read_recovery(instance: Instance, call: Call) -> None:  # noqa: ARG001 - an effect gets both
    """JET_paramRecovery decides whether the instance logs; JET_paramCreatePathIfNotExist makes folders (tm.cxx:843).

    The folder of the temporary database is made too; without it JetInit succeeds, since that database comes with the first table.
    """
    instance.log.disabled = str(instance.parameters[JET_paramRecovery]).lower() not in LOGGING_ON
    if instance.parameters[JET_paramCreatePathIfNotExist]:
        if "\\" in instance.parameters[JET_paramTempPath]:  # else it is a file in the system path
            folder = temp_path(instance).rpartition("\\")[0]
            instance.process.world.disk.create_folders(f"{folder}\\")
        instance.process.world.disk.create_folders(instance.log_path)
        instance.process.world.disk.create_folders(instance.system_path)


def initialize(instance: Instance, call: InitCall) -> None:  # noqa: ARG001 - an effect gets both
    """The instance runs: its log goes on where the folder of the logs ends, and backups are allowed."""
    log, world = instance.log, instance.process.world
    if not log.disabled:
        on_disk = generations(instance)
        current, archived = lognames.current_log_name(instance), ""
        if on_disk:
            archived = lognames.log_name(instance, on_disk[-1])
            log.generation = max(on_disk[-1] + 1, log.generation)
        log.generation = world.open_log(instance, current, archived, log.generation)
        world.disk.hold(current)
        log.checkpoint = world.open_checkpoint(instance, lognames.checkpoint_name(instance), log.generation)
    instance.initialized = True
    instance.backup_allowed = True
    world.report(instance, "START_INSTANCE_DONE_ID", ())
    instance.changed()


def free_after_failed_init(instance: Instance, call: InitCall, error: int) -> None:  # noqa: ARG001 - as all refusals
    """An instance that could not be started is freed, even if JetCreateInstance made it (jetapi.cxx:21504)."""
    free(instance)
    call.result = None


def free_uninitialized(instance: Instance, call: Call) -> None:  # noqa: ARG001 - an effect gets both
    """Ending an instance that was never started only frees it."""
    free(instance)


def begin_term(instance: Instance, call: Call) -> None:  # noqa: ARG001 - an effect gets both
    """Let no more calls of sessions in, and wait for those inside; others still come in (jetapi.cxx:20893, 20904).

    A JetBackup that is inside gives way as soon as it sees the flag.
    """
    instance.term_in_progress = instance.term_waits_for_sessions = True
    instance.changed()
    instance.process.world.wait_for_calls(instance, of_sessions=True)
    instance.term_waits_for_sessions = False


def lock_api(instance: Instance, call: Call) -> None:  # noqa: ARG001 - an effect gets both
    """Let no more calls in and wait for those inside; no backup can begin any more, whatever becomes of the term.

    Source: jetapi.cxx:20931, 20937.
    """
    instance.api_lock |= TERMINATING
    instance.changed()
    instance.process.world.wait_for_calls(instance, of_sessions=False)
    instance.backup_allowed = False
    instance.changed()


def lock_snapshots(instance: Instance, call: GrbitCall) -> None:
    """Keep every other call about snapshots waiting while this one waits for a frozen one (jetapi.cxx:20951)."""
    call.waited_for_snapshot = True
    instance.process.snapshot_lock = call


def unlock_snapshots(instance: Instance, call: GrbitCall) -> None:  # noqa: ARG001 - an effect gets both
    """Let calls about snapshots in again: one of them has to end the snapshot."""
    instance.process.snapshot_lock = None
    instance.process.world.wake(instance.process)


def forget_stop_at_term(instance: Instance, call: GrbitCall) -> None:  # noqa: ARG001 - an effect gets both
    """The snapshot has let go of the instance, and of any backup that ran there (jetapi.cxx:20968)."""
    instance.backup.stop_requested = False
    instance.changed()


def end_backup_at_term(instance: Instance, call: Call) -> None:
    """Abort the backup as if it had been stopped, if there is one."""
    backup = instance.backup
    if backup.in_progress:
        clean_up(instance, call, JET_errBackupAbortByServer)
    else:
        backup.stop_requested = False
        backup.phase = 0
        instance.changed()


def give_up_term(instance: Instance, call: Call, error: int) -> None:  # noqa: ARG001 - called as all refusals are
    """The instance runs on, but `backup_allowed` is not given back: no line of the engine does."""
    instance.term_in_progress = False
    instance.api_lock &= ~TERMINATING
    instance.changed()


def terminate(instance: Instance, call: GrbitCall) -> None:
    """Shut the instance down and free it."""
    if instance.unavailable and not call.grbit & JET_bitTermDirty:
        report(instance, "STOP_INSTANCE_ID_WITH_ERROR")
    else:
        report(instance, "STOP_INSTANCE_ID")
    instance.initialized = False
    instance.api_lock &= ~TERMINATING
    for database in instance.databases:
        database.clean = not call.grbit & JET_bitTermDirty
        instance.process.world.write_header(instance, database)  # whose failure stops no term
    free(instance)


def report_dirty(instance: Instance, call: GrbitCall, error: int) -> None:  # noqa: ARG001 - called as all refusals are
    """After a dirty shutdown the flag of the term is taken back as after any that did not succeed."""
    instance.term_in_progress = False
    instance.changed()


def stop_service(instance: Instance, call: Call) -> None:
    """The instance answers no more calls, not even those that end a backup."""
    instance.causes["service"] = call
    instance.service_stopped = True
    instance.changed()


def stop_services(instance: Instance, call: GrbitCall) -> None:
    """Stop the services named, or let those go on that can (JetStopServiceInstanceEx)."""
    grbit = call.grbit
    if grbit & JET_bitStopServiceResume:
        named = grbit & ~JET_bitStopServiceResume or instance.stopped_services
        instance.stopped_services &= ~named
    elif grbit & JET_bitStopServiceStopAndEmitLog:
        instance.log.write_failed = True
    elif grbit == JET_bitStopServiceAll:
        instance.stopped_services |= RESUMABLE | ALL_SERVICES
        stop_service(instance, call)
    else:
        instance.stopped_services |= grbit
    instance.changed()


def list_instances(process: Process, call: Call) -> None:
    """Tell of every instance, initialised or not, with the databases that backups see (io.cxx:2137)."""
    call.result = [
        InstanceInfo(
            instance.handle,
            instance.name,
            [database.name for database in instance.databases if database.attached and database.logged],
        )
        for instance in process.live()
    ]
