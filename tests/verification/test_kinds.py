# SPDX-License-Identifier: MIT
"""Each kind of backup that the engine knows gives a set that verifies, alone or on top of a full one, and whose damage is found."""

from functools import cache
from pathlib import PureWindowsPath

import pytest
from damages import SEGMENT, flip, without
from saved_sets import Client, Set, database, made_sets

import esemu
from esemu.formats.database_header import DatabaseHeader
from esemu.vocabulary.grbits import JET_bitBackupAtomic, JET_bitBackupIncremental
from esemu.vocabulary.parameters import JET_paramLogFileSize

pytestmark = pytest.mark.untraced  # it goes through very many pages

PAGE_SIZES = (4096, 32768)
PATH = r"C:\data\mail.edb"


class Server:
    """A server that goes on working between the backups that a client makes of it."""

    def __init__(self, page_size: int) -> None:
        self.engine = esemu.Engine()
        self.instance = self.engine.start(
            databases=[database(page_size, PATH, 0)], generations=3, parameters={JET_paramLogFileSize: 64}
        )
        self.client = Client(self.engine, self.instance)

    def work(self) -> None:
        """Change rows, and fill two logs."""
        self.instance.insert_rows(PATH, "Mail", [(1000 + self.instance.generation, b"new")])
        self.instance.roll_log(2)
        self.instance.checkpoint = self.instance.generation - 1

    def back_up(self, *, grbit: int = 0, truncate: bool = True) -> Set:
        """Return what a client saves, and go on working."""
        saved = self.client.back_up(grbit=grbit, truncate=truncate)
        self.work()
        return saved

    def recorded(self) -> set[str]:
        """Return which kinds of backups the header of the database remembers."""
        header = DatabaseHeader.parse(self.engine.disk.read(PATH))
        return {kind for kind in ("full", "inc", "copy", "diff") if getattr(header, f"bkinfo_{kind}_prev").gen_high}


def streamed(page_size: int) -> dict[str, tuple[Set, set[str]]]:
    """Return sets of every kind, as a streaming client saves them, and what the server remembers after each."""
    server, incremental = Server(page_size), JET_bitBackupIncremental
    copy = server.back_up(truncate=False)
    made = {"copy": (copy, server.recorded())}
    full = server.back_up()
    made["full"] = full, server.recorded()
    differential = server.back_up(grbit=incremental, truncate=False)
    made["full + differential"] = full | differential, server.recorded()
    second = server.back_up(grbit=incremental, truncate=False)
    assert differential.keys() < second.keys()  # it has all since the full one, and needs no other
    made["full + the second of two differential ones"] = full | second, server.recorded()
    made["full + differential, a copy in between"] = full | copied_between(server), server.recorded()
    last = server.back_up(grbit=incremental)
    made["full + incremental"] = full | last, server.recorded()
    following = server.back_up(grbit=incremental, truncate=False)
    assert min(following) > min(last)  # what was truncated is not there any more
    made["full + incremental + differential"] = full | last | following, server.recorded()
    return made


def copied_between(server: Server) -> Set:
    """Return a differential set behind a copy, which is no base for it."""
    server.back_up(truncate=False)
    return server.back_up(grbit=JET_bitBackupIncremental, truncate=False)


RECORDS = {
    "copy": {"copy"},
    "full": {"full", "copy"},
    "full + differential": {"full", "copy", "diff"},
    "full + the second of two differential ones": {"full", "copy", "diff"},
    "full + differential, a copy in between": {"full", "copy", "diff"},
    "full + incremental": {"full", "copy", "diff", "inc"},
    "full + incremental + differential": {"full", "copy", "diff", "inc"},
}
"""What the header remembers after each of the backups above, one after the other (backup.cxx:4207-4295)."""

made = cache(streamed)


@pytest.mark.parametrize("page_size", PAGE_SIZES)
@pytest.mark.parametrize("kind", RECORDS)
def test_each_kind_is_restorable(kind: str, page_size: int) -> None:
    """A set that a client saved is clean, whether logs were truncated or not; the server remembers which kind it was."""
    saved, recorded = made(page_size)[kind]
    verified = esemu.verify(saved)
    assert verified.restorable, str(verified)
    assert recorded == RECORDS[kind]


@pytest.mark.parametrize("kind", RECORDS)
def test_each_file_of_each_kind_counts(kind: str) -> None:
    """Any file that is missing is told, whichever backup it is of, and a database or last log that is cut or damaged, with one exception.

    Nobody knows of the last log of a backup of logs alone: the engine restores the state of the log before it.
    """
    saved = made(4096)[kind][0]
    full = esemu.verify(saved).databases[0].gen_high
    last = max(name for name in saved if name.endswith("log"))
    for name, content in saved.items():
        damaged = {"missing": without(saved, name)}
        if name in {"mail.edb", last}:
            damaged["cut"] = saved | {name: content[: len(content) // 2]}
            damaged["flipped"] = saved | {name: flip(content, 8 * SEGMENT * 4 + 999, 8 * SEGMENT * 4 + 1000)}
        if name == last and int(name[3:8], 16) > full:
            assert esemu.verify(damaged.pop("missing")).restorable
        for how, files in damaged.items():
            assert not esemu.verify(files).restorable, (name, how)


def test_logs_alone_need_their_full_backup() -> None:
    """Without it there is no database; on top of an older one a log is missing; of another server they are foreign."""
    sets = made(4096)
    full, copy = sets["full"][0], sets["copy"][0]
    second = sets["full + incremental + differential"][0]
    logs = {name: content for name, content in second.items() if name not in full}
    assert codes(logs) == ["database-missing", "database-left-out"]
    assert codes(copy | logs) == ["log-missing"]
    newest = max(logs)
    foreign = made_sets(4096).other["edb00005.log"]
    assert codes(full | logs | {newest: foreign})[-1:] == ["log-signature"]


def codes(saved: Set) -> list[str]:
    """Return what is found in a set."""
    return [finding.code for finding in esemu.verify(saved).findings]


@pytest.mark.parametrize("page_size", PAGE_SIZES)
@pytest.mark.parametrize("grbit", [0, JET_bitBackupAtomic])
def test_what_the_engine_saves_by_itself(grbit: int, page_size: int) -> None:
    """JetBackupInstance writes full sets, atomic ones too, and puts incremental ones beside them; no damage goes unseen."""
    server = Server(page_size)
    jet, instance = server.engine.jet, server.instance
    server.engine.disk.create_folder(r"C:\backup")
    jet.JetBackupInstance(instance, r"C:\backup", grbit)
    server.work()
    folder = r"C:\backup\new" if grbit else r"C:\backup"
    saved = contents(server.engine, folder)
    assert esemu.verify(saved).restorable, str(esemu.verify(saved))
    logs = sorted(name for name in saved if name.endswith("log"))
    for name in ("mail.edb", *logs):
        assert not esemu.verify(without(saved, name)).restorable
    if not grbit:
        jet.JetBackupInstance(instance, r"C:\backup", JET_bitBackupIncremental)
        more = contents(server.engine, folder)
        assert more.keys() > saved.keys()
        assert esemu.verify(more).restorable
        gap = min(name for name in more.keys() - saved.keys() if name.endswith("log"))
        assert codes(without(more, gap)) == ["log-missing"]


def contents(engine: esemu.Engine, folder: str) -> Set:
    """Return the files of a folder of the virtual disk."""
    return {PureWindowsPath(path).name: engine.disk.read(path) for path in engine.disk.files_in(folder)}


def test_a_backup_that_was_stopped() -> None:
    """Whatever a client had when the server stopped it, it is no set until the last log is read."""
    complete = Server(4096).client.back_up()
    reads = sum(-(-len(content) // CHUNK) for content in complete.values())
    for most in range(0, reads + len(complete), 3):
        saved, finished = stopped(most)
        assert esemu.verify(saved).restorable == (finished and saved == complete), most


CHUNK = 1 << 17


def stopped(most: int) -> tuple[Set, bool]:
    """Return what a client has when the server stops the backup after `most` reads, and whether it was through."""
    server = Server(4096)
    jet, instance, left = server.engine.jet, server.instance, most
    saved: Set = {}
    buffer = bytearray(CHUNK)
    jet.JetBeginExternalBackupInstance(instance, 0)
    try:
        for names in (jet.JetGetAttachInfoInstance, jet.JetGetLogInfoInstance):
            for path in names(instance):
                name = PureWindowsPath(path).name
                saved[name], file = b"", jet.JetOpenFileInstance(instance, path)
                while True:
                    if not left:
                        jet.JetStopBackupInstance(instance)
                    left -= 1
                    count = jet.JetReadFileInstance(instance, file.handle, buffer)
                    saved[name] += bytes(buffer[:count])
                    if not count:
                        break
                jet.JetCloseFileInstance(instance, file.handle)
    except esemu.JetError as error:
        assert error.name == "JET_errBackupAbortByServer"  # noqa: PT017 - the loop ends either way
    else:
        return saved, True
    return saved, False
