# SPDX-License-Identifier: MIT
"""`esemu demo`: a full backup, one that the server stops half way, and one more, each shown as the calls that it makes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

import esemu
from esemu.cli.client import full_backup
from esemu.cli.progress import Silent, StopAfter
from esemu.vocabulary.parameters import JET_paramLogFileSize

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASE: Final = r"C:\data\mail.edb"
PAGES: Final = 40
CHUNK: Final = 65536


class Nowhere:
    """A target that keeps nothing."""

    @contextmanager
    def create(self, name: str) -> Iterator[Nowhere]:  # noqa: ARG002 - as every target
        """Return what takes the bytes."""
        yield self

    def write(self, data: memoryview, /) -> None:
        """Forget the bytes."""


@click.command("demo")
def command() -> None:
    """Play a backup that the server stops, and show what the engine answers."""
    engine = esemu.Engine()
    instance = engine.start(databases={DATABASE: PAGES}, parameters={JET_paramLogFileSize: 64})
    click.echo(f"A full backup of {DATABASE}, {PAGES} pages of 4096 bytes, on a virtual disk:")
    _play(engine, instance)
    click.echo("\nThe same, and half way another thread calls JetStopBackupInstance:")
    _play(engine, instance, stop_after=(PAGES + 3) * 4096 // 2)
    click.echo("\nThe stopped backup was ended, so the next one may begin:")
    _play(engine, instance)


def _play(engine: esemu.Engine, instance: esemu.Instance, *, stop_after: int | None = None) -> None:
    """Make a backup and print its calls, the error if there was one, and the engine's last event."""
    engine.trace.clear()
    watch = Silent()
    stopping = StopAfter(watch, stop_after, lambda: engine.jet.JetStopBackupInstance(instance))
    message = ""
    try:
        full_backup(engine.jet, instance, Nowhere(), CHUNK, stopping)
    except esemu.BackupAbortByServerError as error:
        message = watch.message(error)
    for line in engine.trace.text().splitlines():
        click.echo(f"  {line}")
    if message:
        click.echo(f"The error says:\n  {message}")
    event = list(engine.events)[-1]
    click.echo(f"The event log says:\n  {event.number}: {event.message}")
