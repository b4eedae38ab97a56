# SPDX-License-Identifier: MIT
"""Clients in a few lines that do what one might take for a mistake, and what the engine's contract allows."""

from backup_server import CALENDAR, MAIL, Server
from correct_client import back_up

import esemu
from esemu.vocabulary.grbits import (
    JET_bitBackupEndAbort as ABORT,
    JET_bitBackupEndNormal as NORMAL,
    JET_bitBackupIncremental as INCREMENTAL,
    JET_bitTermStopBackup as STOP_BACKUP,
)

JET_bitInternalCopy = 0x40
JET_bitContinueAfterThaw = 4


def in_sections(s: Server) -> None:
    """Read a database in two sections, the second one first."""
    s.begin()
    s.jet.JetGetAttachInfoInstance(s.inst)
    s.copy(CALENDAR)
    size = s.open() or 103 * 4096
    s.close()
    handle = s.jet.JetOpenFileSectionInstance(s.inst, MAIL, 0, 1, 64 * 4096).handle
    while s.jet.JetReadFileInstance(s.inst, handle, bytearray(65536)):
        pass
    s.close()
    s.open()
    for _ in range(4):
        s.read()
    s.close()
    s.copy_logs()
    s.jet.JetTruncateLogInstance(s.inst)
    s.end()
    assert size == 103 * 4096


def incremental(s: Server) -> None:
    """Copy logs only."""
    s.begin(INCREMENTAL)
    s.copy_logs()
    s.jet.JetTruncateLogInstance(s.inst)
    s.end()


def surrogate(s: Server) -> None:
    """Let another copy be backed up, well and badly."""
    for grbit in (NORMAL, ABORT):
        s.jet.JetBeginSurrogateBackup(s.inst, 1, 2)
        s.jet.JetEndSurrogateBackup(s.inst, grbit)


def internal_copy(s: Server) -> None:
    """Copy the databases for another use than a restore."""
    s.begin(JET_bitInternalCopy)
    s.copy_databases()
    s.end()


def copy_without_truncation(s: Server) -> None:
    """Leave the logs to the next backup."""
    s.begin()
    s.copy_databases()
    s.copy_logs()
    s.end(None)


def several_instances(s: Server) -> None:
    """Back up two instances at the same time."""
    other = s.engine.start({r"C:\other\web.edb": 3})
    s.begin()
    back_up(s.jet, other)
    s.copy_databases()
    s.copy_logs()
    s.end()


def engines_own(s: Server) -> None:
    """Let the engine do it."""
    s.engine.disk.create_folders("C:\\backup\\")
    s.jet.JetBackupInstance(s.inst, "C:\\backup\\")


def one_instance_forms(s: Server) -> None:
    """Use the calls from before there could be several instances, and the ANSI ones."""
    server = esemu.Engine(trace_limit=1000)
    jet = server.jet
    jet.JetInit()
    jet.JetBeginExternalBackup()
    for name in [*jet.JetGetAttachInfoA(), *jet.JetGetLogInfoA()]:
        file = jet.JetOpenFile(name)
        while jet.JetReadFile(file.handle, bytearray(65536)):
            pass
        jet.JetCloseFile(file.handle)
    jet.JetTruncateLog()
    jet.JetEndExternalBackup()
    s.engine = server


def left_out_a_damaged_database(s: Server) -> None:
    """Leave out what the engine cannot read, as the engine itself does."""
    s.inst.faults.page(MAIL, 3)
    s.begin()
    s.jet.JetGetAttachInfoInstance(s.inst)
    s.copy(CALENDAR)
    s.open()
    s.refused(s.read)
    s.copy_logs()
    s.end()


def gave_up_with_a_full_disk(s: Server) -> None:
    """Give up for reasons of its own, in the middle of a file, with the form that leaves no choice."""
    s.begin()
    s.jet.JetGetAttachInfoInstance(s.inst)
    s.open()
    s.read()
    s.close()
    s.end(None)


def gave_up_after_a_stop(s: Server) -> None:
    """End a stopped backup with the form that leaves no choice, without closing the file first."""
    s.begin()
    s.jet.JetGetAttachInfoInstance(s.inst)
    s.open()
    s.stop()
    s.refused(s.read)
    s.end(None)


def looked_twice_after_a_stop(s: Server) -> None:
    """Try another call after the first that was stopped, then give up."""
    s.begin()
    s.stop()
    s.refused(s.jet.JetGetAttachInfoInstance, s.inst)
    s.refused(s.jet.JetGetAttachInfoInstance, s.inst)
    s.end(ABORT)


def stopped_before_the_end(s: Server) -> None:
    """Be stopped when nothing was left to do but to end: nobody tells the client."""
    s.begin()
    s.copy_databases()
    s.copy_logs()
    s.stop()
    s.end()


def after_a_damaged_log(s: Server) -> None:
    """End a backup that the engine has ended already."""
    s.inst.faults.log(2)
    s.begin()
    s.copy_databases()
    name, *_ = s.jet.JetGetLogInfoInstance(s.inst)
    s.open(name)
    s.refused(s.read)
    s.refused(s.close)
    s.refused(s.end, ABORT)


def patient(s: Server) -> None:
    """Wait for another backup to be over."""
    s.begin()
    for _ in range(5):
        s.refused(s.begin)
    s.end(ABORT)
    back_up(s.jet, s.inst)


def tidy(s: Server) -> None:
    """Clear away what an earlier run has left behind, and begin again."""
    s.begin()
    s.refused(s.begin)
    s.end(ABORT)
    back_up(s.jet, s.inst)


def defensive(s: Server) -> None:
    """End first, just in case."""
    s.refused(s.end, ABORT)
    back_up(s.jet, s.inst)


def larger_buffer_at_the_second_try(s: Server) -> None:
    """Ask with a buffer for a list that is too small, then with a larger one."""
    s.begin()
    s.jet.JetGetAttachInfoInstance(s.inst, 0)
    s.copy_databases()
    s.jet.JetGetTruncateLogInfoInstance(s.inst)
    s.jet.JetGetLogInfoInstance(s.inst, 0)
    s.copy_logs()
    s.end()


def buffer_of_just_what_is_left(s: Server) -> None:
    """Read the rest of a file into a buffer of its size."""
    s.begin()
    for name in s.jet.JetGetAttachInfoInstance(s.inst):
        left = s.jet.JetOpenFileInstance(s.inst, name).size
        while left:
            left -= s.read(min(65536, left))
        s.close()
    s.copy_logs()
    s.end()


def shut_down(s: Server) -> None:
    """Terminate an instance and its backup on purpose."""
    s.begin()
    s.jet.JetTerm2(s.inst, STOP_BACKUP)


def snapshot(s: Server) -> None:
    """Take a snapshot as VSS writers do."""
    number = s.jet.JetOSSnapshotPrepare(JET_bitContinueAfterThaw)
    s.jet.JetOSSnapshotFreeze(number)
    s.jet.JetOSSnapshotThaw(number)
    s.jet.JetOSSnapshotTruncateLog(number, 1)
    s.jet.JetOSSnapshotEnd(number)


def snapshot_that_ends_with_its_thaw(s: Server) -> None:
    """Take one as it was done before that."""
    number = s.jet.JetOSSnapshotPrepare()
    s.jet.JetOSSnapshotFreeze(number)
    s.jet.JetOSSnapshotThaw(number)


def snapshot_that_may_not_freeze(s: Server) -> None:
    """Clear away after a refused freeze in the order in which one clears away."""
    other = s.engine.start({r"C:\other\web.edb": 3})
    s.jet.JetBeginExternalBackupInstance(other)
    number = s.jet.JetOSSnapshotPrepare(JET_bitContinueAfterThaw)
    s.refused(s.jet.JetOSSnapshotFreeze, number)
    s.refused(s.jet.JetOSSnapshotThaw, number)
    s.jet.JetOSSnapshotEnd(number)
    s.jet.JetEndExternalBackupInstance2(other, ABORT)


def snapshot_that_is_ended_to_make_sure(s: Server) -> None:
    """End a snapshot that its thaw has ended."""
    snapshot_that_ends_with_its_thaw(s)
    s.refused(s.jet.JetOSSnapshotEnd, 1)


def lost_and_gave_up(s: Server) -> None:
    """Notice that the backup is gone."""
    s.begin()
    s.copy_databases()
    s.jet.JetOSSnapshotEnd(s.jet.JetOSSnapshotPrepare())
    s.refused(s.jet.JetGetLogInfoInstance, s.inst)
    s.refused(s.end, ABORT)


def names_in_another_case(s: Server) -> None:
    """Open files in lower case."""
    s.begin()
    for name in s.jet.JetGetAttachInfoInstance(s.inst):
        s.copy(name.lower())
    for name in s.jet.JetGetLogInfoInstance(s.inst):
        s.copy(name.lower())
    s.end()


LEGAL = [
    in_sections,
    incremental,
    surrogate,
    internal_copy,
    copy_without_truncation,
    several_instances,
    engines_own,
    one_instance_forms,
    left_out_a_damaged_database,
    gave_up_with_a_full_disk,
    gave_up_after_a_stop,
    looked_twice_after_a_stop,
    stopped_before_the_end,
    after_a_damaged_log,
    patient,
    tidy,
    defensive,
    larger_buffer_at_the_second_try,
    buffer_of_just_what_is_left,
    shut_down,
    snapshot,
    snapshot_that_ends_with_its_thaw,
    snapshot_that_may_not_freeze,
    snapshot_that_is_ended_to_make_sure,
    lost_and_gave_up,
    names_in_another_case,
]
