# SPDX-License-Identifier: MIT
"""What the other threads of the host are about, as far as that is seen from outside: whether one could end a call's wait.

One that waits, with all the time in the world, for a thread that does the same could not.  One that rests is not about to:
a pool's worker without work, and whoever stands where he stood when the emulated process began, such as an event loop,
a watchdog or the receiver of a test runner.  Of any other nothing can be known: it goes on, and may be about to do anything.

What a thread waits for, and for how long, stands in its local variables.  Where CPython has no GIL they must not be read:
the thread may run on meanwhile, which ends the process (https://docs.python.org/3/howto/free-threading-python.html).  So
there a thread that waits is known to wait, and no more.
"""

from __future__ import annotations

import sys
from threading import Condition, Thread, enumerate as threads, get_ident

from esemu.world.views import has_gil

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any, Final

    Place = tuple[CodeType, int]
    Places = dict[Thread, Place]

STUCK, REST, WAIT, GO_ON = range(4)
"""What a thread does; of several threads it is the greatest that counts.  One that waits may be stuck or go on after a while."""

_WAITS: Final = Condition.wait.__code__  # for a notification; so do events, queues, semaphores, barriers and futures
_JOINS: Final = {
    function.__code__
    for function in (Thread.join, getattr(Thread, "_wait_for_tstate_lock", None))  # the latter up to CPython 3.12
    if function is not None
}
_FOR_EVER: Final = (None, -1)  # of their time-outs


def places() -> Places:
    """Return where the threads stand, but for this one."""
    frames = sys._current_frames()  # noqa: SLF001 - the documented way to look at other threads
    found = {thread: frames.get(thread.ident or 0) for thread in threads() if thread.ident != get_ident()}
    return {thread: _place(frame) for thread, frame in found.items() if frame is not None}


def others(waiting: set[int], before: Places) -> int:
    """Return what is done by the threads that do not wait in the emulated process, which found them at their places."""
    frames = sys._current_frames()  # noqa: SLF001 - before the threads are listed: one that is new has no frame here
    alive = set(threads())
    doing = (
        _doing(frames.get(thread.ident or 0), before.get(thread), alive)
        for thread in alive
        if thread.ident not in waiting
    )
    return max(doing, default=STUCK)


def _doing(frame: FrameType | None, before: Place | None, alive: set[Thread]) -> int:
    """Return what a thread does that stood somewhere before; one without a frame begins or ends just now.

    Nothing is looked at but what a thread that waits has innermost: the frames of one that runs change meanwhile.
    """
    if frame is None:
        return GO_ON
    waits = frame.f_code is _WAITS or frame.f_code in _JOINS
    if waits and has_gil() and _waits_for_ever(frame, alive):
        return STUCK
    if _place(frame) == before or frame.f_code is _pool_worker():
        return REST
    return WAIT if waits and not has_gil() else GO_ON


def _waits_for_ever(frame: FrameType, alive: set[Thread]) -> bool:
    """Return whether a wait or a join has no limit, and the notification has not come or the thread has not ended."""
    found: dict[str, Any] = frame.f_locals
    if found.get("timeout", 0) not in _FOR_EVER:
        return False
    awaited = found["self"]
    return awaited in alive if frame.f_code in _JOINS else found.get("waiter") in awaited._waiters  # noqa: SLF001


def _pool_worker() -> CodeType | None:
    """Return the code that a thread of a ThreadPoolExecutor has innermost while it waits for work."""
    module = sys.modules.get("concurrent.futures.thread")
    return None if module is None else module._worker.__code__  # noqa: SLF001


def _place(frame: FrameType) -> Place:
    return frame.f_code, frame.f_lasti
