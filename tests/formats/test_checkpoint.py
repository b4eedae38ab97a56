# SPDX-License-Identifier: MIT
"""The checkpoint file: two copies of a checkpoint, of which one good one is enough."""

import pytest

from esemu.formats.checkpoint import CHECKPOINT_SIZE, Checkpoint, checkpoint_error, parse_checkpoint
from esemu.formats.checksum import header_error
from esemu.formats.log_environment import Attachment, DbmsParam, parse_attachments
from esemu.formats.structures import LOG_START, Lgpos, Logtime, Signature
from esemu.vocabulary.errors import JET_errCheckpointCorrupt


def new_checkpoint() -> Checkpoint:
    """Return a checkpoint with one attached database."""
    return Checkpoint.new(
        sign_log=Signature(2),
        lgpos=Lgpos(3, 4, 5),
        dbms_param=DbmsParam(rb"C:\sys", rb"C:\logs"),
        attachments=[Attachment(1, r"C:\data\a.edb")],
    )


def test_the_table_covers_every_byte() -> None:
    """The fields follow each other without gap or overlap (log.hxx:234)."""
    ends = [field.offset + field.size for field in Checkpoint.FIELDS]
    assert [0, *ends[:-1]] == [field.offset for field in Checkpoint.FIELDS]
    assert Checkpoint.SIZE == 679 + 2048


def test_a_checkpoint_is_written_twice() -> None:
    """The file consists of two equal pages of 4 KiB, each with its checksum."""
    file = new_checkpoint().to_bytes()
    assert len(file) == 2 * CHECKPOINT_SIZE == 8192
    assert file[:CHECKPOINT_SIZE] == file[CHECKPOINT_SIZE:]
    assert header_error(file[:CHECKPOINT_SIZE]) == 0


def test_a_checkpoint_says_where_recovery_begins() -> None:
    """Position, signature, type and attachments are read back; positions of backups can be set."""
    checkpoint = new_checkpoint()
    checkpoint.lgpos_full_backup = Lgpos(2, 1, 0)
    checkpoint.logtime_full_backup = Logtime(1, 2, 3, 4, 5, 126)
    found = parse_checkpoint(checkpoint.to_bytes())
    assert found == checkpoint
    assert found.lgpos_checkpoint == found.lgpos_db_consistency == Lgpos(3, 4, 5)
    assert (found.sign_log, found.filetype, found.flags) == (Signature(2), 4, 1)
    assert found.dbms_param.system_path == rb"C:\sys"
    assert parse_attachments(found.attachments) == [Attachment(1, r"C:\data\a.edb")]


def test_after_a_clean_end_nothing_is_attached() -> None:
    """The last checkpoint of an instance keeps no attachments and says so (log.cxx:2685)."""
    found = parse_checkpoint(Checkpoint.new(sign_log=Signature(2), attachments=None).to_bytes())
    assert (found.flags, found.attachments) == (0, bytes(2048))
    assert found.lgpos_checkpoint == LOG_START


@pytest.mark.parametrize("damaged", [0, CHECKPOINT_SIZE])
def test_one_good_copy_is_enough(damaged: int) -> None:
    """Whichever copy is damaged, the other one is read."""
    file = bytearray(new_checkpoint().to_bytes())
    file[damaged + 3000] ^= 1
    assert checkpoint_error(file) == 0
    assert parse_checkpoint(file).lgpos_checkpoint == Lgpos(3, 4, 5)


@pytest.mark.parametrize("size", [0, 4095, 8192])
def test_without_a_good_copy_the_file_is_corrupt(size: int) -> None:
    """Two damaged copies, or a file that is too short, cannot be read."""
    file = bytearray(new_checkpoint().to_bytes())[:size]
    for at in range(3000, size, CHECKPOINT_SIZE):
        file[at] ^= 1
    assert checkpoint_error(file) == JET_errCheckpointCorrupt
    with pytest.raises(ValueError, match="Neither"):
        parse_checkpoint(file)
