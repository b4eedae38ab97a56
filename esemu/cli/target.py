# SPDX-License-Identifier: MIT
"""The folder that a backup is saved to: files are called NAME.partial until they are complete, and nothing is overwritten."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

PARTIAL: Final = ".partial"
"""What the name of an incomplete file ends with."""


class TargetFolder:
    """An empty folder of the host, made if it does not exist.  Raises OSError where it cannot be used."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        if any(path.iterdir()):
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), str(path))

    @contextmanager
    def create(self, name: str) -> Iterator[BinaryIO]:
        """Make a file; it is safe on the disk, and gets its name, when the context is left without an error."""
        final = self.path / name
        partial = self.path / (name + PARTIAL)
        _refuse_existing(final)
        with partial.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _refuse_existing(final)  # on Windows the next line would; elsewhere it would overwrite
        partial.rename(final)

    def partial_files(self) -> list[Path]:
        """Return the files that were never completed."""
        return sorted(self.path.glob(f"*{PARTIAL}"))


def _refuse_existing(path: Path) -> None:
    """Raise FileExistsError if something has this name, be it a link to nowhere."""
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
