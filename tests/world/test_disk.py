# SPDX-License-Identifier: MIT
"""The virtual disk: the errors that an engine gets of it, and what users may do with it."""

from collections.abc import Callable

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from esemu.vocabulary.errors import (
    JET_errDiskIO,
    JET_errFileAccessDenied,
    JET_errFileAlreadyExists,
    JET_errFileNotFound,
    JET_errInvalidPath,
    JET_errSuccess,
)
from esemu.world import file_table
from esemu.world.content import EMPTY, BytesContent, ZeroContent
from esemu.world.disk import VirtualDisk

DB = r"C:\data\db1.edb"
LONG = "C:\\" + "a" * 300
TEXT = BytesContent(b"text")


@pytest.fixture
def disk() -> VirtualDisk:
    r"""Return a disk with C:\data\db1.edb, which is in use, C:\data\free.edb and the empty folder C:\logs."""
    disk = VirtualDisk()
    disk.create_folder(r"C:\data")
    disk.create_folder(r"C:\logs")
    disk.create(DB, ZeroContent(16 << 40), overwrite=False)
    disk.create(r"C:\data\free.edb", TEXT, overwrite=False)
    disk.hold(DB)
    return disk


def test_a_new_disk_has_its_drive_and_the_current_folder() -> None:
    r"""C:\ and the current folder exist from the start, and nothing else."""
    assert VirtualDisk().tree() == {"C:\\": None, r"C:\app": None}
    assert VirtualDisk(r"D:\x\y").tree() == {"C:\\": None, "D:\\": None, r"D:\x": None, r"D:\x\y": None}
    assert VirtualDisk("C:\\").tree() == {"C:\\": None}


def test_relative_paths_start_in_the_current_folder() -> None:
    """A disk completes paths against its own current folder."""
    disk = VirtualDisk(r"D:\x")
    assert disk.complete("mail.edb") == r"D:\x\mail.edb"
    assert disk.complete(LONG) is None
    assert disk.create("mail.edb", EMPTY, overwrite=False) == JET_errSuccess
    assert disk.exists(r"D:\X\MAIL.EDB")
    assert not disk.exists(r"C:\app\mail.edb")
    other = VirtualDisk()
    assert other.create("mail.edb", EMPTY, overwrite=False) == JET_errSuccess
    assert other.exists(r"C:\app\mail.edb")


@pytest.mark.parametrize(
    ("path", "error"),
    [
        (r"C:\data\free.edb", JET_errSuccess),
        (r"c:/DATA/..\Data/Free.EDB", JET_errSuccess),
        (DB, JET_errFileAccessDenied),
        (r"C:\data", JET_errFileAccessDenied),
        (r"C:\data\none.edb", JET_errFileNotFound),
        (r"C:\nodir\none.edb", JET_errInvalidPath),
        (r"C:\data\free.edb\none.edb", JET_errInvalidPath),
        (r"D:\none.edb", JET_errInvalidPath),
        ("C:\\data\\", JET_errInvalidPath),
        ("C:\\data\\free.edb\\", JET_errInvalidPath),
        ("C:\\", JET_errInvalidPath),
        (r"C:\data\fr*.edb", JET_errInvalidPath),
        (LONG, JET_errInvalidPath),
    ],
)
def test_opening_a_file(disk: VirtualDisk, path: str, error: int) -> None:
    """A file is opened by any path that means it; the error says what is in the way."""
    assert disk.error_opening(path) == error


def test_a_file_keeps_the_path_it_was_created_with(disk: VirtualDisk) -> None:
    """Case is shown as it was first written, even after the file was replaced."""
    assert disk.create(r"C:\DATA\FREE.EDB", EMPTY, overwrite=True) == JET_errSuccess
    assert disk.files_in(r"c:\data") == [DB, r"C:\data\free.edb"]
    assert disk.size(r"C:\data\free.edb") == 0


def test_content_and_size_are_asked_of_files(disk: VirtualDisk) -> None:
    """Both exist for files, in use or not, of any size; for anything else Python's own error is raised."""
    assert disk.content(r"c:\data\FREE.edb") is TEXT
    assert disk.size(r"C:\data\free.edb") == 4
    assert disk.size(DB) == 16 << 40
    for ask in (disk.content, disk.size, disk.read):
        with pytest.raises(FileNotFoundError):
            ask(r"C:\data\none.edb")
        with pytest.raises(IsADirectoryError):
            ask("C:\\data\\")


@pytest.mark.parametrize(
    ("path", "new", "replacing"),
    [
        (r"C:\logs\edb.log", JET_errSuccess, JET_errSuccess),
        (r"C:\data\free.edb", JET_errFileAlreadyExists, JET_errSuccess),
        (DB, JET_errFileAlreadyExists, JET_errFileAccessDenied),
        (r"C:\data", JET_errFileAccessDenied, JET_errFileAccessDenied),
        (r"C:\nodir\x", JET_errInvalidPath, JET_errInvalidPath),
        (r"C:\data\free.edb\x", JET_errInvalidPath, JET_errInvalidPath),
        ("C:\\data\\x\\", JET_errInvalidPath, JET_errInvalidPath),
        (r"C:\data\a:b", JET_errInvalidPath, JET_errInvalidPath),
        (LONG, JET_errInvalidPath, JET_errInvalidPath),
    ],
)
def test_creating_a_file(disk: VirtualDisk, path: str, new: int, replacing: int) -> None:
    """A file is created in an existing folder, and replaced only if that was asked for and nobody uses it."""
    made = BytesContent(b"new")
    twin = disk.copy()
    assert disk.create(path, made, overwrite=False) == new
    assert twin.create(path, made, overwrite=True) == replacing
    for there, error in ((disk, new), (twin, replacing)):
        assert (there.exists(path) and there.error_opening(path) == 0 and there.content(path) is made) is (error == 0)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        (r"C:\DATA\free.edb", JET_errSuccess),
        (DB, JET_errFileAccessDenied),
        (r"C:\data", JET_errFileAccessDenied),
        (r"C:\data\none.edb", JET_errFileNotFound),
        (r"C:\nodir\none.edb", JET_errInvalidPath),
        (LONG, JET_errInvalidPath),
    ],
)
def test_removing_a_file(disk: VirtualDisk, path: str, error: int) -> None:
    """A file that nobody uses is removed; a missing one is an error that the caller may forgive."""
    assert disk.remove(path) == error
    assert (len(disk.files_in(r"C:\data")) == 1) is (error == 0)
    assert error or disk.remove(path) == JET_errFileNotFound


def test_a_file_is_in_use_until_the_last_release(disk: VirtualDisk) -> None:
    """Several holds need as many releases; one release too many does nothing."""
    disk.hold(DB)
    disk.hold(DB)
    for path in (DB, r"c:\DATA\db1.EDB"):
        disk.release(path)
        assert disk.error_opening(DB) == JET_errFileAccessDenied
    disk.release(DB)
    assert disk.error_opening(DB) == JET_errSuccess
    disk.release(DB)
    disk.release(r"C:\nodir\x")
    disk.hold(DB)
    assert disk.error_opening(DB) == JET_errFileAccessDenied


@pytest.mark.parametrize(
    ("path", "error"),
    [
        (r"C:\new", JET_errSuccess),
        ("C:\\data\\new\\", JET_errSuccess),
        (r"c:\DATA", JET_errFileAlreadyExists),
        ("C:\\", JET_errFileAlreadyExists),
        (r"C:\data\free.edb", JET_errFileAlreadyExists),
        (r"C:\data\free.edb\x", JET_errInvalidPath),
        (r"C:\nodir\x", JET_errInvalidPath),
        ("D:\\", JET_errInvalidPath),
        (r"C:\a|b", JET_errInvalidPath),
        (LONG, JET_errInvalidPath),
    ],
)
def test_creating_a_folder(disk: VirtualDisk, path: str, error: int) -> None:
    """One folder is created in an existing one."""
    before = disk.tree()
    assert disk.create_folder(path) == error
    assert disk.tree() == before | ({path.rstrip("\\"): None} if not error else {})
    assert error or disk.is_folder(path)


@pytest.mark.parametrize(
    ("path", "error", "made"),
    [
        (r"C:\a\B\c", JET_errSuccess, [r"C:\a", r"C:\a\B", r"C:\a\B\c"]),
        ("C:\\DATA\\sub\\", JET_errSuccess, [r"C:\DATA\sub"]),
        (r"C:\data", JET_errSuccess, []),
        ("D:\\", JET_errSuccess, ["D:\\"]),
        (r"D:\x", JET_errSuccess, ["D:\\", r"D:\x"]),
        (r"\\server\share\x", JET_errSuccess, ["\\\\server\\share\\", r"\\server\share\x"]),
        (r"C:\data\free.edb", JET_errInvalidPath, []),
        (r"C:\data\free.edb\a\b", JET_errInvalidPath, []),
        (r"C:\a*\b", JET_errInvalidPath, []),
        (LONG, JET_errInvalidPath, []),
    ],
)
def test_creating_folders(disk: VirtualDisk, path: str, error: int, made: list[str]) -> None:
    """A folder is created with all that it needs, and an existing one is fine."""
    before = disk.tree()
    assert disk.create_folders(path) == error
    assert disk.tree() == before | dict.fromkeys(made)
    assert disk.is_folder(path) is (error == 0)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("C:\\LOGS\\", JET_errSuccess),
        (r"C:\data", JET_errDiskIO),
        ("C:\\", JET_errFileAccessDenied),
        ("D:\\", JET_errFileAccessDenied),
        (r"C:\app", JET_errFileAccessDenied),
        (r"C:\none", JET_errInvalidPath),
        (r"C:\none\x", JET_errInvalidPath),
        (r"C:\data\free.edb", JET_errInvalidPath),
        (LONG, JET_errInvalidPath),
    ],
)
def test_removing_a_folder(disk: VirtualDisk, path: str, error: int) -> None:
    """Only an empty folder is removed, and a missing one is an invalid path, never JET_errFileNotFound."""
    disk.create_folders("D:\\")
    before = disk.tree()
    assert disk.remove_folder(path) == error
    assert (disk.tree() != before) is (error == 0)
    assert error or not disk.exists(path)


def test_a_folder_with_a_folder_is_not_empty(disk: VirtualDisk) -> None:
    """Sub-folders count."""
    disk.create_folders(r"C:\logs\old")
    assert disk.remove_folder(r"C:\logs") == JET_errDiskIO


def test_names_are_listed_in_order() -> None:
    """Files and folders directly in a folder, by upper-case name; files alone when they are asked for."""
    disk = VirtualDisk()
    for path in ("b.log", "A.log", "sub\\deep.log", "a_folder\\x"):
        disk.create_folders(f"C:\\d\\{path}\\..")
        disk.create(f"C:\\d\\{path}", EMPTY, overwrite=False)
    disk.create_folder(r"C:\dd")
    assert disk.names("c:\\D\\") == [r"C:\d\A.log", r"C:\d\a_folder", r"C:\d\b.log", r"C:\d\sub"]
    assert disk.files_in(r"C:\d") == [r"C:\d\A.log", r"C:\d\b.log"]
    assert disk.names("C:\\") == [r"C:\app", r"C:\d", r"C:\dd"]
    assert disk.names(r"C:\none") == disk.files_in(r"C:\none") == []
    assert disk.names(LONG) == []


def test_files_and_folders_exist(disk: VirtualDisk) -> None:
    """Both exist under any path that means them; only folders are folders."""
    assert disk.exists(r"c:\DATA\db1.edb")
    assert disk.exists("C:\\data\\")
    assert disk.is_folder("c:\\DATA\\")
    assert not disk.is_folder(DB)
    assert not disk.exists(r"C:\data\none.edb")
    assert not disk.exists(LONG)


@pytest.mark.parametrize(
    ("source", "target", "new", "replacing"),
    [
        (r"C:\data\free.edb", r"C:\logs\Moved.edb", JET_errSuccess, JET_errSuccess),
        (r"C:\data\free.edb", r"C:\data\FREE.edb", JET_errSuccess, JET_errSuccess),
        (r"C:\data\free.edb", r"C:\logs\old.log", JET_errFileAlreadyExists, JET_errSuccess),
        (r"C:\data\free.edb", DB, JET_errFileAlreadyExists, JET_errFileAccessDenied),
        (r"C:\data\free.edb", r"C:\logs", JET_errFileAlreadyExists, JET_errFileAccessDenied),
        (r"C:\data\free.edb", r"C:\nodir\x", JET_errInvalidPath, JET_errInvalidPath),
        (r"C:\data\free.edb", "C:\\logs\\x\\", JET_errInvalidPath, JET_errInvalidPath),
        (r"C:\data\free.edb", LONG, JET_errInvalidPath, JET_errInvalidPath),
        (r"C:\data\none.edb", r"C:\logs\x", JET_errFileNotFound, JET_errFileNotFound),
        (r"C:\nodir\none.edb", r"C:\logs\x", JET_errInvalidPath, JET_errInvalidPath),
        (DB, r"C:\logs\x", JET_errFileAccessDenied, JET_errFileAccessDenied),
        (r"C:\logs", "C:\\app\\Sub\\", JET_errSuccess, JET_errSuccess),
        (r"C:\logs", r"C:\LOGS", JET_errSuccess, JET_errSuccess),
        (r"C:\logs", r"C:\data", JET_errFileAlreadyExists, JET_errFileAlreadyExists),
        (r"C:\logs", r"C:\data\free.edb", JET_errFileAlreadyExists, JET_errFileAlreadyExists),
        (r"C:\logs", r"C:\nodir\x", JET_errInvalidPath, JET_errInvalidPath),
        (r"C:\logs", LONG, JET_errInvalidPath, JET_errInvalidPath),
        (r"C:\logs", r"C:\logs\inside", JET_errFileAccessDenied, JET_errFileAccessDenied),
        (r"C:\logs", r"D:\logs", JET_errFileAccessDenied, JET_errFileAccessDenied),
        (r"C:\data", r"C:\moved", JET_errFileAccessDenied, JET_errFileAccessDenied),
        (r"C:\app", r"C:\moved", JET_errFileAccessDenied, JET_errFileAccessDenied),
        ("C:\\", r"C:\logs\x", JET_errFileAccessDenied, JET_errFileAccessDenied),
    ],
)
def test_moving(disk: VirtualDisk, source: str, target: str, new: int, replacing: int) -> None:
    """Files and folders get a new path, unless something is missing, in the way or in use."""
    disk.create(r"C:\logs\old.log", BytesContent(b"log"), overwrite=False)
    disk.create_folders("D:\\")
    twin = disk.copy()
    before = disk.tree()
    moved = [size for path, size in before.items() if path.startswith(source)]
    assert disk.move(source, target) == new
    assert twin.move(source, target, overwrite=True) == replacing
    for there, error in ((disk, new), (twin, replacing)):
        if error:
            assert there.tree() == before
        else:
            shown = target.rstrip("\\")
            assert [size for path, size in there.tree().items() if path.startswith(shown)] == moved
            assert source == shown or not any(path.startswith(source) for path in there.tree())


def test_a_folder_is_moved_with_all_that_is_in_it(disk: VirtualDisk) -> None:
    """Files and sub-folders keep their names and contents under the new path."""
    disk.create_folders(r"C:\logs\Sub")
    disk.create(r"C:\logs\Sub\Edb.log", TEXT, overwrite=False)
    assert disk.move(r"c:\LOGS", r"C:\data\Old") == JET_errSuccess
    assert disk.names(r"C:\data\old") == [r"C:\data\Old\Sub"]
    assert disk.files_in(r"C:\data\old\sub") == [r"C:\data\Old\Sub\Edb.log"]
    assert disk.read(r"C:\data\old\sub\edb.log") == b"text"
    assert not disk.exists(r"C:\logs\Sub\Edb.log")


def test_changes_are_counted(disk: VirtualDisk) -> None:
    """The counter grows with every change and stays where an operation fails or only looks."""
    changing: list[Callable[[], int]] = [
        lambda: disk.create(r"C:\logs\a", EMPTY, overwrite=False),
        lambda: disk.create(r"C:\logs\a", EMPTY, overwrite=True),
        lambda: disk.move(r"C:\logs\a", r"C:\logs\b"),
        lambda: disk.remove(r"C:\logs\b"),
        lambda: disk.create_folder(r"C:\new"),
        lambda: disk.create_folders("D:\\"),
        lambda: disk.move(r"C:\new", r"C:\newer"),
        lambda: disk.remove_folder(r"C:\newer"),
    ]
    for change in changing:
        before = disk.changes
        assert change() == JET_errSuccess
        assert disk.changes > before
    before = disk.changes
    disk.create(DB, EMPTY, overwrite=True)
    disk.remove(DB)
    disk.remove_folder(r"C:\data")
    disk.create_folders(r"C:\data")
    disk.hold(r"C:\data\free.edb")
    disk.release(r"C:\data\free.edb")
    disk.names(r"C:\data")
    assert disk.changes == before


def test_users_may_read_and_write(disk: VirtualDisk) -> None:
    """Files are written as a whole, and read whether or not the engine uses them."""
    disk.write(r"C:\data\readme.txt", bytearray(b"hello"))
    assert disk.read(r"c:\data\README.txt") == b"hello"
    disk.write(r"C:\data\readme.txt", memoryview(b"other"))
    disk.hold(r"C:\data\readme.txt")
    assert disk.read(r"C:\data\readme.txt") == b"other"


@pytest.mark.parametrize(
    ("path", "error"),
    [
        (DB, PermissionError),
        (r"C:\data", IsADirectoryError),
        ("C:\\data\\", IsADirectoryError),
        (r"C:\nodir\x", FileNotFoundError),
        (LONG, FileNotFoundError),
    ],
)
def test_users_get_pythons_errors(disk: VirtualDisk, path: str, error: type[Exception]) -> None:
    """What cannot be written raises what Python's own open raises."""
    with pytest.raises(error):
        disk.write(path, b"")


def test_the_tree_is_listed_in_order(disk: VirtualDisk) -> None:
    """Every file with its size, every folder with None, by upper-case path."""
    assert list(disk.tree().items()) == [
        ("C:\\", None),
        (r"C:\app", None),
        (r"C:\data", None),
        (DB, 16 << 40),
        (r"C:\data\free.edb", 4),
        (r"C:\logs", None),
    ]
    assert repr(disk) == "<VirtualDisk: 2 files in 4 folders>"


def test_a_copy_changes_alone(disk: VirtualDisk) -> None:
    """Files, folders and uses of a copy are its own from then on."""
    twin = disk.copy()
    before = disk.tree()
    assert (twin.tree(), twin.changes) == (before, disk.changes)
    assert twin.error_opening(DB) == JET_errFileAccessDenied
    twin.release(DB)
    assert twin.remove(DB) == JET_errSuccess
    assert twin.create_folders(r"C:\x") == JET_errSuccess
    assert disk.tree() == before
    assert disk.error_opening(DB) == JET_errFileAccessDenied


PLANNED = ((".log", TEXT), ("res00001.jrs", ZeroContent(4)))
LOOKS: dict[str, Callable[[VirtualDisk], object]] = {
    "names": lambda disk: disk.names("C:\\logs"),
    "tree": lambda disk: disk.tree(),
    "repr": repr,
    "read": lambda disk: disk.read(r"c:\LOGS\edb.log"),
    "opened": lambda disk: disk.opened(r"C:\logs\edb.log"),
    "exists": lambda disk: disk.exists(r"C:\logs\EDB.log"),
    "error_opening": lambda disk: disk.error_opening(r"C:\logs\edbres00001.jrs"),
    "create": lambda disk: disk.create(r"C:\logs\edb.log", EMPTY, overwrite=False),
    "create_folder": lambda disk: disk.create_folder(r"C:\logs\edb.log"),
    "create_folders": lambda disk: disk.create_folders(r"C:\logs\edb.log\x"),
    "overwrite": lambda disk: disk.create(r"C:\logs\edb.log", EMPTY, overwrite=True),
    "append": lambda disk: disk.append(r"C:\logs\edb.log", memoryview(b"more")),
    "patch": lambda disk: disk.patch(r"C:\logs\edb.log", 1, b"x"),
    "remove": lambda disk: disk.remove(r"C:\logs\edb.log"),
    "remove_folder": lambda disk: disk.remove_folder(r"C:\logs"),
    "move a file": lambda disk: disk.move(r"C:\logs\edb.log", r"C:\data\old.log"),
    "move the folder": lambda disk: disk.move(r"C:\logs", r"C:\old"),
    "move into it": lambda disk: disk.move(r"C:\data\free.edb", r"C:\logs\edb.log"),
    "behind a file": lambda disk: disk.behind_a_file(r"C:\logs\edb.log\x\y"),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_planned_files_are_there_when_somebody_looks(disk: VirtualDisk, look: Callable[[VirtualDisk], object]) -> None:
    """Whatever is done first, a disk with planned files answers and ends as one where they were made at once."""
    twin = disk.copy()
    disk.plan(r"C:\logs\edb", iter(PLANNED))
    for ending, content in PLANNED:
        assert twin.create(r"C:\logs\edb" + ending, content, overwrite=True) == JET_errSuccess
    assert look(disk) == look(twin)
    assert disk.tree() == twin.tree()
    assert {path: disk.read(path) for path, size in disk.tree().items() if size == 4} == {
        path: twin.read(path) for path, size in twin.tree().items() if size == 4
    }


def test_planned_files_replace_what_may_be_replaced(disk: VirtualDisk) -> None:
    """In a folder with files, those that are planned are made at once, but for one in use and for one that a folder has."""
    disk.plan(r"C:\data\db1", iter(((".edb", TEXT), (".log", TEXT))))
    assert disk.tree() | {r"C:\data\db1.edb": 16 << 40, r"C:\data\db1.log": 4} == disk.tree()
    disk.create_folder(r"C:\logs\edb.log")
    disk.plan(r"C:\logs\edb", iter(PLANNED))
    assert disk.names(r"C:\logs") == [r"C:\logs\edb.log", r"C:\logs\edbres00001.jrs"]
    assert disk.is_folder(r"C:\logs\edb.log")


@pytest.mark.parametrize("start", [r"C:\none\edb", r"C:\logs\e?b", LONG, "C:\\logs\\" + "a" * 245])
def test_planned_files_that_cannot_be_are_none(disk: VirtualDisk, start: str) -> None:
    """Without their folder, or with a path that no file can have, there are no such files."""
    before = disk.tree()
    disk.plan(start, iter([("res00001.jrs", TEXT)]))
    assert disk.tree() == before


def test_plans_add_up(disk: VirtualDisk) -> None:
    """Several plans for one folder are all carried out, each file in its own case and a later one over an earlier."""
    disk.plan(r"c:\LOGS\edb", iter([(".log", EMPTY)]))
    disk.plan(r"C:\logs\EDB", iter([(".log", TEXT), (".chk", TEXT)]))
    assert disk.names(r"C:\logs") == [r"C:\logs\EDB.chk", r"c:\LOGS\edb.log"]
    assert disk.read(r"C:\logs\edb.log") == b"text"


def test_keys_are_not_remembered_without_end() -> None:
    """A disk goes on working through more paths than it remembers keys of."""
    disk = VirtualDisk()
    for number in range(3000):
        assert disk.error_opening(f"C:\\app\\{number}.log") == JET_errFileNotFound
        assert 0 < len(file_table._KEYS) <= 1024
    assert disk.create(r"C:\app\0.log", EMPTY, overwrite=False) == JET_errSuccess


NAMES = st.sampled_from(["a", "A", "b"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: "\\".join(["C:", *names]))


class DiskMachine(RuleBasedStateMachine):
    """Any sequence of operations leaves a disk in order."""

    def __init__(self) -> None:
        """Start with an empty disk."""
        super().__init__()
        self.disk = VirtualDisk("C:\\")

    def expect(self, error: int, before: dict[str, int | None], changes: int) -> None:
        """Check that an operation failed and changed nothing, or was counted."""
        if error:
            assert (self.disk.tree(), self.disk.changes) == (before, changes)
        else:
            assert self.disk.changes >= changes

    @rule(path=PATHS, other=PATHS, overwrite=st.booleans(), what=st.integers(0, 5))
    def operate(self, path: str, other: str, overwrite: bool, what: int) -> None:
        """Do something."""
        disk, before, changes = self.disk, self.disk.tree(), self.disk.changes
        self.expect(
            [
                lambda: disk.create(path, EMPTY, overwrite=overwrite),
                lambda: disk.remove(path),
                lambda: disk.create_folder(path),
                lambda: disk.remove_folder(path),
                lambda: disk.move(path, other, overwrite=overwrite),
                lambda: disk.create_folders(path) if not disk.create_folders("C:\\") else 0,
            ][what](),
            before,
            changes,
        )

    @invariant()
    def everything_is_in_a_folder(self) -> None:
        """No path is shown twice, and every path but the drive is listed in a folder."""
        tree = self.disk.tree()
        assert len({path.upper() for path in tree}) == len(tree)
        folders = [path for path, size in tree.items() if size is None]
        listed = [path for folder in folders for path in self.disk.names(folder)]
        assert sorted([*listed, "C:\\"]) == sorted(tree)
        assert all(self.disk.error_opening(path) == 0 for path, size in tree.items() if size is not None)


TestDiskMachine = DiskMachine.TestCase
TestDiskMachine.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
