# SPDX-License-Identifier: MIT
"""What a restore does with its set: it finds the logs, copies the databases and rewrites their headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esemu.machine import lognames
from esemu.machine.effects.logs import report
from esemu.machine.effects.redo import LOG_CORRUPTION
from esemu.vocabulary import errors as err
from esemu.vocabulary.failures import NotEmulated
from esemu.vocabulary.parameters import (
    JET_paramCreatePathIfNotExist,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.machine.shapes.restore import RestoreCall
    from esemu.machine.state import Instance

# The set.


def complete_destination(instance: Instance, call: RestoreCall) -> None:
    """Work out where databases go, and make the folder if JET_paramCreatePathIfNotExist says so."""
    if call.destination is not None:
        disk = instance.process.world.disk
        call.destination = lognames.as_folder(disk.complete(call.destination))
        if instance.parameter(JET_paramCreatePathIfNotExist):
            disk.create_folders(call.destination)


def take_folder(instance: Instance, call: RestoreCall) -> None:
    """Work out the folder with the logs of the set."""
    call.folder = lognames.as_folder(instance.process.world.disk.complete(call.path or ""))


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
    if lognames.as_folder(disk.complete(owner.log_path)).lower() == call.folder.lower() and owner is instance:
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


def _range(instance: Instance, folder: str) -> tuple[int, int]:
    found = (lognames.generation_of(instance, path) for path in instance.process.world.disk.names(folder))
    generations = [generation for generation in found if generation and generation > 0]
    return (min(generations), max(generations)) if generations else (0, 0)


def _stem(path: str) -> str:
    """Return the name of a file without its extension, if it has one, in lower case."""
    name = path.rpartition("\\")[2].lower()
    return name.rpartition(".")[0] or name
