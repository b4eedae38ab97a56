# SPDX-License-Identifier: MIT
"""The checkpoint file is read again when a full backup begins and when logs are first listed, and whatever is wrong with it tells."""

from collections.abc import Callable
from pathlib import Path

import pytest
from correct_client import copy

import esemu
from esemu.formats.checkpoint import CHECKPOINT_SIZE, Checkpoint, parse_checkpoint
from esemu.formats.structures import Lgpos, Signature
from esemu.vocabulary.exceptions import (
    BadCheckpointSignatureError,
    CheckpointCorruptError,
    CheckpointFileNotFoundError,
    FileAccessDeniedError,
    FileInvalidTypeError,
    InvalidPathError,
)
from esemu.vocabulary.grbits import JET_bitBackupIncremental
from esemu.world.content import BytesContent

PATH = r"C:\sys\edb.chk"
MAIL = r"C:\data\mail.edb"

Change = Callable[[Checkpoint], object]


@pytest.fixture
def inst(engine: esemu.Engine) -> esemu.Instance:
    """Return an instance with logs 1 to 4 archived, whose database was backed up before."""
    inst = engine.start({MAIL: 20}, generations=5, checkpoint=4)
    engine.jet.JetBackupInstance(inst, r"C:\app")
    return inst


def rewrite(engine: esemu.Engine, change: Change, path: str = PATH) -> None:
    """Change something in the checkpoint file; its checksums fit."""
    checkpoint = parse_checkpoint(engine.disk.read(path))
    change(checkpoint)
    assert engine.disk.create(path, BytesContent(checkpoint.to_bytes()), overwrite=True) == 0


def remove(engine: esemu.Engine) -> None:
    """Delete the checkpoint file."""
    assert engine.disk.remove(PATH) == 0


def damage_both(engine: esemu.Engine) -> None:
    """Flip a bit of each copy."""
    for at in (100, CHECKPOINT_SIZE + 100):
        engine.disk.patch(PATH, at, b"\xff")


def cut(engine: esemu.Engine) -> None:
    """Leave less than one copy of the file."""
    engine.disk.create(PATH, BytesContent(engine.disk.read(PATH)[:4095]), overwrite=True)


def of_another_log(engine: esemu.Engine) -> None:
    """Put in the checkpoint of another log stream."""
    rewrite(engine, lambda checkpoint: setattr(checkpoint, "sign_log", Signature(5)))


def of_another_kind(engine: esemu.Engine) -> None:
    """Put in a file whose header says that it is a log."""
    rewrite(engine, lambda checkpoint: setattr(checkpoint, "filetype", 3))


def in_use(engine: esemu.Engine) -> None:
    """Let somebody else have the file."""
    engine.disk.hold(PATH)


DAMAGES = [
    (remove, CheckpointFileNotFoundError),
    (damage_both, CheckpointCorruptError),
    (cut, CheckpointCorruptError),
    (of_another_log, BadCheckpointSignatureError),
    (of_another_kind, FileInvalidTypeError),
    (in_use, FileAccessDeniedError),
]


@pytest.mark.parametrize(("damage", "error"), DAMAGES)
def test_a_full_backup_does_not_begin(
    engine: esemu.Engine, inst: esemu.Instance, damage: Callable[[esemu.Engine], None], error: type[esemu.JetError]
) -> None:
    """A bad file ends the beginning of a full backup; an incremental one begins, and cannot list its logs."""
    damage(engine)
    with pytest.raises(error) as caught:
        engine.jet.JetBeginExternalBackupInstance(inst, 0)
    assert "backup.cxx:1880" in str(caught.value)
    engine.jet.JetBeginExternalBackupInstance(inst, JET_bitBackupIncremental)
    with pytest.raises(error) as caught:
        engine.jet.JetGetLogInfoInstance(inst)
    assert "backup.cxx:681" in str(caught.value)
    engine.jet.JetEndExternalBackupInstance2(inst, 2)


@pytest.mark.parametrize(("damage", "error"), DAMAGES)
def test_logs_are_not_listed(
    engine: esemu.Engine, inst: esemu.Instance, damage: Callable[[esemu.Engine], None], error: type[esemu.JetError]
) -> None:
    """A file that goes bad while a backup runs is noticed when its logs are first listed, and no more after that."""
    engine.jet.JetBeginExternalBackupInstance(inst, 0)
    damage(engine)
    with pytest.raises(error):
        engine.jet.JetGetLogInfoInstance(inst)
    engine.jet.JetEndExternalBackupInstance2(inst, 2)


def test_one_good_copy_is_enough(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """Where one of the two copies is damaged the other one is taken."""
    engine.disk.patch(PATH, 100, b"\xff")
    engine.jet.JetBeginExternalBackupInstance(inst, 0)
    assert engine.jet.JetGetLogInfoInstance(inst)[0] == r"C:\logs\edb00004.log"


def test_the_file_says_where_the_logs_of_a_backup_begin(engine: esemu.Engine) -> None:
    """An older checkpoint makes a full backup begin with an earlier log, and truncation keep what is behind it."""
    inst = engine.start({MAIL: 20}, generations=5, checkpoint=4)
    rewrite(engine, lambda checkpoint: setattr(checkpoint, "lgpos_checkpoint", Lgpos(2, 1, 0)))
    jet = engine.jet
    jet.JetBeginExternalBackupInstance(inst, 0)
    copy(jet, inst, MAIL)
    assert jet.JetGetLogInfoInstance(inst)[0] == r"C:\logs\edb00002.log"
    assert jet.JetGetTruncateLogInfoInstance(inst) == [r"C:\logs\edb00001.log"]


def test_a_file_of_the_host_is_read(engine: esemu.Engine, tmp_path: Path) -> None:
    """In a mounted folder it is the host's file that counts, as it is at that moment, and it follows the checkpoint."""
    engine.disk.mount("C:\\shared", tmp_path, writable=True)
    inst = engine.start({MAIL: 20}, generations=5, system_path="C:\\shared")
    file = tmp_path / "edb.chk"
    good = file.read_bytes()
    for content, error in ((b"", CheckpointCorruptError), (bytes(8192), CheckpointCorruptError)):
        file.write_bytes(content)
        with pytest.raises(error):
            engine.jet.JetBeginExternalBackupInstance(inst, 0)
    file.unlink()
    with pytest.raises(CheckpointFileNotFoundError):
        engine.jet.JetBeginExternalBackupInstance(inst, 0)
    file.write_bytes(good)
    inst.checkpoint = 3
    assert parse_checkpoint(file.read_bytes()).lgpos_checkpoint.generation == 3
    engine.jet.JetBeginExternalBackupInstance(inst, 0)
    assert engine.jet.JetGetLogInfoInstance(inst)[0] == r"C:\logs\edb00003.log"


def test_a_folder_that_is_gone(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """Without its folder there is no path to the checkpoint file."""
    remove(engine)
    assert engine.disk.remove_folder("C:\\sys") == 0
    with pytest.raises(InvalidPathError):
        engine.jet.JetBeginExternalBackupInstance(inst, 0)
