# SPDX-License-Identifier: MIT
"""What a restore does: it finds the set, copies databases, rewrites their headers, and goes through the logs.

Redo itself is not emulated: the logs are looked through, and where one holds records that would change a page, the world
raises NotEmulated instead of bringing a database up to date with less than the log says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine import lognames
from esemu.machine.effects.instances import allocate, free, set_mode
from esemu.machine.effects.logs import report, roll_log
from esemu.machine.state import MODE_NOT_SET, MULTI_INSTANCE, ONE_INSTANCE, RESTORING
from esemu.vocabulary import errors as err
from esemu.vocabulary.failures import NotEmulated
from esemu.vocabulary.parameters import (
    JET_paramBaseName,
    JET_paramCreatePathIfNotExist,
    JET_paramLogFilePath,
    JET_paramSystemPath,
    JET_paramTempPath,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.machine.shapes.restore import ExternalRestoreCall, RestoreCall
    from esemu.machine.state import Instance, Process

BEGIN_STATUS, PROGRESS_STATUS, COMPLETE_STATUS = 5, 0, 6
"""JET_sntBegin, JET_sntProgress and JET_sntComplete (jethdr.w)."""

NAME: Final = "Restore"
"""wszRestoreInstanceName: what an instance that a restore makes for itself is called (jetapi.cxx:22155)."""

LOG_CORRUPTION: Final = frozenset(
    {
        err.JET_errLogFileCorrupt,
        err.JET_errLogCorruptDuringHardRestore,
        err.JET_errLogTornWriteDuringHardRestore,
    }
)
"""Errors after which no event 454 is reported: FErrIsLogCorruption."""


# The instance.


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
    wanted = call.target_log_path if call.target_log_path is None else _folder(disk.complete(call.target_log_path))
    for instance in process.live():
        named = call.target_name is not None and instance.name == call.target_name
        logs_there = wanted is not None and _folder(disk.complete(instance.log_path)).lower() == wanted.lower()
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
            folder = value if paramid == JET_paramBaseName else _folder(value)
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


# The set.


def complete_destination(instance: Instance, call: RestoreCall) -> None:
    """Work out where databases go, and make the folder if JET_paramCreatePathIfNotExist says so."""
    if call.destination is not None:
        disk = instance.process.world.disk
        call.destination = _folder(disk.complete(call.destination))
        if instance.parameter(JET_paramCreatePathIfNotExist):
            disk.create_folders(call.destination)


def take_folder(instance: Instance, call: RestoreCall) -> None:
    """Work out the folder with the logs of the set."""
    call.folder = _folder(instance.process.world.disk.complete(call.path or ""))


def find_logs(instance: Instance, call: RestoreCall) -> None:
    """Find the first and the last log: in the folder, or in `new` in it, or in `old` in that (logutil.cxx:1060-1111)."""
    disk = instance.process.world.disk
    call.low, call.high = _range(instance, call.folder)
    for name in ("new", "old"):
        inner = call.folder + name
        if not call.low and disk.exists(inner):
            call.folder = inner + "\\"
            call.low, call.high = _range(instance, call.folder)


def make_folders(instance: Instance, call: RestoreCall) -> None:  # noqa: ARG001 - an effect gets both
    """An external restore makes the folders that it needs (logutil.cxx:1407)."""
    disk = instance.process.world.disk
    for folder in (instance.system_path, instance.log_path):
        disk.create_folders(folder)


def each_log(instance: Instance, call: RestoreCall) -> Iterator[Instance]:
    """Go through the logs of the set."""
    call.log = None
    for generation in range(call.low, call.high + 1):
        _turn_to(instance, call, generation, lognames.log_name(instance, generation, call.folder))
        yield instance


def each_later_log(instance: Instance, call: RestoreCall) -> Iterator[Instance]:
    """Go through the logs behind the set: those in the folder of the logs and the current one, or those of the target."""
    disk = instance.process.world.disk
    owner = instance if call.target is None or not call.target_high else call.target
    if _folder(disk.complete(owner.log_path)).lower() == call.folder.lower() and owner is instance:
        last, current = call.high, False
    else:
        last, current = _range(owner, owner.log_path)[1], owner is instance
    if owner is not instance:
        last = call.target_high
    elif current and 0 < last < call.high:
        raise NotEmulated(f"the logs in {owner.log_path} end before those of the set, and which count is not emulated")
    for generation in range(call.high + 1, last + 1):
        _turn_to(instance, call, generation, lognames.log_name(owner, generation))
        yield instance
    name = lognames.current_log_name(owner)
    if current and not disk.error_opening(name):
        _turn_to(instance, call, max(last, call.high) + 1, name)
        yield instance


def _turn_to(instance: Instance, call: RestoreCall, generation: int, name: str) -> None:
    call.previous, call.log = call.log, None
    call.generation, call.log_file = generation, name
    if not instance.process.world.disk.error_opening(name):
        call.log = instance.process.world.saved_set().log(name)


def keep_log(instance: Instance, call: RestoreCall) -> None:  # noqa: ARG001 - an effect gets both
    """Note a log that is good so far."""
    call.logs.append(call.log)
    call.log.name_generation = call.generation


def report_log(instance: Instance, call: RestoreCall, error: int) -> None:
    """Tell of a log that is not as it should be."""
    if error == err.JET_errGivenLogFileIsNotContiguous:
        report(instance, "RESTORE_LOG_FILE_NOT_CONTIGUOUS_ERROR_ID", str(call.generation))
    elif error == err.JET_errBadLogVersion:
        report(instance, "LOG_BAD_VERSION_ERROR_ID", call.log_file)
    elif error in {err.JET_errLogFileCorrupt, err.JET_errBadLogSignature}:
        report(instance, "LOG_HEADER_READ_ERROR_ID", call.log_file, str(error))


def report_later_log(instance: Instance, call: RestoreCall, error: int) -> None:
    """Tell of a log behind the set that does not fit."""
    name = call.log_file.rpartition("\\")[2]
    if error == err.JET_errMissingCurrentLogFiles:
        report(instance, "CURRENT_LOG_FILE_MISSING_ERROR_ID", call.log_file)
    elif error == err.JET_errExistingLogFileHasBadSignature:
        report(instance, "EXISTING_LOG_FILE_HAS_BAD_SIGNATURE_ERROR_ID_2", name)
    elif error == err.JET_errExistingLogFileIsNotContiguous:
        before = lognames.log_name(instance, call.generation - 1, "")
        report(instance, "EXISTING_LOG_FILE_NOT_CONTIGUOUS_ERROR_ID_2", before, name)
    else:
        report_log(instance, call, error)


def report_start(instance: Instance, call: RestoreCall) -> None:
    """Tell that the restore begins, from where and how far it goes on."""
    report(instance, "START_RESTORE_ID", call.folder, instance.log_path)


def report_end(instance: Instance, call: RestoreCall) -> None:  # noqa: ARG001 - an effect gets both
    """Tell that the restore is over."""
    report(instance, "STOP_RESTORE_ID")


def report_failure(instance: Instance, call: RestoreCall, error: int) -> None:
    """Tell of the error, unless it is that of a damaged log, and that the restore is over."""
    if error not in LOG_CORRUPTION:
        report(instance, "RESTORE_DATABASE_FAIL_ID", str(error))
    report_end(instance, call)


# The databases.


def list_attached(instance: Instance, call: RestoreCall) -> None:
    """Take the databases that the logs have attached; those without a patch file in the set are skipped.

    The engine sees them in the header of the first log, and later ones in records of their attachment, which logs of
    esemu's own do not hold: the headers of the later logs stand for those.
    """
    disk = instance.process.world.disk
    stems = {_stem(name) for name in disk.names(call.folder) if name.lower().endswith(".pat")}
    for name in dict.fromkeys(name for log in call.logs for name in log.attached):
        file = name.rpartition("\\")[2]
        if _stem(file) in stems and disk.exists(call.folder + file):
            target = name if call.destination is None else call.destination + file
            call.databases.append((call.folder + file, target))
        else:
            call.skipped = (*call.skipped, name)


def each_database(instance: Instance, call: RestoreCall) -> Iterator[Instance]:
    """Go through the databases that are restored."""
    for source, target in call.databases:
        call.source, call.database_name = source, instance.process.world.disk.complete(target) or target
        yield instance


def copy_database(instance: Instance, call: RestoreCall) -> None:
    """Copy a database out of the set, over whatever is there."""
    disk = instance.process.world.disk
    call.disk_error = 0
    if call.source.lower() != call.database_name.lower():
        call.disk_error = disk.create(call.database_name, disk.content(call.source), overwrite=True)


def read_database(instance: Instance, call: RestoreCall) -> None:
    """Read header and trailer."""
    call.database = instance.process.world.saved_set().database(call.database_name)


def report_mismatch(instance: Instance, call: RestoreCall, error: int) -> None:
    """Tell of a trailer that belongs to something else."""
    if error == err.JET_errDatabasePatchFileMismatch:
        report(instance, "DATABASE_PATCH_FILE_MISMATCH_ERROR_ID", call.database_name)


def end_backup_range(instance: Instance, call: RestoreCall) -> None:
    """Put the last generation of the set into the header, and zeros over the trailer (logutil.cxx:194-235).

    Logs that begin too late or end too early are an event and no error: the engine overwrites it.
    """
    database, first, last = call.database, call.low, call.high
    low, high = database.backup_range
    if low < first:
        names = (lognames.log_name(instance, number) for number in (first, low))
        report(instance, "STARTING_RESTORE_LOG_TOO_HIGH_ERROR_ID", *names)
    elif high > last:
        names = (lognames.log_name(instance, number) for number in (last, high))
        report(instance, "ENDING_RESTORE_LOG_TOO_LOW_ERROR_ID", *names)
    call.disk_error = database.end_backup_range(last)


def keep_database(instance: Instance, call: RestoreCall) -> None:  # noqa: ARG001 - an effect gets both
    """Note a database that can be brought up to date."""
    call.checked.append(call.database)


def report_missing_first(instance: Instance, call: RestoreCall, error: int) -> None:
    """Tell which logs a database requires."""
    if error == err.JET_errRequiredLogFilesMissing:
        database = call.database
        required = (str(database.required_low), str(database.committed_high), str(call.low))
        report(instance, "REDO_MISSING_LOW_LOG_ERROR_ID", call.database_name, *required)


# Redo.


def tell_begin(instance: Instance, call: RestoreCall) -> None:
    """Call the status callback for the first time."""
    call.percent = 0
    _tell(instance, call, BEGIN_STATUS, 0)


def replay_order(instance: Instance, call: RestoreCall) -> Iterator[Instance]:
    """Go through all logs in the order of redo."""
    call.log = None
    for log in call.logs:
        call.previous, call.log = call.log, log
        call.generation, call.log_file = log.name_generation, log.path
        yield instance


def tell_progress(instance: Instance, call: RestoreCall) -> None:
    """Call the status callback after a log, with the share of logs that are replayed (logredo.cxx:12298)."""
    percent = 100 * (call.logs.index(call.log) + 1) // len(call.logs)
    if percent > call.percent:
        call.percent = percent
        _tell(instance, call, PROGRESS_STATUS, percent)


def report_damaged_log(instance: Instance, call: RestoreCall, error: int) -> None:
    """Tell of a log that redo cannot get through."""
    if error in LOG_CORRUPTION:
        report(instance, "LOG_CORRUPTION_DURING_HARD_RESTORE_ID", call.log_file, "", str(call.log.bad_segment))
    elif error == err.JET_errInvalidLogSequence:
        report(instance, "REDO_REQUIRED_LOG_CORRUPT", call.log_file, str(error))
    elif error == err.JET_errLogSequenceChecksumMismatch:
        sums = (f"{sum_:x}" for sum_ in (call.log.previous_checksum, call.previous.segments_checksum))
        report(instance, "LOG_LAST_SEGMENT_CHECKSUM_MISMATCH_ID", call.log_file, *sums)


def report_left_out(instance: Instance, call: RestoreCall, error: int) -> None:
    """Name the databases that the set does not have."""
    for name in call.skipped:
        report(instance, "ATTACHED_DB_MISMATCH_END_OF_RECOVERY_ID", str(error), name)


def finish(instance: Instance, call: RestoreCall) -> None:
    """Leave the databases shut down cleanly, and a log to go on with.  Raises NotEmulated where there is real redo."""
    world = instance.process.world
    for log in call.logs:
        log.refuse_redo(call.checked)
    for database in call.checked:
        database.shut_down()
    instance.log.generation = call.logs[-1].generation + 1
    current = lognames.current_log_name(instance)
    generation = world.open_log(instance, current, call.logs[-1].path, instance.log.generation)
    world.open_checkpoint(instance, lognames.checkpoint_name(instance), generation)


def tell_complete(instance: Instance, call: RestoreCall) -> None:
    """Call the status callback for the last time."""
    _tell(instance, call, COMPLETE_STATUS, 100)


def warn_of_target(process: Process, call: ExternalRestoreCall) -> None:  # noqa: ARG001 - an effect gets both
    """Tell the caller that the target runs: somebody has to take care of the logs (logutil.cxx:1731)."""
    if call.target_high:
        call.warning = err.JET_wrnTargetInstanceRunning


def _tell(instance: Instance, call: RestoreCall, status: int, percent: int) -> None:
    """Call the status callback, which may call the engine; what it returns is ignored."""
    if (callback := call.status) is not None:
        instance.process.world.outside(instance, lambda: callback(status, percent))


def _range(instance: Instance, folder: str) -> tuple[int, int]:
    found = (lognames.generation_of(instance, path) for path in instance.process.world.disk.names(folder))
    generations = [generation for generation in found if generation and generation > 0]
    return (min(generations), max(generations)) if generations else (0, 0)


def _folder(path: str | None) -> str:
    """Return a folder with its backslash; a path that is too long was refused, or leads to nothing."""
    folder = path or ""
    return folder if folder.endswith("\\") else folder + "\\"


def _stem(path: str) -> str:
    return path.rpartition("\\")[2].rpartition(".")[0].lower()
