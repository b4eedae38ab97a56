# SPDX-License-Identifier: MIT
"""THE TABLE OF DIFFERENCES between the reference pages (MicrosoftDocs/win32) and the source, call by call.

Those that are emulated come first; those that cannot be, each with its reason, follow.  Where a page contradicts itself
the row says how it was read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.machine.backup_state import DATABASES
from esemu.machine.documented.changes import Cancels, Difference, Refuses, Renames, Tells
from esemu.machine.documented.not_emulated import NOT_EMULATED
from esemu.vocabulary import errors as err
from esemu.vocabulary.grbits import JET_bitBackupAtomic, JET_bitBackupEndAbort, JET_bitBackupIncremental

if TYPE_CHECKING:
    from esemu.machine.state import Instance, Process

END: Final = ("JetEndExternalBackup", "JetEndExternalBackupInstance", "JetEndExternalBackupInstance2")
ATTACH_INFO: Final = (
    "JetGetAttachInfo",
    "JetGetAttachInfoA",
    "JetGetAttachInfoInstanceA",
    "JetGetAttachInfoInstance",
)
OPEN: Final = ("JetOpenFile", "JetOpenFileSectionInstance", "JetOpenFileInstance")
READ: Final = ("JetReadFile", "JetReadFileInstance")
LOG_INFO: Final = (
    "JetGetLogInfo",
    "JetGetLogInfoA",
    "JetGetLogInfoInstanceA",
    "JetGetLogInfoInstance2",
    "JetGetLogInfoInstance2A",
    "JetGetLogInfoInstance",
)
TRUNCATE_INFO: Final = ("JetGetTruncateLogInfoInstanceA", "JetGetTruncateLogInfoInstance")

WITH_INSTANCE: Final = (
    "JetGetAttachInfoInstance",
    "JetGetAttachInfoInstanceA",
    "JetOpenFileInstance",
    "JetReadFileInstance",
    "JetCloseFileInstance",
    "JetGetLogInfoInstance",
    "JetGetLogInfoInstanceA",
    "JetGetLogInfoInstance2",
    "JetGetLogInfoInstance2A",
    "JetGetTruncateLogInfoInstance",
    "JetGetTruncateLogInfoInstanceA",
    "JetTruncateLogInstance",
    "JetStopBackupInstance",
    "JetStopServiceInstance",
    "JetBackupInstance",
)
"""Calls whose pages list JET_errInvalidParameter for a handle that is not valid."""

WITHOUT_INSTANCE: Final = (
    "JetBeginExternalBackup",
    "JetGetAttachInfo",
    "JetGetAttachInfoA",
    "JetOpenFile",
    "JetReadFile",
    "JetCloseFile",
    "JetGetLogInfo",
    "JetGetLogInfoA",
    "JetTruncateLog",
    "JetEndExternalBackup",
    "JetBackup",
)


def stop_requested(process: Process, instance: Instance | None, call: Any) -> bool:  # noqa: ARG001 - as all conditions
    """The backup that the call ends was stopped."""
    return instance is not None and instance.backup.stop_requested


def ended_among_databases(process: Process, instance: Instance | None, call: Any) -> bool:  # noqa: ARG001 - likewise
    """The backup is to end well although its logs were not even listed."""
    if instance is None or call.grbit & JET_bitBackupEndAbort:
        return False
    backup = instance.backup
    return backup.streaming and backup.phase == DATABASES and not backup.internal


def unknown_backup_bit(process: Process, instance: Instance | None, call: Any) -> bool:  # noqa: ARG001 - likewise
    """A bit is set that JetBackup does not have."""
    return bool(call.grbit & ~(JET_bitBackupIncremental | JET_bitBackupAtomic))


def not_running(process: Process, instance: Instance | None, call: Any) -> bool:  # noqa: ARG001 - likewise
    """The instance was made and not initialised."""
    return instance is not None and not instance.initialized


def backup_running(process: Process, instance: Instance | None, call: Any) -> bool:  # noqa: ARG001 - likewise
    """A backup of the instance is in progress."""
    return instance is not None and instance.backup.in_progress


def another_snapshot(process: Process, instance: Instance | None, call: Any) -> bool:  # noqa: ARG001 - likewise
    """A snapshot was prepared and not ended."""
    return bool(process.snapshots)


def small_first_read_of_a_log(process: Process, instance: Instance | None, call: Any) -> bool:
    """The first read of a log has room for two pages, which is enough by the source."""
    if instance is None or not instance.backup.streaming or instance.backup.stop_requested:
        return False
    slot = instance.backup.slot
    return slot.in_use and slot.is_log and not slot.offset and call.size == 2 * process.page_size


EMULATED: Final = (
    Difference(
        "end_after_stop",
        END,
        documented="The backup was stopped by JetStopBackup: its end returns JET_errBackupAbortByServer.",
        source="JET_errSuccess; that the backup is void is in the event log only",
        where="backup.cxx:4550",
        change=Tells(err.JET_errBackupAbortByServer, stop_requested),
    ),
    Difference(
        "end_among_databases",
        END,
        documented="The backup is ended in the middle of its sequence: JET_errBackupAbortByCaller.",
        source="JET_errSuccess; that the backup counts as aborted is in the event log only",
        where="backup.cxx:4172",
        change=Tells(-800, ended_among_databases),
    ),
    Difference(
        "attach_info_cancels",
        ATTACH_INFO,
        documented="A failure cancels the whole backup of the instance.",
        source="The backup goes on, unless memory for the list has run out",
        where="backup.cxx:2092",
        change=Cancels(),
    ),
    Difference(
        "open_cancels",
        OPEN,
        documented="A failure cancels the whole backup, but for a database that is not attached.",
        source="The backup goes on among the databases; among the logs most failures end it",
        where="backup.cxx:2591",
        change=Cancels("not_a_database_in_database_phase"),
    ),
    Difference(
        "read_cancels",
        READ,
        documented="A failure cancels the whole backup, but for pages of a database that cannot be read: its file is closed.",
        source="A buffer that is refused changes nothing; a log that cannot be read ends the backup",
        where="backup.cxx:2936",
        change=Cancels("pages_unreadable"),
    ),
    Difference(
        "log_info_cancels",
        LOG_INFO,
        documented="A failure cancels the whole backup of the instance.",
        source="The backup goes on, unless memory for the list has run out",
        where="backup.cxx:3427",
        change=Cancels(),
    ),
    Difference(
        "truncate_info_cancels",
        TRUNCATE_INFO,
        documented="A failure cancels the whole backup of the instance.",
        source="The backup goes on, unless memory for the list has run out",
        where="backup.cxx:3427",
        change=Cancels(),
    ),
    Difference(
        "invalid_instance",
        WITH_INSTANCE,
        documented="A handle that is not valid is JET_errInvalidParameter.",
        source="JET_errInvalidInstance in builds that validate handles",
        where="jetapi.cxx:5264",
        page="jetreadfileinstance-function",
        change=Renames(err.JET_errInvalidParameter, "handle_of_no_instance"),
    ),
    Difference(
        "form_without_any_instance",
        WITHOUT_INSTANCE,
        documented="A form without an instance is JET_errNotInitialized before JetInit.",
        source="JET_errInvalidParameter",
        where="jetapi.cxx:2976",
        page="jetbeginexternalbackup-function",
        change=Renames(err.JET_errNotInitialized, "running_mode_not_set"),
    ),
    Difference(
        "backup_bits",
        ("JetBackup", "JetBackupInstance"),
        documented="An option that is not valid is JET_errInvalidGrbit.",
        source="Other bits are ignored",
        where="backup.cxx:1345",
        change=Refuses(err.JET_errInvalidGrbit, unknown_backup_bit),
    ),
    Difference(
        "stop_not_running",
        ("JetStopServiceInstance", "JetStopBackupInstance"),
        documented="An instance that does not run is JET_errInvalidParameter.",
        source="JET_errSuccess: whether it is initialised is not looked at",
        where="jetapi.cxx:22618",
        change=Refuses(err.JET_errInvalidParameter, not_running),
    ),
    Difference(
        "term_in_backup",
        ("JetTerm",),
        documented="A backup in progress is in the way of JetTerm: JET_errBackupInProgress.",
        source="The backup is aborted and the instance terminated",
        where="jetapi.cxx:20943",
        change=Refuses(err.JET_errBackupInProgress, backup_running),
    ),
    Difference(
        "one_snapshot",
        ("JetOSSnapshotPrepare",),
        documented="There is one snapshot at a time: JET_errOSSnapshotInvalidSequence.",
        source="There can be several",
        where="io.cxx:3490",
        change=Refuses(err.JET_errOSSnapshotInvalidSequence, another_snapshot),
    ),
    Difference(
        "snapshot_bits",
        (
            "JetOSSnapshotPrepare",
            "JetOSSnapshotPrepareInstance",
            "JetOSSnapshotFreeze",
            "JetOSSnapshotFreezeA",
            "JetOSSnapshotThaw",
            "JetOSSnapshotAbort",
        ),
        documented="A grbit that is not valid is JET_errInvalidParameter.",
        source="JET_errInvalidGrbit",
        where="io.cxx:3476",
        change=Renames(err.JET_errInvalidParameter, "unknown_prepare_bit", "reserved_grbit"),
    ),
    Difference(
        "first_read_of_a_log",
        READ,
        documented="The first read needs a buffer of three pages, whatever the file is.",
        source="Two pages are enough for a log",
        where="backup.cxx:2752",
        change=Refuses(err.JET_errInvalidParameter, small_first_read_of_a_log),
    ),
)
"""The differences that `Engine(contract="documented")` answers by."""

DIFFERENCES: Final = EMULATED + NOT_EMULATED
"""All of them."""
