# SPDX-License-Identifier: MIT
"""Whatever legal way a client reads in, and whatever the server writes meanwhile, what it saves is restorable; and whatever single damage is done, it is not."""

import os
from functools import cache
from typing import NamedTuple

import pytest
from damages import DAMAGES, SEGMENT
from hypothesis import assume, given, settings, strategies as st
from rare_damages import RARE_DAMAGES
from saved_sets import PAGE_SIZES, Set, client_of_two_databases, made_sets

import esemu
from esemu.formats.checksum import SMALL_PAGE_MOST

pytestmark = pytest.mark.untraced  # it goes through very many pages

ROWS = 50
"""Of mail: enough for several pages whatever their size, and few enough for a test."""

KEPT = 10
"""Rows at the end that are never deleted."""

EXAMPLES = int(os.environ.get("ESEMU_EXAMPLES", "3"))
"""How many clients are tried at each page size; of damages three times as many."""

MOST_BYTES = 1 << 20
"""Of a buffer."""

DRAWN_READS = 8
"""Reads of a section with buffers of any size, between which the server may write; what is left then comes in large ones."""


class Section(NamedTuple):
    """A part of a file, in bytes; the last one goes on to the end."""

    name: str
    first: int
    end: int | None


class AnyClient:
    """A client that does everything in the order and with the buffers that are drawn, of a server that goes on writing.

    The engine has one file open at a time, and no database after the logs were listed; everything else is for the client.
    It may open a database again where it had left off, and read sections of several in turn (JetOpenFileSectionInstance).
    """

    def __init__(self, data: st.DataObject, page_size: int) -> None:
        self.data = data
        self.page_size = page_size
        self.client = client_of_two_databases(page_size, ROWS)
        self.saved: dict[str, dict[int, bytes]] = {}
        self.oldest, self.newest = 0, 1000  # rows of both databases that were deleted, and put in, last

    def back_up(self) -> Set:
        """Return the set."""
        jet, instance = self.client.jet, self.client.instance
        jet.JetBeginExternalBackupInstance(instance, 0)
        self.copy_databases(jet.JetGetAttachInfoInstance(instance))
        names = jet.JetGetLogInfoInstance(instance)
        for name in self.data.draw(st.permutations(names), "order"):
            self.copy(Section(name, 0, None))
        if self.data.draw(st.booleans(), "truncate"):
            jet.JetTruncateLogInstance(instance)
        jet.JetEndExternalBackupInstance(instance)
        return {name: b"".join(part for _, part in sorted(parts.items())) for name, parts in self.saved.items()}

    def copy_databases(self, names: list[str]) -> None:
        """Save the sections of all databases in any order."""
        sections = []
        for name in names:
            starts = sorted(self.data.draw(st.sets(st.integers(4, 34), max_size=3), "sections"))
            firsts = [0, *(page * self.page_size for page in starts)]
            sections += [Section(name, *ends) for ends in zip(firsts, [*firsts[1:], None], strict=True)]
        for section in self.data.draw(st.permutations(sections), "order"):
            self.copy(section)

    def copy(self, section: Section) -> None:
        """Save what the engine delivers of a section; perhaps it is begun and given up first."""
        if self.data.draw(st.booleans(), "give up"):
            self.read(section, reads=1)
        self.saved.setdefault(section.name, {})[section.first] = self.read(section)

    def read(self, section: Section, reads: int = 1_000_000) -> bytes:
        """Return what the engine delivers of a section in this many reads."""
        jet, instance, content = self.client.jet, self.client.instance, bytearray()
        if section.first:
            handle = jet.JetOpenFileSectionInstance(instance, section.name, 0, 1, section.first).handle
        else:
            handle = jet.JetOpenFileInstance(instance, section.name).handle
        for number in range(reads):
            if number < DRAWN_READS:
                self.let_the_server_write()
            pages = self.buffer_pages(section, len(content), drawn=number < DRAWN_READS)
            buffer = bytearray(self.page_size * pages)
            count = jet.JetReadFileInstance(instance, handle, buffer) if pages else 0
            content += buffer[:count]
            if not count:
                break
        jet.JetCloseFileInstance(instance, handle)
        return bytes(content)

    def buffer_pages(self, section: Section, done: int, *, drawn: bool) -> int:
        """Return how large the next buffer is: from three pages on, since the first read has both headers, to where the section ends."""
        pages = most = MOST_BYTES // self.page_size
        if drawn:
            pages = self.data.draw(st.one_of(st.integers(3, 8), st.integers(3, most)), "pages")
        if section.end is None:
            return pages
        return min(pages, (section.end - section.first - done) // self.page_size)

    def let_the_server_write(self) -> None:
        """Perhaps change a database, or go on with the next log."""
        instance = self.client.instance
        path = self.data.draw(st.sampled_from([None, None, r"C:\data\mail.edb", r"C:\data\calendar.edb"]), "written")
        if path is None:
            return
        match self.data.draw(st.sampled_from(["page", "grow", "log", "insert", "update", "delete"]), "how"):
            case "page":
                instance.write_page(path, self.data.draw(st.sampled_from(used_numbers(self.page_size)), "page"))
            case "grow":
                instance.grow(path, self.data.draw(st.integers(1, 20), "more"))
            case "log":
                instance.roll_log()
            case "insert":
                self.newest += 1
                body = b"new" * self.data.draw(st.sampled_from([10, 300, 3000]), "size")
                instance.insert_rows(path, "Mail", [(sign * self.newest, body) for sign in (-1, 1)])
            case "update":
                row = self.data.draw(st.integers(ROWS - KEPT, ROWS - 1), "row")
                instance.update_rows(path, "Mail", [(row, b"newer" * 150)])
            case "delete" if self.oldest < ROWS - KEPT - 1:
                self.oldest += 1
                instance.delete_rows(path, "Mail", [self.oldest])


@pytest.mark.parametrize("page_size", PAGE_SIZES)
@given(st.data())
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
def test_any_client_saves_a_restorable_set(page_size: int, data: st.DataObject) -> None:
    """Neither the order of files and sections, attempts that were given up, the size of a read, nor what is written meanwhile shows.

    Whatever was saved, no byte of it may be another.
    """
    saved = AnyClient(data, page_size).back_up()
    verified = esemu.verify(saved)
    assert verified.restorable, str(verified)
    name = data.draw(st.sampled_from(sorted(saved)), "file")
    content = bytearray(saved[name])
    change_a_byte(data, content)
    assert not esemu.verify(saved | {name: bytes(content)}).restorable


def test_a_database_that_grows_when_it_has_been_opened() -> None:
    """The header says what the database was when it was opened, so that newer pages are known to be newer."""
    client = client_of_two_databases(4096)
    jet, instance, saved = client.jet, client.instance, {}
    buffer = bytearray(2**21)
    jet.JetBeginExternalBackupInstance(instance, 0)
    for name in jet.JetGetAttachInfoInstance(instance):
        file = jet.JetOpenFileInstance(instance, name)
        instance.grow(name, 50)
        saved[name] = bytes(buffer[: jet.JetReadFileInstance(instance, file.handle, buffer)])
        jet.JetCloseFileInstance(instance, file.handle)
    for name in jet.JetGetLogInfoInstance(instance):
        file = jet.JetOpenFileInstance(instance, name)
        saved[name] = bytes(buffer[: jet.JetReadFileInstance(instance, file.handle, buffer)])
        jet.JetCloseFileInstance(instance, file.handle)
    jet.JetEndExternalBackupInstance(instance)
    verified = esemu.verify(saved)
    assert verified.restorable, str(verified)


@cache
def intact(page_size: int) -> Set:
    """Return a set of two databases and their logs."""
    return client_of_two_databases(page_size, ROWS).back_up()


def used_pages(content: bytes | bytearray, size: int) -> list[int]:
    """Return the indexes of the pages of a file that are not all zeros."""
    return [page for page in range(len(content) // size) if any(content[page * size : (page + 1) * size])]


@cache
def used_numbers(page_size: int) -> list[int]:
    """Return the numbers of the pages that both databases have written: space, the catalog, and rows."""
    mail, calendar = (
        used_pages(content, page_size) for name, content in intact(page_size).items() if name.endswith(".edb")
    )
    last = min(mail[-1], calendar[-1])  # one of the two is a trailer
    return [page - 1 for page in mail if 2 <= page < last and page in calendar]


FILE_DAMAGES = ["remove", "cut", "exchange", "byte"]
PAGE_DAMAGES = ["flip", "flip two", "drop", "double", "swap", "zero"]


def drawn_damage(data: st.DataObject, saved: Set, page_size: int) -> Set:
    """Return the set with one damage, which may be none by chance."""
    name = data.draw(st.sampled_from(sorted(saved)), "file")
    content = bytearray(saved[name])
    match data.draw(st.sampled_from([*FILE_DAMAGES, *PAGE_DAMAGES]), "kind"):
        case "remove":
            return {key: value for key, value in saved.items() if key != name}
        case "exchange":
            other = data.draw(st.sampled_from(sorted(saved)), "other")
            return saved | {name: saved[other], other: saved[name]}
        case "cut":
            del content[data.draw(st.integers(0, len(content) - 1), "length") :]
        case "byte":  # there is none that no checksum covers, or that would have to be zero
            change_a_byte(data, content)
        case kind:
            is_log = name.endswith(".log")
            damage_page(data, content, SEGMENT if is_log else page_size, kind, is_log=is_log)
    return saved | {name: bytes(content)}


def change_a_byte(data: st.DataObject, content: bytearray) -> None:
    """Change any byte of a file."""
    content[data.draw(st.integers(0, len(content) - 1), "at")] ^= data.draw(st.integers(1, 255), "change")


def damage_page(data: st.DataObject, content: bytearray, size: int, kind: str, *, is_log: bool) -> None:
    """Damage one page of a database, its headers and trailer among them, or one segment of a log."""
    used = used_pages(content, size)
    pages = st.sampled_from(used)
    page = data.draw(pages, "page")
    piece = slice(page * size, (page + 1) * size)
    match kind:
        case "flip" | "flip two":
            least = 1 + (kind == "flip two")
            bits = data.draw(st.lists(st.integers(0, 8 * size - 1), min_size=least, max_size=least), "bits")
            # Two bits in the same place of two dwords cancel each other in the checksum of a header.
            assume(len({bit % 32 for bit in bits}) == len(bits))
            for bit in bits:
                content[page * size + bit // 8] ^= 1 << bit % 8
        case "swap":
            other = data.draw(pages, "other page")
            other_piece = slice(other * size, (other + 1) * size)
            content[piece], content[other_piece] = content[other_piece], content[piece]
        case "double":
            content[piece.start : piece.start] = content[piece]
        case "drop":
            del content[piece]
        case "zero":
            assume(not is_log or page != used[-1])  # there is a shadow, which a log may have or not
            content[piece] = bytes(size)


@pytest.mark.parametrize("page_size", PAGE_SIZES)
@given(st.data())
@settings(max_examples=3 * EXAMPLES, deadline=None, derandomize=True)
def test_any_damage_is_found(page_size: int, data: st.DataObject) -> None:
    """One damage of any kind, to any file, anywhere, any byte of it included, and the set is not restorable as it is."""
    if data.draw(st.integers(0, 5), "of the suite") == 0:
        rare = RARE_DAMAGES if page_size > SMALL_PAGE_MOST else []  # one of them is none on small pages
        damaged, _ = data.draw(st.sampled_from([*DAMAGES, *rare]), "damage")(made_sets(page_size))
    else:
        damaged = drawn_damage(data, intact(page_size), page_size)
        assume(damaged != intact(page_size))
    assert not esemu.verify(damaged).restorable
