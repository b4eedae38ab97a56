# SPDX-License-Identifier: MIT
"""From the `world` of a case to an emulated process in that very state.

Instances of a case need not be started by calls: a case may put one into any state, those included that no sequence of
calls leads to.  `fields` has checked what it says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.machine import lognames
from esemu.machine.database_state import BackupRecord, Database
from esemu.machine.effects.instances import allocate, set_mode
from esemu.machine.state import (
    CHECKPOINTING,
    INITIALIZING,
    JET_INSTANCE_NIL,
    MODE_NOT_SET,
    MULTI_INSTANCE,
    ONE_INSTANCE,
    RESTORING,
    TERMINATING,
    Process,
    Session,
)
from esemu.scenario.recorded import JournaledRecords, ScenarioWorld
from esemu.scenario.waiting import END
from esemu.vocabulary.parameters import (
    JET_paramAggressiveLogRollover,
    JET_paramCircularLog,
    JET_paramCreatePathIfNotExist,
    JET_paramFlight_EnableBackupDuringRecovery,
    JET_paramLogFilePath,
    JET_paramLogFileSize,
    JET_paramOSSnapshotTimeout,
    JET_paramSystemPath,
)
from esemu.world.content import ZeroContent
from esemu.world.faults import ReadFaults
from esemu.world.pages import PatternPages
from esemu.world.paths import folder
from esemu.world.stored_database import StoredDatabase

if TYPE_CHECKING:
    from esemu.machine.state import Instance
    from esemu.world.content import Content

MODES: Final = {"none": MODE_NOT_SET, "one": ONE_INSTANCE, "multi": MULTI_INSTANCE}
LOCKS: Final = {
    "": 0,
    "terminating": TERMINATING,
    "restoring": RESTORING,
    "initializing": INITIALIZING,
    "checkpointing": CHECKPOINTING,
}
RECORDS: Final = (("full_prev", "full_previous"), ("inc_prev", "incremental_previous"))
NEW_DATABASE_PAGES: Final = 8


class Case:
    """A case that is ready to run: the process, its instances as the case numbers them, and their sessions."""

    __slots__ = (
        "databases",
        "instances",
        "known_files",
        "process",
        "sessions",
        "several",
        "spare_databases",
        "unattached",
        "world",
    )

    def __init__(self, world: dict[str, Any]) -> None:
        self.several = "instances" in world
        self.world = ScenarioWorld(world.get("on_block", END))
        self.process = Process(self.world, "esent" if world.get("esent", True) else "ese", trace_limit=0)
        self.process.page_size = world.get("page_size", 4096)
        self.process.set_parameter(JET_paramOSSnapshotTimeout, world.get("snapshot_timeout_ms", 70_000))
        set_mode(self.process, MODES[world.get("runmode", "multi")])
        self.known_files: set[str] = set()  # those that the case begins with, in lower case
        disk = self.world.disk
        for path in ("C:\\data", "C:\\backup"):
            disk.create_folder(path)
        self.instances = [self._instance(k, given) for k, given in enumerate(_instances(world))]
        self.sessions = [self._session(instance) for instance in self.instances]
        self.databases = [list(instance.databases) for instance in self.instances]
        self.unattached = [[each for each in databases if not each.attached] for databases in self.databases]
        self.spare_databases = world.get("spare_dbs", 2 if self.several else 0)
        for path, size in world.get("extra_files", ()):
            disk.create(path, ZeroContent(size), overwrite=True)
        if world.get("runmode") == "none":
            self.process.instances.clear()
            self.process.found.clear()

    def _session(self, instance: Instance) -> int:
        """Return a session of an instance, or a number that is none's where none could have been opened."""
        if not instance.initialized:
            return JET_INSTANCE_NIL
        session = Session(instance, next(self.process.handles))
        instance.sessions[session.id] = self.process.sessions[session.id] = session
        return session.id

    def _instance(self, k: int, given: dict[str, Any]) -> Instance:
        """Make an instance in the state that the case gives it."""
        instance = allocate(self.process, given.get("name", f"inst{k}" if self.several else None))
        suffix = str(k) if k else ""
        switches = {
            JET_paramCircularLog: "circular",
            JET_paramAggressiveLogRollover: "aggressive_rollover",
            JET_paramCreatePathIfNotExist: "create_path",
            JET_paramFlight_EnableBackupDuringRecovery: "backup_during_recovery",
        }
        instance.parameters |= {
            JET_paramLogFilePath: given.get("log_path", f"C:\\logs{suffix}\\"),
            JET_paramSystemPath: given.get("system_path", f"C:\\sys{suffix}\\"),
            JET_paramLogFileSize: given.get("log_file_kb", 64),
            **{paramid: 1 for paramid, field in switches.items() if given.get(field)},
        }
        self._set_flags(instance, given)
        self._set_log(instance, given)
        for dbid, described in enumerate(given["dbs"], 1):
            instance.databases.append(self._database(instance, dbid, described, given))
        self._set_hooks(instance, given)
        return instance

    @staticmethod
    def _set_flags(instance: Instance, given: dict[str, Any]) -> None:
        instance.recovering = bool(given.get("recovering"))
        instance.allows_calls_in_recovery = bool(given.get("api_during_recovery", True))
        instance.initialized = bool(given.get("jet_initialized", not instance.recovering))
        instance.backup_allowed = bool(given.get("backup_allowed", not instance.recovering))
        instance.backup.suspended = bool(given.get("suspended"))
        instance.service_stopped = bool(given.get("stop_service"))
        instance.unavailable = int(given.get("instance_unavailable", 0))
        instance.api_lock = LOCKS[given.get("api_lock", "")]

    def _set_log(self, instance: Instance, given: dict[str, Any]) -> None:
        log, disk = instance.log, self.world.disk
        log.records = JournaledRecords(self.world.journal, instance.number)
        log.generation = given.get("gen_cur", 1)
        log.checkpoint = given.get("checkpoint", 1)
        log.disabled = bool(given.get("log_disabled"))
        log.write_failed = bool(given.get("log_write_fail"))
        log.disk_full = bool(given.get("log_disk_full"))
        log.sequence_end = bool(given.get("log_sequence_end"))
        log.checkpoint_unreadable = bool(given.get("checkpoint_unreadable"))
        log.header_write_fails = bool(given.get("hdr_write_fail"))
        log.corrupt_generations = frozenset(given.get("corrupt_gens", ()))
        disk.create_folders(instance.log_path)
        disk.create_folders(instance.system_path)
        for generation in range(given.get("gen_first", 1), log.generation):
            if generation not in given.get("missing_gens", ()):
                path = lognames.log_name(instance, generation)
                if not disk.create(path, self.world.log_file(instance, generation), overwrite=True):
                    self.known_files.add(path.lower())
        current = lognames.current_log_name(instance)
        self._create(current, self.world.log_file(instance, log.generation))
        disk.hold(current)
        checkpoint = lognames.checkpoint_name(instance)
        self.world.open_checkpoint(instance, checkpoint, log.checkpoint)
        self.known_files.add(checkpoint.lower())
        log.checkpoint = given.get("checkpoint", 1)

    def _create(self, path: str, content: Content) -> None:
        """Make a file that has to be there.  Raises ValueError where none can be."""
        error = self.world.disk.create(path, content, overwrite=True)
        if error:
            raise ValueError(f"no file can be made at {path!r} (error {error})")
        self.known_files.add(path.lower())

    def _database(self, instance: Instance, dbid: int, described: dict[str, Any], given: dict[str, Any]) -> Database:
        page_size = self.process.page_size
        self.world.databases += 1
        pages = PatternPages(self.world.databases, page_size)
        database = Database(described["name"], dbid, described.get("pages", NEW_DATABASE_PAGES), page_size, pages)
        database.read_only = bool(described.get("read_only"))
        database.logged = bool(described.get("logged", True)) and not (database.read_only or instance.log.disabled)
        database.attached = bool(described.get("attached", True))
        database.attached_for_recovery = bool(described.get("attached_for_recovery", given.get("recovering")))
        database.required_low, database.required_high = instance.log.checkpoint, instance.log.generation
        for field, place in RECORDS:
            if field in described:
                low, high = described[field]
                setattr(database, place, BackupRecord(low, high, described.get(f"{field}_type", 0), low << 32))
        stored = StoredDatabase(pages, database.last_page)
        stored.database = database
        self.world.disk.create_folders(folder(database.name))
        self._create(database.name, stored)
        self.world.disk.hold(database.name)
        return database

    def _set_hooks(self, instance: Instance, given: dict[str, Any]) -> None:
        """Arrange what is to fail, or to happen, while certain pages are read."""

        def faults(dbid: int) -> ReadFaults:
            database = instance.databases[dbid - 1]
            if database.faults is None:
                database.faults = ReadFaults()
            return database.faults  # type: ignore[return-value]

        for dbid, pgno, times in given.get("read_errors", ()):
            faults(dbid).fail(pgno, times)
        if "stop_at_page" in given:
            dbid, pgno = given["stop_at_page"]
            faults(dbid).on_page(pgno, lambda: _stop(instance))
        if "term_at_page" in given:
            dbid, pgno = given["term_at_page"]
            faults(dbid).on_page(pgno, lambda: _begin_term(instance))


def _stop(instance: Instance) -> None:
    instance.backup.stop_requested = True
    instance.changed()


def _begin_term(instance: Instance) -> None:
    instance.term_in_progress = True
    instance.changed()


def _instances(world: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the instances of a case; with several, each takes from the world what it does not say itself."""
    if "instances" not in world:
        return [world]
    shared = {field: value for field, value in world.items() if field not in {"stop_at_page", "term_at_page"}}
    return [shared | each for each in world["instances"]]
