# SPDX-License-Identifier: MIT
"""Windows paths as pure functions, whatever the host: full paths, parts of paths, and what counts as the same path.

The engine completes every path with the C runtime's `_wfullpath` (osfs.cxx:1109-1161), which is Windows'
GetFullPathNameW, and takes it apart with `_wsplitpath` (osfs.cxx:1164-1217).  Names of DOS devices (NUL, COM1) are
ordinary names here.
"""

from __future__ import annotations

from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Most UTF-16 code units of a full path, without the final NUL: IFileSystemAPI::cchPathMax - 1.
LONGEST: Final = 259

_NEVER_IN_NAMES: Final = frozenset('<>:"|?*') | frozenset(map(chr, range(32)))


@lru_cache(1024)  # the same few paths are completed by rule after rule
def complete(path: str, current: str = "C:\\app") -> str | None:
    r"""Return the full path of `path`, as `_wfullpath` does, or None if it is longer than 259 UTF-16 code units.

    `current` is the current folder, itself a full path.  An empty path is the current folder, `C:x` is relative to the
    current folder of that drive (its root, if the current folder is on another), `\x` to the root of the current folder.
    A trailing separator stays; spaces and dots at the end go.  Source: osfs.cxx:1152-1155; GetFullPathNameW.
    """
    if not isinstance(path, str):
        raise TypeError(f"path is {path!r}; it must be a str")
    full = _collapsed(_absolute(path.replace("/", "\\"), current))
    return full if _code_units(full) <= LONGEST else None


@lru_cache(1024)  # likewise
def is_possible(full: str) -> bool:
    """Tell whether Windows lets a file or a folder have this full path; else the engine answers JET_errInvalidPath."""
    return _NEVER_IN_NAMES.isdisjoint(full[2:] if full[1:2] == ":" else full[_root_end(full) :])


def key(path: str) -> str:
    """Return what two full paths have in common if, and only if, they name the same file: their upper case.

    A character that is not ASCII never equals one that is, and none becomes two, as in the upper-case table of NTFS.
    """
    return path.upper() if path.isascii() else "".join(map(_upper, path))


def split(path: str) -> tuple[str, str, str]:
    """Return the folder with its trailing separator, the stem, and the extension with its dot; each may be empty.

    Source: ErrPathParse, osfs.cxx:1164-1217.
    """
    start = _name_start(path)
    dot = path.rfind(".", start)
    if dot < 0:
        dot = len(path)
    return path[:start], path[start:dot], path[dot:]


@lru_cache(1024)  # likewise
def folder(path: str) -> str:
    """Return the folder that a path names a file in, with its trailing separator; empty if the path has none."""
    return path[: _name_start(path)]


def join(parent: str, stem: str, extension: str = "") -> str:
    """Return a folder, a stem and an extension as one path; a missing separator or dot between them is added.

    Source: ErrPathBuild, osfs.cxx:1243-1263, which is `_wmakepath_s`.
    """
    if parent and parent[-1] not in "\\/":
        parent += "\\"
    if extension and extension[0] != ".":
        stem += "."
    return parent + stem + extension


def root(path: str) -> str:
    r"""Return the part of a full path that no `..` removes: `C:\`, `\\server\share\` or `\\?\C:\`."""
    return path[: _root_end(path)]


def _absolute(path: str, current: str) -> str:
    """Return `path`, which has no forward slashes, put behind the folder that it is relative to."""
    if path[:2] == "\\\\" or path[1:3] == ":\\":
        return path
    if path[1:2] == ":":
        if path[0].upper() != current[:1].upper() or current[1:2] != ":":
            return f"{path[:2]}\\{path[2:]}"
        path = path[2:]
    if path[:1] == "\\":
        return root(current).rstrip("\\") + path
    return join(current, path) if path else current


def _collapsed(path: str) -> str:
    """Return an absolute path without empty, `.` and `..` components and without spaces and dots at its end.

    Windows also takes one dot from the end of a folder's name, unless the name is dots only.
    """
    end = _root_end(path)
    start = path[:2] + "\\".join(name for name in path[2:end].split("\\") if name)
    if path[end - 1 : end] == "\\":
        start += "\\"
    names = path[end:].split("\\")
    last = names.pop()
    kept: list[str] = []
    for name in names:
        if name == "..":
            del kept[-1:]
        elif name not in ("", "."):
            kept.append(name.removesuffix(".") if name.strip(".") else name)
    if last == "..":
        del kept[-1:]
    if last in (".", ".."):
        return _trimmed(start, "\\".join(kept))
    return _trimmed(start, "\\".join([*kept, last]))


def _trimmed(start: str, rest: str) -> str:
    """Return the root `start` and `rest`, which loses the spaces and dots at its end."""
    return start + rest.rstrip(" .")


def _root_end(path: str) -> int:
    """Return where the root of an absolute path ends, its separator and further ones included."""
    if path[:2] != "\\\\":
        end = 2
    elif path[2:4] in ("?\\", ".\\"):
        end = path.find("\\", 4)
    else:
        share = _next_name(path, path.find("\\", 2))
        end = path.find("\\", share)
    return _next_name(path, end)


def _next_name(path: str, start: int) -> int:
    """Return where the separators that begin at `start` end, which is the end of the path if `start` is negative."""
    if start < 0:
        return len(path)
    while path[start : start + 1] == "\\":
        start += 1
    return start


def _name_start(path: str) -> int:
    """Return where the last component of a path begins."""
    start = max(path.rfind("\\"), path.rfind("/")) + 1
    return start or (2 if path[1:2] == ":" else 0)


def _code_units(path: str) -> int:
    """Return the length of a path in UTF-16 code units."""
    return len(path) if path.isascii() else len(path.encode("utf-16-le", "surrogatepass")) // 2


def _upper(character: str) -> str:
    """Return the upper case of one character, or the character where NTFS has none for it."""
    upper = character.upper()
    return upper if len(upper) == 1 and upper.isascii() == character.isascii() else character
