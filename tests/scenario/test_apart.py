# SPDX-License-Identifier: MIT
"""A function called in a process of its own answers, raises, crashes or takes too long."""

import os
import time

import pytest

from esemu.scenario.apart import FORKS, Crashed, TimedOut, apart
from esemu.scenario.arrangeable import NotArranged, refuse

WAYS = pytest.mark.parametrize("forks", [*{FORKS, False}], ids=lambda forks: "forked" if forks else "spawned")


@WAYS
def test_an_answer(*, forks: bool) -> None:
    """What it returns, and that it was another process."""
    assert apart(divmod, 17, 5, forks=forks) == (3, 2)
    assert apart(os.getpid, forks=forks) != os.getpid()


@WAYS
def test_an_exception(*, forks: bool) -> None:
    """What it raises is raised here."""
    with pytest.raises(NotArranged, match="recovering: another thread"):
        apart(refuse, {"recovering": True}, frozenset(), forks=forks)


@WAYS
def test_a_crash(*, forks: bool) -> None:
    """The process has ended, and its exit status is told."""
    with pytest.raises(Crashed, match="ended with 7"):
        apart(os._exit, 7, forks=forks)


@WAYS
def test_no_answer(*, forks: bool) -> None:
    """The process is ended, and nobody waits for it any longer."""
    with pytest.raises(TimedOut, match="no answer within"):
        apart(time.sleep, 600, seconds=0.1, forks=forks)
