# SPDX-License-Identifier: MIT
"""Docstrings are plain text with `code` in it, as editors and `help()` show them: here they become reStructuredText.

What stands between backquotes is code, a backslash is a backslash, and an indented paragraph is an example.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

CODE = re.compile(r"(`[^`]+`)")
"""A piece of code in a line."""


def marked_up(lines: list[str]) -> Iterator[str]:
    """Yield the lines of a docstring as reStructuredText."""
    is_example = False
    for before, line in zip(["", *lines], lines, strict=False):
        if not line.startswith(" "):
            is_example = is_example and not line
        elif not before and not is_example:
            is_example = True
            yield from ("::", "")
        yield line if is_example else "".join(map(_piece, CODE.split(line)))


def _piece(text: str) -> str:
    return f"`{text}`" if CODE.fullmatch(text) else text.replace("\\", "\\\\").replace("*", "\\*")


def process(app: "Sphinx", what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:  # noqa: ARG001, PLR0913
    """Rewrite a docstring: what the event autodoc-process-docstring asks for."""
    lines[:] = marked_up(lines)


def setup(app: "Sphinx") -> "ExtensionMetadata":
    """Listen to autodoc."""
    app.connect("autodoc-process-docstring", process)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
