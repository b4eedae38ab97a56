# SPDX-License-Identifier: MIT
"""A database that is changed at any moment while a client saves it, as a whole or in sections of any order, is saved restorable."""

from itertools import count

import pytest
from database_reader import Reader, check_space
from saved_sets import Set, database

import esemu
from esemu.formats.nodes import nodes
from esemu.formats.page import Page
from esemu.vocabulary.parameters import JET_paramLogFileSize
from esemu.world.pages import BytesPages

pytestmark = pytest.mark.untraced  # it goes through very many pages

PATH = r"C:\data\mail.edb"
ROWS = 30
CUT = 35
"""The page that the second section begins with; rows are on both sides of it."""

ORDERS = {"whole": (0,), "head first": (0, CUT), "tail first": (CUT, 0)}
"""The pages that sections begin with, the headers for page 0, in the order in which a client reads them."""


class Server:
    """A server that changes its database in every way at one moment of a backup, and the client that makes the backup."""

    def __init__(self, page_size: int, moment: int) -> None:
        engine = esemu.Engine()
        self.page_size = page_size
        self.jet = engine.jet
        self.instance = engine.start(
            databases=[database(page_size, PATH, 0, ROWS)], generations=3, parameters={JET_paramLogFileSize: 64}
        )
        self.rows = set(range(ROWS))
        self._left = moment

    @property
    def has_changed(self) -> bool:
        """Whether the moment has come."""
        return self._left <= 0

    def moment(self) -> None:
        """Let a moment pass; if it is the one, rows come, grow and go, pages are split, and the database grows."""
        self._left -= 1
        if self._left == 0:
            new, gone = [*range(-6, 0), *range(1000, 1006)], range(1, ROWS, 5)
            self.instance.grow(PATH, 20)
            self.instance.insert_rows(PATH, "Mail", [(number, b"new" * 300) for number in new])
            self.instance.update_rows(PATH, "Mail", [(number, b"larger" * 160) for number in range(0, ROWS, 5)])
            self.instance.delete_rows(PATH, "Mail", gone)
            self.rows = self.rows - set(gone) | set(new)

    def back_up(self, order: tuple[int, ...]) -> tuple[Set, list[set[int]]]:
        """Return a full backup with sections in this order, and the rows that there were when the first began and the last ended."""
        jet, instance, sections = self.jet, self.instance, {}
        self.moment()
        jet.JetBeginExternalBackupInstance(instance, 0)
        self.moment()
        rows = [self.rows]
        for page in order:
            sections[page] = self.section(page, None if page == max(order) else CUT)
            self.moment()
        rows.append(self.rows)
        saved = {PATH: b"".join(sections[page] for page in sorted(sections))}
        for name in jet.JetGetLogInfoInstance(instance):
            self.moment()
            file, buffer = jet.JetOpenFileInstance(instance, name), bytearray(65536)
            saved[name] = bytes(buffer[: jet.JetReadFileInstance(instance, file.handle, buffer)])
            jet.JetCloseFileInstance(instance, file.handle)
        jet.JetTruncateLogInstance(instance)
        jet.JetEndExternalBackupInstance(instance)
        return saved, rows

    def section(self, first: int, end: int | None) -> bytes:
        """Return what the engine delivers from page index `first` of the file on, up to `end` or the end of the file."""
        jet, instance, size, content = self.jet, self.instance, self.page_size, bytearray()
        file = jet.JetOpenFileSectionInstance(instance, PATH, 0, 1, first * size)
        self.moment()
        while end is None or len(content) < (end - first) * size:
            pages = 20 if end is None else min(20, end - first - len(content) // size)
            buffer = bytearray(pages * size)
            read = jet.JetReadFileInstance(instance, file.handle, buffer)
            self.moment()
            if not read:
                break
            content += buffer[:read]
        jet.JetCloseFileInstance(instance, file.handle)
        return bytes(content)


@pytest.mark.parametrize(("page_size", "order"), [(4096, "whole"), (8192, "head first"), (4096, "tail first")])
def test_a_change_at_any_moment(page_size: int, order: str) -> None:
    """No moment makes a correct backup a bad one, and what was not changed meanwhile has its rows."""
    for moment in count(1):
        server = Server(page_size, moment)
        saved, rows = server.back_up(ORDERS[order])
        verified = esemu.verify(saved)
        assert verified.restorable, f"{moment}: {verified}"
        if rows[0] == rows[1]:
            reader = reader_of(saved[PATH], page_size)
            check_space(reader)
            assert {row["Id"] for row in reader.rows("Mail")} == rows[0], moment
        if not server.has_changed:
            break
    assert moment > 6


def reader_of(stream: bytes, page_size: int) -> Reader:
    """Return a reader of a saved database."""
    return Reader(BytesPages(stream[2 * page_size : -page_size], page_size))


@pytest.mark.parametrize("lost", [0, 1, -1])
def test_a_page_lost_below_a_changed_one(lost: int) -> None:
    """A page of zeros is told though what points to it was changed in the log of the backup: its neighbour was not."""
    server = Server(4096, 0)
    root = reader_of(server.back_up(ORDERS["whole"])[0][PATH], 4096).trees()["Mail"].root
    server.instance.write_page(PATH, root)
    saved, _ = server.back_up(ORDERS["whole"])
    content = bytearray(saved[PATH])
    leaves = [node.child for node in nodes(Page.parse(content[(root + 1) * 4096 : (root + 2) * 4096]))]
    pgno = leaves[lost]
    content[(pgno + 1) * 4096 : (pgno + 2) * 4096] = bytes(4096)
    found = esemu.verify(saved | {PATH: bytes(content)}).findings
    assert [(finding.code, str(finding.place)) for finding in found] == [("tree-zero-page", f"page {pgno}")]
