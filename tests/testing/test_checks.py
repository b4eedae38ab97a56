# SPDX-License-Identifier: MIT
"""Each contract check finds its bug under its own name, whichever way the bug is written, and leaves legal clients alone."""

import pickle
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from backup_server import MAIL, Server
from broken_contracts import ALSO, BROKEN, left_running
from correct_client import back_up
from every_client import BUGGY, CODES, CORRECT
from legal_clients import LEGAL, gave_up_with_a_full_disk

import esemu
from esemu.testing import CHECKS, check, fail, interposed
from esemu.vocabulary import errors as err
from esemu.vocabulary.grbits import JET_bitBackupEndAbort as ABORT


@pytest.fixture
def server() -> Server:
    """Make a server."""
    return Server()


@pytest.mark.parametrize(
    ("code", "client"), [pytest.param(code, each, id=each.__name__) for code, all_ in BROKEN.items() for each in all_]
)
def test_a_check_finds_its_bug(server, code, client) -> None:
    """A client that breaks one contract is told of that one."""
    client(server)
    assert server.codes() == sorted([code, *ALSO.get(client, [])])
    assert server.codes(off=CHECKS) == []
    assert server.codes(only=[CHECKS[code].name]) == [code]


def test_every_check_has_a_bug_that_it_finds() -> None:
    """No row of the table goes untested, and codes and names are unique."""
    assert set(BROKEN) == set(CHECKS)
    assert len({row.name for row in CHECKS.values()}) == len(CHECKS)


@pytest.mark.parametrize("client", LEGAL, ids=lambda each: each.__name__)
def test_legal_clients_are_left_alone(server, client) -> None:
    """What the engine's contract allows is no finding."""
    client(server)
    assert check(server.engine) == []


STOPS = range(0, 40, 3)
"""Before which calls of a client the backup is stopped; before call 0 is never."""


def run(client: Callable[..., object], server: Server, stop: int = 0) -> list[str]:
    """Run a client, have its backup stopped before one of its calls, and return what the checks find."""
    made = 0

    def interposer(call, go_on) -> int:
        nonlocal made
        made += 1
        if made == stop:
            server.stop()
        return go_on(call)

    with interposed(server.engine, interposer):
        try:
            client(server.jet, server.inst)
        except esemu.JetError:
            return server.codes(reported_success=False)
        return server.codes(reported_success=True)


@pytest.mark.parametrize("name", sorted(BUGGY.keys() - {"retries_begin"}))
def test_bugs_of_clients_are_named(name) -> None:
    """A client with a bug is told of it on a server that does nothing or stops the backup, and of next to nothing else."""
    found = {code for stop in STOPS for code in run(BUGGY[name], Server(), stop)}
    also = {"small_buffer": {"ESB108"}, "ignores_abort": {"ESB105"}}.get(name, set())
    assert found == {CODES[name]} | also


def test_a_client_that_begins_for_ever_is_named(server, monkeypatch) -> None:
    """Whoever stops it, it has asked two hundred times by then."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    server.begin()

    def interposer(call, go_on) -> int:
        if call.api.name.startswith("JetBegin") and len(server.engine.trace) > 300:
            raise TimeoutError
        return go_on(call)

    with interposed(server.engine, interposer), suppress(TimeoutError):
        BUGGY["retries_begin"](server.jet, server.inst)
    assert server.codes() == ["ESB101", "ESB121"]
    own = next(call.number for call in server.engine.trace if call.api.name == "JetBeginExternalBackupInstance")
    assert server.codes(ignore=[own]) == ["ESB121"]


def test_the_correct_client_is_left_alone() -> None:
    """It may be stopped before any call."""
    assert all(run(CORRECT, Server(), stop) == [] for stop in range(40))


def phases_in_finally(jet, inst) -> None:
    """Back up database by database, log by log, and end the backup whatever happens."""
    jet.JetBeginExternalBackupInstance(inst, 0)
    try:
        for names in (jet.JetGetAttachInfoInstance, jet.JetGetLogInfoInstance):
            for name in names(inst):
                file = jet.JetOpenFileInstance(inst, name)
                while jet.JetReadFileInstance(inst, file.handle, bytearray(1 << 20)):
                    pass
                jet.JetCloseFileInstance(inst, file.handle)
    finally:
        jet.JetEndExternalBackupInstance(inst)


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("client", "contract"),  # test_sweeps.py has the third pair, with more errors
    [(CORRECT, "documented"), (phases_in_finally, "source"), (phases_in_finally, "documented")],
)
@pytest.mark.parametrize("lasting", [False, True])
def test_a_correct_client_may_be_failed_at_any_call(lasting, client, contract) -> None:
    """Whatever call fails, once or from then on, a client that gives up has broken nothing."""
    for error in (err.JET_errBackupAbortByServer, err.JET_errDiskIO, err.JET_errInvalidParameter):
        for nth in range(1, 24):
            server = Server(contract=contract)
            made = 0

            def interposer(call, go_on, *, nth: int = nth, server: Server = server, error: int = error) -> int:
                nonlocal made
                made += 1
                if made == nth or (lasting and made > nth):
                    return fail(server.engine.process, call, error)
                return go_on(call)

            with interposed(server.engine, interposer), suppress(esemu.JetError):
                client(server.jet, server.inst)
            assert server.codes() == [], (nth, error)


def test_reported_success_decides_where_calls_leave_a_doubt(server) -> None:
    """Who stops half way and reports success has a bug; who reports failure has given up."""
    gave_up_with_a_full_disk(server)
    assert server.codes(reported_success=False) == []
    assert server.codes(reported_success=True) == ["ESB109", "ESB111"]


@pytest.mark.parametrize("refused", ["JetBackupInstance", "JetBeginExternalBackupInstance", "JetOSSnapshotFreeze"])
def test_a_backup_that_never_was_and_is_reported_as_good(server, refused) -> None:
    """The call without which there is no backup failed last, and its client did not look; one that tells is not blamed."""
    arguments = {
        "JetBackupInstance": (server.inst, "Q:\\nowhere"),
        "JetBeginExternalBackupInstance": (server.inst, 0x800),
    }
    server.refused(getattr(server.jet, refused), *arguments.get(refused, (7,)))
    assert server.codes(reported_success=True) == ["ESB118"]
    assert server.codes(reported_success=False) == server.codes() == []
    back_up(server.jet, server.inst)
    assert server.codes(reported_success=True) == []


def test_an_end_that_failed_and_was_reported_as_good(server) -> None:
    """A backup whose end as a good one is refused is none; nobody is blamed who ends it as aborted, or ends it twice."""
    server.begin()
    server.copy_databases()
    server.copy_logs()
    with interposed(server.engine, lambda call, _: fail(server.engine.process, call, err.JET_errDiskIO)):
        server.refused(server.end)
    assert server.codes(reported_success=True) == ["ESB118"]
    server.end(ABORT)
    back_up(server.jet, server.inst)
    server.refused(server.end, ABORT)
    assert server.codes(reported_success=True) == []


def test_what_is_cleared_away_may_be_gone(server) -> None:
    """Who ends the backup that was in the way of a begin, and finds that it is over, has done nothing wrong."""
    in_progress = err.JET_errBackupInProgress
    with interposed(server.engine, lambda call, _: fail(server.engine.process, call, in_progress)):
        server.refused(server.begin)
    server.refused(server.end, ABORT)
    assert server.codes() == []


def test_a_term_is_refused_as_the_documentation_says() -> None:
    """Under the documented contract JetTerm fails while a backup runs, and is the same mistake."""
    server = Server(contract="documented")
    server.begin()
    server.refused(server.jet.JetTerm, server.inst)
    server.end(ABORT)
    assert server.codes() == ["ESB119"]


def test_a_backup_that_was_lost_and_reported_as_good(server) -> None:
    """The end of a backup that a snapshot had ended is refused, and the client did not look."""
    server.begin()
    server.copy_databases()
    server.copy_logs()
    server.jet.JetOSSnapshotEnd(server.jet.JetOSSnapshotPrepare())
    server.refused(server.end)
    assert server.codes(reported_success=True) == ["ESB123"]
    assert server.codes() == []


@pytest.mark.parametrize("name", ["JetTerm", "JetEndExternalBackupInstance"])
def test_what_the_server_did_is_nobodys_fault(server, name) -> None:
    """A call of the server in the middle of a backup, and what follows from it, is not blamed on the client."""
    server.begin()
    server.jet.JetGetAttachInfoInstance(server.inst)
    server.open()
    getattr(server.jet, name)(server.inst)
    (*_, last) = server.engine.trace
    server.refused(server.read)
    server.refused(server.end, ABORT)
    assert server.codes(ignore=[last.number]) == []
    assert server.codes() != []


def test_a_finding_is_one_line(server) -> None:
    """It has code, name, what is wrong, and the call at which it shows."""
    left_running(server)
    (finding,) = check(server.engine)
    assert finding.call is not None
    assert str(finding) == (
        "ESB101 backup-not-ended: A backup was begun and never ended: no other can begin until somebody ends it. "
        f"(call #{finding.call.number}, JetBeginExternalBackupInstance(grbit=0))"
    )
    assert (finding.code, finding.name, finding.page) == ("ESB101", "backup-not-ended", "checks/ESB101")
    assert pickle.loads(pickle.dumps(finding)) == finding
    assert "ESB101" in repr(CHECKS["ESB101"])


def test_a_check_that_there_is_not_is_named(server) -> None:
    """A wrong code or name gives an error that lists those that there are."""
    with pytest.raises(ValueError, match=r"no check 'ESB999'; there are ESB101 \(backup-not-ended\), ESB102"):
        check(server.engine, off=["ESB999"])


def test_a_trace_without_its_beginning_makes_nobody_guilty() -> None:
    """A begin that has dropped out of the trace was made all the same."""
    engine = esemu.Engine(trace_limit=3)
    inst = engine.start({MAIL: 100})
    engine.jet.JetBeginExternalBackupInstance(inst, 0)
    for _ in range(3):
        engine.jet.JetGetAttachInfoInstance(inst)
    assert check(engine) == []


@pytest.mark.parametrize("code", sorted(CHECKS))
def test_every_check_has_a_page(code) -> None:
    """The page has the code and name of the check, and an example that the check finds."""
    page = Path(__file__).parents[2] / "docs" / f"{CHECKS[code].page}.md"
    text = page.read_text(encoding="utf-8")
    assert f"\n# {code}: {CHECKS[code].name}\n" in text
    assert f"```{{contract-check}} {code}\n" in text
    assert f"['{code}']\n```" in text
    assert text.endswith("[]\n```\n")
