# SPDX-License-Identifier: MIT
"""The command line: `esemu` and `python -m esemu`.

It needs the extra `cli`, and no other part of esemu does: click and rich are imported when a command is run.
"""

from __future__ import annotations

import sys

EXTRA = ("click", "rich")
"""The libraries of the extra `cli`."""


def main() -> int:
    """Run the command that sys.argv names and return its exit status, 2 where the extra is not installed."""
    try:
        from esemu.cli.commands import commands  # noqa: PLC0415 - what it imports may be missing

        commands()
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in EXTRA:
            raise
        print(f'esemu: {missing.name} is missing; pip install "esemu[cli]" installs it', file=sys.stderr)
    return 2
