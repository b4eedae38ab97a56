# SPDX-License-Identifier: MIT
"""A picture of states and arrows as SVG: the states one below the other, the arrows beside them.

Nothing but the Python standard library draws it, so the manual builds on every machine and shows without a network.
"""

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, LEFT, BOX, HEIGHT, STEP, LINE = 860, 420, 180, 34, 92, 16
"""Pixels: of the picture, to the boxes, of a box, its height, from one box to the next, between lines of text."""

SIZE = 'markerWidth="9" markerHeight="9" orient="auto"'
"""Of the tip of an arrow, in widths of its line."""


BEFORE = 'paint-order="stroke" stroke="var(--color-background-primary)" stroke-width="5"'
"""Of words: a rim in the colour of the page."""


def svg(states: Sequence[str], arrows: Mapping[tuple[str, str], Sequence[str]]) -> str:
    """Return the picture: arrows to the next state go straight down, those further down right, those back left."""
    height = STEP * (len(states) - 1) + HEIGHT + 50
    tip = '<path d="M0,0 L8,4 L0,8 z"/>'
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="states" font-size="13" fill="currentColor">',
        f'<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" {SIZE}>{tip}</marker></defs>',
    ]
    for place, state in enumerate(states):
        top = 10 + place * STEP
        parts.append(
            f'<rect x="{LEFT}" y="{top}" width="{BOX}" height="{HEIGHT}" rx="6" fill="none" stroke="currentColor"/>'
        )
        parts.append(f'<text x="{LEFT + BOX / 2}" y="{top + 22}" text-anchor="middle">{escape(state)}</text>')
    drawn = [_arrow(states.index(before), states.index(after), words) for (before, after), words in arrows.items()]
    parts += [path for path, _ in drawn]
    parts += [line for _, lines in drawn for line in lines]
    return "".join([*parts, "</svg>"])


def _arrow(before: int, after: int, words: Sequence[str]) -> tuple[str, list[str]]:
    """Draw one arrow and its words, each on a line of its own; they are seen in front of whatever crosses them."""
    start, end = 10 + before * STEP + HEIGHT / 2, 10 + after * STEP + HEIGHT / 2
    if after == before + 1:
        x = LEFT + BOX / 2
        path, at, anchor = f"M{x},{start + HEIGHT / 2} L{x},{end - HEIGHT / 2}", (x + 8, (start + end) / 2), "start"
    elif after > before:
        x, bulge = LEFT + BOX, LEFT + BOX + 60 * (after - before)
        path, at, anchor = f"M{x},{start} C{bulge},{start} {bulge},{end} {x},{end}", (x + 8, start - 6), "start"
    else:
        x, bulge = LEFT, LEFT - 70 * (before - after)
        path, at, anchor = f"M{x},{start} C{bulge},{start} {bulge},{end} {x},{end}", (x - 8, start + 22), "end"
    lines = [
        f'<text x="{at[0]}" y="{at[1] + line * LINE}" text-anchor="{anchor}" {BEFORE}>{escape(text)}</text>'
        for line, text in enumerate(words)
    ]
    return f'<path d="{path}" fill="none" stroke="currentColor" marker-end="url(#tip)"/>', lines
