# SPDX-License-Identifier: MIT
"""Lines with indentation: wrapped to the width of a terminal, and left whole where something else reads them."""

from __future__ import annotations

import os
import shutil
import sys

import click


def show(text: str, indent: int = 0, *, bold: bool = False) -> None:
    """Print one line, `indent` columns from the left; its continuation on a terminal stands four columns further."""
    if sys.stdout.isatty():
        first, further = " " * indent, " " * (indent + 4)
        text = click.wrap_text(text, shutil.get_terminal_size().columns, first, further)
    else:
        text = " " * indent + text
    plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    click.echo(
        click.style(text, bold=True) if bold and not plain else text
    )  # click.echo drops the style off a terminal
