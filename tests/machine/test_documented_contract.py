# SPDX-License-Identifier: MIT
"""Under the documented contract an engine answers as the reference pages promise, and otherwise as the source does."""

import subprocess
import sys
from contextlib import suppress

import pytest
from every_client import CORRECT

import esemu
from esemu.machine.calls import CALLS
from esemu.machine.documented.changes import Cancels, Renames
from esemu.machine.documented.differences import DIFFERENCES, EMULATED
from esemu.machine.documented.not_emulated import NOT_EMULATED
from esemu.vocabulary.documented_returns import DOCUMENTED_RETURNS
from esemu.vocabulary.grbits import JET_bitBackupEndAbort, JET_bitBackupEndNormal

MAIL = r"C:\data\mail.edb"
LOG = r"C:\logs\edb00001.log"
ABORT_BY_CALLER = -800


class Both:
    """The same server under both contracts."""

    def __init__(self) -> None:
        self.engines = [esemu.Engine(contract=contract) for contract in ("source", "documented")]
        self.servers = [(engine, engine.start({MAIL: 100}, generations=2)) for engine in self.engines]

    def answers(self, name: str, *arguments: object, instance: bool = True) -> list[int]:
        """Make a call of both and return its errors, 0 for success."""
        found = []
        for engine, inst in self.servers:
            try:
                getattr(engine.jet, name)(*([inst] if instance else []), *arguments)
                found.append(0)
            except esemu.JetError as error:
                found.append(error.err)
        return found

    def do(self, name: str, *arguments: object) -> None:
        """Make a call that succeeds under both."""
        assert self.answers(name, *arguments) == [0, 0]

    def running(self) -> list[bool]:
        """Return whether their backups run."""
        return [inst.state.backup.in_progress for _, inst in self.servers]


@pytest.fixture
def both() -> Both:
    """Begin a backup under both contracts."""
    both = Both()
    both.do("JetBeginExternalBackupInstance", 0)
    return both


def test_a_contract_is_one_of_two() -> None:
    """A contract that there is not is an error that names those that there are."""
    with pytest.raises(ValueError, match="contract is 'real'; there are 'source' and 'documented'"):
        esemu.Engine(contract="real")


@pytest.mark.parametrize("how", [None, JET_bitBackupEndNormal, JET_bitBackupEndAbort])
def test_the_end_of_a_stopped_backup(both, how) -> None:
    """It returns JET_errBackupAbortByServer by the documentation, and the backup is over."""
    both.do("JetStopBackupInstance")
    assert both.answers("JetGetAttachInfoInstance") == [-801, -801]
    assert both.running() == [True, True]
    name, arguments = ("JetEndExternalBackupInstance", ()) if how is None else ("JetEndExternalBackupInstance2", (how,))
    assert both.answers(name, *arguments) == [0, -801]
    assert both.running() == [False, False]


def test_the_end_among_databases(both) -> None:
    """It returns JET_errBackupAbortByCaller by the documentation, unless the client said that it aborts."""
    assert both.answers("JetEndExternalBackupInstance") == [0, ABORT_BY_CALLER]
    both.do("JetBeginExternalBackupInstance", 0)
    both.do("JetEndExternalBackupInstance2", JET_bitBackupEndAbort)
    both.do("JetBeginExternalBackupInstance", 0x40)
    both.do("JetEndExternalBackupInstance")
    assert both.answers("JetEndExternalBackupInstance") == [-520, -520]


def test_the_end_after_the_logs(both) -> None:
    """A backup that went through its phases ends well under both."""
    both.do("JetGetLogInfoInstance")
    both.do("JetEndExternalBackupInstance")


def test_a_message_names_the_page(both) -> None:
    """An error that only the documentation knows says so."""
    engine, inst = both.servers[1]
    engine.jet.JetStopBackupInstance(inst)
    with pytest.raises(esemu.BackupAbortByServerError, match=r"was stopped\..*Rule: jetendexternal"):
        engine.jet.JetEndExternalBackupInstance(inst)


CANCELLED = [
    ("JetGetAttachInfoInstanceA", (1,)),
    ("JetOpenFileInstance", ("",)),
    ("JetOpenFileSectionInstance", (MAIL, 0, 1, 1)),
    ("JetReadFileInstance", (0, bytearray(1024))),
    ("JetGetLogInfoInstanceA", (1,)),
]
"""Calls that fail in the database phase and leave the backup alone."""


@pytest.mark.parametrize(("name", "arguments"), CANCELLED, ids=[name for name, _ in CANCELLED])
def test_failures_cancel(both, name, arguments) -> None:
    """By the documentation the failure of a list, an open or a read ends the backup."""
    source, documented = both.answers(name, *arguments)
    assert source == documented < 0
    assert both.running() == [True, False]
    assert both.answers("JetEndExternalBackupInstance2", JET_bitBackupEndAbort) == [0, -520]


def test_failures_that_do_not_cancel(both) -> None:
    """A database that is not attached, and pages that cannot be read, leave the backup alone."""
    assert both.answers("JetOpenFileInstance", r"C:\data\none.edb") == [-1203, -1203]
    for _, inst in both.servers:
        inst.faults.page(MAIL, 3)
    both.do("JetOpenFileInstance", MAIL)
    assert both.answers("JetReadFileInstance", 0, bytearray(65536)) == [-1018, -1018]
    assert both.answers("JetTruncateLogInstance") == [-521, -521]
    assert both.running() == [True, True]


def test_a_second_file_cancels(both) -> None:
    """The engine has room for one file; who opens another has no backup any more."""
    both.do("JetOpenFileInstance", MAIL)
    assert both.answers("JetOpenFileInstance", MAIL) == [-1011, -1011]
    assert both.running() == [True, False]


def test_a_list_with_a_file_open_cancels(both) -> None:
    """Logs to delete cannot be listed while a file is open."""
    both.do("JetOpenFileInstance", MAIL)
    assert both.answers("JetGetTruncateLogInfoInstance") == [-521, -521]
    assert both.running() == [True, False]


def test_what_the_engine_cancels_by_itself(both) -> None:
    """A log that cannot be read ends the backup by the source too."""
    for _, inst in both.servers:
        inst.faults.log(2)
    both.do("JetGetLogInfoInstance")
    both.do("JetOpenFileInstance", r"C:\logs\edb00002.log")
    assert both.answers("JetReadFileInstance", 0, bytearray(65536)) == [-612, -612]
    assert both.running() == [False, False]


def test_a_failure_before_there_is_a_backup() -> None:
    """Where no backup runs there is nothing to cancel."""
    both = Both()
    assert both.answers("JetGetAttachInfoInstance") == [-520, -520]
    for _, inst in both.servers:
        inst.state.service_stopped = True
        inst.state.changed()
    assert both.answers("JetGetAttachInfoInstance") == [-1329, -1329]


def test_wild_handles() -> None:
    """A handle of no instance is JET_errInvalidParameter."""
    both = Both()
    assert both.answers("JetCloseFileInstance", 99, 0, instance=False) == [-1115, -1003]
    assert both.answers("JetStopBackupInstance", 99, instance=False) == [-1115, -1003]


def test_forms_without_an_instance() -> None:
    """Before JetInit they are JET_errNotInitialized; with one instance they name it."""
    for contract, error in (("source", -1003), ("documented", -1029)):
        engine = esemu.Engine(contract=contract)
        with pytest.raises(esemu.JetError) as raised:
            engine.jet.JetBeginExternalBackup()
        assert raised.value.err == error
        engine.jet.JetInit()
        engine.jet.JetBeginExternalBackup()
        engine.jet.JetStopBackup()
        with suppress(esemu.JetError):
            engine.jet.JetEndExternalBackup()
        assert engine.trace.as_dicts()[-1]["err"] == (0 if contract == "source" else -801)


def test_the_build_that_ignores_handles() -> None:
    """Where a process has one instance and handles are not looked at, any handle is that instance's."""
    engine = esemu.Engine("ese", contract="documented")
    engine.jet.JetInit()
    engine.jet.JetBeginExternalBackupInstance(99, 0)
    engine.jet.JetStopBackupInstance(99)
    with pytest.raises(esemu.BackupAbortByServerError):
        engine.jet.JetEndExternalBackupInstance(99)


def test_an_end_without_an_instance() -> None:
    """A handle of no instance is what the source says of it."""
    assert Both().answers("JetEndExternalBackupInstance", 99, instance=False) == [-1115, -1115]


def test_other_answers() -> None:
    """Options of JetBackup, JetTerm in a backup, instances that do not run, and snapshots."""
    both = Both()
    for engine in both.engines:
        engine.disk.create_folders("C:\\backup\\")
    assert both.answers("JetBackupInstance", "C:\\backup", 0x800) == [0, -900]
    assert both.answers("JetOSSnapshotPrepare", 0x4000, instance=False) == [-900, -1003]
    assert both.answers("JetOSSnapshotPrepare", instance=False) == [0, 0]
    assert both.answers("JetOSSnapshotPrepare", instance=False) == [0, -2401]
    assert both.answers("JetOSSnapshotFreeze", 1, 7, instance=False) == [-900, -1003]
    both.answers("JetOSSnapshotAbort", 1, instance=False)
    both.answers("JetOSSnapshotAbort", 2, instance=False)
    new = [engine.jet.JetCreateInstance("new") for engine in both.engines]
    assert new[0] == new[1]
    assert both.answers("JetStopBackupInstance", new[0], instance=False) == [0, -1003]
    assert both.answers("JetStopServiceInstance", new[0], instance=False) == [0, -1003]
    both.do("JetBeginExternalBackupInstance", 0)
    assert both.answers("JetTerm") == [0, -505]


def test_the_first_read_of_a_log(both) -> None:
    """It needs three pages by the documentation, and two by the source."""
    both.do("JetGetLogInfoInstance")
    both.do("JetOpenFileInstance", r"C:\logs\edb00002.log")
    both.do("JetStopBackupInstance")
    assert both.answers("JetReadFileInstance", 0, bytearray(8192)) == [-801, -801]
    for _, inst in both.servers:
        inst.state.backup.stop_requested = False
        inst.state.changed()
    assert both.answers("JetReadFileInstance", 0, bytearray(8192)) == [0, -1003]


def test_a_correct_client_survives_either() -> None:
    """It saves the same files under both contracts."""
    assert len({str(sorted(CORRECT(engine.jet, inst))) for engine, inst in Both().servers}) == 1


def test_the_source_contract_pays_nothing() -> None:
    """An engine that answers by the source imports nothing of the other contract."""
    code = "import sys, esemu; esemu.Engine().start(); assert not [m for m in sys.modules if '.documented' in m]"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_table_names_calls_and_rules_that_there_are() -> None:
    """Each row is about calls of the table of the source, and names rules that those calls have."""
    assert len({each.name for each in DIFFERENCES}) == len(DIFFERENCES)
    for each in DIFFERENCES:
        assert set(each.calls) <= set(CALLS), each
        rules: set[str] = set()
        for name in each.calls:
            api = CALLS[name]
            rules |= {rule.name for rule in (*api.before, *api.find, *api.gate, *api.rules())}
            if hasattr(api, "afterwards"):
                rules |= {rule.name for rule in api.afterwards.rules()}
        named: frozenset[str] = frozenset()
        if isinstance(each.change, Renames):
            named = each.change.rules
        if isinstance(each.change, Cancels):
            named = each.change.but
        assert named <= rules, each
        assert "difference" in repr(each)


def test_reasons() -> None:
    """What is emulated needs no reason, what is not has one."""
    assert all(each.change is not None and not each.reason for each in EMULATED)
    assert all(each.change is None and each.reason for each in NOT_EMULATED)


def test_documented_errors_are_on_their_pages() -> None:
    """An error that is returned in place of the source's is in the page's table of return values."""
    for each in EMULATED:
        error = getattr(each.change, "error", 0)
        if not error:
            continue
        name = "JET_errBackupAbortByCaller" if error == ABORT_BY_CALLER else esemu.exception_for(error).name
        for call in each.calls:
            page = DOCUMENTED_RETURNS.get(call.removesuffix("A"), {})
            assert not page or name in page, (each, call)
