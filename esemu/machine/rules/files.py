# SPDX-License-Identifier: MIT
"""What stands in the way of opening, reading and closing a backup file (ErrBKOpenFile, ErrBKReadFile, ErrBKCloseFile)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esemu.machine import lognames
from esemu.machine.backup_state import DATABASES
from esemu.machine.step import UNDEFINED, rule
from esemu.vocabulary import errors as err
from esemu.vocabulary.parameters import JET_paramZeroDatabaseDuringBackup

if TYPE_CHECKING:
    from esemu.machine.database_state import Database
    from esemu.machine.shapes.backup import CloseCall, OpenCall, ReadCall
    from esemu.machine.state import Instance

HEADER_PAGES = 2
"""cpgDBReserved: a database begins with its header and a copy of it."""


@rule(err.JET_errNoBackup, source="backup.cxx:2702", cause="end")
def no_streaming_backup(instance: Instance) -> bool:
    """No streaming backup is in progress."""
    return not instance.backup.streaming


@rule(err.JET_errBackupAbortByServer, source="backup.cxx:2706", cause="stop")
def backup_stopped(instance: Instance) -> bool:
    """JetStopBackupInstance was called since this backup began."""
    return instance.backup.stop_requested


@rule(err.JET_errBackupNotAllowedYet, source="backup.cxx:2712")
def recovery_bars_backup(instance: Instance) -> bool:
    """Recovery is under way, and this is no internal copy or those are not enabled during recovery."""
    return instance.recovering and not (instance.backup.internal and instance.backup_during_recovery)


@rule(err.JET_errBackupNotAllowedYet, source="backup.cxx:2721")
def recovery_suspends_backup(instance: Instance) -> bool:
    """Recovery has suspended backups for a moment."""
    return instance.recovering and instance.backup.suspended


@rule(err.JET_wrnNyi, source="jetapi.cxx:17703")
def several_sections(process: object, call: OpenCall) -> bool:  # noqa: ARG001 - asked before there is an instance
    """More than one section was asked for; the engine knows files in one piece only."""
    return call.sections > 1


@rule(err.JET_errInvalidParameter, source="backup.cxx:2165")
def name_missing(instance: Instance, call: OpenCall) -> bool:  # noqa: ARG001 - a rule about the call
    """The name of the file is NULL or empty."""
    return not call.name


@rule(err.JET_errInvalidParameter, source="backup.cxx:2170")
def offset_inside_a_page(instance: Instance, call: OpenCall) -> bool:
    """The offset to read from is no multiple of the page size."""
    return call.offset % instance.process.page_size != 0


@rule(err.JET_errInvalidParameter, source="backup.cxx:2184")
def offset_before_page_2(instance: Instance, call: OpenCall) -> bool:
    """Whoever does not read from the start may begin with page 2, not with the header's copy or page 1."""
    return 0 < call.offset < (HEADER_PAGES + 1) * instance.process.page_size


@rule(err.JET_errOutOfMemory, source="backup.cxx:2208")
def a_file_is_open_already(instance: Instance) -> bool:
    """The table of backup files has one entry, and it is in use."""
    return instance.backup.slot.in_use


@rule(err.JET_errInvalidPath, source="backup.cxx:2215")
def path_too_long(instance: Instance, call: OpenCall) -> bool:
    """The full path has more characters than the engine has room for."""
    return instance.process.world.disk.complete(call.name or "") is None


@rule(source="backup.cxx:2249")
def names_a_database(instance: Instance, call: OpenCall) -> bool:
    """The name is that of an attached database of this instance."""
    return database_named(instance, call.path) is not None


@rule(source="backup.cxx:2410")
def names_no_database(instance: Instance, call: OpenCall) -> bool:
    """The name is that of no attached database of this instance."""
    return database_named(instance, call.path) is None


def database_named(instance: Instance, path: str) -> Database | None:
    """Return the attached database with this full path, upper and lower case being the same, or None."""
    wanted = path.upper()
    for database in instance.databases:
        if database.attached and database.name.upper() == wanted:
            return database
    return None


@rule(err.JET_errDatabaseLocked, source="db.cxx:6071")
def locked_by_a_session(instance: Instance, call: OpenCall) -> bool:
    """A session has opened the database for itself alone."""
    database = database_named(instance, call.path)
    return database is not None and database.exclusive_session is not None


@rule(err.JET_errInvalidBackupSequence, source="backup.cxx:2257")
def database_in_incremental_backup(instance: Instance) -> bool:
    """An incremental backup copies logs only."""
    return not instance.backup.full


@rule(err.JET_errInvalidBackupSequence, source="backup.cxx:2265")
def database_after_logs(instance: Instance) -> bool:
    """The logs were listed already: it is too late for a database."""
    return instance.backup.phase != DATABASES


@rule(err.JET_errDatabaseAttachedForRecovery, source="backup.cxx:2281")
def database_is_recovering(instance: Instance, call: OpenCall) -> bool:
    """The database is attached for recovery only, and internal copies are not enabled during it."""
    database = database_named(instance, call.path)
    return (
        database is not None
        and database.attached_for_recovery
        and not (instance.backup.internal and instance.backup_during_recovery)
    )


@rule(err.JET_errDatabaseNotFound, source="backup.cxx:2415")
def not_a_database_in_database_phase(instance: Instance) -> bool:
    """Only databases are copied before the logs are listed."""
    return instance.backup.phase == DATABASES


@rule(err.JET_errInvalidParameter, source="backup.cxx:2452")
def not_a_log_name(instance: Instance, call: OpenCall) -> bool:
    """A file with the extension of a log is called neither base + 5 nor base + 8 hexadecimal digits."""
    return lognames.has_log_extension(instance, call.path) and lognames.generation_of(instance, call.path) is None


@rule(err.JET_errMissingFileToBackup, source="backup.cxx:2482")
def file_missing(instance: Instance, call: OpenCall) -> bool:
    """The file does not exist."""
    return instance.process.world.disk.error_opening(call.path) == err.JET_errFileNotFound


@rule(source="backup.cxx:2491", errors=(err.JET_errInvalidPath, err.JET_errFileAccessDenied))
def file_cannot_be_opened(instance: Instance, call: OpenCall) -> int:
    """The folder does not exist, or the name is that of a folder or of a file that another opener keeps to itself."""
    return instance.process.world.disk.error_opening(call.path)


@rule(err.JET_errInvalidParameter, source="backup.cxx:2738")
def buffer_misaligned(instance: Instance, call: ReadCall) -> bool:  # noqa: ARG001 - a rule about the call
    """The buffer does not begin at a multiple of 4096 bytes; NULL does."""
    return call.misaligned


def handle_as_index(file: int) -> int:
    """Return what the engine's cast of a JET_HANDLE to INT leaves of it (backup.cxx:2689)."""
    return (file + 2**31) % 2**32 - 2**31


@rule(UNDEFINED, source="backup.cxx:2743")
def handle_outside_the_table(instance: Instance, call: ReadCall) -> bool:  # noqa: ARG001 - a rule about the call
    """The handle is used as an index without a test, and the table has one entry."""
    return handle_as_index(call.file) != 0


@rule(source="backup.cxx:2743")
def slot_holds_no_database(instance: Instance) -> bool:
    """The entry of the handle is that of a log or another file, or of none."""
    return instance.backup.slot.database is None


@rule(source="backup.cxx:2743")
def slot_holds_a_database(instance: Instance) -> bool:
    """The entry of the handle is that of a database."""
    return instance.backup.slot.database is not None


@rule(err.JET_errInvalidParameter, source="backup.cxx:2747")
def buffer_not_whole_pages(instance: Instance, call: ReadCall) -> bool:
    """The size of the buffer is no multiple of the page size; this holds for logs too."""
    return call.size % instance.process.page_size != 0


@rule(err.JET_errInvalidParameter, source="backup.cxx:2752")
def buffer_below_two_pages(instance: Instance, call: ReadCall) -> bool:
    """The first read of a log needs a buffer of two pages at least."""
    return instance.backup.slot.offset == 0 and call.size // instance.process.page_size < HEADER_PAGES


@rule(err.JET_errInvalidParameter, source="backup.cxx:2816")
def buffer_below_three_pages(instance: Instance, call: ReadCall) -> bool:
    """A read of a database needs a page, and the first one three: both headers and a page."""
    database = instance.backup.slot.database
    pages = call.size // instance.process.page_size
    return pages == 0 or (pages <= HEADER_PAGES and database is not None and database.copied_most == 0)


def log_bytes_to_read(instance: Instance, call: ReadCall) -> int:
    """Return how many bytes this read of a log delivers; an offset behind the end counts as one far before it."""
    slot = instance.backup.slot
    return min((slot.size - slot.offset) % 2**64, call.size)


@rule(UNDEFINED, source="backup.cxx:2768")
def file_is_no_log(instance: Instance, call: ReadCall) -> bool:
    """Only logs can be read with bytes in them: any other file has nothing that could verify it."""
    return not instance.backup.slot.is_log and log_bytes_to_read(instance, call) > 0


@rule(UNDEFINED, source="backup.cxx:2772")
def file_was_closed_by_end(instance: Instance, call: ReadCall) -> bool:
    """The handle is left over from a backup that was ended with the log still open."""
    return instance.backup.slot.file is None and log_bytes_to_read(instance, call) > 0


@rule(UNDEFINED, source="logread.cxx:1164")
def log_buffer_is_null(instance: Instance, call: ReadCall) -> bool:
    """The engine copies into the buffer without a test."""
    return call.no_buffer and log_bytes_to_read(instance, call) > 0


@rule(source="logread.cxx:1131", errors=(err.JET_errLogReadVerifyFailure, err.JET_errDiskIO))
def log_damaged(instance: Instance, call: ReadCall) -> int:
    """The log cannot be read, or the checksum of its header, or of a segment in this read, does not fit the bytes."""
    slot, size = instance.backup.slot, log_bytes_to_read(instance, call)
    if size > 0 and slot.generation in instance.log.corrupt_generations:
        return err.JET_errLogReadVerifyFailure
    return int(slot.verifier.check(slot.offset, size)) if size > 0 and slot.verifier is not None else 0


@rule(UNDEFINED, source="backup.cxx:4637")
def no_page_for_trailer(instance: Instance, call: ReadCall) -> bool:
    """The trailer is due, and a backup that was ended with the database still open has freed the page for it."""
    database = instance.backup.slot.database
    if database is None or database.trailer_record is not None:
        return False
    pages = call.size // instance.process.page_size
    left = database.most - database.copied_most + (HEADER_PAGES if database.copied_most == 0 else 0)
    return left < pages and not (left == 0 and database.trailer_copied)


@rule(UNDEFINED, source="backup.cxx:260")
def database_buffer_is_null(instance: Instance, call: ReadCall) -> bool:
    """The engine copies into the buffer without a test, unless everything was delivered before."""
    database = instance.backup.slot.database
    return (
        call.no_buffer
        and database is not None
        and not (database.copied_most == database.most and database.trailer_copied)
    )


@rule(err.JET_errInvalidParameter, source="backup.cxx:172")
def zeroing_while_recovering(instance: Instance) -> bool:
    """JET_paramZeroDatabaseDuringBackup is set, and pages cannot be zeroed during recovery."""
    return bool(instance.parameter(JET_paramZeroDatabaseDuringBackup)) and instance.recovering


@rule(
    source="backup.cxx:370",
    errors=(err.JET_errReadVerifyFailure, err.JET_errReadPgnoVerifyFailure, err.JET_errDiskIO),
)
def pages_unreadable(instance: Instance, call: ReadCall) -> int:  # noqa: ARG001 - the effect has left it in the call
    """Seventeen attempts to read the pages failed."""
    return call.read_error


@rule(err.JET_errInvalidParameter, source="backup.cxx:2969")
def handle_not_open(instance: Instance, call: CloseCall) -> bool:
    """The handle is that of no open file."""
    return handle_as_index(call.file) != 0 or not instance.backup.slot.in_use
