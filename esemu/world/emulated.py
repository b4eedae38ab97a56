# SPDX-License-Identifier: MIT
"""The world of one emulated process: its disk, clock and event log, and how deliveries of the machine become bytes."""

from __future__ import annotations

from threading import Condition, active_count, get_ident

from esemu.vocabulary.errors import JET_errSuccess
from esemu.world.clock import Clock
from esemu.world.disk import VirtualDisk
from esemu.world.engine_logs import EngineLogs
from esemu.world.eventlog import EventLog
from esemu.world.generated import GeneratedPages
from esemu.world.pages import MadePages
from esemu.world.stored_database import HEADER_PAGES, StoredDatabase
from esemu.world.stored_header import lgpos, logtime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Final

    from esemu.world.content import Content
    from esemu.world.image import ImagePages
    from esemu.world.mounted_pages import MountedPages
    from esemu.world.mounts import HostFile
    from esemu.world.other_threads import Places
    from esemu.world.saved_set import SavedSet
    from esemu.world.waiting import Waiting

WAIT_LIMIT_S: Final = 70.0
"""How long a call waits for other threads, in seconds of the host: no freeze lasts longer (JET_paramOSSnapshotTimeout)."""


class EmulatedWorld(EngineLogs):
    """What the machine acts on, all of it in memory."""

    __slots__ = (
        "blocked",
        "clock",
        "databases",
        "disk",
        "events",
        "lock",
        "places",
        "threads",
        "wait_limit_s",
        "waiting",
    )

    def __init__(self, disk: VirtualDisk | None = None) -> None:
        EngineLogs.__init__(self)  # super() takes longer than all that it does
        self.disk = disk or VirtualDisk()
        self.clock = Clock()
        self.events = EventLog()
        self.databases = 0  # made so far: each has pages of its own
        self.lock: Condition | None = None  # made when a call first lets go of the process
        self.threads: list[Iterator[bool]] = []  # of snapshots that have timed out, and still wait for a call
        self.waiting: dict[int, Any] = {}  # thread -> the instance whose calls its term waits for, if it makes one
        self.blocked: Waiting | None = None  # made when a call first waits for a snapshot
        self.wait_limit_s = WAIT_LIMIT_S
        self.places: Places = _places() if active_count() > 1 else {}  # where the host's other threads stood

    def report(self, instance: Any, name: str, strings: tuple[str, ...], category: int = 0) -> None:
        """Write an entry to the event log."""
        where = None if instance is None else instance.name or ""
        self.events.append(name, strings, where, self.clock.now_ms, category)

    def new_database(self, instance: Any, path: str, page_size: int, pages: int) -> StoredDatabase:  # noqa: ARG002
        """Return the content of a new database file, an empty database."""
        self.databases += 1
        return StoredDatabase(GeneratedPages(pages, page_size, {}, self.databases), pages)

    def compacted(self, database: Any) -> StoredDatabase:
        """Return a new database with the tables of another one.

        It has no free pages if esemu knows what its tables are; others are copied page by page.
        """
        self.databases += 1
        made = database.pages.compacted(self.databases) if isinstance(database.pages, GeneratedPages) else None
        if made is not None:
            return StoredDatabase(made, made.last_page)
        from esemu.world.copied_pages import copy_of  # noqa: PLC0415 - few programs copy

        return StoredDatabase(copy_of(database, self.databases), database.last_page)

    def attached_database(self, instance: Any, path: str, page_size: int) -> StoredDatabase | None:  # noqa: ARG002
        """Return the database in a file: one that esemu made, or any whose bytes are those of a database."""
        content: Any = self.disk.opened(path)
        if content is None:
            return None
        if isinstance(content, StoredDatabase):
            return content if content.pages.page_size == page_size else None
        mounted = self.disk.on_host(path)
        try:
            pages = _mounted_pages(content) if mounted else _image_pages(content)
            if not pages.last_page or pages.page_size != page_size:
                return None
        except (ValueError, OSError):
            return None
        stored = StoredDatabase(pages, pages.last_page)
        if not mounted:
            self.disk.create(path, stored, overwrite=True)
        return stored

    def grow(self, database: Any, last_page: int) -> None:
        """Let the space trees of a database that esemu has made own the pages up to `last_page`."""
        if isinstance(database.pages, GeneratedPages):
            database.pages.grow(last_page)

    def saved_set(self) -> SavedSet:
        """Return what reads the files of a backup set, for a restore."""
        from esemu.world.saved_set import SavedSet  # noqa: PLC0415 - few programs restore

        return SavedSet(self.disk)

    def write_header(self, instance: Any, database: Any) -> int:
        """Write the header of a database where there are bytes to write it into: others have it when they are read.

        Who has the bytes on the host does not need them here as well, however long a trace keeps the database.
        """
        if database.read_only or not self.disk.on_host(database.name):
            return JET_errSuccess
        if isinstance(database.pages, MadePages):
            database.pages.forget()
        header = self._stored(instance, database).header().to_bytes(database.page_size)
        return self.disk.patch(database.name, 0, header * HEADER_PAGES)

    def append(self, instance: Any, path: str, delivery: Any) -> int:
        """Append what a read delivered to a file, and return the error of that."""
        piece = bytearray(delivery.size)
        self.deliver(instance, delivery, memoryview(piece))
        return self.disk.append(path, memoryview(piece).toreadonly())

    def deliver(self, instance: Any, delivery: Any, target: memoryview) -> None:
        """Copy what a read delivers into `target`, which has room for `delivery.size` bytes."""
        if delivery.file is not None:
            target[: delivery.size] = delivery.file.read(delivery.offset, delivery.size)
            return
        database = delivery.database
        if delivery.header is None and delivery.trailer is None:
            target[: delivery.size] = database.pages.read(delivery.first, delivery.last - delivery.first + 1)
            return
        size = database.page_size
        at = 0
        if delivery.header is not None:
            copy = self.header_copy(instance, database, delivery.header)
            target[:size] = copy
            target[size : HEADER_PAGES * size] = copy
            at = HEADER_PAGES * size
        count = delivery.last - delivery.first + 1
        if count > 0:
            end = at + count * size
            target[at:end] = database.pages.read(delivery.first, count)
            at = end
        if delivery.trailer is not None:
            target[at : at + size] = self.trailer(instance, delivery)

    def header_copy(self, instance: Any, database: Any, record: Any) -> bytes:
        """Return the header page that a stream begins with (backup.cxx:2325)."""
        from esemu.formats.stream import header_copy  # noqa: PLC0415 - most tests never look at bytes

        header = self._stored(instance, database).header()
        header.gen_min_required, header.gen_max_required = record.required
        header.gen_max_committed = header.gen_max_required
        if record.dbtime is not None:
            header.dbtime_dirtied = record.dbtime
        if instance.log.sequence is not None:
            from esemu.world.log_bytes import created  # noqa: PLC0415 - likewise

            header.logtime_gen_max_create = created(header.gen_max_committed)
        return header_copy(
            header,
            mark=lgpos(record.mark),
            mark_time=logtime(record.time),
            gen_low=record.low,
            page_size=database.page_size,
        )

    def trailer(self, instance: Any, delivery: Any) -> bytes:
        """Return the page that a stream ends with (backup.cxx:4627)."""
        from esemu.formats.stream import trailer  # noqa: PLC0415 - most tests never look at bytes

        record = delivery.trailer
        header = self._stored(instance, delivery.database).header()
        header.gen_min_required, header.gen_max_required = delivery.required
        header.gen_max_committed = header.gen_max_required
        return trailer(
            header,
            mark=lgpos(record.mark),
            mark_time=logtime(record.time),
            gen_low=record.low,
            gen_current=record.high,
        )

    def _stored(self, instance: Any, database: Any) -> StoredDatabase:
        """Return the file of a database, wherever it lies by now."""
        return StoredDatabase(database.pages, database.last_page, database, instance.log)

    def wait_for_calls(self, instance: Any, *, of_sessions: bool) -> None:
        """Wait until no other thread is inside a call of the instance, or of one of its sessions (jetapi.cxx:20904, 20931)."""
        if not _inside(instance, of_sessions=of_sessions):
            return
        thread = get_ident()
        self.waiting[thread] = instance
        try:
            self._condition(instance.process).wait_for(lambda: not _inside(instance, of_sessions=of_sessions))
        finally:
            del self.waiting[thread]

    def _terms(self) -> set[int]:
        """Return the threads whose term still waits for a call, and those that are disregarded."""
        return {
            thread
            for thread, instance in self.waiting.items()
            if instance is None or _inside(instance, of_sessions=instance.term_waits_for_sessions)
        }

    def waits_for_itself(self, instance: Any) -> bool:
        """Tell whether this thread is inside the instance, or in one that a thread waits for which is inside, and so on."""
        seen: set[int] = set()
        threads = set(instance.calls_inside)
        while threads:
            thread = threads.pop()
            if thread == get_ident():
                return True
            seen.add(thread)
            further = self.waiting.get(thread)
            threads |= set(further.calls_inside if further is not None else ()) - seen
        return False

    def wait(self, process: Any, rule: Any, state: Any, call: Any) -> bool:
        """Wait while another thread of the host may still end what `rule` says; return False if there is none.

        A call that waits is inside its instance, and a term waits for it before it does anything (jetapi.cxx:4565); the
        term itself is not.
        """
        instance = None if getattr(call, "waited_for_snapshot", False) else call.instance
        of_session = getattr(call, "session", None) is not None
        if instance is not None:
            self._enter(instance, of_session=of_session)
        try:
            ended = call.patient and self._blocked(process).wait(rule, state, call, self._terms)
        finally:
            if instance is not None:
                self._leave(instance, of_session=of_session)
        if ended:
            return True
        if process.snapshot_lock is call:
            process.snapshot_lock = None  # its thread gets an exception and does not come back to let go of it
            self.wake(process)
        return False

    def disregard(self, thread: int) -> None:
        """Take a thread of the host for one that will not end a wait: it waits for those who use this process."""
        self.waiting[thread] = None

    def let_go(self) -> None:
        """Have the calls that wait give up."""
        if self.blocked is not None:
            self.blocked.give_up()

    def wake(self, process: Any) -> None:  # noqa: ARG002 - the world of one process
        """Let the engine's own threads go on, and calls that wait look again: something was let go of."""
        threads, self.threads = self.threads, []  # what one of them does may wake others
        self.threads += [steps for steps in threads if any(steps)]
        if self.lock is not None:
            self.lock.notify_all()

    def run_thread(self, process: Any, steps: Iterator[bool]) -> None:
        """Let a snapshot that has timed out let go of what it holds; where it has to wait itself it goes on when it is woken."""
        with process.lock:  # not the condition: a call may be about to make that
            self.threads.append(steps)
            self.wake(process)

    def _blocked(self, process: Any) -> Waiting:
        if self.blocked is None:
            from esemu.world.waiting import Waiting  # noqa: PLC0415 - few programs have snapshots

            self.blocked = Waiting(self._condition(process), self.places, self.wait_limit_s)
        return self.blocked

    def outside(self, instance: Any, hook: Callable[[], Any]) -> Any:
        """Run `hook` without the lock of the process, so that it and other threads may call the engine meanwhile."""
        lock = self._condition(instance.process)
        self._enter(instance)
        lock.release()
        try:
            return hook()
        finally:
            lock.acquire()
            self._leave(instance)

    @staticmethod
    def _enter(instance: Any, *, of_session: bool = False) -> None:
        """Note that a call of this thread is inside an instance, while it lets go of the lock of the process."""
        instance.calls_inside += (get_ident(),)
        if of_session:
            instance.session_calls_inside += (get_ident(),)

    def _leave(self, instance: Any, *, of_session: bool = False) -> None:
        """Note that it is not any more, and let a term that waits for that look again."""
        instance.calls_inside = _without(get_ident(), instance.calls_inside)
        if of_session:
            instance.session_calls_inside = _without(get_ident(), instance.session_calls_inside)
        self._condition(instance.process).notify_all()

    def _condition(self, process: Any) -> Condition:
        if self.lock is None:
            self.lock = Condition(process.lock)
        return self.lock


def _inside(instance: Any, *, of_sessions: bool) -> tuple[int, ...]:
    """Return the threads that are inside a call of an instance, or of one of its sessions."""
    return instance.session_calls_inside if of_sessions else instance.calls_inside  # type: ignore[no-any-return]


def _without(thread: int, threads: tuple[int, ...]) -> tuple[int, ...]:
    """Return the threads without one that is among them, for once if it is so several times."""
    place = threads.index(thread)
    return threads[:place] + threads[place + 1 :]


def _places() -> Places:
    from esemu.world.other_threads import places  # noqa: PLC0415 - few programs have threads

    return places()


def _mounted_pages(file: HostFile) -> MountedPages:
    from esemu.world.mounted_pages import MountedPages  # noqa: PLC0415 - few databases are files of the host

    return MountedPages(file)


def _image_pages(content: Content) -> ImagePages:
    from esemu.world.image import ImagePages  # noqa: PLC0415 - few programs attach a file that is no database yet

    return ImagePages(content.read(0, content.size))
