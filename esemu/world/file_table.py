# SPDX-License-Identifier: MIT
"""What is on a virtual disk: the table of its files and folders, found by the keys of their paths.

`disk` says what may be done with it and with which error it is refused.
"""

from __future__ import annotations

from esemu.vocabulary.errors import JET_errFileAccessDenied, JET_errFileNotFound, JET_errInvalidPath
from esemu.world import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final, Self

    from esemu.world.content import Content
    from esemu.world.mounts import Mounts, Place

# The key of a path that no file can have.
_IMPOSSIBLE: Final = ""
# Keys of full paths, which depend on nothing else, are remembered up to this many, then all are forgotten.
_KEYS: Final[dict[str, str]] = {}
_REMEMBERED: Final = 1024


class FileTable:
    r"""The files and folders of a disk, with `C:\` from the start; paths are completed against the folder `current`.

    Keys have no trailing separator, except those of paths that end in one and therefore name no file.
    """

    __slots__ = ("_current", "_files", "_folders", "_held", "_mounts", "changes")

    def __init__(self, current: str) -> None:
        self._current = current
        self._files: dict[str, tuple[str, Content]] = {}
        self._folders = {"C:": "C:\\"}
        self._held: dict[str, int] = {}
        self._mounts: Mounts | None = None  # made when a folder of the host is mounted
        #: Grows whenever a file or a folder is made, replaced, moved or removed.
        self.changes = 0

    def copy(self) -> Self:
        """Return a disk that holds the same and changes alone.  Contents are shared: they are constant once written."""
        twin = type(self).__new__(type(self))
        for name in FileTable.__slots__:
            value = getattr(self, name)
            setattr(twin, name, value.copy() if isinstance(value, dict) else value)
        return twin

    def __repr__(self) -> str:
        """Return how much there is."""
        return f"<{type(self).__name__}: {len(self._files)} files in {len(self._folders)} folders>"

    def _key(self, path: str) -> str:
        """Return the key of a path, `_IMPOSSIBLE` if no file or folder can have it.  Raises TypeError where it is no str."""
        try:
            found = _KEYS.get(path)
        except TypeError:  # it cannot even be looked for
            found = None
        if found is None:
            if not isinstance(path, str):
                raise TypeError(f"path is {path!r}; it must be a str")
            full = paths.complete(path, self._current)
            found = paths.key(full) if full is not None and paths.is_possible(full) else _IMPOSSIBLE
            if full == path:  # the same in every current folder
                if len(_KEYS) >= _REMEMBERED:
                    _KEYS.clear()
                _KEYS[path] = found
        return found

    def _folder_key(self, path: str) -> str:
        """Return the key of a path that may end in a separator."""
        return self._key(path).rstrip("\\")

    def _full(self, path: str) -> str:
        """Return the full path of a path that has a key."""
        return paths.complete(path, self._current) or path

    def _mounted(self, path: str) -> Place | None:
        """Return where a path leads in a mounted folder of the host, None where it leads into none."""
        return None if self._mounts is None else self._mounts.place(self._key(path), self._full(path))

    def _shown(self, key: str) -> str:
        """Return the full path of a file or folder as it was first written."""
        return self._folders.get(key) or self._files[key][0]

    def _file(self, path: str) -> tuple[str, Content]:
        """Return the full path and the content of a file, or raise what Python raises where there is none."""
        file = self._files.get(self._key(path))
        if file is None:
            raise IsADirectoryError(path) if self._folder_key(path) in self._folders else FileNotFoundError(path)
        return file

    def _error_without_file(self, key: str) -> int:
        """Return the error of opening a file where there is none: JET_errFileNotFound if one could be made there."""
        if key == _IMPOSSIBLE or key[-1] == "\\":
            return JET_errInvalidPath
        if key in self._folders:
            return JET_errFileAccessDenied
        return JET_errFileNotFound if key.rpartition("\\")[0] in self._folders else JET_errInvalidPath

    def _fixed(self, key: str) -> bool:
        """Tell whether Windows neither moves nor removes a folder: a drive, and what holds the current folder or a mount."""
        if self._mounts is not None and self._mounts.below(key):
            return True
        return self._folders.get(key, "")[-1:] == "\\" or f"{paths.key(self._current)}\\".startswith(f"{key}\\")

    def _inside(self, folder: str, keys: Iterable[str]) -> list[str]:
        """Return the full paths of those `keys` that are directly in a folder, ordered as NTFS orders them."""
        prefix = self._folder_key(folder) + "\\"
        start = len(prefix)
        return [self._shown(key) for key in sorted(keys) if key.startswith(prefix) and key.find("\\", start) < 0]

    def _rename(self, old: str, new: str, full: str) -> None:
        """Give a file, or a folder and all in it, another key and full path.  A key is as long as its path."""
        within = f"{old}\\"
        for key in [key for key in self._folders if key == old or key.startswith(within)]:
            self._folders[new + key[len(old) :]] = full + self._folders.pop(key)[len(old) :]
        for key in [key for key in self._files if key == old or key.startswith(within)]:
            shown, content = self._files.pop(key)
            self._files[new + key[len(old) :]] = (full + shown[len(old) :], content)
