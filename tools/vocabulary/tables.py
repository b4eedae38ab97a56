# SPDX-License-Identifier: MIT
"""Read the tables in this folder: tab-separated text with a line of column names and "#" comments above it."""

# ruff: noqa: INP001 - a folder of scripts, no package

from __future__ import annotations

from pathlib import Path

NOTHING = "-"


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of a table, each a dict from column name to text; "-" is read as the empty text."""
    text = (Path(__file__).resolve().parent / f"{name}.tsv").read_text(encoding="utf-8")
    columns, *rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return [
        {column: "" if field == NOTHING else field for column, field in zip(columns, row, strict=True)} for row in rows
    ]


def grouped(rows: list[dict[str, str]], column: str) -> dict[str, list[dict[str, str]]]:
    """Return the rows by their text in a column, in the order of their first appearance."""
    groups: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return groups
