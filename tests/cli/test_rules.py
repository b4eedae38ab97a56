# SPDX-License-Identifier: MIT
"""`esemu rules`: everything in the table is printed, in its order, and nothing is cut off."""

import json
import sys
from collections.abc import Callable

import pytest
from click.testing import Result

from esemu.cli.table import outcome, rules
from esemu.machine.calls import CALLS
from esemu.machine.step import Part, Rule, parts_of

STOP = """\
JetStopBackup: 2 rules

finding the instance or session
  JET_errInvalidParameter (-1003)  running_mode_not_set, jetapi.cxx:2976
      A single-instance form was called, and no instance was ever made.
  JET_errRunningInMultiInstanceMode (-1081)  running_in_multi_instance_mode, jetapi.cxx:2986
      A single-instance form was called in a process that runs several instances.

the call
  then request_stop: Set the stop flag: no lock, no wait, and no word to anybody (BKSetStopBackup).
"""


def test_one_call(invoke: Callable[..., Result]) -> None:
    """A call is printed stage by stage: each rule with its error, name, source and text, each effect with what it does."""
    result = invoke("rules", "JetStopBackup")
    assert (result.exit_code, result.stderr, result.stdout) == (0, "", STOP)


@pytest.mark.parametrize("name", CALLS)
def test_every_rule_is_printed(invoke: Callable[..., Result], name: str) -> None:
    """Each rule that the machine can ask of a call is printed, with its error, source and whole text, in its order."""
    printed = invoke("rules", name).stdout.splitlines()
    at = 0
    for rule in rules(CALLS[name]):
        line = f"{outcome(rule)}  {rule.name}, {rule.source}"
        at = next(number for number in range(at, len(printed)) if printed[number].strip() == line) + 1
        assert printed[at].strip() == rule.text


def compiled_rules(part: Part) -> set[Rule]:
    """Return the rules that a part was compiled to: what really runs."""
    found: set[Rule] = set()
    for *_, step in part.program:
        if isinstance(step, Rule):
            found.add(step)
        else:
            for inside in (step,) if isinstance(step, Part) else parts_of(step):
                found |= compiled_rules(inside)
    return found


@pytest.mark.parametrize("name", CALLS)
def test_what_is_printed_is_what_runs(name: str) -> None:
    """The printed rules of a call are those of its compiled program and of the stages around it."""
    call = CALLS[name]
    target = getattr(call, "target", call)
    run = {*call.before, *call.find, *target.before, *call.leading, *compiled_rules(call)}
    if hasattr(target, "afterwards"):
        run |= compiled_rules(target.afterwards)
    assert set(rules(call)) == run


def test_a_condition_of_a_part_is_printed(invoke: Callable[..., Result]) -> None:
    """A part that is taken only sometimes says when, and its steps stand further in."""
    printed = invoke("rules", "JetReadFileInstance").stdout
    condition = (
        "    a database - only when: The entry of the handle is that of a database. (backup.cxx:2743)\n      JET_err"
    )
    assert condition in printed


def test_what_stands_in_the_way_of_an_instance_is_printed(invoke: Callable[..., Result]) -> None:
    """JetInit's rules are those about finding the instance and those about starting it."""
    printed = invoke("rules", "JetInit").output
    assert "unnamed_instance_exists" in printed
    assert "JET_errLogFilePathInUse" in printed


def test_what_a_call_of_the_engine_inside_another_is_refused_with_is_printed(invoke: Callable[..., Result]) -> None:
    """JetBackupInstance makes the calls of a backup itself: their rules are its own."""
    printed = invoke("rules", "JetBackupInstance").output
    assert "      JET_errBackupInProgress (-505)  backup_in_progress" in printed
    assert "JET_errBackupAbortByServer" in printed


def test_the_list_of_calls(invoke: Callable[..., Result]) -> None:
    """Without a call each call of the table is listed with the number of its rules."""
    lines = [line.split() for line in invoke("rules").stdout.splitlines()]
    assert [line[0] for line in lines] == list(CALLS)
    assert {line[0]: int(line[1]) for line in lines} == {name: len(list(rules(call))) for name, call in CALLS.items()}


@pytest.mark.parametrize("given", ["jetstopbackup", "JetStopBackupW"])
def test_other_spellings_of_a_call(invoke: Callable[..., Result], given: str) -> None:
    """Upper and lower case do not matter, and W names the Unicode form, which the plain name stands for."""
    assert invoke("rules", given).stdout == STOP


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("JetStopBackups", "did you mean JetStopBackup or "),
        ("JetOpenTable", "JetOpenTable is a call of the engine that esemu does not emulate"),
        ("qqqq", "`esemu rules` lists all calls"),
    ],
)
def test_an_unknown_call(invoke: Callable[..., Result], given: str, message: str) -> None:
    """What is no call gets a suggestion, with status 2."""
    result = invoke("rules", given)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def flattened(steps: list[dict]) -> list[str]:
    """Return the names of the rules in the JSON form, in order."""
    return [name for step in steps for name in ([step["rule"]] if "rule" in step else flattened(step.get("steps", [])))]


def test_json_of_everything(invoke: Callable[..., Result]) -> None:
    """--json gives the whole table, rule by rule."""
    table = json.loads(invoke("rules", "--json").stdout)
    assert list(table) == list(CALLS)
    for name, sections in table.items():
        assert [rule for section in sections for rule in flattened(section["steps"])] == [
            rule.name for rule in rules(CALLS[name])
        ]


def test_json_of_one_call(invoke: Callable[..., Result]) -> None:
    """With a call --json gives that one; a rule has its errors by number and name, a part its condition."""
    table = json.loads(invoke("rules", "JetReadFileInstance", "--json").stdout)
    assert list(table) == ["JetReadFileInstance"]
    (part,) = table["JetReadFileInstance"][-1]["steps"]
    stopped = next(step for step in part["steps"] if step.get("rule") == "backup_stopped")
    assert stopped["errors"] == [{"error": -801, "name": "JET_errBackupAbortByServer"}]
    assert stopped["source"] == "backup.cxx:2706"
    assert {step["when"]["rule"] for step in part["steps"] if "when" in step} == {
        "slot_holds_no_database",
        "slot_holds_a_database",
    }


@pytest.mark.skipif(sys.platform == "win32", reason="Python has no pseudo-terminals on Windows")
def test_a_terminal_gets_wrapped_lines(on_terminal: Callable[..., tuple[int, str]]) -> None:
    """On a terminal lines are wrapped to its width and titles are bold."""
    status, printed = on_terminal("rules", "JetStopBackup")
    assert status == 0
    assert printed.startswith("\x1b[1mJetStopBackup: 2 rules\x1b[0m\n")
    lines = printed.replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()
    assert max(map(len, lines)) <= 60
    assert " ".join(" ".join(lines).split()) == " ".join(STOP.split())


@pytest.mark.skipif(sys.platform == "win32", reason="Python has no pseudo-terminals on Windows")
def test_a_terminal_may_want_no_escapes(
    on_terminal: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With NO_COLOR in the environment lines are wrapped, and nothing is bold."""
    monkeypatch.setenv("NO_COLOR", "1")
    status, printed = on_terminal("rules", "JetStopBackup")
    assert status == 0
    assert printed.startswith("JetStopBackup: 2 rules\n")
    assert "\x1b" not in printed
