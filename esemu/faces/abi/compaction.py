# SPDX-License-Identifier: MIT
"""JetCompact: a database as it would be if it were made anew, without free pages, in another file (comp.cxx:1672).

The pages of a database that esemu has not made, or in which rows were changed since, are copied as they are: free ones too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.progress import JET_snpCompact, status_of
from esemu.faces.database_info import available_pages
from esemu.machine.api import SessionForm
from esemu.machine.calls import CREATE_DATABASE, DETACH_DATABASE, ENTER_SESSION, FIND_SESSION
from esemu.machine.effects.databases import close_database, complete_path, open_database
from esemu.machine.effects.jetbackup import run_inside
from esemu.machine.rules import databases as rules
from esemu.machine.shapes.databases import DatabaseCall, OpenDatabaseCall
from esemu.machine.step import Part, rule
from esemu.vocabulary import errors as err
from esemu.vocabulary.choices import STATUS
from esemu.vocabulary.grbits import (
    JET_bitDbExclusive,
    JET_bitDbReadOnly,
    JET_bitDbRecoveryOff,
    JET_bitDbVersioningOff,
)
from esemu.vocabulary.header_numbers import OTHERS

if TYPE_CHECKING:
    from esemu.faces.abi.interface import Interface
    from esemu.faces.abi.progress import Status
    from esemu.faces.abi.text import Text
    from esemu.machine.database_state import Database
    from esemu.machine.state import Instance

STATISTICS: Final = OTHERS["JET_bitCompactStats"]

CATALOG_PAGES: Final = 20
"""cpgMSOInitial: pages that are done when the new database was made (daeconst.hxx)."""

OPEN_SOURCE: Final = Part(
    "ErrDBOpenDatabase",
    complete_path,
    rules.database_path_invalid,
    rules.not_attached,
    rules.locked_by_another_session,
    rules.exclusive_and_open,
    open_database,
)
"""What is compacted is attached, and nobody has it open."""


class CompactCall(DatabaseCall):
    """JetCompact: the database, the file that is made of it, and the status callback."""

    def __init__(self, session: int, path: str | None, target: str | None, status: Status | None, grbit: int) -> None:
        super().__init__(JetCompact, session, path, grbit)
        self.target = target
        self.status = status
        self.converts = False

    def tell(self, instance: Instance, snt: str, done: int, total: int) -> int:
        """Call the status callback, if there is one, and return what it returns."""
        if (status := self.status) is None:
            return err.JET_errSuccess
        return int(instance.process.world.outside(instance, lambda: status(STATUS[snt], done, total)))


@rule(err.JET_errFeatureNotAvailable, source="comp.cxx:1688")
def converts(instance: Instance, call: CompactCall) -> bool:
    """A JET_CONVERT is given: databases of other versions are not converted any more."""
    return call.converts


def compact(instance: Instance, call: CompactCall) -> int:
    """Make the new database, tell of it, and return a JET_ERR."""
    error = call.tell(instance, "JET_sntBegin", 0, 0)
    total = 0
    if error >= 0:
        error, total = _opened(instance, call)
    told = call.tell(instance, "JET_sntFail" if error < 0 else "JET_sntComplete", total, total)
    return told if told < 0 or error >= 0 else error


def _opened(instance: Instance, call: CompactCall) -> tuple[int, int]:
    """Compact the database between opening and closing it; return a JET_ERR, and how many pages were to be copied."""
    source = _inner(call, call.path, JET_bitDbExclusive | JET_bitDbReadOnly)
    if error := run_inside(OPEN_SOURCE, instance, call, source):
        return error, 0
    call.database = next(each for each in instance.databases if each.dbid == source.result)
    try:
        return _copied(instance, call, call.database)
    finally:
        closing = OpenDatabaseCall(call.api, call.handle, source.result)
        closing.session = call.session
        close_database(instance, closing)


def _copied(instance: Instance, call: CompactCall, database: Database) -> tuple[int, int]:
    """Make the new database and detach it."""
    world: Any = instance.process.world  # of a library: one that has pages
    target = _inner(call, call.target, JET_bitDbRecoveryOff | JET_bitDbVersioningOff)
    target.file = world.compacted(database)
    if error := run_inside(CREATE_DATABASE, instance, call, target):
        return error, 0
    total = max(CATALOG_PAGES, database.last_page - available_pages(database))
    error = call.tell(instance, "JET_sntProgress", CATALOG_PAGES, total)
    error = min(error, 0) or _read(database) or call.tell(instance, "JET_sntProgress", total, total)
    call.result = target.result
    return min(error, 0) or run_inside(DETACH_DATABASE, instance, call, _inner(call, call.target)), total


def _inner(call: CompactCall, path: str | None, grbit: int = 0) -> DatabaseCall:
    made = DatabaseCall(call.api, call.handle, path, grbit)
    made.session = call.session
    return made


def _read(database: Database) -> int:
    """Return the error with which reading the database ends."""
    faults = database.faults
    error = 0 if faults is None else faults.check(1, database.last_page)
    return error or database.pages.check(1, database.last_page)


JetCompact: Final = SessionForm(
    "JetCompact", converts, rules.in_transaction, compact, shape=CompactCall, find=FIND_SESSION, gate=ENTER_SESSION
)


def compact_database(
    interface: Interface, text: Text, session: int, source: int, target: int, status: int, convert: int, grbit: int
) -> int:
    """JetCompact (jetapi.cxx:19105): the tables in memory are in the new database too."""
    if grbit & STATISTICS:
        return err.JET_errFeatureNotAvailable
    paths = interface.path(text, source), interface.path(text, target)
    call = CompactCall(session, *paths, status_of(status, JET_snpCompact, session), grbit)
    call.converts = bool(convert)
    error = interface.perform(call)
    if error >= 0 and interface.tables is not None:
        interface.tables.copied(call.database, call.result)
    return error


HANDLERS: Final[dict[str, Any]] = {"JetCompact": compact_database}
"""By the name without A and W."""
