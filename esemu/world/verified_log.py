# SPDX-License-Identifier: MIT
"""A log file that somebody else wrote, verified as JetReadFileInstance verifies it while it is read from start to end."""

from __future__ import annotations

from esemu.formats.checksum import xor_checksum
from esemu.formats.log_verification import LogVerification
from esemu.formats.logs import SEGMENT_SIZE
from esemu.vocabulary.errors import JET_errDiskIO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from esemu.world.content import Content


class VerifiedLog:
    """The log in `content`: what was checked last is handed out once, single flipped bits repaired."""

    __slots__ = ("_checked", "_content", "_verification", "header_checksums")

    def __init__(self, content: Content) -> None:
        #: Of a header that is bad: the checksum in it, and that of its bytes; None where there is nothing to tell.
        self.header_checksums: tuple[int, int] | None = None
        self._content = content
        self._verification = LogVerification()
        # What was checked and not yet handed out, by offset: several threads may read one log.
        self._checked: dict[int, bytes] = {}

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return self._content.size

    def check(self, offset: int, count: int) -> int:
        """Read the next bytes and return JET_errSuccess or JET_errLogReadVerifyFailure (logread.cxx:1146).

        JET_errDiskIO: the host cannot read the file.  Raises NotEmulated for a log from before Windows 8, which engines
        verify by other rules.
        """
        try:
            found = bytearray(self._content.read(offset, count))
        except OSError:
            return JET_errDiskIO
        error = self._verification.read(found)
        if error and not self._verification.isec and len(found) >= SEGMENT_SIZE:
            header = found[:SEGMENT_SIZE]
            self.header_checksums = int.from_bytes(header[:4], "little"), xor_checksum(header)
        if not error:
            self._checked[offset] = bytes(found)
        return error

    def read(self, offset: int, count: int) -> bytes:  # noqa: ARG002 - as many were checked
        """Return the bytes that were checked at `offset`."""
        return self._checked.pop(offset)
