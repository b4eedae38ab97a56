# SPDX-License-Identifier: MIT
"""What the engine looks at in a page beside its checksum: whether header, tags and nodes contradict each other."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from esemu.formats.nodes import prefix
from esemu.formats.page import (
    COMPRESSED,
    EMPTY,
    FLUSH_TYPE_SHIFT,
    INDEX,
    LEAF,
    LONG_VALUE,
    NEW_RECORD_FORMAT,
    PRE_INIT,
    REPAIRED,
    SPACE_TREE,
    TAG_SIZE,
    Page,
    header_class,
    tag_format,
)

if TYPE_CHECKING:
    from esemu.formats.checksum import Buffer

# PGHDR without its checksum: dbtime, previous, next, objid, and the fields from cbFree on.
_HEADER: Final = struct.Struct("<QIIIHHHHI")
_EACH_TAG: Final = sum(1 << 32 * number for number in range(32768 // TAG_SIZE))  # bit 0 of as many as a page can have
_LEAST_LINE: Final = 4  # bytes of a node: sizes of key and data are at least one
_PRE_INIT_FLAGS: Final = PRE_INIT | NEW_RECORD_FORMAT | 0x2000 | 3 << FLUSH_TYPE_SHIFT


def page_problem(page: Buffer) -> str | None:
    """Return what is wrong with the header and the tags of a page, in a sentence; None if nothing is, or it is all zeros.

    These are the engine's rules, in its order (ErrCheckPage with CheckBasics and CheckTagsNonOverlapping,
    cpage.cxx:4645); `node_problem` has the others. The checksum is not looked at.
    """
    size = len(page)
    start = header_class(size).SIZE
    room = size - start
    _, previous, following, _, free, uncommitted, first_free, state, flags = _HEADER.unpack_from(page, 8)
    if not flags and bytes(page) == bytes(size):
        return None
    count = state & 0x0FFF
    for value, name, most in (
        (free, "free", room),
        (uncommitted, "free but uncommitted", free),
        (first_free, "used", room),
    ):
        if value > most:
            return f"{value} bytes are {name}, of {most}"
    if count >= room // TAG_SIZE or (count and room - count * TAG_SIZE - 1 < (count - 1) * _LEAST_LINE):
        return f"{count} tags are too many"
    if not count and not flags & (EMPTY | PRE_INIT):
        return "The page has no tags and does not say that it is empty"
    if flags & PRE_INIT and (
        count or flags & ~_PRE_INIT_FLAGS or not flags & NEW_RECORD_FORMAT or previous or following
    ):
        return f"A page that was never used has {count} tags, the neighbours {previous} and {following}, and flags {flags:#x}"
    if flags & INDEX and flags & LONG_VALUE:
        return f"The page is of an index and of long values (flags {flags:#x})"
    if flags & REPAIRED:
        return f"The page was repaired (flags {flags:#x})"
    return _tag_problem(page, count, (state >> 12 & 7) or 1, first_free, room - free - count * TAG_SIZE)


def _tag_problem(page: Buffer, count: int, reserved: int, first_free: int, used: int) -> str | None:
    """Return what is wrong with the tags: `used` bytes have to be in their lines."""
    form = tag_format(len(page))
    mask = form.mask
    start = len(page) - count * TAG_SIZE
    if _lines_follow_each_other(int.from_bytes(page[start:], "little"), mask, count, reserved, used):
        return None if used <= first_free else f"A line ends at byte {used}, where {first_free} are used"
    numbers = struct.unpack_from(f"<{2 * count}H", page, start)
    sizes = [number & mask for number in numbers[-2::-2]] if count else []
    places = [number & mask for number in numbers[-1::-2]] if count else []
    if 0 in sizes[reserved:]:
        return f"Line {sizes.index(0, reserved)} is empty"
    end = 0
    for place, size in sorted(zip(places, sizes, strict=True)):
        if size:
            if place < end:
                return f"Two lines overlap at byte {place}"
            end = place + size
    if end > first_free:
        return f"A line ends at byte {end}, where {first_free} are used"
    if sum(sizes) != used:
        return f"{sum(sizes)} bytes are in lines, where {used} must be"
    return None


def _lines_follow_each_other(tags: int, mask: int, count: int, reserved: int, used: int) -> bool:
    """Return whether each line begins where the one before it ends, from byte 0 to byte `used`, and no node is empty.

    So it is on most pages, and can be told of all tags at once: `tags` is the array as one integer, of which every 32 bits
    are a tag, place above size, and the first tag is the highest.
    """
    every = _EACH_TAG & (1 << 32 * count) - 1
    sizes = tags & every * mask
    places = tags >> 16 & every * mask
    ends = places + sizes
    nodes = every >> 32 * reserved  # the reserved tags are the highest
    # Adding 0xFFFF carries into bit 16 of a tag unless its size is 0.
    none_empty = (sizes + nodes * 0xFFFF) & nodes << 16 == nodes << 16
    return ends >> 32 == places and none_empty and ends & 0xFFFFFFFF == used


def node_problem(page: Page) -> str | None:
    """Return what is wrong with the nodes of a page, in a sentence; None if nothing is.

    Keys and data must lie in their lines and not be empty, and keys must ascend (CheckLineBoundedByTag and
    CheckLinesInOrder, cpage.cxx:4938-5080). The engine looks at no nodes of space trees here.
    """
    flags = page.header.flags
    if flags & SPACE_TREE:
        return None
    shared, before, last = prefix(page), b"", len(page.nodes) - 1
    for number, line in enumerate(page.nodes):
        at, common = 2, 0
        if line.flags & COMPRESSED:
            at, common = 4, int.from_bytes(line.data[:2], "little")
        size = int.from_bytes(line.data[at - 2 : at], "little")
        if common > len(shared):
            return f"Node {number} takes {common} bytes of a common key of {len(shared)}"
        if at + size >= len(line.data):
            return f"Node {number} of {len(line.data)} bytes has a key of {size} and no data"
        key = shared[:common] + line.data[at : at + size]
        if flags & LEAF or number < last:
            if not key:
                return f"Node {number} has no key"
            if key < before:
                return f"The key of node {number} is less than that of the one before it"
        before = key
    return None
