# SPDX-License-Identifier: MIT
"""The event log of one emulated process: what its engine reported, in order.

What is reported is kept as it comes; `Event` objects are made when somebody reads.  `events` has the table of names.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from esemu.world.events import Severity

    Record: TypeAlias = tuple[str, tuple[str, ...], str | None, int, int]


class Event:
    """One entry of the event log."""

    __slots__ = ("category", "instance", "ms", "name", "strings")

    def __init__(self, name: str, strings: tuple[str, ...], instance: str | None, ms: int, category: int = 0) -> None:
        #: The name in the engine's source, such as "STOP_BACKUP_INSTANCE_ID".
        self.name = name
        #: What is inserted into the message, in order.
        self.strings = strings
        #: The name of the instance ("" if it has none), None for events of the whole process.
        self.instance = instance
        #: When it was reported, in the clock's milliseconds.
        self.ms = ms
        #: The engine's number of the category, 3 for backups, 16 for snapshots.
        self.category = category or _entry(name)[2]

    @property
    def number(self) -> int:
        """The number that administrators know the event by, such as 226."""
        return _entry(self.name)[0]

    @property
    def severity(self) -> Severity:
        """'I' for information, 'W' for a warning, 'E' for an error."""
        return _entry(self.name)[1]

    @property
    def message(self) -> str:
        """What happened, in one sentence; an inserted string that was not given is shown as "..."."""
        first, *rest = _entry(self.name)[3].split("%")
        for part in rest:
            place = int(part[0]) - 4
            first += (self.strings[place] if place < len(self.strings) else "...") + part[1:]
        return first

    def __eq__(self, other: object) -> bool:
        """Two events are equal if all that was reported is equal."""
        if not isinstance(other, Event):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in Event.__slots__)

    def __hash__(self) -> int:
        """Return a number that equal events share."""
        return hash((self.name, self.strings, self.instance, self.ms))

    def __str__(self) -> str:
        """Return one line: time, severity, number, instance and message."""
        where = f"{self.instance}: " if self.instance else ""
        return f"{self.ms / 1000:9.3f} s  {self.severity} {self.number:4}  {where}{self.message}"

    def __repr__(self) -> str:
        """Return the expression that makes this event again."""
        return f"Event({self.name!r}, {self.strings!r}, {self.instance!r}, {self.ms}, {self.category})"


def _entry(name: str) -> tuple[int, Severity, int, str]:
    """Return the entry of an event in the table, which most programs never look into."""
    from esemu.world.events import EVENTS  # noqa: PLC0415 - read when the first event is read

    return EVENTS[name]


class EventLog:
    """The events reported so far; of more than `limit` the oldest are dropped and counted.

    One thread at a time reports, any may read meanwhile.
    """

    __slots__ = ("_kept", "_limit")

    def __init__(self, limit: int = 10_000) -> None:
        self._limit = limit
        # How many records are gone, and those behind them, up to twice the limit.
        self._kept: tuple[int, list[Record]] = (0, [])

    def append(self, name: str, strings: tuple[str, ...], instance: str | None, ms: int, category: int = 0) -> None:
        """Report an event: see `Event`.  Category 0 is the usual one of the event."""
        gone, records = self._kept
        records.append((name, strings, instance, ms, category))
        if len(records) > 2 * self._limit:
            self._kept = (gone + len(records) - self._limit, records[len(records) - self._limit :])

    @property
    def count(self) -> int:
        """How many events were ever reported."""
        gone, records = self._kept
        return gone + len(records)

    @property
    def dropped(self) -> int:
        """How many of the oldest events are gone."""
        return max(0, self.count - self._limit)

    def since(self, count: int) -> list[Event]:
        """Return what was reported since `self.count` was `count`, except for what was dropped."""
        gone, records = self._kept
        records = records.copy()
        first = max(count - gone, len(records) - self._limit, 0)
        return [Event(*record) for record in records[first:]]

    def __len__(self) -> int:
        """Return how many events can be read."""
        return min(self.count, self._limit)

    def __iter__(self) -> Iterator[Event]:
        """Read the events so far, oldest first."""
        return iter(self.since(0))

    def __repr__(self) -> str:
        """Return how much was reported."""
        return f"<EventLog: {len(self)} events, {self.dropped} dropped>"

    def __str__(self) -> str:
        """Return one line for each event."""
        return "\n".join(map(str, self))
