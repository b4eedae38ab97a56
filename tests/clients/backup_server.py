# SPDX-License-Identifier: MIT
"""A server to back up, with short names for what clients do to it."""

from collections.abc import Callable
from typing import Any

import pytest

import esemu
from esemu.testing import check
from esemu.vocabulary.grbits import JET_bitBackupEndNormal as NORMAL

MAIL = r"C:\data\mail.edb"
CALENDAR = r"C:\data\calendar.edb"


class Server:
    """An engine with one instance, two databases and three logs, and short names for what clients do to it."""

    def __init__(self, **engine: Any) -> None:
        self.engine = esemu.Engine(trace_limit=1_000_000, **engine)
        databases = [esemu.Database(MAIL, 100, full_backup=(1, 1)), esemu.Database(CALENDAR, 5, full_backup=(1, 1))]
        self.inst = self.engine.start(databases, generations=3, checkpoint=2)
        self.jet = self.engine.jet

    def begin(self, grbit: int = 0) -> None:
        """Begin a backup."""
        self.jet.JetBeginExternalBackupInstance(self.inst, grbit)

    def end(self, grbit: int | None = NORMAL) -> None:
        """End it, without a choice where no grbit is given."""
        if grbit is None:
            self.jet.JetEndExternalBackupInstance(self.inst)
        else:
            self.jet.JetEndExternalBackupInstance2(self.inst, grbit)

    def copy(self, name: str, size: int = 65536, *, close: bool = True) -> None:
        """Copy a file to its end."""
        handle = self.jet.JetOpenFileInstance(self.inst, name).handle
        while self.jet.JetReadFileInstance(self.inst, handle, bytearray(size)):
            pass
        if close:
            self.jet.JetCloseFileInstance(self.inst, handle)

    def copy_databases(self) -> None:
        """Copy the databases of the list."""
        for name in self.jet.JetGetAttachInfoInstance(self.inst):
            self.copy(name)

    def copy_logs(self) -> None:
        """Copy the logs of the list."""
        for name in self.jet.JetGetLogInfoInstance(self.inst):
            self.copy(name)

    def open(self, name: str = MAIL) -> int:
        """Open a file."""
        return self.jet.JetOpenFileInstance(self.inst, name).handle

    def read(self, size: int = 65536) -> int:
        """Read from the open file."""
        return self.jet.JetReadFileInstance(self.inst, 0, bytearray(size))

    def close(self) -> None:
        """Close it."""
        self.jet.JetCloseFileInstance(self.inst, 0)

    def stop(self) -> None:
        """Stop the backup as an administrator does."""
        self.jet.JetStopBackupInstance(self.inst)

    def refused(self, call: Callable[..., object], *arguments: object) -> None:
        """Make a call that fails, and take no notice."""
        with pytest.raises((esemu.JetError, esemu.UndefinedBehaviour)):
            call(*arguments)

    def codes(self, **how: Any) -> list[str]:
        """Return what the checks find, each code once."""
        return sorted({finding.code for finding in check(self.engine, **how)})
