# SPDX-License-Identifier: MIT
"""An engine with one instance and two databases, calls in other threads, and a look at everything there is."""

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

import esemu
from esemu.machine.api import ApiCall

MAIL = r"C:\data\mail.edb"
CALENDAR = r"C:\data\calendar.edb"
SAFETY = 60
"""Seconds after which a test that has gone wrong gives up; no test's outcome depends on it."""


@pytest.fixture
def engine() -> esemu.Engine:
    """Make an emulated process."""
    return esemu.Engine()


@pytest.fixture
def inst(engine: esemu.Engine) -> esemu.Instance:
    """Start its instance: logs 1 to 4 are archived, and the checkpoint stands in log 3."""
    return engine.start(databases={MAIL: 20, CALENDAR: 5}, generations=5, checkpoint=3)


@pytest.fixture
def reading(engine: esemu.Engine, inst: esemu.Instance) -> int:
    """Begin a full backup, open a database and return the handle."""
    engine.jet.JetBeginExternalBackupInstance(inst, 0)
    return engine.jet.JetOpenFileInstance(inst, MAIL).handle


@pytest.fixture
def restless() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


class Caller:
    """A thread that makes one call and keeps what came of it."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self.outcome: Any = None
        self._call = call
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.outcome = self._call()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test wants to see it
            self.outcome = error

    def result(self) -> Any:
        """Wait for the call to end and return what came of it."""
        self._thread.join(SAFETY)
        assert not self._thread.is_alive(), "the call hangs"
        return self.outcome

    @property
    def waits(self) -> bool:
        """Whether the call has not ended yet."""
        return self._thread.is_alive()


@pytest.fixture
def in_thread() -> Callable[[Callable[[], Any]], Caller]:
    """Return what makes a call in another thread."""
    return Caller


@pytest.fixture
def inside_a_read(
    engine: esemu.Engine, inst: esemu.Instance, reading: int
) -> Callable[[], AbstractContextManager[Caller]]:
    """Return a context that keeps another thread inside a read, in the function on a page, as long as its block runs."""

    @contextmanager
    def context() -> Iterator[Caller]:
        inside, go_on = threading.Event(), threading.Event()

        def hook() -> None:
            inside.set()
            assert go_on.wait(SAFETY)

        inst.faults.on_page(MAIL, 3, hook)
        reader = Caller(lambda: engine.jet.JetReadFileInstance(inst, reading, bytearray(5 * 4096)))
        try:
            assert inside.wait(SAFETY)
            yield reader
        finally:
            go_on.set()

    return context


@pytest.fixture(scope="session")
def fingerprint() -> Callable[[object], Any]:
    """Return what shows everything in an object, and in what it refers to, as something to compare."""
    return _fingerprint


def _fingerprint(thing: Any, seen: dict[int, int] | None = None) -> Any:
    """Return everything that is in an object and in what it refers to, as something to compare."""
    seen = {} if seen is None else seen
    if id(thing) in seen:
        return seen[id(thing)]
    if isinstance(thing, str | int | float | bytes | None):
        return thing
    seen[id(thing)] = len(seen)
    if isinstance(thing, dict):
        return [(repr(key), _fingerprint(value, seen)) for key, value in thing.items()]
    if isinstance(thing, list | tuple | deque | set):
        return [_fingerprint(each, seen) for each in thing]
    names = {name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())} - {
        "verdicts",
        "__weakref__",
    }
    if isinstance(thing, ApiCall) or not names:
        return type(thing).__name__
    return [(name, _fingerprint(getattr(thing, name, None), seen)) for name in sorted(names)]
