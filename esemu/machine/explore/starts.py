# SPDX-License-Identifier: MIT
"""Where explorations start: emulated processes with an instance or several, described as the worlds of scenarios are.

An instance has databases of one page each and archived logs.  A database that was backed up before can be backed
up incrementally; the variants turn the switches that a client cannot turn by a call.
"""

from __future__ import annotations

from typing import Any, Final

from esemu.machine import lognames
from esemu.machine.database_state import BackupRecord, Database
from esemu.machine.effects.instances import allocate, set_mode
from esemu.machine.explore.bare import BareDisk, BareFile, BarePages, BareWorld
from esemu.machine.state import (
    CHECKPOINTING,
    INITIALIZING,
    MODE_NOT_SET,
    MULTI_INSTANCE,
    ONE_INSTANCE,
    RESTORING,
    TERMINATING,
    Instance,
    Process,
    Session,
)
from esemu.vocabulary.parameters import (
    JET_paramAggressiveLogRollover,
    JET_paramCircularLog,
    JET_paramFlight_EnableBackupDuringRecovery,
    JET_paramLogFilePath,
    JET_paramLogFileSize,
    JET_paramSystemPath,
)

MODES: Final = {"none": MODE_NOT_SET, "one": ONE_INSTANCE, "multi": MULTI_INSTANCE}
LOCKS: Final = {
    "": 0,
    "terminating": TERMINATING,
    "restoring": RESTORING,
    "initializing": INITIALIZING,
    "checkpointing": CHECKPOINTING,
}
SWITCHES: Final = {
    "circular": JET_paramCircularLog,
    "aggressive_rollover": JET_paramAggressiveLogRollover,
    "backup_during_recovery": JET_paramFlight_EnableBackupDuringRecovery,
}
FOLDERS: Final = ("C:", "C:\\app", "C:\\data", "C:\\backup", "C:\\logs", "C:\\sys", "C:\\logs1", "C:\\sys1")

FIRST: Final[dict[str, Any]] = {"name": "C:\\data\\a.edb", "pages": 1, "full_prev": [1, 1]}
SECOND: Final[dict[str, Any]] = {"name": "C:\\data\\b.edb", "pages": 1, "full_prev": [1, 1]}

MAIN: Final[dict[str, Any]] = {
    "dbs": [FIRST, SECOND],
    "gen_first": 1,
    "gen_cur": 3,
    "checkpoint": 3,
    "log_file_kb": 8,
}
"""Two databases that were backed up before, logs 1 and 2 archived, both behind the checkpoint."""


def start(world: dict[str, Any]) -> Process:
    """Return a process in the state that the world of a scenario describes."""
    log_size = world["log_file_kb"] * 1024
    process = Process(BareWorld(BareDisk(FOLDERS), log_size), "esent" if world.get("esent", True) else "ese", 0)
    set_mode(process, MODES[world.get("runmode", "multi")])
    for number, described in enumerate(world.get("instances", ({},))):
        _add_instance(process, number, {**world, **described})
    if process.mode == MODE_NOT_SET:
        process.instances.clear()
        process.sessions.clear()
        process.found.clear()
    return process


def _add_instance(process: Process, number: int, world: dict[str, Any]) -> None:
    instance = allocate(process, world.get("name"))
    instance.parameters |= {
        JET_paramLogFilePath: f"C:\\logs{number or ''}\\",
        JET_paramSystemPath: f"C:\\sys{number or ''}\\",
        JET_paramLogFileSize: world["log_file_kb"],
        **{paramid: 1 for field, paramid in SWITCHES.items() if world.get(field)},
    }
    _set_flags(instance, world)
    _set_log(instance, world)
    for dbid, described in enumerate(world["dbs"], 1):
        instance.databases.append(_database(instance, dbid, described, world))
    if instance.initialized:
        session = Session(instance, next(process.handles))
        instance.sessions[session.id] = process.sessions[session.id] = session


def _set_flags(instance: Instance, world: dict[str, Any]) -> None:
    instance.recovering = bool(world.get("recovering"))
    instance.allows_calls_in_recovery = bool(world.get("api_during_recovery", True))
    instance.initialized = bool(world.get("jet_initialized", not instance.recovering))
    instance.backup_allowed = bool(world.get("backup_allowed", instance.initialized))
    instance.backup.suspended = bool(world.get("suspended"))
    instance.unavailable = world.get("instance_unavailable", 0)
    instance.api_lock = LOCKS[world.get("api_lock", "")]


def _set_log(instance: Instance, world: dict[str, Any]) -> None:
    log, disk = instance.log, instance.process.world.disk
    log.generation, log.checkpoint = world["gen_cur"], world["checkpoint"]
    log.disabled = bool(world.get("log_disabled"))
    log.write_failed = bool(world.get("log_write_fail"))
    log.disk_full = bool(world.get("log_disk_full"))
    log.sequence_end = bool(world.get("log_sequence_end"))
    log.checkpoint_unreadable = bool(world.get("checkpoint_unreadable"))
    log.corrupt_generations = frozenset(world.get("corrupt_gens", ()))
    for generation in range(world["gen_first"], log.generation):
        content = instance.process.world.log_file(instance, generation)
        disk.create(lognames.log_name(instance, generation), content, overwrite=True)
    current = lognames.current_log_name(instance)
    disk.create(current, instance.process.world.log_file(instance, log.generation), overwrite=True)
    disk.hold(current)
    for path, size in world.get("extra_files", ()):
        disk.create(path, BareFile(size), overwrite=True)


def _database(instance: Instance, dbid: int, described: dict[str, Any], world: dict[str, Any]) -> Database:
    page_size = instance.process.page_size
    pages: Any = BarePages()  # without `read`: nobody looks at bytes here
    database = Database(described["name"], dbid, described["pages"], page_size, pages)
    database.logged = not instance.log.disabled
    database.attached_for_recovery = bool(described.get("attached_for_recovery", world.get("recovering")))
    if "full_prev" in described:
        low, high = described["full_prev"]
        database.full_previous = BackupRecord(low, high, described.get("full_prev_type", 0), low << 32)
    file = BareFile((database.last_page + 2) * page_size, database.last_page)
    file.database = database
    disk = instance.process.world.disk
    disk.create(database.name, file, overwrite=True)
    disk.hold(database.name)
    return database
