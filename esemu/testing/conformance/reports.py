# SPDX-License-Identifier: MIT
"""What came of a comparison, as text, JSON, JUnit XML, or one HTML page."""

from __future__ import annotations

import json
from collections import Counter
from html import escape
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.testing.conformance.run import Conformance, LeftOut, Played


def text(result: Conformance) -> str:
    """Return the report as text."""
    lines = [f"{result.target}: {_verdict(result)}"]
    lines += [
        f"  {kind:<9} {counts['cases']:>6} cases  {counts['different']:>4} different  {counts['left out']:>6} left out"
        for kind, counts in _by_kind(result).items()
    ]
    lines.append(f"  {_calls(result)} calls in {result.seconds:.1f} s")
    if result.left_out:
        lines += ["", "Left out, for what they need cannot be arranged:", ""]
        lines += [f"  {cases:>6}  {reason}" for reason, cases in _reasons(result)]
    if result.smallest is not None:
        lines += ["", "The first difference, with as few calls as show one:", "", result.smallest.text()]
    for each in result.played:
        if each.difference is not None:
            lines += ["", f"{each.kind}: {each.name}", each.difference.text()]
    return "\n".join(lines) + "\n"


def as_json(result: Conformance) -> str:
    """Return the report as JSON."""
    document = {
        "target": result.target,
        "same": result.same,
        "seconds": round(result.seconds, 3),
        "calls": _calls(result),
        "kinds": _by_kind(result),
        "left_out": dict(_reasons(result)),
        "smallest": None if result.smallest is None else result.smallest.as_dict(),
        "script": result.script,
        "differences": [
            {"kind": each.kind, "name": each.name, **each.difference.as_dict()}
            for each in result.played
            if each.difference is not None
        ],
    }
    return json.dumps(document, indent=1, default=str) + "\n"


def junit(result: Conformance) -> str:
    """Return the report as JUnit has it: a suite for each kind, a test for each case; one that was left out is skipped."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites name={quoteattr(result.target)}>"]
    for kind, counts in _by_kind(result).items():
        tests, skipped = counts["cases"] + counts["left out"], counts["left out"]
        numbers = f'tests="{tests}" failures="{counts["different"]}" skipped="{skipped}"'
        lines.append(f"  <testsuite name={quoteattr(kind)} {numbers}>")
        lines += [_test(each) for each in result.played if each.kind == kind]
        lines += [_skipped(each) for each in result.left_out if each.kind == kind]
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _test(each: Played) -> str:
    if each.difference is None:
        return f"{_testcase(each)}/>"
    shown = escape(each.difference.text())
    return f'{_testcase(each)}><failure message="answers differ">{shown}</failure></testcase>'


def _skipped(each: LeftOut) -> str:
    return f"{_testcase(each)}><skipped message={quoteattr(each.reason)}/></testcase>"


def _testcase(each: Played | LeftOut) -> str:
    return f"    <testcase classname={quoteattr(each.kind)} name={quoteattr(each.name)}"


PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{target}: {verdict}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; }}
th, td {{ padding: .2rem 1rem .2rem 0; text-align: left; }}
td.number {{ text-align: right; }}
pre {{ background: #f4f4f4; padding: 1rem; overflow-x: auto; }}
</style>
</head>
<body>
<h1>{target}</h1>
<p>{verdict}: {calls} calls in {seconds:.1f} seconds.</p>
<table>
<tr><th>cases</th><th>played</th><th>different</th><th>left out</th></tr>
{rows}
</table>
{differences}
</body>
</html>
"""


def html(result: Conformance) -> str:
    """Return the report as one page, with nothing outside of it."""
    rows = "\n".join(_row(kind, counts) for kind, counts in _by_kind(result).items())
    parts = []
    if result.left_out:
        parts.append("<h2>Left out, for what they need cannot be arranged</h2>\n<ul>")
        parts += [f"<li>{escape(reason)}: {cases}</li>" for reason, cases in _reasons(result)]
        parts.append("</ul>")
    if result.smallest is not None:
        parts.append(f"<h2>The first difference</h2>\n<pre>{escape(result.smallest.text())}</pre>")
        parts.append(f"<p>This program shows it:</p>\n<pre>{escape(result.script)}</pre>")
        parts.append("<h2>All differences</h2>")
    parts += [
        f"<h3>{escape(each.name)}</h3>\n<pre>{escape(each.difference.text())}</pre>"
        for each in result.played
        if each.difference is not None
    ]
    return PAGE.format(
        target=escape(result.target),
        verdict=escape(_verdict(result)),
        calls=_calls(result),
        seconds=result.seconds,
        rows=rows,
        differences="\n".join(parts),
    )


def _row(kind: str, counts: dict[str, int]) -> str:
    numbers = "".join(f'<td class="number">{count}</td>' for count in counts.values())
    return f"<tr><td>{kind}</td>{numbers}</tr>"


FORMATS: Final[dict[str, Callable[[Conformance], str]]] = {
    ".txt": text,
    ".json": as_json,
    ".xml": junit,
    ".html": html,
}
"""What writes a report, by the ending of the file."""


def _verdict(result: Conformance) -> str:
    if not result.played:
        return "nothing was played"
    count = len(result.differences)
    return (
        f"{count} of {len(result.played)} cases differ" if count else f"the same in all of {len(result.played)} cases"
    )


def _by_kind(result: Conformance) -> dict[str, dict[str, int]]:
    """Return of each kind how many cases were played, differ, and were left out."""
    played = Counter(each.kind for each in result.played)
    differing = Counter(each.kind for each in result.played if each.difference is not None)
    left_out = Counter(each.kind for each in result.left_out)
    return {
        kind: {"cases": played[kind], "different": differing[kind], "left out": left_out[kind]}
        for kind in dict.fromkeys([*played, *left_out])
    }


def _reasons(result: Conformance) -> list[tuple[str, int]]:
    """Return why cases were left out, and how many for each reason, most of them first."""
    return Counter(each.reason for each in result.left_out).most_common()


def _calls(result: Conformance) -> int:
    return sum(each.calls for each in result.played)
