# SPDX-License-Identifier: MIT
r"""The virtual disk of one emulated process, as those see it who test with it.

They look in and write with `read`, `write` and `tree`, and let the engine see a folder of the host with `mount`; these
raise what Python's own functions raise.
"""

from __future__ import annotations

from esemu.vocabulary.errors import JET_errFileAccessDenied
from esemu.world import paths
from esemu.world.content import BytesContent
from esemu.world.file_system import FileSystem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike


class VirtualDisk(FileSystem):
    r"""Files and folders in memory.

    Paths are completed against the folder `current`, compared without regard to case, and shown as they were first
    written.  `C:\` and the current folder exist from the start; other folders are made explicitly.
    """

    __slots__ = ()

    def read(self, path: str) -> bytes:
        """Return the bytes of a file, in use or not.  Raises FileNotFoundError, IsADirectoryError."""
        content = self.content(path)
        return bytes(content.read(0, content.size))

    def write(self, path: str, data: bytes | bytearray | memoryview) -> None:
        """Make or replace a file.  Raises FileNotFoundError, IsADirectoryError, PermissionError if it is in use."""
        if self.is_folder(path):
            raise IsADirectoryError(path)
        error = self.create(path, BytesContent(bytes(data)), overwrite=True)
        if error:
            raise PermissionError(path) if error == JET_errFileAccessDenied else FileNotFoundError(path)

    def tree(self) -> dict[str, int | None]:
        """Return every full path with the size of the file in bytes, or None for a folder, in order."""
        folders = self._folders.copy()
        shown: dict[str, int | None] = dict.fromkeys(folders.values())
        for key in folders:
            shown.update((full, content.size) for full, content in self._files_in(key).copy().values())
        if self._mounts is not None:
            for root, size, behind in self._mounts.walk():
                shown[self._folders[root].rstrip("\\") + behind] = size
        return dict(sorted(shown.items(), key=lambda item: paths.key(item[0])))

    def mount(self, path: str, folder: str | PathLike[str], *, writable: bool = False) -> None:
        """Let a folder of the host be the folder `path` of this disk: a client's own file code then sees the same files.

        The engine changes files there only if it is `writable`.  Nothing outside the folder can be reached from here:
        links in it are there, and cannot be opened, unless the folder is `/`.  Names are looked up without regard to
        case; those that Windows cannot have are not seen.

        Raises ValueError where something is at `path`, or another mounted folder around it, and OSError where `folder`
        is none.
        """
        from esemu.world.host_folder import HostFolder  # noqa: PLC0415 - most disks are all virtual
        from esemu.world.mounts import Mounts  # noqa: PLC0415 - likewise

        key = self._folder_key(path)
        if not key:
            raise ValueError(f"{path!r} is no folder that another one could be mounted as")
        if self.is_file(path) or self.names(path):
            raise ValueError(f"there is something at {path!r} already")
        mounts = self._mounts or Mounts()
        if mounts.around(key) or mounts.below(key):
            raise ValueError(f"{path!r} is in a mounted folder, or a mounted folder in it")
        mounted = HostFolder(folder, writable=writable)
        if self.create_folders(path):
            raise ValueError(f"no folder can be at {path!r}")
        mounts.add(key, mounted)
        self._mounts = mounts
        self.changes += 1

    def unmount(self, path: str) -> None:
        """Let go of a mounted folder; an empty one stays.  Raises ValueError where none is, or a file in it is in use."""
        key = self._folder_key(path)
        if any(name.startswith(f"{key}\\") for name in list(self._held)):
            raise ValueError(f"files in {path!r} are in use")
        if self._mounts is None or not self._mounts.drop(key):
            raise ValueError(f"no folder of the host is mounted at {path!r}")
        self.changes += 1
