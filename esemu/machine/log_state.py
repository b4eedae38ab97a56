# SPDX-License-Identifier: MIT
"""The state variables of the transaction log of an instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from esemu.machine.snapshot_state import SnapshotSession


NO_GENERATIONS: Final[frozenset[int]] = frozenset()


class LogStream:
    """The transaction log of an instance: LOG and LOG_STREAM, as far as a backup sees them."""

    __slots__ = (
        "checkpoint",
        "checkpoint_file",
        "checkpoint_lock",
        "checkpoint_unreadable",
        "corrupt_generations",
        "disabled",
        "disk_full",
        "generation",
        "header_write_fails",
        "paused",
        "records",
        "rolls_put_off",
        "sequence",
        "sequence_end",
        "write_failed",
        "write_lock",
        "written",
    )

    def __init__(self, generation: int = 1, checkpoint: int = 1) -> None:
        self.generation = generation  # LGGetCurrentFileGenWithLock: the log that is being written
        self.checkpoint = checkpoint  # generation of the checkpoint
        self.written = 0  # records written to the current generation
        self.records: list[tuple[Any, ...]] = []  # the log records that backups write, as tuples
        self.disabled = False  # FLogDisabled
        self.write_failed = False  # FNoMoreLogWrite
        self.disk_full = False  # JET_errLogDiskFull from ErrLGCheckState
        self.sequence_end = False  # JET_errLogSequenceEnd from ErrLGCheckState
        self.checkpoint_unreadable = False  # JET_errCheckpointCorrupt from ErrLGReadCheckpoint
        self.header_write_fails = False  # JET_errDiskIO from ErrLGUpdateGenRequired
        self.corrupt_generations = NO_GENERATIONS  # verification of these logs fails
        # What a frozen snapshot holds: it stops the log on a new generation, or, where logging is circular, locks it.
        self.checkpoint_lock: SnapshotSession | None = None  # m_critCheckpoint
        self.write_lock: SnapshotSession | None = None  # m_critLGWrite
        self.paused = False  # m_fLGLogPaused: the current log is archived, the next one waits for its name
        self.rolls_put_off = 0  # generations that were asked for since the log was stopped
        self.sequence: Any = None  # signLog, and what else the world puts into its files
        self.checkpoint_file = ("", -1)  # its path, and what the world's disk counted when nobody had meddled with it

    @property
    def tip(self) -> int:
        """The generation that the next record belongs to, which a stopped log has not begun to write."""
        return self.generation + self.paused + self.rolls_put_off

    @property
    def stopped(self) -> bool:
        """A frozen snapshot keeps the log from being written."""
        return self.paused or self.write_lock is not None

    @property
    def position(self) -> int:
        """LGLogTipWithLock: where the next record goes; the generation in the upper half, so that it orders."""
        return self.tip << 32 | self.written

    def __repr__(self) -> str:
        return f"<log: generation {self.generation}, checkpoint {self.checkpoint}>"
