# SPDX-License-Identifier: MIT
"""Pages of a database in a mounted folder of the host: a real file, reached through the mount alone."""

from __future__ import annotations

from esemu.vocabulary.errors import JET_errDiskIO
from esemu.world.database_file import FilePages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

    from esemu.world.mounts import HostFile


class MountedPages(FilePages):
    """The pages of the database in `file`.  What the host cannot read is an error of the disk, and no OSError."""

    __slots__ = ("_place",)

    def __init__(self, file: HostFile) -> None:
        super().__init__(file.place.folder.path.joinpath(*file.place.names))
        self._place = file.place

    def check(self, first: int, count: int) -> int:
        """Read pages; return the error of the first bad one, JET_errDiskIO where they cannot be read at all."""
        try:
            return super().check(first, count)
        except OSError:
            return JET_errDiskIO

    def _open_file(self) -> BinaryIO:
        return self._place.folder.open(self._place.names)
