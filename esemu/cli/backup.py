# SPDX-License-Identifier: MIT
"""`esemu backup`: a streaming full backup of real database files, by an emulated engine, into a folder of the host."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

import esemu
from esemu.cli.client import ShortFileError, full_backup
from esemu.cli.commands import CannotRun
from esemu.cli.progress import StopAfter, watching
from esemu.cli.sizes import Amount, amount_option, bytes_option
from esemu.cli.sources import checked_chunk, database, opened, stream_size
from esemu.cli.target import TargetFolder

FAILED: Final = 1
STOPPED: Final = 3
INTERRUPTED: Final = 130  # as shells have it: 128 and the number of SIGINT

_SOURCE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("backup")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", type=_SOURCE)
@click.argument("target_dir", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--stop-after", callback=amount_option, metavar="AMOUNT", help="Stop it after 40% of the databases, or 64K."
)
@click.option(
    "--chunk", callback=bytes_option, metavar="SIZE", help="Read so much at a time: 64K, 1M. [default: 16 pages]"
)
@click.pass_context
def command(
    context: click.Context, sources: tuple[Path, ...], target_dir: Path, stop_after: Amount | None, chunk: int | None
) -> None:
    """Back up database files (SOURCE, .edb) as a client of a real server would, into the empty folder TARGET_DIR.

    An emulated engine attaches the files and delivers what an engine delivers: of each database two headers, the
    pages, verified, and a trailer; then the logs. A file is called NAME.partial until it is complete.

    With --stop-after a second thread stops the backup, as a server's administrator would, and the client ends it.

    The exit status is 0 for a complete backup, 1 if something could not be read, 2 if it could not begin, 3 if it was
    stopped.
    """
    pages = opened(sources)
    chunk = checked_chunk(chunk, pages[0].page_size)
    engine = esemu.Engine()
    try:
        instance = engine.start(map(database, pages))
    except (esemu.JetError, ValueError) as refused:
        raise CannotRun(str(refused)) from None
    try:
        target = TargetFolder(target_dir)
    except OSError as error:
        raise CannotRun(f"{target_dir}: {error.strerror}") from None
    after = None if stop_after is None else stop_after.of(stream_size(pages))
    context.exit(_back_up(engine, instance, target, chunk, after))


def _back_up(
    engine: esemu.Engine, instance: esemu.Instance, target: TargetFolder, chunk: int, after: int | None
) -> int:
    """Make the backup, say how it went, and return the exit status."""
    left_out: dict[str, esemu.JetError] = {}
    failure: BaseException | None = None
    with watching() as watch:
        stopping = StopAfter(watch, after, lambda: engine.jet.JetStopBackupInstance(instance))
        try:
            left_out = full_backup(engine.jet, instance, target, chunk, stopping)
        except BrokenPipeError:
            raise  # nobody reads what is printed: click knows what to do
        except (esemu.JetError, ShortFileError, OSError, KeyboardInterrupt) as error:
            failure = error
    for name, unreadable in left_out.items():
        click.echo(f"{name} was left out. {watch.message(unreadable)}", err=True)
    if failure is not None:
        _show_failure(failure, watch.message(failure))
    _show_end(engine)
    for partial in target.partial_files():
        click.echo(f"{partial} is incomplete: {partial.stat().st_size} bytes")
    if after is not None and failure is None:
        click.echo(f"The backup was over before {after} bytes were delivered, and was not stopped.", err=True)
    return _status(failure, left_out)


def _show_failure(failure: BaseException, message: str) -> None:
    """Say why the backup failed, and if it could not even be ended."""
    if isinstance(failure, KeyboardInterrupt):
        message = "Interrupted."
    elif isinstance(failure, OSError) and failure.filename:
        message = f"{failure.filename}: {failure.strerror}"
    for line in (message, *getattr(failure, "__notes__", ())):
        click.echo(line, err=True)


def _show_end(engine: esemu.Engine) -> None:
    """Say how the engine answered the end of the backup, and what it wrote to the event log, where the truth is."""
    endings = [call for call in engine.trace if call.api.name.startswith("JetEndExternalBackup")]
    if endings:
        last = endings[-1]
        outcome = esemu.exception_for(last.err).name if last.err else "JET_errSuccess"
        event = list(engine.events)[-1]
        click.echo(f"{last.api.name}: {outcome}. Event {event.number}: {event.message}")


def _status(failure: BaseException | None, left_out: dict[str, esemu.JetError]) -> int:
    """Return the exit status."""
    if failure is None:
        return FAILED if left_out else 0
    if isinstance(failure, esemu.BackupAbortByServerError):
        return STOPPED
    return INTERRUPTED if isinstance(failure, KeyboardInterrupt) else FAILED
