# SPDX-License-Identifier: MIT
r"""How a program on a POSIX host and the engine write the same path: /tmp/a.edb is Z:\tmp\a.edb.

The drive Z: is the root of the host, as in Wine.  A program that writes Windows' paths gets them back as they are; what is on
Z: is shown to it as a path of the host, unless it wants everything as Windows writes it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from esemu.faces.abi.interface import Paths

ROOT_DRIVE: Final = "Z"
"""The letter of the drive that is the root of the host."""


class HostPaths(Paths):
    """Paths of the host and of Windows; with `posix` what is on the drive of the root is shown as a path of the host."""

    __slots__ = ("_posix",)

    def __init__(self, *, posix: bool = True) -> None:
        self._posix = posix

    def into(self, path: str | None) -> str | None:
        """Return the engine's form of a path that the caller gave; what is relative is so to the host's current folder."""
        if not path or path[1:2] == ":" or path.startswith("\\"):
            return path
        if path[0] != "/":
            path = f"{Path.cwd().as_posix()}/{path}"
        if (
            "/../" in f"{path}/"
        ):  # from what a link leads to one goes up otherwise than Windows, which looks at names alone
            path = _without_parents(path)
        return f"{ROOT_DRIVE}:{path}".replace("/", "\\")

    def out(self, path: str) -> str:
        """Return the caller's form of a path that the engine has."""
        if not self._posix or path[:3].upper() != f"{ROOT_DRIVE}:\\":
            return path
        return path[2:].replace("\\", "/")


def _without_parents(path: str) -> str:
    """Return a path of the host without `..`: links before the last of them are followed, what comes after it stays."""
    before, _, after = f"{path}/".rpartition("/../")
    return f"{os.path.realpath(f'{before}/..').rstrip('/')}/{after}".removesuffix("/") or "/"
