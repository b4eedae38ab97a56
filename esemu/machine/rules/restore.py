# SPDX-License-Identifier: MIT
"""What stands in the way of a restore (JetRestoreInstance, JetExternalRestore): its arguments, the logs, the databases.

The rules about a log or a database look at what the world has read of it, `call.log` and `call.database`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine import lognames
from esemu.machine.state import JET_INSTANCE_NIL, MULTI_INSTANCE, ONE_INSTANCE
from esemu.machine.step import UNDEFINED, rule
from esemu.vocabulary import errors as err
from esemu.vocabulary.grbits import JET_bitEightDotThreeSoftCompat
from esemu.vocabulary.parameters import JET_paramBaseName

if TYPE_CHECKING:
    from esemu.machine.shapes.restore import ExternalRestoreCall, RestoreCall
    from esemu.machine.state import Instance, Process

PATH_MAX: Final = 259
"""IFileSystemAPI::cchPathMax - 1: from so many characters on a path is too long for a backslash behind it."""

MAP_MAX: Final = 14
"""dbidMax * 2: entries of a restore map (rstmap.cxx:967)."""

FIVE_DIGITS: Final = 5


# The instance.


@rule(err.JET_errRunningInMultiInstanceMode, source="jetapi.cxx:2961")
def several_instances(process: Process) -> bool:
    """The process runs several instances, and a form for the only one was called."""
    return process.mode == MULTI_INSTANCE


@rule(source="jetapi.cxx:22147")
def instance_is_made(process: Process, call: RestoreCall) -> bool:  # noqa: ARG001 - a rule about the call
    """No instance is given: the call makes one for itself."""
    return call.handle in {0, JET_INSTANCE_NIL}


@rule(source="jetapi.cxx:22163")
def instance_is_given(process: Process, call: RestoreCall) -> bool:  # noqa: ARG001 - a rule about the call
    """An instance is given."""
    return call.handle not in {0, JET_INSTANCE_NIL}


@rule(err.JET_errInvalidParameter, source="jetapi.cxx:22164")
def instance_to_restore_unknown(process: Process, call: RestoreCall) -> bool:
    """No instance has this handle; the engine of a process with one instance finds that one."""
    return process.found.get(call.handle) is None and not (process.mode == ONE_INSTANCE and process.live())


# Arguments.


@rule(err.JET_errInvalidParameter, source="jetapi.cxx:18823")
def log_info_invalid(process: Process, call: ExternalRestoreCall) -> bool:  # noqa: ARG001 - a rule about the call
    """No JET_LOGINFO is given, or its cbSize is wrong."""
    return call.info_missing


@rule(err.JET_errInvalidParameter, source="jetapi.cxx:18400")
def map_without_count(process: Process, call: ExternalRestoreCall) -> bool:  # noqa: ARG001 - a rule about the call
    """The map is NULL and its count is not 0, or the other way round; only the ANSI forms look."""
    return call.no_map != (call.map_count == 0)


@rule(err.JET_errInvalidParameter, source="jetapi.cxx:18504")
def half_of_target_folders(process: Process, call: ExternalRestoreCall) -> bool:  # noqa: ARG001 - a rule about the call
    """One of the folders of the target instance is given without the other."""
    return (call.target_log_path is None) != (call.target_system_path is None)


@rule(err.JET_errInvalidParameter, source="jetapi.cxx:18511")
def target_named_twice(process: Process, call: ExternalRestoreCall) -> bool:  # noqa: ARG001 - a rule about the call
    """The target instance is given by its name and by its folders."""
    return call.target_name is not None and call.target_log_path is not None


@rule(err.JET_errRunningInOneInstanceMode, source="jetapi.cxx:18525")
def one_instance_only(process: Process) -> bool:
    """The process was started with the only instance that it will have, and this restore needs another."""
    return process.mode == ONE_INSTANCE


@rule(err.JET_errBadRestoreTargetInstance, source="jetapi.cxx:18576")
def target_not_running(process: Process, call: ExternalRestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """No instance has the name of the target, and nobody says where its logs are."""
    return call.target_name is not None and call.target is None


@rule(source="jetapi.cxx:18565")
def target_runs(process: Process, call: ExternalRestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """The target instance is there."""
    return call.target is not None


@rule(err.JET_errBadRestoreTargetInstance, source="jetapi.cxx:18302")
def target_with_other_base_name(instance: Instance, call: ExternalRestoreCall) -> bool:
    """The logs of the target begin with other letters than those of the set."""
    base = call.base_name or instance.process.parameters[JET_paramBaseName]
    return instance.base_name[:3].lower() != str(base)[:3].lower()


@rule(err.JET_errLogWriteFail, source="jetapi.cxx:18339")
def target_cannot_log(instance: Instance) -> bool:
    """The target has to log the restore, and its log cannot be written."""
    return not instance.circular and instance.log.write_failed


@rule(UNDEFINED, source="logutil.cxx:993")
def restore_path_missing(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - a rule about the call
    """The folder of the backup is NULL: the engine copies it without a test."""
    return call.path is None


@rule(err.JET_errInvalidPath, source="logutil.cxx:989")
def restore_path_too_long(instance: Instance, call: RestoreCall) -> bool:
    """The folder of the backup, as given or complete, has more characters than the engine has room for."""
    path = call.path or ""
    return len(path) >= PATH_MAX or instance.process.world.disk.complete(path) is None


@rule(err.JET_errInvalidPath, source="logutil.cxx:1020")
def destination_too_long(instance: Instance, call: RestoreCall) -> bool:
    """The full path of the folder for the databases has more characters than the engine has room for."""
    return call.destination is not None and instance.process.world.disk.complete(call.destination) is None


@rule(err.JET_errInvalidParameter, source="rstmap.cxx:967")
def map_too_long(instance: Instance, call: ExternalRestoreCall) -> bool:  # noqa: ARG001 - a rule about the call
    """The map has more entries than an instance could have databases twice over, or a negative number of them."""
    return not 0 <= call.map_count <= MAP_MAX


@rule(UNDEFINED, source="logutil.cxx:268")
def generations_reversed(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - a rule about the call
    """The first generation is behind the last one: the engine then compares headers that it has not read."""
    return call.low > call.high


# The logs of the set.


@rule(err.JET_errLogGenerationMismatch, source="logstream.cxx:3427")
def five_digits_in_set(instance: Instance, call: RestoreCall) -> bool:
    """A log has five digits in its name, and JET_paramLegacyFileNames does not allow that."""
    if instance.legacy_file_names & JET_bitEightDotThreeSoftCompat:
        return False
    place = len(call.folder) + len(instance.base_name)
    names = instance.process.world.disk.names(call.folder)
    logs = [name for name in names if lognames.generation_of(instance, name) is not None]
    return any(name.find(".", place) - place == FIVE_DIGITS for name in logs)


@rule(err.JET_errFileNotFound, source="logutil.cxx:1113")
def no_log_in_set(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """There is no log in the folder of the backup, nor in its folders `new` and `old`."""
    return not call.low


@rule(
    source="logutil.cxx:284",
    errors=(err.JET_errFileNotFound, err.JET_errInvalidPath, err.JET_errFileAccessDenied),
)
def log_missing(instance: Instance, call: RestoreCall) -> int:
    """A log between the first and the last generation is missing, or cannot be opened."""
    return instance.process.world.disk.error_opening(call.log_file)


@rule(
    source="log.cxx:957",
    errors=(
        err.JET_errLogFileCorrupt,
        err.JET_errFileInvalidType,
        err.JET_errBadLogVersion,
        err.JET_errDiskIO,
    ),
)
def log_header_bad(instance: Instance, call: RestoreCall) -> int:  # noqa: ARG001 - left in the call
    """The header of a log is damaged, no log's, or of a format that the engine does not know."""
    return int(call.log.header_error)


@rule(err.JET_errBadLogSignature, source="log.cxx:4005")
def log_of_another_sequence(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """A log has another signature than the first one of the set."""
    return bool(call.logs) and call.log.sign_log != call.logs[0].sign_log


@rule(err.JET_errPageSizeMismatch, source="logstream.cxx:570")
def log_of_other_page_size(instance: Instance, call: RestoreCall) -> bool:
    """A log was written by an engine with pages of another size."""
    return bool(call.log.page_size != instance.process.page_size)


@rule(err.JET_errLogFileSizeMismatch, source="logstream.cxx:577")
def log_of_other_size(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """A log is not as long as its header says, or as the first one of the set."""
    return call.log.size != call.log.stated_size or (bool(call.logs) and call.log.size != call.logs[0].size)


@rule(err.JET_errGivenLogFileIsNotContiguous, source="logutil.cxx:355")
def log_not_contiguous(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """A log was created after another one than that which is before it in the set."""
    return call.previous is not None and call.log.previous_created != call.previous.created


# The logs behind those of the set.


@rule(err.JET_errMissingCurrentLogFiles, source="logutil.cxx:542")
def later_log_missing(instance: Instance, call: RestoreCall) -> bool:
    """The folder of the logs has later ones than the set, and one between them is missing."""
    return bool(instance.process.world.disk.error_opening(call.log_file))


@rule(err.JET_errExistingLogFileHasBadSignature, source="logutil.cxx:586")
def later_log_of_another_sequence(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """A log in the folder of the logs has another signature than those of the set."""
    return bool(call.log.sign_log != call.logs[0].sign_log)


@rule(err.JET_errExistingLogFileIsNotContiguous, source="logutil.cxx:716")
def later_log_not_contiguous(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """A log in the folder of the logs does not follow the one before it, or the last one of the set."""
    return bool(call.log.previous_created != call.previous.created)


# The databases.


@rule(err.JET_errPatchFileMissing, source="rstmap.cxx:328")
def patch_files_missing(instance: Instance, call: RestoreCall) -> bool:
    """There is no file with the extension .pat in the set: JetBackup leaves an empty one for each database."""
    names = instance.process.world.disk.names(call.folder)
    return not any(name.lower().endswith(".pat") for name in names)


@rule(
    source="rstmap.cxx:460",
    errors=(err.JET_errInvalidPath, err.JET_errFileAccessDenied, err.JET_errDiskFull, err.JET_errDiskIO),
)
def database_not_copied(instance: Instance, call: RestoreCall) -> int:  # noqa: ARG001 - left in the call
    """The database could not be copied from the set to where it is to go."""
    return call.disk_error


@rule(
    source="logutil.cxx:34",
    errors=(err.JET_errFileNotFound, err.JET_errInvalidPath, err.JET_errFileAccessDenied),
)
def database_file_missing(instance: Instance, call: RestoreCall) -> int:
    """The file of a database is not where the map says, or cannot be opened."""
    return instance.process.world.disk.error_opening(call.database_name)


@rule(err.JET_errDatabaseCorrupted, source="logutil.cxx:46")
def database_header_bad(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """Neither of the two headers of a database is good."""
    return not call.database.has_header


@rule(err.JET_errDatabaseCorrupted, source="logutil.cxx:54")
def database_of_another_kind(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """The header says that the file is something else than a database."""
    return bool(call.database.attributes != 0)


@rule(err.JET_errRestoreOfNonBackupDatabase, source="logutil.cxx:98")
def database_of_no_backup(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """The header names no first generation: the database is no copy that a backup made."""
    return bool(call.database.gen_low == 0)


@rule(source="logutil.cxx:109")
def trailer_not_used_yet(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """No restore has put the trailer into the header yet; if one has, nobody looks at the trailer again."""
    return bool(call.database.gen_high == 0)


@rule(err.JET_errDatabaseCorrupted, source="db.cxx:3548")
def database_too_short(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """The file has less than three pages, so that there is none for a trailer."""
    return bool(call.database.trailer_problem == err.JET_errDatabaseCorrupted)


@rule(err.JET_errBadPatchPage, source="db.cxx:3669")
def trailer_bad(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """The last page of the file is no trailer, or a damaged one."""
    return bool(call.database.trailer_problem == err.JET_errBadPatchPage)


@rule(err.JET_errDatabasePatchFileMismatch, source="logutil.cxx:120")
def trailer_of_another(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """The trailer, or the database itself, belongs to another database, other logs, or another backup."""
    database = call.database
    other_logs = database.sign_log != call.logs[0].sign_log
    return bool(database.trailer_problem == err.JET_errDatabasePatchFileMismatch or other_logs)


@rule(
    source="logutil.cxx:219",
    errors=(err.JET_errFileAccessDenied, err.JET_errDiskFull, err.JET_errDiskIO),
)
def header_not_rewritten(instance: Instance, call: RestoreCall) -> int:  # noqa: ARG001 - left in the call
    """The header with the end of the backup could not be written."""
    return call.disk_error


@rule(err.JET_errDatabaseIncompleteIncrementalReseed, source="logredo.cxx:5245")
def database_being_reseeded(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """An incremental reseed of the database is under way."""
    return bool(call.database.state == STATE_RESEED)


@rule(err.JET_errDatabaseIncompleteRevert, source="logredo.cxx:5260")
def database_being_reverted(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """A revert of the database is under way."""
    return bool(call.database.state == STATE_REVERT)


@rule(err.JET_errDatabaseCorrupted, source="logredo.cxx:5294")
def database_in_no_state(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """The state of the database is none that can be brought up to date."""
    return call.database.state not in GOOD_STATES


@rule(err.JET_errRequiredLogFilesMissing, source="logredo.cxx:5948")
def first_log_too_late(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """The database requires an earlier generation than the first one of the set."""
    return bool(0 < call.database.required_low < call.low)


STATE_RESEED: Final = 6
STATE_REVERT: Final = 8
GOOD_STATES: Final = frozenset({1, 2, 3, 7})
"""JustCreated, DirtyShutdown, CleanShutdown, DirtyAndPatchedShutdown (jethdr.w:5406)."""


# Redo.


@rule(err.JET_errMissingPreviousLogFile, source="logstream.cxx:1077")
def first_log_of_another_generation(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """The first log has another generation in its header than in its name."""
    return call.previous is None and call.log.generation != call.generation


@rule(err.JET_errInvalidLogSequence, source="logredo.cxx:4405")
def log_out_of_sequence(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """A log has another generation in its header than the one that comes next."""
    return call.previous is not None and call.log.generation != call.previous.generation + 1


@rule(err.JET_errLogSequenceChecksumMismatch, source="logredo.cxx:4443")
def log_before_has_changed(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """The segments of a log are not those that the header of the next one sums up."""
    summed = None if call.previous is None else call.previous.segments_checksum
    return summed is not None and call.log.previous_checksum not in {None, summed}


@rule(
    source="logread.cxx:1757",
    errors=(err.JET_errLogCorruptDuringHardRestore, err.JET_errLogTornWriteDuringHardRestore),
)
def log_segment_damaged(instance: Instance, call: RestoreCall) -> int:  # noqa: ARG001 - left in the call
    """A segment of a log is damaged."""
    return int(call.log.segment_error)


@rule(err.JET_errRequiredLogFilesMissing, source="logredo.cxx:13621")
def last_log_required(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """A database requires a later generation than the last log that there is."""
    return any(database.required_high > call.generation for database in call.checked)


@rule(err.JET_errCommittedLogFilesMissing, source="logredo.cxx:13625")
def last_log_committed(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """A database has committed transactions in a later generation than the last log that there is."""
    return any(database.committed_high > call.generation for database in call.checked)


@rule(err.JET_errAttachedDatabaseMismatch, source="logredo.cxx:2139")
def database_left_out(instance: Instance, call: RestoreCall) -> bool:  # noqa: ARG001 - left in the call
    """The logs have a database attached that is not in the set."""
    return bool(call.skipped)
