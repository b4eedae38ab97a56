# SPDX-License-Identifier: MIT
"""What a test uses today instead of esemu: the API as a hand-written stub, from which mocks are made as well."""

from typing import Any


class StubError(Exception):
    """What a hand-written stub raises."""

    def __init__(self, err: int) -> None:
        super().__init__(err)
        self.err = err


class Stub:
    """A stub of the calls of a backup, without any rule."""

    def JetBeginExternalBackupInstance(self, instance: int, grbit: int) -> None:
        """Begin nothing."""

    def JetGetAttachInfoInstance(self, instance: int) -> list[str]:
        """Return one database."""
        return [r"C:\data\mail.edb"]

    def JetOpenFileInstance(self, instance: int, name: str) -> int:
        """Return a handle."""
        return 0

    def JetReadFileInstance(self, instance: int, handle: int, buffer: Any) -> int:
        """Fail as after a stop."""
        raise StubError(-801)

    def JetCloseFileInstance(self, instance: int, handle: int) -> None:
        """Close nothing."""

    def JetGetLogInfoInstance(self, instance: int) -> list[str]:
        """Return one log."""
        return [r"C:\logs\edb00001.log"]

    def JetTruncateLogInstance(self, instance: int) -> None:
        """Truncate nothing."""

    def JetEndExternalBackupInstance(self, instance: int) -> None:
        """End nothing."""

    def JetStopBackupInstance(self, instance: int) -> None:
        """Stop nothing."""
