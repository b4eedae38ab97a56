# SPDX-License-Identifier: MIT
"""Sphinx directives that write what the table of contract checks says: of one check, or of all of them.

`{contract-check} ESB101` gives message, what is found, and source; `{contract-checks}` a table with links to the pages.
"""

from typing import TYPE_CHECKING, ClassVar

from docutils import nodes
from machine_tables import table
from sphinx import addnodes
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from esemu.testing import CHECKS, Check

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


def found(check: Check) -> str:
    """Return what a check finds: the docstring of its function."""
    return " ".join((check.find.__doc__ or "").split())


class ContractCheck(SphinxDirective):
    """Write the facts of one check."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the message, and a table of two columns."""
        check = CHECKS.get(self.arguments[0])
        if check is None:
            raise ExtensionError(f"there is no contract check {self.arguments[0]}")
        rows = [("finds", found(check)), ("name", check.name), ("source", check.source)]
        facts = table(("", ""), (12, 88), ([nodes.Text(name), nodes.Text(value)] for name, value in rows))
        return [nodes.paragraph("", "", nodes.strong(text=check.message)), facts]


class ContractChecks(SphinxDirective):
    """Write the table of all checks."""

    HEADER: ClassVar[tuple[str, ...]] = ("code", "name", "message")

    def run(self) -> list[nodes.Node]:
        """Return one table, by code."""
        rows = (
            [self.link(check), nodes.literal(text=check.name), nodes.Text(check.message)]
            for _, check in sorted(CHECKS.items())
        )
        return [table(self.HEADER, (10, 25, 65), rows)]

    def link(self, check: Check) -> nodes.Node:
        """Return a reference to the page of a check."""
        return addnodes.pending_xref(
            "",
            nodes.Text(check.code),
            refdoc=self.env.docname,
            refdomain="std",
            reftype="doc",
            reftarget=f"/{check.page}",
            refexplicit=True,
            refwarn=True,
        )


def setup(app: "Sphinx") -> "ExtensionMetadata":
    """Register the directives."""
    app.add_directive("contract-check", ContractCheck)
    app.add_directive("contract-checks", ContractChecks)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
