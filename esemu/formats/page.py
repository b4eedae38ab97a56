# SPDX-License-Identifier: MIT
"""A database page: a header, lines of bytes that grow from it, and at the end of the page an array of tags that say where they are.

A `Page` holds everything that the bytes of a page say, also what no reader would miss, so that it gives back the same
bytes. Up to 8 KiB a tag has the flags of its line; above, they are in the line itself (cpage.hxx:860).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from esemu.formats.checksum import BLOCK_SIZE, SMALL_PAGE_MOST, set_page_checksum
from esemu.formats.layout import U16, U32, U64, Field, Layout, Raw

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from esemu.formats.checksum import Buffer

#: Values of `PageHeader.flags` (cpage.hxx:676): where in its tree the page is, ...
ROOT: Final = 0x0001
LEAF: Final = 0x0002
PARENT_OF_LEAF: Final = 0x0004
#: ... what became of it, ...
EMPTY: Final = 0x0008
REPAIRED: Final = 0x0010
PRE_INIT: Final = 0x20000
#: ... and which tree that is. A page of a primary index has none of these.
SPACE_TREE: Final = 0x0020
INDEX: Final = 0x0040
LONG_VALUE: Final = 0x0080
NON_UNIQUE_KEYS: Final = 0x0400
#: Always set, as is the flag of the new checksum, which `Page.written` sets.
NEW_RECORD_FORMAT: Final = 0x0800
#: Two bits that count the page's writes, so that a lost one is noticed: 1, 2, 3, 1 ... (cpage.hxx:713).
FLUSH_TYPE_SHIFT: Final = 15

#: Flags of a line (node.hxx:247): a node of which older versions may exist, one that is deleted, one that shares its key's beginning.
VERSION: Final = 1
DELETED: Final = 2
COMPRESSED: Final = 4

TAG_SIZE: Final = 4
_TAG_COUNT: Final = 0x0FFF  # of PGHDR.itagState; the next three bits are the number of reserved tags (cpage.hxx:1009)
_RESERVED_SHIFT: Final = 12


class PageHeader(Layout):
    """What each page begins with, PGHDR: 40 bytes (cpage.hxx:992)."""

    __slots__ = ()

    checksum = Field(0, U64, "checksum")
    dbtime = Field(8, U64, "dbtimeDirtied")
    previous = Field(16, U32, "pgnoPrev")  # neighbours of a leaf; 0 on all other pages
    next = Field(20, U32, "pgnoNext")
    objid = Field(24, U32, "objidFDP")
    free = Field(28, U16, "cbFree")
    uncommitted_free = Field(30, U16, "cbUncommittedFree")
    first_free = Field(32, U16, "ibMicFree")  # from the end of the header; all lines end before it
    tag_state = Field(34, U16, "itagState")
    flags = Field(36, U32, "fFlags")

    @property
    def tags(self) -> int:
        """How many tags the page has."""
        return self.tag_state & _TAG_COUNT

    @property
    def reserved_tags(self) -> int:
        """How many of them are no nodes: one, unless something else is said (cpage.hxx:1029)."""
        return (self.tag_state >> _RESERVED_SHIFT & 7) or 1


class LargePageHeader(PageHeader):
    """The header of pages above 8 KiB, PGHDR2: 80 bytes (cpage.hxx:1014)."""

    __slots__ = ()

    checksum_1 = Field(40, U64, "rgChecksum[0]")
    checksum_2 = Field(48, U64, "rgChecksum[1]")
    checksum_3 = Field(56, U64, "rgChecksum[2]")
    pgno = Field(64, U32, "pgno")
    reserved = Field(68, Raw(12), "rgbReserved")


class TagFormat(NamedTuple):
    """How a tag says where its line is: two 16-bit numbers, of which the first is the size and the second the place."""

    #: Which bits of both are the number (cpage.hxx:944); in small pages the others of the second are the line's flags.
    mask: int
    #: Whether the flags are in the tag, and not in the upper three bits of the line's first 16.
    has_flags: bool


SMALL_TAG: Final = TagFormat(0x1FFF, has_flags=True)
LARGE_TAG: Final = TagFormat(0x7FFF, has_flags=False)


def tag_format(page_size: int) -> TagFormat:
    """Return the format of the tags in pages of this size."""
    return SMALL_TAG if page_size <= SMALL_PAGE_MOST else LARGE_TAG


def header_class(page_size: int) -> type[PageHeader]:
    """Return the layout of the header of pages of this size."""
    return PageHeader if page_size <= SMALL_PAGE_MOST else LargePageHeader


class Line(NamedTuple):
    """What a tag of a page points at."""

    #: Its bytes, without the flags that large pages keep in them.
    data: bytes
    #: `VERSION`, `DELETED` and `COMPRESSED`; 0 for reserved tags.
    flags: int = 0
    #: Where it begins, in bytes from the end of the page header.
    offset: int = 0
    #: Bits of the tag, as a 32-bit number, that mean nothing.
    stray: int = 0


class Page:
    """All that a page says: its `header`, its `lines`, and `remains`, bytes between them that nothing refers to any more.

    Line 0 is the external header: the space header of a tree's root, the common beginning of all keys elsewhere.
    """

    __slots__ = ("header", "lines", "remains", "size")

    def __init__(
        self, header: PageHeader, lines: Sequence[Line], size: int, remains: Sequence[tuple[int, bytes]] = ()
    ) -> None:
        self.header = header
        self.lines = list(lines)
        #: Bytes in the page.
        self.size = size
        #: Pieces of what is left of older lines: where they begin, from the end of the header, and their bytes.
        self.remains = list(remains)

    @classmethod
    def parse(cls, data: Buffer) -> Self:
        """Return the page in `data`, which is as large as the page; its checksum is not looked at.

        ValueError: it has no size of a page, or tags that point out of it.
        """
        if len(data) not in BLOCK_SIZE:
            raise ValueError(f"A page has 4096, 8192, 16384 or 32768 bytes, not {len(data)}")
        data = bytes(data)
        layout = header_class(len(data))
        header = layout.parse(data)
        area_end = len(data) - header.tags * TAG_SIZE
        if area_end < layout.SIZE:
            raise ValueError(f"{header.tags} tags do not fit into a page of {len(data)} bytes")
        area = data[layout.SIZE : area_end]
        lines = list(_lines(header, area, memoryview(data)[area_end:], tag_format(len(data))))
        return cls(header, lines, len(data), _remains(area, lines))

    @classmethod
    def new(cls, page_size: int, lines: Iterable[Line], **fields: Any) -> Self:
        """Return a page with these lines one behind the other, and what follows from them in its header.

        `fields` are others of the header by their name; `flags` gets `NEW_RECORD_FORMAT` too. ValueError: they do not fit.
        """
        placed, at = [], 0
        for line in lines:
            placed.append(line._replace(offset=at))
            at += len(line.data)
        layout = header_class(page_size)
        free = page_size - layout.SIZE - at - len(placed) * TAG_SIZE
        if free < 0:
            raise ValueError(f"{len(placed)} lines of {at} bytes do not fit into a page of {page_size} bytes")
        fields["flags"] = fields.get("flags", 0) | NEW_RECORD_FORMAT
        return cls(layout(free=free, first_free=at, tag_state=len(placed), **fields), placed, page_size)

    @property
    def external_header(self) -> bytes:
        """The bytes of line 0; none if the page has no line."""
        return self.lines[0].data if self.lines else b""

    @property
    def nodes(self) -> list[Line]:
        """The lines that are nodes of the tree."""
        return self.lines[self.header.reserved_tags :]

    def to_bytes(self) -> bytes:
        """Return the bytes of the page, with the checksums that its header has."""
        page = bytearray(self.header.data).ljust(self.size, b"\0")
        start, tags = self.header.SIZE, tag_format(self.size)
        for at, piece in self.remains:
            page[start + at : start + at + len(piece)] = piece
        for number, line in enumerate(self.lines):
            at = start + line.offset
            data = line.data
            if line.flags and not tags.has_flags:
                data = bytes((data[0], data[1] | line.flags << 5)) + data[2:]
            page[at : at + len(data)] = data
            flags = line.flags << 13 if tags.has_flags else 0
            tag = (line.offset | flags) << 16 | len(data) | line.stray
            at = self.size - (number + 1) * TAG_SIZE
            page[at : at + TAG_SIZE] = tag.to_bytes(TAG_SIZE, "little")
        return bytes(page)

    def written(self, pgno: int) -> bytes:
        """Return the bytes of the page as page `pgno`, with the checksums for that."""
        if isinstance(self.header, LargePageHeader):
            self.header.pgno = pgno
        page = bytearray(self.to_bytes())
        set_page_checksum(page, pgno)
        return bytes(page)

    def __repr__(self) -> str:
        """Say what kind of page it is."""
        return f"<page of {self.size} bytes, objid {self.header.objid}, flags {self.header.flags:#x}, {len(self.lines)} lines>"


def _lines(header: PageHeader, area: bytes, tags: memoryview, form: TagFormat) -> Iterable[Line]:
    """Give the line of each tag; `area` is what lies between header and tags, which lie in reverse order."""
    for number in range(header.tags):
        at = len(tags) - (number + 1) * TAG_SIZE
        tag = int.from_bytes(tags[at : at + TAG_SIZE], "little")
        size, offset = tag & form.mask, tag >> 16 & form.mask
        data = area[offset : offset + size]
        if len(data) < size:
            raise ValueError(f"Line {number} ends {offset + size} bytes behind the header, where the tags are")
        flags = 0
        if form.has_flags:
            flags, stray = tag >> 29, tag & 0xFFFF & ~form.mask
        else:
            stray = tag & ~(form.mask << 16 | form.mask)
            if number >= header.reserved_tags and size > 1:
                flags = data[1] >> 5
                data = bytes((data[0], data[1] & 0x1F)) + data[2:]
        yield Line(data, flags, offset, stray)


def _remains(area: bytes, lines: Iterable[Line]) -> list[tuple[int, bytes]]:
    """Return the pieces of the area that are in no line and not all zeros."""
    found, at = [], 0
    for line in [*sorted(lines, key=lambda line: line.offset), Line(b"", offset=len(area))]:
        if at < line.offset and (piece := area[at : line.offset]).strip(b"\0"):
            found.append((at, piece))
        at = max(at, line.offset + len(line.data))
    return found
