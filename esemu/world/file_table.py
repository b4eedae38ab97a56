# SPDX-License-Identifier: MIT
"""What is on a virtual disk: the table of its files and folders, found by the keys of their paths.

`disk` says what may be done with it and with which error it is refused.
"""

from __future__ import annotations

from functools import lru_cache
from threading import Lock

from esemu.vocabulary.errors import JET_errFileAccessDenied, JET_errFileNotFound, JET_errInvalidPath
from esemu.world import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final, Self

    from esemu.world.content import Content
    from esemu.world.mounts import Mounts, Place

# The key of a path that no file can have.
_IMPOSSIBLE: Final = ""
# Those of full paths, which depend on nothing else, are remembered up to this many, then all are forgotten.  Threads that
# look for the same path at once make equal ones, and it does not matter whose are kept.
_KEYS: Final[dict[str, Keys]] = {}
_REMEMBERED: Final = 1024
# Whoever plans files, or lets planned ones be, has this for as long as it takes.
_PLANNING: Final = Lock()


class Keys:
    """What a path is looked up by, as a file and as a folder."""

    __slots__ = ("folder", "folder_path", "full", "inside", "key", "last", "name", "outside")

    def __init__(self, full: str, key: str) -> None:
        #: The full path.
        self.full = full
        #: Its key, `_IMPOSSIBLE` where no file can have the path.
        self.key = key
        #: The key of the folder that a file with this path is in, and the last part of the key.
        self.inside, _, self.name = key.rpartition("\\")
        #: The key and the full path of the folder with this path, with or without a separator at the end.
        self.folder = key.rstrip("\\")
        self.folder_path = full.rstrip("\\")
        #: The key of the folder that this folder is in, and the last part of its own.
        self.outside, _, self.last = self.folder.rpartition("\\")


class FileTable:
    r"""The files and folders of a disk, with `C:\` and the folder `current`, against which paths are completed, from the start.

    Keys have no trailing separator, except those of paths that end in one and therefore name no file.
    """

    __slots__ = ("_current", "_files", "_folders", "_held", "_mounts", "_planned", "changes")

    def __init__(self, current: str = "C:\\app") -> None:
        self._current = current
        # The full paths of folders, as first written, by their keys.
        self._folders = dict(_folders_to(current))
        # By the key of the folder and the last part of their own: the full paths of files, as first written, and contents.
        self._files: dict[str, dict[str, tuple[str, Content]]] = {}
        # Files that nobody has looked for yet, by the key of the folder: how their paths begin, and what gives how they
        # end and their contents.  Whoever looks into the folder first lets them be.
        self._planned: dict[str, tuple[tuple[str, Iterator[tuple[str, Content]]], ...]] = {}
        self._held: dict[str, int] = {}
        self._mounts: Mounts | None = None  # made when a folder of the host is mounted
        #: Grows whenever a file or a folder is made, replaced, moved or removed.
        self.changes = 0

    def copy(self) -> Self:
        """Return a disk that holds the same and changes alone.  Contents are shared: they are constant once written."""
        self._carry_out(*self._planned)
        twin = type(self).__new__(type(self))
        for name in FileTable.__slots__:
            value = getattr(self, name)
            setattr(twin, name, value.copy() if isinstance(value, dict) else value)
        twin._files = {folder: files.copy() for folder, files in self._files.items()}  # noqa: SLF001 - it is one of us
        return twin

    def __repr__(self) -> str:
        """Return how much there is."""
        self._carry_out(*self._planned)
        files = sum(map(len, self._files.values()))
        return f"<{type(self).__name__}: {files} files in {len(self._folders)} folders>"

    def _keys(self, path: str) -> Keys:
        """Return what a path is looked up by.  Raises TypeError for what is no str."""
        try:
            keys = _KEYS.get(path)
        except TypeError:  # what has no hash is no str
            keys = None
        return keys or self._new_keys(path)

    def _look(self, path: str) -> tuple[Keys, tuple[str, Content] | None]:
        """Return the keys of a path, and the full path and the content of the file there, None where there is none."""
        keys = self._keys(path)
        files = self._files.get(keys.inside)
        if files is None:
            if keys.inside not in self._planned:
                return keys, None
            files = self._files_in(keys.inside)
        return keys, files.get(keys.name)

    def _new_keys(self, path: str) -> Keys:
        """Return the keys of a path, and remember them where they are the same in every current folder."""
        if not isinstance(path, str):
            raise TypeError(f"path is {path!r}; it must be a str")
        full = paths.complete(path, self._current)
        keys = Keys(full or path, paths.key(full) if full is not None and paths.is_possible(full) else _IMPOSSIBLE)
        if full == path:
            if len(_KEYS) >= _REMEMBERED:
                _KEYS.clear()
            _KEYS[path] = keys
        return keys

    def _key(self, path: str) -> str:
        """Return the key of a path, `_IMPOSSIBLE` if no file or folder can have it."""
        return self._keys(path).key

    def _folder_key(self, path: str) -> str:
        """Return the key of a path that may end in a separator."""
        return self._keys(path).folder

    def _mounted(self, path: str) -> Place | None:
        """Return where a path leads in a mounted folder of the host, None where it leads into none."""
        if self._mounts is None:
            return None
        keys = self._keys(path)
        return self._mounts.place(keys.key, keys.full)

    def _carry_out(self, *folders: str) -> None:
        """Let the files be that were planned for the folders with these keys."""
        with _PLANNING:
            for folder in folders:
                files = self._files.get(folder, {})
                for start, planned in self._planned.get(folder, ()):
                    name = paths.key(start).rpartition("\\")[2]
                    for ending, content in planned:
                        last = name + ending.upper()
                        if f"{folder}\\{last}" not in self._folders:
                            files[last] = (files[last][0] if last in files else start + ending, content)
                self._files[folder] = files  # last: another thread that finds them finds all
                self._planned.pop(folder, None)

    def _plan(self, folder: str, start: str, files: Iterator[tuple[str, Content]]) -> bool:
        """Plan files for the folder with this key: see `_planned`.  Return False where it has files, or is none."""
        with _PLANNING:
            if folder not in self._folders or self._files.get(folder):
                return False
            self._files.pop(folder, None)  # so that whoever looks for files looks for planned ones
            self._planned[folder] = (*self._planned.get(folder, ()), (start, files))
        self.changes += 1
        return True

    def _files_in(self, folder: str) -> dict[str, tuple[str, Content]]:
        """Return the files of the folder with this key, by the last parts of theirs."""
        files = self._files.get(folder)
        if files is None and folder in self._planned:
            self._carry_out(folder)
            files = self._files[folder]
        return {} if files is None else files

    def _found(self, key: str) -> tuple[str, Content] | None:
        """Return the full path and the content of the file with this key, None where there is none."""
        folder, _, name = key.rpartition("\\")
        return self._files_in(folder).get(name)

    def _put(self, key: str, full: str, content: Content) -> None:
        """Let a file with this key be in its folder, which is there and was looked into."""
        folder, _, name = key.rpartition("\\")
        self._files.setdefault(folder, {})[name] = (full, content)

    def _drop(self, key: str) -> None:
        """Take the file with this key out of its folder."""
        folder, _, name = key.rpartition("\\")
        del self._files[folder][name]

    def _file(self, path: str) -> tuple[str, Content]:
        """Return the full path and the content of a file, or raise what Python raises where there is none."""
        file = self._found(self._key(path))
        if file is None:
            raise IsADirectoryError(path) if self._folder_key(path) in self._folders else FileNotFoundError(path)
        return file

    def _error_without_file(self, key: str, inside: str) -> int:
        """Return the error of opening a file where there is none: JET_errFileNotFound if one could be made there.

        `inside` is the key of the folder that a file with this key is in.
        """
        if key == _IMPOSSIBLE or key[-1] == "\\":
            return JET_errInvalidPath
        if key in self._folders:
            return JET_errFileAccessDenied
        return JET_errFileNotFound if inside in self._folders else JET_errInvalidPath

    def _fixed(self, key: str) -> bool:
        """Tell whether Windows neither moves nor removes a folder: a drive, and what holds the current folder or a mount."""
        if self._mounts is not None and self._mounts.below(key):
            return True
        return self._folders.get(key, "")[-1:] == "\\" or f"{paths.key(self._current)}\\".startswith(f"{key}\\")

    def _inside(self, folder: str) -> list[str]:
        """Return the full paths of what is directly in the folder with this key, ordered as NTFS orders it."""
        start = f"{folder}\\"
        files = self._files_in(folder)
        if not files and start not in "\0".join(self._folders):
            return []  # nothing has a key that begins so, as in any new folder
        inside = {
            key: path
            for key, path in self._folders.copy().items()
            if key.startswith(start) and key.find("\\", len(start)) < 0
        }
        for name, (path, _) in files.copy().items():
            inside[start + name] = path
        return list(map(inside.__getitem__, sorted(inside)))

    def _rename(self, old: str, new: str, full: str) -> None:
        """Give a file, or a folder and all in it, another key and full path.  A key is as long as its path."""
        file = self._found(old)
        if file is not None:
            self._drop(old)
            self._put(new, full, file[1])
        for key in [key for key in self._folders if f"{key}\\".startswith(f"{old}\\")]:
            files = self._files_in(key)
            self._files.pop(key, None)
            moved = new + key[len(old) :]
            self._folders[moved] = full + self._folders.pop(key)[len(old) :]
            self._files[moved] = {name: (full + path[len(old) :], content) for name, (path, content) in files.items()}


@lru_cache(16)
def _folders_to(current: str) -> tuple[tuple[str, str], ...]:
    r"""Return the keys and the full paths of `C:\` and of the folders from that of the drive down to `current`."""
    top = paths.root(current.rstrip("\\") + "\\")
    made = {"C:": "C:\\", paths.key(top).rstrip("\\"): top}
    path = top.rstrip("\\")
    for name in filter(None, current[len(top) :].split("\\")):
        path += f"\\{name}"
        made[paths.key(path)] = path
    return tuple(made.items())
