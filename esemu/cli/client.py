# SPDX-License-Identifier: MIT
"""A backup client as one is written for a real engine: it knows nothing but the API, and ends every backup it begins.

`jet` is `engine.jet` here; behind it could stand any other binding of the API that raises where the engine fails.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING, Protocol

import esemu
from esemu.vocabulary.grbits import JET_bitBackupEndAbort

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from esemu.faces.jet import Jet
    from esemu.machine.effects.files import OpenedFile


class Writer(Protocol):
    """A file that is being written."""

    def write(self, data: memoryview, /) -> object:
        """Append bytes."""


class Target(Protocol):
    """Where the files of a backup go."""

    def create(self, name: str) -> AbstractContextManager[Writer]:
        """Make a file; when the context is left without an error the file is complete and safe."""
        ...


class Watch(Protocol):
    """Whoever wants to know how a backup gets on."""

    def opened(self, name: str, size: int) -> None:
        """`name` was opened, and `size` bytes of it will be delivered."""

    def delivered(self, count: int) -> None:
        """`count` bytes of the open file were delivered."""

    def complete(self) -> None:
        """All of the open file was delivered and saved."""

    def failed(self, failure: BaseException) -> None:
        """Something failed, and nothing was closed or ended yet; this may be told twice."""


class ShortFileError(Exception):
    """The engine delivered fewer bytes than it said when the file was opened."""


def full_backup(jet: Jet, instance: int, target: Target, chunk: int, watch: Watch) -> dict[str, esemu.JetError]:
    """Save a full backup of `instance` to `target`, in reads of `chunk` bytes.

    Return the databases that had to be left out because pages of them cannot be read, each with its error.  Any other
    error ends the backup and is raised; so does a stop by the server, as `esemu.BackupAbortByServerError`.
    """
    buffer = bytearray(chunk)
    left_out: dict[str, esemu.JetError] = {}
    with running_backup(jet, instance, watch):
        for name in jet.JetGetAttachInfoInstance(instance):
            try:
                copy_file(jet, instance, name, target, buffer, watch)
            except (esemu.CorruptionError, esemu.DiskIOError) as error:
                left_out[name] = error  # the engine leaves it out too, and goes on with the others
        for name in jet.JetGetLogInfoInstance(instance):
            copy_file(jet, instance, name, target, buffer, watch)
        if not left_out:
            # This deletes logs: everything must be safe by now, and no database may need them for another attempt.
            jet.JetTruncateLogInstance(instance)
    return left_out


def copy_file(  # noqa: PLR0913 - a read has that many sides
    jet: Jet, instance: int, name: str, target: Target, buffer: bytearray, watch: Watch
) -> None:
    """Save one file of the backup under its own name, without its folder."""
    with open_file(jet, instance, name, watch) as file, target.create(PureWindowsPath(name).name) as output:
        watch.opened(name, file.size)
        delivered = 0
        while count := jet.JetReadFileInstance(instance, file.handle, buffer):
            output.write(memoryview(buffer)[:count])
            delivered += count
            watch.delivered(count)
        if delivered != file.size:
            raise ShortFileError(f"{name}: {delivered} of {file.size} bytes were delivered")
    watch.complete()


@contextmanager
def running_backup(jet: Jet, instance: int, watch: Watch) -> Iterator[None]:
    """Begin a full backup, and end it whatever happens: an engine with an unfinished backup begins no other."""
    jet.JetBeginExternalBackupInstance(instance, 0)
    try:
        yield
    except BaseException as failure:
        watch.failed(failure)
        try:
            end_after(failure, jet, instance)
        except esemu.JetError as error:
            failure.add_note(f"The backup could not be ended: {error}")
        raise
    jet.JetEndExternalBackupInstance(instance)


def end_after(failure: BaseException, jet: Jet, instance: int) -> None:
    """End a backup that has failed."""
    if isinstance(failure, esemu.BackupAbortByServerError):
        jet.JetEndExternalBackupInstance(instance)  # the engine knows; the answer is success, and the backup is void
        return
    with suppress(esemu.NoBackupError):  # a log that cannot be read ends the backup by itself
        jet.JetEndExternalBackupInstance2(instance, JET_bitBackupEndAbort)


@contextmanager
def open_file(jet: Jet, instance: int, name: str, watch: Watch) -> Iterator[OpenedFile]:
    """Open a file of the backup and close it."""
    file = jet.JetOpenFileInstance(instance, name)
    try:
        yield file
    except BaseException as failure:
        watch.failed(failure)
        with suppress(esemu.JetError):  # a read that fails may close the file, and the close then fails
            jet.JetCloseFileInstance(instance, file.handle)
        raise
    jet.JetCloseFileInstance(instance, file.handle)
