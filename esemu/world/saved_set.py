# SPDX-License-Identifier: MIT
"""The files of a backup set as a restore reads them: what a log and a database say, and how a restore rewrites a header.

Whether they are good is decided where `esemu.verify` decides it, in `esemu.formats.verification`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.formats.checksum import set_header_checksum
from esemu.formats.database_header import CLEAN_SHUTDOWN, DatabaseHeader
from esemu.formats.log_environment import parse_attachments
from esemu.formats.log_verification import segment_repair
from esemu.formats.logs import SEGMENT_SIZE
from esemu.formats.structures import NEVER, Bkinfo, Lgpos
from esemu.formats.verification import checks, databases
from esemu.formats.verification.findings import Findings
from esemu.formats.verification.logs import check_log
from esemu.vocabulary.failures import NotEmulated
from esemu.world.log_bytes import changes_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from esemu.formats.verification.findings import Finding
    from esemu.world.content import Content
    from esemu.world.disk import VirtualDisk

_TRACE: Final = 22  # lrtypTrace, the only record that esemu's own logs hold
_RECORDS: Final = 40  # where they begin in a segment
_PATCHED: Final = 7  # JET_dbstateDirtyAndPatchedShutdown
_BACKUPS: Final = ("full_prev", "inc_prev", "copy_prev", "diff_prev", "full_cur", "snapshot_cur")


class SavedSet:
    """The files of sets on a disk."""

    __slots__ = ("_disk",)

    def __init__(self, disk: VirtualDisk) -> None:
        self._disk = disk

    def log(self, path: str) -> SavedLog:
        """Return what a log says."""
        return SavedLog(path, self._disk.content(path))

    def database(self, path: str) -> SavedDatabase:
        """Return what a database says."""
        return SavedDatabase(path, self._disk)


class _File:
    """A file of the disk as `esemu.formats.verification` reads one."""

    def __init__(self, path: str, content: Content) -> None:
        self.name = path
        self.read = content.read
        self.size = content.size

    def data_from(self, offset: int) -> int:
        """Return `offset`."""
        return offset

    def close(self) -> None:
        """Do nothing."""


class SavedLog:
    """A log of a set.  Raises NotEmulated for one of an engine before Windows 8."""

    def __init__(self, path: str, content: Content) -> None:
        self.path = path
        self.size = content.size
        self.name_generation = 0  # what its name says, where it is one of a set
        self._content = content
        findings = Findings(None)
        facts = check_log(_File(path, content), findings)
        for finding in findings.in_order():
            if finding.check is checks.LOG_OLD:
                raise NotEmulated(f"{path}: {finding.message}")
        bad = list(filter(_is_bad, findings.in_order()))
        #: The error of the header, and that of the segments, 0 where there is none.
        self.header_error = bad[0].error if facts is None else 0
        damaged = next((finding for finding in bad if finding.place is not None), None)
        self.segment_error = 0 if damaged is None else damaged.error
        self.bad_segment = 0 if damaged is None or damaged.place is None else damaged.place.first
        if facts is not None:
            self.generation = facts.generation
            self.sign_log = facts.sign_log
            self.created = facts.created
            self.previous_created = facts.previous_created
            self.page_size = facts.page_size
            self.stated_size = facts.segments * SEGMENT_SIZE
            self.segments_checksum = facts.segments_checksum
            self.previous_checksum = facts.previous_checksum
            self.attached = tuple(entry.path for entry in parse_attachments(facts.attachments))

    def refuse_redo(self, databases: Iterable[SavedDatabase]) -> None:
        """Raise NotEmulated if the log holds records that redo would have to act on, to bring `databases` up to date."""
        data = memoryview(bytes(self._content.read(0, self.size)))
        seen: set[bytes] = set()
        for isec in range(1, len(data) // SEGMENT_SIZE):
            stored = data[isec * SEGMENT_SIZE : (isec + 1) * SEGMENT_SIZE]
            if stored[_RECORDS:] not in seen:  # most are alike; else a bit may have flipped, which redo repairs
                seen.add((segment_repair(stored, isec) or bytes(stored))[_RECORDS:])
        for records in seen:
            newer = dict(changes_in(records))
            for database in databases:
                if newer.get(database.dbid, 0) > database.dbtime:
                    raise NotEmulated(f"redo is not emulated, and {self.path} has changes that {database.path} has not")
            if records[0] == _TRACE:
                length = int.from_bytes(records[3:5], "little")
                records = records[5 + length :]  # noqa: PLW2901 - the rest of them
            if any(records):
                raise NotEmulated(f"redo is not emulated, and {self.path} holds log records of a real engine")


class SavedDatabase:
    """A database of a set, where a restore brings it up to date."""

    def __init__(self, path: str, disk: VirtualDisk) -> None:
        self.path = path
        self._disk = disk
        findings = Findings(None)
        found = databases.opened(_File(path, disk.content(path)), findings)
        self.has_header = found is not None
        if found is None:
            return
        self._header: DatabaseHeader = found.header
        self._size = found.size
        databases.check_trailer(found, findings)
        self._trailer: Any = found.trailer
        #: The error of the trailer, 0 where there is none.
        self.trailer_problem = next(map(_error, filter(_is_bad, findings.in_order())), 0)
        header = found.header
        self.attributes = header.attributes
        self.state = header.dbstate
        self.dbid = header.dbid
        self.dbtime = header.dbtime_dirtied
        self.sign_log = header.sign_log
        self.signature = header.sign_db.to_bytes()
        self.gen_low = header.bkinfo_full_cur.gen_low
        self.gen_high = header.bkinfo_full_cur.gen_high

    @property
    def required_low(self) -> int:
        """The first generation that the database requires."""
        return self._header.gen_min_required

    @property
    def required_high(self) -> int:
        """The last one."""
        return self._header.gen_max_required

    @property
    def committed_high(self) -> int:
        """The last one with committed transactions."""
        return self._header.gen_max_committed

    @property
    def backup_range(self) -> tuple[int, int]:
        """The generations of the backup, as the trailer has them, or a header that was rewritten before."""
        if self._trailer is None:
            return self.gen_low, self.gen_high
        return self._trailer.bkinfo.gen_low, self._trailer.bkinfo.gen_high

    def end_backup_range(self, last: int) -> int:
        """Let the backup end with generation `last` in the header, and zero the trailer; return the disk's error."""
        header, backup = self._header, self._header.bkinfo_full_cur
        header.bkinfo_full_cur = backup._replace(gen_high=last)
        if last > header.gen_max_committed:
            header.logtime_gen_max_create = NEVER
            header.gen_max_committed = last
        if last > header.gen_max_required:
            header.logtime_gen_max_required = NEVER
            header.gen_max_required = last
        error = self._write()
        if not error and self._trailer is not None:
            page_size = header.page_size
            error = self._disk.patch(self.path, self._size - page_size, bytes(page_size))
        return error

    def shut_down(self) -> None:
        """Leave the database as after redo and undo: clean, requiring no log, without memory of backups (io.cxx:786)."""
        header = self._header
        if header.dbstate != _PATCHED:
            header.dbstate = CLEAN_SHUTDOWN
        header.gen_min_required = header.gen_max_required = header.gen_max_committed = 0
        header.gen_min_consistent = 0
        header.lgpos_attach = header.lgpos_detach = Lgpos()
        for name in _BACKUPS:
            setattr(header, f"bkinfo_{name}", Bkinfo())
        header.bkinfo_type_full_prev = header.bkinfo_type_inc_prev = 0
        self._write()

    def _write(self) -> int:
        page = bytearray(self._header.data).ljust(self._header.page_size, b"\0")
        set_header_checksum(page)
        return self._disk.patch(self.path, 0, bytes(page) * 2)


def _error(finding: Finding) -> int:
    return finding.error


def _is_bad(finding: Finding) -> bool:
    return not finding.accepted
