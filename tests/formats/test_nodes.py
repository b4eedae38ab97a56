# SPDX-License-Identifier: MIT
"""Nodes and trees: real ones are read and give the same lines again, and damaged ones are refused."""

import pytest
from hypothesis import given, settings, strategies as st

from esemu.formats.nodes import Node, branch_node, node, nodes, prefix, records, walk
from esemu.formats.page import COMPRESSED, LEAF, PARENT_OF_LEAF, ROOT, Line, Page


def leaf(*contents: Node, shared: bytes = b"") -> bytes:
    """Return a leaf that is no root."""
    return Page.new(4096, [Line(shared), *(each.line() for each in contents)], objid=7, flags=LEAF).to_bytes()


def parent(*contents: Node) -> bytes:
    """Return a root above leaves."""
    lines = [Line(bytes(16)), *(each.line() for each in contents)]
    return Page.new(4096, lines, objid=7, flags=ROOT | PARENT_OF_LEAF).to_bytes()


@pytest.mark.untraced
def test_real_nodes_give_their_lines_again(real_database) -> None:
    """Key, data, flags and common beginning of every real node are all that is in its line."""
    count = 0
    for data in real_database.pages.values():
        page = Page.parse(data)
        for found, line in zip(nodes(page), page.nodes, strict=True):
            made = found.line()
            assert (made.data, made.flags) == (line.data, line.flags)
            count += 1
    assert count > 200


@pytest.mark.untraced
def test_the_keys_of_real_trees_ascend(real_database) -> None:
    """A walk through the catalog gives its records in the order of their keys, from every leaf."""
    keys = [found.key for found in records(real_database.read, 4)]
    assert keys == sorted(keys)
    assert len(keys) >= 80


def test_a_walk_gives_parents_first(real_database) -> None:
    """The catalog's root comes first, then its children from left to right, each the next one's neighbour."""
    pages = list(walk(real_database.read, 4))
    assert pages[0][0] == 4
    leaves = [(pgno, page.header) for pgno, page in pages if page.header.flags & LEAF]
    numbers = [pgno for pgno, _ in leaves]
    assert [header.next for _, header in leaves] == [*numbers[1:], 0]
    assert [header.previous for _, header in leaves] == [0, *numbers[:-1]]


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=20), st.binary(min_size=1, max_size=20), st.binary(min_size=1))
def test_a_node_takes_what_its_page_shares(key: bytes, shared: bytes, data: bytes) -> None:
    """Whatever the page shares, the node is read back; it is compressed if at least three bytes are common."""
    made = node(key, data, shared)
    common = next((at for at in range(min(len(key), len(shared))) if key[at] != shared[at]), min(len(key), len(shared)))
    assert made.common == (common if common >= 3 else 0)
    assert bool(made.flags & COMPRESSED) == (common >= 3)
    page = Page.parse(leaf(made, shared=shared))
    assert prefix(page) == shared
    assert nodes(page) == [made]


def test_the_root_shares_nothing() -> None:
    """Line 0 of a root is its space header."""
    assert prefix(Page.parse(parent(branch_node(b"", 5)))) == b""
    assert prefix(Page.parse(leaf(shared=b"abc"))) == b"abc"


def test_a_page_that_is_reached_twice_ends_the_walk() -> None:
    """A tree has no loops."""
    pages = {4: parent(branch_node(b"b", 5), branch_node(b"", 5)), 5: leaf(Node(b"a", b"x"))}
    with pytest.raises(ValueError, match="Page 5 is reached twice in the tree of page 4"):
        list(walk(pages.__getitem__, 4))


def test_a_page_of_zeros_ends_the_walk() -> None:
    """A tree has no pages that were never written."""
    pages = {4: parent(branch_node(b"", 5)), 5: bytes(4096)}
    with pytest.raises(ValueError, match="Page 5 of the tree of page 4 has no lines"):
        list(walk(pages.__getitem__, 4))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (Line(b"\1"), "at least 2 bytes, not 1"),
        (Line(b"\1\0\0", COMPRESSED), "at least 4 bytes, not 3"),
        (Line(b"\3\0ab"), "A key of 0"),
        (Line(b"\2\0\1\0ab", COMPRESSED), "A key of 2"),
    ],
)
def test_a_node_that_is_longer_than_its_line_is_refused(line: Line, message: str) -> None:
    """The sizes that a node states must be those of its line, and of what the page shares."""
    page = Page.new(4096, [Line(b"k"), line], flags=LEAF)
    with pytest.raises(ValueError, match=message):
        nodes(page)
