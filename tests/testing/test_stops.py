# SPDX-License-Identifier: MIT
"""A stop from another thread meets a reading loop, a hundred thousand times: none is lost, and every history is linearizable.

The reads are those of a client: most are made again without being judged.  A history of one round is judged by two
comparisons; that these say what `linearizable` says is shown for every place that a stop can have in it.
"""

import sys
import threading
from collections.abc import Iterator
from itertools import combinations, count
from operator import attrgetter
from typing import Any

import pytest

import esemu
from esemu.testing import History, linearizable
from esemu.testing.linearizability import parts
from esemu.vocabulary.exceptions import BackupAbortByServerError
from esemu.world.pages import PatternPages

pytestmark = pytest.mark.untraced

MAIL = r"C:\data\mail.edb"

STOPS = 100_000
TOGETHER = STOPS // 100
"""How many of them have to fall into a read; where those are too few there are more stops."""

ROUNDS = 2_500
"""Stops of one engine, whose event log keeps all of them."""

BEHIND_THE_HEADER = 1 << 20
"""Where the reading loop begins, in bytes: it is about reads, and headers take longer than those."""

READS = 30
"""Reads after which the loop waits until the stop is on its way: on a busy computer thousands would come before it."""


@pytest.fixture(autouse=True)
def restless() -> Iterator[None]:
    """Let threads take turns more often than they would."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


class Rounds:
    """A thread that begins, reads until it is stopped, and ends, again and again; and this one, which stops it.

    A read is noted with the stamps of its beginning and of its end, and what came of it: the number of the first page,
    or the exception.  A stop has the two stamps.
    """

    def __init__(self, rounds: int) -> None:
        self.rounds = rounds
        self.engine = esemu.Engine(trace_limit=10)
        self.inst = self.engine.start(databases=[esemu.Database(MAIL, 2**31, source=PatternPages(0))])
        self.reads: list[list[tuple[int, int, Any]]] = []  # of each round
        self.stops: list[tuple[int, int]] = []
        self.stamp = count(1).__next__
        self.begun, self.coming = threading.Lock(), threading.Lock()

    def play(self) -> None:
        """Let both threads run to their end."""
        self.begun.acquire()
        self.coming.acquire()
        reader = threading.Thread(target=self.read)
        reader.start()
        stop, stamp = self.engine.jet.JetStopBackupInstance, self.stamp
        for _ in range(self.rounds):
            self.begun.acquire()
            self.coming.release()
            begin = stamp()
            stop(self.inst)
            self.stops.append((begin, stamp()))
        reader.join()

    def read(self) -> None:
        """Make all backups."""
        jet, inst, buffer, stamp = self.engine.jet, self.inst, bytearray(4096), self.stamp
        for _ in range(self.rounds):
            jet.JetBeginExternalBackupInstance(inst)
            handle = jet.JetOpenFileSectionInstance(inst, MAIL, ibRead=BEHIND_THE_HEADER).handle
            self.begun.release()
            reads: list[tuple[int, int, Any]] = []
            while not reads or isinstance(reads[-1][2], int):
                if len(reads) == READS:
                    self.coming.acquire()
                begin = stamp()
                try:
                    jet.JetReadFileInstance(inst, handle, buffer)
                    came: Any = int.from_bytes(buffer[2:6], "little")
                except esemu.EsemuError as error:
                    came = type(error)
                reads.append((begin, stamp(), came))
            if len(reads) <= READS:
                self.coming.acquire()
            self.reads.append(reads)
            jet.JetEndExternalBackupInstance(inst)


def is_linearizable(reads: list[tuple[int, int, Any]], stop: tuple[int, int]) -> bool:
    """Whether a stop may have taken effect between the last read that succeeded and the one that was refused.

    The reads are in the order of their thread, the last is the one that was refused, and the stop began after the file
    was opened.
    """
    _, refused, _ = reads[-1]
    return stop[0] < refused and (len(reads) == 1 or reads[-2][0] < stop[1])


def test_no_stop_is_lost() -> None:
    """However stops fall into a reading loop: pages come one after the other, then a refusal, which some order explains."""
    first = BEHIND_THE_HEADER // 4096 - 1  # behind the header's two pages
    stops = together = 0
    while stops < STOPS or together < TOGETHER:
        assert stops < 10 * STOPS, "hardly any stop falls into a read"
        rounds = Rounds(ROUNDS)
        rounds.play()
        assert len(rounds.reads) == len(rounds.stops) == ROUNDS
        for reads, stop in zip(rounds.reads, rounds.stops, strict=True):
            *pages, refusal = [came for _, _, came in reads]
            assert pages == list(range(first, first + len(pages)))
            assert refusal is BackupAbortByServerError
            assert is_linearizable(reads, stop), (reads[-2:], stop)
            together += any(begin < stop[1] and stop[0] < end for begin, end, _ in reads[-2:])
        stops += ROUNDS


def test_histories_of_stops_are_linearizable() -> None:
    """Where every read is judged and recorded, the whole history is explained by an order of its calls."""
    for _ in range(10):
        rounds = Rounds(1_000)
        with History(rounds.engine) as history:
            rounds.play()
        verdict = linearizable(history)
        assert verdict, verdict
        if any(len(part) > 1 for part in parts(history.calls)):
            return
    pytest.fail("no stop falls into a read")


@pytest.mark.parametrize("pages", range(4))
def test_two_comparisons_judge_a_round(pages: int) -> None:
    """Wherever a stop begins and ends, what `is_linearizable` says of a round is what `linearizable` says."""
    engine = esemu.Engine()
    inst = engine.start(databases={MAIL: 300})
    jet, buffer = engine.jet, bytearray(4096)
    with History(engine) as history:
        jet.JetBeginExternalBackupInstance(inst)
        handle = jet.JetOpenFileSectionInstance(inst, MAIL, ibRead=BEHIND_THE_HEADER).handle
        for _ in range(pages):
            jet.JetReadFileInstance(inst, handle, buffer)
        jet.JetStopBackupInstance(inst)
        with pytest.raises(BackupAbortByServerError):
            jet.JetReadFileInstance(inst, handle, buffer)
        jet.JetEndExternalBackupInstance(inst)
    stop = history.calls.pop(2 + pages)
    others, reads = history.calls, history.calls[2:-1]
    for place, call in enumerate(others):
        call.begin, call.end = 4 * place, 4 * place + 2
    said = set()
    for stop.begin, stop.end in combinations(range(reads[0].begin - 1, others[-1].end + 2, 2), 2):
        history.calls = sorted([*others, stop], key=attrgetter("begin"))
        judged = is_linearizable([(read.begin, read.end, None) for read in reads], (stop.begin, stop.end))
        assert judged == bool(linearizable(history)), (stop, reads)
        said.add(judged)
    assert said == {True, False}
