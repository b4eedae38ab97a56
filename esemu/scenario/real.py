# SPDX-License-Identifier: MIT
"""A case played through a library with a process of its own, a real esent.dll or any other: its world is made by calls.

What neither calls nor files of the host can bring about is said to be `NotArranged`.  A folder of the host stands for the
drive C: of the case.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any, Final

from esemu.scenario.arrangeable import CHANGES, DATABASE, WORLD, NotArranged, Refused, refuse
from esemu.scenario.buffers import Number
from esemu.scenario.calls import NAMES
from esemu.scenario.functions import Caller, Functions
from esemu.scenario.handles import HANDLES, place
from esemu.scenario.host_drive import HostDrive
from esemu.scenario.library_calls import LIBRARY_OPERATIONS, plain
from esemu.scenario.real_files import RECORDS, SEGMENT, damage, move_checkpoint, write_database, write_zeros
from esemu.scenario.snapshots import BOGUS
from esemu.vocabulary.grbits import JET_bitDbRecoveryOff, JET_bitForceNewLog, JET_bitTermComplete
from esemu.vocabulary.parameters import (
    JET_paramAggressiveLogRollover,
    JET_paramCircularLog,
    JET_paramDatabasePageSize,
    JET_paramLogFilePath,
    JET_paramLogFileSize,
    JET_paramRecovery,
    JET_paramSystemPath,
)
from esemu.world.pages import HEADER_PAGES

ROLLS_MAX: Final = 50
"""Logs that a case may have written; some have a million."""

OF_A_SESSION: Final = frozenset({"JetAttachDatabaseW", "JetDetachDatabase", "JetCreateDatabaseW"})
"""Calls of cases that name a session in place of an instance."""


class RealCaller(Caller):
    """One case in a folder of the host; `arrange` makes its world."""

    def __init__(self, library: Any, folder: Path, page_size: int, *, esent: bool) -> None:
        self.functions = Functions(library)
        self._esent = esent
        self.page_size = page_size
        self.last_snapshot = 0
        self.files: dict[int, int] = {}
        self._folder = folder
        self._drive = HostDrive(folder)
        self._handles: list[int] = []
        self._described: list[dict[str, Any]] = []
        self._sessions: list[int] = []

    def arrange(self, world: dict[str, Any]) -> None:
        """Make the world of a case.  Raises NotArranged."""
        described = self._described = world.get("instances") or [world]
        for given in (world, *described):
            refuse(given, WORLD | {"log_write_fail"} if given.get("log_disabled") else WORLD)  # which writes none
            if given.get("esent", self._esent) != self._esent:
                raise NotArranged.field("esent")
        self.files = dict.fromkeys(range(len(described)), 0)
        for name in ("data", "backup"):
            (self._folder / name).mkdir()
        for path, size in world.get("extra_files", ()):
            write_zeros(Path(self.into(path)), size)
        self._set(0, JET_paramDatabasePageSize, self.page_size)
        for k, given in enumerate(described):
            self._start(k, world | given, given.get("name", f"inst{k}" if "instances" in world else None))

    def _start(self, k: int, given: dict[str, Any], name: str | None) -> None:
        """Create and initialise an instance, with its databases and logs."""
        if given.get("runmode") == "none":
            return
        suffix = str(k) if k else ""
        logs, system = (self._folder / f"{folder}{suffix}" for folder in ("logs", "sys"))
        for path in (logs, system):
            path.mkdir(parents=True, exist_ok=True)
        paths = {JET_paramLogFilePath: logs, JET_paramSystemPath: system}
        self._initialise(k, given, name, paths)
        checkpoint = 1 if given.get("log_disabled") else given.get("checkpoint", 1)
        if checkpoint > 1:  # an engine that begins anew has its checkpoint where the log goes on
            self._roll(k, checkpoint - 1)
            self._check(self.functions("JetTerm2", self._handles.pop(), JET_bitTermComplete))
            self._sessions.pop()
            move_checkpoint(system / "edb.chk", checkpoint)
            self._initialise(k, given, name, paths)
        for generation in range(1, given.get("gen_first", 1)):
            self._log(k, generation).unlink(missing_ok=True)
        for number, database in enumerate(given["dbs"], 16 * k + 1):
            refuse(database, DATABASE)
            self._database(k, database, number)
        rolled = len(given["dbs"]) if given.get("aggressive_rollover") else 0  # by the databases that were attached
        if not given.get("log_disabled"):
            self._roll(k, given.get("gen_cur", 1) - checkpoint - rolled)
        for generation in given.get("corrupt_gens", ()):
            if not self._log(k, generation).exists():
                raise NotArranged("corrupt_gens: a log would have to be damaged that the engine is writing")
            damage(self._log(k, generation), SEGMENT)
        for dbid, page, times in given.get("read_errors", ()):
            if times >= 0:
                raise NotArranged.field("read_errors")
            damage(Path(self.into(given["dbs"][dbid - 1]["name"])), (page + 1) * self.page_size)

    def _log(self, k: int, generation: int) -> Path:
        return self._folder / f"logs{k or ''}" / f"edb{generation:05X}.log"

    def _initialise(self, k: int, given: dict[str, Any], name: str | None, paths: dict[int, Path]) -> None:
        """Create an instance, or in the old mode none, and initialise it; it gets a session."""
        handle = Number(8, 0)
        if given.get("runmode") != "one":
            self._check(self.functions("JetCreateInstanceW", handle.address, 0 if name is None else self._wide(name)))
        owner = handle.address if handle.value else 0
        for paramid, path in paths.items():
            self._set(owner, paramid, 0, f"{path}{os.sep}")
        self._set(owner, JET_paramLogFileSize, given.get("log_file_kb", 64))
        self._set(owner, JET_paramCircularLog, int(bool(given.get("circular"))))
        if given.get("log_disabled"):
            self._set(owner, JET_paramRecovery, 0, "off")
        if given.get("aggressive_rollover"):
            self._set(owner, JET_paramAggressiveLogRollover, 1)
        self._handles.append(handle.value or 0)
        self._check(self.functions("JetInit", handle.address))
        self._handles[k] = handle.value or 0
        session = Number(8, 0)
        self._check(self.functions("JetBeginSessionW", self._handles[k], session.address, 0, 0))
        self._sessions.append(session.value or 0)

    def _database(self, k: int, described: dict[str, Any], number: int) -> None:
        """Attach a database of the size and with the earlier backups of the case, or else create one."""
        path, session = Path(self.into(described["name"])), self._sessions[k]
        path.parent.mkdir(parents=True, exist_ok=True)
        logged = described.get("logged", True)
        if logged:
            write_database(path, described, self.page_size, number)
            if not described.get("attached", True):
                return
            if self.functions("JetAttachDatabaseW", session, self._wide(str(path)), 0) >= 0:
                return
            path.unlink()
            if described.keys() & RECORDS.keys():
                raise NotArranged("the library does not attach a database that was written for the case")
        dbid = Number(4)
        raw = (self._wide(str(path)), 0, dbid.address, 0 if logged else JET_bitDbRecoveryOff)
        self._check(self.functions("JetCreateDatabaseW", session, *raw))
        self._check(self.functions("JetCloseDatabase", session, dbid.value or 0, 0))

    def _grow(self, k: int, dbid: int, pages: int) -> None:
        """Let a database of an instance have some pages more."""
        described = self._described[k]["dbs"][dbid - 1]
        opened, actual, session = Number(4), Number(4), self._sessions[k]
        path = self._wide(self.into(described["name"]))
        self._check(self.functions("JetOpenDatabaseW", session, path, 0, opened.address, 0))
        size = described.get("pages", 8) + pages + HEADER_PAGES
        self._check(self.functions("JetResizeDatabase", session, opened.value or 0, size, actual.address, 0))
        self._check(self.functions("JetCloseDatabase", session, opened.value or 0, 0))

    def _roll(self, k: int, times: int) -> None:
        if times > ROLLS_MAX:
            raise NotArranged(f"{times} logs would have to be written")
        for _ in range(times):
            self._check(self.functions("JetCommitTransaction", self._sessions[k], JET_bitForceNewLog))

    def _set(self, pointer: int, paramid: int, number: int, string: str | None = None) -> None:
        text = 0 if string is None else self._wide(string)
        self._check(self.functions("JetSetSystemParameterW", pointer, 0, paramid, number, text))

    def _wide(self, string: str) -> int:
        self._kept = ctypes.create_string_buffer(string.encode("utf-16-le") + b"\0\0")
        return ctypes.addressof(self._kept)

    @staticmethod
    def _check(error: int) -> None:
        if error < 0:
            raise Refused(f"the library says {NAMES.get(error, error)}")

    def step(self, described: dict[str, Any]) -> dict[str, Any]:
        """Make one call and return what a client sees of it."""
        op = described["op"]
        result: dict[str, Any] = {"op": op}
        if op == "env":
            refuse(described, CHANGES)
            self._roll(place(described), described.get("roll", 0))
            if "grow" in described:
                self._grow(place(described), *described["grow"])
            if "delete_gen" in described:
                self._log(place(described), described["delete_gen"]).unlink()
            return result | {"err": 0, "name": NAMES[0]}
        if op not in LIBRARY_OPERATIONS and op not in OF_A_SESSION:
            raise NotArranged.field(op)
        error = LIBRARY_OPERATIONS.get(op, plain)(self, described, result)
        return result | {"err": error, "name": NAMES.get(error, f"JET_err? ({error})")}

    def instance(self, described: dict[str, Any]) -> int:
        """Return the handle that a call passes."""
        inst = described.get("inst", "self")
        return HANDLES[inst] if inst in HANDLES else self._handles[place(described)]

    def session(self, described: dict[str, Any]) -> int:
        """Return the session that a call passes."""
        return self._sessions[place(described)]

    def number(self, described: dict[str, Any]) -> int:
        """Return which of the instances a call is for."""
        return place(described)

    def number_of(self, handle: int) -> int:
        """Return which instance has this handle, -1 for none of the case's."""
        return self._handles.index(handle) if handle in self._handles else -1

    def snapshot(self, described: dict[str, Any]) -> int:
        """Return the number of the snapshot that a call is about."""
        snap = described.get("snap", "last")
        return snap if isinstance(snap, int) else self.last_snapshot if snap == "last" else BOGUS

    def into(self, path: str) -> str:
        """Return a path of the case as the library is told it."""
        return self._drive.into(path)

    def out(self, path: str) -> str:
        """Return a path of the library as the case has it."""
        return self._drive.out(path)
