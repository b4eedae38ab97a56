# SPDX-License-Identifier: MIT
"""Print every number that esemu promises, beside its rival's of the same run.

`make bench` runs all subjects; `make bench BENCH='reads calls'` runs some. The exit status is 0 whether the budgets were kept or
not, because a busy machine is no defect; with --check it is 1 if one was missed or not measured.
"""

import argparse
import importlib
import platform
import sys
from collections.abc import Iterator

from measure import MAGIC_MOCK_US, Row, slowness

SUBJECTS = (
    "calls",
    "reads",
    "pages",
    "failures",
    "engines",
    "imports",
    "scenarios",
    "enumeration",
    "stateful",
    "verification",
    "plugin",
    "library",
    "clib",
)
HEADER = ("what", "rival", "theirs", "esemu", "ratio", "budget", "within?", "")


def rows(subject: str) -> Iterator[Row]:
    """Measure one subject; if it cannot be measured, say why in its row."""
    try:
        yield from importlib.import_module(subject).rows()
    except Exception as error:
        yield Row(subject, "", None, None, "", 0.0, note=f"not measured: {type(error).__name__}: {error}")


def number(value: float | None, unit: str) -> str:
    """Return a value with three digits that count."""
    if value is None:
        return ""
    digits = 0 if abs(value) >= 100 or (value == int(value) and not unit) else 2 if abs(value) < 10 else 1
    return f"{value:,.{digits}f} {unit}".rstrip()


def cells(row: Row) -> tuple[str, ...]:
    """Return a row as text. The ratio is esemu to rival: below 1, esemu took less time."""
    ratio = f"{row.ours / row.theirs:.2f}" if row.ours is not None and row.theirs else ""
    sign = "" if row.budget is None or row.note.startswith("not measured") else ">= " if row.more_is_better else "<= "
    budget = sign + number(row.budget, row.unit) if sign else ""
    within = {None: "", True: "yes", False: "NO"}[row.within]
    return (
        row.what,
        row.rival,
        number(row.theirs, row.unit),
        number(row.ours, row.unit),
        ratio,
        budget,
        within,
        row.note,
    )


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description="Measure esemu beside its rivals.")
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=f"one of {', '.join(SUBJECTS)} (default: all)")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a budget was missed or not measured")
    arguments = parser.parse_args()
    unknown = {*arguments.subjects} - {*SUBJECTS}
    if unknown:
        parser.error(f"no such subject: {', '.join(sorted(unknown))}")

    print(
        f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}, best of several rounds"
    )
    now = slowness()
    print(
        f"budgets are stretched by about {now:.2f}, for each row anew: a MagicMock takes {now * MAGIC_MOCK_US:.1f} us here "
        f"and now, and took {MAGIC_MOCK_US:.1f} us where they were set"
    )
    widths = (32, 22, 14, 14, 6, 16, 7, 0)
    print("  ".join(title.ljust(width) for title, width in zip(HEADER, widths, strict=True)).rstrip())
    kept = True
    for subject in arguments.subjects or SUBJECTS:
        for row in rows(subject):
            texts = zip(cells(row), widths, strict=True)
            print("  ".join(text.ljust(width) for text, width in texts).rstrip(), flush=True)
            kept = kept and row.within is not False
    return 1 if arguments.check and not kept else 0


if __name__ == "__main__":
    sys.exit(main())
