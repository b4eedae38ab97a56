# SPDX-License-Identifier: MIT
"""The log files, checkpoints and reserve logs of a process's instances, as files on its disk.

On the virtual disk the current log and the checkpoint are contents that follow their instance.  In a mounted folder of
the host they are bytes, which are written anew whenever a generation ends and when the instance does.
"""

from __future__ import annotations

from esemu.vocabulary import file_names
from esemu.vocabulary.errors import JET_errCheckpointFileNotFound, JET_errFileNotFound, JET_errSuccess
from esemu.world.content import ZeroContent
from esemu.world.logs import CheckpointFile, CurrentLog, LogFile, logged, opened_sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, Final

    from esemu.world.content import Content
    from esemu.world.disk import VirtualDisk
    from esemu.world.logs import LogSequence

RESERVE_LOGS: Final = (1, 2)
"""The numbers of the logs that are kept for the day when the disk is full (logstream.cxx:306)."""


class EngineLogs:
    """What a world does about logs."""

    __slots__ = ("_on_host", "sequences")

    disk: VirtualDisk

    def __init__(self) -> None:
        self.sequences = 0  # of logs, made so far: each has a signature of its own
        self._on_host: dict[str, Content] = {}  # files of the host that follow an instance, and what they should hold

    def log_file(self, instance: Any, generation: int) -> Any:
        """Return the content of the current log, which is archived as this generation; the next one begins."""
        sequence, attached = instance.log.sequence, logged(instance.databases)
        sequence.note_beginning(generation + 1, attached)
        return LogFile(sequence, generation, attached)

    def plan_logs(self, instance: Any, first: int, names: Iterable[str]) -> None:
        """Let generations from `first` on be archived, under these full paths."""
        sequence, attached = instance.log.sequence, logged(instance.databases)
        start = instance.log_path + instance.base_name
        logs = ((name[len(start) :], LogFile(sequence, number, attached)) for number, name in enumerate(names, first))
        self.disk.plan(start, logs)
        self.settle(instance)

    def open_log(self, instance: Any, path: str, archived: str, generation: int) -> int:
        """Go on with the log that is there, or begin one; return the generation, and make the reserve logs."""
        log = instance.log
        log.sequence, found = opened_sequence(self.disk, instance, (path, archived), self.sequences + 1)
        self.sequences = max(self.sequences, log.sequence.number)
        log.generation = max(found, generation)
        if self.disk.on_host(path):
            self._on_host[path] = CurrentLog(log.sequence, instance)
        start, dot, extension = path.rpartition(".")
        self.disk.plan(start, _log_and_reserve(dot + extension, log.sequence, instance))
        return int(log.generation)

    def log_verifier(self, file: Any, offset: int) -> Any:
        """Return a log that is verified as it is read, None for one of esemu's own that is read from its start."""
        if isinstance(file, LogFile) and not offset:
            return None
        from esemu.world.verified_log import VerifiedLog  # noqa: PLC0415 - hardly any log comes from elsewhere

        return VerifiedLog(file)

    def open_checkpoint(self, instance: Any, path: str, generation: int) -> int:
        """Return the generation in the checkpoint file; where there is none make one that says `generation`."""
        found: Any = self.disk.opened(path)
        if isinstance(found, CheckpointFile):
            generation = found.log.checkpoint
        elif found is not None:
            from esemu.world.log_bytes import generation_in  # noqa: PLC0415 - few checkpoints come from elsewhere

            generation = generation_in(found, generation)
        instance.log.checkpoint = generation
        instance.log.checkpoint_file = path, -1
        checkpoint = CheckpointFile(instance)
        if self.disk.on_host(path):
            self._on_host[path] = checkpoint
        self.disk.create(path, checkpoint, overwrite=True)
        return generation

    def read_checkpoint(self, instance: Any) -> tuple[int, int]:
        """Return the error of reading the checkpoint file again, 0 if there is none, and the generation in it."""
        log = instance.log
        path, unchanged = log.checkpoint_file
        if unchanged == self.disk.changes or not path:
            return JET_errSuccess, log.checkpoint
        found: Any = self.disk.opened(path)
        if isinstance(found, CheckpointFile) and found.log is log:
            log.checkpoint_file = path, self.disk.changes
            return JET_errSuccess, log.checkpoint
        if found is None:
            error = self.disk.error_opening(path)
            return JET_errCheckpointFileNotFound if error == JET_errFileNotFound else error, 0
        from esemu.world.log_bytes import checkpoint_of  # noqa: PLC0415 - hardly anybody meddles with checkpoints

        return checkpoint_of(log.sequence, found)

    def settle(self, instance: Any) -> None:
        """Write what the files of an instance in a mounted folder should hold by now."""
        for path, content in self._on_host.items():
            if getattr(content, "log", None) is instance.log:
                self.disk.patch(path, 0, content.read(0, content.size))


def _log_and_reserve(ending: str, sequence: LogSequence, instance: Any) -> Iterator[tuple[str, Content]]:
    """Give the current log and the reserve logs: how their paths end, and their contents."""
    yield ending, CurrentLog(sequence, instance)
    for number in RESERVE_LOGS:
        yield file_names.reserve_log_name("", number), ZeroContent(sequence.settings.size)
