# SPDX-License-Identifier: MIT
"""Whatever legal way a client reads in, and whatever the server writes meanwhile, what it saves is restorable; and whatever single damage is done, it is not."""

from functools import cache

import pytest
from hypothesis import assume, given, settings, strategies as st
from saved_sets import Set, client_of_two_databases

import esemu

pytestmark = pytest.mark.untraced  # it goes through very many pages

USED_PAGES = [1, 2, 3, 4, *range(31, 61)]
"""Of both databases: space, the catalog, and rows."""


class AnyClient:
    """A client that does everything in the order and with the buffers that are drawn, of a server that goes on writing."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.client = client_of_two_databases(4096)
        self.saved: Set = {}
        self.oldest, self.newest = 0, 1000  # rows of both databases that were deleted, and put in, last

    def back_up(self) -> Set:
        """Return the set."""
        jet, instance = self.client.jet, self.client.instance
        jet.JetBeginExternalBackupInstance(instance, 0)
        self.copy_all(jet.JetGetAttachInfoInstance(instance))
        self.copy_all(jet.JetGetLogInfoInstance(instance))
        if self.data.draw(st.booleans(), "truncate"):
            jet.JetTruncateLogInstance(instance)
        jet.JetEndExternalBackupInstance(instance)
        return self.saved

    def copy_all(self, names: list[str]) -> None:
        """Save files, one after the other; perhaps one is begun and given up first."""
        for name in self.data.draw(st.permutations(names), "order"):
            if self.data.draw(st.booleans(), "give up"):
                self.copy(name, reads=1)
            self.saved[name] = self.copy(name)

    def copy(self, name: str, reads: int = 1_000_000) -> bytes:
        """Return what the engine delivers of a file in this many reads."""
        jet, instance = self.client.jet, self.client.instance
        file = jet.JetOpenFileInstance(instance, name)
        content = b""
        for _ in range(reads):
            self.let_the_server_write()
            buffer = bytearray(4096 * self.data.draw(st.integers(3, 200), "pages"))
            count = jet.JetReadFileInstance(instance, file.handle, buffer)
            content += buffer[:count]
            if not count:
                break
        jet.JetCloseFileInstance(instance, file.handle)
        return content

    def let_the_server_write(self) -> None:
        """Perhaps change a database, or go on with the next log."""
        instance = self.client.instance
        path = self.data.draw(st.sampled_from([None, None, r"C:\data\mail.edb", r"C:\data\calendar.edb"]), "written")
        if path is None:
            return
        match self.data.draw(st.sampled_from(["page", "grow", "log", "insert", "update", "delete"]), "how"):
            case "page":
                instance.write_page(path, self.data.draw(st.sampled_from(USED_PAGES), "page"))
            case "grow":
                instance.grow(path, self.data.draw(st.integers(1, 50), "more"))
            case "log":
                instance.roll_log()
            case "insert":
                self.newest += 1
                body = b"new" * self.data.draw(st.sampled_from([10, 300, 3000]), "size")
                instance.insert_rows(path, "Mail", [(sign * self.newest, body) for sign in (-1, 1)])
            case "update":
                instance.update_rows(path, "Mail", [(self.data.draw(st.integers(100, 119), "row"), b"newer" * 150)])
            case "delete":
                self.oldest += 1
                instance.delete_rows(path, "Mail", [self.oldest])


@given(st.data())
@settings(max_examples=15, deadline=None, derandomize=True)
def test_any_client_saves_a_restorable_set(data: st.DataObject) -> None:
    """Neither the order of the files, attempts that were given up, the size of a read, nor what the server writes shows."""
    verified = esemu.verify(AnyClient(data).back_up())
    assert verified.restorable, str(verified)


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
def intact() -> Set:
    """Return a set of two databases and their logs."""
    return client_of_two_databases(4096).back_up()


def used_pages(content: bytes) -> list[int]:
    """Return the indexes of the pages of a file that are not all zeros."""
    return [page for page in range(len(content) // 4096) if any(content[page * 4096 : (page + 1) * 4096])]


def drawn_damage(data: st.DataObject, saved: Set) -> Set:
    """Return the set with one damage, which may be none by chance."""
    name = data.draw(st.sampled_from(sorted(saved)), "file")
    content = bytearray(saved[name])
    kind = data.draw(
        st.sampled_from(["remove", "cut", "flip", "flip two", "drop", "double", "swap", "exchange"]), "kind"
    )
    if kind == "remove":
        return {key: value for key, value in saved.items() if key != name}
    if kind == "exchange":
        other = data.draw(st.sampled_from(sorted(saved)), "other")
        return saved | {name: saved[other], other: saved[name]}
    if kind == "cut":
        return saved | {name: saved[name][: data.draw(st.integers(0, len(content) - 1), "length")]}
    page = data.draw(st.sampled_from(used_pages(saved[name])), "page")
    piece = slice(page * 4096, (page + 1) * 4096)
    if kind.startswith("flip"):
        bits = data.draw(st.lists(st.integers(0, 8 * 4096 - 1), min_size=1, max_size=1 + (kind == "flip two")), "bits")
        # Two bits in the same place of two dwords cancel each other in the checksum of a header.
        assume(len({bit % 32 for bit in bits}) == len(bits))
        for bit in bits:
            content[page * 4096 + bit // 8] ^= 1 << bit % 8
    elif kind == "swap":
        other_page = data.draw(st.sampled_from(used_pages(saved[name])), "other page")
        other_piece = slice(other_page * 4096, (other_page + 1) * 4096)
        content[piece], content[other_piece] = content[other_piece], content[piece]
    elif kind == "double":
        content[piece.start : piece.start] = content[piece]
    else:
        del content[piece]
    return saved | {name: bytes(content)}


@given(st.data())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_damage_is_found(data: st.DataObject) -> None:
    """One damage of any kind, to any file, anywhere, and the set is not restorable as it is."""
    damaged = drawn_damage(data, intact())
    assume(damaged != intact())
    assert not esemu.verify(damaged).restorable
