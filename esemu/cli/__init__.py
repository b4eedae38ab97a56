# SPDX-License-Identifier: MIT
"""The command line: `esemu` and `python -m esemu`.

It needs the extra `cli`, and no other part of esemu does: click and rich are imported when a command is run.
"""

from __future__ import annotations

import sys
from contextlib import suppress

EXTRA = ("click", "rich")
"""The libraries of the extra `cli`."""


def main() -> int:
    """Run the command that sys.argv names and return its exit status: 2 where the extra, or what is to be written to, is missing."""
    if sys.stdout is None:
        print("Error: standard output is closed", file=sys.stderr)
        return 2
    try:
        from esemu.cli.commands import commands  # noqa: PLC0415 - what it imports may be missing

        commands()
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in EXTRA:
            raise
        print(f'esemu: {missing.name} is missing; pip install "esemu[cli]" installs it', file=sys.stderr)
    except OSError as failure:  # of a write to standard output, most likely: the commands expect those of other files
        print(f"Error: {failure.strerror or failure}", file=sys.stderr)
        with suppress(OSError):
            sys.stdout.close()  # or Python would try once more to write the rest, and end with a status of its own
    return 2
