# SPDX-License-Identifier: MIT
"""What a debugger or a failed assertion shows of the machine's objects, and what is a port for a world."""

import inspect

import pytest

import esemu
from esemu.machine import ports
from esemu.machine.calls import CALLS
from esemu.machine.rules.files import handle_not_open
from esemu.world.database_file import FilePages
from esemu.world.disk import VirtualDisk
from esemu.world.emulated import EmulatedWorld
from esemu.world.pages import BytesPages, PatternPages

MAIL = r"C:\data\mail.edb"


@pytest.fixture
def engine() -> esemu.Engine:
    """Return an engine with one instance that has a database."""
    engine = esemu.Engine()
    engine.start(databases={MAIL: 10}, generations=3)
    return engine


def test_an_instance_and_its_parts(engine: esemu.Engine) -> None:
    """Each says which it is and how far it has come."""
    (instance,) = engine.process.live()
    assert repr(instance.databases[0]) == rf"<database 1 {MAIL}: 10 pages>"
    assert repr(instance.databases[0].full_previous) == "BackupRecord(0, 0, family=0, mark=0)"
    assert repr(instance.log) == "<log: generation 3, checkpoint 3>"
    assert repr(instance.backup.slot) == "<slot free: 0 of 0 bytes>"
    (session,) = instance.sessions.values()
    assert repr(session) == f"<session {session.id:#x} at level 0>"


def test_an_open_file(engine: esemu.Engine) -> None:
    """The slot of the one open file says how far it was read; the file that a client gets says its size."""
    jet, inst = engine.jet, engine.process.live()[0].handle
    jet.JetBeginExternalBackupInstance(inst, 0)
    file = jet.JetOpenFileInstance(inst, MAIL)
    assert repr(file) == f"OpenedFile(handle=0, size={13 * 4096})"
    assert file == type(file)(0, 13 * 4096)
    assert file != 13 * 4096
    assert repr(engine.process.live()[0].backup.slot) == rf"<slot {MAIL}: 0 of {13 * 4096} bytes>"


def test_a_list_of_instances(engine: esemu.Engine) -> None:
    """JetGetInstanceInfo gives objects with names."""
    (info,) = engine.jet.JetGetInstanceInfo()
    assert repr(info) == f"InstanceInfo(handle={info.handle:#x}, name='instance1', databases={[MAIL]!r})"


def test_a_snapshot(engine: esemu.Engine) -> None:
    """A snapshot session says of what kind it is, and its state."""
    engine.jet.JetOSSnapshotPrepare(0)
    (snapshot,) = engine.process.snapshots.values()
    assert repr(snapshot) == f"<snapshot {snapshot.id}: full, {snapshot.state}>"


def test_the_table() -> None:
    """Calls, parts and rules say their names, a rule its source too."""
    call = CALLS["JetCloseFileInstance"]
    assert repr(call) == "<call JetCloseFileInstance>"
    assert repr(handle_not_open) == "<rule handle_not_open (backup.cxx:2969)>"
    shown = [repr(step) for step in CALLS["JetBeginExternalBackupInstance"].steps]
    assert any(step.startswith("<part ") for step in shown)


@pytest.mark.parametrize(
    ("port", "kept"),
    [
        (ports.World, EmulatedWorld),
        (ports.Disk, VirtualDisk),
        (ports.Pages, PatternPages),
        (ports.Pages, BytesPages),
        (ports.Pages, FilePages),
    ],
)
def test_a_world_keeps_its_port(port: type, kept: type) -> None:
    """Whatever the machine may ask of a world is there, and takes what the machine hands over."""
    asked = {name: value for name, value in vars(port).items() if inspect.isfunction(value) and name[0] != "_"}
    assert asked
    for name, function in asked.items():
        parameters = inspect.signature(function).parameters.values()
        handed = [each for each in parameters if each.kind is each.POSITIONAL_ONLY]
        named = {each.name: each for each in parameters if each.kind is each.KEYWORD_ONLY}
        inspect.signature(getattr(kept, name)).bind(*handed, **named)
