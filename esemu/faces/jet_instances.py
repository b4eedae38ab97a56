# SPDX-License-Identifier: MIT
"""The calls of `engine.jet` around a backup: instances, parameters, sessions, transactions, databases.

They are as whole as clients of the backup API need them: tables and records are not emulated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from esemu.faces.arguments import handle, text, ulong
from esemu.faces.settings import chosen, emulated, setting
from esemu.machine.call import Call, GrbitCall
from esemu.machine.calls import CALLS
from esemu.machine.shapes.databases import DatabaseCall, OpenDatabaseCall, ResizeCall, SessionCall
from esemu.machine.shapes.instances import (
    AbruptTermCall,
    CreateInstanceCall,
    InitCall,
    InstanceInfoCall,
    MultiInstanceCall,
    ParameterCall,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from esemu.machine.effects.instances import InstanceInfo


class InstanceCalls:
    """The calls about instances, parameters, sessions and databases."""

    __slots__ = ()

    def _make(self, call: Call) -> Any:
        """Make a call and return its result."""
        raise NotImplementedError

    # Instances.

    def JetEnableMultiInstance(self, settings: Mapping[int, int | str] | None = None) -> int:
        """Set parameters for all instances and say that there may be several; return how many were set (jetapi.cxx:21135).

        `settings` maps numbers of parameters to values.  After an error those before it stay set.
        """
        pairs = tuple(setting(*pair) for pair in dict(settings or {}).items())
        call = MultiInstanceCall(CALLS["JetEnableMultiInstance"], 0, pairs)
        self._make(call)
        return call.succeeded

    def JetCreateInstance(self, szInstanceName: str | None = None) -> int:
        """Make an instance and return its handle (jetapi.cxx:21895)."""
        return self._handle(CreateInstanceCall(CALLS["JetCreateInstance"], 0, text(szInstanceName, "szInstanceName")))

    def JetCreateInstance2(
        self, szInstanceName: str | None = None, szDisplayName: str | None = None, grbit: int = 0
    ) -> int:
        """Make an instance with a display name and return its handle; the grbit is ignored (jetapi.cxx:21975)."""
        name, display = text(szInstanceName, "szInstanceName"), text(szDisplayName, "szDisplayName")
        return self._handle(CreateInstanceCall(CALLS["JetCreateInstance2"], 0, name, display, ulong(grbit, "grbit")))

    def JetInit(self, instance: int | None = None) -> int:
        """Start an instance and return its handle (jetapi.cxx:21354).

        None is a NULL pinstance: the only instance of a process that is to have no other.  0 and JET_instanceNil are a
        pinstance that points to no instance yet.
        """
        return self._init("JetInit", instance, 0)

    def JetInit2(self, instance: int | None = None, grbit: int = 0) -> int:
        """Start an instance as JetInit does; the grbit is ignored (jetapi.cxx:21832)."""
        return self._init("JetInit2", instance, grbit)

    def JetInit3(self, instance: int | None = None, prstInfo: object = None, grbit: int = 0) -> int:
        """Start an instance as JetInit does; recovery to other paths, any prstInfo but None, is not emulated."""
        if prstInfo is not None:
            from esemu.vocabulary.exceptions import NotEmulated  # noqa: PLC0415 - hardly ever needed

            raise NotEmulated("JetInit3 with JET_RSTINFO: recovery is not emulated")
        return self._init("JetInit3", instance, grbit)

    def JetTerm(self, instance: int) -> None:
        """End an instance abruptly, and its backup with it (jetapi.cxx:22267)."""
        self._make(AbruptTermCall(CALLS["JetTerm"], handle(instance)))

    def JetTerm2(self, instance: int, grbit: int = 0) -> None:
        """End an instance as the grbit says; without one a running backup is in the way (jetapi.cxx:20847)."""
        self._make(GrbitCall(CALLS["JetTerm2"], handle(instance), ulong(grbit, "grbit")))

    def JetStopServiceInstance(self, instance: int) -> None:
        """Let the instance answer no more calls, those that end a backup included (jetapi.cxx:22278)."""
        self._make(Call(CALLS["JetStopServiceInstance"], handle(instance)))

    def JetStopServiceInstance2(self, instance: int, grbit: int) -> None:
        """Stop some services or let them go on (jetapi.cxx:22315)."""
        self._make(GrbitCall(CALLS["JetStopServiceInstance2"], handle(instance), ulong(grbit, "grbit")))

    def JetStopService(self) -> None:
        """Let the only instance answer no more calls (jetapi.cxx:22606)."""
        self._make(Call(CALLS["JetStopService"]))

    def JetGetInstanceInfo(self) -> list[InstanceInfo]:
        """Return every instance with its handle, name and the databases that backups see (io.cxx:2137)."""
        return self._make(InstanceInfoCall(CALLS["JetGetInstanceInfo"]))  # type: ignore[no-any-return]

    def JetFreeBuffer(self, buffer: object) -> None:
        """Free what a call returned; Python does that, so any object will do (jetapi.cxx:22915)."""

    # Parameters.

    def JetSetSystemParameter(
        self, instance: int, sesid: int, paramid: int, lParam: int = 0, szParam: str | None = None
    ) -> None:
        """Set a system parameter of an instance (jetapi.cxx:20459).

        The order is that of the header.  With neither instance nor session (0, 0) the default for all instances that
        are made later is set.  A parameter that is a string, folder or path takes `szParam`, any other `lParam`.
        Raises NotEmulated for a parameter that esemu does not know.
        """
        number, value = chosen(paramid, lParam, szParam)
        api = CALLS["JetSetSystemParameter"]
        self._make(ParameterCall(api, handle(instance), handle(sesid, "sesid"), number, value))

    def JetGetSystemParameter(self, instance: int, sesid: int, paramid: int, cbMax: int | None = None) -> int | str:
        """Return a system parameter of an instance, or with 0, 0 the default (jetapi.cxx:20340).

        `cbMax` is the room for a string in bytes; None has room for any.  Raises NotEmulated as JetSetSystemParameter.
        """
        api = CALLS["JetGetSystemParameter"]
        room = None if cbMax is None else ulong(cbMax, "cbMax")
        call = ParameterCall(api, handle(instance), handle(sesid, "sesid"), emulated(paramid), None, room)
        return self._make(call)  # type: ignore[no-any-return]

    # Sessions and transactions.

    def JetBeginSession(self, instance: int, szUserName: str | None = None, szPassword: str | None = None) -> int:
        """Open a session and return its number; user and password are ignored (jetapi.cxx:12434)."""
        text(szUserName, "szUserName")
        text(szPassword, "szPassword")
        return self._make(Call(CALLS["JetBeginSession"], handle(instance)))  # type: ignore[no-any-return]

    def JetEndSession(self, sesid: int, grbit: int = 0) -> None:
        """Close a session, with its transactions and databases (tm.cxx:97)."""
        self._session("JetEndSession", sesid, grbit)

    def JetBeginTransaction(self, sesid: int) -> None:
        """Begin a transaction, inside another if there is one (tm.cxx:1706)."""
        self._session("JetBeginTransaction", sesid, 0)

    def JetCommitTransaction(self, sesid: int, grbit: int = 0) -> None:
        """Commit a transaction, or with JET_bitForceNewLog roll the log (tm.cxx:1755)."""
        self._session("JetCommitTransaction", sesid, grbit)

    def JetRollback(self, sesid: int, grbit: int = 0) -> None:
        """Roll back a transaction, or all with JET_bitRollbackAll (tm.cxx:1884)."""
        self._session("JetRollback", sesid, grbit)

    # Databases.

    def JetCreateDatabase(
        self, sesid: int, szFilename: str | None, szConnect: str | None = None, grbit: int = 0
    ) -> int:
        """Create, attach and open a database, and return its number; backups do not bar this (db.cxx:1629)."""
        text(szConnect, "szConnect")
        return self._database("JetCreateDatabase", sesid, szFilename, grbit)  # type: ignore[no-any-return]

    def JetAttachDatabase(self, sesid: int, szFilename: str | None, grbit: int = 0) -> None:
        """Attach a database; a running backup bars this (db.cxx:4036)."""
        self._database("JetAttachDatabase", sesid, szFilename, grbit)

    def JetDetachDatabase(self, sesid: int, szFilename: str | None, grbit: int = 0) -> None:
        """Detach a database, or all with None; a running backup bars this (db.cxx:5356)."""
        self._database("JetDetachDatabase", sesid, szFilename, grbit)

    def JetOpenDatabase(self, sesid: int, szFilename: str | None, szConnect: str | None = None, grbit: int = 0) -> int:
        """Open an attached database and return its number (db.cxx:5993)."""
        text(szConnect, "szConnect")
        return self._database("JetOpenDatabase", sesid, szFilename, grbit)  # type: ignore[no-any-return]

    def JetCloseDatabase(self, sesid: int, dbid: int, grbit: int = 0) -> None:
        """Close a database that the session has open (db.cxx:6103)."""
        session, number = handle(sesid, "sesid"), ulong(dbid, "dbid")
        self._make(OpenDatabaseCall(CALLS["JetCloseDatabase"], session, number, ulong(grbit, "grbit")))

    def JetResizeDatabase(self, sesid: int, dbid: int, cpg: int, grbit: int = 0) -> int:
        """Let a database grow to `cpg` pages or some more, and return its size in pages with those of the header (db.cxx:6247)."""
        session, number = handle(sesid, "sesid"), ulong(dbid, "dbid")
        pages, bits = ulong(cpg, "cpg"), ulong(grbit, "grbit")
        return self._make(ResizeCall(CALLS["JetResizeDatabase"], session, number, pages, bits))  # type: ignore[no-any-return]

    # Information.

    def JetGetVersion(self, sesid: int) -> int:
        """Return the version of the engine, as bits (jetapi.cxx:12174)."""
        return self._make(SessionCall(CALLS["JetGetVersion"], handle(sesid, "sesid"), 0))  # type: ignore[no-any-return]

    # What several of them do.

    def _handle(self, call: CreateInstanceCall) -> int:
        return self._make(call).handle  # type: ignore[no-any-return]

    def _init(self, name: str, instance: int | None, grbit: int) -> int:
        given = 0 if instance is None else handle(instance)
        call = InitCall(CALLS[name], given, ulong(grbit, "grbit"), no_pointer=instance is None)
        return self._make(call).handle  # type: ignore[no-any-return]

    def _session(self, name: str, sesid: int, grbit: int) -> None:
        self._make(SessionCall(CALLS[name], handle(sesid, "sesid"), ulong(grbit, "grbit")))

    def _database(self, name: str, sesid: int, path: str | None, grbit: int) -> Any:
        session, file = handle(sesid, "sesid"), text(path, "szFilename")
        return self._make(DatabaseCall(CALLS[name], session, file, ulong(grbit, "grbit")))
