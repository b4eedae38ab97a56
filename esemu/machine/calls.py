# SPDX-License-Identifier: MIT
"""THE TABLE: each call of the API, what it tests, in order, and what it changes.

A row reads from top to bottom as the engine's function does: `find` looks for the instance, `gate` lets the call in, then
come the call's own rules and effects.  A part in `esemu.machine.parts` stands for a function that several calls share;
`shape` is the class of the row's calls, which lists the arguments that they have beside their handle.  Everything else that knows the rules - documentation, state diagram, messages, tests - reads them here.
"""

from __future__ import annotations

from typing import Final

from esemu.machine.api import AnsiForm, ApiCall, RepeatedCall, SessionForm, SingleInstanceForm
from esemu.machine.call import GrbitCall
from esemu.machine.effects import (
    backup as backups,
    databases as database_effects,
    information,
    instances as instance_effects,
    jetbackup,
    listing,
    logs as log_effects,
    parameters as parameter_effects,
    restore_instance,
    snapshots as snapshot_effects,
)
from esemu.machine.lifecycle import INITIALIZE, TERMINATE
from esemu.machine.parts import (
    BACKUP_TO_END,
    BEGIN,
    CLOSE_FILE,
    END_BACKUP,
    END_GRBIT,
    IN_STREAMING_BACKUP,
    OPEN_FILE,
    PREPARE_LOGS,
    READ_FILE,
    TRUNCATE_LOG,
)
from esemu.machine.repeated_read import repeated_read
from esemu.machine.restore import EXTERNAL_RESTORE, JET_RESTORE, target_of
from esemu.machine.rules import (
    begin,
    databases as database_rules,
    files as file_rules,
    gate,
    information as information_rules,
    instances,
    jetbackup as jetbackup_rules,
    logs,
    parameters as parameter_rules,
    restore as restore_rules,
    snapshots,
    waits,
)
from esemu.machine.shapes.backup import (
    BackupCall,
    CloseCall,
    ListCall,
    NormalEndCall,
    OpenCall,
    ReadCall,
    SectionCall,
    SurrogateCall,
)
from esemu.machine.shapes.databases import (
    DatabaseCall,
    DatabaseInfoCall,
    FileInfoCall,
    OpenDatabaseCall,
    ResizeCall,
    SessionCall,
)
from esemu.machine.shapes.instances import (
    AbruptTermCall,
    CreateInstanceCall,
    InitCall,
    InstanceInfoCall,
    MultiInstanceCall,
    ParameterCall,
)
from esemu.machine.shapes.restore import ExternalRestoreCall, RestoreCall
from esemu.machine.shapes.snapshots import SnapshotCall, SnapshotInfoCall, SnapshotPrepareCall
from esemu.machine.snapshot_parts import END_SNAPSHOT, FREEZE, THAW, TRUNCATE_MEMBER
from esemu.machine.step import Each, Part, Whole, Within

FIND: Final = (gate.handle_of_no_instance, gate.no_instance, gate.instance_not_given, gate.instance_unknown)
"""JET_VALIDATE_INSTANCE and ErrFindPinst (jetapi.cxx:5264, 3811)."""

FIND_SINGLE: Final = (gate.running_mode_not_set, gate.running_in_multi_instance_mode)
"""ErrRUNINSTCheckOneInstMode (jetapi.cxx:2971)."""

ENTER: Final = (
    gate.service_stopped,
    gate.unavailable_because_log_disk_full,
    gate.unavailable,
    gate.terminating,
    gate.restoring,
    gate.not_initialized,
)
"""INST::ErrAPIEnter (jetapi.cxx:4421)."""

FIND_SESSION: Final = (gate.session_unknown,)
"""JET_VALIDATE_SESID (jetapi.cxx:5273)."""

# Streaming backup.

JetBeginExternalBackupInstance = ApiCall(
    "JetBeginExternalBackupInstance",
    begin.backup_not_allowed_yet,
    BEGIN,
    shape=GrbitCall,
    find=FIND,
    gate=ENTER,
)

JetGetAttachInfoInstance = ApiCall(
    "JetGetAttachInfoInstance",
    *IN_STREAMING_BACKUP,
    logs.backup_is_incremental,
    backups.list_databases,
    listing.fit_databases,
    shape=ListCall,
    find=FIND,
    gate=ENTER,
)

ANSI: Final = (logs.ansi_list_into_null, logs.ansi_list_too_long, listing.fit_ansi)
"""ErrOSSTRUnicodeToAsciiM (string.cxx:560)."""

JetGetAttachInfoInstanceA = AnsiForm(
    "JetGetAttachInfoInstanceA",
    *IN_STREAMING_BACKUP,
    logs.backup_is_incremental,
    backups.list_databases,
    shape=ListCall,
    find=FIND,
    gate=ENTER,
    afterwards=ANSI,
)

JetOpenFileInstance = ApiCall("JetOpenFileInstance", OPEN_FILE, shape=OpenCall, find=FIND, gate=ENTER)

JetOpenFileSectionInstance = ApiCall(
    "JetOpenFileSectionInstance",
    OPEN_FILE,
    shape=SectionCall,
    before=(file_rules.several_sections,),
    find=FIND,
    gate=ENTER,
)

JetReadFileInstance = RepeatedCall(
    "JetReadFileInstance", READ_FILE, shape=ReadCall, find=FIND, gate=ENTER, again=repeated_read
)

JetCloseFileInstance = ApiCall("JetCloseFileInstance", CLOSE_FILE, shape=CloseCall, find=FIND, gate=ENTER)

JetGetLogInfoInstance = ApiCall(
    "JetGetLogInfoInstance",
    PREPARE_LOGS,
    log_effects.list_logs_to_copy,
    listing.fit_logs,
    shape=ListCall,
    find=FIND,
    gate=ENTER,
)

JetGetLogInfoInstanceA = AnsiForm(
    "JetGetLogInfoInstanceA",
    PREPARE_LOGS,
    log_effects.list_logs_to_copy,
    shape=ListCall,
    find=FIND,
    gate=ENTER,
    afterwards=ANSI,
)

JetGetLogInfoInstance2 = ApiCall(
    "JetGetLogInfoInstance2",
    PREPARE_LOGS,
    log_effects.list_logs_to_copy,
    listing.fit_logs,
    shape=ListCall,
    find=FIND,
    gate=ENTER,
)

JetGetLogInfoInstance2A = AnsiForm(
    "JetGetLogInfoInstance2A",
    PREPARE_LOGS,
    log_effects.list_logs_to_copy,
    shape=ListCall,
    before=(gate.handle_of_no_instance, logs.log_info_of_wrong_size),
    find=FIND,
    gate=ENTER,
    afterwards=ANSI,
)

JetGetTruncateLogInfoInstance = ApiCall(
    "JetGetTruncateLogInfoInstance",
    PREPARE_LOGS,
    log_effects.list_logs_to_delete,
    listing.fit_logs,
    shape=ListCall,
    find=FIND,
    gate=ENTER,
)

JetGetTruncateLogInfoInstanceA = AnsiForm(
    "JetGetTruncateLogInfoInstanceA",
    PREPARE_LOGS,
    log_effects.list_logs_to_delete,
    shape=ListCall,
    find=FIND,
    gate=ENTER,
    afterwards=ANSI,
)

JetTruncateLogInstance = ApiCall("JetTruncateLogInstance", TRUNCATE_LOG, find=FIND, gate=ENTER)

JetEndExternalBackupInstance = ApiCall(
    "JetEndExternalBackupInstance", BACKUP_TO_END, END_BACKUP, shape=NormalEndCall, find=FIND, gate=ENTER
)

JetEndExternalBackupInstance2 = ApiCall(
    "JetEndExternalBackupInstance2", *END_GRBIT, BACKUP_TO_END, END_BACKUP, shape=GrbitCall, find=FIND, gate=ENTER
)

JetStopBackupInstance = ApiCall("JetStopBackupInstance", backups.request_stop, find=FIND, lock_free=True)

# Surrogate backup, and the engine's own.

JetBeginSurrogateBackup = ApiCall(
    "JetBeginSurrogateBackup",
    begin.surrogate_not_allowed_yet,
    begin.generations_reversed,
    begin.generation_not_written_yet,
    backups.mark_surrogate,
    BEGIN,
    shape=SurrogateCall,
    find=FIND,
    gate=ENTER,
)

JetEndSurrogateBackup = ApiCall(
    "JetEndSurrogateBackup",
    *END_GRBIT,
    backups.skip_to_done,
    BACKUP_TO_END,
    backups.mark_surrogate,
    END_BACKUP,
    shape=GrbitCall,
    find=FIND,
    gate=ENTER,
)

JetBackupInstance = ApiCall(
    "JetBackupInstance",
    begin.surrogate_not_allowed_yet,
    jetbackup_rules.backup_path_too_long,
    begin.logging_disabled,
    begin.log_write_failed,
    begin.incremental_with_circular_log,
    jetbackup.begin,
    Whole(
        "ErrBKBackup",
        jetbackup_rules.no_room_for_delimiter,
        Part(
            "ErrBKIPrepareDirectory",
            jetbackup.remove_left_overs,
            jetbackup_rules.left_over_not_removed,
            jetbackup_rules.folder_in_use,
            jetbackup.make_room,
            jetbackup_rules.folder_not_made,
        ),
        jetbackup.copy_databases,
        jetbackup.copy_logs,
        jetbackup.promote,
        jetbackup.truncate,
        refused=jetbackup.abort,
    ),
    jetbackup.end_normally,
    shape=BackupCall,
    find=FIND,
    gate=ENTER,
)

# Restore.

_FIND_OR_MAKE = Part(
    "JetRestoreInstanceEx",
    Part(
        "an instance of its own",
        restore_instance.set_several_instances_mode,
        restore_instance.name_instance,
        Part("ErrNewInst", instances.too_many_instances, instances.instance_name_in_use),
        restore_instance.make_instance,
        when=restore_rules.instance_is_made,
    ),
    Part(
        "the instance that is given",
        gate.handle_of_no_instance,
        restore_rules.instance_to_restore_unknown,
        restore_instance.take_instance,
        when=restore_rules.instance_is_given,
    ),
    JET_RESTORE,
)

JetRestoreInstance = ApiCall("JetRestoreInstance", _FIND_OR_MAKE, shape=RestoreCall)

_OF_THE_ONLY_INSTANCE = (restore_rules.several_instances, restore_instance.set_one_instance_mode, _FIND_OR_MAKE)

JetRestore = ApiCall("JetRestore", *_OF_THE_ONLY_INSTANCE, shape=RestoreCall)
JetRestore2 = ApiCall("JetRestore2", *_OF_THE_ONLY_INSTANCE, shape=RestoreCall)

_EXTERNAL_RESTORE = Part(
    "JetExternalRestoreEx",
    restore_rules.half_of_target_folders,
    restore_rules.target_named_twice,
    restore_rules.one_instance_only,
    restore_instance.set_several_instances_mode,
    restore_instance.find_target,
    restore_rules.target_not_running,
    Part(
        "a running target",
        Within(
            "ErrINSTPrepareTargetInstance",
            *ENTER,
            restore_rules.target_with_other_base_name,
            restore_rules.target_cannot_log,
            restore_instance.log_restore,
            instance_of=target_of,
        ),
        when=restore_rules.target_runs,
    ),
    restore_instance.name_numbered,
    Part("ErrNewInst", instances.too_many_instances, instances.instance_name_in_use),
    restore_instance.make_instance,
    restore_instance.set_paths,
    EXTERNAL_RESTORE,
    restore_instance.warn_of_target,
)

JetExternalRestore = ApiCall("JetExternalRestore", _EXTERNAL_RESTORE, shape=ExternalRestoreCall)
JetExternalRestoreA = ApiCall(
    "JetExternalRestoreA", restore_rules.map_without_count, _EXTERNAL_RESTORE, shape=ExternalRestoreCall
)
JetExternalRestore2 = ApiCall(
    "JetExternalRestore2", restore_rules.log_info_invalid, _EXTERNAL_RESTORE, shape=ExternalRestoreCall
)
JetExternalRestore2A = ApiCall(
    "JetExternalRestore2A",
    restore_rules.log_info_invalid,
    restore_rules.map_without_count,
    _EXTERNAL_RESTORE,
    shape=ExternalRestoreCall,
)

# Services.

JetStopServiceInstance = ApiCall("JetStopServiceInstance", instance_effects.stop_service, find=FIND)

JetStopServiceInstance2 = ApiCall(
    "JetStopServiceInstance2",
    instances.unknown_service_bit,
    instances.service_not_resumable,
    instances.everything_was_stopped,
    instances.log_stop_with_others,
    waits.log_not_flushed,
    instance_effects.stop_services,
    shape=GrbitCall,
    find=FIND,
)

# Instances.

_CREATE = Part(
    "JetCreateInstanceEx",
    instances.running_in_one_instance_mode,
    instance_effects.set_multi_instance,
    Part("ErrNewInst", instances.too_many_instances, instances.instance_name_in_use),
    instance_effects.create,
)

JetCreateInstance = ApiCall("JetCreateInstance", _CREATE, shape=CreateInstanceCall)
JetCreateInstance2 = ApiCall("JetCreateInstance2", _CREATE, shape=CreateInstanceCall)

_INIT = Part(
    "JetInitEx",
    instances.no_pointer_to_instance,
    instances.the_instance_exists,
    instances.no_room_for_unnamed,
    instances.unnamed_instance_exists,
    instances.instance_to_start_unknown,
    instance_effects.find_or_allocate,
    INITIALIZE,
)

JetInit = ApiCall("JetInit", _INIT, shape=InitCall)
JetInit2 = ApiCall("JetInit2", _INIT, shape=InitCall)
JetInit3 = ApiCall("JetInit3", _INIT, shape=InitCall)

JetTerm = ApiCall("JetTerm", TERMINATE, shape=AbruptTermCall, find=FIND)
JetTerm2 = ApiCall("JetTerm2", TERMINATE, shape=GrbitCall, find=FIND)

JetGetInstanceInfo = ApiCall(
    "JetGetInstanceInfo",
    information_rules.no_room_for_instances,
    instance_effects.list_instances,
    shape=InstanceInfoCall,
)
JetGetInstanceInfoA = ApiCall(
    "JetGetInstanceInfoA",
    instance_effects.list_instances,
    information_rules.no_room_for_ansi_instances,
    shape=InstanceInfoCall,
)

# System parameters.

_SET_PARAMETER = (
    parameter_rules.parameter_session_unknown,
    parameter_rules.parameter_instance_unknown,
    parameter_rules.parameter_while_terminating,
    parameter_rules.parameter_while_restoring,
    parameter_rules.parameter_while_initializing,
    parameter_rules.parameter_unknown,
    parameter_effects.reject_unmodelled,
)

JetSetSystemParameter = ApiCall(
    "JetSetSystemParameter",
    *_SET_PARAMETER,
    parameter_rules.value_of_wrong_kind,
    parameter_rules.locked_by_mode,
    parameter_rules.locked_by_init,
    parameter_rules.value_out_of_range,
    parameter_effects.set_parameter,
    shape=ParameterCall,
)

JetGetSystemParameter = ApiCall(
    "JetGetSystemParameter",
    *_SET_PARAMETER,
    parameter_rules.string_does_not_fit,
    parameter_effects.get_parameter,
    shape=ParameterCall,
)

JetEnableMultiInstance = ApiCall(
    "JetEnableMultiInstance",
    parameter_rules.already_one_instance,
    parameter_rules.parameters_differ,
    parameter_rules.already_multi_instance,
    parameter_effects.setting_all(JetSetSystemParameter),
    shape=MultiInstanceCall,
)

# Sessions, transactions, databases.

JetBeginSession = ApiCall(
    "JetBeginSession", database_rules.no_session_left, database_effects.begin_session, find=FIND, gate=ENTER
)

ENTER_SESSION: Final = (
    gate.service_stopped,
    gate.unavailable_because_log_disk_full,
    gate.unavailable,
    gate.terminating_sessions,
    gate.restoring,
    gate.not_initialized,
)
"""APICALL_SESID::FEnter (jetapi.cxx:4182)."""

ENTER_EXEMPT: Final = ENTER_SESSION[1:]
"""The same for the calls that still work after JetStopService."""

JetEndSession = SessionForm(
    "JetEndSession", database_effects.end_session, shape=SessionCall, find=FIND_SESSION, gate=ENTER_EXEMPT[2:]
)

JetBeginTransaction = SessionForm(
    "JetBeginTransaction",
    database_rules.transactions_too_deep,
    database_effects.begin_transaction,
    shape=SessionCall,
    find=FIND_SESSION,
    gate=ENTER_SESSION,
)

JetCommitTransaction = SessionForm(
    "JetCommitTransaction",
    database_rules.unknown_commit_bit,
    database_rules.commit_bit_not_alone,
    Part(
        "ErrLGForceLogRollover",
        database_rules.log_cannot_roll,
        database_effects.force_new_log,
        waits.log_stopped,
        when=database_rules.forces_new_log,
    ),
    Part(
        "ErrLGForceWriteLog",
        database_rules.log_cannot_be_flushed,
        waits.log_stopped,
        when=database_rules.waits_for_all_commits,
    ),
    Part(
        "ErrDIRCommitTransaction",
        database_rules.not_in_transaction,
        database_effects.commit,
        when=database_rules.commits,
    ),
    shape=SessionCall,
    find=FIND_SESSION,
    gate=ENTER_SESSION,
)

JetRollback = SessionForm(
    "JetRollback",
    database_rules.unknown_rollback_bit,
    database_rules.not_in_transaction,
    database_effects.roll_back,
    shape=SessionCall,
    find=FIND_SESSION,
    gate=ENTER_EXEMPT,
)

CREATE_DATABASE = Part(
    "ErrIsamCreateDatabase",
    database_rules.in_transaction,
    database_rules.versioning_off_with_log,
    database_effects.complete_path,
    database_rules.database_path_invalid,
    database_effects.make_folder,
    database_rules.attached_elsewhere,
    database_rules.database_exists,
    database_rules.database_cannot_be_made,
    database_rules.too_many_databases,
    database_rules.creation_cannot_be_logged,
    waits.creation_not_logged,
    database_effects.create,
)

JetCreateDatabase = SessionForm(
    "JetCreateDatabase",
    CREATE_DATABASE,
    database_effects.open_database,
    shape=DatabaseCall,
    find=FIND_SESSION,
    gate=ENTER_SESSION,
)

ATTACH_DATABASE = Part(
    "ErrIsamAttachDatabase",
    database_rules.in_transaction,
    database_effects.complete_path,
    database_rules.database_path_invalid,
    database_rules.database_file_missing,
    database_rules.database_file_read_only,
    waits.backup_lock_held,
    begin.backup_in_progress,
    begin.surrogate_in_progress,
    database_effects.find_database,
    Part("attached before", database_effects.warn_attached, when=database_rules.attached_already),
    Part(
        "not attached before",
        database_rules.attached_elsewhere,
        database_rules.too_many_databases,
        database_effects.open_file,
        database_rules.not_a_database_file,
        Part("ErrDBCheckState", database_rules.copy_of_a_backup, refused=database_effects.report_copy),
        database_effects.attach,
        when=database_rules.not_attached_yet,
    ),
)

JetAttachDatabase = SessionForm(
    "JetAttachDatabase", ATTACH_DATABASE, shape=DatabaseCall, find=FIND_SESSION, gate=ENTER_SESSION
)

DETACH_DATABASE = Part(
    "ErrIsamDetachDatabase",
    database_rules.in_transaction,
    database_effects.complete_path,
    Part(
        "one database",
        waits.backup_lock_held,
        begin.backup_in_progress,
        begin.surrogate_in_progress,
        database_rules.not_attached,
        database_rules.database_open,
        database_effects.detach,
        when=database_rules.names_one_database,
    ),
    Part(
        "all databases",
        waits.backup_lock_held,
        begin.backup_in_progress,
        begin.surrogate_in_progress,
        database_rules.database_open,
        database_effects.detach,
        when=database_rules.names_all_databases,
    ),
)

JetDetachDatabase = SessionForm(
    "JetDetachDatabase",
    database_rules.detach_by_force,
    DETACH_DATABASE,
    shape=DatabaseCall,
    find=FIND_SESSION,
    gate=ENTER_EXEMPT,
)

JetOpenDatabase = SessionForm(
    "JetOpenDatabase",
    database_effects.complete_path,
    database_rules.database_path_invalid,
    database_rules.not_attached,
    database_rules.one_database_per_session,
    database_rules.locked_by_another_session,
    database_rules.exclusive_and_open,
    database_effects.open_database,
    shape=DatabaseCall,
    find=FIND_SESSION,
    gate=ENTER_SESSION,
)

JetCloseDatabase = SessionForm(
    "JetCloseDatabase",
    database_rules.database_id_unknown,
    database_rules.not_open_in_session,
    database_effects.close_database,
    shape=OpenDatabaseCall,
    find=FIND_SESSION,
    gate=ENTER_EXEMPT,
)

JetResizeDatabase = SessionForm(
    "JetResizeDatabase",
    database_rules.database_id_unknown,
    information_rules.resize_bits_wrong,
    information_rules.shrinking_disabled,
    information_rules.page_numbers_used_up,
    information.resize,
    shape=ResizeCall,
    find=FIND_SESSION,
    gate=ENTER_SESSION,
)

# Information.

JetGetVersion = SessionForm(
    "JetGetVersion", information.tell_version, shape=SessionCall, find=FIND_SESSION, gate=ENTER_SESSION
)

JetGetDatabaseInfo = SessionForm(
    "JetGetDatabaseInfo",
    database_rules.database_id_unknown,
    information_rules.information_unknown,
    information_rules.information_given_up,
    information_rules.information_of_another_size,
    information_rules.information_does_not_fit,
    information.tell_of_database,
    shape=DatabaseInfoCall,
    find=FIND_SESSION,
    gate=ENTER_SESSION,
)

JetGetDatabaseFileInfo = ApiCall(
    "JetGetDatabaseFileInfo",
    information_rules.described_file_missing,
    information_rules.file_information_unknown,
    information_rules.file_information_of_another_size,
    information_rules.described_file_has_no_header,
    information.reject_untold,
    information.tell_of_file,
    shape=FileInfoCall,
)

# OS snapshots.

_KNOWN = (waits.snapshot_calls_locked, snapshots.snapshot_unknown)

JetOSSnapshotPrepare = ApiCall(
    "JetOSSnapshotPrepare",
    snapshots.unknown_prepare_bit,
    snapshots.no_room_for_snapshot_id,
    snapshots.no_instance_at_all,
    waits.snapshot_calls_locked,
    snapshot_effects.prepare,
    shape=SnapshotPrepareCall,
)

JetOSSnapshotPrepareInstance = ApiCall(
    "JetOSSnapshotPrepareInstance",
    snapshots.reserved_grbit,
    *_KNOWN,
    snapshots.not_just_prepared,
    snapshots.instance_not_free,
    snapshot_effects.join,
    shape=SnapshotCall,
    find=FIND,
    gate=ENTER,
)

JetOSSnapshotFreeze = ApiCall(
    "JetOSSnapshotFreeze",
    snapshots.reserved_grbit,
    snapshots.no_room_for_instances,
    snapshot_effects.clear_info,
    *_KNOWN,
    snapshots.not_just_prepared,
    FREEZE,
    snapshot_effects.list_members,
    shape=SnapshotInfoCall,
)

JetOSSnapshotFreezeA = ApiCall(
    "JetOSSnapshotFreezeA",
    snapshots.no_room_for_instances,
    snapshots.reserved_grbit,
    *_KNOWN,
    snapshots.not_just_prepared,
    FREEZE,
    snapshot_effects.list_members,
    shape=SnapshotInfoCall,
)

JetOSSnapshotGetFreezeInfo = ApiCall(
    "JetOSSnapshotGetFreezeInfo",
    snapshots.reserved_grbit,
    snapshots.no_room_for_instances,
    snapshot_effects.clear_info,
    *_KNOWN,
    snapshot_effects.list_members,
    shape=SnapshotInfoCall,
)

JetOSSnapshotGetFreezeInfoA = ApiCall(
    "JetOSSnapshotGetFreezeInfoA",
    snapshots.reserved_grbit,
    *_KNOWN,
    snapshots.no_room_for_instances,
    snapshot_effects.list_members,
    shape=SnapshotInfoCall,
)

JetOSSnapshotThaw = ApiCall(
    "JetOSSnapshotThaw",
    snapshots.reserved_grbit,
    *_KNOWN,
    snapshots.not_frozen,
    waits.snapshot_lets_go,
    Part("stateTimeOut", snapshots.timed_out, refused=snapshot_effects.give_up_timed_out),
    THAW,
    shape=SnapshotCall,
)

JetOSSnapshotTruncateLog = ApiCall(
    "JetOSSnapshotTruncateLog",
    snapshots.unknown_truncate_bit,
    *_KNOWN,
    snapshots.logs_not_to_be_truncated,
    snapshots.snapshot_is_copy,
    Each("ErrTruncateLogs", TRUNCATE_MEMBER, over=snapshot_effects.members, to_the_end=True),
    snapshot_effects.note_truncation,
    shape=SnapshotCall,
)

JetOSSnapshotTruncateLogInstance = ApiCall(
    "JetOSSnapshotTruncateLogInstance",
    snapshots.unknown_truncate_bit,
    *_KNOWN,
    snapshots.logs_not_to_be_truncated,
    snapshots.snapshot_is_copy,
    snapshots.instance_not_in_snapshot,
    TRUNCATE_MEMBER,
    snapshot_effects.note_truncation,
    shape=SnapshotCall,
    find=FIND,
    gate=ENTER,
)

JetOSSnapshotEnd = ApiCall(
    "JetOSSnapshotEnd",
    snapshots.unknown_end_bit,
    *_KNOWN,
    END_SNAPSHOT,
    shape=SnapshotCall,
)

JetOSSnapshotAbort = ApiCall(
    "JetOSSnapshotAbort",
    snapshots.reserved_grbit,
    snapshot_effects.mark_aborted,
    *_KNOWN,
    END_SNAPSHOT,
    shape=SnapshotCall,
)

_ROWS: Final = {name: row for name, row in list(globals().items()) if isinstance(row, ApiCall)}

_SINGLE_INSTANCE_FORMS: Final = {
    "JetBeginExternalBackup": JetBeginExternalBackupInstance,
    "JetGetAttachInfo": JetGetAttachInfoInstance,
    "JetGetAttachInfoA": JetGetAttachInfoInstanceA,
    "JetOpenFile": JetOpenFileInstance,
    "JetReadFile": JetReadFileInstance,
    "JetCloseFile": JetCloseFileInstance,
    "JetGetLogInfo": JetGetLogInfoInstance,
    "JetGetLogInfoA": JetGetLogInfoInstanceA,
    "JetTruncateLog": JetTruncateLogInstance,
    "JetEndExternalBackup": JetEndExternalBackupInstance,
    "JetBackup": JetBackupInstance,
    "JetStopBackup": JetStopBackupInstance,
    "JetStopService": JetStopServiceInstance,
}
"""The calls that have a form without an instance; the others came after there were several."""

CALLS: Final[dict[str, ApiCall]] = _ROWS | {
    name: SingleInstanceForm(name, target, FIND_SINGLE) for name, target in _SINGLE_INSTANCE_FORMS.items()
}
"""Every row by its name."""
