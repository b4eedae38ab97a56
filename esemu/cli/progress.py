# SPDX-License-Identifier: MIT
"""What a backup shows while it runs, as watches of the client: a bar on a terminal, lines elsewhere, and an administrator."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress, TaskID

    from esemu.cli.client import Watch


class Silent:
    """A watch that shows nothing, and keeps what errors said when they came: later the engine is in another state."""

    def __init__(self) -> None:
        self._messages: dict[BaseException, str] = {}

    def opened(self, name: str, size: int) -> None:
        """Say nothing."""

    def delivered(self, count: int) -> None:
        """Say nothing."""

    def complete(self) -> None:
        """Say nothing."""

    def failed(self, failure: BaseException) -> None:
        """Keep the message."""
        self._messages.setdefault(failure, str(failure))

    def message(self, failure: BaseException) -> str:
        """Return what an error said when it came."""
        return self._messages.get(failure) or str(failure)


class Lines(Silent):
    """A line for each file that is complete."""

    _line = ""

    def opened(self, name: str, size: int) -> None:
        """Keep the line for later."""
        self._line = f"{name}: {size} bytes"

    def complete(self) -> None:
        """Print the line."""
        click.echo(self._line)


class Bar(Silent):
    """A bar of rich for each file."""

    _task: TaskID

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    def opened(self, name: str, size: int) -> None:
        """Begin a new bar."""
        self._task = self._progress.add_task(name, total=size)

    def delivered(self, count: int) -> None:
        """Move the bar on."""
        self._progress.update(self._task, advance=count)


class StopAfter:
    """A watch that tells another, and once `amount` bytes were delivered lets a second thread stop the backup; None: never.

    An administrator's stop comes at any moment.  Here the client waits for it between two reads, so that the same
    command always stops at the same byte.
    """

    def __init__(self, watch: Watch, amount: int | None, stop: Callable[[], object]) -> None:
        self._watch = watch
        self._amount = amount
        self._stop = stop
        #: Bytes delivered so far, of all files.
        self.total = 0
        self._stopped = False

    def opened(self, name: str, size: int) -> None:
        """Tell the other watch, and stop the backup if nothing was to be delivered."""
        self._watch.opened(name, size)
        self._stop_if_enough()

    def delivered(self, count: int) -> None:
        """Tell the other watch, and stop the backup if it is time."""
        self._watch.delivered(count)
        self.total += count
        self._stop_if_enough()

    def complete(self) -> None:
        """Tell the other watch."""
        self._watch.complete()

    def failed(self, failure: BaseException) -> None:
        """Tell the other watch."""
        self._watch.failed(failure)

    def _stop_if_enough(self) -> None:
        if self._amount is not None and self.total >= self._amount and not self._stopped:
            self._stopped = True
            administrator = threading.Thread(target=self._stop)
            administrator.start()
            administrator.join()


@contextmanager
def watching() -> Iterator[Silent]:
    """Show progress as standard output allows."""
    if not sys.stdout.isatty():
        yield Lines()
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn  # noqa: PLC0415 - for terminals only

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(binary_units=True))
    with Progress(*columns) as progress:
        yield Bar(progress)
