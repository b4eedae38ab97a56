# SPDX-License-Identifier: MIT
"""Reading backup files (ErrBKReadFile, ErrBKIReadPages).

A read says *what* it delivers - header copies, pages, trailer, or bytes of a log - and leaves the bytes to the caller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.machine.backup_state import DATABASES
from esemu.machine.database_state import BackupRecord
from esemu.machine.effects.backup import clean_up
from esemu.machine.effects.files import close
from esemu.machine.effects.logs import force_rollover, report
from esemu.machine.rules.files import HEADER_PAGES, log_bytes_to_read

if TYPE_CHECKING:
    from esemu.machine.backup_state import FileSlot
    from esemu.machine.database_state import Database
    from esemu.machine.shapes.backup import ReadCall
    from esemu.machine.state import Instance

RETRIES: Final = 16
"""cRetry: a read of pages is tried 17 times (backup.cxx:292)."""

BACKOFF_MS: Final = 100
"""tickBackoff: the n-th pause is n times as long, in milliseconds (backup.cxx:291)."""


class Delivery:
    """What one read of a database delivers, in this order: two header copies, pages, the trailer.

    Pages `first` to `last` are none where `last < first`; `size` counts all of it in bytes.
    """

    file = None  # a LogDelivery has one
    trailer: BackupRecord | None = None  # bkinfo of the trailer, None where this read does not get there
    required = (0, 0)  # generations that recovery would need, as the trailer has them

    def __init__(self, database: Database, header: BackupRecord | None, first: int, last: int) -> None:
        self.database = database
        self.header = header  # bkinfoFullCur of both header copies, None where this read has none
        self.first = first
        self.last = last
        pages = last - first + 1 + (HEADER_PAGES if header is not None else 0)
        self.size = pages * database.page_size


class LogDelivery:
    """What one read of a log delivers: `size` bytes of `file` from `offset`."""

    __slots__ = ("file", "offset", "size")

    def __init__(self, file: object, offset: int, size: int) -> None:
        self.file = file
        self.offset = offset
        self.size = size


def read_log(instance: Instance, call: ReadCall) -> None:
    """Deliver the next bytes of a log, or none at its end."""
    slot = instance.backup.slot
    size = log_bytes_to_read(instance, call)
    call.result = LogDelivery(slot.file, slot.offset, size)
    if size > 0:
        was_at_start = slot.offset == 0
        slot.offset += size
        if was_at_start:
            instance.changed()


def try_pages(instance: Instance, call: ReadCall) -> None:
    """Work out what this read delivers and read the pages; the error of the last attempt is left in the call."""
    slot = instance.backup.slot
    database = slot.database
    assert database is not None, call  # noqa: S101 - the rules before saw to it
    delivery = next_delivery(slot, database, call.size // database.page_size)
    if delivery is None:
        delivery = Delivery(database, None, 1, 0)
    else:
        call.read_error = _read_attempts(instance, database, delivery)
    call.result = delivery


def deliver_pages(instance: Instance, call: ReadCall) -> None:
    """Hand the pages out, with the trailer where there is room for it."""
    slot = instance.backup.slot
    delivery = call.result
    if delivery.trailer is not None:
        _make_trailer(instance, delivery.database, delivery)
    slot.offset += delivery.size
    if delivery.header is not None or delivery.trailer is not None:
        instance.changed()


def next_delivery(slot: FileSlot, database: Database, pages: int) -> Delivery | None:
    """Return what a buffer of this many pages gets next, None where everything was delivered."""
    copied = database.copied_most
    reserved = HEADER_PAGES if copied == 0 else 0
    wanted = min(pages, database.most - copied + reserved)
    room_for_trailer = wanted < pages
    if wanted == 0 and (not room_for_trailer or database.trailer_copied):
        return None
    delivery = Delivery(database, slot.header_record if reserved else None, copied + 1, copied + wanted - reserved)
    if room_for_trailer:
        delivery.trailer = database.trailer_record or BackupRecord()
    return delivery


def _read_attempts(instance: Instance, database: Database, delivery: Delivery) -> int:
    """Read the pages, again and again with ever longer pauses if need be; return the error of the last attempt."""
    first, last = delivery.first, delivery.last
    if last < first:
        return 0
    database.copied_most = last
    failures = 0
    try:
        error = (
            instance.process.world.outside(instance, lambda: _attempt(database, first, last))
            if database.faults
            else database.pages.check(first, last - first + 1)
        )
        while error and failures < RETRIES:
            failures += 1
            instance.process.world.clock.advance(failures * BACKOFF_MS)
            error = instance.process.world.outside(instance, lambda: _attempt(database, first, last))
    except BaseException:  # by what a test has put on a page: it finds the read not made
        database.copied_most = first - 1
        raise
    if error:
        database.copied_most = first - 1
    elif failures:
        _report_transient_error(instance, database, delivery, failures)
    return error


def _attempt(database: Database, first: int, last: int) -> int:
    """Read pages once; return the error, 0 where all of them could be read."""
    error = database.faults.check(first, last) if database.faults else 0
    return error or database.pages.check(first, last - first + 1)


def _report_transient_error(instance: Instance, database: Database, delivery: Delivery, failures: int) -> None:
    """Tell of a read that worked after all; the engine calls it an error in the event log (backup.cxx:354)."""
    offset = (delivery.first + HEADER_PAGES - 1) * database.page_size
    length = (delivery.last - delivery.first + 1) * database.page_size
    seconds = sum(range(1, failures + 1)) * BACKOFF_MS / 1000
    report(
        instance,
        "TRANSIENT_READ_ERROR_DETECTED_ID",
        database.name,
        f"{offset} (0x{offset:016x})",
        f"{length} (0x{length:08x})",
        str(failures),
        f"{seconds:g}",
    )


def _make_trailer(instance: Instance, database: Database, delivery: Delivery) -> None:
    """Fill in the trailer: unlike the header it knows the current generation (BKIMakeDbTrailer)."""
    backup = instance.backup
    trailer = delivery.trailer
    assert trailer is not None, delivery  # noqa: S101 - the caller looked
    trailer.low, trailer.high = backup.copy_low, instance.log.generation
    trailer.mark, trailer.time = backup.full_mark, backup.full_mark_time
    database.trailer_record = trailer
    database.trailer_copied = True
    delivery.required = (database.required_low, database.required_high)
    delivery.size += database.page_size
    force_rollover(instance)


def give_up_reading(instance: Instance, call: ReadCall, error: int) -> None:
    """A database that cannot be read is left out; a log that cannot be read ends the backup (backup.cxx:2921)."""
    slot = instance.backup.slot
    if instance.backup.phase == DATABASES:
        database = slot.database
        assert database is not None, call  # noqa: S101 - no other file is open while databases are copied
        database.in_backup = database.copied = False
        database.trailer_record = None
        report(instance, "BACKUP_ERROR_FOR_ONE_DATABASE", str(error), slot.name)
        close(instance, call)
    else:
        if slot.verifier is not None and slot.verifier.header_checksums is not None:
            _report_bad_header(instance, slot.verifier.header_checksums)
        report(instance, "BACKUP_ERROR_READ_FILE", str(error), slot.name)
        clean_up(instance, call, error)


def _report_bad_header(instance: Instance, checksums: tuple[int, int]) -> None:
    """Tell of a log with a damaged header; of damage behind that the engine says nothing here (logread.cxx:1045)."""
    stored, computed = (f"{checksum} (0x{checksum:x})" for checksum in checksums)
    name = instance.backup.slot.name
    report(instance, "LOG_CORRUPT_ID", name, "CorruptHeader", "0", "0", stored, computed, "0 (0x00000000)")
