# SPDX-License-Identifier: MIT
"""What stands in the way of listing and truncating logs (ErrBKIPrepareLogInfo, ErrBKIPrepareLogFiles, ErrBKTruncateLog)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine.step import UNDEFINED, rule
from esemu.vocabulary import errors as err

if TYPE_CHECKING:
    from esemu.machine.call import Call
    from esemu.machine.shapes.backup import ListCall
    from esemu.machine.state import Instance


@rule(err.JET_errInvalidBackupSequence, source="backup.cxx:1965")
def backup_is_incremental(instance: Instance) -> bool:
    """An incremental backup has no list of databases."""
    return not instance.backup.full


@rule(err.JET_errInvalidBackupSequence, source="backup.cxx:3174")
def a_file_is_open(instance: Instance) -> bool:
    """All backup files must be closed before the logs are listed or truncated."""
    return instance.backup.slot.in_use


@rule(err.JET_errInvalidParameter, source="jetapi.cxx:17942")
def log_info_of_wrong_size(process: object, call: ListCall) -> bool:  # noqa: ARG001 - asked before the gate
    """CbSize is not that of JET_LOGINFO_A; the W form does not look."""
    return call.info_size is not None and call.info_size != JET_LOGINFO_A_SIZE


INT_MAX: Final = 2**31 - 1
"""The largest LONG."""

JET_LOGINFO_A_SIZE: Final = 16
"""sizeof(JET_LOGINFO_A) in bytes (jethdr.w)."""


@rule(source="backup.cxx:3185")
def logs_not_prepared(instance: Instance) -> bool:
    """The log was not rolled for this backup yet."""
    return not instance.backup.log_rolled


@rule(UNDEFINED, source="backup.cxx:617")
def preparing_while_recovering(instance: Instance) -> bool:
    """The log cannot be rolled during recovery: an Enforce ends the process."""
    return instance.recovering


@rule(err.JET_errLogWriteFail, source="backup.cxx:624")
def roll_not_logged(instance: Instance) -> bool:
    """The log can no longer be written, so it cannot be rolled."""
    return instance.log.write_failed


@rule(err.JET_errFileNotFound, source="backup.cxx:652")
def no_log_on_disk(instance: Instance) -> bool:
    """The folder of the logs holds no archived log."""
    return instance.backup.delete_low == 0


@rule(err.JET_errMissingFileToBackup, source="backup.cxx:873")
def generation_gap(instance: Instance, call: ListCall) -> bool:
    """Logs are missing between the last backup of a database and the first log on disk."""
    return not call.full and missing_generation(instance, instance.backup.delete_low) is not None


def missing_generation(instance: Instance, lowest: int) -> int | None:
    """Return the first generation that an incremental backup misses if `lowest` is the first on disk, None if none."""
    for database in instance.databases:
        if database.attached and not database.attached_for_recovery:
            last = max(database.full_previous.high, database.incremental_previous.high)
            if last > INT_MAX:
                last -= 2**32  # an unsigned maximum, kept in a LONG (backup.cxx:866)
            if lowest > last + 1:
                return last + 1
    return None


CHECKPOINT_ERRORS: Final = (
    err.JET_errCheckpointFileNotFound,  # log.cxx:2583
    err.JET_errCheckpointCorrupt,  # log.cxx:2588, from fileu.cxx:316
    err.JET_errBadCheckpointSignature,  # log.cxx:2596
    err.JET_errFileInvalidType,  # log.cxx:2608
    err.JET_errFileAccessDenied,  # log.cxx:2600, as the file system has it, and so the next
    err.JET_errInvalidPath,
)
"""How reading the checkpoint file may end (ErrLGReadCheckpoint)."""


def checkpoint_error(instance: Instance) -> int:
    """Return the error of reading the checkpoint file, 0 if there is none."""
    if instance.log.checkpoint_unreadable:
        return err.JET_errCheckpointCorrupt
    return instance.process.world.read_checkpoint(instance)[0]


@rule(source="backup.cxx:681", errors=CHECKPOINT_ERRORS)
def checkpoint_unreadable_now(instance: Instance) -> int:
    """The checkpoint file cannot be read: it is missing, both its copies are damaged, it is of another log stream, or no checkpoint."""
    return checkpoint_error(instance)


@rule(UNDEFINED, source="string.cxx:577")
def ansi_list_into_null(instance: Instance, call: ListCall) -> bool:  # noqa: ARG001 - a rule about the call
    """The A form converts into the buffer without looking whether there is one, if a size is given."""
    return call.no_buffer and bool(call.size_max)


@rule(err.JET_errBufferTooSmall, source="string.cxx:568")
def ansi_list_too_long(instance: Instance, call: ListCall) -> bool:  # noqa: ARG001 - a rule about the call
    """The A form does not cut a list short."""
    return bool(call.size_max) and ansi_size(call.result) > (call.size_max or 0)


def ansi_size(names: list[str]) -> int:
    """Return the size of a multi-string in bytes, one byte a character."""
    return sum(map(len, names)) + len(names) + 1


@rule(err.JET_errInvalidBackupSequence, source="backup.cxx:3522")
def no_range_of_logs(instance: Instance) -> bool:
    """The logs were not listed, so the range to copy is not known."""
    return instance.backup.copy_low == 0 or instance.backup.copy_high == 0


@rule(err.JET_errLogFileNotCopied, source="backup.cxx:3551")
def logs_not_copied(instance: Instance) -> bool:
    """The numbers of the logs that were read to their end add up to less than those of the range to copy."""
    first, last = instance.backup.copy_low, instance.backup.copy_high - 1
    # SIZE_T arithmetic: a range that ends before it begins gives a huge number.
    return instance.backup.generations_copied < ((first + last) * (last - first + 1)) % 2**64 // 2


@rule(source="logstream.cxx:4191", errors=(err.JET_errFileAccessDenied,))
def log_not_deleted(instance: Instance, call: Call) -> int:  # noqa: ARG001 - the effect has left the error in the call
    """A log could not be deleted."""
    return call.result or 0
