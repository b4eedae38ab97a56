# SPDX-License-Identifier: MIT
"""The checkpoint file: where in the log recovery has to begin, written twice over like a database header.

Its times and positions of the last full and incremental backup are copies for people to read; what counts for backups
is in the database headers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

from esemu.formats.checksum import header_error, xor_checksum
from esemu.formats.database_header import FILETYPE_CHECKPOINT
from esemu.formats.layout import U8, U32, Field, Layout, Raw
from esemu.formats.log_environment import ATTACHMENTS_SIZE, DBMS_PARAM, attachments_to_bytes
from esemu.formats.structures import LGPOS, LOG_START, LOGTIME, SIGNATURE
from esemu.vocabulary.errors import JET_errCheckpointCorrupt, JET_errSuccess

if TYPE_CHECKING:
    from collections.abc import Iterable

    from esemu.formats.checksum import Buffer
    from esemu.formats.log_environment import Attachment
    from esemu.formats.structures import Lgpos, Signature

#: Bytes of each of the two copies (log.hxx:131).
CHECKPOINT_SIZE: Final = 4096


class Checkpoint(Layout):
    """A checkpoint, CHECKPOINT: 2727 bytes, the rest of the 4096 is zero (log.hxx:234-288)."""

    __slots__ = ()

    checksum = Field(0, U32, "le_ulChecksum")
    lgpos_last_full_backup_checkpoint = Field(4, LGPOS, "le_lgposLastFullBackupCheckpoint")
    lgpos_checkpoint = Field(12, LGPOS, "le_lgposCheckpoint")
    sign_log = Field(20, SIGNATURE, "signLog")
    dbms_param = Field(48, DBMS_PARAM, "dbms_param")
    lgpos_full_backup = Field(615, LGPOS, "le_lgposFullBackup")
    logtime_full_backup = Field(623, LOGTIME, "logtimeFullBackup")
    lgpos_inc_backup = Field(631, LGPOS, "le_lgposIncBackup")
    logtime_inc_backup = Field(639, LOGTIME, "logtimeIncBackup")
    flags = Field(647, U8, "fVersion")  # 1: attachments is valid
    lgpos_db_consistency = Field(648, LGPOS, "le_lgposDbConsistency")
    reserved = Field(656, Raw(11), "rgbReserved1")
    filetype = Field(667, U32, "le_filetype")
    reserved2 = Field(671, Raw(8), "rgbReserved2")
    attachments = Field(679, Raw(ATTACHMENTS_SIZE), "rgbAttach")

    @classmethod
    def new(
        cls,
        *,
        sign_log: Signature,
        lgpos: Lgpos = LOG_START,
        attachments: Iterable[Attachment] | None = (),
        **fields: Any,
    ) -> Self:
        """Return a checkpoint at `lgpos`; `attachments` is None after a clean end (log.cxx:2685), else they are kept.

        Every other field can be given by its name, such as the positions of backups, which the engine writes while
        one runs (BKCopyLastBackupStateToCheckpoint, backup.cxx:4740).
        """
        defaults: dict[str, Any] = {
            "lgpos_checkpoint": lgpos,
            "lgpos_db_consistency": lgpos,
            "sign_log": sign_log,
            "flags": int(attachments is not None),
            "filetype": FILETYPE_CHECKPOINT,
            "attachments": attachments_to_bytes(attachments or ()),
        }
        return cls(**defaults | fields)

    def to_bytes(self) -> bytes:
        """Return the checkpoint file, 8192 bytes: the same checkpoint twice (fileu.cxx:1118)."""
        self.checksum = xor_checksum(self.data)
        return bytes(self.data).ljust(CHECKPOINT_SIZE, b"\0") * 2


def checkpoint_error(file: Buffer) -> int:
    """Return 0 if one of the two checkpoints in the file is good, else JET_errCheckpointCorrupt (log.cxx:2588)."""
    return JET_errCheckpointCorrupt if _good_copy(file) is None else JET_errSuccess


def parse_checkpoint(file: Buffer) -> Checkpoint:
    """Return the first good checkpoint of the file, as recovery reads it. ValueError: there is none."""
    good = _good_copy(file)
    if good is None:
        raise ValueError("Neither of the two checkpoints has the right checksum")
    return Checkpoint.parse(good)


def _good_copy(file: Buffer) -> Buffer | None:
    """Return the first checkpoint that is complete and has the right checksum (fileu.cxx:323-370)."""
    for at in (0, CHECKPOINT_SIZE):
        found = file[at : at + CHECKPOINT_SIZE]
        if len(found) == CHECKPOINT_SIZE and header_error(found) == JET_errSuccess:
            return found
    return None
