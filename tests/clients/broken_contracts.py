# SPDX-License-Identifier: MIT
"""Clients in a few lines that break one contract each; the name of a client says how."""

from contextlib import suppress

from backup_server import CALENDAR, MAIL, Server
from correct_client import back_up

import esemu
from esemu.vocabulary.grbits import (
    JET_bitBackupEndAbort as ABORT,
    JET_bitBackupEndNormal as NORMAL,
    JET_bitBackupIncremental as INCREMENTAL,
)

JET_bitContinueAfterThaw = 4


def left_running(s: Server) -> None:
    s.begin()
    s.copy_databases()


def ended_with_a_wrong_grbit(s: Server) -> None:
    s.begin()
    s.refused(s.end, NORMAL | ABORT)


def surrogate_left_running(s: Server) -> None:
    s.jet.JetBeginSurrogateBackup(s.inst, 1, 2)


def never_closed(s: Server) -> None:
    s.begin()
    s.jet.JetGetAttachInfoInstance(s.inst)
    s.copy(CALENDAR)
    s.copy(MAIL, close=False)
    s.refused(s.jet.JetGetLogInfoInstance, s.inst)
    s.end(ABORT)


def last_log_not_closed(s: Server) -> None:
    s.begin()
    s.copy_databases()
    *logs, last = s.jet.JetGetLogInfoInstance(s.inst)
    for name in logs:
        s.copy(name)
    s.copy(last, close=False)
    s.end()


def given_up_for_handle_0(s: Server) -> None:
    s.begin()
    s.jet.JetGetAttachInfoInstance(s.inst)
    s.open()
    s.end(ABORT)


def read_again_after_an_io_error(s: Server) -> None:
    s.inst.faults.page(MAIL, 3)
    s.begin()
    s.jet.JetGetAttachInfoInstance(s.inst)
    s.open()
    s.refused(s.read)
    s.read()
    s.end(ABORT)


def success_after_a_stop(s: Server) -> None:
    s.begin()
    s.stop()
    s.refused(s.jet.JetGetAttachInfoInstance, s.inst)
    s.end()


def small_reads(s: Server) -> None:
    s.begin()
    s.jet.JetGetAttachInfoInstance(s.inst)
    s.copy(MAIL, 16384)
    s.end(ABORT)


def odd_buffer(s: Server) -> None:
    s.begin()
    s.jet.JetGetAttachInfoInstance(s.inst)
    s.open()
    s.refused(s.jet.JetReadFileInstance, s.inst, 0, esemu.misaligned(bytearray(65536)))
    s.close()
    s.end(ABORT)


def odd_size(s: Server) -> None:
    s.begin()
    s.jet.JetGetAttachInfoInstance(s.inst)
    s.open()
    s.refused(s.read, 100_000)
    s.close()
    s.end(ABORT)


def first_database_only(s: Server) -> None:
    s.begin()
    s.copy(s.jet.JetGetAttachInfoInstance(s.inst)[0])
    s.copy_logs()
    s.end()


def first_half_of_a_database(s: Server) -> None:
    s.begin()
    for name in s.jet.JetGetAttachInfoInstance(s.inst):
        s.open(name)
        s.read()
        s.close()
    s.copy_logs()
    s.end(None)


def no_database_at_all(s: Server) -> None:
    s.begin()
    s.copy_logs()
    s.end()


def no_trailer(s: Server) -> None:
    s.begin()
    for name in s.jet.JetGetAttachInfoInstance(s.inst):
        size = s.jet.JetOpenFileInstance(s.inst, name).size
        s.read(size - 4096)
        s.close()
    s.copy_logs()
    s.end()


def no_log(s: Server) -> None:
    s.begin()
    s.copy_databases()
    s.end(None)


def newest_log_only(s: Server) -> None:
    s.begin()
    s.copy_databases()
    s.copy(s.jet.JetGetLogInfoInstance(s.inst)[-1])
    s.end()


def incremental_without_a_log(s: Server) -> None:
    s.begin(INCREMENTAL)
    s.end()


def not_every_log_before_a_truncation(s: Server) -> None:
    s.begin()
    s.copy_databases()
    s.jet.JetGetLogInfoInstance(s.inst)
    for name in s.jet.JetGetTruncateLogInfoInstance(s.inst):
        s.copy(name)
    s.refused(s.jet.JetTruncateLogInstance, s.inst)
    s.end(ABORT)


def logs_to_delete_for_logs_to_copy(s: Server) -> None:
    s.begin()
    s.copy_databases()
    for name in s.jet.JetGetTruncateLogInfoInstance(s.inst):
        s.copy(name)
    s.refused(s.jet.JetTruncateLogInstance, s.inst)
    s.end(ABORT)


def truncation_alone(s: Server) -> None:
    s.begin()
    s.refused(s.jet.JetTruncateLogInstance, s.inst)
    s.end(ABORT)


def truncation_of_a_fresh_list(s: Server) -> None:
    s.begin(INCREMENTAL)
    s.jet.JetGetLogInfoInstance(s.inst)
    s.refused(s.jet.JetTruncateLogInstance, s.inst)
    s.end(ABORT)


def truncation_before_the_logs(s: Server) -> None:
    s.begin()
    s.copy_databases()
    s.refused(s.jet.JetTruncateLogInstance, s.inst)
    s.copy_logs()
    s.end()


def truncation_without_a_database(s: Server) -> None:
    s.begin()
    s.jet.JetGetAttachInfoInstance(s.inst)
    s.copy_logs()
    s.jet.JetTruncateLogInstance(s.inst)
    s.end(ABORT)


def truncation_while_frozen(s: Server) -> None:
    snapshot = s.jet.JetOSSnapshotPrepare(JET_bitContinueAfterThaw)
    s.jet.JetOSSnapshotFreeze(snapshot)
    s.refused(s.jet.JetOSSnapshotTruncateLog, snapshot, 1)
    s.jet.JetOSSnapshotThaw(snapshot)
    s.jet.JetOSSnapshotEnd(snapshot)


def truncation_before_the_freeze(s: Server) -> None:
    snapshot = s.jet.JetOSSnapshotPrepare(JET_bitContinueAfterThaw)
    s.refused(s.jet.JetOSSnapshotTruncateLog, snapshot, 1)
    s.jet.JetOSSnapshotAbort(snapshot)


def truncation_after_a_time_out(s: Server) -> None:
    snapshot = s.jet.JetOSSnapshotPrepare(JET_bitContinueAfterThaw)
    s.jet.JetOSSnapshotFreeze(snapshot)
    s.engine.clock.advance(100_000)
    s.refused(s.jet.JetOSSnapshotThaw, snapshot)
    s.refused(s.jet.JetOSSnapshotTruncateLog, snapshot, 1)
    s.jet.JetOSSnapshotAbort(snapshot)


def name_out_of_the_air(s: Server) -> None:
    s.begin()
    s.open()
    s.close()
    s.end(ABORT)


def log_out_of_the_air(s: Server) -> None:
    s.begin(INCREMENTAL)
    s.copy(r"C:\logs\edb00001.log")
    s.end(ABORT)


def two_files_at_once(s: Server) -> None:
    s.begin()
    s.jet.JetGetAttachInfoInstance(s.inst)
    s.open()
    s.read()
    s.refused(s.open, CALENDAR)
    s.close()
    s.end(ABORT)


def database_after_the_logs(s: Server) -> None:
    s.begin()
    names = s.jet.JetGetAttachInfoInstance(s.inst)
    s.jet.JetGetLogInfoInstance(s.inst)
    s.refused(s.open, names[0])


def log_before_the_list(s: Server) -> None:
    s.begin()
    s.copy_databases()
    s.refused(s.open, r"C:\logs\edb00001.log")
    s.copy_logs()
    s.end()


def databases_of_an_incremental(s: Server) -> None:
    s.begin(INCREMENTAL)
    s.refused(s.jet.JetGetAttachInfoInstance, s.inst)
    s.copy_logs()
    s.end()


def closed_twice(s: Server) -> None:
    s.begin()
    s.copy_databases()
    s.refused(s.close)
    s.copy_logs()
    s.end()


def read_after_the_close(s: Server) -> None:
    s.begin()
    s.copy_databases()
    s.read()
    s.end(ABORT)


def without_a_begin(s: Server) -> None:
    s.refused(s.jet.JetGetAttachInfoInstance, s.inst)


def after_the_end(s: Server) -> None:
    back_up(s.jet, s.inst)
    s.refused(s.jet.JetTruncateLogInstance, s.inst)


def streaming_in_a_surrogate_backup(s: Server) -> None:
    s.jet.JetBeginSurrogateBackup(s.inst, 1, 2)
    s.refused(s.jet.JetGetLogInfoInstance, s.inst)
    s.jet.JetEndSurrogateBackup(s.inst, NORMAL)


def logs_listed_with_a_file_open(s: Server) -> None:
    s.begin()
    s.jet.JetGetAttachInfoInstance(s.inst)
    s.open()
    s.read()
    s.refused(s.jet.JetGetLogInfoInstance, s.inst)
    s.close()
    s.end(ABORT)


def thawed_before_the_freeze(s: Server) -> None:
    snapshot = s.jet.JetOSSnapshotPrepare(JET_bitContinueAfterThaw)
    s.refused(s.jet.JetOSSnapshotThaw, snapshot)
    s.jet.JetOSSnapshotEnd(snapshot)


def truncation_of_a_snapshot_that_is_over(s: Server) -> None:
    snapshot = s.jet.JetOSSnapshotPrepare()
    s.jet.JetOSSnapshotFreeze(snapshot)
    s.jet.JetOSSnapshotThaw(snapshot)
    s.refused(s.jet.JetOSSnapshotTruncateLog, snapshot, 1)


def a_crash(s: Server) -> None:
    s.begin()
    s.jet.JetGetAttachInfoInstance(s.inst)
    s.open()
    s.refused(s.jet.JetReadFileInstance, s.inst, 7, bytearray(65536))
    s.close()
    s.end(ABORT)


def handles_by_number(s: Server) -> None:
    s.begin()
    names = s.jet.JetGetAttachInfoInstance(s.inst)
    s.copy(names[0])
    s.open(names[1])
    s.refused(s.jet.JetReadFileInstance, s.inst, 1, bytearray(65536))
    s.end(ABORT)


def on_after_a_refused_begin(s: Server) -> None:
    s.refused(s.begin, 0x800)
    s.refused(s.jet.JetGetAttachInfoInstance, s.inst)


def end_after_a_refused_begin(s: Server) -> None:
    s.refused(s.begin, 0x800)
    s.refused(s.end, NORMAL)


def read_after_a_refused_open(s: Server) -> None:
    s.begin()
    s.jet.JetGetAttachInfoInstance(s.inst)
    s.refused(s.open, r"C:\data\gone.edb")
    s.read()
    s.end(ABORT)


def truncated_after_a_refused_list(s: Server) -> None:
    s.begin()
    s.copy_databases()
    s.inst.faults.log_write_failed = True
    s.refused(s.jet.JetGetLogInfoInstance, s.inst)
    s.refused(s.jet.JetTruncateLogInstance, s.inst)
    s.end(ABORT)


def terminated(s: Server) -> None:
    s.begin()
    s.jet.JetTerm(s.inst)


def terminated_in_vain(s: Server) -> None:
    s.begin()
    s.refused(s.jet.JetTerm2, s.inst, 1)
    s.end(ABORT)


def on_after_a_stop(s: Server) -> None:
    s.begin()
    s.stop()
    for _ in range(3):
        s.refused(s.jet.JetGetAttachInfoInstance, s.inst)
    s.end(None)


def begun_for_ever(s: Server) -> None:
    s.begin()
    for _ in range(200):
        with suppress(esemu.JetError):
            s.begin()
    s.end(ABORT)


def snapshot_left(s: Server) -> None:
    s.jet.JetOSSnapshotPrepare()


def snapshot_ended_while_frozen(s: Server) -> None:
    snapshot = s.jet.JetOSSnapshotPrepare(JET_bitContinueAfterThaw)
    s.jet.JetOSSnapshotFreeze(snapshot)
    s.refused(s.jet.JetOSSnapshotEnd, snapshot)


def lost_and_went_on(s: Server) -> None:
    s.begin()
    s.copy_databases()
    snapshot = s.jet.JetOSSnapshotPrepare()
    s.jet.JetOSSnapshotEnd(snapshot)
    s.refused(s.jet.JetGetLogInfoInstance, s.inst)
    s.refused(s.jet.JetTruncateLogInstance, s.inst)


BROKEN = {
    "ESB101": [left_running, ended_with_a_wrong_grbit, surrogate_left_running],
    "ESB102": [never_closed, last_log_not_closed],
    "ESB103": [given_up_for_handle_0],
    "ESB104": [read_again_after_an_io_error],
    "ESB105": [success_after_a_stop],
    "ESB106": [small_reads],
    "ESB107": [odd_buffer],
    "ESB108": [odd_size],
    "ESB109": [first_database_only, first_half_of_a_database, no_database_at_all],
    "ESB110": [no_trailer],
    "ESB111": [
        no_log,
        newest_log_only,
        incremental_without_a_log,
        not_every_log_before_a_truncation,
        logs_to_delete_for_logs_to_copy,
    ],
    "ESB112": [truncation_alone, truncation_of_a_fresh_list],
    "ESB113": [
        truncation_before_the_logs,
        truncation_without_a_database,
        truncation_while_frozen,
        truncation_before_the_freeze,
        truncation_after_a_time_out,
    ],
    "ESB114": [name_out_of_the_air, log_out_of_the_air],
    "ESB115": [two_files_at_once],
    "ESB116": [
        database_after_the_logs,
        log_before_the_list,
        databases_of_an_incremental,
        closed_twice,
        read_after_the_close,
        without_a_begin,
        after_the_end,
        streaming_in_a_surrogate_backup,
        logs_listed_with_a_file_open,
        thawed_before_the_freeze,
        truncation_of_a_snapshot_that_is_over,
    ],
    "ESB117": [a_crash, handles_by_number],
    "ESB118": [
        on_after_a_refused_begin,
        end_after_a_refused_begin,
        read_after_a_refused_open,
        truncated_after_a_refused_list,
    ],
    "ESB119": [terminated, terminated_in_vain],
    "ESB120": [on_after_a_stop],
    "ESB121": [begun_for_ever],
    "ESB122": [snapshot_left, snapshot_ended_while_frozen],
    "ESB123": [lost_and_went_on],
}
"""What breaks each contract, and no other."""

ALSO = {
    log_before_the_list: ["ESB114"],
    truncated_after_a_refused_list: ["ESB113"],
    read_after_a_refused_open: ["ESB114"],
    not_every_log_before_a_truncation: ["ESB113"],
    logs_to_delete_for_logs_to_copy: ["ESB113"],
    snapshot_ended_while_frozen: ["ESB116"],
}
"""What else these clients do."""
