# SPDX-License-Identifier: MIT
"""The event log, and the table of the events that it may hold."""

import re
from typing import Any

import pytest

from esemu.world.eventlog import Event, EventLog
from esemu.world.events import EVENTS, SHADOW_COPY

STOPPED = ("STOP_BACKUP_ERROR_ABORT_BY_SERVER_INSTANCE_ID", (), "inst0", 1500)
FILE = ("BACKUP_FILE_STOP_BEFORE_END", ("C:\\data\\db1.edb", "16384", "32768"), "", 20)


def test_events_are_read_in_order() -> None:
    """What was reported is read as events, oldest first."""
    log = EventLog()
    log.append(*FILE)
    log.append(*STOPPED)
    assert list(log) == [Event(*FILE), Event(*STOPPED)]
    assert len(log) == log.count == 2
    assert log.dropped == 0


def test_an_event_tells_what_is_known_of_it() -> None:
    """Number, severity, category and message come from the table, the rest from the report."""
    event = Event(*FILE)
    assert (event.name, event.strings, event.instance, event.ms) == FILE
    assert (event.number, event.severity, event.category) == (222, "I", 3)
    assert event.message == "The backup of C:\\data\\db1.edb ended after 16384 of 32768 bytes."


def test_events_are_shown_as_lines() -> None:
    """A line has the time in seconds, severity, number, instance if it has a name, and message."""
    log = EventLog()
    log.append(*FILE)
    log.append(*STOPPED)
    assert str(log).splitlines() == [
        "    0.020 s  I  222  The backup of C:\\data\\db1.edb ended after 16384 of 32768 bytes.",
        "    1.500 s  E  226  inst0: The server stopped the backup, perhaps because the instance terminates.",
    ]
    assert repr(log) == "<EventLog: 2 events, 0 dropped>"


def test_a_missing_string_is_left_out() -> None:
    """An event that was reported with too few strings is still shown; a percent sign in a string is one."""
    assert Event("OS_SNAPSHOT_TIME_OUT_ID", ("%5",), None, 0).message == "Snapshot %5 was frozen for too long (... ms)."


@pytest.mark.parametrize(
    "other",
    [
        ("STOP_BACKUP_INSTANCE_ID", (), "inst0", 1500),
        (STOPPED[0], ("x",), "inst0", 1500),
        (STOPPED[0], (), None, 1500),
        (STOPPED[0], (), "inst0", 1501),
        (STOPPED[0], (), "inst0", 1500, 16),
    ],
)
def test_events_are_compared_by_what_was_reported(other: tuple[Any, ...]) -> None:
    """Two events are equal if everything in them is, and then they have one hash."""
    assert Event(*STOPPED) == Event(*STOPPED)
    assert hash(Event(*STOPPED)) == hash(Event(*STOPPED))
    assert Event(*STOPPED) != Event(*other)
    assert Event(*STOPPED) != STOPPED


def test_the_repr_of_an_event_makes_it_again() -> None:
    """A failing assert shows an expression that can be copied."""
    for event in (Event(*STOPPED), Event(*FILE, 16)):
        assert eval(repr(event), {"Event": Event}) == event


def test_a_snapshot_may_delete_logs() -> None:
    """The category may be another than the usual one of the event."""
    log = EventLog()
    log.append("BACKUP_NO_TRUNCATE_LOG_FILES", (), "", 0)
    log.append("BACKUP_NO_TRUNCATE_LOG_FILES", (), "", 0, SHADOW_COPY)
    assert [event.category for event in log] == [3, 16]


def test_the_oldest_events_are_dropped() -> None:
    """A log is bounded and says how many events are gone."""
    log = EventLog(limit=3)
    for ms in range(5):
        log.append("STOP_BACKUP_INSTANCE_ID", (), "", ms)
    assert [event.ms for event in log] == [2, 3, 4]
    assert (len(log), log.count, log.dropped) == (3, 5, 2)


@pytest.mark.parametrize(("count", "times"), [(0, [2, 3, 4]), (1, [2, 3, 4]), (3, [3, 4]), (5, [])])
def test_the_events_of_a_call_are_those_since(count: int, times: list[int]) -> None:
    """Who remembers the count before a call gets the events of the call, if they are still there."""
    log = EventLog(limit=3)
    for ms in range(5):
        log.append("STOP_BACKUP_INSTANCE_ID", (), "", ms)
    assert [event.ms for event in log.since(count)] == times


def test_the_usual_limit_is_ten_thousand() -> None:
    """A program that backs up for ever does not fill the memory."""
    log = EventLog()
    for ms in range(10_001):
        log.append("STOP_BACKUP_INSTANCE_ID", (), "", ms)
    assert (len(log), log.dropped) == (10_000, 1)


@pytest.mark.parametrize(
    ("name", "number", "severity", "category"),
    [
        ("START_INSTANCE_ID", 102, "I", 1),
        ("STOP_INSTANCE_ID", 103, "I", 1),
        ("DATABASE_MISS_FULL_BACKUP_ERROR_ID", 206, "E", 3),
        ("START_FULL_BACKUP_INSTANCE_ID", 210, "I", 3),
        ("STOP_BACKUP_INSTANCE_ID", 213, "I", 3),
        ("STOP_BACKUP_ERROR_ABORT_BY_CALLER_INSTANCE_ID", 215, "E", 3),
        ("BACKUP_ERROR_INFO_UPDATE", 219, "W", 3),
        ("STOP_BACKUP_ERROR_ABORT_BY_SERVER_INSTANCE_ID", 226, "E", 3),
        ("INTERNAL_COPY_FILE_STOP_BEFORE_END", 252, "I", 3),
        ("ATTACH_DATABASE_DONE_ID", 326, "I", 1),
        ("DB_PARTIALLY_ATTACHED_ID", 470, "E", 12),
        ("TRANSIENT_READ_ERROR_DETECTED_ID", 493, "E", 3),
        ("OS_SNAPSHOT_ABORT_ID", 2007, "E", 16),
    ],
)
def test_numbers_are_those_of_the_engine(name: str, number: int, severity: str, category: int) -> None:
    """Administrators know events by number; the table has the engine's (jetmsg.mc)."""
    assert EVENTS[name][:3] == (number, severity, category)


def test_the_table_makes_sense() -> None:
    """Numbers are unique, messages are sentences, and placeholders are used once each, in any order, without a gap."""
    assert len({number for number, *_ in EVENTS.values()}) == len(EVENTS)
    for name, (_, severity, _, message) in EVENTS.items():
        assert severity in "IWE"
        assert message.endswith(".")
        places = sorted(map(int, re.findall(r"%(\d)", message)))
        assert places == list(range(4, 4 + len(places))), name
