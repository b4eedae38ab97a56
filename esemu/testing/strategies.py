# SPDX-License-Identifier: MIT
"""Hypothesis strategies for what a test of a backup client is made of: worlds, databases, calls, backups, faults, orders.

Everything that is drawn is a small value whose repr is the Python that makes it, and shrinks towards the plainest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from esemu.faces.engine import Engine
from esemu.machine.explore.alphabet import ALPHABET
from esemu.testing.points import Anything, Point
from esemu.testing.states import STARTED, paths, started
from esemu.vocabulary.grbits import (
    JET_bitBackupEndAbort,
    JET_bitBackupEndNormal,
    JET_bitBackupIncremental,
    JET_bitInternalCopy,
)
from esemu.vocabulary.parameters import JET_paramLogFileSize

if TYPE_CHECKING:
    from esemu.faces.instance import Instance
    from esemu.machine.explore.alphabet import Description

KINDS: Final = ("full", "incremental", "internal copy", "surrogate")


@dataclass(frozen=True)
class World:
    """An engine with one instance that is to be started: call it."""

    databases: dict[str, int] = field(default_factory=dict)
    generations: int = 1
    checkpoint: int = 1
    circular: bool = False
    build: str = "esent"

    def __call__(self) -> tuple[Engine, Instance]:
        """Start the engine and return it with its instance; logs have 64 KiB."""
        engine = Engine(self.build)
        return engine, engine.start(
            databases=self.databases,
            generations=self.generations,
            checkpoint=self.checkpoint,
            circular=self.circular,
            parameters={JET_paramLogFileSize: 64},
        )


@dataclass(frozen=True)
class StateOf:
    """An engine whose instance is in one of the reachable states of a world: call it."""

    world: str
    number: int

    def __call__(self) -> tuple[Engine, Instance]:
        """Start the engine, make the calls that lead to the state, and return it with its instance."""
        return started(self.world, self.number)


@dataclass(frozen=True)
class Backup:
    """A legal backup of one kind: `run(jet, inst)` makes it and returns the bytes of its files."""

    kind: str = "full"
    buffer: int = 65536  # bytes
    truncate: bool = True
    normal: bool = True

    def run(self, jet: Any, inst: int) -> dict[str, bytes]:
        """Make the backup; errors are raised, and the backup is not ended then."""
        grbit = JET_bitBackupEndNormal if self.normal else JET_bitBackupEndAbort
        if self.kind == "surrogate":
            jet.JetBeginSurrogateBackup(inst, 1, 1, 0)
            jet.JetEndSurrogateBackup(inst, grbit)
            return {}
        bits = {"full": 0, "incremental": JET_bitBackupIncremental, "internal copy": JET_bitInternalCopy}
        jet.JetBeginExternalBackupInstance(inst, bits[self.kind])
        saved: dict[str, bytes] = {}
        if self.kind != "incremental":
            for name in jet.JetGetAttachInfoInstance(inst):
                saved[name] = self._copy(jet, inst, name)
        for name in jet.JetGetLogInfoInstance(inst):
            saved[name] = self._copy(jet, inst, name)
        if self.truncate:
            jet.JetTruncateLogInstance(inst)
        jet.JetEndExternalBackupInstance2(inst, grbit)
        return saved

    def _copy(self, jet: Any, inst: int, name: str) -> bytes:
        file = jet.JetOpenFileInstance(inst, name)
        saved, buffer = bytearray(), bytearray(self.buffer)
        while count := jet.JetReadFileInstance(inst, file.handle, buffer):
            saved += memoryview(buffer)[:count]
        jet.JetCloseFileInstance(inst, file.handle)
        return bytes(saved)


def databases(*, at_most: int = 3, pages: int = 40) -> st.SearchStrategy[dict[str, int]]:
    """Draw up to `at_most` databases, as paths and numbers of pages."""
    names = [rf"C:\data\db{letter}.edb" for letter in "abcdef"[:at_most]]
    return st.dictionaries(st.sampled_from(names), st.integers(1, pages), max_size=at_most)


def worlds(*, builds: tuple[str, ...] = ("esent",)) -> st.SearchStrategy[World]:
    """Draw a world: databases, how far the log and its checkpoint are, and whether logging is circular."""

    def complete(generations: int) -> st.SearchStrategy[World]:
        return st.builds(
            World,
            databases=databases(),
            generations=st.just(generations),
            checkpoint=st.integers(1, generations),
            circular=st.booleans(),
            build=st.sampled_from(builds),
        )

    return st.integers(1, 4).flatmap(complete)


def states(*names: str) -> st.SearchStrategy[StateOf]:
    """Draw a reachable state of one of these worlds, of all in `esemu.testing.states.STARTED` if none is named.

    States that random calls hardly ever get to are drawn as often as any other; shrinking goes to the nearest ones.
    """
    return st.sampled_from(names or STARTED).flatmap(_states_of)


@cache
def _states_of(world: str) -> st.SearchStrategy[StateOf]:
    return st.builds(StateOf, st.just(world), st.integers(0, len(paths(world)) - 1))


def calls() -> st.SearchStrategy[Description]:
    """Draw a call with its arguments as scenarios describe it, right or wrong; `described_calls.make` makes it."""
    return st.sampled_from([call for call in ALPHABET if "<" not in (call.get("name") or "")])


def backups(*kinds: str) -> st.SearchStrategy[Backup]:
    """Draw a legal backup of one of these kinds: "full", "incremental", "internal copy", "surrogate"."""
    return st.builds(
        Backup,
        kind=st.sampled_from(kinds or KINDS),
        buffer=st.integers(3, 16).map(lambda pages: pages * 4096),
        truncate=st.booleans(),
        normal=st.booleans(),
    )


def faults(*, calls: int = 40) -> st.SearchStrategy[Point]:
    """Draw something that happens at one of the first `calls` calls of a client: nothing, a stop, or any failure."""
    number = st.integers(1, calls)
    stop = st.builds(Anything, number=number, choice=st.integers(0, 1))
    return st.one_of(st.just(Point()), stop, st.builds(Anything, number=number, choice=st.integers(0, 255)))


def interleavings(*, length: int = 30, threads: int = 2) -> st.SearchStrategy[str]:
    """Draw an order in which threads take their turns, as `interleave` and its `replay` have it."""
    digits = st.text("0123456789abcdef"[:threads], max_size=length)
    return digits.map(lambda drawn: drawn.rstrip("0"))
