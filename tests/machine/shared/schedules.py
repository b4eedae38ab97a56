# SPDX-License-Identifier: MIT
"""Threads at a frozen instance that run one at a time, and all schedules of them: nobody sleeps, nothing depends on time.

The threads are real, and so is the code that has them wait; but one at a time runs, until it waits or is done, and then
a schedule says who goes on.  A thread that waits looks again whenever the schedule says so, as it does on the host after
a while; the thread of the snapshot may be overtaken wherever it has let go of a lock.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import esemu
import esemu.world.waiting
from esemu.machine.step import Wait
from esemu.vocabulary.exceptions import WouldBlockForever
from esemu.vocabulary.grbits import JET_bitBackupEndNormal, JET_bitTermStopBackup
from esemu.world.emulated import EmulatedWorld
from esemu.world.other_threads import GO_ON, STUCK
from esemu.world.waiting import Waiting

MAIL = r"C:\data\mail.edb"

Part = Callable[[esemu.Engine, esemu.Instance, int], object]

PARTS: dict[str, Part] = {
    "begin": lambda engine, inst, _: engine.jet.JetBeginExternalBackupInstance(inst),
    "attach": lambda engine, inst, _: engine.jet.JetAttachDatabase(inst.session, MAIL),
    "detach": lambda engine, inst, _: engine.jet.JetDetachDatabase(inst.session, MAIL),
    "create": lambda engine, inst, _: engine.jet.JetCreateDatabase(inst.session, r"C:\data\new.edb"),
    "logs": lambda engine, inst, _: engine.jet.JetGetLogInfoInstance(inst),
    "end": lambda engine, inst, _: engine.jet.JetEndExternalBackupInstance2(inst, JET_bitBackupEndNormal),
    "term": lambda engine, inst, _: engine.jet.JetTerm2(inst, JET_bitTermStopBackup),
    "thaw": lambda engine, _, snapshot: engine.jet.JetOSSnapshotThaw(snapshot),
    "abort": lambda engine, _, snapshot: engine.jet.JetOSSnapshotAbort(snapshot),
    "time-out": lambda engine, inst, snapshot: engine.clock.advance(70_000),
}
"""What each of the threads does."""

BLOCKED = "BLOCKS"


class Actor:
    """A thread that goes on when it is told to."""

    def __init__(self, play: "Play", name: str) -> None:
        self.play = play
        self.name = name
        self.turn = threading.Semaphore(0)
        self.waits_for: Callable[[], bool] | None = None
        self.place: object = (
            None  # in its part: nothing was done yet, a rule that it waits for, steps that it has taken
        )
        self.outcome: str | None = None
        self.thread = threading.Thread(target=self.run, daemon=True)

    @property
    def ident(self) -> int | None:
        """The number of the thread, by which the code that waits knows it."""
        return self.thread.ident

    @property
    def can_go_on(self) -> bool:
        """Whether the thread would do anything but look and wait again."""
        return self.outcome is None and (self.waits_for is None or not self.waits_for())

    def run(self) -> None:
        """Play the part, and note what came of it."""
        self.turn.acquire()
        try:
            PARTS[self.name](self.play.engine, self.play.inst, self.play.snapshot)
            self.outcome = "success"
        except WouldBlockForever:
            self.outcome = BLOCKED
        except esemu.JetError as error:
            self.outcome = error.name.removeprefix("JET_err")
        except Exception as error:  # noqa: BLE001 - whatever it is, the others must go on
            self.outcome = repr(error)
        finally:
            self.play.turn.release()


class HandedOver(threading.Condition):
    """A condition of the process's lock whose `wait` hands over to the schedule."""

    def __init__(self, play: "Play") -> None:
        super().__init__(play.engine.process.lock)
        self.play = play

    def wait(self, timeout: float | None = None) -> bool:
        """Let go of the lock until the schedule comes back."""
        saved = self._release_save()  # type: ignore[attr-defined]
        self.play.pause()
        self._acquire_restore(saved)  # type: ignore[attr-defined]
        return timeout is None


class Play:
    """One schedule: at each point where several could go on, `choices` says which one does.

    A thread that would only look and wait again is not chosen: that changes nothing.  If all that are left would, they
    have to find out that nobody can end it any more.
    """

    def __init__(self, cast: tuple[str, ...], grbit: int, choices: list[int], known: set[object]) -> None:
        self.choices = choices
        self.options: list[int] = []  # between how many each choice was
        self.known = known  # states in which other schedules had to choose
        self.is_known = False  # one of them was reached: what follows was played before
        self.engine = esemu.Engine()
        self.inst = self.engine.start(databases={MAIL: 5}, generations=6, checkpoint=3)
        self.snapshot = self.engine.jet.JetOSSnapshotPrepare(grbit)
        self.engine.jet.JetOSSnapshotFreeze(self.snapshot)
        world: Any = self.engine.process.world
        world.lock = HandedOver(self)
        self.turn = threading.Semaphore(0)
        self.actors = [Actor(self, name) for name in cast]
        self.now = self.actors[0]

    def run(self) -> dict[str, str]:
        """Play to the end; return what came of each part."""
        for actor in self.actors:
            actor.thread.start()
        turns = 0
        while left := self.living():
            ready = [actor for actor in left if actor.can_go_on] or [next(filter(is_blocked, left))]
            self.now = ready[self.choose(len(ready))]
            self.now.turn.release()
            self.turn.acquire()
            turns += 1
            assert turns < LIMIT, "they would never end"
        for actor in self.actors:
            actor.thread.join()
        return {actor.name: actor.outcome or "" for actor in self.actors}

    def choose(self, options: int) -> int:
        """Return the next choice, the first where none was made yet."""
        place = len(self.options)
        if place == len(self.choices):
            state = self.state()
            self.is_known = self.is_known or state in self.known
            if options == 1 or self.is_known:
                return 0
            self.known.add(state)
            self.choices.append(0)
        elif options == 1:
            return 0
        self.options.append(options)
        return self.choices[place]

    def state(self) -> object:
        """Return all that what follows depends on."""
        instance, process = self.inst.state, self.engine.process
        backup, log = instance.backup, instance.log
        return (
            (
                instance.freed,
                instance.backup_allowed,
                instance.api_lock,
                instance.term_in_progress,
                instance.term_waits_for_sessions,
            ),
            (backup.in_progress, backup.streaming, backup.full, backup.phase, backup.log_rolled, backup.copy_high),
            (backup.lock is None, log.checkpoint_lock is None, log.stopped, log.generation, log.rolls_put_off),
            (
                instance.snapshot is None,
                len(instance.databases),
                tuple(each.state for each in process.snapshots.values()),
            ),
            None if process.snapshot_lock is None else process.snapshot_lock.api,
            tuple((actor.outcome, actor.place) for actor in self.actors),
        )

    def pause(self) -> None:
        """Let another actor go on until it is this one's turn again."""
        actor = self.now
        self.turn.release()
        actor.turn.acquire()

    def living(self) -> list[Actor]:
        """Return the threads that are not done."""
        return [actor for actor in self.actors if actor.outcome is None]

    def others(self, waiting: set[int], _: object) -> int:
        """Return what the threads of the play do that do not wait: of their real ones all but one wait for their turns."""
        return GO_ON if any(actor.ident not in waiting for actor in self.living()) else STUCK

    def wait(self, waiting: Waiting, rule: Any, state: Any, call: Any, also_waiting: Any) -> bool:
        """Wait as the engine does, and let the schedule know for what."""
        actor = self.now
        actor.waits_for = lambda: bool(rule.holds(state, call))
        actor.place = rule
        try:
            return WAIT(waiting, rule, state, call, also_waiting)
        finally:
            actor.waits_for = None

    def wait_for_calls(self, world: EmulatedWorld, instance: Any, *, of_sessions: bool) -> None:
        """Wait as a term does for the calls that are inside the instance."""
        actor = self.now
        actor.waits_for = lambda: bool(instance.session_calls_inside if of_sessions else instance.calls_inside)
        actor.place = "wait_for_calls"
        WAIT_FOR_CALLS(world, instance, of_sessions=of_sessions)
        actor.waits_for = None

    def run_thread(self, world: EmulatedWorld, process: Any, steps: Iterator[bool]) -> None:
        """Run the thread of the snapshot, which others may overtake after each step if the schedule says so."""
        actor = self.now

        def overtaken() -> Iterator[bool]:
            for place, waits in enumerate(steps):
                actor.place = place
                actor.waits_for = (lambda: process.snapshot_lock is not None) if waits else None
                others = any(each.waits_for is not None and each.can_go_on for each in self.actors)
                yield waits or (others and self.choose(2) == 1)
            actor.waits_for = None

        lock: Any = world.lock
        with lock:
            for waits in overtaken():
                if waits:
                    lock.wait()


WAIT, WAIT_FOR_CALLS = Waiting.wait, EmulatedWorld.wait_for_calls


def is_blocked(actor: Actor) -> bool:
    """Whether the actor can find out that nobody can end what it waits for."""
    return isinstance(actor.place, Wait)


LIMIT = 100
"""Turns in one schedule, far more than there are."""


def schedules(
    cast: tuple[str, ...], grbit: int, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[dict[str, str], Play]]:
    """Play every schedule of a cast: what came of each part, and the play when it is over."""
    choices: list[int] = []
    known: set[object] = set()
    while True:
        play = Play(cast, grbit, choices, known)
        monkeypatch.setattr(esemu.world.waiting, "others", play.others)
        monkeypatch.setattr(
            EmulatedWorld, "run_thread", lambda world, *arguments, play=play: play.run_thread(world, *arguments)
        )
        monkeypatch.setattr(
            EmulatedWorld,
            "wait_for_calls",
            lambda world, instance, play=play, **which: play.wait_for_calls(world, instance, **which),
        )
        monkeypatch.setattr(Waiting, "wait", lambda waiting, *arguments, play=play: play.wait(waiting, *arguments))
        yield play.run(), play
        while choices and choices[-1] == play.options[len(choices) - 1] - 1:
            choices.pop()
        if not choices:
            return
        choices[-1] += 1
