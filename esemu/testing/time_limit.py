# SPDX-License-Identifier: MIT
"""Runs of a client that are given up where it does not come back, such as one that waits for a thread which has ended.

Nobody ends a thread of Python from outside.  So the runs are made in a thread of their own, which is left behind with
the client that hangs there; those that are still to be made are made in another one.
"""

from __future__ import annotations

import sys
import threading
from contextvars import copy_context
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from esemu.testing.client_run import run_to_end
from esemu.testing.judgement import judge_hung
from esemu.testing.report import Row, row_of
from esemu.world.views import has_gil

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.testing.client_run import ClientRun

TIMEOUT_S: Final = 30.0
"""How long one run of a client may take, in seconds."""

LEFT_BEHIND_MAX: Final = 5
"""No more runs are made when so many have not come back: what they have begun is still there, waiting or at work."""

LOOK_AGAIN_S: Final = 0.1
"""How often it is looked whether it is still the same run that is made, in seconds."""

FRAMES: Final = 6
"""How many functions are named of those that a thread is in, up to the client itself."""


class Made:
    """What came of runs: a row of each in which something has happened, and the last run that came back."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.last: ClientRun | None = None
        self.complete = True  # all of them were made

    def keep(self, run: ClientRun) -> None:
        """Note a run that has come back."""
        self.last = run
        if run.happened or not run.point.number:
            self.rows.append(row_of(run))


def make(runs: Iterator[ClientRun], timeout: float | None) -> Made:
    """Make runs, each in `timeout` seconds or a little more; with None in this thread, however long they take.

    Raises what a run raises, and TimeoutError where the next one cannot even be begun.
    """
    made = Made()
    if timeout is None:
        for run in runs:
            made.keep(run.go())
        return made
    for _ in range(LEFT_BEHIND_MAX):
        lane = _Lane(runs, made)
        if lane.comes_to_its_end(timeout):
            return made
        made.rows.append(_left_behind(lane, timeout))
    made.complete = False
    return made


class _Lane(threading.Thread):
    """A thread that makes runs, one after another, as long as each of them comes back."""

    def __init__(self, runs: Iterator[ClientRun], made: Made) -> None:
        super().__init__(target=copy_context().run, args=(self._make,), name="esemu client", daemon=True)
        self._runs = runs
        self._made = made
        self._watcher = threading.get_ident()
        self._mutex = threading.Lock()  # of whoever says that a run has come back, or that it has not
        self._count = 0  # of runs that have
        self._left = False
        self._raised: BaseException | None = None
        self.current: ClientRun | None = None

    def comes_to_its_end(self, timeout: float) -> bool:
        """Start, and return whether all runs come back; leave the thread behind with the first that does not in time."""
        self.start()
        try:
            self._watch(timeout)
        except BaseException:  # of whoever does not want to wait any more
            self._left = True
            if self.current is not None:
                self.current.leave()
            raise
        if self._raised is not None:
            raise self._raised
        return not self._left

    def _watch(self, timeout: float) -> None:
        count, waited = -1, 0.0  # by the looks, so that a host without time to spare is waited for longer
        while not self._left and self.is_alive():
            self.join(LOOK_AGAIN_S)
            with self._mutex:
                count, waited = self._count, waited + LOOK_AGAIN_S if count == self._count else 0.0
                self._left = waited > timeout or (self.current is not None and self.current.catches_everything)

    def _make(self) -> None:
        try:
            for run in self._runs:
                world: Any = run.process.world
                world.disregard(self._watcher)
                self.current = run
                run.go()
                with self._mutex:
                    if self._left:
                        return
                    self._made.keep(run)
                    self._count += 1
                    self.current = None
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody hears of it
            self._raised = error


def _left_behind(lane: _Lane, timeout: float) -> Row:
    """Return the row of the run that a thread has been left behind with, which gets no further."""
    run = lane.current
    if run is None:
        raise TimeoutError(f"`setup` has not come back within {timeout:g} s; it is {standing(lane)}")
    where = standing(lane)
    run.leave()
    if run.catches_everything:
        outcome = f"went on when it was cut off after {run.limit} calls"
        return row_of(run, outcome, judge_hung(run, f"The client {outcome}: it catches everything."))
    outcome = f"has not come back within {timeout:g} s"
    return row_of(run, outcome, judge_hung(run, f"The client {outcome}; it is {where}."))


def standing(thread: threading.Thread) -> str:
    """Return which functions a thread is in, the innermost first: no more than that one if it may go on meanwhile."""
    known = FRAMES if has_gil() else 1
    frame = sys._current_frames().get(thread.ident or 0)  # noqa: SLF001 - the documented way to look at other threads
    functions: list[str] = []
    while frame is not None and frame.f_code is not run_to_end.__code__ and len(functions) < known:
        code = frame.f_code
        functions.append(f"in {code.co_name} ({PurePath(code.co_filename).name}:{frame.f_lineno})")
        frame = frame.f_back
    return ", ".join(functions) or "gone"
