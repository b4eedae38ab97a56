# SPDX-License-Identifier: MIT
"""The world in which states are enumerated answers as the virtual disk does, as far as it goes."""

from itertools import product
from typing import Any

import pytest

from esemu.machine.explore.bare import BareDisk, BareFile, BareWorld
from esemu.machine.explore.search import reachable
from esemu.machine.explore.starts import start
from esemu.machine.explore.twin import twin
from esemu.machine.explore.worlds import ONE
from esemu.world.disk import VirtualDisk

PATHS = (
    "C:\\data\\a.edb",
    "c:\\DATA\\A.EDB",
    "C:\\data\\b.edb",
    "C:\\data",
    "C:\\data\\temp",
    "C:\\data\\temp\\x",
    "D:\\x",
    "C:\\data\\no.txt",
)


@pytest.fixture(params=PATHS)
def path(request: pytest.FixtureRequest) -> str:
    """Return one path after the other: files, folders, and what is neither."""
    return str(request.param)


def filled(disk: Any) -> Any:
    """Put files and folders on a disk."""
    disk.create_folders("C:\\data\\temp")
    for name in ("C:\\data\\a.edb", "C:\\data\\b.edb", "C:\\data\\temp\\x"):
        assert disk.create(name, None, overwrite=False) == 0
    disk.hold("C:\\data\\b.edb")
    return disk


def disks() -> tuple[Any, Any]:
    """Return a bare disk and a virtual one that hold the same."""
    return filled(BareDisk(("C:",))), filled(VirtualDisk("C:\\"))


def test_files_are_found_alike(path: str) -> None:
    """What can be opened, what exists, and what is in a folder."""
    bare, virtual = disks()
    for question in ("error_opening", "exists", "is_folder", "complete"):
        assert getattr(bare, question)(path) == getattr(virtual, question)(path), question
    assert bare.names(path) == virtual.names(path)
    assert bare.names("C:\\data\\") == virtual.names("C:\\data\\")


@pytest.mark.parametrize("overwrite", [True, False])
def test_files_are_made_and_removed_alike(path: str, overwrite: bool) -> None:
    """With the same errors, and with the same files afterwards."""
    bare, virtual = disks()
    assert bare.create(path, None, overwrite=overwrite) == virtual.create(path, None, overwrite=overwrite)
    assert bare.exists(path) == virtual.exists(path)
    assert bare.remove(path) == virtual.remove(path)
    assert bare.exists(path) == virtual.exists(path)


def test_exclusive_use_ends_alike(path: str) -> None:
    """A file that is released can be opened again; one that nobody holds can be released."""
    for disk in disks():
        disk.release(path)
        disk.release("C:\\data\\b.edb")
        assert disk.error_opening("C:\\data\\b.edb") == 0


def test_folders_are_moved_alike() -> None:
    """With what is in them; and they can be removed when they are empty."""
    for disk in disks():
        assert disk.move("C:\\data\\temp", "C:\\data\\new") == 0
        assert disk.exists("C:\\data\\new\\x")
        assert not disk.exists("C:\\data\\temp")
        assert disk.remove("C:\\data\\new\\x") == 0
        assert disk.remove_folder("C:\\data\\new") == 0
        assert not disk.is_folder("C:\\data\\new")


def test_nothing_happens_beside_the_machine() -> None:
    """There are no threads, callbacks or clocks: whoever waits waits for ever, and a thread runs to its end."""
    world = BareWorld(BareDisk(()), 8192)
    assert world.open_checkpoint(None, "C:\\x.chk", 7) == 7
    world.disk.create_folder("C:\\logs")
    assert world.open_log(None, "C:\\logs\\edb.log", "C:\\logs\\edb00007.log", 7) == 7
    assert world.disk.size("C:\\logs\\edb.log") == 8192
    assert not world.waits_for_itself(None)
    assert world.saved_set() is None  # type: ignore[func-returns-value] # nothing is restored here
    assert not world.wait(None, None, None, None)
    assert world.outside(None, lambda: 5) == 5
    steps = iter([True, False])
    world.run_thread(None, steps)
    assert next(steps, None) is None
    due = world.clock.call_at(5, steps.__next__)
    world.clock.advance(10)
    due.cancel()
    assert world.clock.now_ms == 0


def test_a_file_of_a_database_that_nobody_attached_has_a_twin() -> None:
    """Databases on the disk are copied too, attached before or not."""
    process = start(ONE)
    process.world.disk.create("C:\\data\\lone.edb", BareFile(12288, 1), overwrite=True)
    other = twin(process)
    for path in ("C:\\data\\lone.edb", "C:\\data\\a.edb"):
        mine, its = process.world.disk.content(path), other.world.disk.content(path)
        assert mine is not its
        assert mine.size == its.size
    assert other.world.disk.content("C:\\data\\lone.edb").database is None


def test_a_twin_is_a_process_of_its_own() -> None:
    """Whatever is changed in a twin, the process that it was made of stays as it was."""
    process = start(ONE)
    other = twin(process)
    mine, its = process.live()[0], other.live()[0]
    for first, second in ((mine, its), *product((mine.backup, mine.log), (its.backup, its.log))):
        assert first is not second
    assert its.process is other
    assert its.databases[0] is not mine.databases[0]
    assert {session.instance for session in other.sessions.values()} == {its}
    its.backup.slot.in_use = True
    its.log.records.append(("x",))
    its.parameters[17] = 1
    other.world.disk.remove("C:\\logs\\edb00001.log")
    assert not mine.backup.slot.in_use
    assert mine.log.records == []
    assert not mine.circular
    assert process.world.disk.exists("C:\\logs\\edb00001.log")


def test_a_search_without_end_is_given_up() -> None:
    """A control state that is not finite is noticed."""
    stop: tuple[dict[str, Any], ...] = ({"op": "JetStopBackupInstance"},)
    with pytest.raises(AssertionError, match="more than 1 states"):
        reachable(start(ONE), stop, stop, limit=1)
