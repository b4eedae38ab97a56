# SPDX-License-Identifier: MIT
"""Backup sets as clients save them, to be looked at and damaged: of two instances of one emulated process."""

from functools import cache
from pathlib import PureWindowsPath
from typing import NamedTuple

import esemu
from esemu.formats.database_header import DatabaseHeader
from esemu.formats.structures import Bkinfo
from esemu.vocabulary.parameters import JET_paramLogFileSize

Set = dict[str, bytes]

PAGE_SIZES = (4096, 8192, 16384, 32768)

FIRST, LAST = 3, 6
"""The generations of the logs that belong to a set."""
LOG_KIB = 64


class Client:
    """A backup client of one instance, which saves what it reads under the names that the files have."""

    def __init__(self, engine: esemu.Engine, instance: esemu.Instance, chunk: int = 1 << 17) -> None:
        self.jet = engine.jet
        self.instance = instance
        self.buffer = bytearray(chunk)

    def copy(self, name: str, saved: Set) -> None:
        """Save one file."""
        file = self.jet.JetOpenFileInstance(self.instance, name)
        content = bytearray()
        while count := self.jet.JetReadFileInstance(self.instance, file.handle, self.buffer):
            content += memoryview(self.buffer)[:count]
        self.jet.JetCloseFileInstance(self.instance, file.handle)
        assert len(content) == file.size
        saved[PureWindowsPath(name).name] = bytes(content)

    def back_up(self, *, grbit: int = 0, truncate: bool = True) -> Set:
        """Return the set of a backup: full, or with JET_bitBackupIncremental the logs alone."""
        saved: Set = {}
        self.jet.JetBeginExternalBackupInstance(self.instance, grbit)
        if not grbit:
            for name in self.jet.JetGetAttachInfoInstance(self.instance):
                self.copy(name, saved)
        for name in self.jet.JetGetLogInfoInstance(self.instance):
            self.copy(name, saved)
        if truncate:
            self.jet.JetTruncateLogInstance(self.instance)
        self.jet.JetEndExternalBackupInstance(self.instance)
        return saved


class Sets(NamedTuple):
    """What is there to damage, and to damage it with."""

    page_size: int
    #: A full backup: mail.edb and its logs.
    whole: Set
    #: A later one of the same database, and the logs of an incremental one behind it.
    later: Set
    incremental: Set
    #: A full backup of another instance: its database is called mail.edb too.
    other: Set
    #: The database as it lies on the server's disk.
    file: bytes


def database(page_size: int, path: str, number: int, rows: int = 120) -> esemu.Database:
    """Return a database with pages of a size and rows in its table of mail; those with another number have other tables."""
    mail = esemu.Numbered(rows, Body=b"So it goes. " * 70)
    tables = {"Mail": esemu.Table({"Id": "Long", "Body": "LongBinary"}, mail)}
    if number:
        people = [{"Id": key, "Name": f"Somebody {key}"} for key in range(2 * rows)]
        tables = {"People": esemu.Table({"Id": "Long", "Name": "Text"}, people)} | tables
    return esemu.Database(path, page_size=page_size, tables=tables)


@cache
def made_sets(page_size: int) -> Sets:
    """Make the sets of one page size; nobody changes them."""
    engine = esemu.Engine()
    instances = [
        engine.start(
            databases=[database(page_size, rf"C:\data{number}\mail.edb", number)],
            generations=LAST,
            checkpoint=FIRST,
            parameters={JET_paramLogFileSize: LOG_KIB},
        )
        for number in (0, 1)
    ]
    client, other = (Client(engine, instance) for instance in instances)
    whole = client.back_up()
    instances[0].roll_log(2)
    instances[0].checkpoint = instances[0].generation - 1
    later = client.back_up()
    instances[0].roll_log(2)
    return Sets(page_size, whole, later, client.back_up(grbit=1), other.back_up(), in_use(later["mail.edb"]))


def client_of_two_databases(page_size: int, rows: int = 120) -> Client:
    """Return a client of an instance with two databases, both attached for longer than the last log is old."""
    engine = esemu.Engine()
    databases = [
        database(page_size, rf"C:\data\{name}.edb", number, rows) for number, name in enumerate(("mail", "calendar"))
    ]
    instance = engine.start(databases=databases, generations=FIRST, parameters={JET_paramLogFileSize: LOG_KIB})
    instance.roll_log(2)
    return Client(engine, instance)


def in_use(streamed: bytes) -> bytes:
    """Return the database's file as it lies on the server's disk: without the mark of a backup, and without a trailer."""
    header = DatabaseHeader.parse(streamed)
    header.bkinfo_full_cur = Bkinfo()
    return header.to_bytes() * 2 + streamed[2 * header.page_size : -header.page_size]
