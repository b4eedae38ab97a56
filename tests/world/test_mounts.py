# SPDX-License-Identifier: MIT
"""Folders of the host on the virtual disk: both sides see the same files, and nothing outside is reached."""

import errno
import gc
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from esemu.vocabulary.errors import (
    JET_errDiskFull,
    JET_errDiskIO,
    JET_errFileAccessDenied,
    JET_errFileAlreadyExists,
    JET_errFileNotFound,
    JET_errInvalidPath,
    JET_errOutOfFileHandles,
)
from esemu.world import host_folder
from esemu.world.content import BytesContent
from esemu.world.disk import VirtualDisk
from esemu.world.host_folder import HostFolder
from esemu.world.mounts import jet_error

DATA = BytesContent(b"data")

links = pytest.mark.skipif(sys.platform == "win32", reason="Windows lets few users make links")


@pytest.fixture(params=["open folders", "paths"])
def walk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Walk folders in both ways: that of this platform, and that of those without open folders and O_NOFOLLOW."""
    if request.param == "paths":
        monkeypatch.setattr(host_folder, "_WALKS_OPEN_FOLDERS", False)
        monkeypatch.setattr(host_folder, "_NO_LINK", 0)
    return str(request.param)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder of the host with a file, a folder with a file, and something secret beside it."""
    folder = tmp_path / "shared"
    (folder / "Sub").mkdir(parents=True)
    (folder / "Mail.edb").write_bytes(b"mail")
    (folder / "Sub" / "log.log").write_bytes(b"log")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.txt").write_bytes(b"secret")
    return folder


@pytest.fixture
def disk(walk: str, root: Path) -> VirtualDisk:
    """Return a disk where that folder can be changed."""
    made = VirtualDisk()
    made.mount(r"C:\data", root, writable=True)
    return made


@pytest.fixture
def locked(walk: str, root: Path) -> VirtualDisk:
    """Return a disk where it cannot be changed."""
    made = VirtualDisk()
    made.mount(r"C:\data", root)
    return made


def test_both_sides_see_the_same_files(disk: VirtualDisk, root: Path) -> None:
    """What the host has, the disk has; what the disk makes, the host has."""
    assert disk.read(r"C:\data\Mail.edb") == b"mail"
    assert disk.size(r"C:\data\Sub\log.log") == 3
    disk.write(r"C:\data\Sub\new.bin", b"from the engine")
    assert (root / "Sub" / "new.bin").read_bytes() == b"from the engine"
    (root / "Mail.edb").write_bytes(b"changed")
    assert disk.read(r"C:\data\Mail.edb") == b"changed"
    (root / "Mail.edb").unlink()
    assert disk.error_opening(r"C:\data\Mail.edb") == JET_errFileNotFound


def test_everything_is_listed(disk: VirtualDisk) -> None:
    """Names have the case of the host, in the order of Windows; the tree shows all of them."""
    disk.write(r"C:\data\a.txt", b"")
    assert disk.names(r"C:\data") == [r"C:\data\a.txt", r"C:\data\Mail.edb", r"C:\data\Sub"]
    assert disk.names("c:\\DATA\\") == [r"c:\DATA\a.txt", r"c:\DATA\Mail.edb", r"c:\DATA\Sub"]
    assert disk.files_in(r"C:\data") == [r"C:\data\a.txt", r"C:\data\Mail.edb"]
    assert disk.names(r"C:\data\nowhere") == []
    assert r"C:\data" in disk.names("C:\\")
    assert {path: size for path, size in disk.tree().items() if "data" in path} == {
        r"C:\data": None,
        r"C:\data\a.txt": 0,
        r"C:\data\Mail.edb": 4,
        r"C:\data\Sub": None,
        r"C:\data\Sub\log.log": 3,
    }


def test_case_does_not_matter(disk: VirtualDisk, root: Path) -> None:
    """A name is found in any case, the one that is spelled so first; a file keeps the case it was made with."""
    assert disk.read(r"c:\DATA\sUB\LOG.log") == b"log"
    assert disk.create(r"C:\data\MAIL.EDB", DATA, overwrite=False) == JET_errFileAlreadyExists
    assert disk.create(r"C:\data\MAIL.EDB", DATA, overwrite=True) == 0
    assert (root / "Mail.edb").read_bytes() == b"data"
    assert disk.is_folder(r"C:\DATA\SUB\.")


def test_names_that_differ_in_case_alone(disk: VirtualDisk, root: Path) -> None:
    """Where the host has both, each is found by its exact name, and the first in order by any other."""
    if (root / "mail.EDB").exists():
        pytest.skip("this file system takes names that differ in case alone for one")
    (root / "mail.EDB").write_bytes(b"other")
    assert disk.read(r"C:\data\mail.EDB") == b"other"
    assert disk.read(r"C:\data\MAIL.edb") == b"mail"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot have them itself")
@pytest.mark.parametrize("name", ["a:b", "a*", "a\\b", "a.", "a ", "tab\t", "caf\udce9", "con?"])
def test_names_that_windows_cannot_have_are_not_there(disk: VirtualDisk, root: Path, name: str) -> None:
    """A file of the host whose name means something else to Windows is neither listed nor opened."""
    try:
        (root / name).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system cannot have it either")
    assert disk.names(r"C:\data") == [r"C:\data\Mail.edb", r"C:\data\Sub"]
    assert disk.error_opening(f"C:\\data\\{name}") in {JET_errFileNotFound, JET_errInvalidPath}


@pytest.mark.parametrize(
    "path",
    [
        r"C:\data\..\secret\key.txt",
        r"C:\data\Sub\..\..\secret\key.txt",
        r"C:\data/../secret/key.txt",
        r"C:\data\..",
        r"C:\data\/etc/passwd",
        r"C:\data\C:\secret",
        r"C:\data\Sub\....\x",
    ],
)
def test_no_path_leads_out(disk: VirtualDisk, path: str) -> None:
    """`..` and absolute paths are gone before the host is asked, and lead elsewhere on the virtual disk."""
    assert disk.error_opening(path) != 0


@pytest.mark.parametrize("names", [("..", "secret", "key.txt"), ("/etc/passwd",), (".",), ("",), ("Sub/log.log",)])
def test_no_name_leads_out(walk: str, root: Path, names: tuple[str, ...]) -> None:
    """A folder of the host refuses such names itself, whoever asks."""
    folder = HostFolder(root, writable=True)
    for action in (folder.kind, folder.open, folder.listed, folder.remove, folder.create_folder):
        with pytest.raises(OSError, match="name"):
            action(names)
    with pytest.raises(OSError, match="name"):
        folder.write(names, DATA, overwrite=True)


def link(root: Path, kind: str) -> str:
    """Put a link into the shared folder; return the path through it."""
    if kind == "file":
        (root / "link").symlink_to(root.parent / "secret" / "key.txt")
        return r"C:\data\link"
    if kind == "relative":
        (root / "link").symlink_to(Path("..") / "secret" / "key.txt")
        return r"C:\data\link"
    if kind == "inside":
        (root / "link").symlink_to(root / "Mail.edb")
        return r"C:\data\link"
    if kind == "dangling":
        (root / "link").symlink_to(root.parent / "secret" / "new.txt")
        return r"C:\data\link"
    (root / "link").symlink_to(root.parent / "secret" if kind == "folder" else root / "Sub")
    return rf"C:\data\link\{'key.txt' if kind == 'folder' else 'log.log'}"


@links
@pytest.mark.parametrize("kind", ["file", "relative", "inside", "dangling", "folder", "folder inside"])
def test_links_lead_nowhere(disk: VirtualDisk, root: Path, kind: str) -> None:
    """A link is there, and neither followed, opened, written nor removed, wherever it leads."""
    path = link(root, kind)
    refused = {JET_errFileAccessDenied, JET_errInvalidPath}
    assert disk.error_opening(path) in refused
    assert disk.create(path, DATA, overwrite=True) in refused
    assert disk.create(path, DATA, overwrite=False) in {*refused, JET_errFileAlreadyExists}
    assert disk.append(path, memoryview(b"x")) in refused
    assert disk.remove(path) in refused
    assert disk.remove_folder(path) in refused
    assert disk.create_folder(path) in {*refused, JET_errFileAlreadyExists}
    assert disk.move(path, r"C:\data\moved") in refused
    with pytest.raises(OSError, match="no"):
        disk.read(path)
    assert not disk.is_folder(r"C:\data\link")
    assert disk.names(r"C:\data\link") == []
    assert r"C:\data\link" in disk.names(r"C:\data")
    assert (root / "link").is_symlink()
    assert [path.name for path in (root.parent / "secret").iterdir()] == ["key.txt"]
    assert (root / "Mail.edb").read_bytes() == b"mail"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_pipes_and_sockets_are_not_opened(disk: VirtualDisk, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is no plain file is refused at once: nobody waits for the other end of a pipe."""
    os.mkfifo(root / "pipe")
    monkeypatch.chdir(root)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")
    for name in ("pipe", "socket"):
        assert disk.error_opening(rf"C:\data\{name}") == JET_errFileAccessDenied
        assert disk.create(rf"C:\data\{name}", DATA, overwrite=True) == JET_errFileAccessDenied
    assert [path for path in disk.tree() if path.endswith(("pipe", "socket"))] == []


def swapping(monkeypatch: pytest.MonkeyPatch, name: str, swap: Callable[[], None]) -> None:
    """Let somebody change the tree between the look at a name and what is then done with it."""
    original = host_folder._kind

    def looked(status: os.stat_result) -> str:
        found = original(status)
        if name in str(found) and not done:
            done.append(name)
            swap()
        return found

    done: list[str] = []
    monkeypatch.setattr(host_folder, "_kind", looked)


@links
def test_a_file_that_becomes_a_link_meanwhile_is_not_opened(
    disk: VirtualDisk, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever puts a link in the place of a file after it was looked at gains nothing."""

    def swap() -> None:
        (root / "Mail.edb").unlink()
        (root / "Mail.edb").symlink_to(root.parent / "secret" / "key.txt")

    swapping(monkeypatch, "file", swap)
    assert disk.error_opening(r"C:\data\Mail.edb") == JET_errFileAccessDenied


@links
def test_a_file_that_becomes_a_link_meanwhile_is_not_written(
    disk: VirtualDisk, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it reach what the link leads to by overwriting."""

    def swap() -> None:
        (root / "Mail.edb").unlink()
        (root / "Mail.edb").symlink_to(root.parent / "secret" / "key.txt")

    swapping(monkeypatch, "file", swap)
    assert disk.append(r"C:\data\Mail.edb", memoryview(b"x")) == JET_errFileAccessDenied
    assert (root.parent / "secret" / "key.txt").read_bytes() == b"secret"


@links
def test_a_folder_that_becomes_a_link_meanwhile_is_not_entered(
    disk: VirtualDisk, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever puts a link in the place of a folder after it was looked at gains nothing."""
    (root.parent / "secret" / "log.log").write_bytes(b"secret")

    def swap() -> None:
        (root / "Sub").rename(root / "Elsewhere")
        (root / "Sub").symlink_to(root.parent / "secret")

    swapping(monkeypatch, "folder", swap)
    assert disk.error_opening(r"C:\data\Sub\log.log") in {JET_errFileAccessDenied, JET_errInvalidPath}


@links
def test_the_folder_itself_may_move(root: Path) -> None:
    """What is mounted is the folder, not its path: a link in its old place is not followed (where folders can be open)."""
    disk = VirtualDisk()
    disk.mount(r"C:\data", root)
    root.rename(root.parent / "moved")
    root.symlink_to(root.parent / "secret")
    assert disk.error_opening(r"C:\data\key.txt") == JET_errFileNotFound
    assert disk.read(r"C:\data\Mail.edb") == b"mail"


@pytest.mark.parametrize(
    ("path", "error"),
    [
        (r"C:\data\none.edb", JET_errFileNotFound),
        (r"C:\data\none\mail.edb", JET_errInvalidPath),
        (r"C:\data\Mail.edb\x", JET_errInvalidPath),
        ("C:\\data\\Mail.edb\\", JET_errInvalidPath),
        (r"C:\data", JET_errFileAccessDenied),
        (r"C:\data\Sub", JET_errFileAccessDenied),
        ("C:\\data\\" + "x" * 240, JET_errFileNotFound),
        ("C:\\data\\" + "\N{SNOWMAN}" * 240, JET_errInvalidPath),
    ],
)
def test_opening_has_the_errors_of_windows(disk: VirtualDisk, path: str, error: int) -> None:
    """A missing file, a missing folder, a folder and a name that the host cannot have are what they are on Windows."""
    assert disk.error_opening(path) == error
    assert disk.exists(path) == (error == JET_errFileAccessDenied)
    with pytest.raises(OSError, match=r"\S"):
        disk.read(path)


CHANGES: dict[str, Callable[[VirtualDisk], int]] = {
    "create": lambda disk: disk.create(r"C:\data\new", DATA, overwrite=False),
    "overwrite": lambda disk: disk.create(r"C:\data\Mail.edb", DATA, overwrite=True),
    "append": lambda disk: disk.append(r"C:\data\Mail.edb", memoryview(b"x")),
    "patch": lambda disk: disk.patch(r"C:\data\Mail.edb", 0, b"x"),
    "remove": lambda disk: disk.remove(r"C:\data\Mail.edb"),
    "create folder": lambda disk: disk.create_folder(r"C:\data\new"),
    "create folders": lambda disk: disk.create_folders(r"C:\data\new\newer"),
    "remove folder": lambda disk: disk.remove_folder(r"C:\data\Sub"),
    "move": lambda disk: disk.move(r"C:\data\Mail.edb", r"C:\data\Post.edb"),
    "move in": lambda disk: disk.create(r"C:\x", DATA, overwrite=True) or disk.move(r"C:\x", r"C:\data\x"),
    "move out": lambda disk: disk.move(r"C:\data\Mail.edb", r"C:\y"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_folder_that_is_not_writable_stays_as_it_is(locked: VirtualDisk, root: Path, change: str) -> None:
    """Every change is JET_errFileAccessDenied, as on a write-protected disk, and nothing happens."""
    before = sorted(path.name for path in root.rglob("*"))
    assert CHANGES[change](locked) == JET_errFileAccessDenied
    assert sorted(path.name for path in root.rglob("*")) == before
    assert (root / "Mail.edb").read_bytes() == b"mail"
    assert locked.read_only(r"C:\data\Mail.edb")
    with pytest.raises(PermissionError):
        locked.write(r"C:\data\Mail.edb", b"x")


def test_files_can_be_changed_in_every_way(disk: VirtualDisk, root: Path) -> None:
    """Making, appending, patching, moving and removing do on the host what they say."""
    assert disk.create(r"C:\data\new", None, overwrite=False) == 0
    assert disk.append(r"C:\data\new", memoryview(b"abc")) == 0
    assert disk.append(r"C:\data\new", memoryview(b"def")) == 0
    assert disk.patch(r"C:\data\new", 0, b"AB") == 0
    assert (root / "new").read_bytes() == b"ABcdef"
    assert disk.create_folder(r"C:\data\a") == 0
    assert disk.create_folder(r"C:\data\A") == JET_errFileAlreadyExists
    assert disk.create_folders(r"C:\data\a\b\c") == 0
    assert disk.create_folders(r"C:\data\Mail.edb") == JET_errInvalidPath
    assert (root / "a" / "b" / "c").is_dir()
    assert disk.move(r"C:\data\new", r"C:\data\a\b\c\moved") == 0
    assert disk.move(r"C:\data\a\b\c\moved", r"C:\data\Mail.edb") == JET_errFileAlreadyExists
    assert disk.move(r"C:\data\a\b\c\moved", r"C:\data\Mail.edb", overwrite=True) == 0
    assert (root / "Mail.edb").read_bytes() == b"ABcdef"
    assert disk.move(r"C:\data\a", r"C:\data\z") == 0
    assert disk.is_folder(r"C:\data\Z\B\c")
    assert disk.remove_folder(r"C:\data\z") == JET_errDiskIO
    for folder in (r"C:\data\z\b\c", r"C:\data\z\b", r"C:\data\z"):
        assert disk.remove_folder(folder) == 0
    assert disk.remove_folder(r"C:\data\z") == JET_errInvalidPath
    assert disk.remove_folder(r"C:\data\Mail.edb") == JET_errInvalidPath
    assert disk.remove(r"C:\data\Mail.edb") == 0
    assert disk.remove(r"C:\data\Mail.edb") == JET_errFileNotFound
    assert disk.remove(r"C:\data\Sub") == JET_errFileAccessDenied


def test_another_drive_is_what_the_host_is_to_the_disk(disk: VirtualDisk, root: Path, tmp_path: Path) -> None:
    """Files can be moved in and out, by copying; folders cannot, as from one drive to another."""
    (tmp_path / "other").mkdir()
    disk.mount(r"C:\other", tmp_path / "other", writable=True)
    disk.write(r"C:\virtual", b"v")
    assert disk.move(r"C:\virtual", r"C:\data\real") == 0
    assert disk.move(r"C:\data\real", r"C:\other\real") == 0
    assert disk.move(r"C:\other\real", r"C:\virtual") == 0
    assert disk.read(r"C:\virtual") == b"v"
    disk.create_folder(r"C:\folder")
    for source, target in ((r"C:\folder", r"C:\data\f"), (r"C:\data\Sub", r"C:\f"), (r"C:\data\Sub", r"C:\other\f")):
        assert disk.move(source, target) == JET_errFileAccessDenied
    assert disk.move(r"C:\data\none", r"C:\x") == JET_errFileNotFound
    assert (root / "Sub").is_dir()


def test_a_file_in_use_is_in_use(disk: VirtualDisk) -> None:
    """What an engine holds is refused to others through the disk."""
    disk.hold(r"C:\data\Mail.edb")
    assert disk.error_opening(r"C:\DATA\mail.edb") == JET_errFileAccessDenied
    assert disk.create(r"C:\data\MAIL.edb", DATA, overwrite=True) == JET_errFileAccessDenied
    assert disk.remove(r"C:\data\Mail.edb") == JET_errFileAccessDenied
    with pytest.raises(ValueError, match="in use"):
        disk.unmount(r"C:\data")
    disk.release(r"C:\data\mail.edb")
    assert disk.error_opening(r"C:\data\Mail.edb") == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows removes no open file")
def test_an_open_file_stays_what_it_is(disk: VirtualDisk, root: Path) -> None:
    """A file that was found can be read although the host has removed it meanwhile."""
    assert disk.error_opening(r"C:\data\Mail.edb") == 0
    (root / "Mail.edb").unlink()
    content = disk.content(r"C:\data\Mail.edb")
    assert (content.size, bytes(content.read(1, 10)), bytes(content.read(9, 1))) == (4, b"ail", b"")
    with pytest.raises(FileNotFoundError):
        disk.content(r"C:\data\Mail.edb")


def test_a_mounted_folder_is_a_fixture(disk: VirtualDisk) -> None:
    """Neither the folder nor one around it can be moved, removed or written as a file."""
    disk.create_folders(r"C:\around")
    disk.mount(r"C:\around\inner", Path(disk._mounts._folders["C:\\DATA"].path), writable=True)  # type: ignore[union-attr]
    for path in (r"C:\data", r"C:\around", r"C:\around\inner"):
        assert disk.move(path, r"C:\elsewhere") == JET_errFileAccessDenied
        assert disk.remove_folder(path) == JET_errFileAccessDenied
        assert disk.create(path, DATA, overwrite=True) == JET_errFileAccessDenied
        assert disk.create_folder(path) == JET_errFileAlreadyExists


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("C:\\", "something at"),
        ("C:\\a*", "no folder that another"),
        (r"C:\full", "something at"),
        (r"C:\full\file", "something at"),
        (r"C:\full\file\below", "no folder can be"),
        (r"C:\data", "something at"),
        (r"C:\data\new", "in a mounted folder"),
        (r"C:\outer", "something at"),
    ],
)
def test_not_every_folder_can_be_mounted(disk: VirtualDisk, tmp_path: Path, path: str, reason: str) -> None:
    """A mount takes an empty or a new folder of the virtual disk, outside of others and not around them."""
    (tmp_path / "more").mkdir()
    disk.create_folders(r"C:\full")
    disk.write(r"C:\full\file", b"")
    disk.mount(r"C:\outer\inner", tmp_path / "more")
    with pytest.raises(ValueError, match=reason):
        disk.mount(path, tmp_path)


def test_only_folders_can_be_mounted(root: Path) -> None:
    """What is no folder of the host is refused as Python refuses it, and nothing is left behind."""
    disk = VirtualDisk()
    with pytest.raises(FileNotFoundError):
        disk.mount(r"C:\data", root / "none")
    with pytest.raises(NotADirectoryError):
        disk.mount(r"C:\data", root / "Mail.edb")
    assert not disk.exists(r"C:\data")


def test_unmounting_leaves_an_empty_folder(disk: VirtualDisk) -> None:
    """Nothing of the host can be reached any more, and something else can be mounted there."""
    place = disk._mounted(r"C:\data\Mail.edb")
    disk.unmount(r"C:\data")
    assert disk.names(r"C:\data") == []
    assert disk.error_opening(r"C:\data\Mail.edb") == JET_errFileNotFound
    assert place is not None
    assert place.error_opening() == JET_errInvalidPath
    disk.write(r"C:\data\Mail.edb", b"virtual")
    for path in (r"C:\data", r"C:\other"):
        with pytest.raises(ValueError, match="no folder of the host"):
            disk.unmount(path)


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.EACCES, JET_errFileAccessDenied),
        (errno.EPERM, JET_errFileAccessDenied),
        (errno.EROFS, JET_errFileAccessDenied),
        (errno.ELOOP, JET_errFileAccessDenied),
        (errno.ENOSPC, JET_errDiskFull),
        (errno.EDQUOT, JET_errDiskFull),
        (errno.EIO, JET_errDiskIO),
        (errno.EMFILE, JET_errOutOfFileHandles),
        (errno.ENAMETOOLONG, JET_errInvalidPath),
        (None, JET_errDiskIO),
    ],
)
def test_errors_of_the_host_have_the_engine_s_names(number: int | None, error: int) -> None:
    """Each OSError is the JET error that the engine makes of what Windows says in its place (error.cxx:2239)."""
    assert jet_error(OSError(number, "") if number else OSError()) == error


def failing(number: int) -> Callable[..., Any]:
    """Return a function of the host that fails."""

    def fail(*_: Any, **__: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_folder_without_rights_is_an_error(disk: VirtualDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the host does not let us do is denied, or not there, and never an exception of Python."""
    monkeypatch.setattr(os, "stat", failing(errno.EACCES))
    monkeypatch.setattr(os, "listdir", failing(errno.EACCES))
    assert disk.error_opening(r"C:\data\Sub\log.log") == JET_errFileAccessDenied
    assert disk.create(r"C:\data\new", DATA, overwrite=False) == JET_errFileAccessDenied
    assert disk.names(r"C:\data\Sub") == []
    assert not disk.exists(r"C:\data\Mail.edb")
    assert not disk.read_only(r"C:\data\Mail.edb")


def test_a_full_disk_is_an_error(disk: VirtualDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host without room is JET_errDiskFull."""
    monkeypatch.setattr(host_folder, "_write", failing(errno.ENOSPC))
    assert disk.create(r"C:\data\new", DATA, overwrite=False) == JET_errDiskFull
    assert disk.append(r"C:\data\Mail.edb", memoryview(b"x")) == JET_errDiskFull


def test_bytes_are_written_to_the_last(disk: VirtualDisk, root: Path) -> None:
    """A file of several pieces arrives whole, and an old one behind it does not show."""
    (root / "big").write_bytes(bytes(5 << 20))
    data = os.urandom(3 << 20) + b"end"
    disk.write(r"C:\data\big", data)
    assert (root / "big").read_bytes() == data


def test_writing_goes_on_until_all_is_written() -> None:
    """The host may take a part of what it is given."""

    class Slow:
        """A file that takes three bytes at a time."""

        taken = b""

        def write(self, data: memoryview) -> int:
            """Take some."""
            self.taken += bytes(data[:3])
            return len(data[:3])

    file = Slow()
    host_folder._write(file, b"0123456789")  # type: ignore[arg-type]
    assert file.taken == b"0123456789"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no folder of a process's open files")
def test_nothing_stays_open(disk: VirtualDisk) -> None:
    """However many files are looked at, read, written and listed, the process has no more of them open afterwards."""

    def once() -> None:
        """Do what opens files and folders."""
        disk.read(r"C:\data\Sub\log.log")
        disk.write(r"C:\data\Sub\new", b"x")
        disk.error_opening(r"C:\data\Sub\none\none")
        disk.error_opening(r"C:\data\none")
        disk.tree()

    open_files = next(path for path in (Path("/proc/self/fd"), Path("/dev/fd")) if path.exists())
    once()
    gc.collect()  # what other tests left open is not closed in between
    before = len(list(open_files.iterdir()))
    for _ in range(20):
        once()
    assert len(list(open_files.iterdir())) <= before


@pytest.mark.skipif(os.sep == "\\", reason="there a backslash ends no name")
def test_a_folder_that_was_made_with_a_backslash_at_its_end(disk: VirtualDisk, root: Path) -> None:
    r"""A program that writes `made\` for a folder has one of that name where backslashes mean nothing, and it is found."""
    (root / "made\\").mkdir()
    (root / "file\\").write_bytes(b"no folder")
    disk.write("C:\\data\\made\\\\edb.log", b"log")
    assert (root / "made\\" / "edb.log").read_bytes() == disk.read(r"C:\data\made\edb.log") == b"log"
    assert disk.error_opening(r"C:\data\file") == JET_errFileNotFound
    (root / "made").mkdir()
    assert disk.error_opening(r"C:\data\made\edb.log") == JET_errFileNotFound


@pytest.mark.skipif(os.name == "nt", reason="NO WHOLE HOST on Windows: a drive is one of several")
def test_links_of_the_whole_host_are_followed(root: Path) -> None:
    """Nothing is outside /, so a link leads where the host says; it is removed itself, and no walk goes through it."""
    disk = VirtualDisk()
    disk.mount("Z:\\", "/", writable=True)
    (root.parent / "link").symlink_to(root)
    (root.parent / "one.txt").symlink_to(root.parent / "secret" / "key.txt")
    (root.parent / "gone").symlink_to(root.parent / "nothing")
    here = "Z:" + str(root.parent).replace("/", "\\")
    assert disk.is_folder(rf"{here}\link")
    assert disk.read(rf"{here}\link\mail.edb") == (root / "Mail.edb").read_bytes()
    assert not disk.create(rf"{here}\link\new", None, overwrite=False)
    assert (root / "new").exists()
    disk.write(rf"{here}\one.txt", b"written")
    assert (root.parent / "secret" / "key.txt").read_bytes() == b"written"
    assert not disk.remove(rf"{here}\one.txt")
    assert (root.parent / "secret" / "key.txt").exists()
    assert not disk.exists(rf"{here}\gone")
    place = disk._mounted(here)
    assert place is not None
    assert r"\link\Mail.edb" not in dict(place.walk())
