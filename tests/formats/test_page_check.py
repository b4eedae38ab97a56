# SPDX-License-Identifier: MIT
"""What the engine finds wrong with a page whose checksum is right."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from esemu.formats.nodes import Node, branch_node
from esemu.formats.page import COMPRESSED, EMPTY, INDEX, LEAF, LONG_VALUE, PRE_INIT, REPAIRED, SPACE_TREE, Line, Page
from esemu.formats.page_check import node_problem, page_problem

PAGE_SIZES = [4096, 8192, 16384, 32768]


def good_page(page_size: int, *extra: Line, flags: int = LEAF) -> Page:
    """Return a page with two nodes and what is given."""
    lines = [Line(b"abc"), Node(b"abd", b"1").line(), Node(b"abe", b"2").line(), *extra]
    return Page.new(page_size, lines, objid=7, flags=flags)


def with_header(**fields: Any) -> Callable[[Page], None]:
    """Return what changes fields of a page's header."""

    def change(page: Page) -> None:
        for name, value in fields.items():
            setattr(page.header, name, value)

    return change


def move_line(page: Page) -> None:
    """Let the last line begin in the middle of the one before."""
    page.lines[-1] = page.lines[-1]._replace(offset=page.lines[-2].offset + 1)


def empty_line(page: Page) -> None:
    """Take away the bytes of the last line."""
    page.lines[-1] = page.lines[-1]._replace(data=b"")


@pytest.mark.parametrize("page_size", PAGE_SIZES)
def test_good_pages_have_no_problem(page_size: int) -> None:
    """Pages with nodes, empty ones, ones that were never used, and zeros."""
    page = good_page(page_size)
    assert (page_problem(page.to_bytes()), node_problem(page)) == (None, None)
    assert page_problem(Page.new(page_size, [Line(b"")], flags=LEAF | EMPTY).to_bytes()) is None
    assert page_problem(Page.new(page_size, [], flags=EMPTY).to_bytes()) is None
    assert page_problem(Page.new(page_size, [], flags=PRE_INIT).to_bytes()) is None
    assert page_problem(bytes(page_size)) is None


@pytest.mark.parametrize("page_size", PAGE_SIZES)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (with_header(free=0x7FFF), "32767 bytes are free"),
        (with_header(uncommitted_free=0x7FFF), "32767 bytes are free but uncommitted"),
        (with_header(first_free=0x7FFF), "32767 bytes are used"),
        (with_header(tag_state=0x0FFF), "tags are too many|bytes are in lines|is empty"),
        (with_header(tag_state=0), "has no tags and does not say that it is empty"),
        (with_header(flags=PRE_INIT), "never used has 3 tags"),
        (with_header(flags=LEAF | INDEX | LONG_VALUE), "of an index and of long values"),
        (with_header(flags=LEAF | REPAIRED), "was repaired"),
        (with_header(first_free=3), "where 3 are used"),
        (with_header(free=17), "bytes are in lines, where"),
        (move_line, "Two lines overlap at byte 4"),
        (empty_line, "Line 2 is empty"),
    ],
)
def test_each_contradiction_is_named(page_size: int, change: Callable[[Page], None], message: str) -> None:
    """Numbers that are too large, flags that exclude each other, tags that overlap (cpage.cxx:4645)."""
    page = good_page(page_size)
    change(page)
    found = page_problem(page.to_bytes())
    if found is None:
        assert page_size == 32768  # where the header's numbers can hardly be too large
    else:
        assert re.search(message, found)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (Line(b"\5\0\1\0a1", COMPRESSED), "takes 5 bytes of a common key of 3"),
        (Line(b"\3\0abc"), "has a key of 3 and no data"),
        (Line(b"\0\0abc"), "has no key"),
        (Node(b"abc", b"3").line(), "The key of node 2 is less"),
    ],
)
def test_each_bad_node_is_named(line: Line, message: str) -> None:
    """Keys and data lie in their line, and keys ascend (cpage.cxx:4938)."""
    assert message in (node_problem(good_page(4096, line)) or "")
    assert node_problem(good_page(4096, line, flags=SPACE_TREE | LEAF)) is None


def test_the_last_node_above_a_leaf_has_no_key() -> None:
    """In a page that is no leaf the last node stands for all that is greater."""
    last = branch_node(b"", 9).line()
    assert node_problem(good_page(4096, last, flags=0)) is None
    assert node_problem(good_page(4096, last, last, flags=0)) == "Node 2 has no key"
