# SPDX-License-Identifier: MIT
"""What a backup shows while it runs, and the second thread that stops it."""

import threading

import pytest

from esemu.cli.progress import Lines, Silent, StopAfter, watching


def test_lines_are_for_what_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Where standard output is captured a watch prints a line for each complete file."""
    with watching() as watch:
        assert isinstance(watch, Lines)
        watch.opened("a", 3)
        watch.delivered(3)
        assert capsys.readouterr().out == ""
        watch.complete()
    assert capsys.readouterr().out == "a: 3 bytes\n"


def test_the_first_message_of_an_error_is_kept() -> None:
    """What an error says later, when the engine is in another state, does not count."""

    class ChangingError(Exception):
        text = "first"

        def __str__(self) -> str:
            return self.text

    watch, error = Silent(), ChangingError()
    watch.failed(error)
    error.text = "second"
    watch.failed(error)
    assert watch.message(error) == "first"


def test_a_message_that_was_not_kept_is_that_of_now() -> None:
    """An error that came before anything was watched says what it says."""
    assert Silent().message(ValueError("now")) == "now"


def test_a_stop_is_made_once() -> None:
    """However many bytes follow, the backup is stopped once: when the bytes of all files together are enough."""
    stops: list[int] = []
    watch = StopAfter(Silent(), 10, lambda: stops.append(watch.total))
    watch.opened("a", 8)
    watch.delivered(8)
    assert stops == []
    watch.opened("b", 8)
    watch.delivered(4)
    watch.delivered(4)
    assert stops == [12]


def test_the_client_waits_for_the_stop() -> None:
    """The stop was made when the watch returns, however slow the other thread is, and it is another thread."""
    stopping: list[int] = []
    never = threading.Event()

    def stop() -> None:
        never.wait(0.1)
        stopping.append(threading.get_ident())

    StopAfter(Silent(), 0, stop).opened("a", 8)
    assert len(stopping) == 1
    assert stopping != [threading.get_ident()]


def test_no_amount_means_no_stop() -> None:
    """Without an amount nothing is ever stopped."""
    stops: list[int] = []
    watch = StopAfter(Silent(), None, lambda: stops.append(1))
    watch.opened("a", 8)
    watch.delivered(8)
    watch.complete()
    assert stops == []
