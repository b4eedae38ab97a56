# SPDX-License-Identifier: MIT
"""Five threads at a frozen instance, in every order that `schedules` can give: who is told what, and that nobody is left."""

import pytest
from schedules import BLOCKED, MAIL, schedules

from esemu.scenario import run_case
from esemu.vocabulary.grbits import JET_bitContinueAfterThaw

pytestmark = pytest.mark.untraced

CASTS = {
    "changes": ("begin", "attach", "term", "thaw", "time-out"),
    "logs": ("logs", "end", "create", "thaw", "time-out"),
    "aborted": ("begin", "detach", "term", "abort", "time-out"),
}
GRBITS = {"goes on after the thaw": JET_bitContinueAfterThaw, "ends with the thaw": 0}


@pytest.mark.parametrize("grbit", GRBITS.values(), ids=GRBITS)
@pytest.mark.parametrize("cast", CASTS.values(), ids=CASTS)
def test_nobody_waits_for_ever_who_would_not_in_the_engine(
    cast: tuple[str, ...], grbit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody gets an answer, and nothing is held in the end; a term waits on for a snapshot that is never ended."""
    blocked = set()
    count = 0
    for outcome, play in schedules(cast, grbit, monkeypatch):
        count += 1
        instance, process = play.inst.state, play.engine.process
        thawed = outcome.get("thaw") == "success" and grbit == JET_bitContinueAfterThaw
        assert {name for name in cast if outcome[name] == BLOCKED} == ({"term"} if thawed and "term" in cast else set())
        assert outcome["time-out"] == "success"
        assert process.snapshot_lock is None
        assert (instance.backup.lock, instance.log.checkpoint_lock, instance.log.stopped) == (None, None, False)
        assert instance.calls_inside == ()
        blocked |= {name for name in cast if outcome[name] == BLOCKED}
    assert count > 200
    assert blocked == ({"term"} if cast == CASTS["changes"] and grbit else set())


def test_every_order_has_its_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What each thread can be told, over all schedules: nothing else, and all of that."""
    told: dict[str, set[str]] = {}
    for outcome, _ in schedules(CASTS["changes"], JET_bitContinueAfterThaw, monkeypatch):
        for name, answer in outcome.items():
            told.setdefault(name, set()).add(answer)
    assert told == {
        "begin": {"success", "BackupInProgress", "TermInProgress", "InvalidInstance"},
        "attach": {"success", "BackupInProgress", "TermInProgress", "InvalidSesid"},
        "term": {"success", BLOCKED},
        "thaw": {"success", "OSSnapshotTimeOut"},
        "time-out": {"success"},
    }


def test_a_term_waits_for_the_calls_inside_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the lock of the snapshot calls only when no call is inside the instance any more (jetapi.cxx:4571)."""
    orders = {tuple(outcome.values()) for outcome, _ in schedules(("begin", "term", "thaw"), 0, monkeypatch)}
    assert orders == {
        ("success", "success", "success"),  # thawed, or begun before the term or while it waited for that
        (
            "TermInProgress",
            BLOCKED,
            BLOCKED,
        ),  # the term came first: only the time-out could help, and nobody has it come
        ("TermInProgress", BLOCKED, "success"),  # likewise, but the term was told so first, and let go
        ("InvalidInstance", "success", "success"),
    }


RECORDED = {
    "begin": {"op": "JetBeginExternalBackupInstance", "grbit": 0},
    "attach": {"op": "JetAttachDatabase", "name": MAIL},
    "detach": {"op": "JetDetachDatabase", "name": MAIL},
    "logs": {"op": "JetGetLogInfoInstance"},
    "end": {"op": "JetEndExternalBackupInstance2", "grbit": 1},
    "term": {"op": "JetTerm2", "grbit": 4},
}
"""The same calls as a scenario has them, which answers as the engine's own code was recorded."""


@pytest.mark.parametrize("name", RECORDED)
def test_a_wait_that_a_time_out_ends_is_answered_as_recorded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the thread of the snapshot or the call that waits goes first: both answers are there, and no other."""
    answers = set()
    for outcome, play in schedules((name, "time-out"), JET_bitContinueAfterThaw, monkeypatch):
        if play.actors[0].place is not None:
            answers.add(outcome[name])
    world = {"dbs": [{"name": MAIL, "pages": 5}], "gen_cur": 6, "checkpoint": 3}
    calls = [{"op": "JetOSSnapshotPrepare", "grbit": 4}, {"op": "JetOSSnapshotFreeze"}, RECORDED[name]]
    recorded = {
        run_case({"id": name, "world": {**world, "on_block": who}, "calls": calls})["r"][-1]["name"]
        for who in ("timeout", "timeout_waiter_first")
    }
    succeeds = {"JET_errSuccess", "JET_wrnDatabaseAttached"}
    assert answers == {"success" if each in succeeds else each.removeprefix("JET_err") for each in recorded}
