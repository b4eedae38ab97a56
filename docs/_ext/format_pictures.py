# SPDX-License-Identifier: MIT
"""Sphinx directives that draw the file formats from the tables that the code reads and writes them by.

`{format-fields} module:Class` gives one table of a layout's fields. `{format-pages}` draws what lies where in a new database,
and `{format-page}` one of its pages, both from pages that are made while the manual is built.
"""

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from docutils import nodes
from machine_tables import table
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from esemu.formats.catalog import catalog_entries, trees
from esemu.formats.layout import Layout
from esemu.formats.nodes import walk
from esemu.formats.page import LEAF, ROOT, SPACE_TREE, Page
from esemu.world.generated import GeneratedPages

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

PAGES = 254
PAGE_SIZE = 4096


class FormatFields(SphinxDirective):
    """Write the table of a layout's fields."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        module, _, name = self.arguments[0].partition(":")
        layout = getattr(import_module(module), name, None)
        if not (isinstance(layout, type) and issubclass(layout, Layout)):
            raise ExtensionError(f"{self.arguments[0]} is no layout")
        rows = (
            [
                nodes.Text(str(field.offset)),
                nodes.Text(str(field.size)),
                nodes.literal(text=field.name),
                nodes.Text(field.kind.name),
                nodes.literal(text=field.engine_name),
            ]
            for field in layout.FIELDS
        )
        return [table(("offset", "bytes", "name", "kind", "the engine's name"), (8, 8, 30, 14, 30), rows)]


def kinds(source: GeneratedPages) -> Iterator[tuple[int, int, str]]:
    """Give the runs of pages of a database that are alike: first, last, and what they are."""

    def read(pgno: int) -> bytes:
        return bytes(source.read(pgno, 1))

    owners = {pgno: tree.name for tree in trees(list(catalog_entries(read))) for pgno, _ in walk(read, tree.root)}
    names = {tree.objid: tree.name for tree in trees(list(catalog_entries(read)))} | {1: "database"}
    run: tuple[int, int, str] | None = None
    for pgno in range(1, source.last_page + 1):
        page = Page.parse(read(pgno))
        flags = page.header.flags
        name = names.get(page.header.objid, "")
        if not flags:
            what = "never written"
        elif flags & SPACE_TREE:
            what = f"space tree of {name}"
        elif flags & ROOT:
            what = f"root of {owners.get(pgno, name)}"
        else:
            what = f"{'leaf' if flags & LEAF else 'inner page'} of {owners.get(pgno, name)}"
        if run is not None and run[2] == what:
            run = run[0], pgno, what
        else:
            if run is not None:
                yield run
            run = pgno, pgno, what
    if run is not None:
        yield run


class FormatPages(SphinxDirective):
    """Draw the pages of a new database."""

    def run(self) -> list[nodes.Node]:
        """Return a table of them."""
        rows = (
            [nodes.Text(f"{first}" if first == last else f"{first} to {last}"), nodes.Text(what)]
            for first, last, what in kinds(GeneratedPages(PAGES, PAGE_SIZE))
        )
        return [table(("pages", "what they are"), (20, 60), rows)]


class FormatPage(SphinxDirective):
    """Draw one page: what lies from which byte to which."""

    required_arguments = 1
    #: Lines that are drawn, from the first on.
    FEW: ClassVar[int] = 6

    def run(self) -> list[nodes.Node]:
        """Return the picture."""
        page = Page.parse(bytes(GeneratedPages(PAGES, PAGE_SIZE).read(int(self.arguments[0]), 1)))
        return [nodes.literal_block(text="\n".join(self.picture(page)))]

    def picture(self, page: Page) -> Iterable[str]:
        """Give the lines of the picture."""
        start = page.header.SIZE
        yield f"{0:5} +{'-' * 60}"
        yield f"      | header: objid {page.header.objid}, flags {page.header.flags:#x}, {len(page.lines)} tags, {page.header.free} bytes free"
        for number, line in sorted(enumerate(page.lines), key=lambda item: item[1].offset)[: self.FEW]:
            shown = line.data[:16].hex(" ") + (" ..." if len(line.data) > 16 else "")
            yield f"{start + line.offset:5} +{'-' * 60}"
            yield f"      | line {number}, {len(line.data)} bytes: {shown}"
        if len(page.lines) > self.FEW:
            yield "      | ..."
        yield f"{start + page.header.first_free:5} +{'-' * 60}"
        yield "      | free"
        yield f"{page.size - 4 * len(page.lines):5} +{'-' * 60}"
        yield f"      | tags, that of line {len(page.lines) - 1} first, that of line 0 last"
        yield f"{page.size:5} +{'-' * 60}"


def setup(app: "Sphinx") -> "ExtensionMetadata":
    """Register the directives."""
    app.add_directive("format-fields", FormatFields)
    app.add_directive("format-pages", FormatPages)
    app.add_directive("format-page", FormatPage)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
