# SPDX-License-Identifier: MIT
"""What several threads may look at while others call the engine: each sees what it would see alone.

Threads take turns as often as they can, or, where CPython has no GIL, run side by side.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

import esemu
from esemu.world import log_bytes
from esemu.world.content import PieceContent
from esemu.world.eventlog import EventLog
from esemu.world.generated import GeneratedPages

MAIL = r"C:\data\mail.edb"
LOG = r"C:\logs\edb00001.log"

pytestmark = pytest.mark.usefixtures("restless")


def together(in_thread: Any, *functions: Callable[[], Any]) -> list[Any]:
    """Let functions begin at the same moment, each in a thread of its own; return what came of them."""
    barrier = threading.Barrier(len(functions), timeout=60)

    def begin(function: Callable[[], Any]) -> Any:
        barrier.wait()
        return function()

    callers = [in_thread(lambda function=function: begin(function)) for function in functions]
    return [caller.result() for caller in callers]


def counted_to(last: int, numbers: Iterator[int], seen: list[int]) -> None:
    """Take numbers until there are enough."""
    while (number := next(numbers)) <= last:
        seen.append(number)


def test_each_number_is_given_out_once(engine: esemu.Engine, in_thread: Any) -> None:
    """Calls that threads make at once have numbers of their own, for which none of them waits."""
    numbers = engine.process.numbers
    seen: list[list[int]] = [[], [], []]
    together(in_thread, *[lambda mine=mine: counted_to(3_000, numbers, mine) for mine in seen])
    assert sorted(chain.from_iterable(seen)) == list(range(1, 3_001))


def test_the_trace_is_read_while_calls_are_made(in_thread: Any) -> None:
    """Whoever reads the trace finds every call once, whatever other threads call and stop meanwhile."""
    engine = esemu.Engine(trace_limit=100_000)
    inst = engine.start()
    before = len(engine.trace)

    def stop() -> None:
        for _ in range(1_000):
            engine.jet.JetStopBackupInstance(inst)

    def look() -> int:
        sizes = [len(list(engine.trace)) for _ in range(100)]
        assert sizes == sorted(sizes)
        return sizes[-1]

    assert together(in_thread, stop, stop, look)[:2] == [None, None]
    calls = [call.number for call in engine.trace]
    assert sorted(calls) == list(range(1, before + 2_001))


def test_a_stop_may_disturb_who_reads_the_trace(engine: esemu.Engine) -> None:
    """Stops are noted without a lock; where that disturbs the copy of the trace it is made again."""

    class Disturbed(deque[Any]):
        """A trace to which something is added while it is copied for the first time."""

        copies = 0

        def __iter__(self) -> Iterator[Any]:
            self.copies += 1
            if self.copies == 1:
                raise RuntimeError("deque mutated during iteration")
            return super().__iter__()

    engine.start()
    engine.process.trace = Disturbed(engine.process.trace)
    assert len(list(engine.trace)) == len(engine.trace) > 0


def test_events_are_read_while_they_are_reported(in_thread: Any) -> None:
    """Who asks for the events since a moment gets each of them once and in order."""
    log = EventLog(limit=50)

    def report() -> None:
        for ms in range(4_000):
            log.append("STOP_BACKUP_INSTANCE_ID", (), "", ms)

    def look() -> None:
        while log.count < 4_000:
            times = [event.ms for event in log]
            assert times == list(range(times[0], times[0] + len(times))) if times else True
            assert len(times) <= 50

    assert together(in_thread, report, look) == [None, None]


def test_files_are_listed_while_they_are_made(engine: esemu.Engine, in_thread: Any) -> None:
    """The tree of a disk can be looked at while another thread changes it."""
    disk = engine.disk

    def write() -> None:
        for number in range(500):
            disk.write(f"C:\\app\\{number}", b"")

    def look() -> None:
        while "C:\\app\\499" not in disk.tree():
            disk.names("C:\\app")

    assert together(in_thread, write, look) == [None, None]


def test_a_file_is_read_while_it_is_written(in_thread: Any) -> None:
    """No piece is lost that is appended while another thread reads those before it."""
    content = PieceContent()

    def append() -> None:
        for number in range(3_000):
            content.append(number.to_bytes(2))

    def look() -> None:
        while content.size < 6_000:
            content.read(0, content.size)

    assert together(in_thread, append, look) == [None, None]
    assert content.read(0, 6_000) == b"".join(number.to_bytes(2) for number in range(3_000))


def test_logs_of_two_engines_are_read_at_once(in_thread: Any) -> None:
    """What is computed once for all logs is the same whoever needs it first."""
    engines = [esemu.Engine() for _ in range(2)]
    for engine in engines:
        engine.start(databases={MAIL: 5}, generations=3)
    alone = engines[0].disk.read(LOG)
    for _ in range(3):
        log_bytes._of_numbers.cache_clear()
        assert together(in_thread, *[lambda engine=engine: engine.disk.read(LOG) for engine in engines]) == [alone] * 2


@pytest.mark.untraced
def test_pages_of_a_new_database_are_read_at_once(in_thread: Any) -> None:
    """Where everything lies in a database is settled once, whoever looks first."""
    alone = bytes(GeneratedPages(200, 4096).read(1, 200))
    for _ in range(20):
        pages = GeneratedPages(200, 4096)
        assert together(in_thread, *[lambda pages=pages: bytes(pages.read(1, 200))] * 3) == [alone] * 3


@pytest.mark.parametrize("mounted", [False, True], ids=["in memory", "on the host"])
def test_several_readers_get_every_part_of_a_log_once(in_thread: Any, tmp_path: Path, mounted: bool) -> None:
    """Threads that read one log that somebody else wrote get its parts, each once and as it is in the file."""
    engine = esemu.Engine()
    if mounted:
        engine.disk.mount(r"C:\logs", tmp_path, writable=True)
    inst = engine.start(databases={MAIL: 5}, generations=3)
    name = r"C:\logs\edb00002.log"
    expected = engine.disk.read(name)
    engine.disk.write(name, expected)  # nobody knows any more that it is the engine's own
    jet = engine.jet
    jet.JetBeginExternalBackupInstance(inst)
    jet.JetGetLogInfoInstance(inst)
    handle = jet.JetOpenFileInstance(inst, name).handle
    parts: list[bytes] = []

    def read() -> None:
        buffer = bytearray(16384)
        while size := jet.JetReadFileInstance(inst, handle, buffer):
            parts.append(bytes(buffer[:size]))

    assert together(in_thread, *[read] * 3) == [None] * 3
    assert sorted(parts) == sorted(expected[at : at + 16384] for at in range(0, len(expected), 16384))
