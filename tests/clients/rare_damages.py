# SPDX-License-Identifier: MIT
"""Sets that no mistake of copying makes, but another server, another state of it, or somebody who means it; and their findings."""

from collections.abc import Callable

from damages import SEGMENT, Damage, Found, Pages, flip, without
from saved_sets import Set, Sets

from esemu.formats.checksum import PGNO_OFFSET, set_header_checksum, set_page_checksum
from esemu.formats.database_header import DatabaseHeader
from esemu.formats.logs import LogHeader
from esemu.formats.page import LEAF, PARENT_OF_LEAF, SPACE_TREE, Line, Page, PageHeader
from esemu.formats.stream import Trailer
from esemu.formats.structures import Bkinfo, Logtime

RARE_DAMAGES: list[Damage] = []


def damage(function: Damage) -> Damage:
    """Add a damage to the list."""
    RARE_DAMAGES.append(function)
    return function


def header_damage(name: str, expected: list[Found], change: Callable[[DatabaseHeader], None]) -> None:
    """Add a damage of both copies of the header, whose checksums are made to fit."""

    def done(sets: Sets) -> tuple[Set, list[Found]]:
        return sets.whole | {"mail.edb": with_header(sets.whole["mail.edb"], change)}, expected

    done.__name__ = name
    damage(done)


def with_header(stream: bytes, change: Callable[[DatabaseHeader], None]) -> bytes:
    """Return a saved database with another header."""
    header = DatabaseHeader.parse(stream)
    change(header)
    size = header.page_size
    return header.to_bytes(size) * 2 + stream[2 * size :]


def setting(name: str, value: object) -> Callable[[DatabaseHeader], None]:
    """Return a function that sets a field of a header."""
    return lambda header: setattr(header, name, value)


header_damage("version_too_old", [Found("database-version")], setting("version", 0x500))
header_damage("no_magic", [Found("database-version")], setting("magic", 5))
header_damage("attribute", [Found("database-kind")], setting("attributes", 1))
header_damage("file_type", [Found("database-kind")], setting("filetype", 5))
header_damage("reseed", [Found("database-reseed")], setting("dbstate", 6))
header_damage("revert", [Found("database-revert")], setting("dbstate", 8))
header_damage("converting", [Found("database-state")], setting("dbstate", 4))
header_damage("just_created", [Found("database-created")], setting("dbstate", 1))
header_damage("requires_earlier_logs", [Found("header-generations")], setting("gen_min_required", 2))


def restore_done(header: DatabaseHeader) -> None:
    """Put the last generation into the header, as a restore does."""
    header.bkinfo_full_cur = header.bkinfo_full_cur._replace(gen_high=6)


header_damage("restored_already", [Found("restored-already")], restore_done)


def requires_none_but_log_4(header: DatabaseHeader) -> None:
    """Require and commit one log in the middle."""
    header.gen_min_required = header.gen_max_required = header.gen_max_committed = 4


@damage
def first_log_that_is_not_required(sets: Sets) -> tuple[Set, list[Found]]:
    """Leave out a first log that the database does not require."""
    saved = sets.whole | {"mail.edb": with_header(sets.whole["mail.edb"], requires_none_but_log_4)}
    return without(saved, "edb00003.log"), [Found("first-log-missing", "mail.edb", "generation 3")]


@damage
def last_log_that_is_not_required(sets: Sets) -> tuple[Set, list[Found]]:
    """Leave out a last log that the database does not require: the engine says nothing."""
    saved = sets.whole | {"mail.edb": with_header(sets.whole["mail.edb"], requires_none_but_log_4)}
    return without(saved, "edb00006.log"), [Found("last-log-missing", "mail.edb", "generation 6")]


@damage
def last_log_that_is_committed(sets: Sets) -> tuple[Set, list[Found]]:
    """Leave out a last log that the database does not require, but in which it has committed transactions."""
    changed = with_header(sets.whole["mail.edb"], requires_none_but_log_4)
    changed = with_header(changed, setting("gen_max_committed", 6))
    saved = sets.whole | {"mail.edb": changed}
    return without(saved, "edb00006.log"), [Found("last-log-committed", "mail.edb", "generation 6")]


def trailer_damage(name: str, found: Found, **fields: object) -> None:
    """Add a damage of the trailer, whose checksum is made to fit."""

    def done(sets: Sets) -> tuple[Set, list[Found]]:
        stream, size = sets.whole["mail.edb"], sets.page_size
        trailer = Trailer.parse(stream[-size:])
        for field, value in fields.items():
            setattr(trailer, field, value)
        page = bytearray(trailer.data.ljust(size, b"\0"))
        set_header_checksum(page)
        return sets.whole | {"mail.edb": stream[:-size] + bytes(page)}, [found]

    done.__name__ = name
    damage(done)


trailer_damage("trailer_generations", Found("trailer-generations"), gen_min_required=5, gen_max_required=4)


@damage
def trailer_without_an_end(sets: Sets) -> tuple[Set, list[Found]]:
    """Say in the trailer that the backup has no last log."""
    stream, size = sets.whole["mail.edb"], sets.page_size
    trailer = Trailer.parse(stream[-size:])
    trailer.bkinfo = Bkinfo(trailer.bkinfo.mark, trailer.bkinfo.mark_time, trailer.bkinfo.gen_low, 0)
    page = bytearray(trailer.data.ljust(size, b"\0"))
    set_header_checksum(page)
    return sets.whole | {"mail.edb": stream[:-size] + bytes(page)}, [Found("trailer-mismatch")]


def page_damage(function: Callable[[Pages], list[Found]]) -> None:
    """Add a damage of the database's pages."""

    def done(sets: Sets) -> tuple[Set, list[Found]]:
        pages = Pages(sets.whole["mail.edb"], sets.page_size)
        expected = function(pages)
        return sets.whole | {"mail.edb": bytes(pages.bytes)}, expected

    done.__name__ = function.__name__
    damage(done)


def rewrite(pages: Pages, pgno: int, **fields: object) -> None:
    """Change fields of a page's header and make its checksum fit."""
    page = bytearray(pages[pgno])
    header = PageHeader.parse(page)
    for name, value in fields.items():
        setattr(header, name, value)
    page[: PageHeader.SIZE] = header.data
    set_page_checksum(page, pgno)
    pages[pgno] = bytes(page)


@page_damage
def more_free_than_there_is(pages: Pages) -> list[Found]:
    """Say on a page that more of it is free than it has."""
    pgno = pages.leaf()
    rewrite(pages, pgno, free=pages.size)
    return [Found("page-content", place=f"page {pgno}")]


@page_damage
def leaf_linked_to_itself(pages: Pages) -> list[Found]:
    """Link a leaf to itself: its neighbour to the right does not think so."""
    pgno = next(number for number in range(1, pages.last) if PageHeader.parse(pages[number]).next)
    right = PageHeader.parse(pages[pgno]).next
    rewrite(pages, pgno, next=pgno)
    return [Found("tree-link", place=f"page {right}")]


@page_damage
def page_of_another_object(pages: Pages) -> list[Found]:
    """Say on a page that it belongs to another tree."""
    pgno = pages.leaf()
    rewrite(pages, pgno, objid=999)
    return [Found("tree-page", place=f"page {pgno}")]


@page_damage
def another_number_on_a_large_page(pages: Pages) -> list[Found]:
    """Say on a page above 8 KiB that it has another number."""
    pgno = pages.leaf()
    page = bytearray(pages[pgno])
    page[PGNO_OFFSET : PGNO_OFFSET + 4] = (pgno + 1).to_bytes(4, "little")
    set_page_checksum(page, pgno)
    pages[pgno] = bytes(page)
    return [Found("page-number", place=f"page {pgno}")]


@page_damage
def record_that_is_none(pages: Pages) -> list[Found]:
    """Damage a record of the catalog."""
    pgno = next(
        number
        for number in range(4, pages.last)
        if (header := PageHeader.parse(pages[number])).objid == 2 and header.flags & (LEAF | SPACE_TREE) == LEAF
    )
    page = Page.parse(pages[pgno])
    page.lines[1] = page.lines[1]._replace(data=page.lines[1].data[:-40] + b"\xff" * 40)
    pages[pgno] = page.written(pgno)
    return [Found("catalog")]


def rewrite_line(pages: Pages, pgno: int, number: int, change: Callable[[bytes], bytes]) -> None:
    """Change the bytes of a line of a page, not their number, and make its checksum fit."""
    page = Page.parse(pages[pgno])
    page.lines[number] = page.lines[number]._replace(data=change(page.lines[number].data))
    pages[pgno] = page.written(pgno)


def parent_of_leaves(pages: Pages) -> int:
    """Return the number of a page that has leaves below it, and is of no space tree."""
    return next(
        number
        for number in range(1, pages.last)
        if PageHeader.parse(pages[number]).flags & (PARENT_OF_LEAF | SPACE_TREE) == PARENT_OF_LEAF
    )


@page_damage
def owned_extents_zeroed(pages: Pages) -> list[Found]:
    """Zero the page that says what the database owns."""
    pages[2] = bytes(pages.size)
    return [Found("owned-extents")]


@page_damage
def owned_extents_with_a_gap(pages: Pages) -> list[Found]:
    """Say that the database does not own its first page."""
    rewrite_line(pages, 2, 1, lambda line: line[:-4] + (int.from_bytes(line[-4:], "little") - 1).to_bytes(4, "little"))
    return [Found("owned-extents")]


@page_damage
def child_outside_of_the_file(pages: Pages) -> list[Found]:
    """Let a page point to one that the file has not."""
    pgno = parent_of_leaves(pages)
    rewrite_line(pages, pgno, 1, lambda line: line[:-4] + (pages.last + 1).to_bytes(4, "little"))
    return [Found("tree-page", place=f"page {pgno}")]


@page_damage
def child_of_itself(pages: Pages) -> list[Found]:
    """Let a page point to itself, so that whoever follows it never ends."""
    pgno = parent_of_leaves(pages)
    rewrite_line(pages, pgno, 1, lambda line: line[:-4] + pgno.to_bytes(4, "little"))
    return [Found("tree-page", place=f"page {pgno}")]


@page_damage
def key_longer_than_its_node(pages: Pages) -> list[Found]:
    """Say that a node of an inner page has a key longer than itself."""
    pgno = parent_of_leaves(pages)
    rewrite_line(pages, pgno, 1, lambda line: b"\xff\x1f" + line[2:])
    return [Found("tree-page", place=f"page {pgno}")]


@page_damage
def leaf_without_nodes(pages: Pages) -> list[Found]:
    """Take all nodes from a leaf."""
    pgno = pages.leaf()
    page = Page.parse(pages[pgno])
    header = page.header
    links = {"previous": header.previous, "next": header.next, "objid": header.objid, "flags": header.flags}
    pages[pgno] = Page.new(pages.size, page.lines[:1], dbtime=header.dbtime, **links).written(pgno)
    return [Found("tree-page", place=f"page {pgno}")]


@page_damage
def root_without_space_header(pages: Pages) -> list[Found]:
    """Take the space header from the root of a tree."""
    pgno = parent_of_leaves(pages)
    page = Page.parse(pages[pgno])
    header = page.header
    lines = [Line(b""), *page.lines[1:]]
    fields = {"objid": header.objid, "flags": header.flags, "dbtime": header.dbtime}
    pages[pgno] = Page.new(pages.size, lines, **fields).written(pgno)
    return [Found("tree-page", place=f"page {pgno}")]


def log_damage(name: str, expected: list[Found], **fields: object) -> None:
    """Add a damage of the header of the last log, whose checksum is made to fit."""

    def done(sets: Sets) -> tuple[Set, list[Found]]:
        return sets.whole | {"edb00006.log": with_log_header(sets.whole["edb00006.log"], **fields)}, expected

    done.__name__ = name
    damage(done)


def with_log_header(log: bytes, **fields: object) -> bytes:
    """Return a log with another header."""
    header = LogHeader.parse(log)
    for name, value in fields.items():
        setattr(header, name, value)
    return header.to_bytes() + log[SEGMENT:]


LAST_LOG = "edb00006.log"
log_damage("log_file_type", [Found("log-kind", LAST_LOG)], filetype=1)
log_damage("log_of_the_future", [Found("log-version", LAST_LOG)], major=9)
log_damage("log_of_a_later_update", [Found("log-version", LAST_LOG)], update_major=131)
log_damage("log_from_before_windows_8", [Found("log-old", LAST_LOG)], major=7, minor=3704)
log_damage("log_with_other_segments", [Found("log-geometry", LAST_LOG)], segment_size=512)
log_damage("log_of_another_time", [Found("chain-time", LAST_LOG)], previous_created=Logtime(1, 2, 3, 4, 5, 125))
log_damage("log_after_other_contents", [Found("chain-checksum", LAST_LOG)], previous_segments_checksum=5)
log_damage("log_created_at_another_time", [Found("log-time", "mail.edb", "generation 6")], created=Logtime(1))


@damage
def logs_of_another_page_size(sets: Sets) -> tuple[Set, list[Found]]:
    """Say in the logs that pages have another size."""
    logs = {name: with_log_header(log, page_size=2048) for name, log in sets.whole.items() if name != "mail.edb"}
    return sets.whole | logs, [Found("log-page-size")]


@damage
def log_in_two_versions(sets: Sets) -> tuple[Set, list[Found]]:
    """Put a log into a second folder, with another flag in its header."""
    other = with_log_header(sets.whole["edb00004.log"], flags=4, dbms_param=LogHeader().dbms_param, segments=16)
    changed = bytearray(other)
    changed[5 * SEGMENT : 6 * SEGMENT] = bytes(SEGMENT)
    changed[6 * SEGMENT :] = bytes(len(changed) - 6 * SEGMENT)
    return sets.whole | {"old/edb00004.log": bytes(changed)}, [
        Found("log-twice", "old/edb00004.log"),
        Found("chain-checksum", "edb00005.log"),
    ]


@damage
def segment_torn(sets: Sets) -> tuple[Set, list[Found]]:
    """Damage the last segment in use, whose shadow is good."""
    return with_two_bits_flipped(sets, 2, "log-torn")


@damage
def shadow_damaged(sets: Sets) -> tuple[Set, list[Found]]:
    """Damage the last slot of a log, where a shadow is."""
    return with_two_bits_flipped(sets, 1, "log-shadow")


def with_two_bits_flipped(sets: Sets, from_the_end: int, code: str) -> tuple[Set, list[Found]]:
    """Return the set with two bits of one of the last segments of the last log flipped."""
    log = sets.whole[LAST_LOG]
    isec = len(log) // SEGMENT - from_the_end
    bit = 8 * (isec * SEGMENT + 100)
    return sets.whole | {LAST_LOG: flip(log, bit, bit + 1)}, [Found(code, LAST_LOG, f"segment {isec}")]


@damage
def segment_zeroed_before_its_shadow(sets: Sets) -> tuple[Set, list[Found]]:
    """Zero the last segment in use: its shadow is still there."""
    log = bytearray(sets.whole[LAST_LOG])
    last = len(log) // SEGMENT - 2
    log[last * SEGMENT : (last + 1) * SEGMENT] = bytes(SEGMENT)
    return sets.whole | {LAST_LOG: bytes(log)}, [Found("log-shadow", LAST_LOG, f"segment {last + 1}")]


@damage
def segment_of_a_later_log(sets: Sets) -> tuple[Set, list[Found]]:
    """Put in a segment of the log behind, which has the same place in it."""
    log = bytearray(sets.whole["edb00005.log"])
    log[3 * SEGMENT : 4 * SEGMENT] = sets.whole[LAST_LOG][3 * SEGMENT : 4 * SEGMENT]
    return sets.whole | {"edb00005.log": bytes(log)}, [Found("log-order", "edb00005.log", "segment 3")]


@damage
def databases_under_each_others_name(sets: Sets) -> tuple[Set, list[Found]]:
    """Put another database of the log stream in the place of one."""
    stranger = with_header(
        sets.later["mail.edb"], setting("sign_db", DatabaseHeader.parse(sets.other["mail.edb"]).sign_db)
    )
    trailer = Trailer.parse(stranger[-sets.page_size :])
    trailer.sign_db = DatabaseHeader.parse(stranger).sign_db
    page = bytearray(trailer.data.ljust(sets.page_size, b"\0"))
    set_header_checksum(page)
    return sets.later | {"mail.edb": stranger[: -sets.page_size] + bytes(page)}, [Found("database-name")]
