# SPDX-License-Identifier: MIT
"""Contents of files: what a file's bytes are, read when somebody asks for them and never made before.

A file of the virtual disk has a path and one of these.  Sizes may be as large as the engine allows (16 TiB) because
only what is read is made; logs (`logs`) and databases are further contents.
"""

from __future__ import annotations

from threading import Lock

from esemu.world.views import shared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Protocol

    from esemu.world.views import SharedBytes

    class Content(Protocol):
        """The bytes of a file."""

        @property
        def size(self) -> int:
            """Bytes in the file."""
            ...

        def read(self, offset: int, count: int) -> bytes | memoryview:
            """Return up to `count` bytes from `offset` on; fewer, or none, at the end of the file."""
            ...


def unchanging(data: bytes | bytearray | memoryview) -> memoryview | SharedBytes:
    """Return the bytes of `data` as they are now.

    They are copied, unless it is `bytes` or, as long as threads do not run side by side, a read-only view.
    """
    return shared(data if memoryview(data).readonly else bytes(data))


class BytesContent:
    """Bytes that somebody has."""

    __slots__ = ("_view", "size")

    def __init__(self, data: bytes | bytearray | memoryview) -> None:
        self._view = unchanging(data)
        #: Bytes in the file.
        self.size = self._view.nbytes

    def read(self, offset: int, count: int) -> memoryview:
        """Return up to `count` bytes from `offset` on, without copying them."""
        return self._view[offset : offset + count]


class ZeroContent:
    """`size` bytes of zero, as in the engine's reserve logs and in a file whose bytes do not matter."""

    __slots__ = ("size",)

    def __init__(self, size: int) -> None:
        #: Bytes in the file.
        self.size = size

    def read(self, offset: int, count: int) -> bytes:
        """Return up to `count` zero bytes."""
        return bytes(max(0, min(count, self.size - offset)))


class PieceContent:
    """What a writer appended piece by piece, as JetBackupInstance writes the files of a backup.

    Pieces are joined when somebody reads.
    """

    __slots__ = ("_joined", "_lock", "_pieces", "size")

    def __init__(self) -> None:
        self._pieces: list[bytes | memoryview] = []  # that have come since somebody read
        self._joined = shared(b"")
        self._lock = Lock()  # of the pieces: one may come while they are joined
        #: Bytes appended so far.
        self.size = 0

    def append(self, piece: bytes | bytearray | memoryview) -> None:
        """Write `piece` at the end."""
        view = memoryview(piece)
        data = view.cast("B") if view.readonly else bytes(view)
        with self._lock:
            self._pieces.append(data)
            self.size += len(data)

    def read(self, offset: int, count: int) -> memoryview:
        """Return up to `count` bytes from `offset` on."""
        with self._lock:
            if self._pieces:
                self._joined = shared(b"".join([bytes(self._joined[:]), *self._pieces]))
                self._pieces = []
            return self._joined[offset : offset + count]


class PatchedContent:
    """Another content with some of its bytes changed."""

    __slots__ = ("_content", "_data", "_offset")

    def __init__(self, content: Content, offset: int, data: bytes | bytearray | memoryview) -> None:
        self._content = content
        self._offset = offset
        self._data = bytes(data)

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return max(self._content.size, self._offset + len(self._data))

    def read(self, offset: int, count: int) -> bytes | memoryview:
        """Return up to `count` bytes from `offset` on."""
        start, end = self._offset, self._offset + len(self._data)
        if offset + count <= start or offset >= end:
            return self._content.read(offset, count)
        found = bytearray(self._content.read(offset, count))
        first, last = max(offset, start), min(offset + count, end)
        found[first - offset : last - offset] = self._data[first - start : last - start]
        return bytes(found)


EMPTY: Final = BytesContent(b"")
"""The content of a file of zero bytes."""
