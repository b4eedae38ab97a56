# SPDX-License-Identifier: MIT
"""Pages: what real ones say gives the same bytes again, and what is said of new ones is what the engine looks for."""

import pytest
from dissect.esedb.c_esedb import c_esedb
from hypothesis import given, settings, strategies as st

from esemu.formats.checksum import page_error
from esemu.formats.page import (
    LEAF,
    NEW_RECORD_FORMAT,
    ROOT,
    VERSION,
    LargePageHeader,
    Line,
    Page,
    PageHeader,
    header_class,
)
from esemu.formats.page_check import node_problem, page_problem

PAGE_SIZES = [4096, 8192, 16384, 32768]


def new_page(page_size: int, lines: list[Line]) -> Page:
    """Return a new page of a tree of one page."""
    return Page.new(page_size, lines, objid=7, flags=ROOT | LEAF, dbtime=9)


def test_the_headers_cover_every_byte() -> None:
    """The fields follow each other without gap or overlap: 40 bytes, and 40 more above 8 KiB (cpage.hxx:992)."""
    for layout, size in ((PageHeader, 40), (LargePageHeader, 80)):
        ends = [field.offset + field.size for field in layout.FIELDS]
        assert [0, *ends[:-1]] == [field.offset for field in layout.FIELDS]
        assert layout.SIZE == ends[-1] == size


@pytest.mark.untraced
def test_the_header_agrees_with_dissect(real_database) -> None:
    """dissect.esedb reads the same numbers from the same places of a real page."""
    for data in list(real_database.pages.values())[:40]:
        header, theirs = header_class(real_database.page_size).parse(data), c_esedb.PGHDR(data)
        ours = [header.dbtime, header.previous, header.next, header.objid, header.free, header.first_free, header.flags]
        names = ["dbtimeDirtied", "pgnoPrev", "pgnoNext", "objidFDP", "cbFree", "ibMicFree", "fFlags"]
        assert ours == [int(getattr(theirs, name)) for name in names]


@pytest.mark.untraced
def test_real_pages_are_rebuilt_from_what_they_say(real_database) -> None:
    """Header, lines and remains of every real page give back every byte of it, and its number the checksums."""
    for pgno, data in real_database.pages.items():
        page = Page.parse(data)
        lines = [line._replace(data=bytes(line.data)) for line in page.lines]
        values = {field.name: getattr(page.header, field.name) for field in page.header.FIELDS}
        rebuilt = Page(type(page.header)(**values), lines, page.size, page.remains)
        assert rebuilt.to_bytes() == data
        assert rebuilt.written(pgno) == data


@pytest.mark.untraced
def test_real_pages_have_no_problem(real_database) -> None:
    """Neither tags nor nodes of any real page contradict what the engine looks at."""
    for data in real_database.pages.values():
        assert page_problem(data) is None
        assert node_problem(Page.parse(data)) is None


@pytest.mark.parametrize("page_size", PAGE_SIZES)
@settings(deadline=None)
@given(
    st.lists(st.tuples(st.binary(min_size=5, max_size=40), st.integers(0, 3)), max_size=40), st.integers(1, 2**32 - 1)
)
def test_a_new_page_is_read_back(page_size: int, given_lines: list[tuple[bytes, int]], pgno: int) -> None:
    """What a page is made of is found in it again, with the flags of its lines, at every page size."""
    lines = [Line(bytes(16)), *(Line(b"\1\0" + data, flags) for data, flags in given_lines)]
    data = new_page(page_size, lines).written(pgno)
    page = Page.parse(data)
    assert [(line.data, line.flags) for line in page.lines] == [(line.data, line.flags) for line in lines]
    assert page.remains == []
    assert (len(data), page_error(data, pgno, page_size), page_problem(data)) == (page_size, 0, None)
    assert page.header.flags & ~0x2000 == ROOT | LEAF | NEW_RECORD_FORMAT
    assert (page.header.tags, page.header.reserved_tags) == (len(lines), 1)


@pytest.mark.parametrize("page_size", PAGE_SIZES)
def test_the_flags_of_a_line_lie_where_the_page_size_says(page_size: int) -> None:
    """Up to 8 KiB they are in the tag, above that in the line itself (cpage.hxx:944)."""
    data = new_page(page_size, [Line(b""), Line(b"\1\0kd", VERSION)]).to_bytes()
    start = header_class(page_size).SIZE
    if page_size <= 8192:
        assert data[start : start + 4] == b"\1\0kd"
        assert data[-8:-4] == b"\4\0\0\x20"
    else:
        assert data[start : start + 4] == b"\1\x20kd"
        assert data[-8:-4] == b"\4\0\0\0"


def test_what_does_not_fit_is_refused() -> None:
    """A page takes as many bytes as it has."""
    room = 4096 - 40 - 4
    assert new_page(4096, [Line(bytes(room))]).header.free == 0
    with pytest.raises(ValueError, match="do not fit into a page of 4096 bytes"):
        new_page(4096, [Line(bytes(room + 1))])


@pytest.mark.parametrize("size", [0, 40, 4095, 5000])
def test_other_sizes_are_no_pages(size: int) -> None:
    """A page has one of the four sizes."""
    with pytest.raises(ValueError, match=f"not {size}"):
        Page.parse(bytes(size))


def test_tags_that_point_outside_are_refused() -> None:
    """A page whose tags, or what they point at, cannot be is none."""
    data = bytearray(new_page(4096, [Line(bytes(16))]).to_bytes())
    data[-2:] = (0x1FFF).to_bytes(2, "little")
    with pytest.raises(ValueError, match="where the tags are"):
        Page.parse(data)
    data[34:36] = (0x0FFF).to_bytes(2, "little")
    with pytest.raises(ValueError, match="4095 tags do not fit"):
        Page.parse(data)


def test_a_page_shows_what_it_is() -> None:
    """The repr of a page says its size, owner and kind."""
    assert repr(new_page(4096, [Line(bytes(16))])) == "<page of 4096 bytes, objid 7, flags 0x803, 1 lines>"
