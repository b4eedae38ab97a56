# SPDX-License-Identifier: MIT
"""Each way in which a client can spoil a backup set, and the findings that name it, at any page size."""

from collections.abc import Callable
from typing import NamedTuple

from saved_sets import Set, Sets

from esemu.formats.checksum import set_page_checksum
from esemu.formats.page import LEAF, ROOT, PageHeader
from esemu.formats.verification.findings import Finding

SEGMENT = 4096


class Pages:
    """A saved database, to be changed page by page."""

    def __init__(self, content: bytes, size: int) -> None:
        self.bytes = bytearray(content)
        self.size = size

    def __getitem__(self, pgno: int) -> bytes:
        return bytes(self.bytes[(pgno + 1) * self.size : (pgno + 2) * self.size])

    def __setitem__(self, pgno: int, content: bytes) -> None:
        self.bytes[(pgno + 1) * self.size : (pgno + 2) * self.size] = content

    @property
    def last(self) -> int:
        """The number of the last page; behind it comes the trailer."""
        return len(self.bytes) // self.size - 3

    def leaf(self) -> int:
        """Return the number of a page that is the leaf of a tree, and no root."""
        return next(
            pgno
            for pgno in range(1, self.last)
            if PageHeader.parse(self[pgno]).flags & (LEAF | ROOT) == LEAF and PageHeader.parse(self[pgno]).tags > 1
        )


def flip(content: bytes, *bits: int) -> bytes:
    """Return bytes with some of their bits flipped."""
    flipped = bytearray(content)
    for bit in bits:
        flipped[bit // 8] ^= 1 << bit % 8
    return bytes(flipped)


class Found(NamedTuple):
    """A finding that is expected."""

    code: str
    file: str = "mail.edb"
    place: str = ""

    @classmethod
    def of(cls, finding: Finding) -> "Found":
        """Return what counts of a finding."""
        return cls(finding.code, finding.file, str(finding.place or ""))


Damage = Callable[[Sets], tuple[Set, list[Found]]]
DAMAGES: list[Damage] = []


def damage(function: Damage) -> Damage:
    """Add a damage to the suite."""
    DAMAGES.append(function)
    return function


def page_damage(change: Callable[[Pages, Sets], list[Found]]) -> Damage:
    """Add a damage of the database's pages to the suite."""

    def done(sets: Sets) -> tuple[Set, list[Found]]:
        pages = Pages(sets.whole["mail.edb"], sets.page_size)
        expected = change(pages, sets)
        return sets.whole | {"mail.edb": bytes(pages.bytes)}, expected

    done.__name__, done.__doc__ = change.__name__, change.__doc__
    return damage(done)


@page_damage
def file_truncated_in_a_page(pages: Pages, sets: Sets) -> list[Found]:
    """Cut the file within a page: it has no trailer, and lacks pages that the database owns."""
    del pages.bytes[(pages.last // 2) * sets.page_size + 1000 :]
    return [Found("database-cut"), Found("trailer-bad"), Found("owned-extents")]


@page_damage
def file_truncated_between_pages(pages: Pages, sets: Sets) -> list[Found]:
    """Cut the file behind some page: what is in the trailer's place is none."""
    del pages.bytes[(pages.last // 2) * sets.page_size :]
    return [Found("trailer-bad"), Found("owned-extents")]


@page_damage
def file_truncated_in_its_headers(pages: Pages, sets: Sets) -> list[Found]:
    """Cut the file behind the second header."""
    del pages.bytes[2 * sets.page_size :]
    return [Found("database-short")]


@page_damage
def page_dropped(pages: Pages, sets: Sets) -> list[Found]:
    """Drop a page: all behind it are one too early, and the last one that the database owns is missing."""
    pgno = pages.leaf()
    del pages.bytes[(pgno + 1) * sets.page_size : (pgno + 2) * sets.page_size]
    return [*shifted(pages, pgno), Found("owned-extents")]


@page_damage
def page_doubled(pages: Pages, sets: Sets) -> list[Found]:
    """Double a page: all behind it are one too late, and the file has one more than the database owns."""
    pgno = pages.leaf()
    pages.bytes[(pgno + 1) * sets.page_size : (pgno + 1) * sets.page_size] = pages[pgno]
    return [*shifted(pages, pgno + 1), Found("pages-not-owned")]


def shifted(pages: Pages, first: int) -> list[Found]:
    """Return the runs of pages from `first` on that are not all zeros."""
    runs: list[list[int]] = []
    for pgno in range(first, pages.last + 1):
        if any(pages[pgno]):
            if runs and runs[-1][1] == pgno - 1:
                runs[-1][1] = pgno
            else:
                runs.append([pgno, pgno])
    return [Found("page-misplaced", place=f"page {a}" if a == b else f"pages {a} to {b}") for a, b in runs]


@page_damage
def pages_swapped(pages: Pages, sets: Sets) -> list[Found]:
    """Swap two pages: both are named."""
    pages[4], pages[7] = pages[7], pages[4]
    return [Found("page-misplaced", place="page 4"), Found("page-misplaced", place="page 7")]


@page_damage
def page_zeroed(pages: Pages, sets: Sets) -> list[Found]:
    """Zero a page: it is good by itself, and the tree that lacks it tells."""
    pgno = pages.leaf()
    pages[pgno] = bytes(sets.page_size)
    return [Found("tree-zero-page", place=f"page {pgno}")]


@page_damage
def page_of_another_database(pages: Pages, sets: Sets) -> list[Found]:
    """Put in a page of another database with the same number: it belongs to another tree."""
    pgno, theirs = page_of_another_tree(pages, Pages(sets.other["mail.edb"], sets.page_size))
    pages[pgno] = theirs
    return [Found("tree-page", place=f"page {pgno}")]


def page_of_another_tree(ours: Pages, theirs: Pages) -> tuple[int, bytes]:
    """Return a page of one database that stands for another tree than that of the other, as old as that one."""
    pgno = next(
        pgno
        for pgno in range(5, min(ours.last, theirs.last))
        if any(ours[pgno])
        and any(theirs[pgno])
        and PageHeader.parse(ours[pgno]).objid != PageHeader.parse(theirs[pgno]).objid
    )
    page = bytearray(theirs[pgno])
    page[8:16] = ours[pgno][8:16]  # the dbtime: what was changed during the backup is not judged
    set_page_checksum(page, pgno)
    return pgno, bytes(page)


@page_damage
def one_bit_flipped(pages: Pages, sets: Sets) -> list[Found]:
    """Flip a bit, which the engine repairs: it is told all the same."""
    pgno = pages.leaf()
    pages[pgno] = flip(pages[pgno], 8 * 1000 + 3)
    return [Found("page-bit", place=f"page {pgno}")]


@page_damage
def one_bit_of_a_checksum_flipped(pages: Pages, sets: Sets) -> list[Found]:
    """Flip a bit of the stored checksum, which cannot be repaired."""
    pgno = pages.leaf()
    pages[pgno] = flip(pages[pgno], 8 * 3 + 7)
    return [Found("page-checksum", place=f"page {pgno}")]


@page_damage
def two_bits_flipped(pages: Pages, sets: Sets) -> list[Found]:
    """Flip two bits of one block, which cannot be repaired."""
    pgno = pages.leaf()
    pages[pgno] = flip(pages[pgno], 8 * 1000 + 3, 8 * 1000 + 4)
    return [Found("page-checksum", place=f"page {pgno}")]


@page_damage
def first_header_damaged(pages: Pages, sets: Sets) -> list[Found]:
    """Damage the first copy of the header: the engine takes the second."""
    pages[-1] = flip(pages[-1], 8 * 500)
    return [Found("header-copy")]


@page_damage
def second_header_damaged(pages: Pages, sets: Sets) -> list[Found]:
    """Zero the second copy of the header, which the engine does not need."""
    pages[0] = bytes(sets.page_size)
    return [Found("header-copy")]


@page_damage
def second_header_of_another_moment(pages: Pages, sets: Sets) -> list[Found]:
    """Put in a second copy of the header from another moment."""
    pages[0] = sets.file[: sets.page_size]
    return [Found("header-copy")]


@page_damage
def both_headers_damaged(pages: Pages, sets: Sets) -> list[Found]:
    """Damage both copies of the header: nothing else can be said of the database."""
    pages[-1], pages[0] = flip(pages[-1], 8 * 500), flip(pages[0], 8 * 500)
    return [Found("database-header")]


@page_damage
def trailer_missing(pages: Pages, sets: Sets) -> list[Found]:
    """Leave out the trailer: the last page is taken for one, and is none."""
    del pages.bytes[-sets.page_size :]
    return [Found("trailer-bad"), Found("owned-extents")]


@page_damage
def trailer_damaged(pages: Pages, sets: Sets) -> list[Found]:
    """Flip a bit of the trailer, which nobody repairs."""
    pages[pages.last + 1] = flip(pages[pages.last + 1], 8 * 100)
    return [Found("trailer-bad")]


@page_damage
def trailer_of_an_earlier_backup(pages: Pages, sets: Sets) -> list[Found]:
    """Put in the trailer of another backup: it has another mark in the log."""
    pages[pages.last + 1] = sets.later["mail.edb"][-sets.page_size :]
    return [Found("trailer-mismatch")]


@page_damage
def trailer_of_another_database(pages: Pages, sets: Sets) -> list[Found]:
    """Put in the trailer of another database: it has another signature."""
    pages[pages.last + 1] = sets.other["mail.edb"][-sets.page_size :]
    return [Found("trailer-mismatch")]


@damage
def log_missing_first(sets: Sets) -> tuple[Set, list[Found]]:
    """Leave out the first log, which the database requires."""
    saved = without(sets.whole, "edb00003.log")
    return saved, [Found("first-log-required", "mail.edb", "generation 3")]


@damage
def log_missing_in_the_middle(sets: Sets) -> tuple[Set, list[Found]]:
    """Leave out a log in the middle."""
    return without(sets.whole, "edb00004.log"), [Found("log-missing", "", "generation 4")]


@damage
def log_missing_last(sets: Sets) -> tuple[Set, list[Found]]:
    """Leave out the last log, which holds what was written while the database was read."""
    return without(sets.whole, "edb00006.log"), [Found("last-log-required", "mail.edb", "generation 6")]


@damage
def logs_missing(sets: Sets) -> tuple[Set, list[Found]]:
    """Leave out all logs."""
    saved = {name: content for name, content in sets.whole.items() if name == "mail.edb"}
    return saved, [Found("log-missing", "mail.edb", "generations 3 to 6")]


@damage
def log_of_another_signature(sets: Sets) -> tuple[Set, list[Found]]:
    """Put in a log of another log stream."""
    saved = sets.whole | {"edb00005.log": sets.other["edb00005.log"]}
    return saved, [Found("log-missing", "", "generation 5"), Found("log-signature", "edb00005.log")]


@damage
def log_cut_short(sets: Sets) -> tuple[Set, list[Found]]:
    """Cut a log within a segment: it has not the length that its header states."""
    saved = sets.whole | {"edb00005.log": sets.whole["edb00005.log"][: 5 * SEGMENT + 1]}
    return saved, [Found("log-size", "edb00005.log"), Found("chain-checksum", "edb00006.log")]


@damage
def log_cut_in_its_header(sets: Sets) -> tuple[Set, list[Found]]:
    """Cut a log within its header."""
    saved = sets.whole | {"edb00005.log": sets.whole["edb00005.log"][:1000]}
    return saved, [Found("log-header", "edb00005.log")]


@damage
def log_header_damaged(sets: Sets) -> tuple[Set, list[Found]]:
    """Flip a bit of a log's header."""
    saved = sets.whole | {"edb00005.log": flip(sets.whole["edb00005.log"], 8 * 100)}
    return saved, [Found("log-header", "edb00005.log")]


@damage
def segment_zeroed(sets: Sets) -> tuple[Set, list[Found]]:
    """Zero a segment: behind it are some in use."""
    log = bytearray(sets.whole["edb00005.log"])
    log[7 * SEGMENT : 8 * SEGMENT] = bytes(SEGMENT)
    expected = Found("log-order", "edb00005.log", f"segments 8 to {len(log) // SEGMENT - 2}")
    return sets.whole | {"edb00005.log": bytes(log)}, [expected]


@damage
def last_segments_zeroed(sets: Sets) -> tuple[Set, list[Found]]:
    """Zero the last segments of a log: it is good by itself, but the next one knows what was in it."""
    log = sets.whole["edb00005.log"]
    zeroed = log[: -5 * SEGMENT] + bytes(5 * SEGMENT)
    return sets.whole | {"edb00005.log": zeroed}, [Found("chain-checksum", "edb00006.log")]


@damage
def segment_with_one_bit_flipped(sets: Sets) -> tuple[Set, list[Found]]:
    """Flip a bit of a segment, which the engine repairs."""
    log = flip(sets.whole["edb00005.log"], 8 * (3 * SEGMENT + 99))
    return sets.whole | {"edb00005.log": log}, [Found("log-bit", "edb00005.log", "segment 3")]


@damage
def segment_with_two_bits_flipped(sets: Sets) -> tuple[Set, list[Found]]:
    """Flip two bits of a segment, which cannot be repaired."""
    log = flip(sets.whole["edb00005.log"], 8 * (3 * SEGMENT + 99), 8 * (3 * SEGMENT + 100))
    return sets.whole | {"edb00005.log": log}, [Found("log-segment", "edb00005.log", "segment 3")]


@damage
def log_renamed(sets: Sets) -> tuple[Set, list[Found]]:
    """Give a log a foreign name, under which no engine finds it."""
    saved = without(sets.whole, "edb00005.log") | {"edb5.old": sets.whole["edb00005.log"]}
    return saved, [Found("log-missing", "", "generation 5")]


@damage
def log_renamed_to_another_generation(sets: Sets) -> tuple[Set, list[Found]]:
    """Give a log the name of another generation: its header states its own."""
    saved = without(sets.whole, "edb00006.log") | {"edb00009.log": sets.whole["edb00006.log"]}
    return saved, [Found("log-missing", "", "generations 6 to 8"), Found("log-name", "edb00009.log")]


@damage
def logs_exchanged(sets: Sets) -> tuple[Set, list[Found]]:
    """Give two logs each other's name."""
    saved = dict(sets.whole)
    saved["edb00004.log"], saved["edb00005.log"] = saved["edb00005.log"], saved["edb00004.log"]
    names = ("edb00004.log", "edb00005.log", "edb00006.log")
    return saved, [*(Found("log-name", name) for name in names[:2]), *(Found("chain-time", name) for name in names)]


@damage
def logs_of_two_sets_mixed(sets: Sets) -> tuple[Set, list[Found]]:
    """Mix the logs of two instances, which have the same names."""
    saved = sets.whole | {name: sets.other[name] for name in ("edb00003.log", "edb00004.log")}
    expected = [Found("first-log-required", "mail.edb", "generations 3 to 4")]
    return saved, expected + [Found("log-signature", name) for name in ("edb00003.log", "edb00004.log")]


@damage
def database_of_another_set(sets: Sets) -> tuple[Set, list[Found]]:
    """Put the database of one instance to the logs of another."""
    return sets.whole | {"mail.edb": sets.other["mail.edb"]}, [Found("database-stream")]


@damage
def database_never_closed(sets: Sets) -> tuple[Set, list[Found]]:
    """Copy the file while the server has it open, instead of what a backup delivers."""
    return sets.whole | {"mail.edb": sets.file}, [Found("not-a-backup")]


@damage
def database_missing(sets: Sets) -> tuple[Set, list[Found]]:
    """Leave out the database, which the last log names."""
    return without(sets.whole, "mail.edb"), [Found("database-missing", ""), Found("database-left-out", "")]


@damage
def database_partial(sets: Sets) -> tuple[Set, list[Found]]:
    """Leave the database under the name that it has until it is complete."""
    saved = without(sets.whole, "mail.edb") | {"mail.edb.partial": sets.whole["mail.edb"]}
    return saved, [Found("file-partial", "mail.edb.partial")]


@damage
def incremental_alone(sets: Sets) -> tuple[Set, list[Found]]:
    """Leave out the full backup on top of which an incremental one is restored."""
    return dict(sets.incremental), [Found("database-missing", ""), Found("database-left-out", "")]


@damage
def incremental_behind_a_gap(sets: Sets) -> tuple[Set, list[Found]]:
    """Leave out the first log of an incremental backup that the full one before it has not."""
    name = min(sets.incremental.keys() - sets.later.keys())
    saved = sets.later | without(sets.incremental, name)
    return saved, [Found("log-missing", "", f"generation {int(name[3:8], 16)}")]


def without(saved: Set, name: str) -> Set:
    """Return a set that lacks a file."""
    return {key: content for key, content in saved.items() if key != name}
