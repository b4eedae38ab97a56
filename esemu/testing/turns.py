# SPDX-License-Identifier: MIT
"""A deterministic scheduler: of the threads that call an emulated engine one runs at a time, and at each call it is decided who.

A decision is a number: 0 lets the thread run that ran before, or the first that can, others stand for the threads after
it.  So a run is described by its decisions, and played again by them.
"""

from __future__ import annotations

import threading
from math import inf
from typing import TYPE_CHECKING, Any, Final

from esemu.testing.time_limit import standing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from esemu.machine.state import Process

COMING, READY, WAITING, AWAY, DONE = "coming", "ready", "waiting", "away", "done"
"""What a thread is: it comes to its first call; it can run; it waits inside the engine, or outside of it; it has ended."""

PATIENCE_S: Final = 0.5
"""How long a thread may take to its next call, in seconds, before another one may run: it seems to wait for that."""

LOOKS: Final = 10
"""How often it is looked, in that time, whether it has come: a pause of the whole program, however long, is one look."""


class Stuck(BaseException):
    """Raised in a thread that waits inside the engine for what can never come."""


class Decision:
    """One decision: how many threads could run, which of them did, and whether the one before could have gone on."""

    __slots__ = ("chosen", "could_go_on", "options")

    def __init__(self, options: int, chosen: int, *, could_go_on: bool) -> None:
        self.options = options
        self.chosen = chosen
        self.could_go_on = could_go_on

    @property
    def preempts(self) -> bool:
        """Whether a thread was interrupted that could have gone on."""
        return self.could_go_on and self.chosen > 0


class _Worker:
    """A thread of a schedule."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.turn = threading.Semaphore(0)
        self.arrived = threading.Event()  # at its first call, or at its end
        self.state = COMING
        self.looked = False  # it has looked since another thread ran, and still waits


class Turns:
    """Threads that take turns.  `plan` has the first decisions; those after them are 0."""

    def __init__(
        self, functions: Sequence[Callable[[], Any]], plan: Sequence[int], patience: float = PATIENCE_S
    ) -> None:
        self._functions = functions
        self._plan = plan
        self._patience = patience
        self._workers = [_Worker(number) for number in range(len(functions))]
        self._by_thread: dict[int, _Worker] = {}
        self._current: _Worker | None = None
        self._mutex = threading.RLock()
        self._over = threading.Event()
        self._steps = 0
        self.timeout = inf  # seconds in which some thread has to make a call
        self.left = False  # nobody waits any more for threads that have not come to their ends
        self.decisions: list[Decision] = []

    def run(self) -> dict[int, str]:
        """Let all threads run to their ends; return where those are that have not come there, as none made a call in time."""
        look = self._patience / LOOKS
        threads = [
            threading.Thread(target=self._work, args=(worker, function), daemon=True)
            for worker, function in zip(self._workers, self._functions, strict=True)
        ]
        for worker, thread in zip(self._workers, threads, strict=True):
            thread.start()
            if not any(worker.arrived.wait(look) for _ in range(LOOKS)):
                with self._mutex:
                    worker.state = AWAY if worker.state == COMING else worker.state
        with self._mutex:
            self._hand_over(None)
        seen, idle, looks = -1, 0.0, 0
        while not self._over.wait(look):
            with self._mutex:
                idle, looks = (idle + look, looks + 1) if self._steps == seen else (0.0, 0)
                if idle >= self.timeout:
                    return self._leave(threads)
                if looks >= LOOKS and self._current is not None:
                    self._current.state = AWAY
                    self._hand_over(None)
                    looks = 0
                seen = self._steps
        for thread in threads:
            thread.join()
        return {}

    def _leave(self, threads: list[threading.Thread]) -> dict[int, str]:
        """Return where the threads are that are not done; nobody gets a turn any more, or has to wait for one."""
        self.left = True
        late = [worker for worker in self._workers if worker.state != DONE]
        where = {worker.number: standing(threads[worker.number]) for worker in late}
        for worker in late:
            worker.turn.release()
        return where

    def step(self) -> None:
        """Let it be decided who runs next; called by a thread before each of its calls."""
        worker = self._by_thread.get(threading.get_ident())
        if worker is not None and not self.left:
            self._pause(worker, READY)

    def wait(self) -> bool:
        """Let the others run, and return when it is worth looking again; False if nobody can ever end the wait."""
        worker = self._by_thread.get(threading.get_ident())
        if worker is None or self.left:
            return False
        self._pause(worker, WAITING)
        given_up, worker.state = worker.state == DONE or self.left, READY
        return not given_up

    def _work(self, worker: _Worker, function: Callable[[], Any]) -> None:
        self._by_thread[threading.get_ident()] = worker
        try:
            function()
        finally:
            with self._mutex:
                came, worker.state = worker.state == COMING, DONE
                self._note_progress(worker)
                if not came and (self._current is worker or self._current is None):
                    self._hand_over(None)
            worker.arrived.set()

    def _pause(self, worker: _Worker, state: str) -> None:
        """Give the turn away, and go on when it comes back."""
        with self._mutex:
            before, worker.state = worker.state, state
            worker.looked = state == WAITING
            self._note_progress(worker)
            if before == AWAY:
                if self._current is None:
                    self._hand_over(None)
            elif before != COMING:
                self._hand_over(worker if state == READY else None)
        worker.arrived.set()
        worker.turn.acquire()

    def _note_progress(self, worker: _Worker) -> None:
        """Something has happened, so that those who wait may look again."""
        self._steps += 1
        for other in self._workers:
            if other is not worker and worker.state != WAITING:
                other.looked = False

    def _hand_over(self, last: _Worker | None) -> None:
        """Decide who runs next, and let it."""
        able = [
            worker
            for worker in self._workers
            if worker.state == READY or (worker.state == WAITING and not worker.looked)
        ]
        if last is not None:
            able.sort(key=lambda worker: worker is not last)
        if not able:
            stuck = next((worker for worker in self._workers if worker.state == WAITING), None)
            away = any(worker.state == AWAY for worker in self._workers)
            self._current = None
            if stuck is not None and not away:
                stuck.state = DONE  # `wait` tells it so
                self._current = stuck
                stuck.turn.release()
            elif not away:
                self._over.set()
            return
        chosen = 0
        if len(able) > 1:
            place = len(self.decisions)
            chosen = min(self._plan[place], len(able) - 1) if place < len(self._plan) else 0
            self.decisions.append(Decision(len(able), chosen, could_go_on=last is not None))
        self._current = able[chosen]
        self._current.turn.release()


class ScheduledCondition(threading.Condition):
    """The condition of a process's lock, on which threads wait by letting the others run."""

    def __init__(self, process: Process, turns: Turns) -> None:
        super().__init__(process.lock)
        self._turns = turns

    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002 - turns are not a matter of time
        """Wait for something to happen.  Raises Stuck where nothing ever will."""
        if not self.let_others_run():
            raise Stuck
        return True

    def wait_for(self, predicate: Callable[[], Any], timeout: float | None = None) -> Any:
        """Wait until the predicate holds."""
        while not (result := predicate()):
            self.wait(timeout)
        return result

    def let_others_run(self) -> bool:
        """Let go of the lock while the others run; return False if nobody can ever end the wait."""
        held = self._release_save()  # type: ignore[attr-defined]
        try:
            return self._turns.wait()
        finally:
            self._acquire_restore(held)  # type: ignore[attr-defined]

    def notify_all(self) -> None:
        """Wake nobody: who waits looks again after each step of another thread."""


class ScheduledWaiting:
    """What `esemu.world.waiting.Waiting` is, for threads that take turns."""

    def __init__(self, condition: ScheduledCondition) -> None:
        self._condition = condition

    def wait(self, rule: Any, state: Any, call: Any, also_waiting: Any) -> bool:  # noqa: ARG002 - all are known here
        """Wait until a rule does not hold any more; return False if nobody can ever end that."""
        while rule.holds(state, call):
            if not self._condition.let_others_run():
                return False
        return True
