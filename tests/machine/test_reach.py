# SPDX-License-Identifier: MIT
"""No rule stands in the table for nothing: each refuses some call in some state that can be shown."""

from typing import Any

from esemu.machine.calls import CALLS
from esemu.machine.explore import Exploration
from esemu.machine.step import Part, Rule, Wait

ELSEWHERE = {
    "pages_unreadable": "seventeen attempts to read a page have to fail: the recordings have that",
    "copy_of_a_backup": "it takes bytes: tests/faces/test_database_state.py",
    "database_file_read_only": "it takes a file of the host: tests/faces/test_mounts.py",
    "page_numbers_used_up": "it takes a database of 16 TB: tests/faces/test_library_databases.py",
    "folder_write_protected": "it takes a folder of the host: tests/faces/test_mounts.py",
    "term_inside_the_instance": "it takes a callback from inside a call: tests/faces/test_threads.py",
}
NOWHERE = {
    "surrogate_begin_not_logged": "the log would have to fail while the call runs: log_write_failed has looked before",
}


def rules_of(part: Part) -> set[Rule]:
    """Return the rules of a row, those about the handle included; OS snapshots, restores and waits have tests of their own."""
    rules = {*getattr(part, "before", ()), *getattr(part, "find", ()), *part.rules()}
    if hasattr(part, "afterwards"):
        rules |= {*part.afterwards.rules()}
    return {rule for rule in rules if not isinstance(rule, Wait) and "snapshots" not in rule.test.__module__}


def test_every_rule_refuses_somewhere(exploration: Exploration, written: list[dict[str, Any]], stage: Any) -> None:
    """Reachable states and written cases show every rule of the table at work, but for those that are named."""
    shown = {edge.rule for edge in exploration.edges()}
    for case in written:
        playing = stage(case)
        for op, fields, *_ in case["calls"]:
            playing.play(op, fields)
            for _ in range(fields.get("times", 1) - 1):
                playing.play(op, fields)
        shown |= playing.refusing
    names = {rule.name for rule in shown if rule is not None}
    rows = [row for name, row in CALLS.items() if "Snapshot" not in name and "Restore" not in name]
    every = {rule.name for row in rows for rule in rules_of(row)}
    assert every - names == ELSEWHERE.keys() | NOWHERE.keys()
    assert len(every & names) > 100
