# SPDX-License-Identifier: MIT
"""OS snapshots, as a VSS writer makes them: prepare, freeze, thaw, truncate, end."""

import pytest

import esemu
from esemu.faces.jet import Jet
from esemu.machine.database_state import Database
from esemu.machine.snapshot_state import FROZEN, LOG_TRUNCATED, LOG_TRUNCATION_ALLOWED, PREPARED, TIMED_OUT
from esemu.vocabulary.exceptions import (
    BackupInProgressError,
    InvalidBackupSequenceError,
    JetError,
    LogWriteFailError,
    MissingFullBackupError,
    NoBackupError,
    NotInitializedError,
    OSSnapshotInvalidSequenceError,
    OSSnapshotInvalidSnapIdError,
    OSSnapshotNotAllowedError,
    OSSnapshotTimeOutError,
    RequiredLogFilesMissingError,
)
from esemu.vocabulary.grbits import (
    JET_bitAbortSnapshot,
    JET_bitAllDatabasesSnapshot,
    JET_bitContinueAfterThaw,
    JET_bitCopySnapshot,
    JET_bitExplicitPrepare,
    JET_bitIncrementalSnapshot,
)
from esemu.vocabulary.parameters import JET_paramOSSnapshotTimeout

MAIL, CALENDAR = r"C:\data\mail.edb", r"C:\data\calendar.edb"
CONTINUE = JET_bitContinueAfterThaw


@pytest.fixture
def inst(engine: esemu.Engine) -> esemu.Instance:
    """Return an instance: logs 1 to 5 are archived, and the checkpoint stands in log 3."""
    return engine.start(databases={MAIL: 5}, generations=6, checkpoint=3)


@pytest.fixture
def other(engine: esemu.Engine, inst: esemu.Instance) -> esemu.Instance:
    """Return a second instance, which comes after the first in the table."""
    return engine.start(databases={CALENDAR: 5}, generations=6, checkpoint=3)


def frozen(jet: Jet, grbit: int = CONTINUE) -> int:
    """Return a snapshot of all instances that is frozen."""
    snapshot = jet.JetOSSnapshotPrepare(grbit)
    jet.JetOSSnapshotFreeze(snapshot)
    return snapshot


def thawed(jet: Jet, grbit: int = CONTINUE) -> int:
    """Return a snapshot of all instances that has thawed and was not ended."""
    snapshot = frozen(jet, grbit)
    jet.JetOSSnapshotThaw(snapshot)
    return snapshot


def state_of(engine: esemu.Engine, snapshot: int) -> str:
    """Return the state of a snapshot."""
    return engine.process.snapshots[snapshot].state


def record(database: Database) -> list[int]:
    """Return what the header remembers of the last full backup."""
    return [database.full_previous.low, database.full_previous.high, database.full_previous.family]


def events(engine: esemu.Engine) -> list[int]:
    """Return the numbers of the events about snapshots."""
    return [event.number for event in engine.events if event.category == 16]


class TestStates:
    """Which calls lead where (io.cxx:3312)."""

    def test_a_snapshot_runs_through_its_states(self, engine: esemu.Engine, jet: Jet, inst: esemu.Instance) -> None:
        """Prepared, frozen, ready for truncation, truncated, gone."""
        snapshot = jet.JetOSSnapshotPrepare(CONTINUE)
        states = [state_of(engine, snapshot)]
        jet.JetOSSnapshotFreeze(snapshot)
        states.append(state_of(engine, snapshot))
        jet.JetOSSnapshotThaw(snapshot)
        states.append(state_of(engine, snapshot))
        jet.JetOSSnapshotTruncateLog(snapshot, JET_bitAllDatabasesSnapshot)
        states.append(state_of(engine, snapshot))
        jet.JetOSSnapshotEnd(snapshot)
        assert states == [PREPARED, FROZEN, LOG_TRUNCATION_ALLOWED, LOG_TRUNCATED]
        assert not engine.process.snapshots
        assert events(engine) == [2005, 2001, 2001, 2003, 224, 2006]

    def test_the_thaw_ends_a_snapshot_that_does_not_continue(self, jet: Jet, inst: esemu.Instance) -> None:
        """Without JET_bitContinueAfterThaw headers are stamped at once, and the number is unknown then."""
        snapshot = frozen(jet, 0)
        jet.JetOSSnapshotThaw(snapshot)
        assert record(inst.state.databases[0]) == [3, 6, 1]
        with pytest.raises(OSSnapshotInvalidSnapIdError):
            jet.JetOSSnapshotEnd(snapshot)

    def test_numbers_count_from_1_and_are_not_used_again(self, jet: Jet, inst: esemu.Instance) -> None:
        """g_idSnapshot only grows (io.cxx:2557)."""
        first = jet.JetOSSnapshotPrepare()
        jet.JetOSSnapshotEnd(first)
        assert (first, jet.JetOSSnapshotPrepare()) == (1, 2)

    @pytest.mark.parametrize("name", ["Thaw", "TruncateLog"])
    def test_too_early(self, jet: Jet, inst: esemu.Instance, name: str) -> None:
        """A prepared snapshot can neither thaw nor truncate."""
        snapshot = jet.JetOSSnapshotPrepare()
        with pytest.raises(OSSnapshotInvalidSequenceError):
            getattr(jet, f"JetOSSnapshot{name}")(snapshot)

    def test_a_frozen_snapshot_can_only_be_aborted(self, jet: Jet, inst: esemu.Instance) -> None:
        """JetOSSnapshotEnd without JET_bitAbortSnapshot has to wait for the thaw (io.cxx:3390)."""
        snapshot = frozen(jet)
        with pytest.raises(OSSnapshotInvalidSequenceError):
            jet.JetOSSnapshotEnd(snapshot)
        jet.JetOSSnapshotEnd(snapshot, JET_bitAbortSnapshot)

    def test_aborting_a_frozen_legacy_snapshot_ends_it_well(
        self, engine: esemu.Engine, jet: Jet, inst: esemu.Instance
    ) -> None:
        """The thaw that comes first ends it: event 2006, and headers are stamped (io.cxx:4048)."""
        jet.JetOSSnapshotAbort(frozen(jet, 0))
        assert events(engine)[-1] == 2006
        assert record(inst.state.databases[0]) == [3, 6, 1]

    def test_aborting_a_frozen_snapshot_that_continues_stamps_nothing(
        self, engine: esemu.Engine, jet: Jet, inst: esemu.Instance
    ) -> None:
        """Event 2007, and headers as before."""
        jet.JetOSSnapshotAbort(frozen(jet))
        assert events(engine)[-1] == 2007
        assert record(inst.state.databases[0]) == [0, 0, 0]

    def test_ending_a_prepared_snapshot_is_a_success(
        self, engine: esemu.Engine, jet: Jet, inst: esemu.Instance
    ) -> None:
        """Event 2006 says that it ended well, though nothing was frozen."""
        jet.JetOSSnapshotEnd(jet.JetOSSnapshotPrepare())
        assert events(engine) == [2005, 2006]

    def test_without_any_instance(self, jet: Jet) -> None:
        """JET_errNotInitialized (io.cxx:3488)."""
        with pytest.raises(NotInitializedError):
            jet.JetOSSnapshotPrepare()


class TestMembers:
    """Who joins, and who is thrown out."""

    def test_a_second_snapshot_gets_what_is_free(self, jet: Jet, inst: esemu.Instance, other: esemu.Instance) -> None:
        """Instances that are in a snapshot are passed over without a word (io.cxx:2655)."""
        first = jet.JetOSSnapshotPrepare(JET_bitExplicitPrepare)
        jet.JetOSSnapshotPrepareInstance(first, inst)
        second = jet.JetOSSnapshotPrepare()
        assert [info.handle for info in jet.JetOSSnapshotGetFreezeInfo(second)] == [other]

    def test_an_instance_is_in_one_snapshot(self, jet: Jet, inst: esemu.Instance) -> None:
        """JetOSSnapshotPrepareInstance of a member: JET_errOSSnapshotNotAllowed."""
        snapshot = jet.JetOSSnapshotPrepare()
        with pytest.raises(OSSnapshotNotAllowedError):
            jet.JetOSSnapshotPrepareInstance(snapshot, inst)

    def test_freezing_nobody_is_a_success(self, jet: Jet, inst: esemu.Instance) -> None:
        """An empty list, and no instance is any different."""
        snapshot = jet.JetOSSnapshotPrepare(JET_bitExplicitPrepare)
        assert jet.JetOSSnapshotFreeze(snapshot) == []
        jet.JetBeginExternalBackupInstance(inst)

    def test_a_refused_freeze_kills_the_backups_of_the_other_members(
        self, jet: Jet, inst: esemu.Instance, other: esemu.Instance
    ) -> None:
        """The backup that is in the way survives; the engine resets everybody else (io.cxx:2889, 2927)."""
        jet.JetBeginExternalBackupInstance(inst)
        jet.JetBeginExternalBackupInstance(other)
        snapshot = jet.JetOSSnapshotPrepare(CONTINUE)
        with pytest.raises(OSSnapshotNotAllowedError):
            jet.JetOSSnapshotFreeze(snapshot)
        assert jet.JetGetAttachInfoInstance(inst) == [MAIL]
        with pytest.raises(NoBackupError):
            jet.JetGetAttachInfoInstance(other)
        assert jet.JetOSSnapshotFreeze(snapshot) == []

    def test_the_end_of_a_prepared_snapshot_kills_a_streaming_backup(self, jet: Jet, inst: esemu.Instance) -> None:
        """Prepare does not reserve an instance, and the end clears its flags all the same (io.cxx:4039)."""
        snapshot = jet.JetOSSnapshotPrepare()
        jet.JetBeginExternalBackupInstance(inst)
        jet.JetOSSnapshotEnd(snapshot)
        with pytest.raises(NoBackupError):
            jet.JetGetAttachInfoInstance(inst)

    def test_a_member_that_ends_leaves_the_snapshot(
        self, jet: Jet, inst: esemu.Instance, other: esemu.Instance
    ) -> None:
        """JetTerm2(JET_bitTermComplete) does not care about a prepared snapshot; the freeze covers the rest."""
        snapshot = jet.JetOSSnapshotPrepare(CONTINUE)
        jet.JetTerm2(inst, 1)
        assert [info.handle for info in jet.JetOSSnapshotFreeze(snapshot)] == [other]

    def test_a_member_that_cannot_log_throws_all_out(
        self, jet: Jet, inst: esemu.Instance, other: esemu.Instance
    ) -> None:
        """The log of the member before it was rolled by then (S16f of the recordings)."""
        snapshot = jet.JetOSSnapshotPrepare(CONTINUE)
        other.state.log.write_failed = True
        with pytest.raises(LogWriteFailError):
            jet.JetOSSnapshotFreeze(snapshot)
        assert (inst.generation, other.generation) == (7, 6)
        assert jet.JetOSSnapshotGetFreezeInfo(snapshot) == []


class TestLogs:
    """What happens to the log, and which generations a snapshot needs."""

    def test_the_log_stops_on_a_new_generation(self, jet: Jet, inst: esemu.Instance) -> None:
        """The current log is archived by the freeze; the next one is current with the thaw only."""
        snapshot = frozen(jet)
        assert (inst.generations[-1], inst.generation) == (6, 6)
        inst.roll_log(2)
        assert inst.generation == 6
        jet.JetOSSnapshotThaw(snapshot)
        assert inst.generation == 9

    def test_with_circular_logging_it_is_locked_as_it_is(self, engine: esemu.Engine, jet: Jet) -> None:
        """No roll: the last generation of the range is the current one."""
        inst = engine.start(databases={MAIL: 5}, generations=6, checkpoint=3, circular=True)
        jet.JetOSSnapshotEnd(thawed(jet))
        assert inst.generation == 6
        assert record(inst.state.databases[0]) == [3, 6, 1]

    def test_the_checkpoint_of_the_freeze_counts(self, jet: Jet, inst: esemu.Instance) -> None:
        """A checkpoint that moves on later does not let more logs be deleted."""
        snapshot = frozen(jet)
        inst.checkpoint = 6
        jet.JetOSSnapshotThaw(snapshot)
        jet.JetOSSnapshotTruncateLog(snapshot, JET_bitAllDatabasesSnapshot)
        assert inst.generations == [3, 4, 5, 6]

    def test_a_truncation_uses_the_range_up(self, jet: Jet, inst: esemu.Instance) -> None:
        """One without JET_bitAllDatabasesSnapshot deletes nothing, and neither does any after it."""
        snapshot = thawed(jet)
        jet.JetOSSnapshotTruncateLog(snapshot)
        jet.JetOSSnapshotTruncateLog(snapshot, JET_bitAllDatabasesSnapshot)
        assert inst.generations == [1, 2, 3, 4, 5, 6]

    def test_missing_logs_refuse_once(self, engine: esemu.Engine, jet: Jet, inst: esemu.Instance) -> None:
        """JET_errRequiredLogFilesMissing uses the range up, so that the second call is a success."""
        snapshot = thawed(jet)
        for generation in (1, 2, 3):
            inst.delete_log(generation)
        with pytest.raises(RequiredLogFilesMissingError):
            jet.JetOSSnapshotTruncateLog(snapshot, JET_bitAllDatabasesSnapshot)
        assert state_of(engine, snapshot) == LOG_TRUNCATION_ALLOWED
        jet.JetOSSnapshotTruncateLog(snapshot, JET_bitAllDatabasesSnapshot)

    def test_a_copy_truncates_nothing(self, jet: Jet, inst: esemu.Instance) -> None:
        """Copies are outside the sequence: JET_errOSSnapshotInvalidSequence (io.cxx:3889)."""
        snapshot = thawed(jet, CONTINUE | JET_bitCopySnapshot)
        with pytest.raises(OSSnapshotInvalidSequenceError):
            jet.JetOSSnapshotTruncateLog(snapshot)

    def test_truncating_a_stranger(self, jet: Jet, inst: esemu.Instance, other: esemu.Instance) -> None:
        """An instance that is no member gives the literal -1."""
        snapshot = jet.JetOSSnapshotPrepare(CONTINUE | JET_bitExplicitPrepare)
        jet.JetOSSnapshotPrepareInstance(snapshot, inst)
        jet.JetOSSnapshotFreeze(snapshot)
        jet.JetOSSnapshotThaw(snapshot)
        with pytest.raises(JetError) as refused:
            jet.JetOSSnapshotTruncateLogInstance(snapshot, other)
        assert refused.value.err == -1

    def test_an_incremental_snapshot_needs_a_full_one(self, jet: Jet, inst: esemu.Instance) -> None:
        """A streaming backup is of another family; after a full snapshot it works."""
        snapshot = jet.JetOSSnapshotPrepare(CONTINUE | JET_bitIncrementalSnapshot)
        with pytest.raises(MissingFullBackupError):
            jet.JetOSSnapshotFreeze(snapshot)
        jet.JetOSSnapshotEnd(thawed(jet))
        jet.JetOSSnapshotEnd(thawed(jet, CONTINUE | JET_bitIncrementalSnapshot))
        incremental = inst.state.databases[0].incremental_previous
        assert (incremental.low, incremental.high, incremental.family) == (1, 7, 1)


class TestStreamingCalls:
    """The calls of streaming backups see the flags of a snapshot and take it for a backup."""

    def test_no_backup_begins_before_the_end(self, jet: Jet, inst: esemu.Instance) -> None:
        """A thawed snapshot still bars backups."""
        snapshot = thawed(jet)
        with pytest.raises(BackupInProgressError):
            jet.JetBeginExternalBackupInstance(inst)
        jet.JetOSSnapshotEnd(snapshot)
        jet.JetBeginExternalBackupInstance(inst)

    def test_databases_can_be_listed_and_logs_read(self, jet: Jet, inst: esemu.Instance) -> None:
        """Without any Begin, and while the snapshot is frozen."""
        frozen(jet)
        assert jet.JetGetAttachInfoInstance(inst) == [MAIL]
        file = jet.JetOpenFileInstance(inst, r"C:\logs\edb00003.log")
        assert jet.JetReadFileInstance(inst, file.handle, bytearray(65536)) == 65536
        jet.JetCloseFileInstance(inst, file.handle)

    def test_opening_a_database_clears_the_flags(self, jet: Jet, inst: esemu.Instance) -> None:
        """JET_errInvalidBackupSequence, and a backup can begin inside the snapshot, whose end kills it."""
        snapshot = thawed(jet)
        with pytest.raises(InvalidBackupSequenceError):
            jet.JetOpenFileInstance(inst, MAIL)
        jet.JetBeginExternalBackupInstance(inst)
        jet.JetOSSnapshotEnd(snapshot)
        with pytest.raises(NoBackupError):
            jet.JetGetAttachInfoInstance(inst)

    def test_a_stop_is_forgotten(self, jet: Jet, inst: esemu.Instance) -> None:
        """The freeze clears the flag, and so does the end."""
        jet.JetStopBackupInstance(inst)
        snapshot = frozen(jet)
        assert not inst.state.backup.stop_requested
        jet.JetStopBackupInstance(inst)
        jet.JetOSSnapshotThaw(snapshot)
        jet.JetOSSnapshotEnd(snapshot)
        assert not inst.state.backup.stop_requested


class TestTimeOut:
    """JET_paramOSSnapshotTimeout, 70 seconds by default."""

    def test_the_engine_lets_go(self, engine: esemu.Engine, jet: Jet, inst: esemu.Instance) -> None:
        """Everything goes on, the members are gone, and a backup can begin."""
        snapshot = frozen(jet)
        engine.clock.advance(70_000)
        assert state_of(engine, snapshot) == TIMED_OUT
        assert jet.JetOSSnapshotGetFreezeInfo(snapshot) == []
        assert inst.generation == 7
        jet.JetBeginExternalBackupInstance(inst)

    def test_the_thaw_tells(self, engine: esemu.Engine, jet: Jet, inst: esemu.Instance) -> None:
        """JET_errOSSnapshotTimeOut, as often as it is called; the snapshot has to be aborted."""
        snapshot = frozen(jet)
        engine.clock.advance(70_000)
        for _ in range(2):
            with pytest.raises(OSSnapshotTimeOutError):
                jet.JetOSSnapshotThaw(snapshot)
        jet.JetOSSnapshotAbort(snapshot)

    def test_a_snapshot_that_does_not_continue_is_gone_with_that(
        self, engine: esemu.Engine, jet: Jet, inst: esemu.Instance
    ) -> None:
        """The thaw aborts it itself (io.cxx:3756)."""
        snapshot = frozen(jet, 0)
        engine.clock.advance(70_000)
        with pytest.raises(OSSnapshotTimeOutError):
            jet.JetOSSnapshotThaw(snapshot)
        assert not engine.process.snapshots

    def test_the_time_counts_from_the_freeze(self, engine: esemu.Engine, jet: Jet, inst: esemu.Instance) -> None:
        """A snapshot that thaws in time does not time out later."""
        jet.JetSetSystemParameter(0, 0, JET_paramOSSnapshotTimeout, 1000)
        snapshot = frozen(jet)
        engine.clock.advance(999)
        jet.JetOSSnapshotThaw(snapshot)
        engine.clock.advance(999)
        assert state_of(engine, snapshot) == LOG_TRUNCATION_ALLOWED
