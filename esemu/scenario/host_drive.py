# SPDX-License-Identifier: MIT
"""A folder of the host that stands for the drive C: of a case."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

DRIVE: Final = "C:\\"


class HostDrive:
    """The drive; other paths stay as they are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def into(self, path: str) -> str:
        """Return a path of the case as the host has it."""
        if path[: len(DRIVE)].upper() != DRIVE:
            return path
        inside = path[len(DRIVE) :].replace("\\", os.sep)
        return str(self.folder / inside) + (os.sep if path.endswith("\\") else "")

    def out(self, path: str) -> str:
        """Return a path of the host as the case has it."""
        root = f"{self.folder}{os.sep}"
        if not path.lower().startswith(root.lower()):
            return path
        return f"{DRIVE}{path[len(root) :]}".replace(os.sep, "\\")
