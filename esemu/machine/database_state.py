# SPDX-License-Identifier: MIT
"""The state variables of a database: what FMP and the database header hold of it, and the records of its backups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from esemu.machine.ports import Faults, Pages
    from esemu.machine.state import Session

NORMAL, OS_SNAPSHOT, SNAPSHOT, SURROGATE = range(4)
"""Families of backups in header records: DBFILEHDR::BKINFOTYPE (daedef.hxx:2786)."""

DATABASES_MAX: Final = 6
"""User databases of one instance: dbid 1 to 6 (daeconst.hxx:239)."""


class BackupRecord:
    """What a database header remembers of one backup: BKINFO and its type (daedef.hxx:2306)."""

    __slots__ = ("family", "high", "low", "mark", "time")

    def __init__(self, low: int = 0, high: int = 0, family: int = NORMAL, mark: int = 0, time: int = 0) -> None:
        self.low = low  # le_genLow: first generation that the backup needs
        self.high = high  # le_genHigh: last generation that belongs to it
        self.family = family  # bkinfoType...
        self.mark = mark  # le_lgposMark, as LogStream.position gives it
        self.time = time  # logtimeMark, in milliseconds of the engine's clock

    def __repr__(self) -> str:
        return f"BackupRecord({self.low}, {self.high}, family={self.family}, mark={self.mark >> 32})"


NO_BACKUP: Final = BackupRecord()
"""The record of a backup that never was; records in headers are replaced, never changed."""


class HeaderRecord(BackupRecord):
    """What both headers of a stream say of the backup, and of the database at the moment when it was opened."""

    __slots__ = ("dbtime", "required")

    def __init__(self, low: int, mark: int, time: int, required: tuple[int, int], dbtime: int | None) -> None:
        super().__init__(low, 0, mark=mark, time=time)
        self.required = required  # le_lGenMinRequired, le_lGenMaxRequired
        self.dbtime = dbtime  # le_dbtimeDirtied, None where the pages do not change


class Database:
    """A database of an instance: what FMP and the database header hold of it (fmp.hxx)."""

    __slots__ = (
        "attached",
        "attached_for_recovery",
        "clean",
        "copied",
        "copied_most",
        "copy_previous",
        "dbid",
        "differential_previous",
        "exclusive_session",
        "faults",
        "full_previous",
        "in_backup",
        "incremental_previous",
        "last_page",
        "logged",
        "most",
        "name",
        "open_by",
        "page_size",
        "pages",
        "read_only",
        "required_high",
        "required_low",
        "trailer_copied",
        "trailer_record",
    )

    def __init__(self, name: str, dbid: int, last_page: int, page_size: int, pages: Pages) -> None:
        self.name = name  # WszDatabaseName: full path
        self.dbid = dbid
        self.last_page = last_page  # PgnoLast: number of the last page that the database owns
        self.page_size = page_size  # bytes
        self.pages = pages  # where the bytes of its pages come from
        self.faults: Faults | None = None
        self.attached = True  # FAttached
        self.logged = True  # FLogOn
        self.read_only = False  # FReadOnlyAttach
        self.attached_for_recovery = False  # FAttachedForRecovery
        self.clean = False  # JET_dbstateCleanShutdown: it was detached, or its instance ended as it should
        self.in_backup = False  # FInBackupSession
        self.copied = False  # FBackupFileCopyDone: read to the very end and closed
        self.most = 0  # PgnoBackupMost: last page to copy
        self.copied_most = 0  # PgnoBackupCopyMost: last page copied
        self.trailer_copied = False  # FCopiedPatchHeader
        self.trailer_record: BackupRecord | None = None  # Ppatchhdr()->bkinfo, from the open to the end of the backup
        self.full_previous = NO_BACKUP  # bkinfoFullPrev
        self.incremental_previous = NO_BACKUP  # bkinfoIncPrev
        self.copy_previous = NO_BACKUP  # bkinfoCopyPrev
        self.differential_previous = NO_BACKUP  # bkinfoDiffPrev
        self.required_low = 0  # le_lGenMinRequired: first generation that recovery would need
        self.required_high = 0  # le_lGenMaxRequired, le_lGenMaxCommitted: the last one
        self.open_by: list[Session] = []  # sessions that have it open, one entry for each open
        self.exclusive_session: Session | None = None  # FExclusiveByAnotherSession

    @property
    def in_backup_list(self) -> bool:
        """A backup sees the database: it is attached, logged, and not attached for recovery (backup.cxx:1982)."""
        return self.attached and self.logged and not self.attached_for_recovery

    def __repr__(self) -> str:
        return f"<database {self.dbid} {self.name}: {self.last_page} pages>"
